"""The pages of imagination: a past order replayed, and a dry run over ninety days."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers.response import Response

from app.core.errors import Invalid
from app.core.locale import show_moment
from app.core.request import current
from app.journeys import dryrun, people, queries, tally
from app.journeys.definitions import Definition, missing, need_text
from app.journeys.library import definitions
from app.journeys.web import chart, counted, saying
from app.journeys.words import answer_titles
from app.messages import queries as messages
from app.mirror import queries as mirror
from app.mirror.model import Order
from app.shops.service import shop

#: Orders offered to choose from.
OFFERED = 12


def add_pages(admin: Blueprint) -> None:
    """Register the pages."""
    admin.add_url_rule("/journeys/replay", "replay_choice", replay_choice)
    admin.add_url_rule("/journeys/replay/<int:order_id>", "replay", replay)
    admin.add_url_rule("/journeys/dry-run", "dry_run", dry_run)
    admin.add_url_rule("/journeys/dry-run", "ask_dry_run", ask_dry_run, methods=["POST"])
    admin.add_url_rule("/journeys/dry-run/<int:run_id>", "dry_run_result", dry_run_result)


def possible() -> list[Definition]:
    """The journeys that may be imagined."""
    return list(definitions(current().session).values())


def _lacking() -> dict[str, list[str]]:
    """What keeps journeys from being switched on, in words, by their keys."""
    found = {one.key: [need_text(name) for name in missing(one)] for one in possible()}
    return {key: needs for key, needs in found.items() if needs}


def replay_choice() -> str:
    """Choose one of the shop's orders."""
    session = current().session
    name = request.args.get("q", "").strip()[:64]
    digits = "".join(sign for sign in name if sign.isdigit())
    orders: list[Order] = []
    if digits:
        orders = [row[0] for row in mirror.orders_numbered(session, digits, OFFERED)]
    elif not name:
        orders = mirror.recent_orders(session, limit=OFFERED)
    return render_template(
        "admin/journeys/replay_choice.html",
        orders=orders,
        q=name,
        journeys=request.args.getlist("journey"),
        zone=shop(session).timezone,
    )


def replay(order_id: int) -> str:
    """What an order would have given its customer."""
    session, language = current().session, current().locale
    chosen = request.args.getlist("journey")
    off = frozenset(key for key, since in queries.switches(session).items() if not since)
    definitions = [one for one in possible() if one.key in chosen] or _usual(off)
    history, imagined = people.replay(session, order_id, definitions)
    answers = answer_titles(session)
    return render_template(
        "admin/journeys/replay.html",
        order=history.order,
        lines=history.lines,
        placed=show_moment(history.order.placed_at, history.zone, language),
        hoped=bool(history.hoped),
        days=saying.calendar(
            imagined.told,
            saying.Replayed(
                zone=history.zone,
                language=language,
                digital=history.digital,
                at_the_door=history.order.paid_on_delivery,
                off=off,
                answers=answers,
            ),
        ),
        absent=saying.endings(imagined.ended, off, answers),
        all_journeys=possible(),
        lacking=_lacking(),
        off=off,
        chosen={one.key for one in definitions},
    )


def _usual(off: frozenset[str]) -> list[Definition]:
    """The journeys that are on; those that are recommended, as long as none is."""
    on = [one for one in possible() if one.key not in off]
    return on or [one for one in possible() if one.recommended]


def dry_run() -> str:
    """Choose journeys to switch on in imagination, and look at earlier results."""
    return _choice({})


def ask_dry_run() -> Response | str:
    """Start a dry run."""
    try:
        asked = dryrun.ask(current().session, request.form.getlist("journey"), current().staff)
    except Invalid as error:
        return make_response(_choice(error.errors), 422)
    return redirect(url_for("journeys.dry_run_result", run_id=asked.id), 303)


def _choice(errors: dict[str, str]) -> str:
    session = current().session
    zone = shop(session).timezone
    off = frozenset(key for key, since in queries.switches(session).items() if not since)
    return render_template(
        "admin/journeys/dry_run.html",
        errors=errors,
        all_journeys=possible(),
        lacking=_lacking(),
        off=off,
        chosen={one.key for one in _usual(off)},
        earlier=[
            (one, show_moment(one.asked_at, zone, current().locale), dryrun.state_of(session, one))
            for one in dryrun.newest(session)
        ],
    )


def dry_run_result(run_id: int) -> str:
    """A dry run: how far it is, or what came out."""
    session = current().session
    asked = dryrun.one(session, run_id)
    found, zone = tally.load(asked.result), ZoneInfo(shop(session).timezone)
    return render_template(
        "admin/journeys/dry_run_result.html",
        asked=asked,
        state=dryrun.state_of(session, asked),
        found=found,
        since=asked.since.astimezone(zone).date(),
        until=asked.until.astimezone(zone).date(),
        rows=counted.rows(session, asked, found),
        kinds=[
            (messages.kind_title(name, current().locale), number)
            for name, number in found.kinds.items()
        ],
        chart=chart.of(
            found, asked.since.astimezone(zone).date(), asked.until.astimezone(zone).date()
        ),
        reasons=counted.reasons(found),
        unentered=counted.unentered(session, found),
        costs=counted.costs(found),
    )
