"""When the shop works: the calendar behind every expected day."""

from __future__ import annotations

from typing import Any

from babel import dates
from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers.response import Response as BaseResponse

from app.core.clock import now
from app.core.errors import Invalid
from app.core.locale import current_locale, show_range
from app.core.locale import gettext as _
from app.core.request import current
from app.parcels.queries import promise_of
from app.parcels.rules import expected_dates, ships_between
from app.shops import calendar
from app.shops import service as shops
from app.shops.model import Shop

admin = Blueprint("admin_calendar", __name__)
#: Empty rows below the kept closures.
SPARE = 3


@admin.get("/calendar")
def show() -> str:
    """The calendar as it is kept, and what it means for an order placed now."""
    return _page(_values(shops.shop(current().session)), {})


@admin.post("/calendar")
def save() -> BaseResponse | str:
    """Keep it; with mistakes the form comes back with what was typed."""
    session, form = current().session, request.form
    days, seasons = form.getlist("closed_weekdays"), form.getlist("seasons")
    try:
        shops.keep_calendar(session, calendar.read_calendar(form, days, seasons))
    except Invalid as error:
        typed = {**form.to_dict(), "holidays": "holidays" in form}
        typed |= {"closed_weekdays": [int(day) for day in days if day in set("0123456")]}
        typed |= {"seasons": seasons, "rows": _typed_rows()}
        return make_response(_page(typed, error.errors), 422)
    return _page(_values(shops.shop(session)), {}, said=_("Settings saved."))


def _page(values: dict[str, Any], errors: dict[str, str], said: str = "") -> str:
    shop = shops.shop(current().session)
    return render_template(
        "admin/calendar.html", values=values, errors=errors, said=said, zone=shop.timezone,
        weekdays=_weekdays(), seasons=season_names(), example=_example(shop),
    )  # fmt: skip


def _values(shop: Shop) -> dict[str, Any]:
    kept = shops.settings_of(shop).calendar
    rows = [(one.first.isoformat(), one.last.isoformat()) for one in kept.closures]
    return {
        "cut_off": kept.cut_off.strftime("%H:%M") if kept.cut_off else "",
        "closed_weekdays": kept.closed_weekdays,
        "holidays": kept.holidays,
        "seasons": kept.seasons,
        "rows": _with_spare(rows),
        "ready_first": kept.ready[0],
        "ready_last": kept.ready[1],
        "transit_first": kept.transit[0],
        "transit_last": kept.transit[1],
    }


def _with_spare(rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return (rows + [("", "")] * SPARE)[: calendar.MOST_CLOSURES]


def _typed_rows() -> list[tuple[str, str]]:
    numbers = range(calendar.MOST_CLOSURES)
    fields = [f"closed_first_{number}" for number in numbers]
    return [
        (request.form[name], request.form.get(name.replace("first", "last"), ""))
        for name in fields
        if name in request.form
    ]


def _weekdays() -> list[str]:
    names = dates.get_day_names("wide", locale=current_locale())
    return [names[day] for day in range(7)]


def season_names() -> dict[str, str]:
    """The closed times that come back every year."""
    words = (
        _("New Year (29 December to 3 January)"),
        _("Golden Week (29 April to 5 May)"),
        _("Obon (13 to 16 August)"),
    )
    return dict(zip(calendar.SEASONS, words, strict=True))


def _example(shop: Shop) -> tuple[str, str]:
    """When an order placed now would be sent, and when it would arrive."""
    moment = now(current().session)
    home = (moment, shop.timezone, shop.country, promise_of(shop))
    locale = current_locale()
    return show_range(*ships_between(*home), locale), show_range(*expected_dates(*home), locale)
