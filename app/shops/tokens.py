"""A shop's access to Shopify: got at the first visit, renewed under the shop's row lock.

These functions use the network and open units of work of their own: call them outside any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import and_, select

from app.core import secrets
from app.core.clock import machine_now
from app.core.db import unit_of_work
from app.core.errors import GiveUp, TryLater
from app.core.runtime import runtime
from app.core.tenancy import Tenant, add_shop
from app.shopify import gateway, tokens
from app.shopify.client import ShopClient
from app.shopify.verify import AdminCaller
from app.shops import service, staff
from app.shops.model import Shop, StaffMember

log = structlog.get_logger(__name__)

#: Renew this long before the end, so that no request starts with a dying token.
EARLY = timedelta(minutes=5)
#: Shops whose refresh token lives shorter than this get a new pair at night.
IDLE = timedelta(days=30)
#: A page waits so many seconds for the name of whoever opens it; it can be shown without.
NAME_PATIENCE_S = 2.0


@dataclass(frozen=True)
class Guest:
    """Who is at the admin's door: the number of their shop, and the language of their admin as
    far as Shopify has said it."""

    shop_id: int
    locale: str | None


def welcome(caller: AdminCaller, spoken: str | None = None) -> Guest:
    """The shop whose staff is at the door; installs at the first visit, or when our access has
    lapsed, and learns once a day who they are. `spoken` is the language that Shopify names on a
    document. No transaction is open while Shopify is asked."""
    shop_id = add_shop(caller.domain)
    shop, locale, ask_after = _known(shop_id, caller.staff)
    if _needs_exchange(shop):
        running = runtime()
        pair = tokens.exchange(
            running.settings, running.http, caller.domain, caller.token, caller.claims
        )
        install(shop_id, caller.domain, pair)
    if ask_after is None or ask_after <= machine_now():
        locale = _meet(shop_id, caller) or locale
    if spoken and spoken[:16] != locale:
        locale = spoken
        with unit_of_work(shop_id) as session:
            staff.speak(session, caller.staff, spoken)
    return Guest(shop_id, locale or None)


def _known(shop_id: int, user_id: str) -> tuple[Shop | None, str, datetime | None]:
    """The shop, the language of a member of its staff, and when to ask about them again."""
    person = and_(StaffMember.shop_id == Shop.shop_id, StaffMember.user_id == user_id)
    asked = (
        select(Shop, StaffMember.locale, StaffMember.ask_after)
        .outerjoin(StaffMember, person)
        .where(Shop.shop_id == shop_id)
    )
    with unit_of_work(shop_id) as session:
        row = session.execute(asked).one_or_none()
    return (row[0], row[1] or "", row[2]) if row else (None, "", None)


def _meet(shop_id: int, caller: AdminCaller) -> str:
    """Learn a name and the language, which is returned. When Shopify refuses or has no time, the
    page comes without, and a later one asks again."""
    with unit_of_work(shop_id) as session:
        if not staff.may_ask(session, caller.staff):
            return ""
    running = runtime()
    try:
        person = tokens.person(
            running.settings,
            running.http,
            caller.token,
            caller.claims,
            patience_s=NAME_PATIENCE_S,
        )
    except (GiveUp, TryLater) as error:
        log.warning("staff_not_met", shop_id=shop_id, reason=str(error))
        return ""
    with unit_of_work(shop_id) as session:
        staff.note(session, caller.staff, person)
    return person.locale


def install(shop_id: int, domain: str, pair: tokens.TokenPair) -> None:
    """Keep a fresh pair and learn what Shopify says about the store. When Shopify has no time
    for the second now, the errand that the installation asks for tries again."""
    with unit_of_work(shop_id) as session:
        service.install(session, domain, pair)
    try:
        learn(shop_id)
    except TryLater as error:
        log.warning("shop_not_learnt", shop_id=shop_id, reason=str(error))


def learn(shop_id: int) -> None:
    """Ask Shopify who the store is, and keep the answer."""
    found = gateway.shop_info(client(shop_id))
    with unit_of_work(shop_id) as session:
        service.note_facts(session, found)


def _needs_exchange(shop: Shop | None) -> bool:
    if shop is None or not service.is_installed(shop) or shop.access_token is None:
        return True
    # What we can no longer refresh ourselves, a visit renews.
    end = shop.refresh_token_expires
    return end is not None and end <= machine_now() + EARLY


def client(shop_id: int, *, patience_s: float | None = None) -> ShopClient:
    """A client with a living token of this shop; raises `GiveUp` when the shop has left. It waits
    `patience_s` seconds for an answer, where somebody in turn waits for us."""
    with unit_of_work(shop_id) as session:
        shop = service.shop(session)
        domain = shop.domain
        token = None if _ending(shop) else _token(shop)
    if token is None:
        token = renew(shop_id)
    running = runtime()
    return ShopClient(
        domain,
        token,
        running.settings,
        running.http,
        lambda refused: renew(shop_id, refused),
        patience_s,
    )


def renew(shop_id: int, refused: str | None = None) -> str:
    """A living access token. Whoever gets the row's lock first refreshes; the others read the
    row anew and find it done. `refused` is a token that Shopify no longer takes."""
    running = runtime()
    with unit_of_work(shop_id) as session:
        shop = service.locked_shop(session)
        if shop is None or not service.is_installed(shop):
            raise GiveUp("the shop does not have the app")
        current = _token(shop)
        if current != refused and not _ending(shop):
            return current
        if shop.refresh_token is None:
            raise GiveUp("no refresh token; the merchant has to open the app")
        pair = tokens.refresh(
            running.settings, running.http, shop.domain, secrets.unseal(shop.refresh_token)
        )
        service.keep_tokens(session, shop, pair)
        return pair.access_token


def everyone() -> list[int]:
    """Every shop that ever came."""
    with runtime().engine.connect() as connection:
        return list(connection.scalars(select(Tenant.shop_id).order_by(Tenant.shop_id)))


def keep_alive(shop_id: int) -> None:
    """Renew the pair of a shop whose refresh token would soon end for want of visits."""
    with unit_of_work(shop_id) as session:
        shop = session.get(Shop, shop_id)
        if shop is None or not service.is_installed(shop) or not _idle(shop):
            return
        current = _token(shop)
    renew(shop_id, current)


def _idle(shop: Shop) -> bool:
    end = shop.refresh_token_expires
    return end is not None and end < machine_now() + IDLE


def _token(shop: Shop) -> str:
    if shop.access_token is None:
        raise GiveUp("the shop does not have the app")
    return secrets.unseal(shop.access_token)


def _ending(shop: Shop) -> bool:
    end = shop.access_token_expires
    return end is not None and end <= machine_now() + EARLY
