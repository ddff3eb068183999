"""The preference centre, the way out and the second click, through their links."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from app.consent import queries, service
from app.consent.model import TOPICS, ConsentRecord
from app.consent.service import optin
from app.core import links
from app.core.clock import now
from app.journeys import service as journeys
from app.messages.model import Message
from app.mirror.model import Customer
from tests import make
from tests.consent.test_consent import buyer, may, unsubscribed
from tests.make import MadeShop

NOBODY = {"marketing_state": "not_subscribed", "marketing_updated_at": None}


def link(shop: MadeShop, customer_id: int, path: str = "preferences") -> str:
    with shop.work() as session:
        expires = now(session) + timedelta(days=9)
        return f"/{path}/" + links.sign(shop.id, path, {"customer": customer_id}, expires)


def topics(shop: MadeShop, customer_id: int) -> set[tuple[str, str]]:
    with shop.work() as session:
        return set(
            service.preferences(session, session.get_one(Customer, (shop.id, customer_id))).ticked
        )


def records(shop: MadeShop) -> list[tuple[str, str, bool]]:
    with shop.work() as session:
        query = select(ConsentRecord).order_by(ConsentRecord.id)
        return [(r.channel, r.topic, r.granted) for r in session.scalars(query)]


ALL = {("email", topic) for topic in TOPICS}


def test_looking_changes_nothing_and_nothing_is_ticked_that_was_not_granted(
    app: Flask, shop: MadeShop
) -> None:
    agreed, silent = buyer(shop), buyer(shop, **NOBODY)
    client = app.test_client()
    assert client.get(link(shop, agreed)).text.count(" checked") == len(TOPICS)
    page = client.get(link(shop, silent), query_string={"lang": "ja"})
    assert " checked" not in page.text
    assert "お届けする内容をお選びください" in page.text
    assert "What may we send you?" in client.get(link(shop, silent) + "?lang=en").text
    assert records(shop) == []


def test_one_topic_is_saved_with_its_words(app: Flask, shop: MadeShop) -> None:
    person = buyer(shop, **NOBODY)
    done = app.test_client().post(
        link(shop, person), data={"do": "save", "want": ["email:loyalty", "email:nonsense", "x"]}
    )
    assert done.status_code == 200
    assert topics(shop, person) == {("email", "loyalty")}
    with shop.work() as session:
        entry = queries.newest(session, person, "email", "loyalty")
        assert entry is not None
        assert entry.source == "preferences"
        assert entry.evidence["where"] == "preference page"
        assert "127.0.0.1" not in str(entry.evidence)
        words = queries.texts(session, [entry.evidence["text"]])[entry.evidence["text"]]
        assert "株式会社ひなた" in words.text
    before = records(shop)
    app.test_client().post(link(shop, person), data={"want": "email:loyalty"})
    assert records(shop) == before


def test_ticks_taken_away_stop_their_topics_and_the_last_one_everything(
    app: Flask, shop: MadeShop
) -> None:
    person = buyer(shop)
    kept = [f"email:{topic}" for topic in TOPICS if topic != "offers"]
    app.test_client().post(link(shop, person), data={"want": kept})
    assert topics(shop, person) == ALL - {("email", "offers")}
    assert records(shop) == [("email", "offers", False)]
    assert unsubscribed(shop) == 0
    app.test_client().post(link(shop, person), data={"do": "save"})
    assert topics(shop, person) == set()
    assert may(shop, person) == "unsubscribed"
    assert unsubscribed(shop) == 1


def test_somebody_comes_back_by_one_topic_and_by_all(app: Flask, shop: MadeShop) -> None:
    person = buyer(shop)
    client = app.test_client()
    client.post(link(shop, person), data={"do": "stop"})
    client.post(link(shop, person), data={"want": ["email:news"]})
    assert topics(shop, person) == {("email", "news")}
    client.post(link(shop, person), data={"want": [f"email:{topic}" for topic in TOPICS]})
    assert topics(shop, person) == ALL
    assert may(shop, person) is None


def test_customers_without_a_word_are_told_why_they_hear_from_us(app: Flask) -> None:
    shop = make.shop(settings={"existing_customer_basis": True})
    person = buyer(shop, **NOBODY)
    client = app.test_client()
    page = client.get(link(shop, person) + "?lang=en")
    assert "because you bought here" in page.text
    assert " checked" not in page.text
    client.post(link(shop, person), data={"do": "save", "want": "email:news"})
    assert topics(shop, person) == {("email", "news")}
    with shop.work() as session:
        customer = session.get_one(Customer, (shop.id, person))
        ask = {"address": "a@example.com", "channel": "email", "message_class": "marketing"}
        assert service.may_send(session, customer, topic="offers", **ask) == "topic_off"


def test_a_pause_holds_for_thirty_days_and_ends_when_wanted(app: Flask, shop: MadeShop) -> None:
    person = buyer(shop)
    client = app.test_client()
    assert "30" in client.post(link(shop, person), data={"do": "pause"}).text
    with shop.work() as session:
        held = queries.held(session, person, None)
        assert held is not None
        assert held.until is not None
        assert timedelta(days=29) < held.until - now(session) <= timedelta(days=30)
        assert held.reason == "customer_pause"
    client.post(link(shop, person), data={"do": "resume"})
    with shop.work() as session:
        assert queries.held(session, person, None) is None


def test_line_has_its_own_ticks_and_its_own_notices(app: Flask, shop: MadeShop) -> None:
    person = buyer(shop)
    with shop.work() as session:
        service.link_channel(session, person, "line", "U1", {})
    assert topics(shop, person) == ALL | {("line", "orders")}
    app.test_client().post(
        link(shop, person), data={"want": [f"email:{t}" for t in TOPICS] + ["line:offers"]}
    )
    assert topics(shop, person) == ALL | {("line", "offers")}
    with shop.work() as session:
        customer = session.get_one(Customer, (shop.id, person))
        ask = {"address": "U1", "channel": "line"}
        assert (
            service.may_send(session, customer, message_class="service", topic="orders", **ask)
            == "topic_off"
        )
        offers = service.may_send(
            session, customer, message_class="marketing", topic="offers", **ask
        )
        assert offers is None


def test_foreign_and_erased_readers_find_nothing(app: Flask, shop: MadeShop) -> None:
    person = buyer(shop)
    client = app.test_client()
    assert client.post(link(shop, person) + "x", data={"do": "stop"}).status_code == 403
    assert client.post(link(shop, person).replace("/preferences/", "/u/")).status_code == 403
    with shop.work() as session:
        session.get_one(Customer, (shop.id, person)).redacted_at = now(session)
    assert client.get(link(shop, person)).status_code == 410


def test_a_birthday_is_asked_for_where_somebody_will_be_wished_well(
    app: Flask, shop: MadeShop
) -> None:
    person, client = buyer(shop), app.test_client()
    page = link(shop, person)
    assert 'data-testid="birthday"' not in client.get(page).text
    with shop.work() as session:
        journeys.switch_on(session, "birthday")
    assert 'data-testid="birthday"' in client.get(page).text

    def tell(month: str, day: str) -> tuple[int, int] | None:
        form = {"do": "birthday", "month": month, "day": day}
        assert client.post(page, data=form).status_code == 200
        with shop.work() as session:
            return queries.birthdays(session, [person]).get(person)

    assert tell("2", "29") == (2, 29)
    assert "<option selected>29</option>" in client.get(page).text
    assert tell("2", "31") == (2, 29)
    assert tell("7", "") == (2, 29)
    assert tell("", "") is None


def test_the_way_out_leads_to_the_choice(app: Flask, shop: MadeShop) -> None:
    page = app.test_client().get(
        link(shop, buyer(shop), "unsubscribe").replace("/unsubscribe/", "/u/")
    )
    assert "/preferences/" in page.text


def test_the_second_click_counts_and_looking_does_not(app: Flask, shop: MadeShop) -> None:
    person = buyer(shop, country="DE", **NOBODY)
    with shop.work() as session:
        optin.ask(session, person, source="checkout", given_at=now(session), evidence={})
    make.settle(app)
    with shop.work() as session:
        mail = session.scalars(select(Message)).one()
        assert (mail.kind, mail.message_class) == ("confirm-subscription", "transactional")
        assert mail.reason is None
    client = app.test_client()
    assert client.get(link(shop, person, "confirm")).status_code == 200
    assert topics(shop, person) == set()
    assert (
        "配信登録の確認が完了しました"
        in client.post(link(shop, person, "confirm") + "?lang=ja").text
    )
    assert topics(shop, person) == ALL
