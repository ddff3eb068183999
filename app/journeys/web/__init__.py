"""Journeys in the admin: what is on, what each sends and when."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers.response import Response

from app.core.locale import show_moment
from app.core.request import current
from app.journeys import queries, service
from app.journeys.web import editing, imagining, shown
from app.shops.service import shop

admin = Blueprint("journeys", __name__)
imagining.add_pages(admin)
editing.add_pages(admin)


@admin.get("/journeys")
def listing() -> str:
    """The map: every journey with its switch, its steps by the part of the time they fall into."""
    journeys = shown.all_journeys(current().session)
    return render_template(
        "admin/journeys/list.html",
        journeys=journeys,
        phases=shown.phase_names(),
        any_on=any(journey.since for journey in journeys),
        done=request.args.get("done", ""),
    )


@admin.get("/journeys/<key>")
def detail(key: str) -> str:
    """One journey: its steps one under the other, with a preview of each message."""
    session = current().session
    zone, language = shop(session).timezone, current().locale
    return render_template(
        "admin/journeys/detail.html",
        journey=shown.journey(session, key),
        brief=True,
        key=key,
        versions=queries.versions(session, key),
        moment=lambda at: show_moment(at, zone, language),
        done=request.args.get("done", ""),
    )


@admin.post("/journeys/<key>/on")
def switch_on(key: str) -> str:
    """Switch a journey on for orders placed from now on."""
    service.switch_on(current().session, key)
    return _piece(key)


@admin.post("/journeys/<key>/off")
def switch_off(key: str) -> str:
    """Switch a journey off; whoever is on the way gets nothing more."""
    service.switch_off(current().session, key)
    return _piece(key)


@admin.post("/journeys/recommended")
def switch_on_recommended() -> Response:
    """Switch on what most shops want, in one go."""
    service.switch_on_recommended(current().session)
    return redirect(url_for("journeys.listing", done="recommended"), 303)


def _piece(key: str) -> str:
    """The journey as the page that asks for it shows it: its card, or its row on the map."""
    journey = shown.journey(current().session, key)
    if request.args.get("brief") == "1":
        return render_template("admin/journeys/card.html", journey=journey, brief=True)
    return render_template("admin/journeys/row.html", journey=journey, phases=shown.phase_names())
