"""The base of the facts that rooms announce."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened. Subclasses are named in the past tense and carry ids and values
    only; the class name is the event's kind in the journal, so renaming one is a migration.

    `occurred_at` is business time in the world (when the parcel arrived), not when we heard of it.
    """

    occurred_at: datetime
    order_id: int | None = None
    customer_id: int | None = None
