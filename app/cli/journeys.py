"""`okaeri journeys`: the presets, and what one order gives its customer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click
import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admin.timeline.build import timeline
from app.admin.timeline.items import Item
from app.admin.timeline.story import read
from app.cli.serve import app_at_hand
from app.core.db import unit_of_work
from app.core.locale import LANGUAGES, use_locale
from app.core.tenancy import find_shop
from app.journeys.definitions import Definition, presets
from app.mirror.model import Order


@click.group()
def journeys() -> None:
    """Look at journeys: the presets, and the calendar of an order."""


@journeys.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def listing(as_json: bool) -> None:
    """Print every preset: its name, what starts it, its steps, its languages."""
    rows = [_preset(found) for found in presets().values()]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        click.echo(f"{row['key']}\t{row['name']['en']} / {row['name']['ja']}")
        for step in row["steps"]:
            offset = step["offset"]
            click.echo(f"  {step['key']}\t{step['message']}\t{step['anchor']} + {offset}")


@journeys.command()
@click.option("--shop", "domain", required=True, help="The shop's myshopify domain.")
@click.option("--order", "name", required=True, help="The order's name, for example #1001.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def calendar(domain: str, name: str, language: str, as_json: bool) -> None:
    """Print what an order gave its customer and what it will give, day by day, and why."""
    with app_at_hand(), use_locale(language):
        shop_id = find_shop(domain)
        if shop_id is None:
            raise click.ClickException(f"No shop {domain} ever installed Okaeri.")
        with unit_of_work(shop_id) as session:
            days = list(_days(session, _order(session, name)))
    if as_json:
        click.echo(json.dumps(days, ensure_ascii=False, indent=2))
        return
    for day in days:
        click.echo(day["day"])
        for item in day["items"]:
            click.echo(f"  {item['clock'] or '—'}\t{item['state']}\t{item['title']}")
            for detail in item["details"]:
                click.echo(f"\t\t{detail}")


def _preset(found: Definition) -> dict[str, Any]:
    return {
        "key": found.key,
        "name": msgspec.to_builtins(found.name),
        "starts": found.starts,
        "per": found.per,
        "steps": [msgspec.to_builtins(step) for step in found.steps],
        "languages": list(LANGUAGES),
    }


def _order(session: Session, name: str) -> int:
    wanted = name if name.startswith("#") else f"#{name}"
    found = session.scalars(select(Order.id).where(Order.name.in_([wanted, name]))).first()
    if found is None:
        raise click.ClickException(f"The shop has no order {wanted}.")
    return found


def _days(session: Session, order_id: int) -> Iterator[dict[str, Any]]:
    """Oldest first, as a calendar is read; what waits for something to happen comes last."""
    told = timeline(read(session, order_id))
    for day in reversed([*told.future, *told.past]):
        yield {"day": day.label, "items": [_item(item) for item in reversed(day.items)]}
    if told.waiting:
        yield {"day": None, "items": [_item(item) for item in told.waiting]}


def _item(item: Item) -> dict[str, Any]:
    return {
        "at": item.at and item.at.isoformat(),
        "clock": item.clock,
        "state": item.state,
        "title": item.title,
        "details": item.details,
        **item.facts,
    }
