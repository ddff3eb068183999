"""A campaign from the form to the winner's mail, over the doors and bells it really takes."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, text

from app.channels.memory import MemoryChannel
from app.core import clock
from app.core.clock import now
from app.core.errors import Conflict, GiveUp
from app.core.locale import show_date, use_locale
from app.discounts import service as discounts
from app.journeys import jobs as journeys
from app.journeys.definitions import missing, presets
from app.journeys.model import JourneyTask
from app.mirror.model import Customer, Order
from app.mirror.queries import order_lines
from app.shopify import gateway, order_verbs, presents
from app.shops import tokens
from app.surprises import errands, jobs, queries, rules, service
from app.surprises.model import SurpriseDraw, SurpriseWin
from tests import make, sign
from tests.journeys.world import World

TYPED = {
    "name": "送料無料",
    "what": "shipping",
    "handover": "mail",
    "gift_ja": "次回の送料無料",
    "gift_en": "Free shipping next time",
    "value": "500",
    "cost": "300",
    "budget": "900",
    "least": "1000",
    "winners": "2",
    "share": "0",
    "holdout": "0",
    "days": "7",
}


def begin(client: FlaskClient, shop: make.MadeShop, **given: str) -> int:
    made = client.post("/app/surprises", data=TYPED | given, headers=sign.admin(shop.domain))
    assert made.status_code == 303, made.text
    number = int(made.location.split("/")[-1].split("?")[0])
    on = client.post(
        f"/app/surprises/{number}/switch", data={"on": "1"}, headers=sign.admin(shop.domain)
    )
    assert on.status_code == 303
    return number


def pass_days(owner: Engine, days: int) -> None:
    with owner.begin() as connection:
        connection.execute(
            text("UPDATE clock SET shift = shift + make_interval(days => :days)"), {"days": days}
        )


def sell(shop: make.MadeShop, count: int, **given: Any) -> list[int]:
    with shop.work() as session:
        goods = make.product(session, price_minor=given.pop("price", 50_000))
        return [make.order(session, items=[goods], **given).id for _ in range(count)]


def test_a_draw_is_committed_to_held_once_and_can_be_checked(
    app: Flask, client: FlaskClient, shop: make.MadeShop, owner: Engine
) -> None:
    number = begin(client, shop)
    page = f"/app/surprises/{number}/draws/1"
    before = client.get(page, headers=sign.admin(shop.domain)).text
    with shop.work() as session:
        promised = queries.draw(session, number, 1).commitment
    assert promised in before
    assert 'data-testid="seed"' not in before
    sell(shop, 5)
    sell(shop, 1, price=900)
    sell(shop, 1, financial_status="pending")
    jobs.draw()
    with shop.work() as session:
        assert queries.draw(session, number, 1).drawn_at is None
    pass_days(owner, 8)
    jobs.draw()

    answer = client.get(f"{page}/record.json", headers=sign.admin(shop.domain))
    record = json.loads(answer.text)
    assert rules.commitment(record["seed"]) == record["commitment"] == promised
    assert len(record["entries"]) == 5
    assert rules.draw(record["seed"], record["entries"], 2) == record["winners"]
    after = client.get(page, headers=sign.admin(shop.domain)).text
    assert "同じ当選者になることを確認しました" in after
    assert after.count('data-testid="winner"') == 2
    with shop.work() as session:
        held = queries.draw(session, number, 1)
        with pytest.raises(Conflict):
            service.hold(session, held)
        following = queries.draw(session, number, 2)
        assert following.opens_at == held.closes_at
        assert following.commitment != promised


def test_the_budget_the_law_and_a_rest_bound_what_is_given(
    app: Flask, client: FlaskClient, shop: make.MadeShop, owner: Engine
) -> None:
    # The first draw is in one month and the second in the next, which has a budget of its own.
    twentieth = clock.business_now(owner).replace(day=20, hour=3) + timedelta(days=31)
    clock.shift_to(owner, twentieth.replace(day=20))
    number = begin(client, shop, winners="20", budget="700")
    with shop.work() as session:
        goods = make.product(session, price_minor=50_000)
        buyer = make.customer(session)
        for _ in range(2):
            make.order(session, items=[goods], buyer=buyer)
    sell(shop, 4)
    pass_days(owner, 8)
    jobs.draw()
    with shop.work() as session:
        held = queries.draw(session, number, 1)
        assert len(held.entries or []) == 5
        assert (len(held.winners or []), held.limited_by) == (2, "budget")
        winners = set(session.scalars(select(SurpriseWin.customer_id)))
    with shop.work() as session:
        for customer_id in winners:
            make.order(
                session,
                items=[make.product(session, price_minor=50_000)],
                buyer=session.get_one(Customer, (shop.id, customer_id)),
            )
    sell(shop, 1, price=20_000)
    pass_days(owner, 7)
    jobs.draw()
    with shop.work() as session:
        held = queries.draw(session, number, 2)
        # Both winners rest; 2 % of ¥20,000 buys nothing that is worth ¥500.
        assert len(held.entries or []) == 1
        assert (held.winners, held.limited_by) == ([], "law")


def test_what_is_over_the_cap_is_refused_with_what_would_be_allowed(
    client: FlaskClient, shop: make.MadeShop, other_shop: make.MadeShop
) -> None:
    over = TYPED | {"value": "30000", "least": "1000"}
    refused = client.post("/app/surprises", data=over, headers=sign.admin(shop.domain))
    assert refused.status_code == 422
    assert "景品の上限は¥20,000です" in refused.text
    assert "¥1,500以上" in refused.text
    abroad = client.post("/app/surprises", data=over, headers=sign.admin(other_shop.domain))
    assert abroad.status_code == 303
    with shop.work() as session:
        assert queries.campaigns(session) == []


def test_the_calculator_stands_alone(client: FlaskClient, shop: make.MadeShop) -> None:
    address = "/app/surprises/caps?method=lot&purchase=3,000&value=70000&sales=10,000,000"
    page = client.get(address, headers=sign.admin(shop.domain)).text
    assert 'data-testid="cap">¥60,000<' in page
    assert 'data-testid="total">¥200,000<' in page
    assert "上限を超えています" in page
    everyone = "/app/surprises/caps?method=all&purchase=3000"
    assert 'data-testid="cap">¥600<' in client.get(everyone, headers=sign.admin(shop.domain)).text


def test_winners_are_told_what_they_won_and_forgotten_with_the_person(
    app: Flask, client: FlaskClient, shop: make.MadeShop, owner: Engine
) -> None:
    number = begin(client, shop, winners="1", what="upgrade")
    (order_id,) = sell(shop, 1)
    with shop.work() as session:
        assert not queries.won(session, order_id)
    pass_days(owner, 8)
    jobs.draw()
    with shop.work() as session:
        order = session.get_one(Order, (shop.id, order_id))
        person = session.get_one(Customer, (shop.id, order.customer_id))
        assert queries.won(session, order_id)
        for language, gift in (("ja", "次回の送料無料"), ("en", "Free shipping next time")):
            with use_locale(language):
                assert queries.gift(session, person.id) == gift
        assert queries.boxed(session, [order_id]) == {}
        exported = service.export_person(session, person)
        assert exported["won"][0]["gift"] == "Free shipping next time"  # type: ignore[index]
        assert service.erase_person(session, person) == 1
        assert queries.gift(session, person.id) == ""
        assert session.scalars(
            select(SurpriseDraw).where(SurpriseDraw.campaign_id == number)
        ).first()
    assert missing(presets()["surprise"]) == []


def test_nobody_wins_what_they_were_told_had_ended(
    app: Flask, client: FlaskClient, shop: make.MadeShop, owner: Engine
) -> None:
    number = begin(client, shop, winners="3")
    told, free, mildly = sell(shop, 3, price=2_000, shipping_minor=600)
    with shop.work() as session:
        # Sending costs ¥600; ¥200 less of ¥2,000 was said to end, and ¥1,000 less.
        for order, percent in ((told, 10), (mildly, 50)):
            [line] = order_lines(session, order)
            goods = [line.product_shopify_id or 0]
            discounts.cool_off(session, order, goods, percent, since=now(session))
    pass_days(owner, 8)
    jobs.draw()
    with shop.work() as session:
        found = queries.draw(session, number, 1)
        names = {
            str(order.shopify_id): order.id
            for order in session.scalars(select(Order).where(Order.id.in_([told, free, mildly])))
        }
        assert {names[entry] for entry in found.entries} == {free, mildly}
        assert found.sales_minor == 3 * 2_000


@pytest.fixture
def shopify(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What was made at Shopify; `down` says why nothing is."""
    made: dict[str, Any] = {"down": "", "tags": []}

    def create(_client: Any, **wanted: Any) -> str:
        if made["down"]:
            raise GiveUp(made["down"])
        made[wanted["code"]] = wanted
        return f"gid://shopify/DiscountCodeNode/{wanted['code']}"

    def tag(_client: Any, *given: Any) -> None:
        made["tags"].append(given)

    monkeypatch.setattr(tokens, "client", lambda shop_id: shop_id)
    monkeypatch.setattr(gateway, "find_discount", lambda _client, _code: None)
    monkeypatch.setattr(presents, "create_free_shipping", create)
    monkeypatch.setattr(order_verbs, "add_tag", tag)
    return made


