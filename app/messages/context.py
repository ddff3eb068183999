"""Everything a mail's texts and frame need, read from ids and put into the reader's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, cached_property
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.core import places
from app.core.clock import now
from app.core.locale import gettext as _
from app.core.locale import show_date, show_range
from app.core.money import Money, show_money
from app.core.runtime import runtime
from app.guides import queries as guides
from app.messages import extras, in_parts, mail_links
from app.messages.colors import Palette, palette
from app.messages.extras import SHORT, Coupon, Points, Proof, Reading, Suggested
from app.messages.facts import TEST, Facts
from app.messages.names import Name, address_person, shorten
from app.messages.variables import Variables
from app.mirror import queries as mirror
from app.mirror.model import OrderLine, Product
from app.parcels import at_door, carriers, expectations
from app.parcels.expectations import NOTICED
from app.parcels.model import Parcel
from app.replenishment import service as replenishment
from app.shops import service as shops
from app.shops.service import Brand
from app.surveys import queries as surveys


@dataclass(frozen=True)
class Item:
    """One line as a mail shows it."""

    title: str
    short: str
    variant: str
    quantity: int
    price: str
    image_url: str


@dataclass(frozen=True)
class Shipment:
    """A parcel as a mail shows it."""

    carrier: str
    number: str
    url: str
    expected: str
    #: Nobody reported the delay: we noticed it, because the carrier has fallen silent.
    silent: bool = False
    #: It is on the van: `expected` says so, and no range of days does.
    today: bool = False
    #: What is inside, and whether that is a part of the order alone.
    contents: str = ""
    split: bool = False
    #: Which of several parcels it is, and how the rest comes; empty when it holds everything.
    part: str = ""
    rest: str = ""

    @property
    def pieces(self) -> list[tuple[str, str]]:
        """What a part of an order says of itself, as rows."""
        rows = [
            (_("This parcel"), self.contents),
            (_("Parcel"), self.part),
            (_("The rest of your order"), self.rest),
        ]
        return [row for row in rows if row[1]] if self.split else []


def _everything(*_kinds: str) -> bool:
    return True


@dataclass(frozen=True)
class Mail:
    """One mail's world."""

    kind: str
    locale: str
    marketing: bool
    brand: Brand
    palette: Palette
    name: Name
    reply_to: str
    line_url: str
    line_note: str
    #: Whether LINE would tell of the order's way: it can be linked, and has yet to leave.
    line_news: Callable[[], bool]
    links: dict[str, str]
    order_name: str = ""
    order_date: str = ""
    total: str = ""
    #: What the lines do not show: shipping, and tax where prices are without it.
    charges: list[tuple[str, str]] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    item: Item | None = None
    ships: bool = True
    #: The money is still to come: nothing is packed, and no day can be promised.
    unpaid: bool = False
    #: What the carrier collects at the door; empty where it collects nothing.
    at_door: str = ""
    #: The days on which an order that is not shipped should arrive: worked out when they are shown.
    days: Callable[[], str] = str
    address: list[str] = field(default_factory=list)
    #: Of it, the town alone.
    area: str = ""
    shipment: Shipment | None = None
    guide: guides.ShownGuide | None = None
    #: The order's other products that have a guide of their own.
    more_guides: list[Reading] = field(default_factory=list)
    run_out: str = ""
    suggestions: list[Suggested] = field(default_factory=list)
    #: Who looks after the reader, by name.
    contact: str = ""
    coupon: Coupon | None = None
    points: Points | None = None
    #: What rooms above know, asked only by the mails that show it.
    known: Mapping[str, Any] = field(default_factory=dict, repr=False)
    season: str = ""
    #: The day of the first order, and the full years since.
    since: str = ""
    years: int = 0
    #: The day on which the reader's subscription to the product began, and the full years since.
    subscription: tuple[str, int] = ("", 0)
    #: For how many months the reader has had the product.
    months: int = 0
    #: What the reader is asked to choose from.
    survey: surveys.Wording | None = None
    #: Whether later messages of these kinds are to come: nothing is promised that is not sent.
    follows: Callable[..., bool] = _everything

    @property
    def gift(self) -> str:
        """What the reader was given, in words."""
        return self.known.get("gift") or ""

    @property
    def proof(self) -> Proof | None:
        """What all published reviews say together."""
        return self.known.get("proof")

    @property
    def expected(self) -> str:
        """The days on which it should arrive; empty when none can be promised."""
        return self.days()

    @cached_property
    def liquid(self) -> Variables:
        """The names a text may use."""
        return Variables(self)

    @property
    def mailto(self) -> str:
        """A link that opens a reply to the person who reads them."""
        subject = quote(_("Question about order %(name)s", name=self.order_name))
        return f"mailto:{self.reply_to}?subject={subject}"


