"""What the tracking page shows: one order, its parcels, what is in them, and the guide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.locale import show_date, show_range
from app.core.money import Money
from app.guides import queries as guides
from app.guides.queries import ShownGuide
from app.mirror import queries as mirror
from app.mirror.model import Customer, FulfillmentEvent, Order, OrderLine
from app.parcels import queries as parcels
from app.parcels import service as expectations
from app.parcels.carriers import carrier, carrier_name, redelivery_url, show_number
from app.parcels.model import Parcel
from app.parcels.rules import PATH, REPORTS
from app.shops.service import settings_of, shop
from app.tracking import lookup


@dataclass(frozen=True)
class Item:
    """One line of goods as a shopper recognises it."""

    title: str
    variant: str
    image_url: str | None
    quantity: int
    price: Money


@dataclass(frozen=True)
class Report:
    """One scan in the parcel's history: local time, one of `REPORTS`, the place if known."""

    at: datetime
    state: str
    place: str


@dataclass(frozen=True)
class ShownParcel:
    """One parcel. `reached` is how many of `PATH` it has passed; `late` that its expected days
    are over and nobody has said that it arrived."""

    state: str
    inferred: bool
    reached: int
    carrier: str | None
    number: str | None
    url: str | None
    redelivery: str | None
    expected: str | None
    late: bool
    delivered: str | None
    items: list[Item]
    history: list[Report]


@dataclass(frozen=True)
class TrackingPage:
    """The whole page of one order. `phase` is `cancelled`, `unpaid`, `digital`, `preparing` or
    `shipped`; it decides the sentence at the top. `late` says that the days an unsent order was
    expected on are over."""

    order_name: str
    ordered: str
    phase: str
    expected: str | None
    late: bool
    parcels: list[ShownParcel]
    waiting: list[Item]
    guide: ShownGuide | None


def tracking_page(session: Session, order_id: int, language: str) -> TrackingPage:
    """The page of an order of the bound shop; raises `NotFound` for any other."""
    order = mirror.order(session, order_id)
    lines = mirror.order_lines(session, order_id)
    shown = _Goods(session, order, lines)
    sent = [
        _parcel(session, parcel, shown, language)
        for parcel in parcels.parcels_of(session, order_id)
    ]
    zone = ZoneInfo(shop(session).timezone)
    phase = _phase(order, lines, sent)
    days = expectations.expected(session, order) if phase == "preparing" else (None, None)
    late = _is_over(session, days[1])
    return TrackingPage(
        order_name=order.name,
        ordered=show_date(order.placed_at.astimezone(zone).date(), language),
        phase=phase,
        expected=None if late else _expected(days, language),
        late=late,
        parcels=sent,
        waiting=shown.not_sent(),
        guide=None if phase in {"cancelled", "unpaid"} else _guide(session, order, shown, language),
    )


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


class _Goods:
    """An order's lines with their pictures, and which of them left in which fulfillment."""

    def __init__(self, session: Session, order: Order, lines: list[OrderLine]) -> None:
        self.order = order
        self.lines = {line.shopify_id: line for line in lines if line.current_quantity > 0}
        self.products = mirror.products_for_lines(session, lines)
        self.variants = mirror.variants_for_lines(session, lines)
        self.sent: dict[int, int] = {}

    def of(self, contents: list[dict[str, int]]) -> list[Item]:
        """The goods of one fulfillment; remembers that they left."""
        items = []
        for part in contents:
            line = self.lines.get(part["line_shopify_id"])
            if line is None:
                continue
            self.sent[line.shopify_id] = self.sent.get(line.shopify_id, 0) + part["quantity"]
            items.append(self.item(line, part["quantity"]))
        return items

    def not_sent(self) -> list[Item]:
        """What is still with the shop."""
        left = (
            (line, line.current_quantity - self.sent.get(number, 0))
            for number, line in self.lines.items()
        )
        return [self.item(line, count) for line, count in left if count > 0]

    def item(self, line: OrderLine, quantity: int) -> Item:
        variant = self.variants.get(line.variant_shopify_id or 0)
        product = self.products.get(line.product_shopify_id or 0)
        image = (variant and variant.image_url) or (product and product.image_url) or None
        price = Money(line.price_minor, self.order.currency) * quantity
        return Item(line.title, line.variant_title, image, quantity, price)


