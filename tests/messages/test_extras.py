"""What a mail lives from besides its order: without it, it is not sent, and says why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.channels.memory import MemoryChannel
from app.core import clock
from app.guides import service as guides
from app.guides.queries import About
from app.messages import jobs
from app.mirror.model import Product
from app.reviews.model import Review
from app.shops import service as shops
from app.shops.settings import dump
from tests import make
from tests.messages.conftest import Bought, buy, leads_to

pytestmark = pytest.mark.usefixtures("any_day")

NEEDY = {
    "win-back-offer": "no_coupon",
    "coach-start": "no_booking",
    "course-start": "no_course",
    "welcome-next": "no_suggestion",
    "little-extra": "no_guide",
    "loyalty-invite": "no_points",
    "feedback-faces": "no_survey",
    "surprise": "no_gift",
}


def connect_line(session: Session) -> None:
    home = shops.shop(session)
    line = {"line_url": "https://line.me/R/ti/p/@hinata", "line_linking": True}
    home.settings = dump(shops.settings_of(home)) | line


def send_all(owner: Engine) -> None:
    clock.shift_to(owner, clock.business_now(owner) + timedelta(hours=20))
    jobs.send_transactional()
    jobs.send_marketing()


@pytest.mark.parametrize("kind", NEEDY)
def test_what_lives_from_something_missing_is_skipped(
    kind: str, bought: Bought, owner: Engine, mailbox: MemoryChannel
) -> None:
    message = bought.say(kind)
    send_all(owner)
    after = bought.again(message)
    assert (after.state, after.reason) == ("skipped", NEEDY[kind])
    assert mailbox.sent == []


def test_the_shops_code_person_and_pages_are_in_its_mails(
    bought: Bought, owner: Engine, mailbox: MemoryChannel
) -> None:
    with bought.shop.work() as session:
        shop = shops.shop(session)
        shop.settings = dump(shops.settings_of(shop)) | {
            "coupon_code": "ARIGATO15",
            "coupon_percent": 15,
            "contact_person": "佐藤",
            "booking_url": "https://book.example/hinata",
        }
    for kind in ("win-back-offer", "coach-start", "vip-thanks"):
        bought.say(kind)
    send_all(owner)
    said = {envelope.headers["Subject"]: envelope for envelope in mailbox.sent}
    offer, coach, thanks = (
        next(one for subject, one in said.items() if words in subject)
        for words in ("15%OFF", "ご予約の日時", "心より御礼")
    )
    assert "ARIGATO15" in offer.plain
    assert "ARIGATO15" in offer.html
    assert "https://book.example/hinata" in leads_to(coach.html)
    assert "佐藤が直接承ります" in "".join(thanks.plain.split("今後は"))


def test_what_fits_is_suggested_with_its_reason(
    bought: Bought, owner: Engine, mailbox: MemoryChannel
) -> None:
    with bought.shop.work() as session:
        kept = session.get_one(Product, (bought.shop.id, 1)).product_type
        make.product(session, title="深煎りブレンド", handle="dark", product_type=kept)
    bought.say("cross-sell-related")
    send_all(owner)
    (envelope,) = mailbox.sent
    assert "深煎りブレンド" in envelope.html
    assert any("/products/dark?variant=" in url for url in leads_to(envelope.plain))


def test_reviews_speak_for_the_shop_once_there_are_enough(
    bought: Bought, owner: Engine, mailbox: MemoryChannel
) -> None:
    with bought.shop.work() as session:
        for number, stars in enumerate((5, 5, 4, 5, 1)):
            session.add(
                Review(
                    shop_id=bought.shop.id,
                    order_id=bought.order_id,
                    line_id=9_000 + number,
                    stars=stars,
                    locale="ja",
                    state="published",
                    incentive="50 points" if number == 0 else None,
                    submitted_at=datetime(2026, 1, 1, tzinfo=UTC),
                )
            )
    bought.say("welcome-story")
    send_all(owner)
    (envelope,) = mailbox.sent
    # Every published review counts, the one star too; that one was rewarded is said beside it.
    assert "5点満点中 4.0（レビュー5件）" in envelope.plain
    assert "進呈のうえご投稿いただいた" in envelope.html


@pytest.mark.parametrize(
    ("goods", "said"),
    [(True, "発送とお届けを、LINEでお知らせします。"), (False, "LINEからもお気軽に")],
)
def test_line_is_offered_for_news_that_is_to_come(
    noon: datetime, shop: make.MadeShop, mailbox: MemoryChannel, *, goods: bool, said: str
) -> None:
    with shop.work() as session:
        connect_line(session)
        order = make.order(session, items=[make.product(session, requires_shipping=goods)])
        buyer = Bought(shop, order.id, order.customer_id or 0)
    buyer.say("next-steps")
    jobs.send_transactional()
    (envelope,) = mailbox.sent
    assert said in envelope.plain
    assert said in envelope.html


def test_who_has_the_parcel_under_way_is_offered_line_for_questions(
    bought: Bought, mailbox: MemoryChannel
) -> None:
    with bought.shop.work() as session:
        connect_line(session)
    bought.say("next-steps")
    jobs.send_transactional()
    (envelope,) = mailbox.sent
    assert "LINEでお知らせします" not in envelope.plain
    assert "LINEからもお気軽に" in envelope.plain


@pytest.mark.usefixtures("noon")
@pytest.mark.parametrize(
    ("locale", "heading"), [("ja", "そのほかの商品のご案内"), ("en", "For your other products")]
)
def test_the_guides_of_an_orders_other_products_are_named_and_lead_to_them(
    client: FlaskClient,
    owner: Engine,
    shop: make.MadeShop,
    mailbox: MemoryChannel,
    locale: str,
    heading: str,
) -> None:
    with shop.work() as session:
        items = [make.product(session, title=title) for title in ("BEANS", "MUG", "SPOON")]
        for product, _variant in items[:2]:
            draft = guides.Draft(f"With {product.title}", "Rinse it.", About(product.shopify_id))
            guides.save(session, draft, locale)
    bought = buy(shop, items=items, locale=locale)
    bought.change_customer(locale=locale)
    bought.say("start-guide")
    send_all(owner)
    (envelope,) = mailbox.sent
    for said in (envelope.html, envelope.plain):
        _own, rest = said.split(heading)
        assert "MUG" in rest
        assert "SPOON" not in rest
        pages = [client.get(urlsplit(url).path).text for url in leads_to(said) if "/g/" in url]
        assert ["With MUG" in page for page in pages] == [True]
    assert "With BEANS" in envelope.html
