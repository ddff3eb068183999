"""“Where is my order?” asked in the chat about an order of which a part has left."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from app.consent import service as consent
from app.core import clock
from app.core.locale import use_locale
from app.core.secrets import seal
from app.line import answers
from app.line.model import LineQuestion
from app.mirror import queries as mirror
from app.mirror.model import Fulfillment
from app.parcels.model import Parcel
from app.parcels.queries import parcel
from tests import make
from tests.messages.conftest import Bought, buy


def _answered(bought: Bought) -> str:
    with bought.shop.work() as session, use_locale("ja"):
        asked = LineQuestion(about="status", user_sealed=seal("U1"), details={})
        return json.dumps(answers.answer(session, asked), ensure_ascii=False)


def test_the_card_names_what_the_parcel_holds_and_what_is_still_to_come(
    noon: datetime, shop: make.MadeShop
) -> None:
    with shop.work() as session:
        items = [make.product(session, title=title) for title in ("BEANS", "MUG")]
    bought = buy(shop, items=items)
    with shop.work() as session:
        consent.link_channel(session, bought.customer_id, "line", "U1", {"how": "test"})
        sent = parcel(session, bought.ids["parcel_id"])
        beans = mirror.order_lines(session, bought.order_id)[0]
        row = session.get_one(Fulfillment, (shop.id, sent.fulfillment_id))
        row.lines = [{"line_shopify_id": beans.shopify_id, "quantity": 1}]
    said = _answered(bought)
    assert '"BEANS"' in said
    assert "ほか1点" not in said
    assert "残り1点はこれから発送いたします" in said
    with shop.work() as session:
        sent = parcel(session, bought.ids["parcel_id"])
        sent.state, sent.delivered_at = "delivered", clock.now(session)
    said = _answered(bought)
    assert '"BEANS"' in said
    assert "残り1点はこれから発送いたします" in said
    with shop.work() as session:
        sent = parcel(session, bought.ids["parcel_id"])
        row = session.get_one(Fulfillment, (shop.id, sent.fulfillment_id))
        lines = mirror.order_lines(session, bought.order_id)
        row.lines = [{"line_shopify_id": each.shopify_id, "quantity": 1} for each in lines]
    said = _answered(bought)
    assert "BEANS ほか1点" in said
    assert "これから発送" not in said


def test_parcels_that_are_equally_far_are_told_apart(noon: datetime, shop: make.MadeShop) -> None:
    with shop.work() as session:
        items = [make.product(session, title=title) for title in ("BEANS", "MUG")]
    bought = buy(shop, items=items)
    with shop.work() as session:
        consent.link_channel(session, bought.customer_id, "line", "U1", {"how": "test"})
        first = parcel(session, bought.ids["parcel_id"])
        beans, mug = mirror.order_lines(session, bought.order_id)
        row = session.get_one(Fulfillment, (shop.id, first.fulfillment_id))
        row.lines = [{"line_shopify_id": beans.shopify_id, "quantity": 1}]
        other = Fulfillment(
            shop_id=shop.id,
            order_id=bought.order_id,
            shopify_id=row.shopify_id + 900_000,
            status="success",
            fulfilled_at=row.fulfilled_at,
            lines=[{"line_shopify_id": mug.shopify_id, "quantity": 1}],
        )
        session.add(other)
        session.flush()
        second = Parcel(
            shop_id=shop.id,
            order_id=bought.order_id,
            fulfillment_id=other.id,
            shipped_at=first.shipped_at + timedelta(hours=1),
        )
        session.add(second)
    said = _answered(bought)
    assert said.index("発送いたしました（1個目）") < said.index("BEANS")
    assert said.index("BEANS") < said.index("発送いたしました（2個目）") < said.index("MUG")
    with shop.work() as session:
        parcel(session, bought.ids["parcel_id"]).state = "out_for_delivery"
    said = _answered(bought)
    assert "個目" not in said
