"""Shopify's answers for one test, over real HTTP on a loopback port."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Answer:
    """What Shopify says to one request."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Shopify:
    """Scripted answers by path ending; the last of a list is said again and again."""

    url: str
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def says(self, ending: str, *answers: Answer) -> None:
        """Script the answers to requests whose path ends so."""
        self.answers[ending] = list(answers)

    def tokens(self) -> list[Any]:
        """The bodies of requests for the shop's own access tokens."""
        return [body for body in self._exchanges() if not _online(body)]

    def people(self) -> list[Any]:
        """The bodies of requests for the token of one person."""
        return [body for body in self._exchanges() if _online(body)]

    def _exchanges(self) -> list[Any]:
        return [body for path, _, body in self.asked if path.endswith("/access_token")]

    def queries(self) -> list[Any]:
        """The bodies of GraphQL requests."""
        return [body for path, _, body in self.asked if path.endswith("/graphql.json")]


def _online(body: Any) -> bool:
    return "online-access-token" in body.get("requested_token_type", "")


def pair(number: int, **more: Any) -> Answer:
    """A token pair as the token endpoint answers."""
    return Answer(
        {
            "access_token": f"shpat_{number}",
            "scope": "read_orders",
            "expires_in": 3600,
            "refresh_token": f"shprt_{number}",
            "refresh_token_expires_in": 7776000,
            **more,
        }
    )


SHOP_INFO = Answer(
    {
        "data": {
            "shop": {
                "name": "ひなたコーヒー",
                "myshopifyDomain": "hinata-coffee.myshopify.com",
                "primaryDomain": {"url": "https://hinata.example"},
                "contactEmail": "owner@hinata.example",
                "currencyCode": "JPY",
                "ianaTimezone": "Asia/Tokyo",
                "shopAddress": {"countryCodeV2": "JP"},
            },
            "currentAppInstallation": {"accessScopes": [{"handle": "read_orders"}]},
        }
    }
)


@contextmanager
def serve() -> Iterator[Shopify]:
    """Run until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            with shopify.lock:
                shopify.asked.append((self.path, dict(self.headers), json.loads(raw)))
                answer = next(
                    (
                        _next(found)
                        for end, found in shopify.answers.items()
                        if self.path.endswith(end)
                    ),
                    Answer({}, 404),
                )
            text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_args: Any) -> None:
            """Tests say what matters."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    shopify = Shopify(f"http://127.0.0.1:{server.server_port}/{{shop}}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield shopify
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _next(found: list[Answer]) -> Answer:
    return found.pop(0) if len(found) > 1 else found[0]
