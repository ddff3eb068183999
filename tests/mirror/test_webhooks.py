"""From the door to the mirror: what Shopify says becomes rows and events, once."""

from __future__ import annotations

from collections import Counter
from threading import Thread
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.inbox import jobs
from app.inbox.model import Webhook
from app.journal.model import JournalEntry
from app.mirror import queries, service
from app.mirror.model import Customer, Order
from tests import make
from tests.make import MadeShop
from tests.mirror import said


def only_order(shop: MadeShop) -> Order:
    with shop.work() as session:
        return session.scalars(select(Order)).one()


def happened(shop: MadeShop) -> Counter[str]:
    with shop.work() as session:
        return Counter(session.scalars(select(JournalEntry.kind)))


def data_of(shop: MadeShop, kind: str) -> list[dict[str, Any]]:
    with shop.work() as session:
        return list(
            session.scalars(
                select(JournalEntry.data).where(JournalEntry.kind == kind).order_by(JournalEntry.id)
            )
        )


def test_an_order_becomes_rows(app: Flask, shop: MadeShop) -> None:
    typed = {"okaeri_ref": "ref1", "生年月日": "1990-05-17"}
    attributes = [{"name": name, "value": value} for name, value in typed.items()]
    said.tell(app, ("orders/create", said.order(note_attributes=attributes)))
    with shop.work() as session:
        order = queries.order_by_shopify_id(session, 5001)
        assert order is not None
        lines = queries.order_lines(session, order.id)
        customer = queries.customer(session, order.customer_id)
    assert (order.name, order.currency, order.total_minor) == ("#1001", "JPY", 4460)
    assert (order.subtotal_minor, order.shipping_minor, order.tax_minor) == (3960, 500, 330)
    # Of a birthday the year is nobody's business.
    assert order.note_attributes == {"okaeri_ref": "ref1", "生年月日": "05-17"}
    assert order.discount_codes == ["HELLO"]
    assert order.shipping_address is not None
    assert order.shipping_address["city"] == "渋谷区"
    assert order.nth == 1
    assert [(line.title, line.quantity, line.price_minor) for line in lines] == [
        ("ひなたブレンド 200g", 2, 1980)
    ]
    assert customer is not None
    assert (customer.last_name, customer.email) == ("山田", "taro@example.com")
    assert (customer.locale, customer.country) == ("ja", "JP")
    assert customer.marketing_state == "subscribed"
    assert happened(shop) == Counter(OrderPlaced=1, MarketingConsentChanged=1)
    assert data_of(shop, "OrderPlaced")[0]["first"] is True


def test_a_companys_order_keeps_its_name_until_it_is_erased(app: Flask, shop: MadeShop) -> None:
    billed = {"company": "株式会社こもれび", "address1": "1-1"}
    bought = said.order(shipping_address=None, billing_address=billed, company={"id": 7})
    said.tell(app, ("orders/create", bought))
    order = only_order(shop)
    assert (order.company, order.for_company) == ("株式会社こもれび", True)
    # What an API says later names no company of Shopify's, and takes none back.
    later = {**bought, "company": None, "updated_at": "2027-01-01T00:00:00Z"}
    said.tell(app, ("orders/updated", later))
    assert only_order(shop).for_company
    with shop.work() as session:
        customer = session.scalars(select(Customer)).one()
        exported = service.export_person(session, customer)
        service.erase_person(session, customer)
    assert "株式会社こもれび" in str(exported)
    assert only_order(shop).company == ""


def test_dollars_have_cents(app: Flask, other_shop: MadeShop) -> None:
    body = said.order(currency="USD", total_price="19.80", line_items=[said.line(price="19.8")])
    assert said.post(app, "orders/create", body, domain=other_shop.domain).status_code == 200
    make.settle(app)
    assert only_order(other_shop).total_minor == 1980


def test_update_before_create(app: Flask, shop: MadeShop) -> None:
    said.tell(
        app,
        ("orders/updated", said.order(updated_at="2026-06-01T11:00:00+09:00", total_price="5000")),
        ("orders/create", said.order()),
    )
    assert only_order(shop).total_minor == 5000
    assert happened(shop)["OrderPlaced"] == 1


def test_created_and_paid_within_one_second_in_either_order(app: Flask, shop: MadeShop) -> None:
    second = said.order(id=5002, name="#1002", line_items=[said.line(id=7002)])
    said.tell(
        app,
        ("orders/paid", said.order(financial_status="paid")),
        ("orders/create", said.order(financial_status="pending")),
        ("orders/create", {**second, "financial_status": "pending"}),
        ("orders/paid", {**second, "financial_status": "paid"}),
    )
    with shop.work() as session:
        assert set(session.scalars(select(Order.financial_status))) == {"paid"}
    assert happened(shop)["OrderPaid"] == 2


