"""Shops come, change and go: the only writer of their rows."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary
from zoneinfo import available_timezones

import msgspec
from sqlalchemy import ColumnElement, literal_column, select
from sqlalchemy.orm import Session

from app.core import secrets
from app.core.clock import now
from app.core.errors import Invalid, NotFound
from app.core.locale import LANGUAGES
from app.core.locale import gettext as _
from app.core.money import parse_money
from app.journal.service import record
from app.shopify.gateway import ShopInfo
from app.shopify.tokens import TokenPair
from app.shops import settings as shop_settings
from app.shops.calendar import CalendarSettings
from app.shops.events import ScopesChanged, ShopInstalled, ShopResumed, ShopUninstalled
from app.shops.frequency import Frequency
from app.shops.model import Shop
from app.shops.settings import AddressSettings, ConsentSettings, ShopSettings

#: Where Shopify's checkout may take a buyer besides the store's own domain.
CHECKOUT_ORIGINS = ("https://checkout.shopify.com", "https://shop.app")


#: What tells one version of the bound shop's row from another: the transaction that wrote it.
STAMP = "(SELECT xmin FROM shops WHERE shop_id = current_setting('okaeri.shop_id')::bigint)"
#: For so long, and of so many shops, a process remembers a row.
REMEMBERED_S, MOST_REMEMBERED = 60.0, 1000


class _Row(NamedTuple):
    """A shop's row as it was read, its stamp, and when that was."""

    shop: Shop
    stamp: str
    since: float


#: Where a unit of work keeps its shop's row.
_HOME = "home"

