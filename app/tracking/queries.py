"""What the tracking page shows: one order, its parcels, what is in them, and the guide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.consent import queries as consent
from app.core import keeping
from app.core.clock import now
from app.core.errors import NotFound
from app.core.locale import show_date
from app.core.together import Together
from app.guides.queries import ShownGuide
from app.journeys import afterwards, library
from app.journeys.afterwards import Way
from app.mirror import queries as mirror
from app.mirror import questions
from app.mirror.model import Customer, Order, OrderLine, Return
from app.parcels import cases, due, expectations
from app.parcels import queries as parcels
from app.recommendations import sources
from app.recommendations.queries import Suggestion
from app.shops.service import shop
from app.tracking import lookup, surroundings
from app.tracking.shown import ShownParcel, is_over, show_days, shown_parcel, slot_of
from app.tracking.surroundings import Goods, Item, Tale


@dataclass(frozen=True)
class ShownReturn:
    """One return: `status` is `requested`, `open`, `closed` or `declined`."""

    id: int
    status: str
    items: list[Item]


@dataclass(frozen=True)
class TrackingPage:
    """The whole page of one order. `phase` is `cancelled`, `unpaid`, `digital`, `preparing` or
    `shipped`; it decides the sentence at the top. `ships`: some of it goes by parcel. `late` says
    that the days an unsent order was expected on are over. `slot` is the time of day its buyer
    chose. `line`: how its news and LINE stand (see `surroundings.line_of`), while any is to come;
    `ways` is where to go on once all of it is there; `told_by` is the channel of its news (see
    `afterwards.told_by`). `unsent` pieces of an order that has left in part are still to be
    shipped, and `rest` is when they should arrive, where that is not over."""

    order_id: int
    order_name: str
    ordered: str
    phase: str
    ships: bool
    expected: str | None
    slot: str | None
    late: bool
    parcels: list[ShownParcel]
    returns: list[ShownReturn]
    waiting: list[Item]
    guide: ShownGuide | None
    story: Tale | None
    suggestions: tuple[Suggestion, ...]
    line: str | None
    ways: tuple[Way, ...]
    told_by: str | None
    unconfirmed: bool
    unsent: int
    rest: str | None

    @property
    def whole(self) -> bool:
        """Whether there is nothing more to come."""
        return self.arrived and not self.unsent

    @property
    def arrived(self) -> bool:
        """Whether everything that was sent is there, as far as the carriers say."""
        return bool(self.parcels) and all(one.state == "delivered" for one in self.parcels)

    @property
    def missing(self) -> bool:
        """Whether its buyer misses any of it."""
        return any(one.missing for one in self.parcels)


def tracking_page(session: Session, order: Order, language: str) -> TrackingPage:
    """The page of an order of the bound shop."""
    found = _asked().ask(session, _named(session, order))
    bought = mirror.bought_of(found["bought"])
    lines, goods = bought[0], Goods(order, bought, (row[0] for row in found["variants"]))
    known = [row[0] for row in found["said"]]
    outlook = expectations.outlook_of(session, order, found["way"], found["lanes"])
    rows = outlook.parcels
    missed = cases.missed(session, rows)
    sent = [shown_parcel(session, one, goods, known, missed.get(one.id), language) for one in rows]
    left = min((parcel.shipped_at for parcel in rows), default=None)
    home = shop(session)
    phase = _phase(order, lines, sent)
    days = outlook.arrives if phase == "preparing" else (None, None)
    late = is_over(session, days[1])
    held, waits = bool(found["held"]), [row[0] for row in found["unconfirmed"]]
    keeping.known(session, sources.PICKED, found["picks"])
    beside = surroundings.beside(
        session, order, goods, sent, phase, language, left, held=held, had=found["had"]
    )
    waiting = goods.not_sent()
    arrived = bool(sent) and not waiting and all(one.state == "delivered" for one in sent)
    over = arrived or phase in ("cancelled", "digital")
    unsent = goods.to_ship() if phase == "shipped" else 0
    rest = outlook.arrives if unsent and not is_over(session, outlook.arrives[1]) else (None, None)
    return TrackingPage(
        order_id=order.id,
        order_name=order.name,
        ordered=show_date(order.placed_at.astimezone(ZoneInfo(home.timezone)).date(), language),
        phase=phase,
        ships=mirror.needs_shipping(lines),
        expected=None if late else show_days(days, language),
        slot=slot_of(order, language),
        late=late,
        parcels=sent,
        returns=_returns(session, [row[0] for row in found["returns"]], goods),
        waiting=waiting,
        guide=beside.guide,
        story=beside.story,
        suggestions=beside.suggestions,
        line=None if over else surroundings.line_of(session, home, order),
        ways=tuple(afterwards.ways(session, order, lines)) if arrived else (),
        told_by=None if over else afterwards.told_by(session, order, found["on"]),
        unconfirmed=bool(waits) and waits[0].mailed_at is None,
        unsent=unsent,
        rest=show_days(rest, language),
    )


@cache
def _asked() -> Together:
    """What the page asks of its order, in one statement."""
    return Together(
        bought=mirror.BOUGHT,
        variants=questions.VARIANTS,
        way=expectations.knowing(),
        lanes=expectations.LANES,
        said=expectations.SAID,
        returns=questions.RETURNS,
        held=consent.HELD,
        unconfirmed=consent.UNCONFIRMED,
        had=sources.HAD,
        picks=sources.PICKS,
        on=library.SWITCHED_ON,
    )


def _named(session: Session, order: Order) -> dict[str, object]:
    """An order, as the page's questions want it named."""
    return {
        "moment": now(session),
        **sources.named(session, order.customer_id, order.id),
        **expectations.named(session, order),
    }


