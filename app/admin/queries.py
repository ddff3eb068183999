"""What the merchant's home shows: read across the rooms, counted honestly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.locale import current_locale
from app.inbox import queries as inbox
from app.journal import queries as journal
from app.journeys import queries as journeys
from app.messages import queries as messages
from app.messages.model import Message
from app.mirror import queries as mirror
from app.mirror.model import Order
from app.reorder import queries as reorder
from app.reviews import queries as reviews
from app.senders import queries as senders
from app.shops import service as shops
from app.shops.settings import missing_for_marketing

DAYS = 30
#: States of a message that left and was not refused.
LEFT = ("sent", "delivered")
TEST = "test"
FEW = 5
#: After so many tries in vain it is worth a look, though it is still being tried.
STUBBORN = 3


@dataclass(frozen=True)
class Setup:
    """What is done of what a shop has to do; the block on the thank-you page only the browser
    knows."""

    sender: bool
    footer: bool
    journeys: bool
    tested: bool

    @property
    def done(self) -> bool:
        """Whether nothing is left that we can know of."""
        return self.sender and self.footer and self.journeys and self.tested


@dataclass(frozen=True)
class Figures:
    """Counts of the last `DAYS` days; none of them is an estimate."""

    sent: int
    skipped: int
    reviews: int
    mean_stars: float | None
    reorders: int


@dataclass(frozen=True)
class Result:
    """A reorder link that became an order."""

    order_id: int
    order_name: str
    new_order_id: int
    new_order_name: str
    completed_at: datetime
    from_message: bool


@dataclass(frozen=True)
class Waiting:
    """A message that waits for a person."""

    id: int
    title: str


@dataclass(frozen=True)
class Troubles:
    """What waits for a person; of messages the newest few, and how many `more` there are."""

    webhooks: int
    in_doubt: list[Waiting]
    failed: list[Waiting]
    retried: int
    more: int
    reactions: int
    brakes: int
    records: int

    @property
    def any(self) -> bool:
        """Whether anything waits."""
        messages = self.in_doubt or self.failed or self.retried
        sending = self.brakes or self.records
        return bool(self.webhooks or messages or self.reactions or sending)


@dataclass(frozen=True)
class Switched:
    """A journey that is on."""

    key: str
    name: str
    live: int


def setup(session: Session) -> Setup:
    """How far the shop has come."""
    chosen = shops.settings_of(shops.shop(session))
    return Setup(
        sender=bool(chosen.sender_name and chosen.reply_to),
        footer=not missing_for_marketing(chosen),
        journeys=any(journeys.switches(session).values()),
        tested=_was_tested(session),
    )


def figures(session: Session) -> Figures:
    """What happened in the last `DAYS` days. Reviews are counted over all time, as on the page."""
    since = now(session) - timedelta(days=DAYS)
    count, mean = reviews.average(session)
    return Figures(
        sent=_count(session, Message.state.in_(LEFT), Message.sent_at >= since),
        skipped=_count(session, Message.state == "skipped", Message.created_at >= since),
        reviews=count,
        mean_stars=mean,
        reorders=sum(
            1
            for row in reorder.completed(session, limit=1000)
            if row.completed_at and row.completed_at >= since
        ),
    )


def results(session: Session) -> list[Result]:
    """The newest orders that a reorder link brought, each tied to the order it repeats."""
    return [
        Result(
            order_id=row.order_id,
            order_name=mirror.order(session, row.order_id).name,
            new_order_id=row.new_order_id,
            new_order_name=mirror.order(session, row.new_order_id).name,
            completed_at=row.completed_at or row.confirmed_at,
            from_message=row.message_id is not None,
        )
        for row in reorder.completed(session, limit=FEW)
        if row.new_order_id is not None
    ]


def troubles(session: Session) -> Troubles:
    """What waits for a person."""
    in_doubt, failed = _waiting(session, "in_doubt"), _waiting(session, "failed")
    everything = _count(session, Message.state.in_(("in_doubt", "failed")))
    return Troubles(
        webhooks=inbox.failed_count(session),
        in_doubt=in_doubt,
        failed=failed,
        retried=_count(session, Message.state == "scheduled", Message.attempts >= STUBBORN),
        more=everything - len(in_doubt) - len(failed),
        reactions=len(journal.undelivered(session)),
        brakes=len(senders.braking(session)),
        records=senders.records_amiss(session),
    )


def _waiting(session: Session, state: str) -> list[Waiting]:
    rows = session.execute(
        select(Message.id, Message.kind)
        .where(Message.state == state, Message.message_class != TEST)
        .order_by(Message.id.desc())
        .limit(FEW)
    )
    return [Waiting(row.id, messages.kind_title(row.kind, current_locale())) for row in rows]


def switched_on(session: Session) -> list[Switched]:
    """The journeys that are on, with how many people are on their way."""
    live = journeys.live_counts(session)
    return [
        Switched(key, journeys.name_of(session, key), live.get(key, 0))
        for key, since in journeys.switches(session).items()
        if since is not None
    ]


def recent_orders(session: Session) -> list[Order]:
    """The newest orders, the way into the timeline."""
    return mirror.recent_orders(session, limit=FEW)


def importing(session: Session) -> int | None:
    """How many orders from before the install were read so far; None when that is not going on."""
    state = mirror.order_import(session)
    return None if state is None or state.finished_at else state.found


def _was_tested(session: Session) -> bool:
    query = select(Message.id).where(Message.message_class == TEST).limit(1)
    return session.scalar(query) is not None


def _count(session: Session, *conditions: object) -> int:
    query = select(func.count()).select_from(Message).where(Message.message_class != TEST)
    return session.scalar(query.where(*conditions)) or 0  # type: ignore[arg-type]
