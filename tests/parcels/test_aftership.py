"""AfterShip: told of parcels over a real wire, and what it signs becomes scans."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.errors import GiveUp, TryLater
from app.core.runtime import runtime
from app.parcels import aftership, providers, queries
from tests import make, sign
from tests.journeys.world import World

SECRET = "whsec-of-the-shop"
NUMBER = "1234-5678-9013"


@pytest.fixture
def world(app: Flask, shop: make.MadeShop) -> World:
    return World(app, shop)


class Post(BaseHTTPRequestHandler):
    """Answers as AfterShip does; `asked` keeps what came."""

    asked: list[tuple[str, str, dict[str, Any]]] = []
    status = 201

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((self.path, self.headers["as-api-key"], body))
        code = {201: 201, 400: 4003}.get(self.status, self.status)
        said = json.dumps(
            {"meta": {"code": code, "message": "x", "type": "x"}, "data": {"id": "t"}}
        )
        self.send_response(self.status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(said.encode())

    def do_GET(self) -> None:
        code = {201: 200}.get(self.status, self.status)
        page = {"trackings": [], "pagination": {"total": 0}}
        said = json.dumps({"meta": {"code": code, "message": "x", "type": "x"}, "data": page})
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(said.encode())

    def log_message(self, *_args: Any) -> None:
        """Tests say nothing."""


@pytest.fixture
def post(app: Flask) -> Iterator[type[Post]]:
    """AfterShip at a local address."""
    Post.asked, Post.status = [], 201
    server = HTTPServer(("127.0.0.1", 0), Post)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    running = app.extensions["okaeri"]
    url = f"http://127.0.0.1:{server.server_port}"
    app.extensions["okaeri"] = replace(
        running, settings=replace(running.settings, aftership_api_url=url)
    )
    yield Post
    app.extensions["okaeri"] = running
    server.shutdown()
    thread.join()
    server.server_close()


def connect(client: FlaskClient, world: World) -> str:
    """The merchant enters the account; returns the address for the webhook."""
    staff = sign.admin(world.shop.domain)
    form = {"api_key": "asat_key", "hook_secret": SECRET}
    assert client.post("/app/parcels/connect", data=form, headers=staff).status_code == 303
    page = client.get("/app/parcels", headers=staff).text
    assert "asat_key" not in page
    found = re.search(r'data-testid="hook-url">([^<]+)', page)
    assert found is not None
    return found[1].removeprefix("https://okaeri.test")


def told(tag: str, at: str, **more: object) -> bytes:
    checkpoint = {"tag": tag, "checkpoint_time": at, "message": "到着", "state": "東京都", **more}
    message = {"tracking_number": NUMBER, "checkpoints": [checkpoint]}
    body = {"event": "tracking_update", "event_id": f"{tag}{at}", "msg": message}
    return json.dumps(body).encode()


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    made = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return {"aftership-hmac-sha256": base64.b64encode(made).decode()}


def test_a_parcel_is_followed_and_its_checkpoints_move_it(
    app: Flask, world: World, client: FlaskClient, post: type[Post]
) -> None:
    hook = connect(client, world)
    order = world.place()
    world.ship(order)
    [(path, key, body)] = post.asked
    assert path.endswith("/trackings")
    assert key == "asat_key"
    assert (body["tracking_number"], body["slug"]) == ("123456789013", "taqbin-jp")
    with world.shop.work() as session:
        shipped = queries.parcels_of(session, order)[0].shipped_at
    news = told("OutForDelivery", shipped.isoformat())
    for _twice in range(2):
        assert client.post(hook, data=news, headers=signed(news)).status_code == 200
    make.settle(app)
    with world.shop.work() as session:
        assert queries.parcels_of(session, order)[0].state == "out_for_delivery"
    assert post.asked == [(path, key, body)]


def test_only_what_is_signed_is_kept(world: World, client: FlaskClient, post: type[Post]) -> None:
    body = told("Delivered", "2026-06-01T10:00:00")
    hook = connect(client, world)
    assert client.post(hook, data=body).status_code == 401
    assert client.post(hook, data=body, headers=signed(body, "another")).status_code == 401
    assert client.post(hook, data=body + b" ", headers=signed(body)).status_code == 401
    client.post("/app/parcels/disconnect", headers=sign.admin(world.shop.domain))
    assert client.post(hook, data=body, headers=signed(body)).status_code == 401


def test_an_account_is_kept_sealed_and_asked_for_in_full(
    world: World, client: FlaskClient, post: type[Post]
) -> None:
    staff = sign.admin(world.shop.domain)
    empty = client.post("/app/parcels/connect", data={"api_key": "k"}, headers=staff)
    assert empty.status_code == 422
    whole = {"api_key": "wrong", "hook_secret": SECRET}
    for status, said in ((401, "このAPIキーは使えませんでした"), (503, "応答していません")):
        post.status = status
        answer = client.post("/app/parcels/connect", data=whole, headers=staff)
        assert answer.status_code == 303
        refused = client.get(answer.headers["Location"], headers=staff)
        assert said in refused.text
        # What need not be typed again is kept, and no secret is ever shown.
        assert "残りはAPIキーのみです" in refused.text
        assert SECRET not in refused.text
        with world.shop.work() as session:
            assert providers.account(session) is None
    post.status = 201
    alone = client.post("/app/parcels/connect", data={"api_key": "asat_key"}, headers=staff)
    assert alone.status_code == 303
    post.status = 401
    whole["hook_secret"] = "another"
    kept = client.post("/app/parcels/connect", data=whole, headers=staff)
    assert "これまでのAPIキーとシークレットで" in kept.text
    post.status = 201
    connect(client, world)
    # An empty field keeps what is known.
    client.post("/app/parcels/connect", data={"api_key": "", "hook_secret": ""}, headers=staff)
    with world.shop.work() as session:
        kept = providers.account(session)
        assert kept is not None
        assert "asat_key" not in kept.api_key


def test_a_number_with_a_slip_of_the_pen_is_shown_to_the_shop(
    world: World, client: FlaskClient
) -> None:
    order, staff = world.place(), sign.admin(world.shop.domain)
    world.ship(order)

    def said() -> list[bool]:
        pages = (client.get(one, headers=staff) for one in ("/app/parcels", f"/app/orders/{order}"))
        return ["桁の検算が合いません" in page.text for page in pages]

    assert said() == [False, False]
    with world.shop.work() as session:
        queries.parcels_of(session, order)[0].tracking_number = "1234-5678-9012"
    assert said() == [True, True]


@pytest.mark.parametrize(
    ("status", "raised"), [(400, None), (401, GiveUp), (429, TryLater), (503, TryLater)]
)
def test_what_aftership_refuses_is_told_apart(
    post: type[Post], status: int, raised: type[Exception] | None
) -> None:
    post.status = status
    assert runtime().settings.aftership_api_url.startswith("http://127")

    def ask() -> None:
        aftership.register("k", number="1", carrier=None, title="#1")

    if raised is None:
        ask()
    else:
        with pytest.raises(raised):
            ask()


def test_checkpoints_are_read_as_shopify_would_say_them() -> None:
    parts = [
        aftership.Checkpoint("2026-06-02T09:00:00", "Delivered"),
        aftership.Checkpoint("2026-06-01T18:00:00", "InTransit", aftership.ACCEPTED),
        aftership.Checkpoint("", "Delivered"),
        aftership.Checkpoint("2026-06-01T10:00:00", "Pending"),
    ]
    told = aftership.Tracked(NUMBER, parts, aftership.Estimate("2026-06-03"))
    found = list(aftership.scans(told, "Asia/Tokyo"))
    assert [one.status for one in found] == ["carrier_picked_up", "delivered"]
    assert found[0].at == make.at(2026, 6, 1, 9)
    assert [one.estimated is None for one in found] == [True, False]
    assert len({one.key for one in found}) == 2
    assert all(one.key < 0 for one in found)
