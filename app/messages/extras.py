"""What a mail may offer besides its order: products that fit, the shop's own texts, a code, and
what rooms above know of its reader."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.money import Money, show_money
from app.core.runtime import runtime
from app.discounts import queries as discounts
from app.guides import queries as guides
from app.messages import mail_links
from app.messages.facts import TEST, Facts
from app.messages.names import shorten
from app.mirror import queries as mirror
from app.mirror import subscriptions
from app.mirror.model import OrderLine, Product
from app.recommendations import queries as recommendations
from app.surveys import queries as surveys

#: The brief: two alternatives beside a reorder; elsewhere three fit on a phone.
MOST = {"alternative": 2}
FEW = 3
#: Beside the guide of one product a mail names those of so many others.
MOST_GUIDES = 3
#: A product's name in a subject: the rest of the thirty full-width characters is the sentence's.
SHORT = 10
SOUTH = frozenset({"AU", "NZ", "ZA", "AR", "CL", "UY", "BR"})
SEASONS = ("winter", "spring", "summer", "autumn")


class Reading(NamedTuple):
    """A page with the guide of a product."""

    title: str
    url: str


@dataclass(frozen=True)
class Suggested:
    """A product as a mail suggests it, with the reason."""

    title: str
    short: str
    price: str
    image_url: str
    url: str
    reason: str


@dataclass(frozen=True)
class Coupon:
    """A code of the shop's; `percent` less, `off` as it is written."""

    code: str
    percent: int

    @property
    def off(self) -> str:
        """`10%`."""
        return f"{self.percent}%"


@dataclass(frozen=True)
class Points:
    """A member's points, and how many are missing to the next reward (empty when there is none)."""

    balance: int
    missing: int = 0
    reward: str = ""
    tier: str = ""


@dataclass(frozen=True)
class Proof:
    """What all published reviews say together; `rewarded` when any writer got something for it."""

    mean: str
    count: int
    rewarded: bool


def collect(session: Session, facts: Facts, known: Mapping[str, Any]) -> dict[str, Any]:
    """These fields of a mail, by name. `known` is what `given` found."""
    first, years = since(session, facts)
    chosen = facts.settings
    return {
        "suggestions": suggestions(session, facts),
        "contact": chosen.contact_person,
        "coupon": coupon(session, facts),
        "points": known.get("points"),
        "known": known,
        "season": season(session, facts),
        "since": first,
        "years": years,
        "subscription": subscription(session, facts),
        "months": months_owned(session, facts),
        "survey": survey(session, facts),
    }


def coupon(session: Session, facts: Facts) -> Coupon | None:
    """The shop's own code; none while it would give this reader again, or better, a price that
    they were told had ended (rules.md TM-2, TM-3)."""
    chosen, customer = facts.settings, facts.customer
    if not chosen.coupon_code:
        return None
    cooling = discounts.cooling(
        session,
        customer_id=customer.id if customer else None,
        email=(customer.email if customer else None)
        or (facts.order.email if facts.order else None),
        percent=chosen.coupon_percent,
    )
    return None if cooling else Coupon(chosen.coupon_code, chosen.coupon_percent)


def coupon_words(found: Coupon | None) -> dict[str, Any]:
    """A code as a merchant's text may name it."""
    return {"code": found and found.code, "percent": found and found.percent}


def points_words(found: Points | None) -> dict[str, Any]:
    """A member's points as a merchant's text may name them."""
    names = ("points", "missing", "reward", "tier")
    values = (found.balance, found.missing, found.reward, found.tier) if found else (None,) * 4
    return dict(zip(names, values, strict=True))


def survey(session: Session, facts: Facts) -> surveys.Wording | None:
    """The question that the kind asks, unless the merchant has put it away; it is about an order,
    and only a test asks without one."""
    if not facts.kind.asks or (facts.order is None and facts.message_class != TEST):
        return None
    return surveys.mailed(session, facts.kind.asks, facts.locale)


def suggestions(session: Session, facts: Facts) -> list[Suggested]:
    """Products for the purpose the kind names; none when none is known to fit."""
    purpose = facts.kind.suggests
    return suggested(session, facts, purpose, MOST.get(purpose, FEW)) if purpose else []


def suggested(
    session: Session, facts: Facts, purpose: recommendations.Purpose, limit: int
) -> list[Suggested]:
    """At most `limit` products for a purpose, with the reasons."""
    found = recommendations.suggest(
        session,
        order_id=facts.order.id if facts.order else None,
        customer_id=facts.customer.id if facts.customer else None,
        product_shopify_id=facts.line.product_shopify_id if facts.line else None,
        purpose=purpose,
        limit=limit,
    )
    return [
        Suggested(
            title=one.title,
            short=shorten(one.title, SHORT),
            price=show_money(Money(one.price_minor, one.currency), facts.locale),
            image_url=one.image_url or "",
            url=one.url,
            reason=recommendations.reason_text(one.reason_code),
        )
        for one in found
    ]


