"""`okaeri messages`: what the lint says of the texts that are said."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import click
import msgspec
from sqlalchemy.orm import Session

from app.cli.serve import app_at_hand
from app.core.db import unit_of_work
from app.core.locale import LANGUAGES, use_locale
from app.core.tenancy import find_shop
from app.messages.kinds import all_kinds
from app.messages.lint import BLOCK, Finding
from app.messages.texts import cases, store
from app.messages.texts.store import Place


@click.group()
def messages() -> None:
    """Look at messages."""


@messages.command("lint")
@click.option("--shop", "domain", required=True, help="The shop's myshopify domain.")
@click.option("--kind", "wanted", type=click.Choice(sorted(all_kinds())), help="One kind only.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def check(domain: str, wanted: str | None, language: str, as_json: bool) -> None:
    """Check every text as this shop's customers would get it: Okaeri's own, and the shop's drafts
    and published texts. Exits with 1 when one of them may not be published."""
    with app_at_hand(), use_locale(language):
        shop_id = find_shop(domain)
        if shop_id is None:
            raise click.ClickException(f"No shop {domain} ever installed Okaeri.")
        with unit_of_work(shop_id) as session:
            rows = list(_rows(session, wanted))
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        for row in rows:
            _print(row)
    if any(each["severity"] == BLOCK for row in rows for each in row["findings"]):
        sys.exit(1)


def _rows(session: Session, wanted: str | None) -> Iterator[dict[str, Any]]:
    kinds = [wanted] if wanted else list(all_kinds())
    for kind in kinds:
        for locale in LANGUAGES:
            place = Place(kind, locale)
            yield _row(place, "shipped", cases.shipped_findings(session, place))
    for text in store.all_current(session):
        if text.kind in kinds:
            place = Place(text.kind, text.locale, text.use)
            seen = cases.reader(session, place)
            found = cases.findings(session, place, store.content_of(text), seen)
            yield _row(place, text.state, found)


def _row(place: Place, state: str, found: list[Finding]) -> dict[str, Any]:
    return {
        "kind": place.kind,
        "use": place.use,
        "locale": place.locale,
        "text": state,
        "findings": msgspec.to_builtins(found),
    }


def _print(row: dict[str, Any]) -> None:
    found = row["findings"]
    use = f" {row['use']}" if row["use"] else ""
    click.echo(f"{row['kind']}{use}\t{row['locale']}\t{row['text']}\t{len(found) or 'fine'}")
    for each in found:
        place = "" if each["block"] is None else f"block {each['block'] + 1} "
        click.echo(f"  {each['severity']}\t{each['code']}\t{place}{each['field']}")
        click.echo(f"    {each['why']} {each['remedy']}")
