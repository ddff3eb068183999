"""From an odd address to the right one: the shopper's pages, Shopify's word, the shop's people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from app.addresses import queries, service
from app.addresses.model import AddressCase
from app.channels.memory import MemoryChannel
from app.core import links
from app.core.clock import now
from app.journal import queries as journal
from app.journal.service import record
from app.journeys import queries as journeys
from app.messages.model import Message
from app.mirror import queries as mirror
from app.mirror.events import AddressChanged, FulfillmentRecorded, OrderPlaced
from app.mirror.model import Order
from app.parcels import service as parcels
from app.parcels.model import Parcel
from app.shops import service as shops
from app.shops.settings import AddressSettings
from tests import make, sign
from tests.answers import Answers, answering
from tests.parcels.test_service import fulfillment

#: The buyer wrote the postal code of Umeda, in Osaka.
ODD = {
    "first_name": "太郎", "last_name": "山田", "name": "山田 太郎", "zip": "530-0001",
    "province": "東京都", "province_code": "JP-13", "city": "渋谷区", "address1": "神宮前1-2-3",
    "country": "Japan", "country_code": "JP", "phone": "03-1234-5678",
}  # fmt: skip
RIGHT = "〒150-0001 東京都渋谷区神宮前1-2-3"
#: The same as the order's page writes it: line by line.
LABEL = "<br>".join(f'<span class="together">{row}</span>' for row in RIGHT.split(" "))


def node(kept: dict[str, Any], status: str = "UNFULFILLED") -> dict[str, Any]:
    """An order with its address as Shopify's API tells it."""
    return {
        "id": "gid://shopify/Order/1",
        "cancelledAt": None,
        "displayFulfillmentStatus": status,
        "shippingAddress": {
            "firstName": kept.get("first_name"), "lastName": kept.get("last_name"),
            "name": kept.get("name"), "company": None, "phone": kept.get("phone"),
            "address1": kept.get("address1"), "address2": kept.get("address2"),
            "city": kept.get("city"), "province": kept.get("province"),
            "provinceCode": kept.get("province_code"), "zip": kept.get("zip"),
            "country": "Japan", "countryCodeV2": "JP",
        },
    }  # fmt: skip


def changed(given: dict[str, Any], status: str = "UNFULFILLED") -> dict[str, Any]:
    """What Shopify answers to a change: the address as it was sent."""
    wish = given["input"]["shippingAddress"]
    place = {**node({})["shippingAddress"], **{k: v for k, v in wish.items() if k != "countryCode"}}
    order = {**node({}, status), "shippingAddress": {**place, "province": "東京都"}}
    return {"orderUpdate": {"order": order, "userErrors": []}}


@pytest.fixture
def shopify(app: Flask, shop: make.MadeShop) -> Iterator[Answers]:
    """A Shopify that knows the odd address and takes another; the merchant has allowed both."""
    with answering(app, shop) as said:
        with shop.work() as session:
            shops.keep_addresses(session, AddressSettings(enabled=True))
            shops.shop(session).scopes = "read_orders,write_orders"
        said.says["OrderAddress"] = {"order": node(ODD)}
        said.says["ChangeAddress"] = changed
        yield said


def placed(shop: make.MadeShop, **address: Any) -> int:
    """An order came in, and was looked at."""
    with shop.work() as session:
        made = make.order(
            session, name="#1001", checkout_token="checkout-1", shipping_address={**ODD, **address}
        )
        service.on_order_placed(session, OrderPlaced(occurred_at=made.placed_at, order_id=made.id))
        number: int = made.id
    return number


def link(shop: make.MadeShop, order_id: int, **more: Any) -> str:
    with shop.work() as session:
        subject = {"order": order_id, **more}
        until = now(session) + timedelta(days=1)
        return f"/t/{links.sign(shop.id, 'track', subject, until)}"


def asked(shopify: Answers) -> list[tuple[str, dict[str, Any]]]:
    """What Shopify was asked about addresses."""
    return [one for one in shopify.asked if one[0].endswith("Address")]


def case(shop: make.MadeShop) -> AddressCase:
    with shop.work() as session:
        return session.scalars(select(AddressCase)).one()


