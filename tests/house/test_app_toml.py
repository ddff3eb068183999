"""`shopify.app.toml` says what the code does."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest

from app import wiring
from app.shopify.scopes import APP_TOML
from app.shopify.verify import covers

CONFIG: dict[str, Any] = tomllib.loads(APP_TOML.read_text(encoding="utf-8"))
SUBSCRIPTIONS: list[dict[str, Any]] = CONFIG["webhooks"]["subscriptions"]
#: Topics of other services' events, which come through doors of their own.
ELSEWHERE = ("aftership/", "line/", "email/")
COMPLIANCE = {"customers/data_request", "customers/redact", "shop/redact"}


def topics(key: str) -> list[str]:
    return [topic for one in SUBSCRIPTIONS for topic in one.get(key, [])]


def test_every_topic_has_its_handler_and_every_handler_its_topic() -> None:
    asked = topics("topics") + topics("compliance_topics")
    assert len(asked) == len(set(asked))
    shopifys = {topic for topic in wiring.TOPICS if not topic.startswith(ELSEWHERE)}
    assert set(asked) == shopifys


def test_the_compliance_topics_are_complete_and_apart() -> None:
    assert set(topics("compliance_topics")) == COMPLIANCE
    for one in SUBSCRIPTIONS:
        apart = "compliance_topics" in one
        assert one["uri"] == ("/hooks/shopify/compliance" if apart else "/hooks/shopify")


def test_every_subscription_says_who_handles_it() -> None:
    text = APP_TOML.read_text(encoding="utf-8")
    blocks = re.findall(r"  #[^\n]+\n  \[\[webhooks\.subscriptions\]\]", text)
    assert len(blocks) == len(SUBSCRIPTIONS)


@pytest.mark.parametrize(
    ("topic", "scope"),
    [
        ("orders/create", "read_orders"),
        ("fulfillments/create", "read_fulfillments"),
        ("fulfillment_events/create", "read_fulfillments"),
        ("returns/request", "read_returns"),
        ("customers/update", "read_customers"),
        ("products/update", "read_products"),
    ],
)
def test_scopes_cover_the_topics(topic: str, scope: str) -> None:
    assert topic in topics("topics")
    assert covers(CONFIG["access_scopes"]["scopes"], scope)


def test_urls_lead_to_our_doors() -> None:
    assert CONFIG["embedded"] is True
    assert CONFIG["application_url"].endswith("/app")
    assert CONFIG["auth"]["redirect_urls"][0].endswith("/auth/callback")
    assert CONFIG["app_proxy"]["url"].endswith("/proxy")
    assert re.fullmatch(r"[0-9a-f]{32}", CONFIG["client_id"])


def test_the_proxy_is_where_shopify_allows() -> None:
    proxy = CONFIG["app_proxy"]
    assert proxy["prefix"] in ("apps", "a", "community", "tools")
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,30}", proxy["subpath"])
    assert covers(CONFIG["access_scopes"]["scopes"], "write_app_proxy")


def test_widgets_lie_where_the_command_looks() -> None:
    folders = {
        folder
        for pattern in CONFIG["extension_directories"]
        for folder in APP_TOML.parent.glob(f"{pattern}/shopify.extension.toml")
    }
    assert folders
