"""A parcel that counts as delivered and is not there: the case, who hears of it, and its end."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.consent import service as consent
from app.consent.model import NOT_RECEIVED
from app.core.clock import now
from app.core.errors import Conflict, NotFound
from app.journal.service import record
from app.journeys import service as journeys
from app.mirror import queries as mirror
from app.mirror.model import Customer, Order
from app.parcels import cases
from app.parcels import queries as parcels
from app.parcels.model import ParcelCase
from app.tracking.events import ParcelCaseClosed, ParcelMissed

#: What everything that sells, asks or speaks of the goods as being there waits for meanwhile.
REASON = NOT_RECEIVED
#: How much of what a shopper writes is kept.
LONGEST = 1000


def miss(session: Session, order_id: int, parcel_id: int, note: str = "") -> ParcelCase:
    """A shopper does not find a delivered parcel: opens a case, gives the shop's people a task for
    the next working day, and has reviews and marketing wait. Saying it twice opens one case.
    Raises `NotFound` for a parcel of another order and `Conflict` for one that is on its way."""
    parcel = parcels.parcel(session, parcel_id)
    if parcel.order_id != order_id or parcel.cancelled_at is not None:
        raise NotFound
    if parcel.state != "delivered":
        raise Conflict
    order = mirror.order(session, order_id)
    made = cases.open_for(session, parcel, order, note.strip()[:LONGEST])
    case = made or cases.open_case(session, parcel_id)
    if case is None:
        raise NotFound
    if made is not None:
        _tell(session, made, order)
    return case


def close(session: Session, case_id: int, who: str) -> ParcelCase:
    """A person has settled it; what waited goes on once none of the order's cases is open. Closing
    twice changes nothing. Raises `NotFound`."""
    case = session.get(ParcelCase, (session.info["shop_id"], case_id), with_for_update=True)
    if case is None:
        raise NotFound
    if case.state == "closed":
        return case
    case.state, case.closed_at, case.closed_by = "closed", now(session), who
    session.flush()
    if case.task_id is not None:
        journeys.close_task(session, case.task_id, who)
    if all(one.state == "closed" for one in cases.cases_of(session, case.order_id)):
        consent.release(
            session, customer_id=case.customer_id, order_id=case.order_id, reason=REASON
        )
    record(
        session,
        ParcelCaseClosed(
            occurred_at=now(session),
            order_id=case.order_id,
            customer_id=case.customer_id,
            case_id=case.id,
            parcel_id=case.parcel_id,
            staff=who,
        ),
    )
    return case


def send_confirmation(session: Session, order_id: int) -> None:
    """Send the buyer the mail that confirms their consent, because they ask for it."""
    consent.send_confirmation(session, mirror.order(session, order_id).customer_id)


def erase_person(session: Session, customer: Customer) -> int:
    """Forget what a customer wrote about their parcels; returns how many cases."""
    orders = [order.id for order in mirror.orders_of(session, customer.id)]
    cut = session.execute(
        update(ParcelCase)
        .where(ParcelCase.order_id.in_(orders), ParcelCase.note != "")
        .values(note="")
        .returning(ParcelCase.id)
    )
    return len(cut.all())


def export_person(session: Session, customer: Customer) -> list[dict[str, str]]:
    """What a customer told us about parcels that did not arrive."""
    return [
        {"order": order.name, "opened_at": case.opened_at.isoformat(), "note": case.note}
        for order in mirror.orders_of(session, customer.id)
        for case in cases.cases_of(session, order.id)
    ]


def _tell(session: Session, case: ParcelCase, order: Order) -> None:
    consent.hold(session, customer_id=order.customer_id, order_id=order.id, reason=REASON)
    case.task_id = journeys.ask(
        session,
        source="not-received",
        title={
            "ja": f"{order.name} お荷物が届いていないとのご連絡",
            "en": f"{order.name}: the parcel is not there",
        },
        text={
            "ja": "配送会社にお荷物の所在を確認し、お客様にご連絡してください。"
            "解決したら、ご注文の画面で完了にしてください。",
            "en": "Ask the carrier where the parcel is and write to the customer. When it is "
            "settled, close the case on the order's page.",
        },
        order_id=order.id,
        customer_id=order.customer_id,
    )
    record(
        session,
        ParcelMissed(
            occurred_at=now(session),
            order_id=order.id,
            customer_id=order.customer_id,
            case_id=case.id,
            parcel_id=case.parcel_id,
        ),
    )
