"""What orders teach."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.core.clock import now
from app.mirror.events import OrdersImported
from app.recommendations import queries, rules, service
from app.recommendations.model import RecommendationPair
from tests import make
from tests.make import MadeShop


def test_what_is_bought_together_and_next_is_learnt_and_explained(
    app: Flask, shop: MadeShop
) -> None:
    with shop.work() as session:
        beans, filters, mug, cake = (make.product(session, price_minor=1000) for _ in range(4))
        for _ in range(6):
            buyer = make.customer(session)
            make.order(session, buyer=buyer, items=[beans, filters], age=timedelta(days=40))
            make.order(session, buyer=buyer, items=[mug], age=timedelta(days=10))
            other = make.customer(session)
            make.order(session, buyer=other, items=[cake], age=timedelta(days=40))
            make.order(session, buyer=other, items=[beans], age=timedelta(days=10))
        cancelled = make.order(session, items=[beans, cake])
        cancelled.cancelled_at = now(session)
        session.flush()
        for _ in range(2):
            service.on_orders_imported(session, OrdersImported(occurred_at=now(session), count=12))
        pairs = {
            (p.relation, p.product_shopify_id, p.other_shopify_id): p
            for p in session.scalars(select(RecommendationPair))
        }
        ids = [product.shopify_id for product, _ in (beans, filters, mug, cake)]
        assert set(pairs) == {
            ("together", ids[0], ids[1]),
            ("together", ids[1], ids[0]),
            ("next", ids[0], ids[2]),
            ("next", ids[1], ids[2]),
            ("next", ids[3], ids[0]),
        }
        pair = pairs[("together", ids[0], ids[1])]
        assert (pair.together, pair.support) == (6, 6 / 24)
        found = queries.suggest(session, product_shopify_id=ids[0], purpose="complement")
        assert [(one.product_shopify_id, one.reason_code) for one in found] == [
            (ids[1], "together")
        ]
        order = make.order(session, items=[beans, filters])
        assert queries.suggest(session, order_id=order.id, purpose="complement") == []
        found = queries.suggest(session, order_id=order.id, purpose="next")
        assert [(one.product_shopify_id, one.reason_code) for one in found] == [(ids[2], "next")]


@given(
    baskets=st.integers(2, 10_000),
    first=st.integers(1, 10_000),
    second=st.integers(1, 10_000),
    together=st.integers(0, 10_000),
)
def test_shrinking_pulls_towards_what_everybody_buys(
    baskets: int, first: int, second: int, together: int
) -> None:
    first, second = min(first, baskets), min(second, baskets)
    together = min(together, first, second)
    found = rules.measure(together, first, second, baskets)
    base, raw = second / baskets, together / first
    assert min(base, raw) - 1e-9 <= found.confidence <= max(base, raw) + 1e-9
    assert 0 <= found.support <= 1
    assert (found.score > 1e-12) == (found.lift > 1 + 1e-12 / base) or abs(found.score) < 1e-9
    assert abs(found.lift * base - found.confidence) < 1e-9


@given(reference=st.integers(0, 10**9), price=st.integers(0, 10**9))
def test_the_band_is_40_to_160_percent(reference: int, price: int) -> None:
    fits = rules.in_band(price, reference)
    if reference:
        assert fits == (0.4 - 1e-12 <= price / reference <= 1.6 + 1e-12)
    assert not rules.is_step_up(price, reference) or price > reference
