"""LINE's voice: a card per message, with the mail's own links."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.channels.base import Envelope
from app.core.clock import now
from app.messages import context, line_cards, rules, samples
from app.messages.facts import TEST, Facts
from app.messages.kinds import MARKETING, Kind, kind
from app.messages.mail import LINKS_LIVE, absent, wrapping
from app.messages.model import Message, MessageContent
from app.messages.spoken import Spoken
from app.messages.wrap import dress_card
from app.shops import service as shops


class LineVoice:
    """Says the kinds that have a card."""

    def speaks(self, kind: Kind) -> bool:
        """Whether the kind has a card."""
        return line_cards.speaks(kind.name)

    def write(self, session: Session, message: Message, facts: Facts) -> Spoken | str:
        """Draw the card; a code where what the kind lives from could not be found."""
        mail = context.build(session, facts, message_id=message.id, run_id=message.run_id)
        if facts.message_class == TEST:
            mail = samples.complete(session, mail, facts)
        elif missing := absent(mail):
            return missing
        alt, plain, drawn = line_cards.draw(mail, message.id)
        if facts.message_class != TEST:
            way = wrapping(facts, message, expires=now(session) + LINKS_LIVE)
            drawn, message.counts_clicks = dress_card(drawn, way), way.clicks
        about = {
            "shop_id": message.shop_id,
            "journey": message.journey or "",
            "marketing": message.message_class == MARKETING,
            "priority": kind(message.kind).priority,
        }
        payload = {
            "to": facts.address,
            "send_key": str(message.send_key),
            "messages": [drawn],
            "silent": facts.message_class != TEST and not rules.is_day(now(session), facts.zone),
            "about": about,
        }
        return Spoken(alt, plain, payload=payload)

    def envelope(self, session: Session, content: MessageContent) -> Envelope:
        """The frozen card, and whose account it leaves by."""
        return enveloped(session, content)


def enveloped(session: Session, content: MessageContent) -> Envelope:
    """What was frozen for LINE, addressed; it leaves by the shop's own account."""
    payload = content.payload or {}
    return Envelope(
        send_key=payload["send_key"],
        sender=shops.shop(session).domain,
        recipient=payload["to"],
        headers={},
        plain=content.plain.decode(),
        html="",
        payload=payload,
        reference=str(content.message_id),
    )
