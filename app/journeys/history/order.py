"""One order: its rows, and what they say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import pairwise
from statistics import fmean, median, pstdev
from zoneinfo import ZoneInfo

from app.core.locale import choose_locale
from app.journeys.facts import is_digital, looks_like_gift
from app.journeys.history.shelf import Shelf
from app.journeys.once import once
from app.journeys.times import parse_birthday
from app.mirror import queries as mirror
from app.mirror.model import Customer, Order, OrderLine
from app.mirror.subscriptions import Subscription, following, subscribed
from app.parcels.model import Parcel
from app.replenishment import rules as replenishment
from app.segments import rules as segments

#: The conditions that come true on the way.
COMING = frozenset({"paid", "shipped", "delivered", "inferred"})


@dataclass
class History:
    """One order's past: its rows, and what they say."""

    order: Order
    lines: list[OrderLine]
    customer: Customer | None
    parcels: list[Parcel]
    inside: dict[int, set[int]]
    news: dict[str, datetime]
    zone: str
    shelf: Shelf
    #: When the first parcel should be handed over and handed out, for what nobody has scanned.
    expected: tuple[datetime, datetime]
    #: When this customer bought each product, and how much; by Shopify's product number.
    purchases: dict[int, list[tuple[datetime, float]]] = field(default_factory=dict)
    #: When this customer ordered each product as a subscription, and its plan's days.
    plans: dict[int, list[tuple[datetime, int | None]]] = field(default_factory=dict)
    #: When this customer bought in a shop, over the counter.
    over_the_counter: set[datetime] = field(default_factory=set)
    #: When this customer ordered and for how much, guests' orders aside.
    spent: list[tuple[datetime, int]] = field(default_factory=list)
    #: From when until when a return was open, and whether it took something back.
    returns: list[tuple[datetime, datetime | None, bool]] = field(default_factory=list)
    #: That its buyer said, when asked, that it is for someone else.
    said_gift: bool = False
    told_birthday: tuple[int, int] | None = None
    #: Who the person was, by the orders they had placed, and whether this one was among them.
    _people: dict[tuple[int, bool], segments.Facts] = field(default_factory=dict)

    @once
    def ordered(self) -> list[datetime]:
        """When this customer ordered, as far as it counts."""
        return sorted({at for some in self.purchases.values() for at, _count in some})

    @once
    def by_hand(self) -> list[datetime]:
        """When this customer ordered themselves, away from the counter: what followed by
        subscription, and a visit to a shop, tell no hour at which they read mail."""
        renewed = {at for some in self.plans.values() for at, _days in some[1:]}
        elsewhere = renewed | self.over_the_counter
        return [at for at in self.ordered if at not in elsewhere]

    @once
    def interval_days(self) -> float | None:
        """The usual days between this customer's orders up to this one, from three on."""
        placed = [at for at in self.ordered if at <= self.order.placed_at]
        gaps = [(later - at).total_seconds() / 86_400 for at, later in pairwise(placed)]
        return median(gaps) if len(gaps) >= 2 else None

    def subscription(self, lines: Iterable[OrderLine], at: datetime) -> Subscription | None:
        """The subscription to what these lines are about, as its orders up to a moment make it; to
        several the one that came first."""
        asked = {line.product_shopify_id or 0 for line in lines}
        found = [
            following([one for one in self.plans.get(number, ()) if one[0] <= at])
            for number in asked
        ]
        return min((one for one in found if one), key=lambda one: one.since, default=None)

    @once
    def refused(self) -> str | None:
        """Why nothing would have come of it, whatever the journey."""
        if self.order.test:
            return "test_order"
        return "point_of_sale" if self.order.source_name == "pos" else None

    @once
    def digital(self) -> bool:
        """Whether nothing of it travels."""
        return is_digital(self.lines)

    @once
    def gift(self) -> bool:
        """Whether it is for someone else."""
        return self.said_gift or looks_like_gift(self.order, self.lines)

    @once
    def shipped_at(self) -> datetime:
        """When the first parcel left, or should have."""
        moments = [parcel.shipped_at for parcel in self.parcels]
        return min(moments) if moments else max(self.expected[0], self.order.placed_at)

    @once
    def delivered_at(self) -> datetime:
        """When the first parcel arrived, or should have."""
        moments = [parcel.delivered_at for parcel in self.parcels if parcel.delivered_at]
        return min(moments) if moments else max(self.expected[1], self.shipped_at)

    @once
    def hoped(self) -> frozenset[str]:
        """The anchors of which nobody said anything."""
        if self.digital:
            return frozenset()
        found = set() if self.parcels else {"shipped"}
        if not any(parcel.delivered_at for parcel in self.parcels):
            found |= {"delivered", "received", "out_for_delivery"}
        return frozenset(found)

    @once
    def paid_at(self) -> datetime | None:
        """When it was paid; None while it is not."""
        if mirror.awaits_payment(self.order):
            return None
        if self.order.paid_on_delivery:
            return self.order.placed_at
        return self.news.get("paid", self.order.placed_at)

    def spent_at(self, at: datetime) -> int:
        """What the customer had spent by a moment (minor units)."""
        return sum(minor for placed_at, minor in self.bought if placed_at <= at)

    def person_at(self, at: datetime) -> segments.Facts:
        """Who the person was to the shop at a moment, by the orders they had placed."""
        past, own = sum(one[0] <= at for one in self.bought), at >= self.order.placed_at
        if (past, own) not in self._people:
            self._people[past, own] = self._person(self.bought[:past], own=own)
        return self._people[past, own]

    def _person(self, past: list[tuple[datetime, int]], *, own: bool) -> segments.Facts:
        gaps = [(later[0] - one[0]).total_seconds() / 86_400 for one, later in pairwise(past)]
        gaps = [gap for gap in gaps if gap >= segments.SHORTEST_SPAN_DAYS]
        return segments.Facts(
            orders=max(len(past), (self.order.nth or 0) if own else 0),
            spent_minor=sum(minor for _at, minor in past),
            first_order_at=past[0][0] if past else None,
            last_order_at=past[-1][0] if past else None,
            spans=len(gaps),
            mean_span=fmean(gaps) if gaps else None,
            spread=pstdev(gaps) if gaps else None,
            prior_days=self._prior,
        )

    @once
    def bought(self) -> list[tuple[datetime, int]]:
        """When this customer ordered, and for how much (minor units)."""
        own = (self.order.placed_at, self.order.total_minor)
        return self.spent or [own]

    @once
    def _prior(self) -> float:
        products = [self.shelf.product(line) for line in self.lines]
        usual = [segments.PRIOR_DAYS.get(one.kind, 0.0) for one in products if one is not None]
        return max(usual, default=0.0) or segments.PRIOR_DAYS["standard"]

    @once
    def birthday(self) -> tuple[int, int] | None:
        """Month and day of the customer's birthday, as they told us or the order's attributes give
        it."""
        if self.told_birthday is not None:
            return self.told_birthday
        told = map(parse_birthday, mirror.birthdays_told(self.order))
        return next((one for one in told if one), None)

    @once
    def country(self) -> str | None:
        """Where the goods go, or the customer lives."""
        place = self.order.shipping_address or {}
        return place.get("country_code") or (self.customer.country if self.customer else None)

    @once
    def language(self) -> str:
        """The language its customer is written to in."""
        return choose_locale(self.order.locale, self.shelf.shop.locale)

    @once
    def id(self) -> int:
        """The order's id."""
        return self.order.id

    @once
    def received_at(self) -> datetime:
        """When it was there to be used, or should have been."""
        return self.usable_at if self.digital else self.delivered_at

    @once
    def usable_at(self) -> datetime:
        """What is not shipped is there to be used once it is paid."""
        return self.paid_at or self.order.placed_at

    @once
    def starts(self) -> dict[str, datetime | None]:
        """When journeys that start before anything arrived would have been entered; None: not."""
        placed_at, subscription = self.order.placed_at, any(map(subscribed, self.lines))
        return {
            "ordered": placed_at,
            "paid": self.paid_at,
            "shipped": self.shipped_at,
            "subscribed": placed_at if subscription else None,
        }

    @once
    def arrivals(self) -> list[tuple[datetime, list[OrderLine]]]:
        """What arrived when, the first arrival first; as expected while nothing has. What was given
        back later was there when it arrived."""
        lines = [line for line in self.lines if not line.gift_card]
        if self.digital:
            return [(self.usable_at, lines)]
        goods = [line for line in lines if line.requires_shipping]
        arrivals = [
            (parcel.delivered_at, self._brought(parcel, goods))
            for parcel in self.parcels
            if parcel.delivered_at
        ] or [(self.delivered_at, goods)]
        gone_at = self.gone_at
        return [
            (at, [line for line in some if line.current_quantity > 0 or (gone_at and gone_at > at)])
            for at, some in sorted(arrivals, key=lambda one: one[0])
        ]

    @once
    def gone_at(self) -> datetime | None:
        """When the first of it was refunded, or began its way back."""
        back = [opened for opened, _closed, taking in self.returns if taking]
        return min([*back, *filter(None, [self.order.refunded_at])], default=None)

    @once
    def basket(self) -> tuple[tuple[int | None, bool], ...]:
        """What was bought, by Shopify's numbers of the products, and what is left of it."""
        return tuple((line.product_shopify_id, line.current_quantity > 0) for line in self.lines)

    @once
    def spokesman(self) -> list[OrderLine]:
        """The line that speaks for the order: the best of what came first."""
        return best_of(self.arrivals[0][1])

    def _brought(self, parcel: Parcel, goods: list[OrderLine]) -> list[OrderLine]:
        inside = self.inside.get(parcel.id, set())
        return [line for line in goods if not inside or line.shopify_id in inside]

    def brought_by(self, line: OrderLine) -> Parcel | None:
        """The parcel that brought a line, the first to arrive where there are several; None where
        nothing tells it from the others."""
        if len(self.lines) < 2 or not line.requires_shipping:
            return None
        brought = [one for one in self.parcels if line.shopify_id in self.inside.get(one.id, ())]
        arrived = [(one.delivered_at, one.id, one) for one in brought if one.delivered_at]
        return min(arrived)[2] if arrived else next(iter(brought), None)

    @property
    def holds(self) -> list[tuple[datetime, datetime]]:
        """From when until when nothing that sells arrived: a parcel was late, a return open."""
        late, found = self.news.get("delayed"), []
        if late and late < self.delivered_at:
            found.append((late, self.delivered_at))
        return found + [(opened, closed or self.shelf.now) for opened, closed, _ in self.returns]

    @once
    def since(self) -> dict[str, datetime]:
        """The conditions that came true on the way."""
        found = {"paid": self.paid_at}
        if not self.digital:
            found |= {"shipped": self.shipped_at, "delivered": self.delivered_at}
        if any(parcel.delivered_at and parcel.inferred for parcel in self.parcels):
            found["inferred"] = self.delivered_at
        return {name: at for name, at in found.items() if at is not None}

    @once
    def moments(self) -> dict[str, datetime]:
        """The anchors, and when each came about for the order as a whole."""
        found = {"ordered": self.order.placed_at, "paid": self.paid_at}
        if self.digital:
            found["received"] = self.paid_at
        else:
            out = [one.out_for_delivery_at for one in self.parcels if one.out_for_delivery_at]
            found |= {
                "shipped": self.shipped_at,
                "out_for_delivery": min(out) if out else None,
                "delivered": self.delivered_at,
                "received": self.delivered_at,
                "attempted": self.news.get("attempted"),
                "delayed": self.news.get("delayed"),
            }
        return {name: at for name, at in found.items() if at is not None}


