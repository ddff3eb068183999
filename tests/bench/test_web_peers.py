"""What the thank-you page's question and a tracking page cost beside what others answer them with,
on the same machine, database and orders: `pytest -m bench tests/bench/test_web_peers.py -s`.

Ours and theirs take turns, `OKAERI_BENCH_PASSES` times (3 by default) with `OKAERI_BENCH_LOOKS`
requests each (200 by default). Printed are requests per second of the server's own CPU, the median
of each side, and how many of theirs one of ours is; waiting for the database counts for neither.
Ours is asked twice: for a page that is drawn anew each time, and for one that was drawn a moment
ago and is shown again because it is still true (decision 0032).
Theirs (`peers/web`: Express with pg, jsonwebtoken and Handlebars) is asked over HTTP, ours through
WSGI: what an HTTP server costs is in theirs alone.

Theirs answers twice: with `least`, what a benchmark would write (one order by its checkout's token,
as JSON), and with the rows that our page must read. It leaves out: the experiment and its arms,
what parcels of the shop teach of the days, working days and holidays, the address's check, wishes
for reminders, suppressions, whether a box may be shown, the offer's state and prices in words, two
signed links, every sentence in two languages, and on the tracking page scans, guides, suggestions,
forms and the shop's looks.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from statistics import median
from typing import Any

import httpx
import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.core import drawn, links
from app.core.clock import now
from app.core.runtime import runtime
from tests import make, sign
from tests.bench.test_peers import PEERS
from tests.thankyou.conftest import Offering, offering

__all__ = ["offering"]
PASSES = int(os.environ.get("OKAERI_BENCH_PASSES", "3"))
LOOKS = int(os.environ.get("OKAERI_BENCH_LOOKS", "200"))
WEB = PEERS / "web"
CHECKOUT = "checkout-beside"


@pytest.mark.bench
def test_beside_express(app: Flask, owner: Engine, offering: Offering) -> None:
    install()
    with offering.shop.work() as session:
        order = make.order(session, checkout_token=CHECKOUT)
        link = links.sign(
            order.shop_id, "track", {"order": order.id}, now(session) + timedelta(days=1)
        )
        number = order.id
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    body = {"checkout_token": CHECKOUT, "locale": "ja-JP", "lines": offering.cart}
    # A session token lasts a minute; this one as long as all the passes do.
    headers = sign.widget(offering.shop.domain, exp=int(time.time()) + 3600)
    asked = {"method": "POST", "path": "/widget/thank-you", "body": json.dumps(body).encode()}
    with express(app, offering) as http:
        posted = {"json": body, "headers": headers}
        rows: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
            "thank-you, beside one look-up": (
                partial(ours, app, **asked, headers=headers),
                partial(http.post, "/widget/thank-you?least=1", **posted),
            ),
            "thank-you, beside the rows it needs": (
                partial(ours, app, **asked, headers=headers),
                partial(http.post, "/widget/thank-you", **posted),
            ),
            "tracking page": (
                partial(ours, app, method="GET", path=f"/t/{link}"),
                partial(http.get, f"/t/{number}"),
            ),
        }
        print()
        for name, (mine, other) in rows.items():
            taken = [
                (
                    anew(mine),
                    per_second(mine, time.process_time),
                    per_second(other, partial(spent, http)),
                )
                for _ in range(PASSES)
            ]
            drawn_anew, again, right = (median(side) for side in zip(*taken, strict=True))
            print(
                f"{name}: drawn anew {drawn_anew:.0f} to {right:.0f} a CPU second, "
                f"{drawn_anew / right:.2f} times; shown again {again:.0f}, "
                f"{again / right:.2f} times"
            )


def anew(look: Callable[[], object]) -> float:
    """Looks per second of our CPU while no page is remembered."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawn.Drawn, "_lately", lambda *_asked: None)
        return per_second(look, time.process_time)


def per_second(look: Callable[[], object], clock: Callable[[], float]) -> float:
    """Looks per second of somebody's CPU."""
    for _ in range(20):
        look()
    begun = clock()
    for _ in range(LOOKS):
        look()
    return LOOKS / (clock() - begun)


def ours(
    app: Flask, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> bytes:
    """One request through the whole app."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_ACCEPT_LANGUAGE": "ja",
        **{f"HTTP_{name.upper()}": value for name, value in (headers or {}).items()},
    }
    said: list[str] = []
    answer = app.wsgi_app(environ, lambda status, *_rest: said.append(status))
    try:
        whole = b"".join(answer)
    finally:
        answer.close()  # type: ignore[attr-defined]
    assert said == ["200 OK"], said
    return whole


def spent(http: httpx.Client) -> float:
    """Seconds of CPU that theirs has used."""
    return float(http.get("/spent").text) / 1e6


@contextmanager
def express(app: Flask, offering: Offering) -> Iterator[httpx.Client]:
    """Theirs, on the same database."""
    url = app.extensions["okaeri"].engine.url
    database = {
        "host": url.host or url.query.get("host"),
        "port": url.port or int(str(url.query.get("port", 5432))),
        "user": url.username,
        "password": url.password,
        "database": url.database,
    }
    settings = runtime().settings
    known = {
        "DATABASE": json.dumps({name: value for name, value in database.items() if value}),
        "SECRET": settings.shopify_client_secret,
        "AUDIENCE": settings.shopify_client_id,
        "SHOP_ID": str(offering.shop.id),
        "PORT": "0",
        "NODE_ENV": "production",
    }
    running = subprocess.Popen(
        ["node", "server.mjs"], cwd=WEB, env=os.environ | known, stdout=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    try:
        port = json.loads(running.stdout.readline())["port"]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30.0) as http:
            http.event_hooks["response"] = [httpx.Response.raise_for_status]
            yield http
    finally:
        running.terminate()
        running.wait(timeout=10)
        running.stdout.close()


def install() -> None:
    """Their packages, as locked."""
    if not (WEB / "node_modules/.package-lock.json").exists():
        asked = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(asked, cwd=WEB, check=True)
