"""What reviews tell."""

from __future__ import annotations

from app.core.events import Event


class ReviewSubmitted(Event, frozen=True, kw_only=True):
    """Someone told us what they think, whatever it is."""

    review_id: int
    line_id: int
    stars: int