def best_of(lines: Sequence[OrderLine]) -> list[OrderLine]:
    """What the customer paid most for, the first in the cart among equals."""
    named = [line for line in lines if line.product_shopify_id is not None]
    worth = {line.id: line.price_minor * line.quantity - line.discount_minor for line in named}
    return [max(named, key=lambda line: (worth[line.id], -line.id))] if named else []


def run_out(history: History, line: OrderLine, arrived: datetime) -> datetime | None:
    """When a line that arrived then is used up, as `replenishment.service.run_out` says it; only
    purchases up to that order are known."""
    shelf = history.shelf
    per_pack = shelf.lasts(line)
    if per_pack is None:
        return None
    zone = ZoneInfo(shelf.shop.timezone)
    start = arrived.astimezone(zone).date()
    past = [
        one
        for one in history.purchases.get(line.product_shopify_id or 0, [])
        if one[0] <= history.order.placed_at
    ]
    if personal := replenishment.personal_days(past):
        day = replenishment.run_out(start, personal, float(line.quantity))
    else:
        titles = shelf.siblings.get(line.product_shopify_id or 0, [])
        packs = replenishment.packs(line.quantity, line.variant_title, titles)
        day = replenishment.run_out(start, float(per_pack), packs)
    return datetime.combine(day, time(), ZoneInfo(history.zone))


def refunded_at(history: History) -> datetime | None:
    """When all the money or all the goods went back; None when they did not."""
    order = history.order
    nothing_left = all(line.current_quantity <= 0 for line in history.lines)
    if order.financial_status != "refunded" and not (history.gone_at and nothing_left):
        return None
    return history.gone_at or order.placed_at + timedelta(0)
