"""What people do at the sandbox's pages."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient

from tests.sandbox.conftest import HINATA

ADMIN = "/admin/store/hinata-coffee"
FORM = {
    "action": "pay", "email": "taro@example.jp", "last_name": "山田", "first_name": "太郎",
    "zip": "150-0001", "province": "東京都", "city": "渋谷区", "address1": "神宮前1-2-3",
    "payment": "card",
}  # fmt: skip


def variant(http: FlaskClient, handle: str, domain: str = HINATA) -> int:
    """The first variant on a product's page."""
    page = http.get(f"/{domain}/products/{handle}").text
    found = re.search(r'data-variant="(\d+)"', page)
    assert found
    return int(found[1])


def checkout(http: FlaskClient, handle: str = "hinata-blend", domain: str = HINATA) -> str:
    """Put a product into the cart and go to the checkout; returns its address."""
    http.post(f"/{domain}/cart", data={"add": variant(http, handle, domain), "quantity": 1})
    return str(http.post(f"/{domain}/checkout").headers["Location"])


def order(http: FlaskClient, handle: str = "hinata-blend", **changes: Any) -> str:
    """Buy it; returns the address of the thank-you page."""
    answer = http.post(checkout(http, handle), data={**FORM, **changes})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def marks(page: str) -> set[str]:
    """What a browser test could hold on to."""
    return set(re.findall(r'data-testid="([^"]+)"', page))
