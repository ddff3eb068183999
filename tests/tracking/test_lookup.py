"""The look-up of an order: who may find it, and what somebody who guesses learns (nothing)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis
from sqlalchemy import Engine, text
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import TestResponse, create_environ

from app.core.clock import machine_now
from app.core.db import unit_of_work
from app.core.settings import Settings
from app.mirror.model import Order
from app.shops import service as shops
from app.tracking import lookup, throttle
from tests import make, sign

MAIL = "hanako@example.com"


@pytest.fixture
def order(shop: make.MadeShop) -> str:
    """Order #1001 of somebody in 150-0001 with a mobile phone; its name."""
    with shop.work() as session:
        buyer = make.customer(session, email=MAIL, phone="+819012345678")
        made: Order = make.order(session, buyer=buyer, name="#1001")
        return made.name


@pytest.fixture(autouse=True)
def one_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counters begin anew with every stretch of time: a test stays in one."""
    moment = machine_now()
    monkeypatch.setattr(throttle, "machine_now", lambda: moment)


def directly(
    client: FlaskClient, shop: make.MadeShop, order: str, contact: str, **more: object
) -> TestResponse:
    path = f"/track/{shop.domain.split('.', maxsplit=1)[0]}"
    return client.post(path, data={"order": order, "contact": contact}, **more)  # type: ignore[arg-type]


def through_store(
    client: FlaskClient, shop: make.MadeShop, order: str, contact: str, address: str = "192.0.2.1"
) -> TestResponse:
    return client.post(
        sign.proxy(shop.domain, "/track"),
        data={"order": order, "contact": contact},
        headers={"X-Forwarded-For": address},
    )


Way = Callable[[FlaskClient, make.MadeShop, str, str], TestResponse]
ways = pytest.mark.parametrize("way", [directly, through_store])


@pytest.mark.parametrize("typed", ["#1001", "1001", "＃１００１", " １００１ "])
@pytest.mark.parametrize(
    "contact",
    [
        MAIL,
        " Hanako@EXAMPLE.com",
        "ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｃｏｍ",
        "090-1234-5678",
        "０９０ー１２３４ー５６７８",
        "+81 90 1234 5678",
        "+81 (0)90-1234-5678",
        "150-0001",
        "1500001",
        "〒１５０−０００１",
    ],
)
def test_an_order_is_found_however_it_is_typed(
    client: FlaskClient, shop: make.MadeShop, order: str, typed: str, contact: str
) -> None:
    found = directly(client, shop, typed, contact)
    assert found.status_code == 303
    assert "ご注文 #1001" in client.get(found.location).text


def test_in_the_store_the_order_is_shown_in_its_theme(
    client: FlaskClient, shop: make.MadeShop, order: str
) -> None:
    form = client.get(sign.proxy(shop.domain, "/track"))
    assert form.mimetype == "application/liquid"
    assert "action=" not in form.text
    page = through_store(client, shop, "1001", "1500001")
    assert page.mimetype == "application/liquid"
    assert "ご注文 #1001" in page.text


def test_the_link_works_for_a_while_only(
    app: Flask, client: FlaskClient, shop: make.MadeShop, order: str, owner: Engine
) -> None:
    found = directly(client, shop, "1001", MAIL).location
    assert client.get(found).status_code == 200
    make.travel(owner, app, timedelta(hours=1, seconds=1))
    over = client.get(found)
    assert over.status_code == 410
    # It says whose page it was, and leads to where the order is found anew.
    assert "hello@hinata.example" in over.text
    again = f'href="/track/{shop.domain.partition(".")[0]}" data-testid="look-up"'
    assert again in over.text


def test_the_page_speaks_the_browsers_language(client: FlaskClient, shop: make.MadeShop) -> None:
    path = f"/track/{shop.domain.split('.', maxsplit=1)[0]}"
    assert "配送状況のご確認" in client.get(path).text
    english = client.get(path, headers={"Accept-Language": "en"})
    assert "Where is my order?" in english.text
    assert english.headers["Cache-Control"] == "no-store"


# --- misses -------------------------------------------------------------------------------------


def heart(answer: TestResponse) -> tuple[int, str, list[str]]:
    """An answer without what the visitor typed."""
    return (
        answer.status_code,
        re.sub(r'value="[^"]*"', "", answer.text),
        sorted(name for name, _ in answer.headers),
    )


@ways
def test_every_miss_gets_the_same_answer(
    client: FlaskClient, shop: make.MadeShop, other_shop: make.MadeShop, order: str, way: Way
) -> None:
    with other_shop.work() as session:
        make.order(session, name="#2002", email="else@example.com")
    misses = [
        ("1001", "someone@example.com"),  # there is such an order
        ("9999", MAIL),  # there is such a person
        ("9999", "someone@example.com"),
        ("1001", "090-0000-0000"),
        ("1001", "150-0002"),
        ("1001", "15000"),
        ("2002", "else@example.com"),  # another shop's
        ("#", "@"),
        ("1001'; --", "%"),
        ("x" * 5000, "y" * 5000),
    ]
    answers = {repr(heart(way(client, shop, *typed))) for typed in misses}
    assert len(answers) == 1
    miss = way(client, shop, "1001", "nobody@example.com")
    assert miss.status_code == 200
    assert 'data-testid="lookup-missed"' in miss.text


def test_a_miss_asks_the_database_what_a_wrong_answer_asks(
    app: Flask, client: FlaskClient, shop: make.MadeShop, order: str
) -> None:
    """Comparable time: the same statements, and a comparison even when nothing was found."""
    from sqlalchemy import event

    from app.core.runtime import runtime

    def statements(typed: str) -> list[str]:
        seen: list[str] = []

        def see(*args: object) -> None:
            seen.append(str(args[2]))

        event.listen(runtime().engine, "before_cursor_execute", see)
        directly(client, shop, typed, "someone@example.com")
        event.remove(runtime().engine, "before_cursor_execute", see)
        return seen

    # Which shop it is about is looked up once a process.
    statements("1")
    assert statements("9999") == statements("1001") != []


def test_nobody_is_never_found() -> None:
    for contact in (*lookup.NOBODY.emails, *lookup.NOBODY.phones, lookup.NOBODY.postal_code):
        assert lookup.proved([], lookup.NOBODY.name, contact, "JP") is None


def test_an_erased_person_is_not_found(client: FlaskClient, shop: make.MadeShop) -> None:
    with shop.work() as session:
        buyer = make.customer(session, email=None, phone=None)
        make.order(session, buyer=buyer, name="#3003", email=None, shipping_address=None)
    for contact in ("", " ", "None", "null"):
        assert directly(client, shop, "3003", contact).status_code == 200


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_text_breaks_the_comparison(order: str, contact: str) -> None:
    known = lookup.Known(1, "#1001", (MAIL, ""), ("+819012345678", ""), "150-0001", "JP")
    found = lookup.proved([known], order, contact, "JP")
    assert found is None or lookup.digits(order) == "1001"


def test_of_two_orders_with_one_number_the_owner_finds_hers() -> None:
    one = lookup.Known(1, "A-1001", (MAIL,), (), "1500001", "JP")
    other = lookup.Known(2, "B-1001", ("else@example.com",), (), "1500002", "JP")
    assert lookup.proved([one, other], "1001", MAIL, "JP") == 1
    assert lookup.proved([one, other], "b1001", "150-0002", "JP") == 2
    assert lookup.proved([one, other], "b1001", MAIL, "JP") is None


# --- guessing -----------------------------------------------------------------------------------


@ways
def test_who_guesses_postal_codes_is_stopped_before_the_right_one(
    client: FlaskClient, shop: make.MadeShop, order: str, way: Way
) -> None:
    guesses = [way(client, shop, "1001", f"150-{code:04}") for code in range(10, 10 + 40)]
    stopped = [answer for answer in guesses if answer.status_code == 429]
    assert len(guesses) - len(stopped) == throttle.ORDER.tries
    assert int(stopped[0].headers["Retry-After"]) > 0
    # Knowing it does not help any more, and the refusal does not tell that it is right.
    right, wrong = (way(client, shop, "1001", code) for code in ("150-0001", "150-9999"))
    assert heart(right)[:2] == heart(wrong)[:2]
    assert right.status_code == 429


def test_guessing_from_many_addresses_does_not_help(
    client: FlaskClient, shop: make.MadeShop, order: str
) -> None:
    answers = [
        through_store(client, shop, "#1001", f"150-{tried:04}", f"198.51.100.{tried}")
        for tried in range(10, 40)
    ]
    assert sum(answer.status_code == 200 for answer in answers) == throttle.ORDER.tries


@ways
def test_who_tries_one_number_after_another_is_stopped(
    client: FlaskClient, shop: make.MadeShop, order: str, way: Way
) -> None:
    answers = [way(client, shop, str(number), "150-0001") for number in range(2000, 2030)]
    let_in = sum(answer.status_code == 200 for answer in answers)
    assert let_in == throttle.ADDRESS.tries


def test_refusals_come_at_the_same_try_whether_an_order_exists_or_not(
    client: FlaskClient, shop: make.MadeShop, order: str
) -> None:
    def course(number: str, address: str) -> list[int]:
        tries = range(15)
        return [through_store(client, shop, number, "160-0000", address).status_code for _ in tries]

    assert course("1001", "192.0.2.1") == course("8888", "192.0.2.2")


def test_others_are_not_kept_waiting(
    client: FlaskClient, shop: make.MadeShop, other_shop: make.MadeShop, order: str
) -> None:
    for number in range(2000, 2025):
        through_store(client, shop, str(number), "x", "192.0.2.1")
    assert through_store(client, shop, "1001", MAIL, "192.0.2.1").status_code == 429
    assert "#1001" in through_store(client, shop, "1001", MAIL, "192.0.2.2").text
    assert through_store(client, other_shop, "1001", MAIL, "192.0.2.1").status_code == 200


def test_a_forged_address_gives_no_second_allowance(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    """What a visitor claims stands before what the store's proxy adds, and directly it counts for
    nothing."""
    for tried in range(throttle.ADDRESS.tries):
        forged = f"203.0.113.{tried}, 192.0.2.7"
        assert through_store(client, shop, str(tried), "x", forged).status_code == 200
    assert through_store(client, shop, "50", "x", "203.0.113.99, 192.0.2.7").status_code == 429
    for tried in range(throttle.ADDRESS.tries):
        headers = {"X-Forwarded-For": f"203.0.113.{tried}"}
        assert directly(client, shop, str(100 + tried), "x", headers=headers).status_code == 200
    headers = {"X-Forwarded-For": "203.0.113.99"}
    assert directly(client, shop, "150", "x", headers=headers).status_code == 429


@pytest.mark.parametrize(
    ("proxies", "store", "forwarded", "who"),
    [
        (0, False, "198.51.100.66", "203.0.113.9"),
        (1, False, "198.51.100.66, 192.0.2.1", "192.0.2.1"),
        (2, False, "198.51.100.66, 192.0.2.1, 203.0.113.8", "192.0.2.1"),
        (0, True, "198.51.100.66, 192.0.2.1", "192.0.2.1"),
        (1, True, "198.51.100.66, 192.0.2.1, 203.0.113.7", "192.0.2.1"),
        (2, True, "198.51.100.66, 192.0.2.1, 203.0.113.7, 203.0.113.8", "192.0.2.1"),
        (1, True, "192.0.2.1", "192.0.2.1"),
    ],
)
def test_behind_proxies_nobody_names_their_own_address(
    app: Flask, monkeypatch: pytest.MonkeyPatch, proxies: int, store: bool, forwarded: str, who: str
) -> None:
    """The host's own proxies, and Shopify's before them, add to what a visitor claims."""
    running = app.extensions["okaeri"]
    host = replace(running, settings=replace(running.settings, trusted_proxies=proxies))
    monkeypatch.setitem(app.extensions, "okaeri", host)
    seen = []

    def served(environ: dict[str, Any], _start: object) -> list[bytes]:
        with app.request_context(environ):
            seen.append(throttle.address(through_store=store))
        return []

    caller = {"REMOTE_ADDR": "203.0.113.9"}
    environ = create_environ(headers={"X-Forwarded-For": forwarded}, environ_base=caller)
    (ProxyFix(served, proxies) if proxies else served)(environ, lambda *_: None)  # type: ignore[operator]
    assert seen == [who]


def test_a_household_on_ipv6_is_one_address(client: FlaskClient, shop: make.MadeShop) -> None:
    for tried in range(throttle.ADDRESS.tries):
        through_store(client, shop, str(tried), "x", f"2001:db8:1:2::{tried:x}")
    assert through_store(client, shop, "50", "x", "2001:db8:1:2:ffff::1").status_code == 429
    assert through_store(client, shop, "50", "x", "2001:db8:1:3::1").status_code == 200


def test_neither_address_nor_number_is_kept_in_redis(
    client: FlaskClient, shop: make.MadeShop, order: str, settings: Settings
) -> None:
    through_store(client, shop, "1001", MAIL, "192.0.2.1")
    with Redis.from_url(settings.redis_url, decode_responses=True) as redis:
        kept = [str(key) for key in redis.keys("okaeri:lookup:*")]
        assert len(kept) == 3
        assert all(0 < redis.ttl(key) <= throttle.ORDER.seconds for key in kept)  # type: ignore[operator]
    assert not any("192.0.2" in key or "1001" in key or "@" in key for key in kept)


def test_without_redis_people_are_answered_and_guesses_still_counted(
    app: Flask, client: FlaskClient, shop: make.MadeShop, order: str
) -> None:
    app.extensions["okaeri.lookups"] = throttle.Counters("redis://127.0.0.1:9/0")
    assert directly(client, shop, "1001", MAIL).status_code == 303
    tries = [directly(client, shop, "1001", f"150-{code:04}") for code in range(10, 30)]
    assert sum(answer.status_code == 200 for answer in tries) == throttle.ORDER.tries - 1


def test_a_process_by_itself_forgets_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "KEPT", 2)
    counters = throttle.Counters("redis://127.0.0.1:9/0")
    assert [counters.add(key, 60) for key in ("a", "a", "b", "c", "a")] == [1, 2, 1, 1, 1]


# --- the door -----------------------------------------------------------------------------------


def test_an_unknown_or_departed_shop_is_not_served(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    for handle in ("nobody-here", "hinata coffee", "a.b", "..%2fx", "あ"):
        assert client.get(f"/track/{handle}").status_code in (403, 404)
    with unit_of_work(shop.id) as session:
        shops.uninstall(session)
    assert client.get("/track/hinata-coffee").status_code == 410
    assert directly(client, shop, "1001", MAIL).status_code == 410


def test_what_is_typed_is_neither_markup_nor_liquid(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    evil = '"><script>{{ shop.secret }}{% assign a = 1 %}'
    for page in (through_store(client, shop, evil, evil), directly(client, shop, evil, evil)):
        assert "<script>" not in page.text
    liquid = through_store(client, shop, evil, evil).text
    assert "{{" not in liquid
    assert "{%" not in liquid


def test_the_number_is_found_by_an_index(shop: make.MadeShop, order: str, owner: Engine) -> None:
    """A shop has hundreds of thousands of orders; a few thousand make the planner choose."""
    with shop.work() as session:
        session.execute(
            text(
                "INSERT INTO orders (shop_id, shopify_id, name, currency, subtotal_minor, "
                "shipping_minor, tax_minor, discount_minor, total_minor, taxes_included, "
                "financial_status, test, placed_at, note_attributes, discount_codes) "
                "SELECT :shop, 700000 + n, '#' || (700000 + n), 'JPY', 0, 0, 0, 0, 0, true, 'paid',"
                " false, okaeri_now(), '{}', '[]' FROM generate_series(1, 5000) AS n"
            ),
            {"shop": shop.id},
        )
    with owner.begin() as connection:
        connection.execute(text("ANALYZE orders"))
    with shop.work() as session:
        plan = session.execute(text("EXPLAIN SELECT id FROM orders WHERE name_digits = '1001'"))
        said = "\n".join(plan.scalars())
    assert "ix_orders_shop_id_name_digits" in said
