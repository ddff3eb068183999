"""LINE's doors: the webhook, the linking of a person's orders, and the merchant's page."""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers.response import Response as BaseResponse

from app.core import links
from app.core.clock import machine_now, now
from app.core.db import dispatching, network_apart, unit_of_work
from app.core.errors import Conflict, Forbidden, GiveUp, Invalid, TryLater
from app.core.locale import gettext as _
from app.core.request import current
from app.core.runtime import runtime
from app.core.secrets import unseal
from app.inbox import service as inbox
from app.line import api, forms, menus, queries, rules, service
from app.line.words import notice_policy
from app.messages import notice_receipts
from app.mirror import queries as mirror
from app.shops import service as shops

hooks = Blueprint("line_hooks", __name__)
public = Blueprint("line_public", __name__)
back = Blueprint("line_back", __name__)
admin = Blueprint("line_admin", __name__)

#: The webhook's address is good until the account is disconnected: whoever knows it still needs the
#: channel's secret to sign.
FOREVER = timedelta(days=36500)
#: From LINE's consent screen back to us (machine time: it is a login).
STATE = timedelta(hours=1)
LINK = timedelta(days=180)
EVENTS = frozenset({"follow", "unfollow", "message", "postback", "accountLink"})
#: Tells of a message sent to a telephone number, and so of nobody.
DELIVERY = "delivery"
MAX_BODY = 1024 * 1024


# --- LINE tells -----------------------------------------------------------------------------------


@hooks.post("")
def receive(token: str) -> Response:
    """Keep LINE's signed events as rows of the inbox; understanding them comes later."""
    request.max_content_length = MAX_BODY
    body = request.get_data()
    account = queries.account(current().session)
    signature = request.headers.get("X-Line-Signature", "")
    if account is None or not api.is_signed(unseal(account.channel_secret), body, signature):
        return Response(status=401)
    told = json.loads(body)
    with dispatching() as session:
        for event in told.get("events", []):
            _keep(session, event)
    return Response(status=200)


def _keep(session: Any, event: dict[str, Any]) -> None:
    """One event, if it is of a kind that means something to us."""
    of_person = event.get("type") in EVENTS and event.get("source", {}).get("type") == "user"
    if not of_person and event.get("type") != DELIVERY:
        return
    inbox.store(
        session,
        inbox.Delivery(
            domain=current().domain,
            topic=f"line/{event['type']}",
            webhook_id=str(event.get("webhookEventId", "")),
            body=json.dumps(event, ensure_ascii=False).encode(),
            source="line",
        ),
    )


# --- a person links their orders ------------------------------------------------------------------


@public.get("")
def invite(token: str) -> BaseResponse | str:
    """On to LINE's own screen where the shop has LINE Login: one tap. Elsewhere, and on coming
    back, the page. Nothing is kept before LINE says who it is."""
    visit = current()
    account = queries.account(visit.session)
    result = request.args.get("result", "")
    if account is not None and account.login_channel_id and not result:
        return redirect(_authorize(account.login_channel_id, token), 302)
    return _page(result)


@public.post("/code")
def code(token: str) -> str:
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


def _authorize(client_id: str, token: str) -> str:
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


# --- the merchant ---------------------------------------------------------------------------------


@admin.get("/line")
def settings() -> str:
    """The account, what it sent, and the form to connect it."""
    return _settings()


@admin.post("/line/connect")
def connect() -> BaseResponse | str:
    """Test what was copied from LINE, then keep it; each mistake stands beside its field."""
    visit = current()
    known = queries.account(visit.session)
    try:
        given = forms.channels(request.form, known)
        with network_apart(visit.session):
            told = forms.tested(given)
    except Invalid as error:
        return make_response(_settings(errors=error.errors, typed=forms.typed(request.form)), 422)
    service.connect(
        visit.session,
        given,
        user_id=told.user_id,
        basic_id=told.basic_id,
        name=told.name,
        who=visit.staff or "",
    )
    reached = _point_webhook(given.channel_token)
    said = _("%(name)s is connected.", name=told.name)
    if not reached:
        said += " " + _("LINE did not take our webhook’s address. Please connect once more.")
    return _settings(said=said)


