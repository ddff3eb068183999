"""What happens to codes."""

from __future__ import annotations

from app.core.events import Event


class CodeRemoved(Event, frozen=True, kw_only=True):
    """A code that was handed out no longer works."""

    code_id: int
