"""What an order's pages lead to once it is there: a review of what was bought, the same again; and
by which channel its buyer hears of its way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.consent import queries as consent
from app.core.locale import gettext as _
from app.core.together import Rows
from app.journal import queries as journal
from app.journeys import queries
from app.journeys.known import is_gift
from app.journeys.library import switched_on_of
from app.messages import mail_links, reach
from app.messages.facts import EMAIL
from app.messages.queries import the_kind
from app.mirror.model import Order, OrderLine

#: The kind of message that stands for all news of a parcel.
NEWS = "delivered"
#: So many goods are asked about one by one; the rest has its mails.
MOST = 3


@dataclass(frozen=True)
class Way:
    """A link and its words. `key`: `review` or `reorder`."""

    key: str
    text: str
    url: str


def ways(session: Session, order: Order, lines: Sequence[OrderLine]) -> list[Way]:
    """Where the buyer may go on from an order that has arrived. None while anything is wrong: then
    everything that sells or asks waits. Nobody is asked to review a gift (rules.md RV-12), nor
    where the shop does not ask at all; whoever is asked, whatever they may think (RV-1)."""
    kept = [line for line in lines if line.current_quantity > 0]
    if not kept or order.cancelled_at or consent.held(session, order.customer_id, order.id):
        return []
    return [*_reviews(session, order, kept), _again(session, order)]


def _reviews(session: Session, order: Order, lines: Sequence[OrderLine]) -> list[Way]:
    if queries.switches(session).get("review") is None:
        return []
    if is_gift(session, order, list(lines)):
        return []
    entries = journal.of_order(session, order.id)
    done = {one.data.get("line_id") for one in entries if one.kind == "ReviewSubmitted"}
    asked = [line for line in lines if line.id not in done][:MOST]
    return [
        Way(
            "review",
            _("Review %(product)s", product=line.title),
            _link(session, order, "review", {"order": order.id, "line": line.id}),
        )
        for line in asked
    ]


def _again(session: Session, order: Order) -> Way:
    return Way(
        "reorder",
        _("Order the same as last time"),
        _link(session, order, "reorder", {"order": order.id}),
    )


def _link(session: Session, order: Order, purpose: str, subject: dict[str, Any]) -> str:
    return mail_links.signed(session, order.shop_id, purpose, subject)


def told_by(session: Session, order: Order, on: Rows) -> str | None:
    """By which channel the buyer hears that a parcel has arrived, as the arbiter would choose it:
    `email`, `line`; None where they cannot be told. Where that news is not ours to send, Shopify
    sends it, by e-mail. `on` is the answer to `library.SWITCHED_ON`."""
    running = [
        step for one, _since in switched_on_of(on) if one.key == "shipping" for step in one.steps
    ]
    step = next((one for one in running if one.message == NEWS), None)
    if step is None or step.off:
        return EMAIL if order.email else None
    return reach.channel_for(session, order, the_kind(NEWS), step.channel)
