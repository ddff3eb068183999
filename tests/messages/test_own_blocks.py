"""What a shop's own texts show besides the order: products that fit, pages of the shop's, and codes
of the reader's own."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.channels.memory import MemoryChannel
from app.core import clock
from app.core.clock import now
from app.discounts import queries as discounts
from app.discounts import service as codes
from app.discounts.model import DiscountCampaign, DiscountCode, DiscountPool
from app.messages import jobs
from app.messages.model import Message
from app.messages.texts import shipped
from app.messages.texts.blocks import Button, Content, Coupon, Heading, ProductBlock, Text
from app.mirror.queries import order_lines, product_by_shopify_id
from app.recommendations.model import RecommendationPick
from app.shops.service import shop as the_shop
from tests import make, sign
from tests.messages.conftest import Bought, leads_to
from tests.messages.test_editor import form
from tests.messages.test_texts import letter, publish

pytestmark = pytest.mark.usefixtures("any_day")

KIND = "win-back-miss"
URL = f"/app/messages/edit/{KIND}/ja"
OWN = Coupon(source="single", text="お礼です", percent="15", days="14")


def settings(bought: Bought, **values: object) -> None:
    with bought.shop.work() as session:
        row = the_shop(session)
        row.settings = {**row.settings, **values}


@pytest.fixture
def pick(bought: Bought) -> str:
    """A product that the merchant recommends with everything; its title."""
    with bought.shop.work() as session:
        chosen, _variant = make.product(session, title="木のさじ", handle="saji")
        session.add(
            RecommendationPick(
                shop_id=bought.shop.id,
                product_shopify_id=0,
                picked_shopify_id=chosen.shopify_id,
                created_at=now(session),
            )
        )
        return chosen.title


def send(owner: Engine, bought: Bought) -> Message:
    """Say it, and let its hour come."""
    message = bought.say(KIND, "test:1:back")
    clock.shift_to(owner, clock.business_now(owner) + timedelta(hours=20))
    jobs.send_marketing()
    return bought.again(message)


def ours(*blocks: object) -> Content:
    """The shipped text with one's own blocks above its footer."""
    content = shipped.content(KIND, "ja")
    more = (*content.blocks[:-1], *blocks, content.blocks[-1])
    return Content(subject="季節のお便り", preheader="お知らせです", blocks=more)  # type: ignore[arg-type]


def test_suggestions_fit_the_reader_of_the_chosen_order(
    client: FlaskClient, bought: Bought, pick: str, mailbox: MemoryChannel, owner: Engine
) -> None:
    blocks = (
        ProductBlock(source="complement", text="ご一緒に", count="1"),
        ProductBlock(source="upgrade", fallback="ただいま準備中です。"),
        Button(label="予約する", target="booking"),
        Button(label="講座へ", target="course", fallback="講座は準備中です。"),
    )
    settings(bought, booking_url="https://book.example/hinata")
    headers = sign.admin(bought.shop.domain)
    typed = form(ours(*blocks), do="save", order=str(bought.order_id), view="plain")
    client.post(URL, data=typed, headers=headers)
    page = client.get(f"{URL}?order={bought.order_id}&view=plain", headers=headers).text
    assert pick in page.split('data-testid="plain"')[1]
    assert "このページは設定されていないため" in page
    publish(bought, letter(Heading(text="お便り"), *blocks), kind=KIND)
    send(owner, bought)
    assert any("/products/saji" in url for url in leads_to(mailbox.sent[0].html))
    assert "https://book.example/hinata" in leads_to(mailbox.sent[0].html)
    for said in (mailbox.sent[0].html, mailbox.sent[0].plain):
        assert "ご一緒に" in said
        assert pick in said
        assert "当店のおすすめ" in said
        assert "予約する" in said
        assert "講座は準備中です。" in said
        assert "講座へ" not in said


