"""The expected day: what a shop's own parcels teach, what is promised, what was promised before.

A promise is written down when it is made and is never taken back in silence: a new one is a new
row, with the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import ARRAY, BigInteger, String, any_, bindparam, delete, func, insert, select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.keeping import kept
from app.core.together import Question, Rows
from app.journal.model import JournalEntry
from app.mirror import queries as mirror
from app.mirror.events import OrderPaid, OrderPlaced
from app.mirror.model import FulfillmentEvent, Order
from app.parcels import lanes, rules
from app.parcels.lanes import Statement
from app.parcels.model import Parcel, ParcelExpectation, ParcelLane
from app.parcels.queries import counts_from, from_payment, promise_of
from app.parcels.wishes import wish
from app.shops.model import Shop
from app.shops.service import shop

#: Parcels older than this say little about today's, and so many are enough.
LEARNT_FROM, ENOUGH = timedelta(days=180), 20_000
#: What we noticed ourselves; the carrier has not said it.
NOTICED = frozenset({"stalled", "overdue"})


# --- what parcels teach -------------------------------------------------------------------------


def learn(session: Session) -> int:
    """Replace what is known about the shop's lanes by what its parcels of the last half year say;
    returns how many lanes that is. Only deliveries that somebody scanned count."""
    home = shop(session)
    zone = ZoneInfo(home.timezone)
    counts: dict[tuple[str, str], Counter[int]] = {}
    for carrier, address, shipped, delivered in _taught(session):
        sent = shipped.astimezone(zone).date()
        way = (delivered.astimezone(zone).date() - sent).days
        for place in lanes.region(address, home.country):
            for name in {"", carrier or ""}:
                counts.setdefault((name, place), Counter())[max(way, 0)] += 1
    session.execute(delete(ParcelLane))
    rows = [
        {
            "shop_id": home.shop_id,
            "carrier": carrier,
            "region": place[:64],
            "days": days,
        }
        for (carrier, place), days in counts.items()
    ]
    if rows:
        session.execute(insert(ParcelLane), rows)
    return len(rows)


def _taught(
    session: Session,
) -> list[Any]:
    """(carrier, address, shipped, delivered) of the parcels that teach."""
    rows = session.execute(
        select(
            Parcel.carrier,
            Order.shipping_address,
            Parcel.shipped_at,
            Parcel.delivered_at,
        )
        .join(Order, (Order.shop_id == Parcel.shop_id) & (Order.id == Parcel.order_id))
        .where(
            Parcel.delivered_at.is_not(None),
            Parcel.inferred.is_(False),
            Parcel.cancelled_at.is_(None),
            Parcel.shipped_at > now(session) - LEARNT_FROM,
        )
        .order_by(Parcel.shipped_at.desc())
        .limit(ENOUGH)
    )
    return list(rows)


def promise(
    session: Session, order: Order | None = None, carrier: str | None = None
) -> rules.Promise:
    """How long the shop and its carrier need for an order: as its calendar says, and on the way as
    far as its own parcels teach. Without an order, one that goes to the shop's own country."""
    home = shop(session)
    places = lanes.region(order.shipping_address if order else None, home.country)
    return _promise_of(home, order, carrier, _lanes(session, carrier, places))


def _promise_of(home: Shop, order: Order | None, carrier: str | None, rows: Rows) -> rules.Promise:
    said = promise_of(home)
    places = lanes.region(order.shipping_address if order else None, home.country)
    known = _counts(rows)
    keys = [(name, place) for name in dict.fromkeys(("", carrier or "")) for place in places]
    usual = lanes.TRANSIT_ABROAD if places[0] != (home.country or "") else said.transit
    return replace(
        said,
        transit=lanes.window(usual, [known[key] for key in keys if key in known]),
        chosen=wish(order.note_attributes).day if order else None,
    )


def _lanes(session: Session, carrier: str | None, places: Sequence[str]) -> Rows:
    return LANES.ask(session, {"carriers": ["", carrier or ""], "places": list(places)})


