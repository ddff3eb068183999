"""How each channel says a message: one small interface, one module a channel.

A voice turns the facts of a message into what is frozen on its row, and what is frozen into the
envelope its channel sends. A new channel adds its module here and its `Channel` in the wiring.
"""

from __future__ import annotations

from typing import Protocol

from sqlalchemy.orm import Session

from app.channels.base import Envelope
from app.messages.facts import Facts
from app.messages.kinds import Kind
from app.messages.line_voice import LineVoice
from app.messages.mail import MailVoice
from app.messages.model import Message, MessageContent
from app.messages.notice_voice import NoticeVoice
from app.messages.spoken import Spoken

__all__ = ["Spoken", "Voice", "speaks", "voice"]


class Voice(Protocol):
    """How one channel says a message."""

    def speaks(self, kind: Kind) -> bool:
        """Whether it has words for messages of this kind."""

    def write(self, session: Session, message: Message, facts: Facts) -> Spoken | str:
        """What will be said, in the language of the block around it; or the code of the reason why
        there is nothing to say. Raises `GiveUp` when a text has a mistake in it."""

    def envelope(self, session: Session, content: MessageContent) -> Envelope:
        """What the channel is handed, at every attempt the same."""


VOICES: dict[str, Voice] = {
    "email": MailVoice(),
    "line": LineVoice(),
    "line_notice": NoticeVoice(),
}


def voice(channel: str) -> Voice:
    """The channel's voice; KeyError when it has none, which is a mistake of ours."""
    return VOICES[channel]


def speaks(channel: str, kind: Kind) -> bool:
    """Whether messages of this kind can be said on a channel."""
    return channel in VOICES and VOICES[channel].speaks(kind)
