"""Boxes for news by each channel (features.md A11): unticked, and only for channels by which the
person can be reached and has said nothing yet. The checkout has its own box for e-mail, so whoever
came through it is never asked about e-mail again (App Store 5.6.8)."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from app.consent import service as consent
from app.consent.model import GENERAL
from app.consent.queries import Known
from app.consent.service.optin import ask
from app.consent.service.permission import must_confirm
from app.consent.words import channel_name
from app.core.clock import now
from app.core.errors import Invalid
from app.core.locale import current_locale
from app.core.locale import gettext as _
from app.mirror.model import Customer, Order
from app.shops import service as shops
from app.thankyou.api import FieldShown, ModuleShown
from app.thankyou.context import Context
from app.thankyou.modules.words import failed_text

SOURCE = "thank_you"
#: Orders of these sources saw the checkout's own box.
CHECKOUT = frozenset({"web", "checkout"})


def show(page: Context) -> ModuleShown | None:
    """One box a channel that is open to ask; thanks once any was ticked here."""
    session, customer, known = page.session, page.customer, page.known
    if customer is None or known is None:
        return None
    thanked = _granted_here(known)
    channels = () if thanked else _open_channels(known, customer, page.order)
    if not channels and not thanked:
        return None
    return ModuleShown(
        key="consent",
        heading=_("News from us"),
        text=agreement(session) if channels else "",
        fields=[
            FieldShown(name=one, kind="check", label=_("By %(channel)s", channel=channel_name(one)))
            for one in channels
        ],
        submit_text=_("Yes, please send me news"),
        done=_thanks(known) if thanked else None,
        failed_text=failed_text(),
    )


def take(page: Context, values: Mapping[str, str]) -> None:
    """Write what was ticked into the ledger, with the words it was ticked beside; raises `Invalid`
    when nothing was."""
    session, order, customer, known = page.session, page.order, page.customer, page.known
    offered = _open_channels(known, customer, order) if customer and known else ()
    ticked = [one for one in offered if values.get(one) == "on"]
    if customer is None or not ticked:
        raise Invalid({"consent": _("Tick at least one box.")})
    text = consent.keep_text(session, agreement(session), current_locale())
    evidence = {"how": "order page", "order": order.id, "text": text}
    for channel in ticked:
        _agree(session, customer, channel, evidence)


def _agree(session: Session, customer: Customer, channel: str, evidence: dict[str, object]) -> None:
    moment = now(session)
    if channel == "email" and must_confirm(session, customer):
        ask(session, customer.id, source=SOURCE, given_at=moment, evidence=evidence)
        return
    consent.grant(
        session,
        customer.id,
        channel=channel,
        source=SOURCE,
        occurred_at=moment,
        evidence=evidence,
    )


def agreement(session: Session) -> str:
    """The words beside the boxes: who will write, and that it is advertising (rules.md EM-1)."""
    return _(
        "I agree that %(sender)s sends me advertising messages by the channels ticked here. "
        "I can stop them at any time.",
        sender=shops.brand(shops.shop(session)).name,
    )


def _open_channels(known: Known, customer: Customer, order: Order) -> tuple[str, ...]:
    """Where the person can be reached, said nothing yet, and is not asked elsewhere."""
    said = {channel for channel, topic in known.words if topic == GENERAL}
    found = set(known.addresses) - {"sms"}  # that has a box of its own
    if customer.email and _may_ask_for_mail(known, customer, order):
        found.add("email")
    return tuple(sorted(found - said))


def _may_ask_for_mail(known: Known, customer: Customer, order: Order) -> bool:
    said = customer.marketing_state in {"subscribed", "pending", "unsubscribed"}
    from_checkout = (order.source_name or "web") in CHECKOUT
    return not said and not from_checkout and known.request is None


def _asked_here(known: Known) -> bool:
    return known.request is not None and known.request.source == SOURCE


def _granted_here(known: Known) -> bool:
    return _asked_here(known) or any(
        word.granted and word.source == SOURCE
        for (channel, topic), word in known.words.items()
        if topic == GENERAL and channel != "sms"
    )


def _thanks(known: Known) -> str:
    if _asked_here(known):
        return _("Thank you. We have sent you a mail: please confirm there that it was you.")
    return _("Thank you. You can stop our news at any time, by a link in every message.")
