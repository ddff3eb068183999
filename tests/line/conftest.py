"""The app beside the simulated LINE Platform, which answers over real HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from app.core import links
from app.core.clock import now
from app.core.settings import Settings
from app.mirror import queries as mirror
from app.sandbox.line import accounts, events, people
from app.sandbox.running import Sandbox
from app.shops import service as shops
from app.shops import settings as shop_settings
from tests import make, sign
from tests.messages.conftest import noon
from tests.sandbox.conftest import HINATA, listener, sandbox, server, world

__all__ = ["listener", "noon", "sandbox", "server", "world"]


@pytest.fixture(scope="session")
def line_url(world: Flask) -> Iterator[str]:
    """Where LINE answers."""
    serving = make_server("127.0.0.1", 0, world, threaded=True)
    thread = threading.Thread(target=serving.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{serving.server_port}"
    serving.shutdown()
    thread.join()
    serving.server_close()


@pytest.fixture(scope="session")
def settings(host: Settings, line_url: str) -> Settings:
    """A host whose LINE is the simulated one."""
    return replace(
        host,
        line_api_url=f"{line_url}/line/api",
        line_data_url=f"{line_url}/line/data",
        line_access_url=f"{line_url}/line/access",
        line_friend_url=f"{line_url}/line",
    )


@dataclass
class Line:
    """LINE as a test holds it: the account, Haruka's phone, and the post between LINE and us."""

    sandbox: Sandbox
    app: Flask
    client: FlaskClient
    shop: make.MadeShop

    @property
    def account(self) -> dict[str, Any]:
        return accounts.account_of(self.sandbox, HINATA)

    @property
    def account_host(self) -> str:
        return self.app.extensions["okaeri"].settings.line_friend_url.removesuffix("/line")

    @property
    def user_id(self) -> str:
        return people.user_id(self.account, "haruka")

    def said(self) -> list[dict[str, Any]]:
        """What the account has said to Haruka so far."""
        lines = people.chat(self.sandbox, HINATA, "haruka")
        return [line["message"] for line in lines if line["by"] == "account"]

    def deliver(self) -> int:
        """Bring LINE's waiting events to our webhook and let the app answer; how many."""
        ours = self.account
        path = ours["webhook_url"].partition("okaeri.test")[2]
        waiting = [
            one for one in events.deliveries(self.sandbox, HINATA) if one["state"] == "pending"
        ]
        for one in reversed(waiting):
            body = events.body_of(ours, [one["body"]])
            signed = events.signature(ours["channel_secret"], body)
            answer = self.client.post(path, data=body, headers={"X-Line-Signature": signed})
            assert answer.status_code == 200
        with self.sandbox.store.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE line_events SET state = 'delivered'")
        make.settle(self.app)
        return len(waiting)

    def connect(self, **more: str) -> Any:
        """The merchant connects the account in the admin."""
        ours = self.account
        form = {
            "channel_id": ours["channel_id"],
            "channel_secret": ours["channel_secret"],
            "channel_token": ours["channel_token"],
            "login_channel_id": ours["login_channel_id"],
            "login_channel_secret": ours["login_channel_secret"],
            **more,
        }
        return self.admin("/app/line/connect", form)

    def admin(self, path: str, form: dict[str, str] | None = None) -> Any:
        """What a person of the shop does: look, or send a form."""
        headers = sign.admin(self.shop.domain)
        if form is None:
            return self.client.get(path, headers=headers)
        return self.client.post(path, data=form, headers=headers)

    def buy(self, **given: Any) -> int:
        """An order of Haruka's."""
        with self.shop.work() as session:
            buyer = make.customer(session, email="haruka@example.jp")
            return int(make.order(session, customer_id=buyer.id, **given).id)

    def customer_of(self, order_id: int) -> int:
        """Whose order it is."""
        with self.shop.work() as session:
            return int(mirror.order(session, order_id).customer_id or 0)

    def link(self, order_id: int, purpose: str = "line") -> str:
        """The signed link from the thank-you page."""
        with self.shop.work() as session:
            until = now(session) + timedelta(days=1)
        return links.sign(self.shop.id, purpose, {"order": order_id}, until)


@pytest.fixture
def line(
    noon: datetime, app: Flask, client: FlaskClient, shop: make.MadeShop, sandbox: Sandbox
) -> Line:
    """An installed shop and an official account that are not connected yet, by day."""
    return Line(sandbox, app, client, shop)


def text_of(message: Any) -> str:
    """Everything a message says, as one string."""
    return json.dumps(message, ensure_ascii=False)


def prefer_line(session: Session) -> None:
    """The merchant prefers LINE where somebody is linked."""
    home = shops.shop(session)
    kept = shops.settings_of(home)
    frequency = msgspec.structs.replace(kept.frequency, prefer="line")
    home.settings = shop_settings.dump(msgspec.structs.replace(kept, frequency=frequency))
