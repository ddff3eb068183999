"""Consent from the box at checkout to the way out in a mail's footer, and back to Shopify."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from app.consent import errands, queries, service
from app.consent.events import Unsubscribed
from app.consent.model import ConsentRecord, Suppression
from app.core import links
from app.core.clock import now, shift_to
from app.journal.model import JournalEntry
from app.mirror import queries as mirror
from app.mirror.model import Customer
from app.shopify import gateway
from app.shops import tokens
from tests import make
from tests.make import MadeShop
from tests.mirror import said

MARKETING, SERVICE, TRANSACTIONAL = "marketing", "service", "transactional"


def may(shop: MadeShop, customer_id: int, message_class: str = MARKETING) -> str | None:
    with shop.work() as session:
        customer = mirror.customer(session, customer_id)
        assert customer is not None
        return service.may_send(
            session,
            customer,
            address=customer.email or "",
            channel="email",
            message_class=message_class,
        )


def buyer(shop: MadeShop, **given: Any) -> int:
    with shop.work() as session:
        return make.customer(session, **given).id


def link(shop: MadeShop, customer_id: int, days: int = 1000) -> str:
    with shop.work() as session:
        expires = now(session) + timedelta(days=days)
    return "/u/" + links.sign(shop.id, "unsubscribe", {"customer": customer_id}, expires)


def ledger(shop: MadeShop, customer_id: int) -> list[tuple[bool, str]]:
    with shop.work() as session:
        return [(e.granted, e.source) for e in queries.ledger(session, customer_id)]


def unsubscribed(shop: MadeShop) -> int:
    with shop.work() as session:
        query = select(JournalEntry).where(JournalEntry.kind == "Unsubscribed")
        return len(session.scalars(query).all())


def test_the_ticked_box_is_written_down_with_its_evidence(app: Flask, shop: MadeShop) -> None:
    said.tell(app, ("orders/create", said.order()))
    with shop.work() as session:
        customer = session.scalars(select(Customer)).one()
        (entry,) = session.scalars(select(ConsentRecord)).all()
    assert (entry.granted, entry.channel, entry.source) == (True, "email", "shopify orders/create")
    assert entry.occurred_at == make.at(2026, 6, 1, 0, 59)
    assert may(shop, customer.id) is None


def test_the_box_left_empty_gets_service_only(app: Flask, shop: MadeShop) -> None:
    empty = {"state": "not_subscribed", "consent_updated_at": None}
    said.tell(
        app, ("orders/create", said.order(customer=said.customer(email_marketing_consent=empty)))
    )
    with shop.work() as session:
        customer_id = session.scalars(select(Customer.id)).one()
    assert may(shop, customer_id, MARKETING) == "no_consent"
    assert may(shop, customer_id, SERVICE) is None
    assert may(shop, customer_id, TRANSACTIONAL) is None
    assert ledger(shop, customer_id) == []


def test_no_customer_and_no_address(app: Flask, shop: MadeShop) -> None:
    with shop.work() as session:
        ask = {"channel": "email", "address": "someone@example.com"}
        assert service.may_send(session, None, message_class=SERVICE, **ask) is None
        assert service.may_send(session, None, message_class=MARKETING, **ask) == "no_consent"
        ask["address"] = " "
        assert service.may_send(session, None, message_class=SERVICE, **ask) == "no_address"


def test_existing_customers_where_the_merchant_and_the_law_say_so(app: Flask) -> None:
    shop = make.shop(settings={"existing_customer_basis": True})
    silent = {"marketing_state": "not_subscribed", "marketing_updated_at": None}
    assert may(shop, buyer(shop, **silent, country="JP")) is None
    assert may(shop, buyer(shop, **silent, country="DE")) == "country_needs_consent"
    gone = {"marketing_state": "unsubscribed"}
    assert may(shop, buyer(shop, **gone, country="JP")) == "unsubscribed"


def test_a_get_shows_a_page_and_changes_nothing(app: Flask, shop: MadeShop) -> None:
    customer_id = buyer(shop)
    page = app.test_client().get(link(shop, customer_id), headers={"Accept-Language": "ja"})
    assert page.status_code == 200
    assert "配信を停止する" in page.text
    assert may(shop, customer_id) is None


def test_one_click_unsubscribes_at_once_and_once(app: Flask, shop: MadeShop) -> None:
    customer_id = buyer(shop)
    for _ in range(2):
        done = app.test_client().post(
            link(shop, customer_id), data={"List-Unsubscribe": "One-Click"}
        )
        assert done.status_code == 200
        assert "Set-Cookie" not in done.headers
    assert may(shop, customer_id) == "unsubscribed"
    # Whoever looks afterwards is not asked for what is done.
    page = app.test_client().get(link(shop, customer_id)).text
    assert "配信を停止しました" in page
    assert "<form" not in page
    assert may(shop, customer_id, SERVICE) is None
    assert ledger(shop, customer_id) == [(False, "one-click")]
    assert unsubscribed(shop) == 1


def test_the_pages_button_unsubscribes_too(app: Flask, other_shop: MadeShop) -> None:
    customer_id = buyer(other_shop, locale="en")
    done = app.test_client().post(link(other_shop, customer_id))
    assert "You are unsubscribed" in done.text
    assert ledger(other_shop, customer_id) == [(False, "page")]


def test_forged_and_foreign_links_do_nothing(
    app: Flask, shop: MadeShop, other_shop: MadeShop, owner: Engine
) -> None:
    customer_id = buyer(shop)
    client = app.test_client()
    assert client.post(link(shop, customer_id) + "x").status_code == 403
    with shop.work() as session:
        tomorrow = now(session) + timedelta(days=1)
    foreign = links.sign(other_shop.id, "unsubscribe", {"customer": customer_id}, tomorrow)
    assert client.post(f"/u/{foreign}").status_code == 200
    other = links.sign(shop.id, "track", {"customer": customer_id}, tomorrow)
    assert client.post(f"/u/{other}").status_code == 403
    short = link(shop, customer_id, days=1)
    shift_to(owner, tomorrow + timedelta(hours=1))
    assert client.post(short).status_code == 410
    assert may(shop, customer_id) is None


def test_a_new_consent_after_an_unsubscription_counts_an_old_one_does_not(
    app: Flask, shop: MadeShop
) -> None:
    customer_id = buyer(shop)
    app.test_client().post(link(shop, customer_id))

    def grant(days: int) -> None:
        with shop.work() as session:
            service.grant(
                session,
                customer_id,
                channel="email",
                source="checkout",
                occurred_at=now(session) + timedelta(days=days),
            )

    grant(-1)
    assert may(shop, customer_id) == "unsubscribed"
    grant(1)
    assert may(shop, customer_id) is None
    with shop.work() as session:
        assert session.scalars(select(Suppression)).all() == []


def test_an_unsubscription_at_shopify_counts_here(app: Flask, shop: MadeShop) -> None:
    topic = "customers_email_marketing_consent/update"
    consent = {"state": "unsubscribed", "consent_updated_at": "2026-06-03T10:00:00+09:00"}
    said.tell(
        app,
        ("orders/create", said.order()),
        (topic, {"customer_id": 3001, "email_marketing_consent": consent}),
    )
    with shop.work() as session:
        customer_id = session.scalars(select(Customer.id)).one()
    assert may(shop, customer_id) == "unsubscribed"
    assert ledger(shop, customer_id)[-1] == (False, f"shopify {topic}")
    assert unsubscribed(shop) == 1


def test_hard_bounces_stop_everything_and_complaints_marketing(app: Flask, shop: MadeShop) -> None:
    bounced, complained = buyer(shop, email="A@example.com"), buyer(shop, email="b@example.com")
    with shop.work() as session:
        for _ in range(2):
            service.suppress(
                session, channel="email", address="a@EXAMPLE.com", reason="hard_bounce"
            )
        service.suppress(
            session,
            channel="email",
            address="b@example.com",
            reason="complaint",
            scope="marketing",
            customer_id=complained,
        )
    assert may(shop, bounced, TRANSACTIONAL) == "suppressed"
    assert may(shop, complained, MARKETING) == "suppressed"
    assert may(shop, complained, SERVICE) is None
    with shop.work() as session:
        query = select(JournalEntry.data).where(JournalEntry.kind == "Suppressed")
        assert sorted(data["reason"] for data in session.scalars(query)) == [
            "complaint",
            "hard_bounce",
        ]


@pytest.mark.parametrize(
    ("state", "told"), [("subscribed", True), ("unsubscribed", False), ("not_subscribed", False)]
)
def test_shopify_hears_of_it_unless_it_said_so_itself(
    app: Flask, shop: MadeShop, monkeypatch: pytest.MonkeyPatch, state: str, told: bool
) -> None:
    customer_id = buyer(
        shop, shopify_id=42, marketing_state=state, marketing_updated_at=make.at(2026, 5, 1)
    )
    calls: list[tuple[int, bool]] = []

    def update(_client: Any, shopify_id: int, *, subscribed: bool, at: Any) -> None:
        calls.append((shopify_id, subscribed))

    monkeypatch.setattr(gateway, "update_email_consent", update)
    monkeypatch.setattr(tokens, "client", lambda shop_id: shop_id)
    event = Unsubscribed(
        occurred_at=make.at(2026, 6, 1),
        customer_id=customer_id,
        channel="email",
        scope="marketing",
    )
    errands.push_consent(shop.id, event)
    assert calls == ([(42, False)] if told else [])