def test_each_reader_gets_a_code_of_their_own(
    client: FlaskClient, bought: Bought, mailbox: MemoryChannel, owner: Engine
) -> None:
    headers = sign.admin(bought.shop.domain)
    settings(bought, legal_name="株式会社ひなた")
    data = form(ours(OWN), do="publish")
    answer = client.post(URL, data=data, headers=headers)
    assert answer.status_code == 303, answer.text
    assert "done=published" in answer.location
    assert "OKAERI-XXXXXXXXXX" in client.get(f"{URL}?view=plain", headers=headers).text
    stock(bought, "OKAERI-AAAA", "OKAERI-BBBB")
    first = send(owner, bought)
    assert first.state == "sent"
    (mail,) = mailbox.sent
    assert "OKAERI-AAAA" in mail.html
    assert "OKAERI-AAAA" in mail.plain
    with bought.shop.work() as session:
        given = session.scalars(select(DiscountCode).where(DiscountCode.state == "scheduled")).one()
        assert first.subject_ids["code_id"] == given.id
        assert given.due_at is not None
        # It is taken back at the end of its last day in the shop, two weeks on.
        days = (given.due_at - now(session)) / timedelta(days=1)
        assert 14 < days <= 15
    # The text is withdrawn: no more codes are made for it.
    client.post(URL, data=form(ours(OWN), do="shipped"), headers=headers)
    with bought.shop.work() as session:
        assert session.scalars(select(DiscountCampaign)).all() == []


def stock(bought: Bought, *given: str) -> str:
    """Codes that Shopify has made for the one campaign there is; its name."""
    with bought.shop.work() as session:
        kept = session.scalars(select(DiscountCampaign)).one()
        assert (kept.percent, kept.days, kept.variants, kept.timed) == (15, 14, [], False)
        pool = session.scalars(select(DiscountPool)).one()
        assert pool.ends_at > now(session) + timedelta(days=44)
        session.add_all(
            DiscountCode(shop_id=kept.shop_id, pool_id=pool.id, code=code, state="free")
            for code in given
        )
        return kept.name


def test_without_a_code_the_message_waits_or_says_something_else(
    bought: Bought, mailbox: MemoryChannel, owner: Engine
) -> None:
    publish(bought, letter(Heading(text="お便り"), Text(text="本文です。"), OWN), kind=KIND)
    message = send(owner, bought)
    assert (message.state, message.attempts) == ("scheduled", 1)
    assert "No code is ready yet" in (message.error or "")
    assert mailbox.sent == []


def test_who_was_told_of_a_deadline_gets_no_code_as_good(
    bought: Bought, mailbox: MemoryChannel, owner: Engine
) -> None:
    with bought.shop.work() as session:
        line = order_lines(session, bought.order_id)[0]
        told = product_by_shopify_id(session, line.product_shopify_id or 0)
        assert told is not None
        codes.keep_for_letters(session, [codes.Letters(15, None, 14)])
        codes.cool_off(session, bought.order_id, [told.shopify_id], 10, since=now(session))
    name = stock(bought, "OKAERI-CCCC")
    block = Coupon(source="single", percent="15", days="14", fallback="またのお越しを。")
    publish(bought, letter(Heading(text="お便り"), block), kind=KIND)
    send(owner, bought)
    assert "またのお越しを。" in mailbox.sent[0].html
    assert "OKAERI-CCCC" not in mailbox.sent[0].html
    with bought.shop.work() as session:
        assert discounts.free_codes(session, name) == 1


def test_a_pool_for_letters_is_followed_by_another_in_a_month(shop: make.MadeShop) -> None:
    with shop.work() as session:
        codes.keep_for_letters(session, [codes.Letters(15, 7, 14)])
        first = session.scalars(select(DiscountPool)).one()
        assert first.product_shopify_id == 7
    assert discounts.shops_without_pool() == []
    with shop.work() as session:
        session.scalars(select(DiscountPool)).one().day = date(2020, 1, 1)
    assert discounts.shops_without_pool() == [shop.id]
    with shop.work() as session:
        codes.open_pools(session)
        codes.open_pools(session)
        assert len(session.scalars(select(DiscountPool)).all()) == 2
        codes.drop_campaigns(session, [])
        assert len(session.scalars(select(DiscountCampaign)).all()) == 1