def guide(
    session: Session, facts: Facts, about: Iterable[guides.Subject], values: Mapping[str, Any]
) -> guides.ShownGuide | None:
    """The shop's text on the kind's topic, for the first of these products that has one."""
    topic = facts.kind.guide
    found = guides.text_for(session, topic, about, facts.locale) if topic else None
    return guides.show(found, values) if found else None


def more_guides(
    session: Session,
    facts: Facts,
    lead: OrderLine | None,
    products: Mapping[int, Product],
    *,
    acts: bool,
) -> list[Reading]:
    """Where the guides of the order's other products are read; a test's links lead to the shop."""
    number = (lead.product_shopify_id if lead else None) or 0
    bought = sorted(products.values(), key=lambda one: one.shopify_id != number)
    shop, made = facts.shop, []
    for one in _with_guides(session, facts, bought):
        about = {"product": one.shopify_id, "lang": facts.locale}
        own = acts and facts.message_class != TEST
        url = mail_links.signed(session, shop.shop_id, "guide", about) if own else None
        made.append(Reading(one.title, url or shop.storefront_url))
    return made


def _with_guides(session: Session, facts: Facts, bought: Sequence[Product]) -> list[Product]:
    """The products of an order whose own guide is not the one that the mail shows, as far as a page
    can show theirs: a few."""
    topic = facts.kind.guide
    if topic not in guides.READING or len(bought) < 2:
        return []
    texts = guides.own_texts(session, topic, guides.subjects(bought), facts.locale)
    written = [(text, one) for text, one in zip(texts, bought, strict=True) if text]
    return [one for text, one in written if text is not written[0][0]][:MOST_GUIDES]


def given(session: Session, facts: Facts) -> Mapping[str, Any]:
    """What rooms above know of the reader, by the wiring's names; what nobody knows is missing.
    A test shows nobody's."""
    if facts.message_class == TEST:
        return {}
    return _Given(session, facts.customer.id if facts.customer else None)


class _Given(Mapping[str, Any]):
    """Asks a room when its part is looked at, and once: most mails show none of them."""

    def __init__(self, session: Session, customer_id: int | None) -> None:
        self._session, self._customer_id = session, customer_id
        self._givers: Mapping[str, Any] = runtime().table("MAIL_PARTS")
        self._told: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._told:
            self._told[name] = self._givers[name](self._session, self._customer_id)
        return self._told[name]

    def get(self, name: str, default: Any = None) -> Any:
        """A room's own mistakes are no missing part: they are raised."""
        return self[name] if name in self._givers else default

    def __iter__(self) -> Iterator[str]:
        return iter(self._givers)

    def __len__(self) -> int:
        return len(self._givers)


def season(session: Session, facts: Facts) -> str:
    """`spring`, `summer`, `autumn` or `winter` where the reader lives, by the month."""
    place = (facts.order.shipping_address if facts.order else None) or {}
    country = place.get("country_code") or (facts.customer.country if facts.customer else None)
    quarter = _today(session, facts).month % 12 // 3
    south = (country or facts.shop.country) in SOUTH
    return SEASONS[(quarter + (2 if south else 0)) % 4]


def months_owned(session: Session, facts: Facts) -> int:
    """For how many months, about, the reader has had what the message is about."""
    if facts.order is None or facts.line is None:
        return 0
    return round((now(session) - facts.order.placed_at).days / 30.44)


def since(session: Session, facts: Facts) -> tuple[str, int]:
    """The day of the first order in words, and how many full years ago that was; empty where the
    message has an order of its own to speak of."""
    if "order" in facts.kind.needs or facts.customer is None:
        return "", 0
    orders = mirror.orders_of(session, facts.customer.id)
    if not orders:
        return "", 0
    return _full_years(session, facts, orders[0].placed_at)


def subscription(session: Session, facts: Facts) -> tuple[str, int]:
    """The day on which the reader subscribed to what the message is about, in words, and how many
    full years ago that was; empty where it asks for none, and where it does not run any more."""
    if "subscription" not in facts.kind.needs or facts.line is None or facts.customer is None:
        return "", 0
    found = subscriptions.of_product(session, facts.customer.id, facts.line.product_shopify_id)
    if found is None or not found.runs(now(session)):
        return "", 0
    return _full_years(session, facts, found.since)


def _full_years(session: Session, facts: Facts, since: datetime) -> tuple[str, int]:
    first = since.astimezone(ZoneInfo(facts.zone)).date()
    today = _today(session, facts)
    years = today.year - first.year - ((today.month, today.day) < (first.month, first.day))
    return format_date(first, "long", locale=facts.locale), years


def _today(session: Session, facts: Facts) -> date:
    return now(session).astimezone(ZoneInfo(facts.zone)).date()
