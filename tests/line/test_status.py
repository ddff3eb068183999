"""“Where is my order?” asked in the chat about an order of which a part has left."""

from __future__ import annotations

import json
from datetime import datetime

from app.consent import service as consent
from app.core import clock
from app.core.locale import use_locale
from app.core.secrets import seal
from app.line import answers
from app.line.model import LineQuestion
from app.mirror import queries as mirror
from app.mirror.model import Fulfillment
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
