"""Which worker takes a message: none waits behind marketing, nor behind another channel."""

from __future__ import annotations

from app.messages.kinds import MARKETING, TRANSACTIONAL

LINE, LINE_MARKETING = "line", "line_marketing"
#: Channels with lanes of their own, as (marketing, everything else); the others share the mail's.
OWN: dict[str, tuple[str, str]] = {
    "line": (LINE_MARKETING, LINE),
    "line_notice": (LINE_MARKETING, LINE),
}


def lane_of(channel: str, message_class: str) -> str:
    """The lane of a message. Service messages travel with the transactional ones."""
    selling, other = OWN.get(channel, (MARKETING, TRANSACTIONAL))
    return selling if message_class == MARKETING else other
