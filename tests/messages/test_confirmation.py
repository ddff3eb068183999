"""The part of Shopify's own order confirmation that a merchant copies (ruling 13)."""

from __future__ import annotations

import html
import re

import pytest
from flask.testing import FlaskClient
from liquid import Environment

from tests import make, sign


@pytest.mark.parametrize(
    ("language", "shipped", "paid_later", "unshipped"),
    [
        ("ja", "お問い合わせ番号", "ご入金を確認でき次第", "お届けする荷物はございません"),
        ("en", "tracking number", "As soon as your payment", "Nothing is shipped"),
    ],
)
def test_the_part_says_what_happens_next_of_every_order(
    client: FlaskClient,
    shop: make.MadeShop,
    language: str,
    shipped: str,
    paid_later: str,
    unshipped: str,
) -> None:
    page = client.get("/app/messages/confirmation", headers=sign.admin(shop.domain)).text
    found = re.search(rf'data-testid="part-{language}"[^>]*>(.*?)</pre>', page, re.DOTALL)
    assert found
    part = Environment().from_string(html.unescape(found[1]))
    order = {"name": "#1001", "order_status_url": "https://shop.example/orders/1"}
    goods = part.render(**order, requires_shipping=True, financial_status="paid")
    assert shipped in goods
    assert "#1001" in goods
    assert re.search(r'href="https://[^"]+/track(/[^"]+)?"', goods)
    assert paid_later not in goods
    later = part.render(**order, requires_shipping=False, financial_status="pending")
    assert paid_later in later
    assert unshipped in later
    assert "/track" not in later
    assert later.count(order["order_status_url"]) == 1
