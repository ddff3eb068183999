"""What stands around the parcels: the goods, the guide, the story of how they are made, and what
goes well with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.consent import queries as consent
from app.core.clock import now
from app.core.money import Money
from app.core.together import Rows
from app.guides import queries as guides
from app.guides.queries import Guide, ShownGuide
from app.mirror import queries as mirror
from app.mirror.model import Order, OrderLine, Variant
from app.recommendations import queries as recommendations
from app.recommendations.queries import Suggestion
from app.shops.model import Shop
from app.shops.service import settings_of, shop
from app.tracking import rules

#: In these states nobody is sold anything: first it is put right.
TROUBLE = frozenset({"exception", "attempted", "returned"})
#: From this many days after the order on, who waits gets the story told, too.
STORY_FROM_DAY = 1
#: What is told to who waits, in this order; the shop writes both, or neither.
TOLD = ("story", "brand")


@dataclass(frozen=True)
class Item:
    """One line of goods as a shopper recognises it."""

    title: str
    variant: str
    image_url: str | None
    quantity: int
    price: Money


@dataclass(frozen=True)
class Tale:
    """What is told today: chapter `number` of `count`, and what was told before it. `more` says
    that another one follows tomorrow."""

    today: ShownGuide
    number: int
    count: int
    before: tuple[ShownGuide, ...]
    more: bool


@dataclass(frozen=True)
class Beside:
    """What a page shows beside the parcels."""

    guide: ShownGuide | None = None
    story: Tale | None = None
    suggestions: tuple[Suggestion, ...] = ()


class Shown(Protocol):
    """As much of a shown parcel as matters here."""

    @property
    def state(self) -> str: ...
    @property
    def late(self) -> bool: ...
    @property
    def missing(self) -> str | None: ...


class Goods:
    """An order's lines with their pictures, and which of them left in which fulfillment."""

    def __init__(self, order: Order, bought: mirror.Bought, variants: Iterable[Variant]) -> None:
        lines, self.products = bought
        self.order = order
        self.lines = {line.shopify_id: line for line in lines if line.current_quantity > 0}
        # What goes back was in its parcel all the same.
        gone = {line.shopify_id: line for line in lines if line.returned_quantity > 0}
        self.inside = gone | self.lines
        self.variants = {variant.shopify_id: variant for variant in variants}
        self.sent: dict[int, int] = {}

    def of(self, contents: list[dict[str, int]]) -> list[Item]:
        """The goods of one fulfillment; remembers that they left."""
        items = []
        for part in contents:
            line = self.inside.get(part["line_shopify_id"])
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

    def to_ship(self) -> int:
        """How many pieces of what goes by parcel are still with the shop."""
        return sum(
            max(line.current_quantity - self.sent.get(number, 0), 0)
            for number, line in self.lines.items()
            if line.requires_shipping
        )

    def item(self, line: OrderLine, quantity: int) -> Item:
        variant = self.variants.get(line.variant_shopify_id or 0)
        product = self.products.get(line.product_shopify_id or 0)
        image = (variant and variant.image_url) or (product and product.image_url) or None
        price = Money(line.price_minor, self.order.currency) * quantity
        return Item(line.title, line.variant_title, image, quantity, price)


def beside(
    session: Session,
    order: Order,
    goods: Goods,
    sent: Sequence[Shown],
    phase: str,
    language: str,
    left: datetime | None = None,
    *,
    held: bool,
    had: Rows,
) -> Beside:
    """While it is packed: the guide, and how it is made once a day has passed. From the day that
    the first parcel `left` on: each day another chapter. When it is there: the guide. What goes
    with it only where nothing is wrong, and nothing that sells is `held` back; `had` is what the
    buyer has already (`recommendations.sources.HAD`)."""
    if phase in ("cancelled", "unpaid") or not goods.lines:
        return Beside()
    arrived = bool(sent) and all(parcel.state == "delivered" for parcel in sent)
    waited = (now(session) - order.placed_at).days >= STORY_FROM_DAY
    tells = phase != "digital" and not arrived and (waited or left is not None)
    sells = not held and not _in_trouble(sent)
    return Beside(
        guide=_text(session, "start", order, goods, language),
        story=_tale(session, order, goods, language, left) if tells else None,
        suggestions=tuple(
            recommendations.suggest(
                session, order_id=order.id, purpose="complement", limit=2, had=had
            )
            if sells
            else ()
        ),
    )


def line_of(session: Session, home: Shop, order: Order) -> str | None:
    """How this order's news and LINE stand: `offered` where the account is connected and the buyer
    is known, so that one tap leads it there; `linked` where that was done; None elsewhere."""
    chosen = settings_of(home)
    if not chosen.line_linking or not chosen.line_url or order.customer_id is None:
        return None
    return "linked" if "line" in consent.addresses(session, order.customer_id) else "offered"


def _in_trouble(sent: Sequence[Shown]) -> bool:
    return any(one.state in TROUBLE or one.late or one.missing for one in sent)


def _tale(
    session: Session, order: Order, goods: Goods, language: str, left: datetime | None
) -> Tale | None:
    """The chapters of the product's story, then of the shop's own; before it left, the first."""
    told = (_text(session, topic, order, goods, language) for topic in TOLD)
    chapters = tuple(part for one in told if one for part in one.chapters)
    if not chapters:
        return None
    zone = ZoneInfo(shop(session).timezone)
    today = now(session).astimezone(zone).date()
    days = (today - left.astimezone(zone).date()).days if left else 0
    number = rules.chapter(len(chapters), days)
    return Tale(
        today=chapters[number],
        number=number + 1,
        count=len(chapters),
        before=chapters[:number],
        more=left is not None and number + 1 < len(chapters),
    )


def _text(
    session: Session, topic: str, order: Order, goods: Goods, language: str
) -> ShownGuide | None:
    """The shop's text on what was bought."""
    products = [goods.products.get(line.product_shopify_id or 0) for line in goods.lines.values()]
    found = guides.text_for(session, topic, guides.subjects(p for p in products if p), language)
    return _show(session, found, order, goods) if found else None


def _show(session: Session, guide: Guide, order: Order, goods: Goods) -> ShownGuide:
    home = shop(session)
    first, known = next(iter(goods.lines.values())), settings_of(home)
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
