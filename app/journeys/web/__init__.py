"""Journeys in the admin: what is on, what each sends and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers.response import Response

from app.core.errors import NotFound
from app.core.request import current
from app.journeys import queries, service, words
from app.journeys.definitions import Definition, presets
from app.journeys.web import imagining
from app.messages import queries as messages
from app.shops.service import shop

admin = Blueprint("journeys", __name__)
imagining.add_pages(admin)


@dataclass(frozen=True)
class ShownStep:
    """A step in plain words."""

    title: str
    kind: str
    message_class: str
    when: str
    only_for: str


@dataclass(frozen=True)
class ShownJourney:
    """A journey as the merchant sees it."""

    definition: Definition
    since: datetime | None
    live: int
    steps: list[ShownStep]


@admin.get("/journeys")
def listing() -> str:
    """Every journey with its switch."""
    shown = _all(current().session)
    return render_template(
        "admin/journeys/list.html",
        journeys=shown,
        any_on=any(journey.since for journey in shown),
        done=request.args.get("done", ""),
    )


@admin.get("/journeys/<key>")
def detail(key: str) -> str:
    """One journey: its steps one under the other, with a preview of each message."""
    return render_template("admin/journeys/detail.html", journey=_one(key), brief=True)


@admin.post("/journeys/<key>/on")
def switch_on(key: str) -> str:
    """Switch a journey on for orders placed from now on."""
    service.switch_on(current().session, key)
    return _card(key)


@admin.post("/journeys/<key>/off")
def switch_off(key: str) -> str:
    """Switch a journey off; whoever is on the way gets nothing more."""
    service.switch_off(current().session, key)
    return _card(key)


@admin.post("/journeys/recommended")
def switch_on_recommended() -> Response:
    """Switch on what most shops want, in one go."""
    service.switch_on_recommended(current().session)
    return redirect(url_for("journeys.listing", done="recommended"), 303)


def _card(key: str) -> str:
    """The journey's card as the page that asks for it shows it."""
    brief = request.args.get("brief") == "1"
    return render_template("admin/journeys/card.html", journey=_one(key), brief=brief)


def _all(session: Session) -> list[ShownJourney]:
    switches, live = queries.switches(session), queries.live_counts(session)
    zone = ZoneInfo(shop(session).timezone)
    language = current().locale
    return [
        ShownJourney(
            definition,
            (since := switches[key]) and since.astimezone(zone),
            live.get(key, 0),
            _steps(definition, language),
        )
        for key, definition in presets().items()
    ]


def _one(key: str) -> ShownJourney:
    for journey in _all(current().session):
        if journey.definition.key == key:
            return journey
    raise NotFound


def _steps(definition: Definition, language: str) -> list[ShownStep]:
    return [
        ShownStep(
            title=words.step_title(definition, step, messages.kind_title(step.message, language)),
            kind=step.message,
            message_class=messages.kind(step.message).message_class,
            when=words.when_text(step),
            only_for=words.condition_text(step),
        )
        for step in definition.steps
    ]
