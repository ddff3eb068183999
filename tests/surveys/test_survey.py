"""Questions on the page, answers once an order, results for the merchant, and what follows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.errors import Invalid
from app.journeys.conditions import holding
from app.journeys.definitions import presets
from app.journeys.known import Known
from app.mirror import queries as mirror
from app.mirror.model import Customer, Order
from app.surveys import queries, rules, service
from tests import make, sign
from tests.journeys.world import World
from tests.messages.conftest import noon

__all__ = ["noon"]

OWN = {
    "question_ja": "どなたがお使いになりますか？", "question_en": "Who is it for?",
    "options_ja": "自分\n家族", "options_en": "Me\nFamily",
}  # fmt: skip


def admin(client: FlaskClient, shop: make.MadeShop, path: str = "", **form: str) -> Any:
    headers = {**sign.admin(shop.domain), "Okaeri-Locale": "en"}
    if form:
        return client.post(f"/app/survey{path}", data=form, headers=headers)
    return client.get(f"/app/survey{path}", headers=headers)


def tell(client: FlaskClient, shop: make.MadeShop, **values: str) -> Any:
    body = {"checkout_token": "one", "locale": "en", "module": "survey", "values": values}
    return client.post("/widget/told", json=body, headers=sign.widget(shop.domain))


@pytest.fixture
def order_id(shop: make.MadeShop) -> int:
    with shop.work() as session:
        service.switch(session, "gift", on=True)
        return make.order(session, checkout_token="one", customer_id=make.customer(session).id).id


def test_the_page_speaks_of_questions_and_not_of_keys(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    page = admin(client, shop).text
    assert "How did you hear of us?" in page
    assert "survey:" not in page


def test_an_order_is_asked_once(client: FlaskClient, shop: make.MadeShop, order_id: int) -> None:
    body = {"checkout_token": "one", "locale": "en"}
    page = client.post("/widget/thank-you", json=body, headers=sign.widget(shop.domain)).json
    (survey,) = [one for one in page["modules"] if one["key"] == "survey"]
    assert [field["value"] for field in survey["fields"]] == [""]
    answered = tell(client, shop, gift="yes").json["modules"]
    (survey,) = [one for one in answered if one["key"] == "survey"]
    assert (survey["fields"], bool(survey["done"])) == ([], True)
    assert tell(client, shop, gift="no").status_code == 404
    with shop.work() as session:
        assert queries.said(session, order_id, "gift", "yes")


def test_a_gift_that_is_told_of_afterwards_is_one_from_the_beginning(
    app: Flask, noon: datetime, client: FlaskClient, shop: make.MadeShop
) -> None:
    world = World(app, shop)
    world.switch_on("welcome", "first-72-hours", "gift-guide", "vip-thanks")
    with shop.work() as session:
        service.switch(session, "gift", on=True)
    order = world.place(checkout_token="one")

    def states() -> dict[str, tuple[str, str | None]]:
        runs = {key: world.run(order, key) for key in ("welcome", "gift-guide", "first-72-hours")}
        return {key: (run.state, run.end_reason) for key, run in runs.items() if run}

    assert states()["welcome"] == ("scheduled", None)
    assert states()["gift-guide"] == ("cancelled", "only:gift")
    assert tell(client, shop, gift="yes").status_code == 200
    make.settle(app)
    assert states()["welcome"] == ("cancelled", "gift")
    assert states()["gift-guide"] == states()["first-72-hours"] == ("scheduled", None)
    world.deliver(order)
    said = world.messages(order)
    assert "gift-guide:guide" in said
    assert said["first-72-hours:start-guide"] == ("skipped", "replaced")
    assert not [key for key in said if key.startswith("welcome:")]
    # What was refused for another reason stays out.
    stayed = world.run(order, "vip-thanks")
    assert stayed is not None
    assert stayed.end_reason == "only:vip"


def test_only_its_answers_are_taken(
    client: FlaskClient, shop: make.MadeShop, order_id: int
) -> None:
    assert tell(client, shop, gift="perhaps").status_code == 422
    with shop.work() as session:
        assert queries.answers_of(session, order_id) == {}


def test_who_says_it_is_a_gift_is_treated_so(shop: make.MadeShop, order_id: int) -> None:
    definition = next(one for one in presets().values() if "gift" in one.words)
    with shop.work() as session:
        order = mirror.order(session, order_id)
        lines = mirror.order_lines(session, order_id)
        assert "gift" not in holding(Known(session, definition, order, lines, None, []))
        service.answer(session, order_id, {"gift": "yes"})
        assert "gift" in holding(Known(session, definition, order, lines, None, []))


def test_the_merchant_asks_own_questions_and_reads_the_answers(
    client: FlaskClient, shop: make.MadeShop, order_id: int
) -> None:
    assert "Who is it for?" in admin(client, shop, **OWN).text
    with shop.work() as session:
        service.answer(session, order_id, {"own-2": "o2", "gift": "no"})
    assert "Family" in admin(client, shop).text
    assert "Who is it for?,Family" in admin(client, shop, "/answers.csv").text
    admin(client, shop, "/gift", on="0")
    with shop.work() as session:
        assert [one.key for one in queries.questions(session, active=True)] == ["own-2"]


def test_mistakes_come_back(client: FlaskClient, shop: make.MadeShop) -> None:
    answer = admin(client, shop, **{**OWN, "options_en": "Me", "question_ja": ""})
    assert answer.status_code == 422
    assert answer.text.count('class="field__error"') == 2
    assert "Who is it for?" in answer.text


def test_a_page_asks_little(shop: make.MadeShop) -> None:
    with shop.work() as session:
        for number in range(rules.MOST_ACTIVE):
            service.add(session, rules.Draft(f"q{number}", "text", rules.PRESETS[0].texts))
        with pytest.raises(Invalid):
            service.switch(session, "gift", on=True)


def test_a_person_is_forgotten(shop: make.MadeShop, order_id: int) -> None:
    with shop.work() as session:
        service.answer(session, order_id, {"gift": "yes"})
        order = session.get_one(Order, (shop.id, order_id))
        customer = session.get_one(Customer, (shop.id, order.customer_id))
        assert service.export_person(session, customer) == {order.name: {"gift": "yes"}}
        assert service.erase_person(session, customer) == 1
        assert service.export_person(session, customer) == {}
