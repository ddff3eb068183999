"""Every door is guarded, and what a guard lets in is bound to one shop."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from app import create_app, wiring
from app.core import clock, links
from app.core.db import unit_of_work
from app.core.request import current
from app.core.settings import Settings
from app.doors import GUARDS, Door, open_doors
from app.shopify.verify import delivery
from app.shops import service as shops
from tests import make, sign

#: What anybody may see, with no guard: none of it names a shop that nobody signed for.
OPEN = {
    "/healthz",
    "/readyz",
    "/auth",
    "/auth/callback",
    "/auth/patch",
    "/line/back",
    "/static/<path:filename>",
}
#: Guarded blueprints' URLs begin so.
PREFIXES = {
    "admin": ("/app",),
    "widget": ("/widget",),
    "proxy": ("/proxy",),
    "hooks": ("/hooks",),
    "public": (
        "/t/",
        "/g/",
        "/o/",
        "/r/",
        "/reviews/",
        "/u/",
        "/m/",
        "/l/",
        "/draws/",
        "/hooks/line/",
        "/hooks/parcels/",
        "/preferences/",
        "/confirm/",
        "/survey/",
    ),
    "signal": ("/p/", "/c/"),
    "store": ("/track/",),
    "open": ("/",),
    "email": ("/hooks/email/",),
}


def kind_of(app: Flask, endpoint: str) -> str | None:
    guards: dict[str, str] = app.extensions["okaeri.guards"]
    return guards.get(endpoint.rpartition(".")[0])


def test_every_route_is_behind_a_door_or_open_on_purpose(app: Flask) -> None:
    strays = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if kind_of(app, rule.endpoint) in (None, "open")
        and rule.rule not in OPEN
        and not rule.rule.startswith("/look/")
        and rule.endpoint.rpartition(".")[0] != "health"
    }
    assert strays == set()


def test_every_guarded_route_lies_where_its_door_is(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        kind = kind_of(app, rule.endpoint)
        if kind is not None:
            assert rule.rule.startswith(PREFIXES[kind]), rule


def test_every_blueprint_has_its_guard_once(app: Flask) -> None:
    names = [door.blueprint.name for door in wiring.DOORS]
    assert len(names) == len(set(names))
    assert {door.kind for door in wiring.DOORS} <= set(GUARDS)
    public = [door for door in wiring.DOORS if door.kind == "public"]
    assert all(door.purpose and "<token>" in door.prefix for door in public)


def test_nobody_comes_in_without_showing_something(app: Flask, client: FlaskClient) -> None:
    """Every guarded route, called plainly: refused, or sent to fetch a token."""
    for rule in app.url_map.iter_rules():
        kind = kind_of(app, rule.endpoint)
        if kind in (None, "open"):
            continue
        url = rule.rule
        for name in rule.arguments:
            url = url.replace(f"<int:{name}>", "1").replace(f"<path:{name}>", "x")
            url = url.replace(f"<{name}>", "x")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            status = client.open(url, method=method).status_code
            assert status in (302, 401, 403), (method, url, status)


# --- a small app with one room behind each door -------------------------------------------------


@pytest.fixture
def house(app: Flask, settings: Settings) -> Iterator[Flask]:
    """One view behind each door, which says whom it was called by."""
    made = create_app(replace(settings, shopify_old_client_secret=None))
    bare = Flask("house", template_folder=made.template_folder, root_path=made.root_path)
    bare.extensions["okaeri"] = made.extensions["okaeri"]
    from app.core import page

    page.set_up(bare)
    doors = []
    for kind, prefix in (
        ("admin", "/app"),
        ("widget", "/widget"),
        ("proxy", "/proxy"),
        ("public", "/t/<token>"),
        ("hooks", "/hooks"),
    ):
        doors.append(Door(kind, prefix, room(kind), "track" if kind == "public" else ""))
    open_doors(bare, doors)
    bare.add_url_rule("/look/<colour>.css", "look.colour", lambda colour: colour)
    bare.add_url_rule("/look/<colour>.svg", "look.icon", lambda colour: colour)
    with bare.app_context():
        yield bare
    made.extensions["okaeri"].engine.dispose()
    made.extensions["okaeri"].http.close()


def room(kind: str) -> Blueprint:
    blueprint = Blueprint(f"{kind}_room", __name__)

    def view(token: str = "") -> dict[str, object]:
        if kind == "hooks":
            return {"topic": delivery().topic, "domain": delivery().domain}
        visit = current()
        return {"shop": visit.shop_id, "domain": visit.domain, "locale": visit.locale}

    def write(token: str = "") -> str:
        shops.note_proxy_prefix(current().session, "/written")
        return "done"

    def fail(token: str = "") -> tuple[str, int]:
        write()
        return "no", 422

    blueprint.add_url_rule("", "view", view, methods=["GET", "POST"])
    blueprint.add_url_rule("/write", "write", write, methods=["GET", "POST"])
    blueprint.add_url_rule("/fail", "fail", fail, methods=["POST"])
    return blueprint


def prefix_of(shop: make.MadeShop) -> str | None:
    with shop.work() as session:
        return shops.shop(session).proxy_prefix


def test_a_get_cannot_change_anything(house: Flask, shop: make.MadeShop) -> None:
    client, headers = house.test_client(), sign.admin(shop.domain)
    assert client.get("/app/write", headers=headers).status_code == 500
    assert prefix_of(shop) is None
    assert client.post("/app/write", headers=headers).status_code == 200
    assert prefix_of(shop) == "/written"


def test_what_is_answered_with_an_error_leaves_no_trace(house: Flask, shop: make.MadeShop) -> None:
    assert house.test_client().post("/app/fail", headers=sign.admin(shop.domain)).status_code == 422
    assert prefix_of(shop) is None


def test_staff_are_spoken_to_in_the_admins_language(house: Flask, shop: make.MadeShop) -> None:
    client = house.test_client()
    token = sign.id_token(shop.domain)
    page = client.get(f"/app?shop={shop.domain}&locale=en-US&id_token={token}")
    assert page.json == {"shop": shop.id, "domain": shop.domain, "locale": "en"}
    fetched = client.get("/app", headers=sign.admin(shop.domain, **{"Okaeri-Locale": "en"}))
    assert fetched.json
    assert fetched.json["locale"] == "en"
    other = client.get("/app", headers=sign.admin(shop.domain, **{"Okaeri-Locale": "fr"}))
    assert other.json
    assert other.json["locale"] == "ja"


def test_the_widget_is_answered_to_any_origin(house: Flask, shop: make.MadeShop) -> None:
    client = house.test_client()
    asked = client.options("/widget", headers={"Origin": "https://extensions.shopifycdn.com"})
    assert asked.status_code == 204
    assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]
    for answer in (
        client.post("/widget", headers=sign.widget(shop.domain)),
        client.post("/widget"),
        client.post("/widget", headers=sign.widget("unknown.myshopify.com")),
    ):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert client.post("/widget", headers=sign.widget(shop.domain)).status_code == 200
    assert client.post("/widget").status_code == 401
    assert client.post("/widget", headers=sign.widget("unknown.myshopify.com")).status_code == 403


def test_the_proxys_place_is_noted_after_the_answer(
    app: Flask, house: Flask, shop: make.MadeShop
) -> None:
    url = sign.proxy(shop.domain, "", prefix="/tools/parcel")
    assert house.test_client().get(url).status_code == 200
    assert prefix_of(shop) is None
    make.settle(app)
    assert prefix_of(shop) == "/tools/parcel"


def link(shop: make.MadeShop, purpose: str = "track", days: int = 1) -> str:
    with shop.work() as session:
        expires = clock.now(session) + timedelta(days=days)
        return links.sign(shop.id, purpose, {"order": 1}, expires)


def test_a_link_opens_its_own_door_only(house: Flask, shop: make.MadeShop) -> None:
    client = house.test_client()
    fine = client.get(f"/t/{link(shop)}")
    assert fine.json == {"shop": shop.id, "domain": shop.domain, "locale": "ja"}
    assert fine.headers["Referrer-Policy"] == "no-referrer"
    for bad in (link(shop, "review"), link(shop)[:-1], "x", "x.y", "あ"):
        assert client.get(f"/t/{bad}").status_code == 403


def test_a_link_ends_with_its_time_and_with_the_shop(
    app: Flask, house: Flask, shop: make.MadeShop, owner: Engine
) -> None:
    client, token = house.test_client(), link(shop, days=1)
    clock.shift_to(owner, clock.business_now(owner) + timedelta(days=1, seconds=1))
    gone = client.get(f"/t/{token}")
    assert gone.status_code == 410
    living = link(shop)
    with unit_of_work(shop.id) as session:
        shops.uninstall(session)
    left = client.get(f"/t/{living}")
    assert left.status_code == 410
    assert client.post("/widget", headers=sign.widget(shop.domain)).status_code == 410
    assert client.get(sign.proxy(shop.domain, "")).status_code == 410


def test_unsubscribing_works_for_a_shop_that_has_left(
    app: Flask, client: FlaskClient, shop: make.MadeShop
) -> None:
    with unit_of_work(shop.id) as session:
        buyer = make.customer(session)
        expires = clock.now(session) + timedelta(days=1)
        token = links.sign(shop.id, "unsubscribe", {"customer": buyer.id}, expires)
    with unit_of_work(shop.id) as session:
        shops.uninstall(session)
    assert client.get(f"/u/{token}").status_code == 200


def test_the_hooks_take_what_shopify_signed(house: Flask, shop: make.MadeShop) -> None:
    client = house.test_client()
    given = sign.webhook(shop.domain, "orders/create", b"not json \xff")
    assert client.post("/hooks", **given).json == {
        "topic": "orders/create",
        "domain": shop.domain,
    }
    assert client.post("/hooks", **{**given, "data": b"other"}).status_code == 401
    assert client.get("/hooks").status_code == 401
    large = sign.webhook(shop.domain, "orders/create", b"x" * (5 * 1024 * 1024 + 1))
    assert client.post("/hooks", **large).status_code == 413


def test_pages_run_nothing_but_our_own(house: Flask, shop: make.MadeShop) -> None:
    page = house.test_client().get(f"/t/{link(shop, 'review')}")
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_a_stale_document_goes_to_the_patch_page(house: Flask, shop: make.MadeShop) -> None:
    token = sign.id_token(shop.domain, exp=int(time.time()) - 60)
    page = house.test_client().get(f"/app?shop={shop.domain}&id_token={token}")
    assert page.status_code == 302
    assert page.headers["Location"].startswith("https://okaeri.test/auth/patch?")
    assert token not in page.headers["Location"]
