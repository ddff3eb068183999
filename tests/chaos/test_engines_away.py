"""An engine is away: Shopify is told to come again, people see a page that says so, and what was
taken is worked off when it is back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import Engine, make_url, text
from werkzeug.test import TestResponse

from app import create_app
from app.core.settings import Settings
from app.inbox import jobs as inbox
from app.mirror import queries as mirror
from tests import make, sign
from tests.mirror import said

#: Nobody listens here.
NOWHERE = 9
#: Every line to this test's database is cut, as a restart or a failover does.
HANG_UP = text(
    "WITH others AS MATERIALIZED (SELECT pid FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()) "
    "SELECT pid FROM others WHERE pg_terminate_backend(pid)"
)


@contextmanager
def beside(settings: Settings) -> Iterator[Flask]:
    """The same host with other settings."""
    made = create_app(settings, channels={})
    try:
        with made.app_context():
            yield made
    finally:
        made.extensions["okaeri"].close()


@pytest.fixture
def without_database(settings: Settings) -> Iterator[Flask]:
    url = make_url(settings.database_url).set(host="127.0.0.1", port=NOWHERE, query={})
    with beside(replace(settings, database_url=url.render_as_string(hide_password=False))) as made:
        yield made


@pytest.fixture
def without_redis(settings: Settings) -> Iterator[Flask]:
    with beside(replace(settings, redis_url=f"redis://127.0.0.1:{NOWHERE}/0")) as made:
        yield made


def ask(app: Flask, door: str, shop: make.MadeShop) -> TestResponse:
    """What is answered at one of the doors."""
    client = app.test_client()
    asks: dict[str, Callable[[], TestResponse]] = {
        "hook": lambda: said.post(app, "orders/create", said.order()),
        "widget": lambda: client.post("/widget/thank-you", headers=sign.widget(shop.domain)),
        "page": lambda: client.get(f"/track/{shop.domain.split('.')[0]}?lang=ja"),
        "proxy": lambda: client.get(sign.proxy(shop.domain, "/track")),
        "admin": lambda: client.get("/app", headers=sign.admin(shop.domain)),
        "health": lambda: client.get("/healthz"),
    }
    return asks[door]()


@pytest.mark.parametrize("door", ["hook", "widget", "page", "proxy", "admin", "health"])
def test_without_the_database_nobody_is_told_that_it_is_done(
    shop: make.MadeShop, without_database: Flask, door: str
) -> None:
    answer = ask(without_database, door, shop)
    assert answer.status_code == 503
    if door in ("page", "proxy", "admin"):
        assert "Please try again in a moment." in answer.get_data(as_text=True)
    if door in ("hook", "widget"):
        assert answer.get_json() == {"error": 503}
        assert answer.headers["Retry-After"] == "5"


def test_without_redis_webhooks_are_taken_and_worked_off_later(
    app: Flask, shop: make.MadeShop, without_redis: Flask
) -> None:
    assert ask(without_redis, "hook", shop).status_code == 200
    assert ask(without_redis, "page", shop).status_code == 200
    inbox.drain()
    with shop.work() as session:
        assert len(mirror.recent_orders(session)) == 1


def test_a_database_that_was_restarted_is_found_again(
    app: Flask, shop: make.MadeShop, owner: Engine
) -> None:
    """Lines that died while they lay in the pool are not handed to anybody."""
    assert ask(app, "hook", shop).status_code == 200
    with owner.connect() as connection:
        assert connection.execute(HANG_UP).all() != []
    assert ask(app, "page", shop).status_code == 200
    inbox.drain()
    with shop.work() as session:
        assert len(mirror.recent_orders(session)) == 1