_rows: WeakKeyDictionary[Any, dict[int, _Row]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Brand:
    """How the store looks and signs on pages and in mails."""

    name: str
    storefront_url: str
    logo_url: str
    color: str
    font: str
    support_email: str
    support_phone: str
    support_hours: str
    legal_name: str
    postal_address: str
    legal_url: str
    complaints_contact: str


def shop(session: Session) -> Shop:
    """The bound shop; raises `NotFound` when it never installed the app."""
    number = session.info["shop_id"]
    # Everything asks for it, many times in one unit of work: only the first is worth a look-up.
    found: Shop | None = session.info.get(_HOME)
    if found is None or found.shop_id != number or found not in session:
        found = session.get(Shop, number)
        if found is None:
            raise NotFound
        session.info[_HOME] = found
    return found


def shop_at(session: Session) -> Shop | None:
    """The bound shop as its unit of work found it, whose stamp is `STAMP`; None when it never
    installed the app. The row is read only if this process does not know this version of it."""
    stamp, number = session.info["stamp"], session.info["shop_id"]
    if stamp is None:
        return None
    rows = _rows.setdefault(session.get_bind(), {})
    known = rows.get(number)
    if known is None or known.stamp != stamp or time.monotonic() - known.since > REMEMBERED_S:
        written: ColumnElement[str] = literal_column("shops.xmin::text")
        found = session.execute(select(Shop, written).where(Shop.shop_id == number)).one_or_none()
        if found is None:
            return None
        session.expunge(found[0])
        if len(rows) >= MOST_REMEMBERED:
            rows.clear()
        known = rows[number] = _Row(found[0], found[1], time.monotonic())
    return session.merge(known.shop, load=False)


def settings_of(shop: Shop) -> ShopSettings:
    """What the merchant decided."""
    return shop_settings.load(shop.settings)


def is_installed(shop: Shop) -> bool:
    """Whether the store has the app now."""
    return shop.installed_at is not None and shop.uninstalled_at is None


def is_active(shop: Shop) -> bool:
    """Whether anything may be sent: installed and not paused."""
    return is_installed(shop) and shop.paused_at is None


def brand(shop: Shop) -> Brand:
    """The store's looks and footer; the store's name stands in for a sender not yet named."""
    chosen = settings_of(shop)
    return Brand(
        name=chosen.sender_name or shop.name,
        storefront_url=shop.storefront_url,
        logo_url=chosen.logo_url,
        color=chosen.color,
        font=chosen.font,
        support_email=chosen.support_email or chosen.reply_to,
        support_phone=chosen.support_phone,
        support_hours=chosen.support_hours,
        legal_name=chosen.legal_name,
        postal_address=chosen.postal_address,
        legal_url=chosen.legal_url,
        complaints_contact=chosen.complaints_contact,
    )


def checkout_origins(shop: Shop) -> list[str]:
    """Origins a form of ours may lead to: the storefront first, then Shopify's checkouts."""
    parts = urlsplit(shop.storefront_url)
    own = [f"{parts.scheme}://{parts.netloc}"] if parts.netloc else []
    return [*own, f"https://{shop.domain}", *CHECKOUT_ORIGINS]


# --- coming and going ---------------------------------------------------------------------------


def install(session: Session, domain: str, tokens: TokenPair) -> Shop:
    """Note that the store has the app and keep its tokens. A store that comes back keeps its
    settings and stays paused if it was."""
    found = locked_shop(session)
    if found is None:
        found = Shop(shop_id=session.info["shop_id"], domain=domain, settings={})
        session.add(found)
    elif is_installed(found):
        keep_tokens(session, found, tokens)
        return found
    again = found.installed_at is not None
    found.installed_at, found.uninstalled_at = now(session), None
    keep_tokens(session, found, tokens)
    session.flush()
    record(session, ShopInstalled(occurred_at=now(session), again=again))
    return found


def locked_shop(session: Session) -> Shop | None:
    """The bound shop's row, locked and read anew; None when it never installed the app."""
    return session.execute(
        select(Shop)
        .where(Shop.shop_id == session.info["shop_id"])
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def keep_tokens(session: Session, shop: Shop, tokens: TokenPair) -> None:
    """Replace both tokens at once, sealed: half a pair would lock us out."""
    shop.access_token = secrets.seal(tokens.access_token)
    shop.access_token_expires = tokens.access_token_expires
    shop.refresh_token = tokens.refresh_token and secrets.seal(tokens.refresh_token)
    shop.refresh_token_expires = tokens.refresh_token_expires
    _keep_scopes(session, shop, tokens.scopes)


def uninstall(session: Session) -> None:
    """Note that the app was removed: forget the tokens and say so, once."""
    found = locked_shop(session)
    if found is None or not is_installed(found):
        return
    found.uninstalled_at = now(session)
    found.access_token = found.refresh_token = None
    found.access_token_expires = found.refresh_token_expires = None
    record(session, ShopUninstalled(occurred_at=now(session)))


def note_facts(session: Session, facts: ShopInfo) -> None:
    """Keep what Shopify says about the store. The sender and the contacts of a shop that has not
    named any are filled in from it, so that the first mail can leave."""
    found = shop(session)
    if not found.name:
        # Shopify tells an app the store's language only for one more scope: its country does.
        found.locale = "ja" if facts.country == "JP" else "en"
    found.name, found.storefront_url = facts.name, facts.storefront_url.rstrip("/")
    found.contact_email, found.currency = facts.contact_email, facts.currency
    found.country = facts.country
    if facts.timezone in available_timezones():
        found.timezone = facts.timezone
    if facts.scopes:
        _keep_scopes(session, found, facts.scopes)
    chosen = settings_of(found)
    filled = msgspec.structs.replace(
        chosen,
        sender_name=chosen.sender_name or facts.name,
        reply_to=chosen.reply_to or facts.contact_email or "",
        support_email=chosen.support_email or facts.contact_email or "",
    )
    found.settings = shop_settings.dump(filled)


def note_scopes(session: Session, scopes: str) -> None:
    """Keep what the merchant has granted; announces what is another than before."""
    _keep_scopes(session, shop(session), scopes)


def _keep_scopes(session: Session, found: Shop, scopes: str) -> None:
    before, after = (set(filter(None, said.split(","))) for said in (found.scopes or "", scopes))
    found.scopes = scopes
    # What an installation brings with it is no change.
    if before and before != after:
        record(
            session,
            ScopesChanged(
                occurred_at=now(session),
                gained=sorted(after - before),
                lost=sorted(before - after),
            ),
        )


def note_proxy_prefix(session: Session, prefix: str) -> None:
    """Keep where on the store's domain our pages lie; merchants may move them."""
    shop(session).proxy_prefix = prefix


# --- what the merchant decides ------------------------------------------------------------------


def save_settings(session: Session, form: Mapping[str, str]) -> Shop:
    """Keep the settings page; raises `Invalid` with a sentence a field and changes nothing then."""
    found = shop(session)
    kept = shop_settings.read_form(form, settings_of(found))
    if form.get("locale") in LANGUAGES:
        found.locale = form["locale"]
    found.settings = shop_settings.dump(kept)
    return found


def keep_consent_settings(session: Session, chosen: ConsentSettings) -> None:
    """Keep how consent is asked for."""
    kept = shop(session)
    kept.settings = shop_settings.dump(msgspec.structs.replace(settings_of(kept), consent=chosen))


def keep_calendar(session: Session, chosen: CalendarSettings) -> None:
    """Keep when the shop works and how long it needs."""
    kept = shop(session)
    kept.settings = shop_settings.dump(msgspec.structs.replace(settings_of(kept), calendar=chosen))


def keep_addresses(session: Session, chosen: AddressSettings) -> None:
    """Keep whether buyers may put addresses right."""
    kept = shop(session)
    kept.settings = shop_settings.dump(msgspec.structs.replace(settings_of(kept), addresses=chosen))


def may(shop: Shop, scope: str) -> bool:
    """Whether the merchant has granted a scope."""
    return scope in (shop.scopes or "").split(",")


def set_line(session: Session, *, url: str | None, linking: bool) -> None:
    """Keep the add-friend link of a connected LINE account; `None` leaves the link as it is."""
    found = shop(session)
    kept = msgspec.structs.replace(settings_of(found), line_linking=linking)
    if url is not None:
        kept = msgspec.structs.replace(kept, line_url=url)
    found.settings = shop_settings.dump(kept)


def set_line_notices(session: Session, style: Literal["", "template", "flexible"]) -> None:
    """Keep which type of LINE notification message the shop sends; empty for none."""
    found = shop(session)
    kept = msgspec.structs.replace(settings_of(found), line_notices=style)
    found.settings = shop_settings.dump(kept)


def set_high_value(session: Session, text: str) -> None:
    """Note from how much on an order is one of high value; raises `Invalid` for no amount."""
    found = shop(session)
    try:
        minor = parse_money(text.strip().replace(",", ""), found.currency).minor
    except ValueError as error:
        raise Invalid({"amount": _("Write an amount, for example 200.")}) from error
    if not 0 < minor < 10**12:
        raise Invalid({"amount": _("Write an amount, for example 200.")})
    kept = msgspec.structs.replace(settings_of(found), high_value_minor=minor)
    found.settings = shop_settings.dump(kept)


def keep_frequency(session: Session, chosen: Frequency) -> Frequency:
    """Keep how often, by what and with which measuring the shop writes; returns what was kept
    before."""
    found = shop(session)
    kept = settings_of(found)
    found.settings = shop_settings.dump(msgspec.structs.replace(kept, frequency=chosen))
    return kept.frequency


def pause(session: Session) -> None:
    """Stop everything that would be sent. What an order needs said waits for the end of the pause,
    what sells is skipped."""
    found = shop(session)
    found.paused_at = found.paused_at or now(session)


def resume(session: Session) -> None:
    """Let messages leave again, and say so; a shop that was not paused has nothing to say."""
    found = shop(session)
    if found.paused_at is not None:
        found.paused_at = None
        record(session, ShopResumed(occurred_at=now(session)))


def dismiss_guide(session: Session, *, dismissed: bool) -> None:
    """Put the setup guide away, or bring it back; it stays so for the whole shop."""
    found = shop(session)
    kept = msgspec.structs.replace(settings_of(found), guide_dismissed=dismissed)
    found.settings = shop_settings.dump(kept)
