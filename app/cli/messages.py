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
from app.core.clock import machine_now
from app.core.db import unit_of_work
from app.core.locale import LANGUAGES, use_locale
from app.core.locale import gettext as _
from app.core.tenancy import every_shop, find_shop
from app.messages.editor_words import place_name
from app.messages.kinds import all_kinds
from app.messages.lint import BLOCK, Finding
from app.messages.texts import cases, shipped, store
from app.messages.texts.blocks import Content
from app.messages.texts.store import Place
from app.shops.model import Shop
from app.shops.service import shop


@click.group()
def messages() -> None:
    """Look at messages."""


@messages.command("lint")
@click.option("--shop", "domain", help="A shop's myshopify domain: its own texts, too.")
@click.option("--all-shops", is_flag=True, help="Every shop's own texts, too.")
@click.option("--kind", "wanted", type=click.Choice(sorted(all_kinds())), help="One kind only.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def check(
    domain: str | None, all_shops: bool, wanted: str | None, language: str, as_json: bool
) -> None:
    """Check the texts that ship, for which nothing else is needed; or with --shop or --all-shops
    every text as that shop's customers would get it: Okaeri's own, and the shop's drafts and
    published texts. Exits with 1 when one of them may not be published."""
    if domain and all_shops:
        raise click.UsageError("Name a shop or ask for all of them, not both.")
    kinds = [wanted] if wanted else list(all_kinds())
    with use_locale(language):
        rows = list(_of_shops(domain, kinds) if domain or all_shops else _shipped(kinds))
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        for row in rows:
            with use_locale(language):
                _print(row)
    if any(each["severity"] == BLOCK for row in rows for each in row["findings"]):
        sys.exit(1)


def _shipped(kinds: list[str]) -> Iterator[dict[str, Any]]:
    today = machine_now().date()
    for kind in kinds:
        for locale in LANGUAGES:
            place = Place(kind, locale)
            found = cases.shipped_alone(place, today)
            yield _row(None, place, "shipped", found, _shipped_text(place))


def _of_shops(domain: str | None, kinds: list[str]) -> Iterator[dict[str, Any]]:
    with app_at_hand():
        found = find_shop(domain) if domain else None
        if domain and found is None:
            raise click.ClickException(f"No shop {domain} ever installed Okaeri.")
        for shop_id in every_shop() if found is None else [found]:
            with unit_of_work(shop_id) as session:
                # Of a shop that began to install and never came back there is nothing to check.
                if session.get(Shop, shop_id) is not None:
                    yield from _of_shop(session, kinds)


def _of_shop(session: Session, kinds: list[str]) -> Iterator[dict[str, Any]]:
    name = shop(session).domain
    for kind in kinds:
        for locale in LANGUAGES:
            place = Place(kind, locale)
            found = cases.shipped_findings(session, place)
            yield _row(name, place, "shipped", found, _shipped_text(place))
    for text in store.all_current(session):
        if text.kind in kinds:
            place = Place(text.kind, text.locale, text.use)
            content, seen = store.content_of(text), cases.reader(session, place)
            found = cases.findings(session, place, content, seen)
            yield _row(name, place, text.state, found, content)


def _shipped_text(place: Place) -> Content:
    return shipped.content(place.kind, place.locale)


def _row(
    owner: str | None, place: Place, state: str, found: list[Finding], content: Content
) -> dict[str, Any]:
    """One text with what the lint says of it; `place` names a finding's block and field in the
    words of the editor."""
    return {
        "shop": owner,
        "kind": place.kind,
        "use": place.use,
        "locale": place.locale,
        "text": state,
        "findings": [
            msgspec.to_builtins(each) | {"place": place_name(content, each.block, each.field)}
            for each in found
        ],
    }


def _print(row: dict[str, Any]) -> None:
    found = row["findings"]
    use = f" {row['use']}" if row["use"] else ""
    owner = f"{row['shop']}\t" if row["shop"] else ""
    states = {"shipped": _("shipped"), "draft": _("draft"), "published": _("published")}
    state = states.get(row["text"], row["text"])
    click.echo(f"{owner}{row['kind']}{use}\t{row['locale']}\t{state}\t{len(found) or _('fine')}")
    for each in found:
        weight = _("to be put right") if each["severity"] == BLOCK else _("hint")
        click.echo("  " + "\t".join(filter(None, [weight, each["code"], each["place"]])))
        click.echo(f"    {each['why']} {each['remedy']}".rstrip())
