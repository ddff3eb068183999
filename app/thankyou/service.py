"""Someone looks at a thank-you page: remember the visit, decide once about an offer, and tie both
to the order when it comes and to the order that the offer brings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from app.core.clock import now
from app.core.db import table_of
from app.core.locale import choose_locale
from app.discounts import queries as discounts
from app.discounts.events import CodeRemoved
from app.experiments import queries as experiments
from app.journal.service import record
from app.mirror import queries as mirror
from app.mirror.events import OrderEnriched, OrderPlaced
from app.mirror.model import Customer, Order
from app.shopify.permalinks import cart_permalink, filled_in
from app.shops import service as shops
from app.thankyou import arrangement, context, queries, rules
from app.thankyou.api import Asked
from app.thankyou.context import Context
from app.thankyou.events import OfferAccepted, OfferEnded, OfferShown
from app.thankyou.model import OfferGrant, ThankYouVisit
from app.thankyou.offers import choosing, goods

#: The cart attribute that carries an offer's word through the checkout.
REF = "okaeri_ref"
#: A shop's customers do not open more thank-you pages in ten minutes before their orders reach us.
MOST_STRANGERS = 500
#: An order that Shopify did not tell us of until then belongs to no page that we remember.
AWAITED = timedelta(days=30)
#: For how long who follows an offer's link is taken for the buyer who has just been shown it.
AT_HAND = timedelta(hours=1)


@dataclass(frozen=True)
class Seen:
    """A page that someone looks at: everything its answer is drawn from. `grant` is None while it
    is too early to decide about an offer; `parts` is what stands below the timeline, in order;
    `context` what is known of the order."""

    visit: ThankYouVisit | None
    order: Order | None
    grant: OfferGrant | None
    parts: tuple[str, ...]
    context: Context | None

    @property
    def settled(self) -> bool:
        """Whether looking again changes nothing."""
        joined = self.visit is not None and self.visit.order_id is not None
        return joined and (self.grant is not None or "offer" not in self.parts)


def see(session: Session, asked: Asked, customer_shopify_id: int | None = None) -> Seen:
    """Note that a checkout's thank-you page is looked at. The first time it can be decided, the
    offer is: for this order, for good, whatever is reloaded or opened elsewhere."""
    token = asked.checkout_token
    if asked.surface == "order_status" or token is None:
        return _see_again(session, asked, customer_shopify_id)
    looked = queries.looked_at(session, token)
    joins = looked.order is not None and looked.order.cancelled_at is None
    seen = _seen(session, looked, joins=joins)
    return seen if seen.settled else _settle(session, asked, token, seen)


def _seen(session: Session, looked: queries.Looked, *, joins: bool) -> Seen:
    visit, order, customer, grant = looked
    known = context.load(session, order, customer) if order else None
    place = known.place if known else experiments.place(session, context.PAGE, None)
    parts = arrangement.parts(session, place, order, grant, joins=joins)
    return Seen(visit, order, grant, parts, known)


def anew(session: Session, seen: Seen) -> Seen:
    """The same page after something was told there."""
    known = seen.context
    if known is None:
        return seen
    return replace(seen, context=context.load(session, known.order, known.customer))


def _settle(session: Session, asked: Asked, token: str, seen: Seen) -> Seen:
    """What is done once a checkout: its row, its order, its offer."""
    order, parts = seen.order, seen.parts
    if seen.visit is None and order is None and queries.strangers(session, MOST_STRANGERS):
        # Too many checkouts were named lately of which no order is known: nothing is kept of
        # another one until its order is.
        return seen
    visit, grant = _first_visit(session, asked, token, seen), None
    if visit is None:
        # Another tab may have decided while this one waited for the row.
        visit, grant = _locked(session, token), queries.grant_of_checkout(session, token)
        if order is not None:
            _join(session, visit, order, grant)
    if grant is None and seen.context is not None and "offer" in parts:
        grant = _decide(session, asked, visit, seen.context)
    return replace(seen, visit=visit, grant=grant)


def _see_again(session: Session, asked: Asked, customer_shopify_id: int | None) -> Seen:
    """The order status page: what was decided on the thank-you page still holds, and nothing is
    decided anew. An order's number can be guessed, so without its checkout's token an order is
    shown to its own customer only (rules.md PV-6)."""
    token = asked.checkout_token
    looked = queries.looked_at(session, token) if token else queries.Looked(None, None, None, None)
    if looked.order is None:
        order = _own_order(session, asked, customer_shopify_id)
        token = order.checkout_token if order else None
        looked = queries.looked_at(session, token) if token else looked
        looked = looked._replace(
            order=order, customer=mirror.customer(session, order.customer_id) if order else None
        )
    return _seen(session, looked, joins=False)


def _own_order(session: Session, asked: Asked, customer_shopify_id: int | None) -> Order | None:
    number = _number(asked.order_gid)
    if number is None or customer_shopify_id is None:
        return None
    order = mirror.order_by_shopify_id(session, number)
    customer = mirror.customer_by_shopify_id(session, customer_shopify_id)
    mine = order is not None and customer is not None and order.customer_id == customer.id
    return order if mine else None


def _first_visit(session: Session, asked: Asked, token: str, seen: Seen) -> ThankYouVisit | None:
    """The row of a checkout that is seen for the first time, tied to its order if that is known:
    until the commit it is nobody else's, and nothing was decided before. None where there is a row
    already."""
    if seen.visit is not None:
        return None
    order, shop = seen.order, shops.shop(session)
    values = {
        "shop_id": shop.shop_id,
        "checkout_token": token,
        "order_id": order.id if order else None,
        "order_shopify_id": order.shopify_id if order else _number(asked.order_gid),
        "locale": choose_locale(asked.locale, shop.locale),
        "first_seen_at": now(session),
    }
    given = {f"its_{name}": value for name, value in values.items()}
    return session.scalars(_visiting(), given).one_or_none()


@cache
def _visiting() -> ReturningInsert[ThankYouVisit]:
    """A checkout's row, unless there is one. Built once: putting it together takes longer than the
    database with it."""
    names = ("shop_id", "checkout_token", "order_id", "order_shopify_id", "locale", "first_seen_at")
    columns = table_of(ThankYouVisit).c
    row = {name: bindparam(f"its_{name}", type_=columns[name].type) for name in names}
    return insert(ThankYouVisit).values(row).on_conflict_do_nothing().returning(ThankYouVisit)


def _locked(session: Session, token: str) -> ThankYouVisit:
    """A checkout's row, locked: two tabs of one checkout decide one after the other."""
    return session.scalars(
        select(ThankYouVisit)
        .where(ThankYouVisit.checkout_token == token)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _number(gid: str | None) -> int | None:
    """The number in an order's id; it is a hint only, so nonsense is no error."""
    tail = (gid or "").rsplit("/", 1)[-1].split("?", 1)[0]
    return int(tail) if tail.isascii() and tail.isdigit() and len(tail) < 19 else None


def _decide(
    session: Session, asked: Asked, visit: ThankYouVisit, known: Context
) -> OfferGrant | None:
    """An offer for an order: by then it is known who bought, and invented checkouts get nothing."""
    asker = _asker(asked, visit, known)
    grant = choosing.decide(session, visit.checkout_token, asker, 1)
    if grant is not None and grant.deadline is not None:
        _announce(session, grant, known.order)
    return grant


def _asker(
    asked: Asked, visit: ThankYouVisit, known: Context, before: frozenset[int] = frozenset()
) -> choosing.Asker:
    named = (_number(line.product_id) for line in asked.lines)
    return choosing.Asker(
        order=known.order,
        customer=known.customer,
        bought=known.bought,
        named=frozenset(number for number in named if number is not None),
        country=asked.country,
        zone=asked.timezone,
        first_seen_at=visit.first_seen_at,
        before=before,
    )


def decline(session: Session, asked: Asked, customer_shopify_id: int | None = None) -> Seen:
    """The shopper says no to the offer that is open. After the first there may be one more, never
    the same product; after that there is silence."""
    seen = see(session, asked, customer_shopify_id)
    grant = seen.grant
    if grant is None or seen.context is None or seen.visit is None:
        return seen
    state = rules.offer_state(
        grant.deadline, grant.accepted_order_id, grant.declined_at, now(session)
    )
    if state != "open":
        return seen
    grant.declined_at = now(session)
    if grant.step > 1:
        return seen
    before = frozenset(grant.terms.get("products", ()))
    asker = _asker(asked, seen.visit, seen.context, before)
    second = choosing.decide(session, seen.visit.checkout_token, asker, 2)
    if second is None:
        return seen
    _announce(session, second, seen.context.order)
    return replace(seen, grant=second)


@dataclass(frozen=True)
class OfferDoor:
    """Where an offer's link leads: to the checkout, or to a page that says why not (`closed`:
    `over`, `used` or `sold_out`). `variants` are what it sells."""

    locale: str
    checkout_url: str | None
    closed: str | None
    order: Order | None
    variants: tuple[int, ...] = ()


def offer_door(session: Session, grant_id: int, *, tapped: bool = False) -> OfferDoor:
    """Where an offer's link leads now; changes nothing. The checkout is filled in as the order was
    where the link was `tapped` on a page while the thank-you page is at hand: that is its buyer.
    Whoever opens it otherwise learns no address."""
    shop = shops.shop(session)
    grant = queries.grant(session, grant_id)
    visit = queries.visit_of(session, grant.checkout_token)
    order = mirror.order(session, visit.order_id) if visit and visit.order_id else None
    locale = visit.locale if visit else choose_locale(shop.locale)
    code = discounts.code(session, grant.code_id or 0)
    wares = goods.of_variants(session, queries.variants_of(grant))
    closed = rules.closed(
        grant.deadline,
        now(session),
        used=grant.accepted_order_id is not None,
        available=wares is not None and wares.available,
    )
    if closed is not None or code is None or wares is None:
        return OfferDoor(locale, None, closed or "over", order)
    url = cart_permalink(
        shop.storefront_url,
        [(number, 1) for number in wares.variants],
        discount=code.code,
        attributes={REF: rules.ref_of(grant.id)},
        ref="okaeri",
        checkout=filled_in(order.email, order.shipping_address)
        if order and tapped and now(session) - grant.shown_at < AT_HAND
        else None,
    )
    return OfferDoor(locale, url, None, order, tuple(wares.variants))


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
        grant = queries.grant_of_checkout(session, visit.checkout_token)
        _join(session, visit, mirror.order(session, event.order_id), grant)


def _join(session: Session, visit: ThankYouVisit, order: Order, grant: OfferGrant | None) -> None:
    """Tie a visit to its order, once; an offer made before then is announced now."""
    if visit.order_id is not None:
        return
    visit.order_id, visit.order_shopify_id = order.id, order.shopify_id
    session.flush()
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


def prune(session: Session) -> int:
    """Forget pages whose order never came: nothing was offered there. Returns how many."""
    gone = session.execute(
        delete(ThankYouVisit)
        .where(
            ThankYouVisit.order_id.is_(None), ThankYouVisit.first_seen_at < now(session) - AWAITED
        )
        .returning(ThankYouVisit.id)
    ).all()
    return len(gone)


def _original(session: Session, grant: OfferGrant) -> int | None:
    visit = queries.visit_of(session, grant.checkout_token)
    return visit.order_id if visit else None


def export_person(session: Session, customer: Customer) -> list[dict[str, Any]]:
    """When a customer saw the thank-you page of an order, and what was offered there."""
    found = []
    for order in mirror.orders_of(session, customer.id):
        token = order.checkout_token or ""
        visit = queries.visit_of(session, token)
        if visit is not None:
            offers = queries.grants_of_checkout(session, token)
            seen = {"order": order.name, "seen_at": visit.first_seen_at}
            found.append({**seen, "offers": [offer.terms for offer in offers]})
    return found
