"""The ledger: topics, countries, confirmation by a second click, SMS, and what outlives erasure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.consent import errands, queries, service
from app.consent.events import Subscribed
from app.consent.model import ConsentRequest, ConsentText, Suppression
from app.consent.service import optin
from app.core import clock, links
from app.core.clock import now
from app.inbox.model import Webhook
from app.journal.model import JournalEntry
from app.messages.model import Message
from app.mirror import queries as mirror
from app.mirror.model import Customer
from app.mirror.service import keep_order
from app.shopify import payloads
from tests import make, sign
from tests.consent.test_consent import buyer, ledger
from tests.make import MadeShop
from tests.mirror import said


def may(session: Session, customer_id: int, topic: str, channel: str = "email") -> str | None:
    customer = mirror.customer(session, customer_id)
    assert customer is not None
    return service.may_send(
        session,
        customer,
        address=customer.email or "",
        channel=channel,
        message_class="marketing",
        topic=topic,
    )


def test_a_topic_taken_back_stops_that_topic_alone(app: Flask, shop: MadeShop) -> None:
    person = buyer(shop)
    with shop.work() as session:
        service.withdraw(session, person, channel="email", topic="reviews", source="page")
        assert may(session, person, "reviews") == "topic_off"
        assert may(session, person, "offers") is None
        # Agreeing to everything at a checkout does not undo what was said about one topic.
        service.grant(
            session,
            person,
            channel="email",
            source="checkout",
            occurred_at=now(session) + timedelta(days=1),
        )
        assert may(session, person, "reviews") == "topic_off"


def test_one_topic_after_leaving_everything(app: Flask, shop: MadeShop) -> None:
    person = buyer(shop)
    with shop.work() as session:
        service.unsubscribe(session, person, "x@example.com", "page")
    with shop.work() as session:
        customer = session.get_one(Customer, (shop.id, person))
        address = customer.email
        service.grant(
            session,
            person,
            channel="email",
            source="page",
            occurred_at=now(session) + timedelta(seconds=1),
            topic="loyalty",
        )
        assert may(session, person, "loyalty") is None
        assert may(session, person, "offers") == "unsubscribed"
        # The next unsubscription from everything counts, though there was one before.
        assert service.unsubscribe(session, person, address, "one-click")
        assert may(session, person, "loyalty") == "unsubscribed"
        assert not service.unsubscribe(session, person, address, "one-click")


def test_stricter_countries_ask_for_reviews_even_when_switched_on(app: Flask) -> None:
    shop = make.shop(settings={"existing_customer_basis": True, "consent": {"basis_also": ["AT"]}})
    silent = {"marketing_state": "not_subscribed", "marketing_updated_at": None}
    japan, austria = buyer(shop, **silent), buyer(shop, **silent, country="AT")
    nowhere = buyer(shop, **silent, country=None)
    with shop.work() as session:
        assert may(session, japan, "reviews") is None
        assert may(session, austria, "offers") is None
        assert may(session, austria, "reviews") == "country_needs_consent"
        assert may(session, austria, "feedback") == "country_needs_consent"
        assert may(session, nowhere, "offers") == "country_unknown"


def german(**consent: Any) -> dict[str, Any]:
    agreed = {
        "state": "subscribed",
        "opt_in_level": "single_opt_in",
        "consent_updated_at": "2026-06-01T09:00:00+09:00",
    }
    address = {**said.order()["shipping_address"], "country_code": "DE"}
    person = said.customer(email_marketing_consent={**agreed, **consent}, default_address=address)
    return said.order(customer=person, shipping_address=address)


def test_in_germany_a_consent_waits_for_the_second_click(app: Flask, shop: MadeShop) -> None:
    said.tell(app, ("orders/create", german()))
    with shop.work() as session:
        person = session.scalars(select(Customer.id)).one()
        asked = session.scalars(select(ConsentRequest)).one()
        assert may(session, person, "offers") == "unconfirmed"
        kinds = session.scalars(select(JournalEntry.kind)).all()
        assert kinds.count("ConfirmationAsked") == 1
        customer = session.get_one(Customer, (shop.id, person))
        assert (
            optin.ask(session, customer.id, source="again", given_at=now(session), evidence={})
            is asked
        )
    assert ledger(shop, person) == []
    with shop.work() as session:
        service.confirm(session, asked.id, {"ip": "hash"})
        service.confirm(session, asked.id, {"ip": "other"})
    with shop.work() as session:
        assert may(session, person, "offers") is None
        (entry,) = queries.ledger(session, person)
        assert entry.source == "double opt-in"
        assert entry.evidence["ip"] == "hash"
        assert entry.evidence["given_by"] == "shopify orders/create"


def test_a_consent_that_shopify_had_confirmed_needs_no_second_click(
    app: Flask, shop: MadeShop
) -> None:
    said.tell(app, ("orders/create", german(opt_in_level="confirmed_opt_in")))
    with shop.work() as session:
        person = session.scalars(select(Customer.id)).one()
        assert may(session, person, "offers") is None
        assert session.scalars(select(ConsentRequest)).all() == []


def test_consent_to_sms_is_read_from_shopify_and_is_not_consent_to_mail(
    app: Flask, shop: MadeShop
) -> None:
    agreed = {"state": "subscribed", "consent_updated_at": "2026-06-01T09:00:00+09:00"}
    empty = {"state": "not_subscribed", "consent_updated_at": None}
    person = said.customer(email_marketing_consent=empty, sms_marketing_consent=agreed)
    said.tell(app, ("orders/create", said.order(customer=person)))
    with shop.work() as session:
        customer_id = session.scalars(select(Customer.id)).one()
        assert may(session, customer_id, "offers", "sms") is None
        assert may(session, customer_id, "offers") == "no_consent"
        (entry,) = queries.ledger(session, customer_id)
        assert (entry.channel, entry.granted) == ("sms", True)


def test_the_words_agreed_to_are_kept_once(app: Flask, shop: MadeShop) -> None:
    with shop.work() as session:
        first = service.keep_text(session, "I agree", "en")
        assert service.keep_text(session, "I agree", "en") == first
        assert service.keep_text(session, "I agree", "ja") != first
        assert len(session.scalars(select(ConsentText)).all()) == 2
        assert queries.texts(session, [first])[first].text == "I agree"


def test_shopify_hears_of_a_new_subscription_but_not_of_an_older_one(
    app: Flask, shop: MadeShop, monkeypatch: Any
) -> None:
    calls: list[bool] = []
    monkeypatch.setattr(
        errands.gateway,
        "update_email_consent",
        lambda _client, _id, *, subscribed, at: calls.append(subscribed),  # noqa: ARG005
    )
    monkeypatch.setattr(errands.tokens, "client", lambda shop_id: shop_id)
    gone = {"marketing_state": "unsubscribed", "marketing_updated_at": make.at(2026, 6, 1)}
    person = buyer(shop, **gone)
    for day, told in ((2, [True]), (1, [True])):
        event = Subscribed(
            occurred_at=make.at(2026, 6, day),
            customer_id=person,
            channel="email",
            scope="marketing",
        )
        errands.push_subscription(shop.id, event)
        assert calls == told
    topic = Subscribed(
        occurred_at=make.at(2026, 6, 9), customer_id=person, channel="email", scope="offers"
    )
    errands.push_subscription(shop.id, topic)
    assert calls == [True]


def test_an_erased_address_stays_suppressed_by_its_hash_alone(app: Flask, shop: MadeShop) -> None:
    person = buyer(shop, email="Gone@example.com")
    with shop.work() as session:
        service.suppress(session, channel="email", address="gone@example.com", reason="complaint")
        customer = session.get_one(Customer, (shop.id, person))
        assert service.erase_person(session, customer) == 1
        assert session.scalars(select(Suppression.address)).all() == [None]
        ask = {"channel": "email", "message_class": "service"}
        refused = service.may_send(session, None, address="GONE@example.com", **ask)
        assert refused == "suppressed"


def test_consent_to_sms_ends_by_the_topic_of_its_own(app: Flask, shop: MadeShop) -> None:
    said.tell(app, ("customers/create", said.customer()))
    topic = "customers_marketing_consent/update"
    for month, state in ((6, "subscribed"), (7, "unsubscribed")):
        moment = f"2026-0{month}-02T09:00:00+09:00"
        word = {"state": state, "opt_in_level": "single_opt_in", "consent_updated_at": moment}
        said.tell(app, (topic, {"id": 3001, "phone": None, "sms_marketing_consent": word}))
        with shop.work() as session:
            customer = session.scalars(select(Customer)).one()
            refused = may(session, customer.id, "offers", "sms")
            assert refused == (None if state == "subscribed" else "unsubscribed")
            assert customer.sms_state == state
    said.tell(app, (topic, {"id": 3001}))
    with shop.work() as session:
        errors = session.scalars(select(Webhook.error).where(Webhook.state == "failed")).all()
    assert errors == ["payload: no consent to SMS in it"]


def test_what_we_told_shopify_comes_back_as_no_news(
    app: Flask, shop: MadeShop, owner: Engine, monkeypatch: Any
) -> None:
    told: list[dict[str, Any]] = []

    def update(_client: Any, number: int, *, subscribed: bool, at: datetime) -> None:
        # Shopify keeps whole seconds.
        word = {
            "state": "subscribed" if subscribed else "unsubscribed",
            "opt_in_level": "single_opt_in",
            "consent_updated_at": at.replace(microsecond=0).isoformat(),
        }
        told.append({"customer_id": number, "email_marketing_consent": word})

    monkeypatch.setattr(errands.gateway, "update_email_consent", update)
    monkeypatch.setattr(errands.tokens, "client", lambda shop_id: shop_id)
    person = buyer(shop, shopify_id=3001)
    # Away and back again before Shopify's first answer has come.
    with shop.work() as session:
        customer = session.get_one(Customer, (shop.id, person))
        service.unsubscribe(session, person, customer.email, "page")
    make.settle(app)
    # Of two words within one second the withdrawal counts.
    clock.shift_to(owner, clock.business_now(owner) + timedelta(seconds=1))
    with shop.work() as session:
        service.grant(session, person, channel="email", source="page", occurred_at=now(session))
    make.settle(app)
    words = [body["email_marketing_consent"]["state"] for body in told]
    assert words == ["unsubscribed", "subscribed"]
    before = len(ledger(shop, person))
    for body in told:
        said.tell(app, ("customers_email_marketing_consent/update", body))
    assert len(ledger(shop, person)) == before
    assert len(told) == 2
    with shop.work() as session:
        assert may(session, person, "offers") is None
        assert session.get_one(Customer, (shop.id, person)).marketing_state == "subscribed"


def test_who_agreed_long_ago_is_asked_where_they_are_and_by_no_mail(
    app: Flask, shop: MadeShop
) -> None:
    with shop.work() as session:
        kept = keep_order(session, payloads.order(german()), source="import", announce=False)
        order_id, person = kept.order.id, kept.order.customer_id or 0
        until = now(session) + timedelta(days=9)
    make.settle(app)

    def mails() -> list[str]:
        with shop.work() as session:
            return [one.kind for one in session.scalars(select(Message))]

    client, staff = app.test_client(), sign.admin(shop.domain, **{"Okaeri-Locale": "en"})
    assert mails() == []
    with shop.work() as session:
        assert may(session, person, "offers") == "unconfirmed"
    assert (
        "before we could ask" in client.get(f"/app/consent/customers/{person}", headers=staff).text
    )
    page = "/t/" + links.sign(shop.id, "track", {"order": order_id}, until)
    centre = "/preferences/" + links.sign(shop.id, "preferences", {"customer": person}, until)
    assert 'data-testid="unconfirmed"' in client.get(page).text
    assert 'value="confirm"' in client.get(centre).text
    for _ in range(2):
        assert client.post(f"{page}/confirmation").status_code == 303
        assert client.post(centre, data={"do": "confirm"}).status_code == 200
        make.settle(app)
    assert mails() == ["confirm-subscription"]
    assert 'data-testid="unconfirmed"' not in client.get(page).text
    assert 'value="confirm"' not in client.get(centre).text
    ledger_page = client.get(f"/app/consent/customers/{person}", headers=staff).text
    assert "we asked for the confirmation by e-mail" in ledger_page
    # Who says no meanwhile has nothing left to confirm.
    client.post(centre, data={"do": "stop"})
    assert 'data-testid="unconfirmed"' not in client.get(centre).text
