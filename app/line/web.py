"""LINE's doors: the webhook, and the merchant's page."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.wrappers.response import Response as BaseResponse

from app.core import links
from app.core.clock import now
from app.core.db import dispatching, network_apart
from app.core.errors import Forbidden, GiveUp, Invalid, TryLater
from app.core.locale import gettext as _
from app.core.locale import show_moment
from app.core.request import current
from app.core.runtime import runtime
from app.core.secrets import unseal
from app.inbox import queries as inbox_queries
from app.inbox import service as inbox
from app.line import api, forms, menus, queries, rules, service
from app.line.linking_web import callback_url
from app.line.model import LineAccount
from app.line.words import notice_policy
from app.messages import notice_receipts
from app.shops import service as shops

hooks = Blueprint("line_hooks", __name__)
admin = Blueprint("line_admin", __name__)

#: The webhook's address is good until the account is disconnected: whoever knows it still needs the
#: channel's secret to sign.
FOREVER = timedelta(days=36500)
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
        if account.forward_url:
            service.keep_whole(session, current().domain, body, signature)
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
    said = _("%(name)s is connected.", name=told.name)
    tool = _other_tool(given.channel_token)
    if tool and (known is None or known.webhook_by == "other"):
        service.set_webhook(visit.session, "other", "")
        return _settings(said=f"{said} {_left_alone(tool)}")
    if not _point_webhook(given.channel_token):
        said += f" {_not_taken()}"
    return _settings(said=said)


def _other_tool(token: str) -> str:
    """To whose address LINE posts now, if that is not ours: nobody's tool is cut off by connecting
    another one."""
    with network_apart(current().session):
        try:
            there = urlsplit(api.webhook_url(token))
        except (TryLater, GiveUp):
            return ""
    ours = urlsplit(runtime().settings.app_url).hostname
    return there.hostname or "" if there.hostname != ours else ""


def _left_alone(tool: str) -> str:
    return _("LINE goes on posting to %(host)s: see “Webhook” below.", host=tool)


def _not_taken() -> str:
    return _("LINE did not take our webhook’s address. Please connect once more.")


def _point_webhook(token: str) -> bool:
    """Tell LINE where to post; whether it took the address."""
    hook = _hook_url()
    # Kept before LINE is told: its first event may come while it still answers.
    with network_apart(current().session):
        try:
            api.set_webhook(token, hook)
        except (TryLater, GiveUp):
            return False
    return True


def _hook_url() -> str:
    """Where LINE, or the tool that receives for us, posts: the same address until the account is
    connected anew."""
    visit = current()
    account = queries.account(visit.session)
    since = account.connected_at if account else now(visit.session)
    hook = links.sign(visit.shop_id, "line-hook", {}, since + FOREVER)
    return f"{runtime().settings.app_url.rstrip('/')}/hooks/line/{hook}"


@admin.post("/line/webhook")
def webhook() -> BaseResponse | str:
    """Who receives LINE's webhook, and whom we hand it on to. LINE is told where it changes."""
    visit = current()
    account = queries.account(visit.session)
    if account is None:
        raise Forbidden
    try:
        by, url = forms.webhook(request.form)
    except Invalid as error:
        typed = {"forward_url": request.form.get("forward_url", "")}
        return make_response(_settings(errors=error.errors, typed=typed), 422)
    was, token = account.webhook_by, unseal(account.channel_token)
    service.set_webhook(visit.session, by, url)
    if by == "us" and was != "us" and not _point_webhook(token):
        return _settings(said=_not_taken())
    return _settings(said=_("Saved."))


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


def _relay(account: LineAccount | None) -> dict[str, Any]:
    """What the page says of the webhook."""
    session = current().session
    if account is None:
        return {}
    zone, heard = shops.shop(session).timezone, inbox_queries.newest_at(session, "line")
    return {
        "hook_url": _hook_url(),
        "forward_url": unseal(account.forward_url) if account.forward_url else "",
        "heard": show_moment(heard, zone, current().locale) if heard else "",
        "failed": queries.not_handed_on(session),
    }


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
        relay=_relay(account),
        journeys=forms.journeys(session),
        notices_allowed=runtime().settings.line_notices,
        policy=notice_policy(shops.brand(shops.shop(session)).name),
        noticed=notice_receipts.standing(session, month) if account and account.notices else {},
    )
