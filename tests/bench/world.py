"""The demo as the bench meets it: the sandbox's pages and JSON, and the app's admin."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

HANDLE = "hinata-coffee"
DOMAIN = f"{HANDLE}.myshopify.com"
#: Bought in turn; there is enough of both.
PRODUCTS = ("hinata-blend", "drip-bags")
TOPIC = "orders/create"
BUYER = {
    "action": "pay",
    "last_name": "山田",
    "first_name": "太郎",
    "zip": "150-0001",
    "province": "東京都",
    "city": "渋谷区",
    "address1": "神宮前1-2-3",
    "payment": "card",
}


@dataclass
class World:
    """Where the servers are, and one pooled client for both."""

    app: str
    sandbox: str
    http: httpx.Client

    @property
    def admin(self) -> str:
        """The shop's Shopify admin."""
        return f"{self.sandbox}/admin/store/{HANDLE}"

    @property
    def store(self) -> str:
        """The shop's online store."""
        return f"{self.sandbox}/{DOMAIN}"

    # --- the merchant -----------------------------------------------------------------------

    def install(self) -> None:
        """Install Okaeri, open its home as the admin does, switch the usual journeys on."""
        self._post(f"{self.admin}/apps/okaeri/install")
        page = self._get(f"{self.admin}/apps/okaeri", headers={"Accept-Language": "ja"})
        found = re.search(rf'"({re.escape(self.app)}/[^"]*id_token[^"]*)"', page.text)
        assert found, "the admin shows no frame of the app"
        self._get(found[1].replace("&amp;", "&"))
        token = self._get(f"{self.admin}/id_token").json()["id_token"]
        self._post(
            f"{self.app}/app/journeys/recommended", headers={"Authorization": f"Bearer {token}"}
        )

    def calm(self) -> None:
        """Have every webhook posted at once and once."""
        self._post(f"{self.admin}/switches", data={"name": "calm", "value": "on"})

    # --- the buyers -------------------------------------------------------------------------

    def variants(self) -> list[str]:
        """The first variant of each product."""
        return [self._variant(handle) for handle in PRODUCTS]

    def _variant(self, handle: str) -> str:
        found = re.search(
            r'data-variant="(\d+)"', self._get(f"{self.store}/products/{handle}").text
        )
        assert found, f"{handle} has no variant"
        return found[1]

    def buy(self, variant: str, email: str) -> None:
        """Go straight to the checkout, fill it in, pay."""
        checkout = self.http.get(f"{self.store}/cart/{variant}:1")
        assert checkout.status_code == 302, checkout.text
        self._post(f"{self.sandbox}{checkout.headers['Location']}", data={**BUYER, "email": email})

    # --- what the sandbox saw ---------------------------------------------------------------

    def mailed_at(self, email: str) -> datetime | None:
        """When its mail server took the first mail to somebody (the machine's time)."""
        mails: list[dict[str, Any]] = self._get(
            f"{self.sandbox}/inbox.json", params={"to": email}
        ).json()["mails"]
        moments = [datetime.fromisoformat(mail["machine_at"]) for mail in mails]
        return min(moments, default=None)

    def posted_at(self, orders: int) -> dict[str, datetime]:
        """When it first posted each order's webhook (the machine's time), by the buyer's email."""
        query = {"topic": TOPIC, "limit": orders}
        found = self._get(f"{self.admin}/deliveries.json", params=query).json()["deliveries"]
        return {
            json.loads(one["body"])["email"]: datetime.fromisoformat(one["history"][0]["posted_at"])
            for one in found
        }

    def _get(self, url: str, **more: Any) -> httpx.Response:
        return self.http.get(url, **more).raise_for_status()

    def _post(self, url: str, **more: Any) -> httpx.Response:
        """Forms are answered with a redirect, which is as far as we go."""
        answer = self.http.post(url, **more)
        assert answer.status_code in (302, 303), f"{url}: {answer.status_code}\n{answer.text[:500]}"
        return answer
