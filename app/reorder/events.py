"""What reordering tells. `order_id` is the original order's."""

from __future__ import annotations

from app.core.events import Event


class ReorderConfirmed(Event, frozen=True, kw_only=True):
    """Someone confirmed the screen and went on to the checkout."""

    reorder_id: int


class ReorderCompleted(Event, frozen=True, kw_only=True):
    """The new order arrived. `run_id` is the journey run whose message brought it, if one did."""

    reorder_id: int
    new_order_id: int
    run_id: int | None = None
