"""One store's Admin GraphQL, over the app's pooled HTTP client.

What goes wrong becomes one of two things: `TryLater` (throttled, busy, down, unreachable; with the
seconds Shopify's bucket needs) or `GiveUp` (refused, invalid, unknown). A token that Shopify no
longer takes is renewed once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from app.core.errors import GiveUp, TryLater
from app.core.settings import Settings
from app.shopify.tokens import check_weather

QUERIES = Path(__file__).with_name("graphql")
#: Leave this much of the bucket to whoever else works for the store.
SPARE = 50.0


class ShopClient:
    """Carries a shop's domain and access token; made by `shops.tokens.client`."""

    def __init__(
        self,
        domain: str,
        access_token: str,
        settings: Settings,
        http: httpx.Client,
        renew: Callable[[str], str] | None = None,
        patience_s: float | None = None,
    ) -> None:
        self.domain, self.access_token = domain, access_token
        self.settings, self.http, self.renew = settings, http, renew
        #: For how long an answer is waited for; None leaves it to `http`.
        self.patience_s = patience_s

    def run(self, operation: str, **variables: Any) -> dict[str, Any]:
        """The data of `graphql/<operation>.graphql`."""
        answer = self._post(operation, variables)
        if answer.status_code == 401 and self.renew is not None:
            self.access_token = self.renew(self.access_token)
            answer = self._post(operation, variables)
        check_weather(answer)
        if answer.status_code != 200:
            raise GiveUp(f"{operation}: Shopify answered {answer.status_code}")
        try:
            body = answer.json()
        except ValueError as error:
            raise TryLater(f"{operation}: no JSON from Shopify") from error
        return _data(operation, body)

    def change(self, operation: str, field: str, **variables: Any) -> dict[str, Any]:
        """The payload of a mutation; its user errors raise `GiveUp` with Shopify's words."""
        payload = self.run(operation, **variables).get(field)
        if not isinstance(payload, dict):
            raise GiveUp(f"{operation}: Shopify did nothing and did not say why")
        errors = payload.get("userErrors") or []
        if errors:
            raise GiveUp(f"{operation}: " + "; ".join(str(error["message"]) for error in errors))
        return payload

    def _post(self, operation: str, variables: dict[str, Any]) -> httpx.Response:
        base = self.settings.shop_url(self.settings.shopify_api_url, self.domain).rstrip("/")
        try:
            return self.http.post(
                f"{base}/admin/api/{self.settings.shopify_api_version}/graphql.json",
                json={"query": text_of(operation), "variables": variables},
                headers={"X-Shopify-Access-Token": self.access_token},
                timeout=self.http.timeout if self.patience_s is None else self.patience_s,
            )
        except httpx.TransportError as error:
            raise TryLater(f"{operation}: {type(error).__name__}") from error


@cache
def text_of(operation: str) -> str:
    """The GraphQL text of an operation."""
    return (QUERIES / f"{operation}.graphql").read_text(encoding="utf-8")


def _data(operation: str, body: Any) -> dict[str, Any]:
    """The data of a well-formed answer. Partial data counts as a failure: half an order would
    overwrite a whole one."""
    if not isinstance(body, dict):
        raise TryLater(f"{operation}: not an answer")
    errors = body.get("errors") or []
    if errors:
        _raise(operation, errors if isinstance(errors, list) else [{"message": str(errors)}], body)
    data = body.get("data")
    if not isinstance(data, dict):
        raise TryLater(f"{operation}: no data")
    return data


def _raise(operation: str, errors: list[Any], body: dict[str, Any]) -> None:
    codes = {(error.get("extensions") or {}).get("code") for error in errors}
    if "THROTTLED" in codes:
        raise TryLater(f"{operation}: throttled", _seconds_to_wait(body))
    if codes & {"INTERNAL_SERVER_ERROR", "TIMEOUT"}:
        raise TryLater(f"{operation}: Shopify failed")
    texts = "; ".join(str(error.get("message", "")) for error in errors)
    raise GiveUp(f"{operation}: {texts[:300]}")


def _seconds_to_wait(body: dict[str, Any]) -> float:
    """Until the bucket holds what the query costs."""
    cost = (body.get("extensions") or {}).get("cost") or {}
    status = cost.get("throttleStatus") or {}
    try:
        lacking = float(cost["requestedQueryCost"]) + SPARE - float(status["currentlyAvailable"])
        return min(60.0, max(1.0, lacking / float(status["restoreRate"])))
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return 1.0