def test_one_tap_puts_it_right_at_shopify(
    app: Flask,
    client: FlaskClient,
    shop: make.MadeShop,
    shopify: Answers,
    mailbox: MemoryChannel,
) -> None:
    page = link(shop, placed(shop))
    with shop.work() as session:
        made = session.scalars(select(Order)).one()
        session.execute(delete(AddressCase))
        record(session, OrderPlaced(occurred_at=made.placed_at, order_id=made.id))
    make.settle(app)  # A new order is looked at without anybody asking.
    assert case(shop).state == "open"
    before = client.get(page)
    assert LABEL in before.text
    assert "郵便番号とご住所の地域が一致していません。" in before.text
    answer = client.post(f"{page}/address", data={"do": "fix"})
    assert answer.status_code == 303
    assert [name for name, _given in asked(shopify)] == ["OrderAddress", "ChangeAddress"]
    sent = asked(shopify)[1][1]["input"]["shippingAddress"]
    assert (sent["zip"], sent["provinceCode"], sent["lastName"]) == ("150-0001", "JP-13", "山田")
    after = client.get(page).text
    assert "お届け先を変更いたしました" in after
    assert LABEL in after
    assert "530-0001" not in after
    kept = case(shop)
    assert (kept.state, kept.how, kept.wanted) == ("done", "fix", None)
    make.settle(app)  # The errand finds it done.
    assert len(asked(shopify)) == 2
    with shop.work() as session:
        assert len(journal.of_kind(session, "AddressCorrected")) == 1
        assert mirror.order(session, kept.order_id).shipping_address["zip"] == "150-0001"
        # Whoever it was, the buyer is told, and reads of the new address no more than the town.
        (told,) = session.scalars(select(Message)).all()
        assert (told.kind, told.message_class, told.state) == (
            "address-changed", "transactional", "sent",
        )  # fmt: skip
    mail = mailbox.sent[0]
    assert "新しいお届け先（一部）：東京都渋谷区\n" in mail.plain
    # The shop's own address, in the footer, is in that part of the town, too.
    assert (mail.plain.count("神宮前"), mail.html.count("神宮前")) == (1, 1)


@pytest.mark.parametrize(("moved", "enabled", "count"), [(1, 1, 1), (0, 1, 0), (1, 0, 0)])
def test_a_change_by_the_shop_is_told_too_where_it_is_one(
    app: Flask, shop: make.MadeShop, shopify: Answers, moved: int, enabled: int, count: int
) -> None:
    order_id = placed(shop)
    with shop.work() as session:
        shops.keep_addresses(session, AddressSettings(enabled=bool(enabled)))
        news = {"occurred_at": now(session), "order_id": order_id}
        record(session, AddressChanged(**news, moved=bool(moved)))
    make.settle(app)
    with shop.work() as session:
        told = session.scalars(select(Message.kind)).all()
    assert told == ["address-changed"] * count


@pytest.mark.parametrize(
    ("given", "state", "reason"),
    [
        ({"OrderAddress": {"order": node(ODD, "IN_PROGRESS")}}, "refused", "shipped"),
        ({"OrderAddress": {"order": node({**ODD, "address1": "上原1"})}}, "refused", "changed"),
        ({"ChangeAddress": lambda g: changed(g, "FULFILLED")}, "person", "raced"),
        (
            {"ChangeAddress": {"orderUpdate": {"order": None, "userErrors": [{"message": "No"}]}}},
            "person",
            "not_accepted",
        ),
        ({"OrderAddress": None}, "asked", ""),
    ],
)
def test_what_shopify_says_is_said_plainly(
    app: Flask,
    client: FlaskClient,
    shop: make.MadeShop,
    shopify: Answers,
    given: dict[str, Any],
    state: str,
    reason: str,
) -> None:
    page = link(shop, placed(shop))
    shopify.says.update(given)
    client.post(f"{page}/address", data={"do": "fix"})
    assert (case(shop).state, case(shop).reason) == (state, reason)
    assert 'data-testid="address-told"' in client.get(page).text
    if state == "person":
        make.settle(app)
        with shop.work() as session:
            (task,) = journeys.open_tasks(session)
            assert task.journey == "address"


def test_without_the_right_to_change_orders_a_person_does(
    app: Flask, client: FlaskClient, shop: make.MadeShop, shopify: Answers
) -> None:
    with shop.work() as session:
        shops.shop(session).scopes = "read_orders"
    page = link(shop, placed(shop))
    client.post(f"{page}/address", data={"do": "fix"})
    make.settle(app)
    assert asked(shopify) == []
    admin = client.get("/app/addresses", headers=sign.admin(shop.domain)).text
    assert RIGHT in admin
    assert "お客様のご希望" in admin
    assert "Okaeriにご注文を変更する権限がありません" in admin
    # Whoever was asked for the right and said no is not told that something was saved.
    back = client.get("/app/addresses?done=granted", headers=sign.admin(shop.domain)).text
    assert "data-toast" not in back
    number = case(shop).id
    client.post(f"/app/addresses/{number}/close", headers=sign.admin(shop.domain))
    make.settle(app)
    assert (case(shop).state, case(shop).wanted) == ("settled", None)
    with shop.work() as session:
        assert journeys.open_tasks(session) == []


