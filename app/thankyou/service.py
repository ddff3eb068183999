"""Someone looks at a thank-you page: remember the visit, decide once about an offer, and tie both
to the order when it comes and to the order that the offer brings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.locale import choose_locale
from app.core.money import Money
from app.discounts import queries as discounts
from app.discounts.events import CodeRemoved
from app.discounts.rules import GRACE
from app.discounts.service import campaign_of, take_code
from app.journal.service import record
from app.mirror import queries as mirror
from app.mirror.events import OrderEnriched, OrderPlaced
from app.mirror.model import Order, Product, Variant
from app.shopify.permalinks import cart_permalink
from app.shops import service as shops
from app.shops.model import Shop
from app.shops.settings import OfferSettings
from app.thankyou import queries, rules
from app.thankyou.api import Asked
from app.thankyou.events import OfferAccepted, OfferEnded, OfferShown
from app.thankyou.model import OfferGrant, ThankYouVisit

#: The cart attribute that carries an offer's word through the checkout.
REF = "okaeri_ref"


@dataclass(frozen=True)
class Seen:
    """A page that someone looks at: everything its answer is drawn from. `grant` is None while it
    is too early to decide about an offer."""

    visit: ThankYouVisit
    order: Order | None
    grant: OfferGrant | None


@dataclass(frozen=True)
class _Goods:
    """What the offer is about, as it stands in the store now."""

    product: Product
    variant: Variant


def see(session: Session, asked: Asked, customer_shopify_id: int | None) -> Seen:
    """Note that a checkout's thank-you page is looked at. The first time it can be decided, the
    offer is: for this order, for good, whatever is reloaded or opened elsewhere."""
    order = mirror.order_by_checkout_token(session, asked.checkout_token)
    visit = _visit(session, asked)
    if order is not None:
        _join(session, visit, order)
    grant = queries.grant_of_checkout(session, asked.checkout_token)
    if grant is None:
        grant = _decide(session, asked, visit, order, customer_shopify_id)
    return Seen(visit, order, grant)


def _visit(session: Session, asked: Asked) -> ThankYouVisit:
    """The checkout's row, locked: two tabs of one checkout decide one after the other."""
    shop = shops.shop(session)
    session.execute(
        insert(ThankYouVisit)
        .values(
            shop_id=shop.shop_id,
            checkout_token=asked.checkout_token,
            order_shopify_id=_number(asked.order_gid),
            locale=choose_locale(asked.locale, shop.locale),
            first_seen_at=now(session),
        )
        .on_conflict_do_nothing()
    )
    return session.scalars(
        select(ThankYouVisit)
        .where(ThankYouVisit.checkout_token == asked.checkout_token)
        .with_for_update()
    ).one()


def _number(gid: str | None) -> int | None:
    """The number in an order's id; it is a hint only, so nonsense is no error."""
    tail = (gid or "").rsplit("/", 1)[-1].split("?", 1)[0]
    return int(tail) if tail.isascii() and tail.isdigit() and len(tail) < 19 else None


def _decide(
    session: Session,
    asked: Asked,
    visit: ThankYouVisit,
    order: Order | None,
    customer_shopify_id: int | None,
) -> OfferGrant | None:
    buyer_id, buyer_known = _buyer(session, visit, order, customer_shopify_id)
    if not rules.may_decide(now(session), visit.first_seen_at, buyer_known=buyer_known):
        return None
    shop = shops.shop(session)
    offer = shops.settings_of(shop).offer
    goods = _goods(session, offer)
    facts = rules.OfferFacts(
        active=shops.is_active(shop),
        configured=bool(campaign_of(offer)),
        cancelled=order is not None and order.cancelled_at is not None,
        product_known=goods is not None,
        available=goods is not None and _available(goods.variant),
        bought_here=goods is not None and _bought(session, asked, order, goods),
        last_offer_at=queries.last_offer_at(session, buyer_id, visit.checkout_token),
        now=now(session),
    )
    reason = rules.refusal(facts)
    if reason is None and goods is not None:
        return _grant(session, asked, visit, order, shop, offer, goods)
    return _refuse(session, visit, reason)


