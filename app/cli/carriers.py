"""`okaeri carriers check NUMBER`: what a tracking number may be. Hints only."""

from __future__ import annotations

import json

import click

from app.parcels import carriers as known
from app.parcels.carriers import Reading
from app.parcels.numbers import normalise
from app.parcels.words import second_look

SAYS = {True: "check digit right", False: "check digit wrong: look again", None: "no check digit"}


@click.group()
def carriers() -> None:
    """Carriers and their tracking numbers."""


@carriers.command()
@click.argument("number")
@click.option("--company", help="The carrier written on the fulfillment: is the number one of its?")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def check(number: str, company: str | None, as_json: bool) -> None:
    """Say what NUMBER may be. Nothing is refused: a wrong check digit is a hint to look again."""
    if not normalise(number):
        raise click.UsageError("no number given")
    readings = known.may_be(number)
    hint = second_look(company, number, "en") or None
    if as_json:
        found = {
            "number": normalise(number),
            "may_be": [_row(reading) for reading in readings],
            "hint": hint,
        }
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for reading in readings:
        name = f"{reading.carrier.en} ({reading.carrier.ja})"
        click.echo(f"{reading.shown}\t{name}\t{SAYS[reading.right]}\t{reading.url}")
    if not readings:
        click.echo(f"{number.strip()}\tlike no number of a carrier we know")
    if hint:
        click.echo(hint)


def _row(reading: Reading) -> dict[str, object]:
    return {
        "carrier": reading.carrier.id,
        "name": {"ja": reading.carrier.ja, "en": reading.carrier.en},
        "shown": reading.shown,
        "check": {True: "right", False: "wrong", None: "none"}[reading.right],
        "tracking_url": reading.url,
        "redelivery_url": known.redelivery_url(reading.carrier.id, reading.shown),
        "delivery_slots": [known.show_slot(slot, "ja") for slot in reading.carrier.slots],
    }
