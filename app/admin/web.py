"""The merchant's home and settings."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers.response import Response as BaseResponse

from app.admin import queries
from app.core.errors import Invalid, NotFound
from app.core.locale import current_locale, show_date
from app.core.locale import gettext as _
from app.core.request import current
from app.core.runtime import runtime
from app.journeys import queries as journeys
from app.journeys.service import close_task
from app.senders import queries as senders
from app.shops import service as shops
from app.shops.model import Shop
from app.shops.settings import TEXTS, missing_for_marketing
from app.shops.staff import staff_name

admin = Blueprint("admin", __name__)


@admin.app_template_filter("staff_name")
def named(number: str | None) -> str:
    """A member of staff as the reader of a page knows them."""
    return staff_name(current().session, number)


@admin.app_template_filter("local_day")
def local_day(moment: datetime, zone: str) -> str:
    """The date of a moment in a time zone, as people of the language write it."""
    return show_date(moment.astimezone(ZoneInfo(zone)).date(), current_locale())


#: So many tasks stand on the home page, the most urgent ones.
TASKS = 8
#: The pages that show tasks, besides the home.
BACK = re.compile(r"/app/(orders|customers)/\d+")

#: The handle of the thank-you block in `widgets/thank-you/shopify.extension.toml`.
BLOCK = "thank-you"


@admin.get("")
def home() -> str:
    """What is on, what to do first, what came of it, what waits for a person."""
    return _home()


@admin.post("/pause")
def pause() -> str:
    """Stop everything that would be sent."""
    shops.pause(current().session)
    return _home(said=_("Paused. Nothing is sent until you continue."))


@admin.post("/resume")
def resume() -> str:
    """Let messages leave again."""
    shops.resume(current().session)
    return _home(said=_("Messages are being sent again."))


@admin.post("/tasks/<int:task_id>/done")
def task_done(task_id: int) -> BaseResponse:
    """Somebody did what was to be done for a customer; back to where the button was."""
    close_task(current().session, task_id, current().staff or "")
    back = request.form.get("back", "")
    return redirect(back if BACK.fullmatch(back) else "/app", 303)


@admin.post("/guide")
def guide() -> str:
    """Put the setup guide away, or bring it back."""
    shops.dismiss_guide(current().session, dismissed=request.form.get("show") != "1")
    return _home()


def _home(said: str = "") -> str:
    session = current().session
    shop = shops.shop(session)
    return render_template(
        "admin/home.html",
        said=said,
        shop=shop,
        settings=shops.settings_of(shop),
        setup=queries.setup(session),
        figures=queries.figures(session),
        results=queries.results(session),
        troubles=queries.troubles(session),
        journeys=queries.switched_on(session),
        tasks=journeys.open_tasks(session, limit=TASKS),
        orders=queries.recent_orders(session),
        importing=queries.importing(session),
        days=queries.DAYS,
        block=BLOCK,
        editor_url=_editor_url(),
    )


@admin.get("/settings")
def settings() -> str:
    """The settings as they are kept."""
    shop = shops.shop(current().session)
    return _settings_page(_values(shop), {})


@admin.post("/settings")
def save() -> BaseResponse | str:
    """Keep what was typed; with mistakes the form comes back with them and with what was typed."""
    shop = shops.shop(current().session)
    try:
        shops.save_settings(current().session, request.form)
    except Invalid as error:
        typed = {**_values(shop), **_typed()}
        return make_response(_settings_page(typed, error.errors), 422)
    return _settings_page(_values(shop), {}, said=_("Settings saved."))


@admin.get("/<path:_anywhere>")
def nowhere(_anywhere: str) -> BaseResponse:
    """An address of the admin that leads nowhere, answered inside the admin's frame."""
    raise NotFound


def _settings_page(values: dict[str, Any], errors: dict[str, str], said: str = "") -> str:
    session = current().session
    shop = shops.shop(session)
    return render_template(
        "admin/settings.html",
        said=said,
        shop=shop,
        values=values,
        errors=errors,
        missing=missing_for_marketing(shops.settings_of(shop)),
        mail_from=senders.sending(session).mailbox,
    )


def _values(shop: Shop) -> dict[str, Any]:
    """The kept settings under the names of the form's fields. Secrets stay where they are."""
    kept = shops.settings_of(shop)
    return {
        **{name: getattr(kept, name) for name in TEXTS},
        "locale": shop.locale,
        "honorific": kept.honorific,
        "coupon_percent": kept.coupon_percent or "",
        "existing_customer_basis": kept.existing_customer_basis,
    }


def _typed() -> dict[str, Any]:
    boxes = ("existing_customer_basis",)
    return {**request.form, **{name: name in request.form for name in boxes}}


def _editor_url() -> str:
    """Shopify's checkout editor, open where our block is placed."""
    settings = runtime().settings
    admin_url = settings.shop_url(settings.shopify_admin_url, current().domain).rstrip("/")
    client = settings.shopify_client_id
    return f"{admin_url}/settings/checkout/editor?page=thank-you&context=apps&app={client}"