def _buyer(
    session: Session, visit: ThankYouVisit, order: Order | None, customer_shopify_id: int | None
) -> tuple[int | None, bool]:
    """Who bought (our id, None for a guest without a customer), and whether we know that: by the
    order, by the order the page names, or because the shopper is logged in."""
    if order is None and visit.order_shopify_id is not None:
        order = mirror.order_by_shopify_id(session, visit.order_shopify_id)
    if order is not None:
        return order.customer_id, True
    if customer_shopify_id is None:
        return None, False
    customer = mirror.customer_by_shopify_id(session, customer_shopify_id)
    return (customer.id if customer else None), customer is not None


def _goods(session: Session, offer: OfferSettings) -> _Goods | None:
    if offer.variant_shopify_id is None:
        return None
    variant = mirror.variant(session, offer.variant_shopify_id)
    if variant is None:
        return None
    product = session.get_one(Product, (variant.shop_id, variant.product_id))
    if product.deleted_at is not None or product.status != "active":
        return None
    return _Goods(product, variant)


def _available(variant: Variant) -> bool:
    return variant.available and (variant.inventory is None or variant.inventory > 0)


def _bought(session: Session, asked: Asked, order: Order | None, goods: _Goods) -> bool:
    """Whether the product is in this very order, by what the page says and by what we know."""
    named = {_number(line.product_id) for line in asked.lines}
    if order is not None:
        named |= {line.product_shopify_id for line in mirror.order_lines(session, order.id)}
    return goods.product.shopify_id in named


def _refuse(session: Session, visit: ThankYouVisit, reason: str | None) -> OfferGrant:
    grant = OfferGrant(
        shop_id=visit.shop_id,
        checkout_token=visit.checkout_token,
        reason=reason,
        terms={},
        shown_at=now(session),
    )
    session.add(grant)
    session.flush()
    return grant


def _grant(
    session: Session,
    asked: Asked,
    visit: ThankYouVisit,
    order: Order | None,
    shop: Shop,
    offer: OfferSettings,
    goods: _Goods,
) -> OfferGrant:
    timer = rules.shows_timer(_country(asked, order), shop.country)
    until = rules.deadline(now(session), offer.minutes, timer=timer)
    code = take_code(session, campaign_of(offer), remove_at=until + GRACE)
    if code is None:
        return _refuse(session, visit, "no_codes")
    grant = OfferGrant(
        shop_id=visit.shop_id,
        checkout_token=visit.checkout_token,
        variant_shopify_id=goods.variant.shopify_id,
        code_id=code.id,
        terms=_terms(shop, offer, goods, timer=timer, zone=asked.timezone),
        shown_at=now(session),
        deadline=until,
    )
    session.add(grant)
    session.flush()
    if order is not None:
        _announce(session, grant, order)
    return grant


def _country(asked: Asked, order: Order | None) -> str | None:
    address = (order.shipping_address if order else None) or {}
    return address.get("country_code") or asked.country


def _terms(
    shop: Shop, offer: OfferSettings, goods: _Goods, *, timer: bool, zone: str | None
) -> dict[str, Any]:
    """What is shown, kept as evidence: the price it is compared with is the store's own, now
    (rules.md TM-8)."""
    was = Money(goods.variant.price_minor, shop.currency)
    variant = goods.variant.title
    plain = not variant or variant == "Default Title"
    return {
        "title": goods.product.title if plain else f"{goods.product.title} / {variant}",
        "image_url": goods.variant.image_url or goods.product.image_url,
        "was_minor": was.minor,
        "price_minor": was.less_percent(offer.percent).minor,
        "currency": shop.currency,
        "percent": offer.percent,
        "minutes": offer.minutes,
        "timer": timer,
        "zone": zone,
    }


@dataclass(frozen=True)
class OfferDoor:
    """Where an offer's link leads: to the checkout, or to a page that says why not (`closed`:
    `over`, `used` or `sold_out`)."""

    locale: str
    checkout_url: str | None
    closed: str | None
    order: Order | None


