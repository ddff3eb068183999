"""How often people are written to, by what, and what is counted: the merchant's page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from app.core import prefectures
from app.core.errors import Invalid
from app.core.locale import gettext as _
from app.core.request import current
from app.messages import reasons, rules, service
from app.shops import frequency
from app.shops import service as shops
from app.shops.frequency import AUTO, MOST_PER_WEEK, OFF, ON

admin = Blueprint("messages_frequency", __name__)

DAY_H = 24


@admin.get("/frequency")
def show() -> str:
    """The page."""
    kept = shops.settings_of(shops.shop(current().session)).frequency
    return _page({"per_week": kept.per_week, "apart_h": kept.apart_h, **_choices(kept)}, {})


@admin.post("/frequency")
def save() -> str | Response:
    """Keep it; what waited for a prefecture that is spared now goes on."""
    provinces = request.form.getlist("held_provinces")
    try:
        chosen = frequency.read(request.form, provinces)
    except Invalid as error:
        typed = {**request.form.to_dict(), "held_provinces": provinces}
        return make_response(_page(typed, error.errors), 422)
    before = shops.keep_frequency(current().session, chosen)
    if set(before.held_provinces) - set(chosen.held_provinces):
        service.let_go_all(current().session, reasons.DISASTER)
    said = {"per_week": chosen.per_week, "apart_h": chosen.apart_h, **_choices(chosen)}
    return _page(said, {}, _("Settings saved."))


def _choices(kept: frequency.Frequency) -> dict[str, Any]:
    return {
        "prefer": kept.prefer,
        "weekends": kept.weekends,
        "opens": kept.opens,
        "clicks": kept.clicks,
        "held_provinces": list(kept.held_provinces),
    }


def _page(values: dict[str, Any], errors: dict[str, str], said: str = "") -> str:
    spans = [(hours, _("%(count)s days apart", count=hours // DAY_H)) for hours in (48, 72, 168)]
    return render_template(
        "admin/frequency.html",
        values=values,
        errors=errors,
        said=said,
        weekly=[(n, str(n)) for n in range(1, MOST_PER_WEEK + 1)],
        spans=[(DAY_H, _("A day apart")), *spans],
        channels=[("email", _("E-mail")), ("line", "LINE")],
        evenings=[
            (AUTO, _("Friday–Sunday evenings in Japan")),
            (ON, _("Friday–Sunday evenings everywhere")),
            (OFF, _("Any day")),
        ],
        measuring=[
            (AUTO, _("Where the law does not ask for consent first")),
            (ON, _("Everywhere: I have the consent it takes")),
            (OFF, _("Nowhere")),
        ],
        prefectures=prefectures.names(current().locale),
        opens=rules.DAY[0].strftime("%-H:%M"),
        closes=rules.DAY[1].strftime("%-H:%M"),
    )