def won_by(shop: make.MadeShop, order_id: int) -> tuple[Customer, SurpriseWin]:
    with shop.work() as session:
        win = session.scalars(select(SurpriseWin).where(SurpriseWin.order_id == order_id)).one()
        return session.get_one(Customer, (shop.id, win.customer_id)), win


def test_free_shipping_is_a_code_of_the_winners_own(
    app: Flask, client: FlaskClient, shop: make.MadeShop, owner: Engine, shopify: dict[str, Any]
) -> None:
    number = begin(client, shop, winners="1")
    (order_id,) = sell(shop, 1)
    pass_days(owner, 8)
    shopify["down"] = "discountCodeFreeShippingCreate: no more than 20,000,000 codes"
    jobs.draw()
    make.settle(app)
    person, win = won_by(shop, order_id)
    page = f"/app/surprises/{number}/draws/1"
    admin = sign.admin(shop.domain, **{"Okaeri-Locale": "en"})
    assert "No code yet" in client.get(page, headers=admin).text
    assert "no more than 20,000,000 codes" in client.get("/app/webhooks", headers=admin).text
    with shop.work() as session:
        assert queries.gift(session, person.id) == ""
    shopify["down"] = ""
    again = client.post(f"{page}/wins/{win.id}", headers=admin)
    assert again.status_code == 303
    make.settle(app)
    code = won_by(shop, order_id)[1].code
    assert code is not None
    wanted = shopify[code]
    assert wanted["customer"] == person.shopify_id
    days = (wanted["ends_at"] - wanted["starts_at"]).days
    assert days == 60
    assert code in client.get(page, headers=admin).text
    last = show_date((wanted["ends_at"] - timedelta(seconds=1)).date(), "en")
    with shop.work() as session, use_locale("en"):
        said = queries.gift(session, person.id)
        address = queries.draw_url(session, person.id)
    assert said == f"Free shipping next time (code {code}, for one order until {last})"

    # Anybody can check it, and the winner finds their own order.
    path = "/draws/" + address.split("/draws/")[1]
    public = client.get(path).text
    assert "you have won" in public
    assert 'data-testid="seed"' in public
    record = client.get(f"{path}/record.json").get_json()
    assert rules.draw(record["seed"], record["entries"], 1) == record["winners"]
    assert rules.commitment(record["seed"]) == record["commitment"]
    assert "budget_minor" not in str(record)


