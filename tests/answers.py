"""Shopify's API for one test without a network: an answer for each operation."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import httpx
from flask import Flask

from app.core import secrets
from app.core.clock import machine_now
from app.shops.service import shop as shop_of
from tests import make

#: Data, or what makes data of the variables; `None` for an operation is nobody there.
Said = dict[str, Any] | Callable[[dict[str, Any]], dict[str, Any]] | None


@dataclass
class Answers:
    """What Shopify says by the operation's name, and what it was asked."""

    says: dict[str, Said] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """One request's answer."""
        body = json.loads(request.content)
        found = re.search(r"(?:query|mutation) (\w+)", body["query"])
        assert found
        self.asked.append((found[1], body["variables"]))
        said = self.says.get(found[1])
        if said is None:
            raise httpx.ConnectError("nobody there", request=request)
        return httpx.Response(
            200, json={"data": said(body["variables"]) if callable(said) else said}
        )


@contextmanager
def answering(app: Flask, shop: make.MadeShop) -> Iterator[Answers]:
    """Instead of the network, for a shop that has a living token."""
    with shop.work() as session:
        row = shop_of(session)
        row.access_token = secrets.seal("shpat_test")
        row.access_token_expires = machine_now() + timedelta(hours=1)
    said, before = Answers(), app.extensions["okaeri"]
    http = httpx.Client(transport=httpx.MockTransport(said.answer))
    app.extensions["okaeri"] = replace(before, http=http)
    try:
        yield said
    finally:
        http.close()
        app.extensions["okaeri"] = before


def stock(number: int, left: int) -> dict[str, Any]:
    """What Shopify says of one variant that is counted."""
    node = {
        "id": f"gid://shopify/ProductVariant/{number}",
        "availableForSale": left > 0,
        "inventoryQuantity": left,
        "inventoryPolicy": "DENY",
        "inventoryItem": {"tracked": True},
        "product": {"status": "ACTIVE"},
    }
    return {"nodes": [node]}
