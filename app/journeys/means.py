"""What messages live from, for many orders at once: the shop's texts, products that go with others,
codes and links. What a message lacks when it leaves (`messages.mail.absent`) is left unsaid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.runtime import runtime
from app.guides import queries as guides
from app.messages import reasons
from app.messages.kinds import NEEDS, Kind
from app.mirror.model import Product
from app.recommendations import queries as recommendations
from app.shops.service import settings_of, shop
from app.shops.settings import ShopSettings

#: What may be missing, and what is said then. The last ones other rooms give.
ABSENT = {
    "run_out": reasons.NO_RUN_OUT,
    "guide": reasons.NO_GUIDE,
    "suggestions": reasons.NO_SUGGESTION,
    "coupon": reasons.NO_COUPON,
    "booking": reasons.NO_BOOKING,
    "course": reasons.NO_COURSE,
    "gift": reasons.NO_GIFT,
    "points": reasons.NO_POINTS,
    "feedback": reasons.NO_SURVEY,
}
#: What every order has; a line is `placing`'s question.
GIVEN = NEEDS - ABSENT.keys()


class Goods(NamedTuple):
    """A product as far as it matters for what goes with it."""

    shopify_id: int
    product_type: str
    vendor: str


class Offered(NamedTuple):
    """What a message speaks of: the products, the types whose texts it may show, its language, and
    whether it knows when what it is about runs out."""

    products: tuple[Goods, ...]
    types: tuple[str, ...]
    language: str
    run_out: bool


@dataclass(frozen=True)
class Means:
    """What the shop has, read once. `texts` are (topic, product type, language); `pairs` the
    purposes and products for which something is known to go with them."""

    settings: ShopSettings
    texts: frozenset[tuple[str, str, str]]
    pairs: recommendations.Known
    types: Mapping[str, int]
    makers: Mapping[str, int]
    parts: frozenset[str]
    #: What was asked before: people buy the same things.
    _answers: dict[Offered, dict[str, str | None]] = field(default_factory=dict)

    def guide(self, topic: str, types: Iterable[str], language: str) -> bool:
        """Whether there is a text on a topic for products of one of these types, or for all."""
        wanted = [*(one.strip().lower() for one in types), ""]
        if any((topic, one, language) in self.texts for one in wanted):
            return True
        return guides.has_default(topic, language)

    def suggests(self, purpose: str, products: Sequence[Goods]) -> bool:
        """Whether anything goes with products, whatever its price, its stock, and what this person
        had."""
        alike = any(self.types.get(one.product_type, 0) > 1 for one in products)
        same_maker = any(self.makers.get(one.vendor, 0) > 1 for one in products)
        bought = {one.shopify_id for one in products}
        learnt = {
            "complement": self.pairs.knows(bought, ("together",)),
            "next": self.pairs.knows(bought, ("next", "together")),
            "upgrade": alike,
            "alternative": alike or same_maker,
            "related": self.pairs.knows(bought, ("next", "together")) or alike or same_maker,
        }
        return bool(products) and learnt[purpose]

    def asked_about(self, offered: Offered) -> Callable[[Kind], str | None]:
        """Asks for the code of what a kind lives from and an order does not have; None when all is
        there."""
        answers = self._answers.setdefault(offered, {})

        def absent(kind: Kind) -> str | None:
            if kind.name not in answers:
                answers[kind.name] = self._absent(kind, offered)
            return answers[kind.name]

        return absent

    def _absent(self, kind: Kind, offered: Offered) -> str | None:
        settings, guide, suggests = self.settings, kind.guide, kind.suggests
        has: dict[str, Callable[[], object]] = {
            "run_out": lambda: offered.run_out,
            "guide": lambda: guide and self.guide(guide, offered.types, offered.language),
            "suggestions": lambda: suggests and self.suggests(suggests, offered.products),
            "coupon": lambda: settings.coupon_code,
            "booking": lambda: settings.booking_url,
            "course": lambda: settings.course_url,
        }
        for name, why in ABSENT.items():
            if name in kind.needs and not (has[name]() if name in has else name in self.parts):
                return why
        return None


def read(session: Session) -> Means:
    """A few statements for the whole shop."""
    products = session.execute(select(Product.product_type, Product.vendor)).all()
    return Means(
        settings=settings_of(shop(session)),
        texts=guides.written(session),
        pairs=recommendations.known(session),
        types=Counter(row.product_type for row in products if row.product_type),
        makers=Counter(row.vendor for row in products if row.vendor),
        parts=frozenset(runtime().table("MAIL_PARTS")),
    )
