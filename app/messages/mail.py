"""E-mail's voice: the mail, its headers and in whose name it goes."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.channels.base import Envelope
from app.channels.mime import split_address
from app.core.clock import now
from app.messages import context, reasons, samples
from app.messages.facts import TEST, Facts
from app.messages.kinds import Kind, kind
from app.messages.model import Message, MessageContent
from app.messages.render import Sender, headers, render
from app.messages.spoken import Spoken
from app.messages.texts.own import own_text
from app.senders import queries as senders


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
        rendered = render(mail, own_text(session, message, facts))
        made = headers(
            mail,
            rendered,
            _sender(session, facts),
            recipient=facts.address,
            send_key=str(message.send_key),
            moment=now(session),
            way_out=mail.marketing and facts.message_class != TEST,
            feedback=f"{message.kind}:{message.shop_id}:{message.message_class}:okaeri",
        )
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


def absent(mail: context.Mail) -> str | None:
    """The code of what the kind lives from and could not be found; None when all is there."""
    store = mail.brand.storefront_url
    found = {
        "run_out": (mail.run_out, reasons.NO_RUN_OUT),
        "guide": (mail.guide, reasons.NO_GUIDE),
        "suggestions": (mail.suggestions, reasons.NO_SUGGESTION),
        "coupon": (mail.coupon, reasons.NO_COUPON),
        "booking": (mail.links["booking"] != store, reasons.NO_BOOKING),
        "course": (mail.links["course"] != store, reasons.NO_COURSE),
        "gift": (mail.gift, reasons.NO_GIFT),
        "points": (mail.points, reasons.NO_POINTS),
        "feedback": (mail.links["feedback"] != store, reasons.NO_SURVEY),
    }
    needs = kind(mail.kind).needs
    return next((why for name, (has, why) in found.items() if name in needs and not has), None)


def _sender(session: Session, facts: Facts) -> Sender:
    """In whose name: the shop's, once it has a way out of its own that was proven; until then the
    host's address with the shop's name."""
    return Sender(
        mailbox=senders.sending(session).mailbox,
        name=facts.settings.sender_name or facts.shop.name,
        reply_to=context.reply_address(facts),
    )
