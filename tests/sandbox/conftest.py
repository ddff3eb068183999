"""A sandbox on a database of its own, and a small listening server in the app's place."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import make_url, text

from app.core.settings import Settings
from app.sandbox import tokens, verbs
from app.sandbox.app import create_sandbox
from app.sandbox.graphql import serve
from app.sandbox.running import Sandbox
from app.sandbox.seed import seed
from app.sandbox.settings import ROOT, SandboxSettings
from app.shopify.client import ShopClient

HINATA = "hinata-coffee.myshopify.com"
MAPLE = "maple-goods.myshopify.com"
SECRET = "shpss_0123456789abcdef0123456789abcdef"
TOML = '''
client_id = "6f6b6165726900000000000000000001"
application_url = "https://okaeri.example/app"
[access_scopes]
scopes = """
read_orders,read_fulfillments,read_returns,write_customers,read_products,write_discounts,
write_app_proxy"""
optional_scopes = ["write_orders"]
[auth]
redirect_urls = ["https://okaeri.example/auth/callback"]
[webhooks]
api_version = "2026-07"
[[webhooks.subscriptions]]
topics = ["orders/create", "orders/updated", "orders/paid", "orders/cancelled", "refunds/create",
          "fulfillments/create", "fulfillments/update", "fulfillment_events/create",
          "returns/request", "returns/approve", "returns/decline", "returns/cancel",
          "returns/close", "returns/reopen", "returns/update", "returns/process",
          "customers/create", "customers/update", "customers_email_marketing_consent/update",
          "customers_marketing_consent/update", "products/update", "shop/update",
          "app/uninstalled", "app/scopes_update"]
uri = "/hooks/shopify"
[[webhooks.subscriptions]]
compliance_topics = ["customers/data_request", "customers/redact", "shop/redact"]
uri = "/hooks/shopify/compliance"
[app_proxy]
url = "https://okaeri.example/proxy"
subpath = "okaeri"
prefix = "apps"
'''


@dataclass(frozen=True)
class Call:
    """A request that reached the app."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Listener:
    """Stands where the app would: keeps what it is sent, answers what `reply` says."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    reply: Callable[[Call], tuple[int, dict[str, str], bytes]] = lambda _call: (200, {}, b"")

    def topics(self) -> list[str]:
        """The topics that arrived, in the order of arrival."""
        return [call.headers["X-Shopify-Topic"] for call in self.calls]


@pytest.fixture(scope="session")
def server() -> Iterator[Listener]:
    """A server on a free port of this machine."""
    heard = Listener()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            call = Call(self.command, self.path, dict(self.headers.items()), body)
            heard.calls.append(call)
            status, headers, answer = heard.reply(call)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(answer)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = handle_any  # noqa: N815  # the base class looks for these names

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Nobody reads this server's log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    heard.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield heard
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def listener(server: Listener) -> Listener:
    """The server, having heard nothing yet."""
    server.calls.clear()
    server.reply = lambda _call: (200, {}, b"")
    return server


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def world(
    owner_url: str, server: Listener, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Iterator[Flask]:
    """The sandbox of this run, on a database of its own."""
    toml = tmp_path_factory.mktemp("toml") / "shopify.app.toml"
    toml.write_text(TOML)
    # Deployed with the configuration: the real block, not built.
    block = Path("widgets", "thank-you", "shopify.extension.toml")
    (toml.parent / block).parent.mkdir(parents=True)
    shutil.copy(ROOT / block, toml.parent / block)
    own = make_url(owner_url).set(database=f"okaeri_sandbox_{worker_id}")
    app = create_sandbox(
        SandboxSettings(
            url="http://sandbox.test:8800",
            app_url=server.url,
            owner_url=owner_url,
            client_id="6f6b6165726900000000000000000001",
            client_secret=SECRET,
            database_url=own.render_as_string(hide_password=False),
            smtp_port=free_port(),
            app_toml=toml,
            calm=True,
        )
    )
    app.testing = True
    yield app
    app.extensions["sandbox"].close()


@pytest.fixture
def sandbox(world: Flask, listener: Listener) -> Iterator[Sandbox]:
    """An empty world with both shops; nothing runs in the background."""
    made: Sandbox = world.extensions["sandbox"]
    with made.store.engine.begin() as connection:
        connection.execute(
            text("TRUNCATE documents, deliveries, line_events, agenda, mails RESTART IDENTITY")
        )
    seed(made)
    serve.BUCKETS.levels.clear()
    made.stopping.clear()
    yield made
    with made.owner.begin() as connection:
        connection.execute(text("UPDATE clock SET shift = interval '0'"))


@pytest.fixture
def http(world: Flask, sandbox: Sandbox) -> FlaskClient:
    """A program that talks to the sandbox."""
    return world.test_client()


@pytest.fixture
def installed(sandbox: Sandbox) -> Sandbox:
    """The app is installed in the Japanese shop."""
    verbs.install(sandbox, HINATA)
    return sandbox


@pytest.fixture
def shopify(world: Flask, installed: Sandbox, settings: Settings) -> ShopClient:
    """The product's client, with a token of the installed shop."""
    with installed.work(HINATA) as work:
        token = tokens.issue(work, HINATA, list(installed.settings.app.scopes), expiring=True)
    http = httpx.Client(transport=httpx.WSGITransport(app=world))
    return ShopClient(
        HINATA,
        str(token["token"]),
        replace(settings, shopify_api_url="http://sandbox.test/{shop}"),
        http,
    )


ADDRESS = {
    "first_name": "太郎", "last_name": "山田", "address1": "神宮前1-2-3", "city": "渋谷区",
    "province": "東京都", "zip": "150-0001", "country": "JP",
}  # fmt: skip


def buy(
    sandbox: Sandbox,
    handle: str = "hinata-blend",
    *,
    quantity: int = 1,
    at: int = 0,
    email: str = "taro@example.jp",
    marketing: bool = True,
    payment: str = "card",
    codes: tuple[str, ...] = (),
    **more: Any,
) -> dict[str, Any]:
    """A shopper buys one thing."""
    sold = verbs.product_by_handle(sandbox, HINATA, handle)
    assert sold is not None
    chosen = [(sold["variants"][at]["id"], quantity)]
    opened = verbs.create_checkout(sandbox, HINATA, chosen, discount_codes=codes, **more)
    return verbs.complete_checkout(
        sandbox, HINATA, opened["token"], email=email, address=ADDRESS, marketing=marketing,
        payment=payment,
    )  # fmt: skip
