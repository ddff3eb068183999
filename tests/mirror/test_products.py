"""What Shopify says of products becomes rows: the newest word counts, a deletion for good."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.mirror import queries
from app.mirror.model import Product
from tests.make import MadeShop
from tests.mirror import said


def test_products_and_their_variants(app: Flask, shop: MadeShop) -> None:
    newer = said.product(updated_at="2026-06-01T10:00:00+09:00", title="ひなたブレンド 250g")
    newer["variants"] = [
        {"id": 902, "title": "粉", "price": "2100", "inventory_quantity": 0}
        | {"inventory_management": "shopify", "inventory_policy": "deny"}
    ]
    said.tell(app, ("products/create", said.product()))
    with shop.work() as session:
        variant = queries.variant(session, 901)
        assert variant is not None
        assert (variant.price_minor, variant.inventory, variant.available) == (1980, 5, True)
        assert variant.image_url == "https://cdn.example/blend.png"
    said.tell(app, ("products/update", newer), ("products/update", said.product()))
    with shop.work() as session:
        product = queries.product_by_shopify_id(session, 801)
        assert product is not None
        assert (product.title, product.kind) == ("ひなたブレンド 250g", "consumable")
        assert product.tags == ["定番", "深煎り"]
        (kept,) = queries.variants_of(session, product.id)
    assert (kept.shopify_id, kept.available) == (902, False)


@pytest.mark.parametrize("first", ["products/delete", "products/create"])
def test_a_deleted_product_stays_deleted(app: Flask, shop: MadeShop, first: str) -> None:
    news: list[tuple[str, dict[str, Any]]] = [
        ("products/delete", {"id": 801}),
        ("products/create", said.product()),
    ]
    said.tell(app, *(news if first == "products/delete" else news[::-1]))
    with shop.work() as session:
        assert session.scalars(select(Product.deleted_at)).one() is not None
        assert queries.products(session) == []
