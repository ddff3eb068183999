"""LINE's HTTP surface: `/line/api` is api.line.me, `/line/data` is api-data.line.me."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, request

from app.sandbox.line import events, login, menus, messaging, notices
from app.sandbox.line.accounts import KIND, need_https
from app.sandbox.line.messaging import LineRefused
from app.sandbox.line.people import PEOPLE, friendship, user_id
from app.sandbox.running import here
from app.sandbox.store import Document, Refused, Work

line_api = Blueprint("line_api", __name__, url_prefix="/line")
HOME = "/api/v2/bot"


@line_api.errorhandler(LineRefused)
def refused(error: LineRefused) -> Response:
    """LINE's answer to what it does not do; OAuth's doors have a shape of their own."""
    oauth = "/oauth2/" in request.path
    body = {"error": str(error), "error_description": str(error)} if oauth else error.body
    return _json(body, error.status, error.more.get("headers"))


def _json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    told = {"X-Line-Request-Id": str(uuid4()), **(headers or {})}
    return Response(json.dumps(body, ensure_ascii=False), status, told, mimetype="application/json")


def _bearer() -> str:
    return request.headers.get("Authorization", "").removeprefix("Bearer ").strip()


def _body() -> Document:
    given = request.get_json(silent=True)
    return given if isinstance(given, dict) else {}


@contextmanager
def _channel() -> Iterator[tuple[Work, Document]]:
    """The account of the request's token, with its shop's writers taking turns."""
    with here().work() as work:
        domain = login.channel_of(work, _bearer())["domain"]
    with here().work(domain) as work:
        yield work, work.need(KIND, domain, "account")


@line_api.post(HOME + "/message/push")
def push() -> Response:
    """Send to one person."""
    with _channel() as (work, ours):
        key = request.headers.get("X-Line-Retry-Key")
        return _json(messaging.push(work, ours, _body(), key))


@line_api.post("/api/bot/pnp/push")
def notify() -> Response:
    """Send to a telephone number: messages of one's own."""
    with _channel() as (work, ours):
        return _json(notices.flexible(work, ours, _body(), request.headers))


@line_api.post(HOME + "/message/pnp/templated/push")
def notify_by_template() -> Response:
    """Send to a telephone number: one of LINE's own messages."""
    with _channel() as (work, ours):
        return _json(notices.templated(work, ours, _body(), request.headers), 202)


@line_api.post(HOME + "/message/reply")
def reply() -> Response:
    """Answer an event."""
    with _channel() as (work, ours):
        return _json(messaging.reply(work, ours, _body()))


@line_api.post(HOME + "/message/validate/<kind>")
def validate(kind: str) -> Response:  # noqa: ARG001  # LINE checks all kinds alike
    """Check messages without sending them."""
    with _channel():
        messaging.check(_body())
    return _json({})


@line_api.get(HOME + "/message/quota")
def quota() -> Response:
    """The month's limit."""
    with _channel() as (_work, ours):
        return _json(messaging.quota(ours))


@line_api.get(HOME + "/message/quota/consumption")
def consumption() -> Response:
    """What counted this month."""
    with _channel() as (work, ours):
        return _json({"totalUsage": messaging.consumption(work, ours)})


@line_api.get(HOME + "/info")
def info() -> Response:
    """Who the account is."""
    with _channel() as (_work, ours):
        return _json(messaging.info(ours))


@line_api.get(HOME + "/profile/<user>")
def profile(user: str) -> Response:
    """A friend's profile."""
    with _channel() as (work, ours):
        return _json(messaging.profile(work, ours, user))


@line_api.post(HOME + "/user/<user>/linkToken")
def link_token(user: str) -> Response:
    """A link token for a friend."""
    with _channel() as (work, ours):
        return _json(login.link_token(work, ours, user))


# --- the webhook's address --------------------------------------------------------------------


