"""An order that leaves in two parcels: each mail speaks of what is in its own."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from app.channels.memory import MemoryChannel
from app.core.locale import show_range
from app.messages import jobs
from app.mirror.model import Fulfillment, Order
from app.mirror.queries import order_lines
from app.parcels.model import Parcel
from app.parcels.queries import parcel
from tests import make
from tests.messages.conftest import Bought, buy, leads_to

KINDS = ["shipped", "out-for-delivery", "attempted", "delayed", "delivered"]
OTHER = {"ja": "別のお荷物でお届けします", "en": "Comes in a separate parcel"}
INSIDE = {"ja": "このお荷物：BEANS", "en": "This parcel: BEANS"}
SOME = {"ja": "ご注文の商品の一部", "en": "part of your order"}
SIGN = {"ja": "：", "en": ": "}
SPEAKING = {"shipped", "out-for-delivery", "delivered"}
PART = {"ja": "{}個目（全2個口）", "en": "No. {} of 2 parcels"}
TODAY = {
    "ja": "お届け予定日（目安）：本日\n",
    "en": "Expected delivery (estimate): today\n",
}
REST = {
    "ja": "残りの商品：これから発送いたします",
    "en": "The rest of your order: To be shipped next",
}


@pytest.fixture(params=["ja", "en"])
def split(request: pytest.FixtureRequest, noon: datetime, shop: make.MadeShop) -> Bought:
    """Beans and a mug; the beans are in the first parcel."""
    with shop.work() as session:
        items = [make.product(session, title=title) for title in ("BEANS", "MUG")]
    bought = buy(shop, items=items, locale=request.param)
    bought.change_customer(locale=request.param)
    bought.ids.pop("line_id")
    with shop.work() as session:
        first = session.get_one(Fulfillment, (shop.id, _fulfillment(bought)))
        beans = order_lines(session, bought.order_id)[0]
        first.lines = [{"line_shopify_id": beans.shopify_id, "quantity": 1}]
    return bought


def _fulfillment(bought: Bought) -> int:
    with bought.shop.work() as session:
        return parcel(session, bought.ids["parcel_id"]).fulfillment_id


def _second(bought: Bought) -> int:
    """The mug leaves, too."""
    with bought.shop.work() as session:
        first = parcel(session, bought.ids["parcel_id"])
        mug = order_lines(session, bought.order_id)[1]
        sent = Fulfillment(
            shop_id=bought.shop.id,
            order_id=bought.order_id,
            shopify_id=mug.shopify_id + 900_000,
            status="success",
            fulfilled_at=first.shipped_at,
            lines=[{"line_shopify_id": mug.shopify_id, "quantity": 1}],
        )
        session.add(sent)
        session.flush()
        other = Parcel(
            shop_id=bought.shop.id,
            order_id=bought.order_id,
            fulfillment_id=sent.id,
            shipped_at=first.shipped_at + timedelta(hours=1),
        )
        session.add(other)
        session.flush()
        return other.id


def _mail(bought: Bought, mailbox: MemoryChannel, kind: str, key: str) -> list[str]:
    """Both parts of the mail that goes out."""
    mailbox.sent.clear()
    bought.say(kind, key)
    jobs.send_transactional()
    (envelope,) = mailbox.sent
    return [envelope.html, envelope.plain]


def test_each_mail_lists_what_its_parcel_holds(split: Bought, mailbox: MemoryChannel) -> None:
    with split.shop.work() as session:
        language = session.get_one(Order, (split.shop.id, split.order_id)).locale
    for kind in KINDS:
        for said in _mail(split, mailbox, kind, f"{kind}:alone"):
            assert "MUG" not in said, kind
            assert REST[language].split(SIGN[language])[1] in said, kind
        assert REST[language] in said
        assert INSIDE[language] in said
        if kind in SPEAKING:
            assert SOME[language] in said, kind
    ids = [split.ids["parcel_id"], _second(split)]
    for number, other in enumerate(["MUG", "BEANS"], 1):
        split.ids["parcel_id"] = ids[number - 1]
        for kind in KINDS:
            for said in _mail(split, mailbox, kind, f"{kind}:{number}"):
                assert other not in said, kind
                assert PART[language].format(number) in said, kind
                assert OTHER[language] in said, kind


def test_the_mail_that_says_delivered_leads_to_the_form_for_a_missing_parcel(
    split: Bought, mailbox: MemoryChannel
) -> None:
    form = f"#okaeri-note-{split.ids['parcel_id']}"
    for said in _mail(split, mailbox, "delivered", "delivered:form"):
        assert any(url.endswith(form) for url in leads_to(said)), said


def test_what_is_on_the_van_comes_today_whatever_days_were_promised(
    split: Bought, noon: datetime, mailbox: MemoryChannel
) -> None:
    with split.shop.work() as session:
        language = session.get_one(Order, (split.shop.id, split.order_id)).locale
        one = session.get_one(Parcel, (split.shop.id, split.ids["parcel_id"]))
        one.expected_from, one.expected_to = noon.date(), noon.date() + timedelta(days=2)
        promised = show_range(one.expected_from, one.expected_to, language)
    assert all(promised in said for said in _mail(split, mailbox, "shipped", "on its way"))
    for day, says in ((noon, True), (noon - timedelta(days=1), False)):
        with split.shop.work() as session:
            one = session.get_one(Parcel, (split.shop.id, split.ids["parcel_id"]))
            one.state, one.out_for_delivery_at = "out_for_delivery", day
        plain = _mail(split, mailbox, "shipped", f"on the van since {day}")[1]
        assert (TODAY[language] in plain) is says
        assert (promised in plain) is not says
