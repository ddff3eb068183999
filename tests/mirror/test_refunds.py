"""What went back, in part or in full, is told once, and whoever hears of it finds what is left."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.mirror import queries
from tests.make import MadeShop
from tests.mirror import said
from tests.mirror.test_webhooks import data_of, only_order


def quantities(lines: list[dict[str, Any]]) -> list[int]:
    """What is left of each line by a body's word."""
    return [line["current_quantity"] for line in lines]


def test_a_refund_in_part_and_then_in_full(app: Flask, shop: MadeShop) -> None:
    part = {**said.REFUND, "refund_line_items": [{"line_item_id": 7001, "quantity": 1}]}
    said.tell(
        app,
        ("orders/create", said.order(financial_status="paid")),
        ("refunds/create", part),
        (
            "orders/updated",
            said.order(
                updated_at="2026-06-05T10:00:01+09:00",
                financial_status="partially_refunded",
                line_items=[said.line(current_quantity=1)],
                refunds=[part],
            ),
        ),
        (
            "orders/updated",
            said.order(
                updated_at="2026-06-06T10:00:01+09:00",
                financial_status="refunded",
                line_items=[said.line(current_quantity=0)],
                refunds=[part],
            ),
        ),
    )
    assert [event["full"] for event in data_of(shop, "OrderRefunded")] == [False, True]


@pytest.mark.parametrize("late", [False, True])
def test_a_full_refund_is_told_once(app: Flask, shop: MadeShop, late: bool) -> None:
    updated = said.order(
        updated_at="2026-06-05T10:00:01+09:00",
        financial_status="refunded",
        line_items=[said.line(current_quantity=0)],
        refunds=[said.REFUND],
    )
    news = [("orders/updated", updated), ("refunds/create", said.REFUND)]
    said.tell(app, ("orders/create", said.order(financial_status="paid")))
    said.tell(app, *(news if late else news[::-1]))
    assert [event["full"] for event in data_of(shop, "OrderRefunded")] == [True]
    assert only_order(shop).refunded_at is not None


def test_every_part_that_goes_back_is_told_once(app: Flask, shop: MadeShop) -> None:
    lines = [said.line(id=number) for number in (7001, 7002, 7003)]
    said.tell(app, ("orders/create", said.order(financial_status="paid", line_items=lines)))
    refunds: list[dict[str, Any]] = []
    for day, number in ((5, 7001), (6, 7002)):
        back = {"refund_line_items": [{"line_item_id": number, "quantity": 2}]}
        at = f"2026-06-0{day}T10:00:00+09:00"
        refunds.append({**said.REFUND, **back, "id": 6600 + day, "created_at": at})
        lines = [{**one, "current_quantity": 0} if one["id"] == number else one for one in lines]
        updated = said.order(
            updated_at=at,
            financial_status="partially_refunded",
            line_items=lines,
            refunds=list(refunds),
        )
        said.tell(app, ("refunds/create", refunds[-1]))
        # Whoever hears of it finds what is left, whichever of the two comes first.
        with shop.work() as session:
            left = queries.order_lines(session, only_order(shop).id)
        assert [line.current_quantity for line in left] == [
            one["current_quantity"] for one in lines
        ]
        whole = [{**one, "current_quantity": 2} for one in lines]
        stale = said.order(updated_at="2026-06-02T10:00:00+09:00", line_items=whole)
        said.tell(app, ("orders/updated", stale), ("orders/updated", updated))
    assert [event["full"] for event in data_of(shop, "OrderRefunded")] == [False, False]