def offer_door(session: Session, grant_id: int) -> OfferDoor:
    """Where an offer's link leads now; changes nothing. No address goes into the checkout's URL:
    whoever has the link may open it."""
    shop = shops.shop(session)
    grant = queries.grant(session, grant_id)
    visit = queries.visit_of(session, grant.checkout_token)
    order = mirror.order(session, visit.order_id) if visit and visit.order_id else None
    locale = visit.locale if visit else choose_locale(shop.locale)
    code = discounts.code(session, grant.code_id or 0)
    variant = mirror.variant(session, grant.variant_shopify_id or 0)
    closed = rules.closed(
        grant.deadline,
        now(session),
        used=grant.accepted_order_id is not None,
        available=variant is not None and _available(variant),
    )
    if closed is not None or code is None or variant is None:
        return OfferDoor(locale, None, closed or "over", order)
    url = cart_permalink(
        shop.storefront_url,
        [(variant.shopify_id, 1)],
        discount=code.code,
        attributes={REF: rules.ref_of(grant.id)},
        ref="okaeri",
    )
    return OfferDoor(locale, url, None, order)


# --- what comes later ---------------------------------------------------------------------------


def on_order_enriched(session: Session, event: OrderEnriched) -> None:
    """The order's checkout is known now: tie the visit to it."""
    if not event.checkout_token or event.order_id is None:
        return
    visit = session.scalars(
        select(ThankYouVisit)
        .where(ThankYouVisit.checkout_token == event.checkout_token)
        .with_for_update()
    ).one_or_none()
    if visit is not None:
        _join(session, visit, mirror.order(session, event.order_id))


def _join(session: Session, visit: ThankYouVisit, order: Order) -> None:
    """Tie a visit to its order, once; an offer made before then is announced now."""
    if visit.order_id is not None:
        return
    visit.order_id, visit.order_shopify_id = order.id, order.shopify_id
    session.flush()
    grant = queries.grant_of_checkout(session, visit.checkout_token)
    if grant is not None and grant.deadline is not None:
        _announce(session, grant, order)


def _announce(session: Session, grant: OfferGrant, order: Order) -> None:
    record(
        session,
        OfferShown(
            occurred_at=grant.shown_at,
            order_id=order.id,
            customer_id=order.customer_id,
            checkout_token=grant.checkout_token,
            grant_id=grant.id,
        ),
    )


def on_order_placed(session: Session, event: OrderPlaced) -> None:
    """An order that carries an offer's code or word was brought by it."""
    order = mirror.order(session, event.order_id or 0)
    ids = discounts.ids_of(session, order.discount_codes)
    brought = {grant.id: grant for grant in queries.grants_of_codes(session, ids)}
    named = rules.grant_of(order.note_attributes.get(REF))
    if named is not None and named not in brought:
        by_word = session.get(OfferGrant, (order.shop_id, named))
        if by_word is not None and by_word.deadline is not None:
            brought[named] = by_word
    for grant in brought.values():
        _accept(session, grant, order)


def _accept(session: Session, grant: OfferGrant, order: Order) -> None:
    if grant.accepted_order_id is not None or grant.checkout_token == order.checkout_token:
        return
    grant.accepted_order_id = order.id
    original = _original(session, grant)
    record(
        session,
        OfferAccepted(
            occurred_at=order.placed_at,
            order_id=original,
            customer_id=order.customer_id,
            checkout_token=grant.checkout_token,
            grant_id=grant.id,
            new_order_id=order.id,
        ),
    )


def on_code_removed(session: Session, event: CodeRemoved) -> None:
    """The code of an offer is gone: say so if nobody had taken it up."""
    for grant in queries.grants_of_codes(session, [event.code_id]):
        if grant.accepted_order_id is None:
            record(
                session,
                OfferEnded(
                    occurred_at=_over_since(grant, event.occurred_at),
                    order_id=_original(session, grant),
                    checkout_token=grant.checkout_token,
                    grant_id=grant.id,
                ),
            )


def _over_since(grant: OfferGrant, removed_at: datetime) -> datetime:
    return min(grant.deadline or removed_at, removed_at)


def _original(session: Session, grant: OfferGrant) -> int | None:
    visit = queries.visit_of(session, grant.checkout_token)
    return visit.order_id if visit else None
