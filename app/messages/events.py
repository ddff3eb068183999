"""What the messages room announces."""

from __future__ import annotations

from app.core.events import Event


class MessageSent(Event, frozen=True, kw_only=True):
    """A message left the house; the receiving server took it."""

    message_id: int
    kind: str


class MessageSkipped(Event, frozen=True, kw_only=True):
    """A message was decided against, or called off before it left. `reason` is a code that
    `messages.queries.reason_text` explains to people."""

    message_id: int
    kind: str
    reason: str


class MessageFailed(Event, frozen=True, kw_only=True):
    """A message could not be sent, or nobody knows whether it was (`in_doubt`)."""

    message_id: int
    kind: str
    reason: str


class MessageClicked(Event, frozen=True, kw_only=True):
    """A person followed a link of a message; once a message and link. `link` is the link's name
    (`track`, `reorder`, `review`, `store`, …). Scanners' clicks are not announced."""

    message_id: int
    kind: str
    link: str


class MessageResent(Event, frozen=True, kw_only=True):
    """A member of staff (Shopify's number) had a message sent once more, as the new
    `message_id`."""

    message_id: int
    of_message_id: int
    staff: str


class PersonStopped(Event, frozen=True, kw_only=True):
    """`who` of the shop's staff called off everything that was coming for a person."""

    who: str
    count: int


class MerchantWarned(Event, frozen=True, kw_only=True):
    """Something needs the merchant: they are written to. `cause` says what, `about` which kind,
    brake or domain."""

    cause: str
    about: str