def build(session: Session, facts: Facts, *, message_id: int | None, run_id: int | None) -> Mail:
    """The world of one message. The language of the block around it must be the message's."""
    shop, order, place = facts.shop, facts.order, _place(facts)
    lines, products = mirror.bought(session, order.id) if order else ([], {})
    held = _held(session, facts, lines)
    kept = [row for row in lines if row.shopify_id in held]
    split = held != _whole(lines)
    chosen = facts.line if not split or (facts.line and facts.line.shopify_id in held) else None
    line = chosen or (kept[0] if kept else None)
    items = [_item(row, products, facts, held[row.shopify_id]) for row in kept]
    item = _item(line, products, facts, held.get(line.shopify_id)) if line else None
    known = extras.given(session, facts)
    made = mail_links.made(session, facts, line, message_id, run_id, known)
    return Mail(
        kind=facts.kind.name,
        locale=facts.locale,
        marketing=facts.kind.lane == "marketing",
        brand=shops.brand(shop),
        palette=palette(facts.settings.color),
        name=_name(facts, place),
        reply_to=reply_address(facts),
        line_url=made["line"],
        line_news=cache(lambda: _line_news(session, facts, lines)),
        line_note=facts.settings.line_friend_note,
        links=made,
        order_name=order.name if order else "",
        order_date=_day(order.placed_at, facts) if order else "",
        total=_money(order.total_minor, facts) if order else "",
        charges=_charges(facts),
        items=items,
        item=item,
        ships=mirror.needs_shipping(lines),
        unpaid=order is not None and mirror.awaits_payment(order),
        at_door=at_door.asked(session, order, facts.locale, split=split),
        days=cache(lambda: _expected(session, facts, lines)),
        address=_address(place, facts),
        area=places.area(place, facts.locale) if facts.message_class != TEST else "",
        shipment=_shipment(session, facts, kept, lines if split else []),
        guide=_guide(session, facts, item, line, lines, products),
        more_guides=extras.more_guides(session, facts, line, products, acts=message_id is not None),
        run_out=_run_out(session, facts),
        follows=runtime().table("PROMISED")(session, order, bought=(lines, products)),
        **extras.collect(session, facts, known),
    )


def _line_news(session: Session, facts: Facts, lines: Sequence[OrderLine]) -> bool:
    linking = facts.settings.line_linking and mirror.needs_shipping(lines)
    return bool(linking and facts.order and not mirror.fulfillments_of(session, facts.order.id))


def reply_address(facts: Facts) -> str:
    """The address at which a person reads answers."""
    chosen = facts.settings
    return chosen.reply_to or chosen.support_email or ""


def _place(facts: Facts) -> dict[str, Any]:
    return (facts.order.shipping_address if facts.order else None) or {}


def _name(facts: Facts, place: dict[str, Any]) -> Name:
    if facts.message_class == TEST:
        # A test goes to whomever the merchant names: it shows no customer's name.
        sample = ("太郎", "山田") if facts.locale == "ja" else ("Sarah", "Johnson")
        return address_person(*sample, facts.locale, facts.settings.honorific)
    person, order = facts.customer, facts.order
    first = (person.first_name if person else "") or place.get("first_name") or ""
    last = (person.last_name if person else "") or place.get("last_name") or ""
    company = order.company if order else ""
    if order and order.for_company and company:
        first = last = ""
    return address_person(first, last, facts.locale, facts.settings.honorific, company)


def _address(place: dict[str, Any], facts: Facts) -> list[str]:
    """Where the parcel goes, as people of the language write it; never a test's."""
    if not place or facts.message_class == TEST:
        return []
    return places.rows(place, facts.locale, home=facts.shop.country or "")


def _held(session: Session, facts: Facts, lines: Sequence[OrderLine]) -> dict[int, int]:
    """How many of which line the message is about: what its parcel holds, or all of the order that
    was not taken back when it is about no parcel or nobody said what is inside."""
    whole = _whole(lines)
    # What is one piece cannot be split.
    if facts.parcel is None or "parcel" not in facts.kind.needs or sum(whole.values()) < 2:
        return whole
    inside = mirror.contents(session, facts.parcel.fulfillment_id)
    # What was refunded since is not shown, as in an order that left in one parcel.
    held = {key: min(n, inside[key]) for key, n in whole.items() if inside.get(key)}
    sent = {row.shopify_id for row in lines if row.requires_shipping}
    complete = all(held.get(key) == n for key, n in whole.items() if key in sent)
    return whole if complete or not held else held


def _whole(lines: Sequence[OrderLine]) -> dict[int, int]:
    return {row.shopify_id: row.current_quantity for row in lines if row.current_quantity > 0}


