"""A person links their orders to their LINE: the page they come to, LINE Login, the way back."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers.response import Response as BaseResponse

from app.core import links
from app.core.clock import machine_now, now
from app.core.db import unit_of_work
from app.core.errors import Conflict, GiveUp, TryLater
from app.core.locale import gettext as _
from app.core.request import current
from app.core.runtime import runtime
from app.core.secrets import unseal
from app.line import api, queries, service
from app.mirror import queries as mirror
from app.shops import service as shops

public = Blueprint("line_public", __name__)
back = Blueprint("line_back", __name__)

#: From LINE's consent screen back to us (machine time: it is a login).
STATE = timedelta(hours=1)
LINK = timedelta(days=180)


@public.get("")
def invite(token: str) -> BaseResponse | str:  # noqa: ARG001  # Flask hands on every part
    """On to LINE's own screen where the shop has LINE Login: one tap. Elsewhere, and on coming
    back, the page. Nothing is kept before LINE says who it is."""
    visit = current()
    account = queries.account(visit.session)
    result = request.args.get("result", "")
    if account is not None and account.login_channel_id and not result:
        return redirect(_authorize(account.login_channel_id), 302)
    return _page(result)


@public.post("/code")
def code(token: str) -> str:  # noqa: ARG001  # Flask hands on every part
    """A code to send from LINE, where the shop has no LINE Login."""
    visit = current()
    order = mirror.order(visit.session, int((visit.claims or {})["order"]))
    if queries.account(visit.session) is None or order.customer_id is None:
        return _page("failed")
    return _page("code", service.offer_code(visit.session, order.customer_id, order.id))


def _page(result: str, code: str = "") -> str:
    session = current().session
    account = queries.account(session)
    return render_template(
        "public/line/link.html",
        brand=shops.brand(shops.shop(session)),
        account=account,
        friend_url=queries.friend_url(account) if account else "",
        chat_url=_chat_url(account.basic_id, code) if account and code else "",
        result=result,
        code=code,
    )


def _chat_url(basic_id: str, code: str) -> str:
    """Opens the chat with the words already typed."""
    host = runtime().settings.line_friend_url.rstrip("/")
    return f"{host}/R/oaMessage/{basic_id}/?" + _("link") + "%20" + code


def _authorize(client_id: str) -> str:
    """LINE's consent screen. The signed state carries whose order it is and a nonce of its own."""
    visit = current()
    nonce = secrets.token_urlsafe(24)
    subject = {"order": int((visit.claims or {})["order"]), "nonce": nonce, "lang": visit.locale}
    state = links.sign(visit.shop_id, "line-state", subject, machine_now() + STATE)
    return api.authorize_url(client_id, callback_url(), state, nonce)


def callback_url() -> str:
    """Where LINE Login sends people back to; the merchant registers it at LINE."""
    return f"{runtime().settings.app_url.rstrip('/')}/line/back"


@back.get("/back")
def come_back() -> BaseResponse:
    """LINE sends the person back with a code that works once: what OAuth makes a GET. It is bound
    to our signed state, whose nonce works once as well, so that a preview or a second visit of
    this address links nobody."""
    link = links.read(request.args.get("state", ""), "line-state", machine_now())
    order_id = int(link.subject["order"])
    result = "refused"
    if request.args.get("code"):
        result = _log_in(link, order_id, request.args["code"])
    with unit_of_work(link.shop_id) as session:
        token = links.sign(
            link.shop_id,
            "line",
            {"order": order_id, "lang": link.subject["lang"]},
            now(session) + LINK,
        )
    return redirect(f"/l/{token}?result={result}", 303)


def _log_in(link: links.Link, order_id: int, code: str) -> str:
    with unit_of_work(link.shop_id) as session:
        account = queries.account(session)
        if account is None or not account.login_channel_id or not account.login_channel_secret:
            return "failed"
        client = account.login_channel_id, unseal(account.login_channel_secret)
    try:
        who = api.log_in(*client, code, callback_url(), link.subject["nonce"])
    except (TryLater, GiveUp):
        return "failed"
    try:
        with unit_of_work(link.shop_id) as session:
            return _link(session, link, order_id, who)
    except Conflict:
        return "failed"


def _link(session: Any, link: links.Link, order_id: int, who: api.LoggedIn) -> str:
    service.use_nonce(session, link.subject["nonce"])
    order = mirror.order(session, order_id)
    if order.customer_id is None:
        return "failed"
    if not who.is_friend:
        return "stranger"
    service.link(
        session,
        order.customer_id,
        who.user_id,
        order_id=order.id,
        source="login",
        locale=link.subject["lang"],
    )
    return "linked"
