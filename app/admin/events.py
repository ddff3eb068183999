"""What people of the shop did by hand."""

from __future__ import annotations

from app.core.events import Event


class MessageResent(Event, frozen=True, kw_only=True):
    """A member of staff (Shopify's number) had a message sent once more; `message_id` is the new
    one."""

    message_id: int
    of_message_id: int
    staff: str