def test_every_present_reaches_whoever_has_to_do_something(
    app: Flask, client: FlaskClient, shop: make.MadeShop, owner: Engine, shopify: dict[str, Any]
) -> None:
    for what, handover in (("extra", "mail"), ("shipping", "box"), ("early", "box")):
        typed = TYPED | {"what": what, "handover": handover}
        refused = client.post("/app/surprises", data=typed, headers=sign.admin(shop.domain))
        assert refused.status_code == 422
    numbers = {
        what: begin(client, shop, what=what, handover=handover, winners="9", gift_en=what)
        for what, handover in (("early", "mail"), ("upgrade", "mail"))
    }
    public = {}
    with shop.work() as session:
        for what, number in numbers.items():
            found = queries.campaign(session, number)
            public[what] = queries.public_url(found, queries.draw(session, number, 1))
    before = client.get("/draws/" + public["early"].split("/draws/")[1]).text
    assert 'data-testid="commitment"' in before
    assert 'data-testid="seed"' not in before
    sell(shop, 2)
    pass_days(owner, 8)
    jobs.draw()
    make.settle(app)
    with shop.work() as session:
        wins = session.scalars(select(SurpriseWin)).all()
        early = [one for one in wins if one.campaign_id == numbers["early"]]
        people = [session.get_one(Customer, (shop.id, one.customer_id)) for one in early]
        tagged = {("Customer", person.shopify_id, errands.EARLY) for person in people}
        tasks = session.scalars(select(JourneyTask)).all()
    assert set(shopify["tags"]) == tagged
    assert len(early) + len(tasks) == len(wins) == 2
    assert all(task.title["en"].endswith("won: upgrade") for task in tasks)
    assert "not gift" not in presets()["surprise"].when


def test_a_winner_is_told_when_what_was_in_the_way_is_gone_or_by_a_person(
    app: Flask,
    client: FlaskClient,
    shop: make.MadeShop,
    owner: Engine,
    shopify: dict[str, Any],
    mailbox: MemoryChannel,
) -> None:
    world = World(app, shop)
    world.switch_on("surprise")
    number = begin(client, shop, winners="9")
    goods = [{"price_minor": 50_000}]
    silent = world.place(buyer_given={"marketing_state": "not_subscribed"}, items_given=goods)
    willing = world.place(items_given=goods)
    for order_id in (silent, willing):
        world.deliver(order_id)
    pass_days(owner, 8)
    shopify["down"] = "discountCodeFreeShippingCreate: no more than 20,000,000 codes"
    jobs.draw()
    make.travel(owner, app, timedelta(days=2))
    assert world.messages(willing)["surprise:gift"] == ("skipped", "no_gift")
    shopify["down"] = ""
    _person, win = won_by(shop, willing)
    page = f"/app/surprises/{number}/draws/1/wins/{win.id}"
    client.post(page, headers=sign.admin(shop.domain))
    make.settle(app)
    make.travel(owner, app, timedelta(days=1))
    code = won_by(shop, willing)[1].code
    assert code is not None
    assert [code in mail.plain for mail in mailbox.sent if "贈" in mail.headers["Subject"]] == [
        True
    ]

    # Whoever takes no marketing hears of it from a person, once.
    pass_days(owner, 3)
    for _ in range(2):
        journeys.look_after(str(shop.id))
    with shop.work() as session:
        (task,) = session.scalars(select(JourneyTask)).all()
    assert (task.order_id, task.journey) == (silent, "surprise")
    assert "次回の送料無料" in task.title["ja"]
    assert "has not agreed" in task.text["en"]