def test_a_form_takes_another_address_and_refuses_none_silently(
    app: Flask, client: FlaskClient, shop: make.MadeShop, shopify: Answers
) -> None:
    page = link(shop, placed(shop, zip="150-0001", address1="神宮前"))
    shopify.says["OrderAddress"] = {"order": node({**ODD, "zip": "150-0001", "address1": "神宮前"})}
    assert "番地が入力されていないようです" in client.get(page).text
    typed = {"do": "edit", "zip": "150", "province": "JP-13", "city": "渋谷区", "address1": ""}
    wrong = client.post(f"{page}/address", data=typed)
    assert wrong.status_code == 422
    assert wrong.text.count('aria-invalid="true"') == 2
    right = {**typed, "zip": "1500001", "address1": "神宮前４ー５", "address2": "メゾン101"}
    assert client.post(f"{page}/address", data=right).status_code == 303
    sent = asked(shopify)[-1][1]["input"]["shippingAddress"]
    assert (sent["zip"], sent["address1"], sent["address2"]) == (
        "150-0001", "神宮前4-5", "メゾン101",
    )  # fmt: skip
    assert sent["phone"] == "03-1234-5678"
    # Another prefecture is for a person to look at.
    osaka = {**typed, "zip": "530-0001", "province": "JP-27", "city": "大阪市北区"}
    client.post(f"{page}/address", data={**osaka, "address1": "梅田1-1"})
    assert (case(shop).state, case(shop).reason) == ("person", "far")


def test_who_only_looked_the_order_up_sees_and_changes_no_address(
    app: Flask, client: FlaskClient, shop: make.MadeShop, shopify: Answers
) -> None:
    page = link(shop, placed(shop), found=True)
    assert 'data-testid="address"' not in client.get(page).text
    assert client.post(f"{page}/address", data={"do": "fix"}).status_code == 403


def test_the_thank_you_page_asks_first_of_all(
    app: Flask, client: FlaskClient, shop: make.MadeShop, shopify: Answers
) -> None:
    placed(shop)
    body = {"checkout_token": "checkout-1", "locale": "ja-JP", "lines": []}
    headers = sign.widget(shop.domain)
    first = client.post("/widget/thank-you", json=body, headers=headers).json["modules"][0]
    assert (first["key"], first["fields"]) == ("address", [])
    assert first["facts"][-1]["lines"] == RIGHT.split(" ")
    assert "。 " not in first["text"]
    told = client.post("/widget/told", json={**body, "module": "address"}, headers=headers)
    assert told.json["modules"][0]["done"].startswith("ありがとうございます。お届け先を変更")
    # Once it has left, where it goes is no question any more.
    with shop.work() as session:
        session.scalars(select(Order)).one().fulfillment_status = "fulfilled"
    again = client.post("/widget/thank-you", json=body, headers=headers)
    assert "address" not in [one["key"] for one in again.json["modules"]]


def test_what_has_arrived_asks_about_no_address(
    client: FlaskClient, shop: make.MadeShop, shopify: Answers
) -> None:
    order_id = placed(shop)
    with shop.work() as session:
        sent = fulfillment(session, order_id)
        parcels.on_fulfillment(
            session, FulfillmentRecorded(occurred_at=now(session), fulfillment_id=sent.id)
        )
    page = link(shop, order_id)
    client.post(f"{page}/address", data={"do": "fix"})
    body = {"checkout_token": "checkout-1", "locale": "ja-JP", "lines": []}

    def told() -> tuple[bool, bool]:
        answer = client.post("/widget/thank-you", json=body, headers=sign.widget(shop.domain))
        widget = "address" in [one["key"] for one in answer.json["modules"]]
        return 'data-testid="address"' in client.get(page).text, widget

    assert told() == (True, True)  # That it came too late has to be said.
    with shop.work() as session:
        session.scalars(select(Parcel)).one().state = "delivered"
    assert told() == (False, False)


def test_too_late_is_too_late_and_said(
    app: Flask, client: FlaskClient, shop: make.MadeShop, shopify: Answers
) -> None:
    order_id = placed(shop)
    page = link(shop, order_id)
    with shop.work() as session:
        session.get_one(Order, (shop.id, order_id)).fulfillment_status = "fulfilled"
    client.post(f"{page}/address", data={"do": "fix"})
    assert "こちらではお届け先を変更できません" in client.get(page).text
    assert asked(shopify) == []


def test_the_shop_sees_what_looks_wrong_before_anybody_may_change_it(
    app: Flask, client: FlaskClient, shop: make.MadeShop
) -> None:
    order_id = placed(shop)
    with shop.work() as session:
        order = mirror.order(session, order_id)
        assert queries.shown(session, order, arrived=False) is None
    admin = client.get("/app/addresses", headers=sign.admin(shop.domain)).text
    assert "郵便番号と住所の不一致" in admin
    form = {"enabled": "on", "until": "minutes", "minutes": "0"}
    assert (
        client.post("/app/addresses", data=form, headers=sign.admin(shop.domain)).status_code == 422
    )
    form["minutes"] = "30"
    client.post("/app/addresses", data=form, headers=sign.admin(shop.domain))
    with shop.work() as session:
        kept = shops.settings_of(shops.shop(session)).addresses
        assert kept == AddressSettings(enabled=True, minutes=30)
