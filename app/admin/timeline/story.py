"""What is known about one order, read once for its timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.consent import queries as consents
from app.consent import service as consent
from app.consent.model import NOT_RECEIVED
from app.consent.words import hold_name
from app.core.clock import now
from app.core.locale import current_locale
from app.journal import queries as journal
from app.journal.model import JournalEntry
from app.journeys import histories
from app.journeys import queries as journeys
from app.journeys.history import History, lacking
from app.journeys.model import JourneyRun
from app.messages import queries as messages
from app.messages.kinds import Kind
from app.messages.queries import MessageStory
from app.mirror import queries as mirror
from app.mirror.model import Customer, Order, OrderLine
from app.parcels import expectations
from app.parcels import queries as parcels
from app.parcels.model import Parcel
from app.reorder import queries as reorders
from app.reorder.model import Reorder
from app.reviews.model import Review
from app.shops.model import Shop
from app.shops.service import shop
from app.thankyou import queries as thankyou
from app.thankyou.model import OfferGrant, ThankYouVisit
from app.thankyou.offers import history
from app.thankyou.offers.history import Fared


@dataclass(frozen=True)
class Story:
    """All rows that a timeline tells of. What only the past needs is read when it is told: a
    customer's page asks of several orders what is to come."""

    session: Session
    shop: Shop
    language: str
    now: datetime
    order: Order
    lines: list[OrderLine]
    customer: Customer | None
    messages: list[MessageStory]
    runs: list[JourneyRun]
    no_marketing: str | None
    held: str | None
    missing: str | None

    @cached_property
    def entries(self) -> list[JournalEntry]:
        """What the journal says of it."""
        return _entries(self.session, self.order)

    @cached_property
    def parcels(self) -> dict[int, Parcel]:
        """Its parcels, by id."""
        return {one.id: one for one in parcels.parcels_of(self.session, self.order.id)}

    @cached_property
    def offers(self) -> list[OfferGrant]:
        """What was offered on its page."""
        return thankyou.grants_of_checkout(self.session, self.order.checkout_token or "")

    @cached_property
    def fared(self) -> list[Fared]:
        """How each offer fared for it."""
        return history.of_order(self.session, self.order.checkout_token)

    @cached_property
    def brought_by(self) -> OfferGrant | None:
        """The offer that brought it."""
        return _brought_by(self.session, self.order)

    @cached_property
    def visit(self) -> ThankYouVisit | None:
        """When its page was first seen."""
        return _visit(self.session, self.order)

    @cached_property
    def reorders(self) -> list[Reorder]:
        """What was ordered again from it."""
        return reorders.of_order(self.session, self.order.id)

    @cached_property
    def reviews(self) -> list[Review]:
        """What its buyer said of what was bought."""
        return list(self.session.scalars(select(Review).where(Review.order_id == self.order.id)))

    @property
    def digital(self) -> bool:
        """Whether nothing of the order is shipped."""
        return journeys.is_digital(self.lines)

    @cached_property
    def unsent_late(self) -> bool:
        """Whether it should have arrived by now and nothing of it was even shipped: no day can be
        counted from one that has passed."""
        if self.digital or self.parcels:
            return False
        today = self.now.astimezone(ZoneInfo(self.shop.timezone)).date()
        return expectations.expected(self.session, self.order)[1] < today

    @property
    def unpaid(self) -> bool:
        """Whether its buyer has yet to pay."""
        return mirror.awaits_payment(self.order)

    @cached_property
    def _past(self) -> History | None:
        found = histories.read(self.session, [self.order.id], histories.open_shelf(self.session))
        return found[0] if found else None

    def lacks(self, kind: Kind, line: OrderLine | None) -> str | None:
        """What a message of a kind about the order, or a line of it, would lack as things stand."""
        return lacking(self._past, line, kind) if self._past else None

    @property
    def gift(self) -> bool:
        """Whether the order is for someone else."""
        return journeys.is_gift(self.session, self.order, self.lines)

    @property
    def address(self) -> str:
        """Where mail about the order goes; nothing when nobody knows."""
        return self.order.email or (self.customer.email if self.customer else None) or ""

    def line(self, line_id: object) -> OrderLine | None:
        """One of the order's lines, by its id."""
        return next((line for line in self.lines if line.id == line_id), None)

    def line_title(self, line_id: object) -> str:
        """The title of one of the order's lines, or nothing."""
        line = self.line(line_id)
        return line.title if line else ""


def read(session: Session, order_id: int) -> Story:
    """Read it all; raises `NotFound` for an id that is not the bound shop's."""
    order = mirror.order(session, order_id)
    customer = mirror.customer(session, order.customer_id)
    language = current_locale()
    return Story(
        session=session,
        shop=shop(session),
        language=language,
        now=now(session),
        order=order,
        lines=mirror.order_lines(session, order.id),
        customer=customer,
        messages=messages.stories_of_order(session, order.id, language),
        runs=journeys.runs_of(session, order.id),
        no_marketing=consent.may_send(
            session,
            customer,
            address=order.email or (customer.email if customer else None) or "",
            channel="email",
            message_class="marketing",
            known=consents.known(session, customer) if customer else None,
        ),
        held=_held(session, order),
        missing=hold_name(NOT_RECEIVED) if consents.misses(session, order.id) else None,
    )


def _held(session: Session, order: Order) -> str | None:
    """Why everything that sells waits for whoever ordered; None when nothing does."""
    hold = consents.held(session, order.customer_id, order.id)
    return hold_name(hold.reason) if hold else None


#: Of a customer's other entries, these concern every order of theirs.
PERSONAL = frozenset(
    {
        "MarketingConsentChanged", "Unsubscribed", "Suppressed", "Reinstated", "MuteChanged",
        "PersonStopped",
    }
)  # fmt: skip


def _entries(session: Session, order: Order) -> list[JournalEntry]:
    found = journal.of_order(session, order.id)
    if order.customer_id is None:
        return found
    personal = [
        entry
        for entry in journal.of_customer(session, order.customer_id)
        if entry.kind in PERSONAL
        and entry.order_id is None
        and entry.occurred_at >= order.placed_at
    ]
    return found + personal


def _brought_by(session: Session, order: Order) -> OfferGrant | None:
    return session.scalars(
        select(OfferGrant).where(OfferGrant.accepted_order_id == order.id).limit(1)
    ).one_or_none()


def _visit(session: Session, order: Order) -> ThankYouVisit | None:
    return session.scalars(
        select(ThankYouVisit).where(
            (ThankYouVisit.order_id == order.id)
            | (ThankYouVisit.checkout_token == (order.checkout_token or ""))
        )
    ).first()
