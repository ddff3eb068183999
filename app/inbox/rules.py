"""What kind of trouble a webhook is in: read off the reason on its row."""

from __future__ import annotations

from typing import Literal

Trouble = Literal["unknown_topic", "payload", "waiting", "erased", "ours"]

_BEGINNINGS: tuple[tuple[str, Trouble], ...] = (
    ("unknown topic", "unknown_topic"),
    ("payload:", "payload"),
    ("waits for", "waiting"),
    ("erased", "erased"),
)


def trouble(reason: str | None) -> Trouble:
    """The kind of a reason; what we did not foresee is our own mistake."""
    for beginning, kind in _BEGINNINGS:
        if (reason or "").startswith(beginning):
            return kind
    return "ours"
