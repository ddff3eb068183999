"""The customer pages: found without leaking, what comes and why, and what staff do by hand."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.consent import queries as consent
from app.core.clock import now
from app.journeys.model import JourneyRun, JourneyTask
from app.messages.model import Message
from app.mirror.model import Customer
from app.shopify.tokens import Person
from app.shops.staff import note
from tests import make, sign
from tests.journeys.world import World
from tests.tracking.test_shown_again import counted

EN = {"Okaeri-Locale": "en"}


@pytest.fixture
def world(app: Flask, shop: make.MadeShop) -> World:
    """The shop, with all recommended journeys on."""
    made = World(app, shop)
    made.switch_on()
    return made


def staff(shop: make.MadeShop) -> dict[str, str]:
    return sign.admin(shop.domain, **EN)


def page(client: FlaskClient, shop: make.MadeShop, customer: int) -> str:
    answer = client.get(f"/app/customers/{customer}", headers=staff(shop))
    assert answer.status_code == 200
    return answer.text


def test_somebody_is_found_by_address_or_order_and_nothing_else(
    client: FlaskClient, world: World, shop: make.MadeShop
) -> None:
    order = world.place(buyer_given={"email": "hanako@example.jp"}, name="#4321")
    customer = world.customer(order)
    link = f'href="/app/customers/{customer}"'
    assert link in client.get("/app/customers", headers=staff(shop)).text
    for wanted in ("HANAKO@example.jp", "#4321", "4321"):
        found = client.post("/app/customers", data={"q": wanted}, headers=staff(shop))
        assert link in found.text, wanted
    for wanted in ("hanako", "@example.jp", "432", "山田"):
        found = client.post("/app/customers", data={"q": wanted}, headers=staff(shop))
        assert link not in found.text, wanted
        assert "Nobody was found" in found.text


def test_a_customers_page_says_what_comes_and_why(
    client: FlaskClient, world: World, shop: make.MadeShop
) -> None:
    order = world.place(buyer_given={"marketing_state": "not_subscribed"})
    text = page(client, shop, world.customer(order))
    coming = text.split('data-testid="coming"')[1].split('data-testid="history"')[0]
    assert "Planned: Getting ready" in coming or "Will be sent: Getting ready" in coming
    assert "As things stand it will not be sent" in coming
    history = text.split('data-testid="history"')[1]
    assert "What happens next" in history
    assert (
        "The customer has not agreed to marketing e-mail." in text.split('data-testid="consent"')[1]
    )


def test_stopping_everything_ends_what_runs_and_keeps_what_comes_out(
    app: Flask, client: FlaskClient, world: World, shop: make.MadeShop
) -> None:
    order = world.place()
    customer = world.customer(order)
    answer = client.post(f"/app/customers/{customer}/stop", headers=staff(shop))
    assert answer.status_code == 303
    assert "This person gets nothing" in page(client, shop, customer)
    with shop.work() as session:
        buyer = session.get_one(Customer, (shop.id, customer))
    later = world.place(buyer=buyer, nth=2)
    with shop.work() as session:
        runs = session.scalars(select(JourneyRun).where(JourneyRun.customer_id == customer)).all()
        assert {run.state for run in runs} <= {"cancelled", "done"}
        assert {run.end_reason for run in runs if run.order_id == later} == {"muted"}
        waiting = select(Message).where(
            Message.customer_id == customer, Message.state == "scheduled"
        )
        assert session.scalars(waiting).all() == []
        words = consent.words(session, customer)
        assert {word.evidence["staff"] for word in words.values()} == {sign.STAFF}
        ended = {channel for (channel, _), word in words.items() if not word.granted}
        assert ended == {"email", "line", "sms", "push"}
    timeline = client.get(f"/app/orders/{order}", headers=staff(shop)).text
    assert "Left in peace by hand: all journeys" in timeline
    assert "Everything was stopped for this person" in timeline
    assert "The customer unsubscribed" not in timeline
    assert "by you" in timeline.lower()
    client.post(f"/app/customers/{customer}/resume", headers=staff(shop))
    again = world.place(buyer=buyer, nth=3)
    assert world.messages(again)["next-steps:thanks"][0] == "sent"


def test_one_journey_is_muted_and_the_others_go_on(
    client: FlaskClient, world: World, shop: make.MadeShop
) -> None:
    order = world.place()
    customer = world.customer(order)
    client.post(f"/app/customers/{customer}/mute/first-72-hours", headers=staff(shop))
    assert 'data-testid="muted"' in page(client, shop, customer)
    muted = world.run(order, "first-72-hours")
    assert muted is not None
    assert muted.end_reason == "muted_here"
    told = client.get(f"/app/orders/{order}", headers=staff(shop)).text
    assert "Someone stopped this journey for this customer" in told
    assert "wants this customer left in peace" not in told
    world.deliver(order)
    review = world.run(order, "review")
    assert review is not None
    assert review.ended_at is None
    client.post(f"/app/customers/{customer}/unmute/first-72-hours", headers=staff(shop))
    assert 'data-testid="muted"' not in page(client, shop, customer)


def test_a_message_is_sent_again_as_one_of_its_own(
    app: Flask, client: FlaskClient, world: World, shop: make.MadeShop
) -> None:
    order = world.place()
    customer = world.customer(order)
    with shop.work() as session:
        told = session.scalars(select(Message).where(Message.kind == "next-steps")).one()
    link = f"/app/customers/{customer}/messages/{told.id}/resend"
    answer = client.post(link, headers=staff(shop))
    assert answer.status_code == 303
    make.settle(app)
    with shop.work() as session:
        both = session.scalars(select(Message).where(Message.kind == "next-steps")).all()
        assert [one.state for one in both] == ["sent", "sent"]
    timeline = client.get(f"/app/orders/{order}", headers=staff(shop)).text
    assert "A message was sent again by hand" in timeline
    # Pressed once more, of the first or of the second, nothing leaves, and it is said why.
    for one in both:
        answer = client.post(
            f"/app/customers/{customer}/messages/{one.id}/resend", headers=staff(shop)
        )
        said = client.get(answer.location, headers=staff(shop)).text
        assert "already sent again a moment ago" in said
    make.settle(app)
    with shop.work() as session:
        assert len(session.scalars(select(Message).where(Message.kind == "next-steps")).all()) == 2
    assert said.count("Sent again (by you)") == 1
    assert timeline.count("Sent again (by you)") == 1
    assert "by you" in timeline.lower()
    # Once Shopify has said who that is, everybody reads the name.
    with shop.work() as session:
        note(session, sign.STAFF, Person("日向 美咲", "ja"))
    assert "日向 美咲" in client.get(f"/app/orders/{order}", headers=staff(shop)).text
    wrong = f"/app/customers/{customer + 1}/messages/{told.id}/resend"
    assert client.post(wrong, headers=staff(shop)).status_code == 404


def test_a_task_is_done_by_somebody(client: FlaskClient, world: World, shop: make.MadeShop) -> None:
    order = world.place()
    with shop.work() as session:
        session.add(
            JourneyTask(
                shop_id=shop.id,
                run_id=1,
                journey="feedback",
                step="call",
                order_id=order,
                customer_id=world.customer(order),
                title={"ja": "お電話", "en": "Call them"},
                text={"ja": "理由を伺う", "en": "Ask what went wrong"},
                due_on=now(session).date(),
                state="open",
                given_at=now(session),
            )
        )
    home = client.get("/app", headers=staff(shop)).text
    assert "Call them" in home
    assert "Ask what went wrong" in page(client, shop, world.customer(order))
    with shop.work() as session:
        task = session.scalars(select(JourneyTask)).one()
    done = client.post(
        f"/app/tasks/{task.id}/done", data={"back": f"/app/orders/{order}"}, headers=staff(shop)
    )
    assert done.location == f"/app/orders/{order}"
    assert "Call them" not in client.get("/app", headers=staff(shop)).text
    told = client.get(done.location, headers=staff(shop)).text
    assert "Done by you" in told
    colleague = {**EN, "Authorization": f"Bearer {sign.id_token(shop.domain, sub='77')}"}
    told = client.get(done.location, headers=colleague).text
    assert f"Done by a member of staff (Shopify ID {sign.STAFF})" in told
    elsewhere = client.post(
        f"/app/tasks/{task.id}/done", data={"back": "https://evil.example"}, headers=staff(shop)
    )
    assert elsewhere.location == "/app"


def test_another_shops_customers_do_not_exist(
    client: FlaskClient, world: World, shop: make.MadeShop, other_shop: make.MadeShop
) -> None:
    customer = world.customer(world.place())
    for path in ("", "/stop", "/mute/review"):
        url, headers = f"/app/customers/{customer}{path}", staff(other_shop)
        answer = client.post(url, headers=headers) if path else client.get(url, headers=headers)
        assert answer.status_code == 404


def page_of_all(client: FlaskClient, shop: make.MadeShop) -> str:
    return client.get("/app/customers", headers=staff(shop)).text


def test_a_page_of_customers_costs_no_more_for_each_of_them(
    app: Flask, client: FlaskClient, shop: make.MadeShop
) -> None:
    # Who comes first has the shop's number looked up.
    assert page_of_all(client, shop).count('data-testid="customer"') == 0
    asked = []
    for buyers in (1, 3):
        with shop.work() as session:
            for _ in range(buyers):
                make.order(session, buyer=make.customer(session))
        with counted(app) as said:
            shown = page_of_all(client, shop)
        asked.append(len(said))
    assert shown.count('data-testid="customer"') == 4
    assert asked[0] == asked[1]