def _counts(rows: Rows) -> dict[tuple[str, str], lanes.Counts]:
    return {
        (carrier, place): {int(day): n for day, n in days.items()} for carrier, place, days in rows
    }


#: What the shop's parcels taught of some `carriers` to some `places`.
LANES = Question(
    select(ParcelLane.carrier, ParcelLane.region, ParcelLane.days).where(
        ParcelLane.carrier == any_(bindparam("carriers", type_=ARRAY(String))),
        ParcelLane.region == any_(bindparam("places", type_=ARRAY(String))),
    )
)


# --- what is promised ---------------------------------------------------------------------------


def on_order_placed(session: Session, event: OrderPlaced) -> None:
    """The day is promised with the order."""
    order = mirror.order(session, event.order_id or 0)
    _promise(session, order)


def on_order_paid(session: Session, event: OrderPaid) -> None:
    """Nobody packs what is not paid for: what was paid later is promised now."""
    _promise(session, mirror.order(session, event.order_id or 0))


def expected(session: Session, order: Order) -> tuple[date, date]:
    """The first and last day on which an order that is not shipped yet should arrive: as it was
    promised, or as it would be."""
    return outlook(session, order).arrives


@dataclass(frozen=True)
class Outlook:
    """What can be said of an order's way: its parcels, and the first and last day on which it
    should be handed over and arrive, as it was promised or as it would be."""

    parcels: list[Parcel]
    ships: tuple[date, date]
    arrives: tuple[date, date]


def outlook(session: Session, order: Order) -> Outlook:
    """`parcels_of`, `ships` and `expected` of an order in one statement, or in two where nothing
    was promised yet."""
    given = named(session, order)
    rows = knowing().ask(session, given)
    promised = rows[0][1] is not None
    return outlook_of(session, order, rows, () if promised else _kept_lanes(session, given))


def _kept_lanes(session: Session, given: dict[str, object]) -> Rows:
    """They are learnt by night, and most orders of a shop take the same few."""
    name = "parcels.lanes", tuple(cast("list[str]", given["places"]))
    return kept(session, name, lambda: LANES.ask(session, given))


def named(session: Session, order: Order) -> dict[str, object]:
    """An order, as `knowing` and `LANES` want it named before it has a carrier."""
    places = lanes.region(order.shipping_address, shop(session).country)
    return {"order": order.id, "carriers": [""], "places": list(places)}


def outlook_of(session: Session, order: Order, rows: Rows, lanes_known: Rows) -> Outlook:
    """What the answers to `knowing` and `LANES` say."""
    home = shop(session)
    sent = {row[0].id: row[0] for row in rows if row[0]}
    promised, paid_at = rows[0][1], rows[0][2] or order.placed_at
    since = from_payment(order, paid_at)
    told = (promised.first, promised.last) if promised else None
    return Outlook(
        parcels=list(sent.values()),
        ships=rules.ships_between(since, home.timezone, home.country, promise_of(home)),
        arrives=told
        or rules.expected_dates(
            since, home.timezone, home.country, _promise_of(home, order, None, lanes_known)
        ),
    )


@cache
def knowing() -> Question:
    """An order's parcels, what was promised of it before it had any, and when it was paid."""
    paid = (
        select(func.min(JournalEntry.occurred_at))
        .where(
            JournalEntry.shop_id == Order.shop_id,
            JournalEntry.order_id == Order.id,
            JournalEntry.kind == OrderPaid.__name__,
        )
        .scalar_subquery()
    )
    return Question(
        select(Parcel, ParcelExpectation, paid)
        .select_from(Order)
        .outerjoin(Parcel, (Parcel.order_id == Order.id) & Parcel.cancelled_at.is_(None))
        .outerjoin(
            ParcelExpectation,
            (ParcelExpectation.order_id == Order.id) & ParcelExpectation.parcel_id.is_(None),
        )
        .where(Order.id == bindparam("order", type_=BigInteger)),
        Parcel.shipped_at,
        Parcel.id,
        ParcelExpectation.said_at,
        ParcelExpectation.id,
    )


def said(session: Session, order_id: int) -> list[ParcelExpectation]:
    """Everything that was promised about an order and its parcels, in the order it was said."""
    return [row[0] for row in SAID.ask(session, {"order": order_id})]


