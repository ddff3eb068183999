"""What variants have cost, as the store's webhooks tell it."""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy import select

from app.mirror.model import VariantPrice
from tests.make import MadeShop
from tests.mirror import said


def at(price: str, day: int, **given: Any) -> dict[str, Any]:
    body = said.product(updated_at=f"2026-06-{day:02}T10:00:00+09:00", **given)
    body["variants"][0]["price"] = price
    return body


def test_every_price_is_remembered_for_as_long_as_it_was_asked(app: Flask, shop: MadeShop) -> None:
    said.tell(
        app,
        ("products/create", at("1980", 1)),
        ("products/update", at("1980", 2, title="ひなたブレンド 250g")),
        ("products/update", at("2480", 4)),
        ("products/update", at("1480", 3)),  # late, and no news
        ("products/delete", {"id": 801}),
    )
    with shop.work() as session:
        rows = session.scalars(select(VariantPrice).order_by(VariantPrice.id)).all()
        assert [(one.price_minor, one.since.day) for one in rows] == [(1980, 1), (2480, 4)]
        assert rows[0].until == rows[1].since
        assert rows[1].until is not None