def _item(
    line: OrderLine, products: dict[int, Product], facts: Facts, held: int | None = None
) -> Item:
    product = products.get(line.product_shopify_id or 0)
    variant = "" if line.variant_title in ("Default Title", line.title) else line.variant_title
    # What was paid: the lines' own discount is spread over what was bought.
    paid = line.price_minor - line.discount_minor // max(line.quantity, 1)
    count = held or line.current_quantity or line.quantity
    return Item(
        title=line.title,
        short=shorten(line.title, SHORT),
        variant=variant,
        quantity=count,
        price=_money(paid * count, facts),
        image_url=(product.image_url if product else None) or "",
    )


def _money(minor: int, facts: Facts) -> str:
    currency = facts.order.currency if facts.order else facts.shop.currency
    return show_money(Money(minor, currency), facts.locale)


def _charges(facts: Facts) -> list[tuple[str, str]]:
    order = facts.order
    if order is None:
        return []
    rows = [(_("Shipping"), order.shipping_minor)]
    if not order.taxes_included:
        rows.append((_("Tax"), order.tax_minor))
    return [(label, _money(minor, facts)) for label, minor in rows if minor]


def _day(moment: datetime, facts: Facts) -> str:
    return show_date(moment.astimezone(ZoneInfo(facts.shop.timezone)).date(), facts.locale)


def _expected(session: Session, facts: Facts, lines: list[OrderLine]) -> str:
    """The days on which it should arrive. Nobody packs what is not paid for: no day is promised
    before."""
    if facts.order is None or not mirror.needs_shipping(lines):
        return ""
    if mirror.awaits_payment(facts.order):
        return ""
    first, last = expectations.expected(session, facts.order)
    return show_range(first, last, facts.locale)


def _shipment(
    session: Session, facts: Facts, kept: list[OrderLine], whole: list[OrderLine]
) -> Shipment | None:
    """The parcel with what is kept in it; `whole` is the order it is a part of, if it is one."""
    parcel = facts.parcel
    if parcel is None:
        return None
    part, rest = in_parts.number_and_rest(session, parcel, whole) if whole else ("", "")
    on_van, days = _arrives(parcel, now(session), facts)
    return Shipment(
        carrier=carriers.carrier_name(parcel.carrier, facts.locale) or "",
        number=carriers.show_number(parcel.tracking_number or "", carriers.carrier(parcel.carrier)),
        url=parcel.tracking_url or "",
        expected=days,
        today=on_van,
        silent=parcel.trouble in NOTICED,
        contents=in_parts.named([row.title for row in kept]),
        split=bool(whole),
        part=part,
        rest=rest,
    )


def _arrives(parcel: Parcel, moment: datetime, facts: Facts) -> tuple[bool, str]:
    """Whether a parcel went out for delivery today, and when it should arrive, in words."""
    zone = ZoneInfo(facts.shop.timezone)
    today, loaded = moment.astimezone(zone).date(), parcel.out_for_delivery_at
    if parcel.state == "out_for_delivery" and loaded and loaded.astimezone(zone).date() == today:
        return True, _("today")
    first: date | None = parcel.expected_from
    last: date | None = parcel.expected_to or first
    # A day that has passed is no estimate any more.
    if first is None or last is None or last < today:
        return False, ""
    return False, show_range(max(first, today), last, facts.locale)


def _guide(
    session: Session,
    facts: Facts,
    item: Item | None,
    lead: OrderLine | None,
    lines: list[OrderLine],
    products: dict[int, Product],
) -> guides.ShownGuide | None:
    if facts.kind.guide is None:
        return None
    # The order's first line leads: its product's guide before the others'.
    product = products.get((lead.product_shopify_id if lead else None) or 0)
    first = product.product_type if product else ""
    about = guides.subjects([*([product] if product else []), *products.values()])
    brand = shops.brand(facts.shop)
    return extras.guide(
        session,
        facts,
        about,
        {
            "shop": {
                "name": brand.name,
                "support_email": brand.support_email or None,
                "support_phone": brand.support_phone or None,
                "support_hours": brand.support_hours or None,
            },
            "customer": {"name": _name(facts, _place(facts)).called},
            "order": {"name": facts.order.name if facts.order else ""},
            "product": {"title": item.title if item else None, "type": first or None},
            "delivery": {"ships": "true" if mirror.needs_shipping(lines) else None},
        },
    )


def _run_out(session: Session, facts: Facts) -> str:
    if "run_out" not in facts.kind.needs or facts.order is None or facts.line is None:
        return ""
    day = replenishment.run_out(session, facts.order.id, facts.line)
    return show_date(day, facts.locale, weekday=False) if day else ""
