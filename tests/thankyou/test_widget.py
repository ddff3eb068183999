"""The extension's question, through its door."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from app.core.clock import now
from app.discounts.model import DiscountCode
from app.journal import queries as journal
from app.journal.service import record
from app.journeys import service as journeys
from app.journeys.definitions import preset_text
from app.mirror.events import OrderEnriched
from app.mirror.model import Order, Product, Variant
from app.shops.service import shop as shop_of
from app.thankyou import jobs, queries, service
from app.thankyou.model import Offer, OfferGrant, ThankYouVisit
from tests import make
from tests.thankyou.conftest import Ask, Offering

Later = Callable[..., None]
#: Statements for a page: what is decided once, and what is only read.
FIRST_LOOK, RELOAD = 13, 3


def order(offering: Offering, token: str = "checkout-1", **given: Any) -> int:
    with offering.shop.work() as session:
        return make.order(session, checkout_token=token, **given).id


def grant(offering: Offering, token: str = "checkout-1") -> OfferGrant | None:
    with offering.shop.work() as session:
        return queries.grant_of_checkout(session, token)


def guide(offering: Offering, **leave_out: str) -> None:
    """The shop sends a guide; without a step of its journey, where one is named."""
    with offering.shop.work() as session:
        journeys.switch_on(session, "first-72-hours")
        if step := leave_out.get("without"):
            text = preset_text("first-72-hours")
            text = text.replace(f'key = "{step}"', f'key = "{step}"\noff = true')
            journeys.publish(session, "first-72-hours", text, "7", move_running=True)


def steps(ask: Ask, token: str = "checkout-1") -> list[str]:
    return [step["key"] for step in ask(token)["steps"]]


def test_a_guide_is_promised_only_where_one_is_sent(offering: Offering, ask: Ask) -> None:
    three = ["received", "prepare", "arrive"]
    assert steps(ask) == three
    guide(offering)
    assert steps(ask) == [*three, "guide"]
    order(offering)
    assert steps(ask) == [*three, "guide"]
    # A gift's receiver opens the box; its buyer gets the gift's own messages instead.
    with offering.shop.work() as session:
        journeys.switch_on(session, "gift-guide")
    order(offering, "checkout-3", note_attributes={"gift": "yes"})
    assert steps(ask, "checkout-3") == three
    guide(offering, without="start-guide")
    assert steps(ask) == three


def test_the_page_of_a_known_order(offering: Offering, ask: Ask) -> None:
    guide(offering)
    order(offering, name="#1001")
    answer = ask()
    assert answer["order_known"] is True
    assert [step["key"] for step in answer["steps"]] == ["received", "prepare", "arrive", "guide"]
    received, prepare, arrive, _guide = answer["steps"]
    assert received["done"] is True
    assert "#1001" in received["text"]
    assert re.fullmatch(r"\d+月\d+日\(.\)", received["date_text"])
    assert "目安" in prepare["date_text"]
    assert "〜" in arrive["date_text"]
    assert answer["support"] == {
        "text": "ご不明な点がございましたら、お気軽にお問い合わせください：",
        "email": "hello@hinata.example",
        "phone": "03-1234-5678",
        "hours": None,
    }
    assert answer["tracking_url"].startswith("https://okaeri.test/t/")
    assert answer["line"]["url"] == "https://line.me/R/ti/p/@hinata"
    assert answer["ask_again_in"] is None


def test_the_offer_has_prices_a_clock_time_and_two_answers(offering: Offering, ask: Ask) -> None:
    order(offering)
    offer = ask(timezone="Asia/Tokyo")["offer"]
    assert offer["title"].startswith("ドリッパー")
    assert offer["price_text"] == "¥1,782（税込）"
    assert offer["was_text"] == "通常価格 ¥1,980"
    assert offer["percent"] == 10
    assert re.fullmatch(r"この価格は(\d+月\d+日\(.\) )?\d\d:\d\dまで", offer["deadline_text"])
    assert 290 <= offer["seconds_left"] <= 300
    assert offer["accept_url"].startswith("https://okaeri.test/o/")
    assert offer["accept_text"] == "この価格で購入手続きへ進む"
    assert offer["decline_text"] == "今回は見送る"


def test_a_reload_and_another_device_get_the_same_offer(
    offering: Offering, ask: Ask, later: Later
) -> None:
    order(offering)
    first = ask()["offer"]
    later(minutes=2)
    again = ask(locale="en")["offer"]
    for name in ("deadline_iso", "accept_url", "price_text", "title"):
        assert again[name] == first[name]
    assert again["seconds_left"] < first["seconds_left"] - 100
    with offering.shop.work() as session:
        assert len(session.scalars(select(OfferGrant)).all()) == 1


def test_after_the_deadline_the_page_says_so_for_good(
    offering: Offering, ask: Ask, later: Later
) -> None:
    order(offering)
    ask()
    later(minutes=5)
    answer = ask()
    assert answer["offer"] is None
    assert "終了" in answer["offer_over"]
    # Whoever looks for it the same day reads that it is over; after that the page is the parcel's.
    later(hours=4)
    answer = ask()
    assert (answer["offer"], answer["offer_over"]) == (None, None)
    later(days=40)
    assert ask()["offer"] is None


def test_without_an_order_there_is_no_offer_and_no_code_is_used(
    offering: Offering, ask: Ask, later: Later
) -> None:
    guide(offering)
    for number in range(5):
        first = ask(f"invented-{number}")
        assert first["order_known"] is False
        assert first["offer"] is None
        assert first["ask_again_in"] == 2
        assert first["tracking_url"] is None
        assert [step["key"] for step in first["steps"]] == [
            "received", "prepare", "arrive", "guide",
        ]  # fmt: skip
    later(seconds=30)
    assert ask("invented-0")["offer"] is None
    with offering.shop.work() as session:
        states = session.scalars(select(DiscountCode.state)).all()
        assert set(states) == {"free"}
    later(seconds=40)
    assert ask("invented-0")["ask_again_in"] is None


def test_an_order_that_comes_later_gets_its_offer_then(
    app: Flask, offering: Offering, ask: Ask, later: Later
) -> None:
    ask()
    later(seconds=8)
    found = order(offering)
    with offering.shop.work() as session:
        event = OrderEnriched(occurred_at=now(session), order_id=found, checkout_token="checkout-1")
        record(session, event)
    make.settle(app)
    answer = ask()
    assert answer["offer"]["seconds_left"] > 290
    assert answer["tracking_url"] is not None
    assert answer["ask_again_in"] is None
    ask()
    with offering.shop.work() as session:
        visit = queries.visit_of(session, "checkout-1")
        assert visit is not None
        assert visit.order_id == found
        (shown,) = journal.of_kind(session, "OfferShown")
        assert shown.order_id == found


def test_an_order_that_comes_late_cools_off_as_any_other(
    offering: Offering, ask: Ask, later: Later
) -> None:
    with offering.shop.work() as session:
        buyer = make.customer(session)
        make.order(session, checkout_token="checkout-1", buyer=buyer)
    assert ask()["offer"] is not None
    assert ask("checkout-2")["order_known"] is False
    later(seconds=20)
    with offering.shop.work() as session:
        make.order(session, checkout_token="checkout-2", buyer=buyer)
    assert ask("checkout-2")["offer"] is None
    found = grant(offering, "checkout-2")
    assert found is not None
    assert found.reason == "cool_off"


def test_checkouts_of_no_order_fill_neither_the_table_nor_stand_in_an_orders_way(
    offering: Offering, ask: Ask, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_STRANGERS", 3)
    answers = [ask(f"invented-{number}") for number in range(5)]
    assert all(answer["offer"] is None and answer["steps"] for answer in answers)
    assert visits(offering) == {"invented-0", "invented-1", "invented-2"}
    order(offering, "real")
    assert ask("real")["offer"] is not None
    later(minutes=11)
    ask("invented-9")
    assert visits(offering) == {"invented-0", "invented-1", "invented-2", "invented-9", "real"}
    later(days=30)
    jobs.prune()
    assert visits(offering) == {"real"}


def visits(offering: Offering) -> set[str]:
    with offering.shop.work() as session:
        return set(session.scalars(select(ThankYouVisit.checkout_token)))


def test_the_same_customer_cools_off_for_thirty_days(
    offering: Offering, ask: Ask, later: Later
) -> None:
    with offering.shop.work() as session:
        buyer = make.customer(session)
        for number in (1, 2, 3):
            make.order(session, checkout_token=f"checkout-{number}", buyer=buyer)
    assert ask()["offer"] is not None
    later(days=29)
    answer = ask("checkout-2")
    assert answer["offer"] is None
    assert answer["offer_over"] is None
    found = grant(offering, "checkout-2")
    assert found is not None
    assert found.reason == "cool_off"
    assert ask("checkout-1")["offer"] is None
    later(days=2)
    ask("checkout-3")
    third = grant(offering, "checkout-3")
    # By then the codes of a month ago are over; what was said to end stands in nobody's way.
    assert third is not None
    assert third.reason == "no_codes"


def test_a_guest_is_known_by_the_address(offering: Offering, ask: Ask) -> None:
    with offering.shop.work() as session:
        for number in (1, 2):
            made = make.order(session, checkout_token=f"checkout-{number}")
            made.customer_id, made.email = None, "Guest@Example.jp"
    assert ask()["offer"] is not None
    assert ask("checkout-2")["offer"] is None


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("bought", "already_bought"),
        ("sold out", "out_of_stock"),
        ("draft", "product_unknown"),
        ("off", "no_offer_configured"),
        ("paused", "shop_inactive"),
        ("no codes", "no_codes"),
        ("cancelled", "order_cancelled"),
    ],
)
def test_no_offer_has_a_reason_that_the_merchant_reads(
    offering: Offering, ask: Ask, case: str, reason: str
) -> None:
    found = order(offering)
    with offering.shop.work() as session:
        _spoil(session, offering, case, found)
    answer = ask()
    assert answer["offer"] is None
    assert answer["offer_over"] is None
    with offering.shop.work() as session:
        story = queries.offer_story(session, found, now(session))
        kept = queries.grant_of_checkout(session, "checkout-1")
        assert kept is not None
        assert kept.reason == reason
        assert story is not None
        assert story.state == "none"
        assert story.why.startswith("No offer:")


def _spoil(session: Any, offering: Offering, case: str, order_id: int) -> None:
    row = shop_of(session)
    variant = session.scalars(select(Variant).where(Variant.shopify_id == offering.variant)).one()
    product = session.get_one(Product, (variant.shop_id, variant.product_id))
    if case == "bought":
        offering.cart[0]["product_id"] = f"gid://shopify/Product/{offering.product}"
    elif case == "sold out":
        variant.inventory = 0
    elif case == "draft":
        product.status = "draft"
    elif case == "off":
        session.scalars(select(Offer)).one().enabled = False
    elif case == "paused":
        row.paused_at = now(session)
    elif case == "cancelled":
        session.get_one(Order, (row.shop_id, order_id)).cancelled_at = now(session)
    else:
        for code in session.scalars(select(DiscountCode)):
            code.state = "done"


def test_in_the_eu_the_offer_has_no_deadline_that_presses(offering: Offering, ask: Ask) -> None:
    order(offering, shipping_address={"country_code": "DE"})
    offer = ask()["offer"]
    assert offer["deadline_text"] is None
    assert offer["seconds_left"] > 3600


def test_an_unpaid_order_promises_no_dates(offering: Offering, ask: Ask) -> None:
    order(offering, financial_status="pending")
    steps = ask()["steps"]
    assert steps[1]["key"] == "payment"
    assert all(step["date_text"] is None for step in steps[1:])


def test_digital_goods(offering: Offering, ask: Ask) -> None:
    offering.cart[0]["requires_shipping"] = False
    received, access = ask()["steps"]
    assert (received["key"], access["key"]) == ("received", "access")
    assert "ご注文に関するお知らせのメール" in access["text"]
    with offering.shop.work() as session:
        download = [make.product(session, requires_shipping=False)]
    order(offering, "checkout-9", items=download, financial_status="pending")
    _received, payment, _access = ask("checkout-9")["steps"]
    assert payment["text"] == "ご入金を確認でき次第、ご用意いたします。"


@pytest.mark.parametrize(
    ("locale", "title"),
    [("ja", "今後の流れ"), ("en-US", "What happens next"), ("fr", "今後の流れ")],
)
def test_it_speaks_the_orders_language_and_else_the_shops(
    offering: Offering, ask: Ask, locale: str, title: str
) -> None:
    assert ask(locale=locale)["title"] == title


def test_a_page_asks_the_database_little_and_shopify_nothing(
    app: Flask, offering: Offering, ask: Ask
) -> None:
    order(offering)
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    engine = app.extensions["okaeri"].engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        # Shopify is at an address where nobody answers: asking it would fail the request.
        for most in (FIRST_LOOK, RELOAD):
            assert ask()["offer"] is not None
            assert len(statements) <= most, "\n".join(statements)
            statements.clear()
    finally:
        event.remove(engine, "before_cursor_execute", note)