def expected_days(session: Session, order_id: int, parcel_id: int | None) -> tuple[date, date]:
    """The days on which one of the order's parcels, or the order before it is shipped, should
    arrive. Raises `NotFound` where nothing is expected (any more)."""
    order = mirror.order(session, order_id)
    sent = parcels.parcels_of(session, order_id)
    days: tuple[date | None, date | None]
    if parcel_id is None:
        lines = mirror.order_lines(session, order_id)
        waits = not sent and mirror.needs_shipping(lines) and order.cancelled_at is None
        days = expectations.expected(session, order) if waits else (None, None)
    else:
        mine = next((one for one in sent if one.id == parcel_id), None)
        coming = mine is not None and mine.state not in {"delivered", "returned"}
        days = due.days(session, mine) if mine and coming else (None, None)
    first, last = days
    if first is None or last is None or is_over(session, last):
        raise NotFound
    return first, last


def find_order(session: Session, number: str, contact: str) -> int | None:
    """The order that a number and an e-mail address, a phone number or a postal code belong to;
    None for every miss, whichever part is wrong. The work is the same either way."""
    home = shop(session)
    candidates = mirror.orders_numbered(
        session, lookup.digits(number[: lookup.LONGEST]), lookup.MOST
    )
    known = [_known(order, customer) for order, customer in candidates]
    return lookup.proved(known, number, contact, home.country or "")


def _known(order: Order, customer: Customer | None) -> lookup.Known:
    to = order.shipping_address or {}
    emails = (order.email, customer and customer.email)
    phones = (order.phone, customer and customer.phone, to.get("phone"))
    return lookup.Known(
        order_id=order.id,
        name=order.name,
        emails=tuple(email or "" for email in emails),
        phones=tuple(phone or "" for phone in phones),
        postal_code=to.get("zip") or "",
        country=to.get("country_code") or "",
    )


def _phase(order: Order, lines: list[OrderLine], sent: list[ShownParcel]) -> str:
    if order.cancelled_at is not None:
        return "cancelled"
    if sent:
        return "shipped"
    if mirror.awaits_payment(order):
        return "unpaid"
    return "preparing" if mirror.needs_shipping(lines) else "digital"


def _returns(session: Session, known: list[Return], goods: Goods) -> list[ShownReturn]:
    """The order's returns, the newest first; one that was called off is no news."""
    return [
        ShownReturn(
            one.id,
            one.status,
            [goods.item(line, count) for line, count in mirror.return_lines(session, one.id)],
        )
        for one in reversed(known)
        if one.status != "canceled"
    ]
