"""What the merchant is written to about: mail that is slowed or stopped, a domain that fails its
check, a month of LINE that is used up. Each cause once a day, from the host's own address: the
shop's may be what is broken."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import format_datetime
from uuid import NAMESPACE_URL, uuid5

import structlog
from flask import render_template
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.channels.base import Channel, Envelope, InDoubt
from app.core.clock import now
from app.core.db import unit_of_work
from app.core.locale import gettext as _
from app.core.locale import use_locale
from app.core.runtime import runtime
from app.journal.service import record
from app.messages.events import MerchantWarned
from app.messages.kinds import all_kinds
from app.messages.model import MerchantAlert
from app.senders import queries as senders
from app.senders import words
from app.senders.events import DomainAmiss, SendingBraked
from app.shops import service as shops

log = structlog.get_logger(__name__)

BRAKED, DOMAIN, QUOTA, BUDGET = "braked", "domain", "line_quota", "line_budget"


@dataclass(frozen=True)
class Alert:
    """What a mail to the merchant says: `path` is the page of the admin where they can act."""

    subject: str
    happened: str
    todo: str
    path: str


def on_braked(session: Session, event: SendingBraked) -> None:
    """Mailboxes or people complain: slowed, stopped, or worth an alarm."""
    warn(session, BRAKED, f"{event.subject}/{event.measure}/{event.level}")


def on_domain_amiss(session: Session, event: DomainAmiss) -> None:
    """The sender's domain does not pass its check any more."""
    warn(session, DOMAIN, f"{event.domain}/{','.join(event.records)}"[:60])


def warn(session: Session, cause: str, about: str = "", *, since: str = "") -> None:
    """Have the merchant written to about a cause, unless they were already, today or in the span
    that `since` names."""
    span = since or now(session).date().isoformat()
    fresh = session.execute(
        insert(MerchantAlert)
        .values(shop_id=session.info["shop_id"], cause=f"{cause}:{about}"[:80], since=span)
        .on_conflict_do_nothing()
        .returning(MerchantAlert.id)
    ).scalar_one_or_none()
    if fresh is not None:
        record(session, MerchantWarned(occurred_at=now(session), cause=cause, about=about))


def write(shop_id: int, event: MerchantWarned) -> None:
    """Write the mail and hand it over. What was handed over and not answered is let be: the page
    says the same."""
    with unit_of_work(shop_id) as session:
        mail = _envelope(session, event)
    if mail is None:
        return
    channel: Channel = runtime().channels["email"]
    try:
        channel.send(mail)
    except InDoubt as error:
        log.warning("alert_in_doubt", shop_id=shop_id, error=str(error))
    finally:
        channel.close()


def _envelope(session: Session, event: MerchantWarned) -> Envelope | None:
    shop = shops.shop(session)
    if not shop.contact_email or not shops.is_installed(shop):
        return None
    with use_locale(shop.locale):
        alert = _alert(session, event, shop.locale)
        if alert is None:
            return None
        values = {"alert": alert, "url": _admin(shop.domain) + alert.path, "shop": shop.name}
        html = render_template("messages/alert.html", **values, locale=shop.locale)
        plain = render_template("messages/alert.txt", **values)
    mailbox = senders.host_mailbox()
    # The same at every try.
    name = f"{runtime().settings.app_url}/alerts/{shop.shop_id}/{event.cause}/{event.occurred_at}"
    key = str(uuid5(NAMESPACE_URL, name))
    return Envelope(
        send_key=key,
        sender=mailbox,
        recipient=shop.contact_email,
        headers={
            "Date": format_datetime(event.occurred_at),
            "From": runtime().settings.mail_from,
            "To": shop.contact_email,
            "Subject": alert.subject,
            "Message-ID": f"<{key}@{mailbox.rpartition('@')[2]}>",
            "Content-Language": shop.locale,
            "Auto-Submitted": "auto-generated",
        },
        plain=plain,
        html=html,
    )


def _admin(domain: str) -> str:
    settings = runtime().settings
    admin = settings.shop_url(settings.shopify_admin_url, domain).rstrip("/")
    return f"{admin}/apps/{settings.shopify_client_id}"


def _alert(session: Session, event: MerchantWarned, language: str) -> Alert | None:
    """The words; None where it is over by now."""
    if event.cause == BRAKED:
        return _braked(session, event.about, language)
    if event.cause == DOMAIN:
        domain, _slash, records = event.about.partition("/")
        return Alert(
            subject=_("The check of %(domain)s fails", domain=domain),
            happened=_(
                "DNS records of %(domain)s that were right are missing or wrong now (%(records)s). "
                "Mailboxes may refuse your mail or put it among the spam.",
                domain=domain,
                records=records.upper(),
            ),
            todo=_("Compare the records with the page below and correct them with your DNS host."),
            path="/sending",
        )
    quota = event.cause == QUOTA
    return Alert(
        subject=_("LINE is used up for this month"),
        happened=_("Your LINE account’s free and paid messages of this month are used up.")
        if quota
        else _("Your own limit for LINE messages of this month is reached."),
        todo=_(
            "Until the month ends messages go by e-mail. You can raise your plan or your limit."
        ),
        path="/line",
    )


def _braked(session: Session, about: str, language: str) -> Alert | None:
    subject, measure, level = about.split("/")
    held = next(
        (
            brake
            for brake in senders.braking(session)
            if (brake.subject, brake.measure, brake.level) == (subject, measure, level)
        ),
        None,
    )
    if held is None:
        return None
    kind = all_kinds().get(subject.partition(":")[2])
    titles = {
        "stop": _("Messages are stopped"),
        "slow": _("Marketing is slowed down"),
        "alarm": _("Something about your messages needs you"),
    }
    return Alert(
        subject=titles[level],
        happened=words.brake(held, kind.title.get(language, kind.name) if kind else ""),
        todo=_("The page below shows the figures, and what you can do."),
        path="/sending",
    )
