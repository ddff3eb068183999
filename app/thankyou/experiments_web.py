"""Experiments on the page in the admin: written, started, watched without peeking, put to use."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers.response import Response as BaseResponse

from app.core.clock import now
from app.core.errors import Invalid
from app.core.locale import current_locale, show_date
from app.core.locale import gettext as _
from app.core.money import Money, show_money
from app.core.request import current
from app.experiments import figures, queries, rules, service
from app.experiments.rules import HOLDOUT, Arm, Difference
from app.shops import service as shops
from app.thankyou.context import PAGE
from app.thankyou.modules import PARTS
from app.thankyou.modules.words import names

admin = Blueprint("experiments", __name__)

KEYS = ("a", "b", "c")
#: What a new experiment looks for unless somebody says otherwise, in hundredths of a percent.
USUAL, WINDOW, LASTS = 1_000, 30, timedelta(weeks=12)


@admin.get("/experiments")
def listing() -> str:
    """Every experiment on the page, the newest first."""
    session = current().session
    found = queries.experiments(session, PAGE)
    return render_template(
        "admin/experiments/list.html",
        found=found,
        applied=next((one for one in found if one.applied), None),
        far={one.id: queries.progress(session, one) for one in found},
        arms={one.id: rules.arms_of(one.arms) for one in found},
        **_shown(),
    )


@admin.get("/experiments/new")
def new() -> str:
    """An empty form, with what is usual in this shop."""
    session = current().session
    usual = figures.usual_rate(session, WINDOW)
    values: dict[str, Any] = {
        "window_days": WINDOW,
        "usual": _percent(round(usual * 10_000) if usual else USUAL),
        "difference": _percent(max(round((usual or 0.1) * 2_000), 50)),
        "ends_on": (_today() + LASTS).isoformat(),
        "a_share": "80",
        **{f"a_{part}": str(place) for place, part in enumerate(PARTS, 1)},
    }
    return _form(None, values, {})


@admin.get("/experiments/<int:experiment_id>")
def show(experiment_id: int) -> str:
    """One experiment: how far it is, and what came of it once that may be said."""
    return _one(experiment_id, "")


def _one(experiment_id: int, said: str) -> str:
    session = current().session
    found = queries.experiment(session, experiment_id)
    far = queries.progress(session, found)
    needed, pace = service.needed(found), figures.pace(session)
    return render_template(
        "admin/experiments/show.html",
        one=found,
        arms=rules.arms_of(found.arms),
        far=far,
        needed=needed,
        weeks=-(-sum(needed.values()) // pace) if pace else None,
        pace=round(pace) if pace >= 1 else round(pace, 1),
        weeks_left=(found.ends_at - now(session)) / timedelta(weeks=1),
        results=queries.results(session, found, far),
        said=said,
        **_shown(),
    )


@admin.get("/experiments/<int:experiment_id>/edit")
def edit(experiment_id: int) -> str:
    """A draft's form."""
    found = queries.experiment(current().session, experiment_id)
    values: dict[str, Any] = {
        "name": found.name,
        "window_days": found.window_days,
        "usual": _percent(found.usual),
        "difference": _percent(found.difference),
        "ends_on": (found.ends_at.astimezone(_zone()) - timedelta(days=1)).date().isoformat(),
    }
    for arm in rules.arms_of(found.arms):
        values[f"{arm.key}_share"] = arm.share
        values |= {f"{arm.key}_{part}": place for place, part in enumerate(arm.parts, 1)}
    return _form(experiment_id, values, {})


@admin.post("/experiments/new")
@admin.post("/experiments/<int:experiment_id>/edit")
def save(experiment_id: int | None = None) -> BaseResponse:
    """Keep a draft; with mistakes the form comes back with them and with what was typed."""
    draft, session = _typed(), current().session
    if errors := service.mistakes(session, draft, PARTS):
        return make_response(_form(experiment_id, request.form, errors), 422)
    kept = service.save(session, PAGE, draft, PARTS, experiment_id)
    return redirect(url_for("experiments.show", experiment_id=kept.id), 303)


@admin.post("/experiments/<int:experiment_id>/start")
def start(experiment_id: int) -> BaseResponse:
    """Let people in."""
    try:
        service.start(current().session, experiment_id, current().staff or "")
    except Invalid as error:
        return make_response(_one(experiment_id, error.errors["start"]), 422)
    return redirect(url_for("experiments.show", experiment_id=experiment_id), 303)


@admin.post("/experiments/<int:experiment_id>/stop")
def stop(experiment_id: int) -> BaseResponse:
    """Everybody sees the usual page again."""
    service.stop(current().session, experiment_id, current().staff or "")
    return redirect(url_for("experiments.show", experiment_id=experiment_id), 303)


