"""E-mail's voice: the mail, its headers and in whose name it goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from app.channels import dsn
from app.channels.base import Envelope
from app.channels.mime import in_ascii, split_address
from app.core.clock import now
from app.core.keeping import kept
from app.core.runtime import runtime
from app.messages import context, reasons, samples
from app.messages.facts import TEST, Facts
from app.messages.kinds import Kind, kind
from app.messages.model import Message, MessageContent
from app.messages.render import GMAIL_CUT, Rendered, Sender, Text, headers, render
from app.messages.spoken import Spoken
from app.messages.texts.own import own_text
from app.messages.wrap import Wrapping, dress
from app.senders import queries as senders
from app.shops.frequency import measures

#: Mails are kept, and a link in one should lead on years later.
LINKS_LIVE = timedelta(days=3 * 365)


class MailVoice:
    """Says every kind by e-mail."""

    def speaks(self, kind: Kind) -> bool:  # noqa: ARG002  # every kind has its mail
        """Every kind is a mail first."""
        return True

    def write(self, session: Session, message: Message, facts: Facts) -> Spoken | str:
        """Render the mail; a code where what the kind lives from could not be found."""
        mail = context.build(session, facts, message_id=message.id, run_id=message.run_id)
        if facts.message_class == TEST:
            mail = samples.complete(session, mail, facts)
        elif missing := absent(mail):
            return missing
        rendered = render(mail, _own_text(session, message, facts))
        rendered = _as_it_leaves(session, message, facts, rendered)
        made = headers(
            mail,
            rendered,
            _sender(session, facts),
            recipient=in_ascii(facts.address),
            send_key=str(message.send_key),
            moment=now(session),
            way_out=mail.marketing and facts.message_class != TEST,
            feedback=f"{message.kind}:{message.shop_id}:{message.message_class}:okaeri",
        )
        made[dsn.REFERENCE] = str(message.id)
        return Spoken(rendered.subject, rendered.plain, rendered.html, made)

    def envelope(self, session: Session, content: MessageContent) -> Envelope:
        """The frozen mail and the way it takes."""
        said: dict[str, str] = content.headers
        way = senders.sending(session)
        return Envelope(
            send_key=said["Message-ID"].strip("<>").partition("@")[0],
            sender=split_address(said["From"])[1],
            recipient=said["To"],
            headers=said,
            plain=content.plain.decode(),
            html=content.html.decode(),
            endpoint=way.endpoint,
            signature=way.signature,
            reference=str(content.message_id),
        )


def _as_it_leaves(session: Session, message: Message, facts: Facts, rendered: Rendered) -> Rendered:
    """The mail with its links tagged and counted. One that would be cut off for it goes without."""
    if facts.message_class == TEST:
        return rendered
    way = wrapping(facts, message, expires=now(session) + LINKS_LIVE)
    html, plain = dress(rendered.html, rendered.plain, way)
    if len(html.encode()) > GMAIL_CUT:
        way = replace(way, opens=False, clicks=False)
        html, plain = dress(rendered.html, rendered.plain, way)
    message.counts_opens, message.counts_clicks = way.opens, way.clicks
    return replace(rendered, html=html, plain=plain)


def wrapping(facts: Facts, message: Message, *, expires: datetime) -> Wrapping:
    """How the links of a message leave: what of it is counted is the merchant's word, and where
    they left it to us, the law's of the recipient's country."""
    chosen = facts.settings.frequency
    hosts = {urlsplit(facts.shop.storefront_url).hostname or "", facts.shop.domain} - {""}
    return Wrapping(
        shop_id=message.shop_id,
        message_id=message.id,
        app_url=runtime().settings.app_url.rstrip("/"),
        store_hosts=frozenset(hosts),
        medium=message.channel,
        campaign=message.journey or message.kind,
        content=message.step or message.kind,
        opens=measures(chosen.opens, facts.country),
        clicks=measures(chosen.clicks, facts.country),
        expires=expires,
    )


def absent(mail: context.Mail) -> str | None:
    """The code of what the kind lives from and could not be found; None when all is there."""
    store, needs = mail.brand.storefront_url, kind(mail.kind).needs
    found = {
        "run_out": (mail.run_out, reasons.NO_RUN_OUT),
        "guide": (mail.guide, reasons.NO_GUIDE),
        "suggestions": (mail.suggestions, reasons.NO_SUGGESTION),
        "coupon": (mail.coupon, reasons.NO_COUPON),
        "booking": (mail.links["booking"] != store, reasons.NO_BOOKING),
        "course": (mail.links["course"] != store, reasons.NO_COURSE),
        "gift": ("gift" not in needs or mail.gift, reasons.NO_GIFT),
        "points": (mail.points, reasons.NO_POINTS),
        "feedback": (mail.links["feedback"] != store, reasons.NO_SURVEY),
        "subscription": (mail.subscription[0], reasons.NO_SUBSCRIPTION),
    }
    return next((why for name, (has, why) in found.items() if name in needs and not has), None)


def _own_text(session: Session, message: Message, facts: Facts) -> Text | None:
    """The shop's own words at this message's place: the same for all that a batch says there."""
    if facts.message_class == TEST:
        return own_text(session, message, facts)
    place = ("text", message.kind, message.journey, message.step, message.locale)
    return kept(session, place, lambda: own_text(session, message, facts))


def _sender(session: Session, facts: Facts) -> Sender:
    """In whose name: the shop's, once it has a way out of its own that was proven; until then the
    host's address with the shop's name."""
    return Sender(
        mailbox=senders.sending(session).mailbox,
        name=facts.settings.sender_name or facts.shop.name,
        reply_to=in_ascii(context.reply_address(facts)),
    )