@line_api.route(HOME + "/channel/webhook/endpoint", methods=["GET", "PUT"])
def endpoint() -> Response:
    """Read or set the webhook's address."""
    with _channel() as (work, ours):
        if request.method == "GET":
            if not ours["webhook_url"]:
                raise LineRefused(404, "Not found")
            return _json({"endpoint": ours["webhook_url"], "active": ours["use_webhook"]})
        url = str(_body().get("endpoint", ""))
        try:
            need_https(url, "endpoint")
        except Refused as error:
            raise LineRefused(400, "Invalid webhook endpoint URL") from error
        work.put(KIND, ours["domain"], "account", {**ours, "webhook_url": url})
    return _json({})


@line_api.post(HOME + "/channel/webhook/test")
def test_endpoint() -> Response:
    """Post an empty event list and say what came back."""
    with _channel() as (work, ours):
        stamp = work.stamp
    if not ours["webhook_url"]:
        raise LineRefused(404, "Not found")
    status, reason = events.post(here(), ours, [])
    return _json(
        {
            "success": reason == "OK",
            "timestamp": stamp,
            "statusCode": status or 0,
            "reason": reason,
            "detail": str(status or ""),
        }
    )


# --- rich menus -------------------------------------------------------------------------------


@line_api.post(HOME + "/richmenu")
def create_menu() -> Response:
    """Make a menu."""
    with _channel() as (work, ours):
        return _json(menus.create(work, ours, _body()))


@line_api.post(HOME + "/richmenu/validate")
def validate_menu() -> Response:
    """Check a menu without making it."""
    with _channel():
        menus.need_good(_body())
    return _json({})


@line_api.get(HOME + "/richmenu/list")
def list_menus() -> Response:
    """Every menu."""
    with _channel() as (work, ours):
        return _json(menus.listed(work, ours))


@line_api.route(HOME + "/richmenu/<number>", methods=["GET", "DELETE"])
def one_menu(number: str) -> Response:
    """Look at a menu, or take it away."""
    with _channel() as (work, ours):
        if request.method == "DELETE":
            return _json(menus.delete(work, ours, number))
        return _json(menus.shown(menus.menu(work, ours, number)))


@line_api.post("/data/v2/bot/richmenu/<number>/content")
def menu_picture(number: str) -> Response:
    """Give a menu its picture."""
    with _channel() as (work, ours):
        picture = request.get_data()
        return _json(menus.upload(work, ours, number, request.mimetype, picture))


@line_api.route(HOME + "/user/all/richmenu", methods=["GET", "DELETE"])
def default_menu() -> Response:
    """Which menu all see; or none any more."""
    with _channel() as (work, ours):
        if request.method == "DELETE":
            return _json(menus.set_default(work, ours, None))
        if not ours["default_menu"]:
            raise LineRefused(404, "no default richmenu")
        return _json({"richMenuId": ours["default_menu"]})


@line_api.post(HOME + "/user/all/richmenu/<number>")
def set_default_menu(number: str) -> Response:
    """Show a menu to all."""
    with _channel() as (work, ours):
        return _json(menus.set_default(work, ours, number))


# --- OAuth ------------------------------------------------------------------------------------


def _oauth(verb: Callable[[Work, dict[str, Any]], Document]) -> Response:
    with here().work() as work:
        return _json(verb(work, request.form.to_dict()))


@line_api.post("/api/oauth2/v3/token")
def channel_token() -> Response:
    """A short channel access token, for id and secret."""
    return _oauth(login.stateless)


@line_api.post("/api/oauth2/v2.1/token")
def login_token() -> Response:
    """LINE Login: redeem a code."""
    return _oauth(login.token)


@line_api.post("/api/oauth2/v2.1/verify")
def verify() -> Response:
    """LINE Login: check an ID token."""
    return _oauth(login.verify)


@line_api.get("/api/friendship/v1/status")
def friendship_status() -> Response:
    """Whether the person of this Login access token is a friend."""
    with here().work() as work:
        ours, person = login.whose_access(work, _bearer())
        return _json({"friendFlag": friendship(work, ours["domain"], person) == "friend"})


@line_api.get("/api/v2/profile")
def login_profile() -> Response:
    """The profile of the person of this Login access token."""
    with here().work() as work:
        ours, person = login.whose_access(work, _bearer())
    return _json({"userId": user_id(ours, person), "displayName": PEOPLE[person]["name"]})
