"""Cash on delivery: the reader learns what to have ready, and no amount that may be wrong."""

from __future__ import annotations

from datetime import datetime

import pytest

from app.channels.memory import MemoryChannel
from app.core.locale import use_locale
from app.messages import context, jobs, line_cards
from app.messages.facts import gather
from app.messages.kinds import kind
from app.mirror import queries as mirror
from app.mirror.model import Fulfillment
from app.parcels.queries import parcel
from tests import make
from tests.messages.conftest import Bought, buy

KINDS = ["next-steps", "shipped", "out-for-delivery"]
LABEL = {"ja": "代金引換：", "en": "Cash on delivery: "}
ASKED = {
    "ja": "¥2,200 を配送員にお支払いください（ご用意をお願いいたします）",
    "en": "Please have ¥2,200 ready for the driver.",
}
UNNAMED = {"ja": "代金は配達時にお支払いください", "en": "Please pay the driver on delivery."}


@pytest.fixture(params=["ja", "en"])
def collected(request: pytest.FixtureRequest, noon: datetime, shop: make.MadeShop) -> Bought:
    """Beans and a mug, paid to the driver."""
    with shop.work() as session:
        items = [make.product(session, title=title, price_minor=1100) for title in ("BEANS", "MUG")]
    bought = buy(shop, items=items, locale=request.param)
    bought.change(financial_status="pending", paid_on_delivery=True, total_minor=2200)
    return bought


def _said(bought: Bought, mailbox: MemoryChannel, name: str, key: str) -> list[str]:
    """Both parts of the mail that goes out, and the words of the card."""
    mailbox.sent.clear()
    bought.say(name, key)
    jobs.send_transactional()
    (envelope,) = mailbox.sent
    with bought.shop.work() as session:
        facts = gather(
            session,
            kind(name),
            order_id=bought.order_id,
            customer_id=bought.customer_id,
            subject_ids=bought.ids,
        )
        with use_locale(facts.locale):
            mail = context.build(session, facts, message_id=1, run_id=None)
            card = line_cards.draw(mail, 1)[1]
    return [envelope.html, envelope.plain, card]


def _language(bought: Bought) -> str:
    with bought.shop.work() as session:
        return mirror.order(session, bought.order_id).locale or ""


def test_the_driver_s_money_is_named(collected: Bought, mailbox: MemoryChannel) -> None:
    language = _language(collected)
    for name in KINDS:
        said = _said(collected, mailbox, name, f"{name}:due")
        assert all(ASKED[language] in one for one in said), name
        assert LABEL[language] + ASKED[language] in said[1], name
    collected.change(current_total_minor=1100)
    due = ASKED[language].replace("2,200", "1,100")
    assert all(due in one for one in _said(collected, mailbox, "shipped", "edited"))


def test_no_amount_for_a_part_and_nothing_where_nothing_is_collected(
    collected: Bought, mailbox: MemoryChannel
) -> None:
    language = _language(collected)
    with collected.shop.work() as session:
        sent = parcel(session, collected.ids["parcel_id"]).fulfillment_id
        beans = mirror.order_lines(session, collected.order_id)[0]
        row = session.get_one(Fulfillment, (collected.shop.id, sent))
        row.lines = [{"line_shopify_id": beans.shopify_id, "quantity": 1}]
    for name in KINDS[1:]:
        for one in _said(collected, mailbox, name, f"{name}:part"):
            assert UNNAMED[language] in one, name
            assert ASKED[language] not in one, name
    collected.change(financial_status="paid")
    for name in KINDS:
        for one in _said(collected, mailbox, name, f"{name}:paid"):
            assert LABEL[language].strip("： :") not in one, name