SAID = Question(
    select(ParcelExpectation).where(
        ParcelExpectation.order_id == bindparam("order", type_=BigInteger)
    ),
    ParcelExpectation.said_at,
    ParcelExpectation.id,
)


def expect(
    session: Session,
    parcel: Parcel,
    order: Order,
    scans: Sequence[FulfillmentEvent],
    noticed: str | None = None,
) -> None:
    """Set the parcel's expected days by the latest word on them, and write down what is new.
    `noticed` is why we find now that it is late."""
    known = [one for one in said(session, order.id) if one.parcel_id == parcel.id]
    words = [
        _on_shipping(session, parcel, order, known),
        *_by_carrier(session, parcel, order, scans),
        *(_statement(one) for one in known if one.reason in NOTICED),
    ]
    if noticed:
        words.append(_late(session, parcel, order, now(session), noticed))
    word = lanes.newest(words)
    parcel.expected_from, parcel.expected_to = word.first, word.last
    before = known[-1] if known else None
    if before is None or (before.first, before.last) != (word.first, word.last):
        _say(session, order.id, parcel.id, word)


def _promise(session: Session, order: Order) -> None:
    lines = mirror.order_lines(session, order.id)
    if mirror.awaits_payment(order) or not mirror.needs_shipping(lines) or said(session, order.id):
        return
    first, last = _days(session, order)
    _say(session, order.id, None, Statement(now(session), first, last, "ordered"))


def _days(session: Session, order: Order) -> tuple[date, date]:
    home, since = shop(session), counts_from(session, order)
    return rules.expected_dates(since, home.timezone, home.country, promise(session, order))


def _say(session: Session, order_id: int, parcel_id: int | None, word: Statement) -> None:
    session.add(
        ParcelExpectation(
            shop_id=session.info["shop_id"],
            order_id=order_id,
            parcel_id=parcel_id,
            first=word.first,
            last=word.last,
            reason=word.reason,
            said_at=now(session),
        )
    )
    session.flush()


def _statement(row: ParcelExpectation) -> Statement:
    return Statement(row.said_at, row.first, row.last, row.reason)


def _on_shipping(
    session: Session, parcel: Parcel, order: Order, known: list[ParcelExpectation]
) -> Statement:
    """What was said when it left: written down then, and what we learn later changes nothing."""
    mine = next((one for one in known if one.reason == "shipped"), None)
    if mine is not None:
        return Statement(parcel.shipped_at, mine.first, mine.last, "shipped")
    first, last = rules.expected_after_shipping(
        parcel.shipped_at, shop(session).timezone, promise(session, order, parcel.carrier)
    )
    return Statement(parcel.shipped_at, first, last, "shipped")


def _by_carrier(
    session: Session, parcel: Parcel, order: Order, scans: Sequence[FulfillmentEvent]
) -> list[Statement]:
    """The carrier's estimates, and its reports of a delay that name no day."""
    zone = ZoneInfo(shop(session).timezone)
    found = []
    for scan in scans:
        if scan.estimated_delivery_at is not None:
            day = scan.estimated_delivery_at.astimezone(zone).date()
            late = rules.STATES.get(scan.status) == "exception"
            found.append(Statement(scan.happened_at, day, day, "delayed" if late else "carrier"))
        elif rules.STATES.get(scan.status) == "exception":
            found.append(_late(session, parcel, order, scan.happened_at, "delayed"))
    return found


def _late(
    session: Session, parcel: Parcel, order: Order, moment: datetime, reason: str
) -> Statement:
    home = shop(session)
    zone, places = ZoneInfo(home.timezone), lanes.region(order.shipping_address, home.country)
    day = moment.astimezone(zone).date()
    age = (day - parcel.shipped_at.astimezone(zone).date()).days
    usual = lanes.REST_ABROAD if places[0] != (home.country or "") else lanes.REST
    counts = _counts(_lanes(session, None, places)).get(("", places[0]), {})
    return lanes.later(day, lanes.rest(usual, counts, age), reason, moment)
