"""Several questions in one statement."""

from __future__ import annotations

from sqlalchemy import bindparam, func, select

from app.core.together import Question, Together
from app.mirror.model import OrderLine, Product, Variant
from tests import make


def test_each_question_gets_its_own_rows_in_its_own_order(shop: make.MadeShop) -> None:
    asked = Together(
        lines=Question(
            select(OrderLine, Product)
            .join(Product, Product.shopify_id == OrderLine.product_shopify_id)
            .where(OrderLine.order_id == bindparam("order")),
            OrderLine.id,
        ),
        nothing=Question(select(Variant).where(Variant.price_minor < bindparam("least"))),
        titles=Question(select(Product.title), Product.title.desc()),
        count=Question(
            select(func.count(Variant.id).label("many"), Variant.available).group_by(
                Variant.available
            )
        ),
    )
    with shop.work() as session:
        goods = [make.product(session, title=title) for title in ("b", "a", "c")]
        order = make.order(session, items=goods[:2])
        session.flush()
        found = asked.ask(session, {"order": order.id, "least": 0})
        lines = [(line.order_id, product.title) for line, product in found["lines"]]
    assert lines == [(order.id, "b"), (order.id, "a")]
    assert found["nothing"] == []
    assert [title for (title,) in found["titles"]] == ["c", "b", "a"]
    assert [tuple(row) for row in found["count"]] == [(3, True)]
