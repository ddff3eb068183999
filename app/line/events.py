"""What the LINE room announces."""

from __future__ import annotations

from app.core.events import Event


class LineConnected(Event, frozen=True, kw_only=True):
    """A shop's official account answers to us from now on."""


class LineAsked(Event, frozen=True, kw_only=True):
    """Somebody asked the account something; the answer is due within a minute."""

    question_id: int


class LineHeard(Event, frozen=True, kw_only=True):
    """LINE posted something that another tool of the shop is to have, too. `webhook_id` is the row
    of the inbox that holds it as it came."""

    webhook_id: int


class LineLinked(Event, frozen=True, kw_only=True):
    """A person's LINE and their orders are one. `source` says by which way: `login`, `dialog`."""

    source: str