def test_cancel_before_paid(app: Flask, shop: MadeShop) -> None:
    cancelled = said.order(
        updated_at="2026-06-01T12:00:00+09:00",
        cancelled_at="2026-06-01T12:00:00+09:00",
        financial_status="voided",
    )
    said.tell(
        app,
        ("orders/cancelled", cancelled),
        ("orders/paid", said.order(financial_status="paid")),
        ("orders/create", said.order()),
    )
    order = only_order(shop)
    assert order.cancelled_at is not None
    assert order.financial_status == "voided"
    assert happened(shop)["OrderCancelled"] == 1
    assert happened(shop)["OrderPaid"] == 0


def test_a_parcel_before_its_order_waits_for_it(app: Flask, shop: MadeShop) -> None:
    said.tell(
        app,
        ("fulfillment_events/create", said.scan()),
        ("fulfillments/create", said.fulfillment()),
    )
    with shop.work() as session:
        waiting = dict(session.execute(select(Webhook.topic, Webhook.error)).all())
    assert waiting == {
        "fulfillment_events/create": "waits for fulfillment 6001",
        "fulfillments/create": "waits for order 5001",
    }
    said.tell(app, ("orders/create", said.order()))
    with shop.work() as session:
        assert set(session.scalars(select(Webhook.state))) == {"done"}
        order = queries.order_by_shopify_id(session, 5001)
        assert order is not None
        (parcel,) = queries.fulfillments_of(session, order.id)
        (scan,) = queries.scans_of(session, parcel.id)
    assert parcel.tracking_number == "123456789013"
    assert scan.status == "out_for_delivery"
    assert happened(shop)["FulfillmentRecorded"] == 1
    assert happened(shop)["FulfillmentScanned"] == 1


def test_a_fulfillment_inside_an_order_is_the_same_one(app: Flask, shop: MadeShop) -> None:
    updated = said.order(
        updated_at="2026-06-02T10:00:01+09:00",
        fulfillment_status="fulfilled",
        fulfillments=[said.fulfillment()],
    )
    said.tell(
        app,
        ("orders/updated", updated),
        ("fulfillments/create", said.fulfillment()),
        ("fulfillments/update", said.fulfillment(updated_at="2026-06-02T10:05:00+09:00")),
    )
    assert happened(shop)["FulfillmentRecorded"] == 1
    moved = said.fulfillment(updated_at="2026-06-02T11:00:00+09:00", tracking_number="222")
    said.tell(app, ("fulfillments/update", moved))
    assert happened(shop)["FulfillmentRecorded"] == 2


def test_a_customers_orders_are_counted(app: Flask, shop: MadeShop) -> None:
    second = said.order(
        id=5002,
        name="#1002",
        processed_at="2026-07-01T10:00:00+09:00",
        customer=said.customer(orders_count=2),
        line_items=[said.line(id=7002)],
    )
    # The second order comes first, and Shopify's own count knows that it is one.
    said.tell(app, ("orders/create", second), ("orders/create", said.order()))
    with shop.work() as session:
        counted = session.execute(select(Order.name, Order.nth).order_by(Order.name)).all()
    assert counted == [("#1001", 1), ("#1002", 2)]
    assert [event["first"] for event in data_of(shop, "OrderPlaced")] == [False, True]


def test_orders_without_mail_or_parcel_from_the_till_and_from_tests(
    app: Flask, shop: MadeShop
) -> None:
    silent = said.order(
        email="", customer=None, shipping_address=None, source_name="pos", test=True
    )
    silent["line_items"] = [said.line(requires_shipping=False)]
    said.tell(app, ("orders/create", silent))
    order = only_order(shop)
    assert (order.email, order.customer_id, order.nth) == (None, None, None)
    assert (order.source_name, order.test, order.shipping_address) == ("pos", True, None)
    with shop.work() as session:
        assert queries.needs_shipping(queries.order_lines(session, order.id)) is False
    assert data_of(shop, "OrderPlaced")[0]["first"] is False


def test_the_token_in_a_payload_joins_the_checkout(app: Flask, shop: MadeShop) -> None:
    said.tell(
        app,
        ("orders/create", said.order()),
        (
            "orders/updated",
            said.order(updated_at="2026-06-01T10:01:00+09:00", checkout_token="tok"),
        ),
        ("orders/updated", said.order(updated_at="2026-06-01T10:02:00+09:00")),
    )
    with shop.work() as session:
        joined = queries.order_by_checkout_token(session, "tok")
    assert joined is not None
    assert [event["checkout_token"] for event in data_of(shop, "OrderEnriched")] == ["tok"]


