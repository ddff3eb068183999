"""`okaeri journeys`: the presets, what one order gives its customer, and journeys as files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admin.timeline.build import timeline
from app.admin.timeline.items import Item
from app.admin.timeline.story import read
from app.cli.serve import app_at_hand
from app.core.db import unit_of_work
from app.core.errors import NotFound
from app.core.locale import LANGUAGES, use_locale
from app.core.locale import gettext as _
from app.core.tenancy import every_shop, find_shop
from app.journeys import queries, service
from app.journeys.definitions import Definition, Step, WrongDefinition, missing, presets
from app.journeys.definitions import read as read_definition
from app.journeys.library import own_version
from app.mirror.model import Order

SHOP = click.option(
    "--shop", "domain", help="The shop's myshopify domain; not needed while there is only one."
)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def journeys() -> None:
    """Look at journeys: the presets, and the calendar of an order; take them out and in as
    files."""


@journeys.command("list")
@click.option("--shop", "domain", help="A shop's own journeys instead of the presets.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def listing(domain: str | None, as_json: bool) -> None:
    """Print every preset: its name, what starts it, its steps, its languages. With --shop that
    shop's journeys as new runs follow them, and since when each is on."""
    rows = [_preset(found) for found in presets().values()] if domain is None else _own(domain)
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        since = f"\ton since {row['on_since']}" if row.get("on_since") else ""
        click.echo(f"{row['key']}\t{row['name']['en']} / {row['name']['ja']}{since}")
        for step in row["steps"]:
            offset = step["offset"]
            does = " ".join(step["does"]) + (" (off)" if step["off"] else "")
            click.echo(f"  {step['key']}\t{does}\t{step['anchor']} + {offset}")


@journeys.command()
@SHOP
@click.option("--order", "name", required=True, help="The order's name, for example #1001.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def calendar(domain: str | None, name: str, language: str, as_json: bool) -> None:
    """Print what an order gave its customer and what it will give, day by day in the shop's time
    zone, and why. In JSON, what waits for something to happen has no `date`; `at` is null and
    `expected` true where only the day is known."""
    with use_locale(language), _shop(domain) as session:
        days, zone = _days(session, _order(session, name))
    if as_json:
        rows = [_day(day, items, zone) for _label, day, items in days]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for label, _day_of, items in days:
        click.echo(label)
        for item in items:
            click.echo(f"  {item.clock or '—'}\t{item.state}\t{item.title}")
            for detail in item.details:
                click.echo(f"\t\t{detail}")


@journeys.command()
@SHOP
@click.argument("journey")
def export(domain: str | None, journey: str) -> None:
    """Print a journey of the shop as a file that `import` takes."""
    with _shop(domain) as session:
        try:
            click.echo(queries.export_definition(session, journey), nl=False)
        except NotFound as error:
            raise click.ClickException(f"The shop has no journey {journey}.") from error


@journeys.command("import")
@SHOP
@click.argument("file", type=FILE)
def bring_in(domain: str | None, file: Path) -> None:
    """Publish a journey from FILE: a new one, switched off, or a new version of one."""
    with _shop(domain) as session:
        try:
            found = service.import_definition(session, file.read_text("utf-8"), "okaeri journeys")
        except WrongDefinition as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"{found.key}: version {queries.versions(session, found.key)[0].version}")


@journeys.command()
@click.argument("file", type=FILE)
def check(file: Path) -> None:
    """Say what is wrong with FILE, each mistake with its place; changes nothing."""
    try:
        found = read_definition(file.read_text("utf-8"), file.name)
    except WrongDefinition as error:
        raise click.ClickException(str(error)) from error
    for need in missing(found):
        click.echo(f"{file.name}: needs {need}, which is not there yet")
    click.echo(f"{file.name}: {found.key} is fine, {len(found.steps)} steps")


@contextmanager
def _shop(domain: str | None) -> Iterator[Session]:
    """A unit of work of the named shop, or of the only one."""
    with app_at_hand():
        known = every_shop()
        if domain is None and len(known) != 1:
            raise click.ClickException(f"There are {len(known)} shops: name one with --shop.")
        shop_id = known[0] if domain is None else find_shop(domain)
        if shop_id is None:
            raise click.ClickException(f"No shop {domain} ever installed Okaeri.")
        with unit_of_work(shop_id) as session:
            yield session


def _own(domain: str) -> list[dict[str, Any]]:
    with _shop(domain) as session:
        switches = queries.switches(session)
        return [
            {
                **_preset(found),
                "version": (own_version(session, key) or found).version,
                "on_since": since.isoformat() if (since := switches[key]) else None,
            }
            for key, found in queries.definitions(session).items()
        ]


def _preset(found: Definition) -> dict[str, Any]:
    return {
        "key": found.key,
        "name": msgspec.to_builtins(found.name),
        "starts": found.starts,
        "per": found.per,
        "anchor": found.starts,
        "anchors": sorted({step.anchor for step in found.steps}),
        "steps": [_step(step) for step in found.steps],
        "languages": list(LANGUAGES),
        "needs": missing(found),
        "default": "on" if found.recommended else "off",
    }


def _step(step: Step) -> dict[str, Any]:
    return {**msgspec.to_builtins(step), "does": step.actions}


def _order(session: Session, name: str) -> int:
    wanted = name if name.startswith("#") else f"#{name}"
    found = session.scalars(select(Order.id).where(Order.name.in_([wanted, name]))).first()
    if found is None:
        raise click.ClickException(f"The shop has no order {wanted}.")
    return found


#: One day of a calendar: how it is written, its date and what it holds.
CalendarDay = tuple[str, date | None, list[Item]]


def _days(session: Session, order_id: int) -> tuple[list[CalendarDay], ZoneInfo]:
    """Oldest first, as a calendar is read; what waits for something to happen comes last. Today may
    hold some of what happened and some of what is to come."""
    story = read(session, order_id)
    told = timeline(story)
    days: dict[date, CalendarDay] = {}
    past = [replace(day, items=day.items[::-1]) for day in reversed(told.past)]
    for day in (*past, *told.future):
        days.setdefault(day.date, (day.label, day.date, []))[2].extend(day.items)
    waiting = [(_("When the time has come"), None, told.waiting)] if told.waiting else []
    return [*(days[day] for day in sorted(days)), *waiting], ZoneInfo(story.shop.timezone)


def _day(day: date | None, items: list[Item], zone: ZoneInfo) -> dict[str, Any]:
    return {
        "date": day and day.isoformat(),
        "items": [_item(item, zone) for item in items],
    }


def _item(item: Item, zone: ZoneInfo) -> dict[str, Any]:
    known = item.at if item.exact else None
    return {
        "at": known and known.astimezone(zone).isoformat(),
        "expected": item.at is not None and not item.exact,
        "state": item.state,
        "title": item.title,
        "details": item.details,
        **{name.replace("-", "_"): fact for name, fact in item.facts.items()},
    }
