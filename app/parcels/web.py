"""Doors of the parcels: whoever follows them tells us, and the merchant's page about that."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers.response import Response as BaseResponse

from app.core import links
from app.core.clock import now
from app.core.db import dispatching, network_apart
from app.core.errors import GiveUp, TryLater
from app.core.locale import gettext as _
from app.core.request import current
from app.core.runtime import runtime
from app.core.secrets import unseal
from app.inbox import service as inbox
from app.parcels import aftership, providers, queries
from app.parcels.words import second_look
from app.shops import service as shops

hooks = Blueprint("parcels_hooks", __name__)
admin = Blueprint("parcels_admin", __name__)

#: The address stays good: whoever knows it still needs the account's secret to sign.
FOREVER = timedelta(days=36500)
MAX_BODY = 1024 * 1024
LONGEST = 200


@hooks.post("")
def receive(token: str) -> Response:
    """Keep what AfterShip signed as a row of the inbox; understanding it comes later."""
    request.max_content_length = MAX_BODY
    body = request.get_data()
    account = providers.account(current().session)
    signature = request.headers.get("aftership-hmac-sha256", "")
    if account is None or not account.hook_secret:
        return Response(status=401)
    if not aftership.is_signed(unseal(account.hook_secret), body, signature):
        return Response(status=401)
    told = aftership.read(body)
    if told.event == "tracking_update":
        with dispatching() as session:
            inbox.store(
                session,
                inbox.Delivery(
                    domain=current().domain,
                    topic="aftership/tracking_update",
                    webhook_id=told.event_id,
                    body=body,
                    source="aftership",
                ),
            )
    return Response(status=200)


@admin.get("/parcels")
def settings() -> str:
    """Who follows the parcels. `wrong` says why a key was not taken while its secret was kept."""
    wrong = _mistakes().get(request.args.get("wrong", ""))
    said = _("Saved.") if request.args.get("done") == "saved" else ""
    return _settings(said=said, errors={"api_key": wrong} if wrong else {})


@admin.post("/parcels/connect")
def connect() -> BaseResponse:
    """Try the account's key at AfterShip, then keep it and the secret, sealed. A good secret beside
    a key that is not taken is kept alone, so that it need not be typed again."""
    visit = current()
    known, who = providers.begun(visit.session), visit.staff or ""
    typed = {name: request.form.get(name, "").strip() for name in ("api_key", "hook_secret")}
    wrong = {
        name: code
        for name, value in typed.items()
        if (code := _mistake(value, known=bool(known and getattr(known, name))))
    }
    if not wrong and (refused := _refused(typed["api_key"])):
        wrong["api_key"] = refused
    if not wrong:
        providers.connect(
            visit.session, key=typed["api_key"], hook_secret=typed["hook_secret"], who=who
        )
        return redirect("/app/parcels?done=saved", 303)
    if "hook_secret" not in wrong and providers.remember(
        visit.session, hook_secret=typed["hook_secret"], who=who
    ):
        return redirect(f"/app/parcels?wrong={wrong['api_key']}", 303)
    return make_response(_settings(errors={k: _mistakes()[v] for k, v in wrong.items()}), 422)


def _mistakes() -> dict[str, str]:
    """What can be wrong with a key or a secret, in words."""
    return {
        "missing": _("This field is needed."),
        "shape": _("Copy it once more: it has no spaces and is shorter than this."),
        "refused": _("AfterShip does not take this key."),
        "busy": _("AfterShip does not answer at the moment. Please try again."),
    }


def _mistake(value: str, *, known: bool) -> str | None:
    if not value:
        return None if known else "missing"
    fine = len(value) <= LONGEST and value.isascii() and " " not in value
    return None if fine else "shape"


def _refused(key: str) -> str | None:
    """What AfterShip says against a key that was typed."""
    if not key:
        return None
    try:
        with network_apart(current().session):
            aftership.check(key)
    except GiveUp:
        return "refused"
    except TryLater:
        return "busy"
    return None


@admin.post("/parcels/disconnect")
def disconnect() -> BaseResponse:
    """Forget the account: Shopify's own events count from now on."""
    providers.disconnect(current().session)
    return redirect("/app/parcels", 303)


def _settings(*, said: str = "", errors: dict[str, str] | None = None) -> str:
    visit = current()
    account, begun = providers.account(visit.session), providers.begun(visit.session)
    # The same whenever the page is looked at: it may be copied before the account is entered.
    since = shops.shop(visit.session).installed_at or now(visit.session)
    hook = links.sign(visit.shop_id, "parcel-hook", {}, since + FOREVER)
    return render_template(
        "admin/parcels.html",
        account=account,
        doubted=[
            (parcel, order, said)
            for parcel, order in queries.unseen(visit.session)
            if (said := second_look(parcel.carrier, parcel.tracking_number, visit.locale))
        ],
        secret_kept=begun is not None and bool(begun.hook_secret),
        hook_url=f"{runtime().settings.app_url.rstrip('/')}/hooks/parcels/{hook}",
        said=said,
        errors=errors or {},
    )