@admin.post("/experiments/<int:experiment_id>/apply")
def apply(experiment_id: int) -> BaseResponse:
    """Everybody sees one of its versions from now on."""
    service.apply(current().session, experiment_id, request.form.get("arm", ""))
    return redirect(url_for("experiments.show", experiment_id=experiment_id), 303)


@admin.post("/experiments/<int:experiment_id>/remove")
def remove(experiment_id: int) -> BaseResponse:
    """Throw a draft away."""
    service.remove(current().session, experiment_id)
    return redirect(url_for("experiments.listing"), 303)


@admin.post("/experiments/withdraw")
def withdraw() -> BaseResponse:
    """The page as it is without any experiment."""
    service.withdraw(current().session, PAGE)
    return redirect(url_for("experiments.listing"), 303)


# --- the form -----------------------------------------------------------------------------------


def _form(experiment_id: int | None, values: Mapping[str, Any], errors: Mapping[str, str]) -> str:
    return render_template(
        "admin/experiments/edit.html",
        experiment_id=experiment_id,
        values=values,
        errors=errors,
        keys=KEYS,
        windows=[(days, _("%(count)s days", count=days)) for days in service.WINDOWS],
        **_shown(),
    )


def _typed() -> service.Draft:
    """What was typed; what cannot be read is a zero, which nothing allows."""
    form = request.form
    used = [key for key in KEYS if form.get(f"{key}_share", "").strip() or _parts(key)]
    return service.Draft(
        name=form.get("name", "").strip(),
        arms=tuple(
            Arm(key=key, share=_whole(form.get(f"{key}_share", "")), parts=_parts(key))
            for key in used
        ),
        window_days=_whole(form.get("window_days", "")),
        usual=_hundredths(form.get("usual", "")),
        difference=_hundredths(form.get("difference", "")),
        ends_at=_end(form.get("ends_on", "")),
    )


def _parts(key: str) -> tuple[str, ...]:
    """A version's parts by the places that were chosen; equal places stand as they usually do."""
    places = {part: _whole(request.form.get(f"{key}_{part}", "")) for part in PARTS}
    return tuple(sorted((part for part in PARTS if places[part]), key=lambda one: places[one]))


def _whole(typed: str) -> int:
    plain = typed.strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 4 else 0


def _hundredths(typed: str) -> int:
    """A percentage with up to two digits after the point, in hundredths; 0 for anything else."""
    whole, _point, rest = typed.strip().removesuffix("%").strip().partition(".")
    digits = f"{whole or '0'}{rest:0<2}"
    readable = digits.isascii() and digits.isdigit() and len(rest) <= 2 and len(whole) <= 3
    return int(digits) if readable else 0


def _percent(hundredths: int) -> str:
    return f"{hundredths / 100:.2f}".rstrip("0").rstrip(".")


def _end(typed: str) -> datetime:
    """The end of a day in the shop's zone; long past for what is no day."""
    try:
        day = date.fromisoformat(typed) + timedelta(days=1)
    except (ValueError, OverflowError):
        day = date(2000, 1, 1)
    return datetime.combine(day, time(), _zone())


def _zone() -> ZoneInfo:
    return ZoneInfo(shops.shop(current().session).timezone)


def _today() -> date:
    return now(current().session).astimezone(_zone()).date()


# --- in words -----------------------------------------------------------------------------------


def _shown() -> dict[str, Any]:
    """What every page of these needs to say things."""
    zone, currency = _zone(), shops.shop(current().session).currency
    return {
        "parts": PARTS,
        "part_names": names(),
        "holdout": HOLDOUT,
        "arm_name": arm_name,
        "percent": lambda share: f"{share * 100:.1f}%",
        "points": points,
        "money": lambda minor: show_money(Money(round(minor), currency), current_locale()),
        "amounts": lambda found: amounts(found, currency),
        "day": lambda at: show_date(at.astimezone(zone).date(), current_locale()),
        "last_day": lambda one: show_date(
            (one.ends_at.astimezone(zone) - timedelta(days=1)).date(), current_locale()
        ),
        "hundredths": _percent,
    }


def arm_name(arm: Arm) -> str:
    """What a version is called."""
    if arm.key == HOLDOUT:
        return _("Comparison group")
    return _("Version %(letter)s", letter=arm.key.upper())


def points(found: Difference) -> str:
    """A difference of shares in percentage points, with its interval."""
    return _interval(*(f"{one * 100:+.1f}" for one in (found.more, found.least, found.most)))


def amounts(found: Difference, currency: str) -> str:
    """A difference of amounts a person, with its interval."""

    def signed(minor: float) -> str:
        text = show_money(Money(abs(round(minor)), currency), current_locale())
        return f"{'-' if round(minor) < 0 else '+'}{text}"

    return _interval(signed(found.more), signed(found.least), signed(found.most))


def _interval(more: str, least: str, most: str) -> str:
    return _("%(more)s (%(least)s to %(most)s)", more=more, least=least, most=most)
