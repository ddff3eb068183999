"""The voice of LINE notification messages: the card without pictures, or LINE's own template."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.channels.base import Envelope
from app.messages import context, line_cards, notices
from app.messages.facts import Facts
from app.messages.kinds import MARKETING, Kind
from app.messages.line_voice import enveloped
from app.messages.mail import absent
from app.messages.model import Message, MessageContent
from app.messages.spoken import Spoken


class NoticeVoice:
    """Says what LINE admits: news of an order that was placed."""

    def speaks(self, kind: Kind) -> bool:
        """Whether LINE admits the kind in any type."""
        admitted = kind.name in notices.KINDS and kind.message_class != MARKETING
        return admitted and line_cards.speaks(kind.name)

    def write(self, session: Session, message: Message, facts: Facts) -> Spoken | str:
        """Freeze it in the type that LINE approved for the shop."""
        mail = context.build(session, facts, message_id=message.id, run_id=message.run_id)
        if missing := absent(mail):
            return missing
        alt, plain, drawn = line_cards.draw(mail, message.id)
        payload: dict[str, Any] = {
            "to": facts.address,
            "tag": notices.tag(message.id, message.send_key),
            "send_key": str(message.send_key),
            "about": {"shop_id": message.shop_id},
        }
        if facts.settings.line_notices == notices.TEMPLATE:
            payload["template"] = notices.template(message.kind, mail.links)
        else:
            # LINE's review admits no pictures.
            drawn["contents"].pop("hero", None)
            payload["messages"] = [drawn]
        return Spoken(alt, plain, payload=payload)

    def envelope(self, session: Session, content: MessageContent) -> Envelope:
        """What was frozen, and whose account it leaves by."""
        return enveloped(session, content)
