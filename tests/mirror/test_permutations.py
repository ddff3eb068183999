"""Shopify promises neither order nor once: any order of any webhooks of one order, any of them
several times, ends in the same mirror and the same facts."""

from __future__ import annotations

from collections import Counter
from itertools import count
from typing import Any

import msgspec
from flask import Flask
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from app.core.db import dispatching
from app.inbox import jobs
from app.inbox.model import Webhook
from app.inbox.service import Delivery, store
from app.journal.model import JournalEntry
from app.mirror import queries
from tests.make import MadeShop
from tests.mirror import said

Told = dict[str, Any]
_examples = count(1)
FACTS = ("OrderPlaced", "OrderPaid", "OrderCancelled", "OrderRefunded", "FulfillmentScanned")
NOT_COMPARED = {
    "email_key",
    "id",
    "shop_id",
    "order_id",
    "customer_id",
    "fulfillment_id",
    "shopify_id",
}


def story(base: int) -> list[tuple[str, Told]]:
    """An order's whole life; ids are its own. Created and paid within one second."""
    number, line_id, parcel_id = base + 1, base + 2, base + 3
    line = said.line(id=line_id)
    buyer = said.customer(id=base + 4, email=f"buyer{base}@example.com")
    placed = said.order(id=number, customer=buyer, line_items=[line])
    parcel, moved, arrived = way(parcel_id, number, line_id)
    refund = {
        "id": base + 5,
        "order_id": number,
        "created_at": "2026-06-05T10:00:00+09:00",
        "refund_line_items": [{"line_item_id": line_id, "quantity": 2}],
    }
    shipped, returned, cancelled = fate(placed, line, parcel, arrived, refund)
    scan = {"fulfillment_id": parcel_id, "order_id": number}
    delivered = said.scan(
        id=base + 7, status="delivered", happened_at="2026-06-03T12:00:00+09:00", **scan
    )
    return [
        ("orders/create", placed),
        ("orders/paid", {**placed, "financial_status": "paid"}),
        ("fulfillments/create", parcel),
        ("orders/updated", shipped),
        ("fulfillments/update", moved),
        ("fulfillment_events/create", said.scan(id=base + 6, **scan)),
        ("fulfillment_events/create", delivered),
        ("fulfillments/update", arrived),
        ("refunds/create", refund),
        ("orders/updated", returned),
        ("orders/cancelled", cancelled),
        ("customers/update", {**buyer, "updated_at": "2026-06-04T10:00:00+09:00"}),
    ]


def way(parcel_id: int, order_id: int, line_id: int) -> tuple[Told, Told, Told]:
    """A parcel as it is handed over, on its way, and delivered."""
    items = [{"id": line_id, "quantity": 2}]
    parcel = said.fulfillment(id=parcel_id, order_id=order_id, line_items=items)
    moved = {"updated_at": "2026-06-02T12:00:00+09:00", "shipment_status": "in_transit"}
    arrived = {"updated_at": "2026-06-03T12:00:00+09:00", "shipment_status": "delivered"}
    return parcel, {**parcel, **moved}, {**parcel, **arrived}


def fate(
    placed: Told, line: Told, parcel: Told, arrived: Told, refund: Told
) -> tuple[Told, Told, Told]:
    """The order once it is shipped, once it came back, and once it is cancelled."""
    shipped = {
        **placed,
        "updated_at": "2026-06-02T10:00:00+09:00",
        "financial_status": "paid",
        "fulfillment_status": "fulfilled",
        "fulfillments": [parcel],
    }
    returned = {
        **shipped,
        "updated_at": "2026-06-05T10:00:00+09:00",
        "financial_status": "refunded",
        "line_items": [{**line, "current_quantity": 0}],
        "fulfillments": [arrived],
        "refunds": [refund],
    }
    second_later = "2026-06-05T10:00:01+09:00"
    return shipped, returned, {**returned, "updated_at": second_later, "cancelled_at": second_later}


def send(shop: MadeShop, base: int, news: list[tuple[str, Told]]) -> None:
    """Through the inbox, each with an id of its own: duplicates here are other deliveries."""
    for number, (topic, body) in enumerate(news):
        with dispatching() as session:
            store(
                session,
                Delivery(shop.domain, topic, f"{base}-{number}", msgspec.json.encode(body)),
            )
        jobs.drain()


def mirrored(shop: MadeShop, base: int) -> tuple[dict[str, Any], Counter[str]]:
    """All that the mirror knows of the order, our numbers left out, and the facts told of it."""
    with shop.work() as session:
        order = queries.order_by_shopify_id(session, base + 1)
        assert order is not None
        parcels = queries.fulfillments_of(session, order.id)
        customer = queries.customer(session, order.customer_id)
        assert customer is not None
        states = {
            "order": plain(order),
            "lines": [plain(line) for line in queries.order_lines(session, order.id)],
            "parcels": [plain(parcel) for parcel in parcels],
            "scans": [plain(s) for parcel in parcels for s in queries.scans_of(session, parcel.id)],
            "customer": {**plain(customer), "email": customer.email.replace(str(base), "")},
        }
        kinds = session.scalars(
            select(JournalEntry.kind).where(JournalEntry.order_id == order.id)
        ).all()
        left = session.execute(
            select(Webhook.topic, Webhook.error).where(
                Webhook.webhook_id.startswith(f"{base}-"), Webhook.state != "done"
            )
        ).all()
    assert left == []
    return states, Counter(kind for kind in kinds if kind in FACTS)


def plain(row: Any) -> dict[str, Any]:
    found = {c.key: getattr(row, c.key) for c in row.__table__.columns}
    if "lines" in found:
        found["lines"] = [line["quantity"] for line in found["lines"]]
    return {name: value for name, value in found.items() if name not in NOT_COMPARED}


def test_any_order_and_any_repetition_end_alike(app: Flask, shop: MadeShop) -> None:
    base = next(_examples) * 100_000
    send(shop, base, story(base))
    expected, facts = mirrored(shop, base)
    assert facts == Counter(
        OrderPlaced=1, OrderPaid=1, OrderCancelled=1, OrderRefunded=1, FulfillmentScanned=2
    )
    every = range(len(story(base)))

    # No shrinking: an example is dozens of webhooks, and the shortest is no clearer than the first.
    @settings(max_examples=25, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
    @given(
        shuffled=st.permutations(every),
        repeated=st.lists(st.tuples(st.sampled_from(every), st.sampled_from(every)), max_size=6),
    )
    def holds(shuffled: list[int], repeated: list[tuple[int, int]]) -> None:
        for place, number in repeated:
            shuffled.insert(place, number)
        base = next(_examples) * 100_000
        news = story(base)
        send(shop, base, [news[number] for number in shuffled])
        assert mirrored(shop, base) == (expected, facts)
        with shop.work() as session:
            session.execute(text("DELETE FROM webhooks"))

    holds()
