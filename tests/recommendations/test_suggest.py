"""What is suggested, and what never is."""

from __future__ import annotations

from flask import Flask
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.locale import use_locale
from app.mirror.model import Product, Variant
from app.recommendations import queries
from app.recommendations.model import RecommendationPick
from tests import make
from tests.make import MadeShop

Sold = tuple[Product, Variant]


def pick(session: Session, picked: Sold, beside: Sold | None = None) -> None:
    session.add(
        RecommendationPick(
            shop_id=session.info["shop_id"],
            product_shopify_id=beside[0].shopify_id if beside else 0,
            picked_shopify_id=picked[0].shopify_id,
            created_at=now(session),
        )
    )
    session.flush()


def handles(found: list[queries.Suggestion]) -> list[tuple[int, str]]:
    return [(one.product_shopify_id, one.reason_code) for one in found]


def test_a_step_up_is_of_the_same_type_dearer_and_within_reach(app: Flask, shop: MadeShop) -> None:
    with shop.work() as session:
        bought = make.product(session, price_minor=2000)
        up = make.product(session, price_minor=3000)
        make.product(session, price_minor=2000)
        make.product(session, price_minor=3300)
        make.product(session, price_minor=3000, product_type="Mug")
        order = make.order(session, items=[bought])
        found = queries.suggest(session, order_id=order.id, purpose="upgrade")
    assert handles(found) == [(up[0].shopify_id, "step_up")]
    one = found[0]
    assert (one.variant_shopify_id, one.price_minor, one.currency) == (
        up[1].shopify_id,
        3000,
        "JPY",
    )
    assert one.url == f"https://{shop.domain}/products/hinata-blend?variant={up[1].shopify_id}"


def test_never_what_is_sold_out_gone_bought_lately_or_given_back(
    app: Flask, shop: MadeShop
) -> None:
    with shop.work() as session:
        buyer = make.customer(session)
        bought, lately, returned, sold_out, gone, fine = (make.product(session) for _ in range(6))
        make.order(session, buyer=buyer, items=[lately])
        back = make.order(session, buyer=buyer, items=[returned], age=make.timedelta(days=300))
        for line in queries.sources.mirror.order_lines(session, back.id):
            line.current_quantity = 0
        sold_out[1].available, gone[0].deleted_at = False, now(session)
        order = make.order(session, buyer=buyer, items=[bought])
        for picked in (bought, lately, returned, sold_out, gone, fine):
            pick(session, picked)
        by_order = queries.suggest(session, order_id=order.id, purpose="complement", limit=9)
        by_type = queries.suggest(session, customer_id=buyer.id, purpose="alternative", limit=9)
    assert handles(by_order) == [(fine[0].shopify_id, "picked")]
    assert handles(by_type) == [(fine[0].shopify_id, "same_type")]


def test_a_pick_for_the_product_comes_before_one_for_everything(app: Flask, shop: MadeShop) -> None:
    with shop.work() as session:
        bought, own, general = (make.product(session, price_minor=p) for p in (1000, 9000, 1000))
        pick(session, general)
        pick(session, own, beside=bought)
        found = queries.suggest(
            session, product_shopify_id=bought[0].shopify_id, purpose="complement", limit=1
        )
        assert handles(found) == [(own[0].shopify_id, "picked")]
        assert queries.suggest(session, product_shopify_id=404, purpose="complement") == []


def test_reasons_are_told_in_the_readers_language(app: Flask) -> None:
    with use_locale("ja"):
        assert queries.reason_text("together") == "多くの方が一緒に購入されています"
    with use_locale("en"):
        assert queries.reason_text("together") == "Many people buy these together"
    assert queries.reason_text("no-such-reason") == ""
