"""The wiring, a page a question: who may come in where (`doors`), which webhook goes to whom and
who listens to what (`events`), which bell a worker answers and when the clock rings (`bells`), who
erases and who exports (`people`).

Plain tables, read by `create_app`. Nothing registers itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.channels.email import EmailChannel
from app.channels.line import LineChannel
from app.channels.line_notice import LineNoticeChannel
from app.channels.rests import Rests
from app.core.settings import Settings
from app.journeys.promises import promised as journeys_promised
from app.journeys.uses import uses as journeys_uses
from app.line import tickets as line_tickets
from app.wiring.bells import BELLS, SCHEDULE
from app.wiring.doors import DOORS
from app.wiring.events import ERRANDS, REACTIONS, TOPICS
from app.wiring.people import ERASERS, EXPORTERS, MAIL_PARTS

__all__ = [
    "BELLS",
    "DOORS",
    "ERASERS",
    "ERRANDS",
    "EXPORTERS",
    "MAIL_PARTS",
    "REACTIONS",
    "SCHEDULE",
    "TOPICS",
    "channels",
    "tables",
]


def channels(settings: Settings) -> Mapping[str, Any]:
    """The channels a message may leave by."""
    return {
        "email": EmailChannel(Rests(), outside=not settings.inner_mail_servers),
        "line": LineChannel(line_tickets.take, line_tickets.give_back),
        "line_notice": LineNoticeChannel(line_tickets.for_notice),
    }


def tables() -> Mapping[str, Any]:
    """What the low rooms read through the runtime."""
    return {
        "TOPICS": TOPICS,
        "REACTIONS": REACTIONS,
        "ERRANDS": ERRANDS,
        "BELLS": BELLS,
        "SCHEDULE": SCHEDULE,
        "ERASERS": ERASERS,
        "EXPORTERS": EXPORTERS,
        "MAIL_PARTS": MAIL_PARTS,
        # Which journeys say which messages; journeys stand above the room that asks.
        "USES": journeys_uses,
        # Whether an order will be sent messages of some kinds, so that no text promises others.
        "PROMISED": journeys_promised,
    }