def test_consent_follows_the_decision_not_the_delivery(app: Flask, shop: MadeShop) -> None:
    def consent(state: str, moment: str) -> dict[str, Any]:
        return {
            "customer_id": 3001,
            "email_marketing_consent": {"state": state, "consent_updated_at": moment},
        }

    topic = "customers_email_marketing_consent/update"
    said.tell(
        app,
        (topic, consent("unsubscribed", "2026-06-03T10:00:00+09:00")),
        ("orders/create", said.order()),
        (topic, consent("subscribed", "2026-06-02T10:00:00+09:00")),
    )
    with shop.work() as session:
        customer = queries.customer_by_shopify_id(session, 3001)
        assert customer is not None
        assert customer.marketing_state == "unsubscribed"
        assert customer.email == "taro@example.com"
    assert [e["granted"] for e in data_of(shop, "MarketingConsentChanged")] == [False]


def test_an_undecided_payload_takes_no_consent_back(app: Flask, shop: MadeShop) -> None:
    undecided = said.customer(
        updated_at="2026-06-09T10:00:00+09:00",
        email_marketing_consent={"state": "not_subscribed", "consent_updated_at": None},
    )
    said.tell(app, ("orders/create", said.order()), ("customers/update", undecided))
    with shop.work() as session:
        assert session.scalars(select(Customer.marketing_state)).one() == "subscribed"


def test_an_older_customer_changes_nothing_but_fills_blanks(app: Flask, shop: MadeShop) -> None:
    said.tell(
        app,
        (
            "customers/update",
            said.customer(updated_at="2026-06-09T10:00:00+09:00", last_name="佐藤", email=None),
        ),
        ("orders/create", said.order()),
    )
    with shop.work() as session:
        customer = session.scalars(select(Customer)).one()
    assert (customer.last_name, customer.email) == ("佐藤", "taro@example.com")


def test_another_shops_orders_do_not_exist(
    app: Flask, shop: MadeShop, other_shop: MadeShop
) -> None:
    said.tell(app, ("orders/create", said.order()))
    with other_shop.work() as session:
        assert queries.order_by_shopify_id(session, 5001) is None
        assert queries.recent_orders(session) == []


def test_pages_of_orders(app: Flask, shop: MadeShop) -> None:
    with shop.work() as session:
        for _ in range(5):
            make.order(session)
        first = queries.recent_orders(session, limit=2)
        second = queries.recent_orders(session, limit=2, before=first[-1].id)
        rest = queries.recent_orders(session, limit=9, before=second[-1].id)
    assert len({order.id for order in [*first, *second, *rest]}) == 5


def test_a_parcel_that_gave_up_waiting_is_woken_by_its_late_order(
    app: Flask, shop: MadeShop
) -> None:
    said.tell(app, ("fulfillments/create", said.fulfillment()))
    with shop.work() as session:
        webhook = session.scalars(select(Webhook)).one()
        webhook.state = "failed"
    said.tell(app, ("orders/create", said.order()))
    assert happened(shop)["FulfillmentRecorded"] == 1


def test_workers_side_by_side_end_as_one_alone(app: Flask, shop: MadeShop) -> None:
    parcels = [said.fulfillment(id=6000 + n, name=f"#1001.{n}") for n in range(4)]
    news = [
        *(("fulfillments/create", parcel) for parcel in parcels),
        ("orders/paid", said.order(financial_status="paid")),
        ("orders/create", said.order()),
        *(("orders/updated", said.order(updated_at=f"2026-06-01T1{n}:00:00Z")) for n in range(5)),
        ("customers/update", said.customer()),
        ("orders/create", said.order(id=5002, name="#1002", line_items=[said.line(id=7002)])),
    ]
    said.deliver(app, news)

    def work() -> None:
        with app.app_context():
            jobs.drain()

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    make.settle(app)
    with shop.work() as session:
        rows = session.execute(select(Webhook.state, Webhook.error).distinct()).all()
        assert rows == [("done", None)]
        nths = session.scalars(select(Order.nth).order_by(Order.nth)).all()
    assert nths == [1, 2]
    facts = happened(shop)
    assert (facts["OrderPlaced"], facts["OrderPaid"], facts["FulfillmentRecorded"]) == (2, 1, 4)
