"""What becomes of questions. Nobody's answer is in any of these."""

from __future__ import annotations

from app.core.events import Event


class SurveyAnswered(Event, frozen=True, kw_only=True):
    """A buyer answered something about an order, or answered it anew."""