def _phase(order: Order, lines: list[OrderLine], sent: list[ShownParcel]) -> str:
    if order.cancelled_at is not None:
        return "cancelled"
    if sent:
        return "shipped"
    if mirror.awaits_payment(order):
        return "unpaid"
    return "preparing" if mirror.needs_shipping(lines) else "digital"


def _parcel(session: Session, parcel: Parcel, goods: _Goods, language: str) -> ShownParcel:
    zone = ZoneInfo(shop(session).timezone)
    contents = mirror.fulfillment(session, parcel.fulfillment_id).lines
    arrived = parcel.delivered_at
    coming = parcel.state not in {"delivered", "returned"}
    over = _is_over(session, parcel.expected_to)
    return ShownParcel(
        state=parcel.state,
        inferred=parcel.inferred,
        reached=_reached(parcel),
        carrier=carrier_name(parcel.carrier, language),
        number=parcel.tracking_number
        and show_number(parcel.tracking_number, carrier(parcel.carrier)),
        url=parcel.tracking_url,
        redelivery=redelivery_url(parcel.carrier, parcel.tracking_number)
        if parcel.state == "attempted"
        else None,
        expected=_expected((parcel.expected_from, parcel.expected_to), language)
        if coming and not over
        else None,
        # Who was not at home, or is to fetch it, knows where it is.
        late=over and coming and parcel.state not in {"attempted", "pickup"},
        delivered=show_date(arrived.astimezone(zone).date(), language) if arrived else None,
        items=goods.of(contents),
        history=[
            Report(scan.happened_at.astimezone(zone), REPORTS[scan.status], _place(scan, language))
            for scan in reversed(mirror.scans_of(session, parcel.fulfillment_id))
            if scan.status in REPORTS
        ],
    )


def _guide(session: Session, order: Order, goods: _Goods, language: str) -> ShownGuide | None:
    """The guide of what was bought; None where nothing of the order is left."""
    if not goods.lines:
        return None
    products = [goods.products.get(line.product_shopify_id or 0) for line in goods.lines.values()]
    guide = guides.guide_for(session, guides.subjects(p for p in products if p), language)
    home = shop(session)
    first = next(iter(goods.lines.values()))
    known = settings_of(home)
    return guides.show(
        guide,
        {
            "shop": {
                "name": home.name,
                "support_email": known.support_email,
                "support_phone": known.support_phone,
                "support_hours": known.support_hours,
            },
            "order": {"name": order.name},
            "product": {"title": first.title},
            "delivery": {"ships": "true" if mirror.needs_shipping(goods.lines.values()) else None},
        },
    )


def _reached(parcel: Parcel) -> int:
    if parcel.state in PATH:
        return PATH.index(parcel.state) + 1
    # Trouble and waiting happen on the way: as far as it got before.
    return 3 if parcel.out_for_delivery_at else 2


def _is_over(session: Session, last: date | None) -> bool:
    """Whether the last expected day is past where the shop is. An old promise is no news."""
    today = now(session).astimezone(ZoneInfo(shop(session).timezone)).date()
    return last is not None and last < today


def _expected(days: tuple[date | None, date | None], language: str) -> str | None:
    first, last = days
    return show_range(first, last, language) if first and last else None


def _place(scan: FulfillmentEvent, language: str) -> str:
    """`東京都 渋谷区` big to small, or `Shibuya, Tokyo`."""
    parts = [part for part in (scan.province, scan.city) if part]
    return " ".join(parts) if language == "ja" else ", ".join(reversed(parts))