def _point_webhook(token: str) -> bool:
    """Tell LINE where to post; whether it took the address."""
    visit = current()
    until = now(visit.session) + FOREVER
    hook = links.sign(visit.shop_id, "line-hook", {}, until)
    # Kept before LINE is told: its first event may come while it still answers.
    with network_apart(visit.session):
        try:
            api.set_webhook(token, f"{runtime().settings.app_url.rstrip('/')}/hooks/line/{hook}")
        except (TryLater, GiveUp):
            return False
    return True


@admin.post("/line/test")
def test() -> str:
    """Have LINE post to us once."""
    visit = current()
    account = queries.account(visit.session)
    if account is None:
        raise Forbidden
    try:
        with network_apart(visit.session):
            reached = api.test_webhook(unseal(account.channel_token))
    except (TryLater, GiveUp) as error:
        return _settings(said=_("LINE did not take it: %(reason)s", reason=str(error)))
    if reached:
        return _settings(said=_("LINE reaches us. Everything is ready."))
    return _settings(said=_("LINE does not reach us. Switch “Use webhook” on at LINE."))


@admin.post("/line/disconnect")
def disconnect() -> str:
    """Forget the account and everybody's user ids."""
    service.disconnect(current().session)
    return _settings(said=_("LINE is disconnected. Nobody’s LINE is kept any more."))


@admin.post("/line/budget")
def budget() -> BaseResponse | str:
    """The merchant's own ends for the month."""
    try:
        limits = forms.limits(current().session, request.form)
    except Invalid as error:
        return make_response(_settings(errors=error.errors), 422)
    service.set_limits(current().session, limits)
    return _settings(said=_("Budget saved."))


@admin.post("/line/notices")
def notices() -> BaseResponse | str:
    """Switch notification messages on or off; only where the host has LINE's agreement."""
    visit = current()
    if not runtime().settings.line_notices:
        raise Forbidden
    try:
        style = forms.notices(request.form)
    except Invalid as error:
        return make_response(_settings(errors=error.errors), 422)
    service.set_notices(visit.session, style, visit.staff or "")
    return _settings(said=_("Saved."))


@admin.post("/line/menu")
def menu() -> str:
    """Put our menu under every chat, or take it away."""
    visit = current()
    account = queries.account(visit.session)
    if account is None:
        raise Forbidden
    token = unseal(account.channel_token)
    try:
        with network_apart(visit.session):
            made = menus.show(token, account.menu_id, wanted="show" in request.form)
    except (TryLater, GiveUp) as error:
        return _settings(said=_("LINE did not take it: %(reason)s", reason=str(error)))
    service.keep_menu(visit.session, made)
    return _settings(said=_("The menu is under every chat.") if made else _("The menu is gone."))


def _settings(
    said: str = "", errors: dict[str, str] | None = None, typed: dict[str, str] | None = None
) -> str:
    session = current().session
    account = queries.account(session)
    purse = queries.purse(session, account) if account else None
    month = now(session) - timedelta(days=30)
    return render_template(
        "admin/line/settings.html",
        said=said,
        errors=errors or {},
        typed=typed or {},
        account=account,
        purse=purse,
        short=purse is not None and rules.is_short(purse),
        standing=queries.standing(session) if account else None,
        friend_url=queries.friend_url(account) if account else "",
        callback_url=callback_url(),
        journeys=forms.journeys(session),
        notices_allowed=runtime().settings.line_notices,
        policy=notice_policy(shops.brand(shops.shop(session)).name),
        noticed=notice_receipts.standing(session, month) if account and account.notices else {},
    )
