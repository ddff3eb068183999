"""Pools and Shopify: what our rows say is brought about over the network, with no transaction open
while it talks. Whatever is cut off in between is found again by looking Shopify up first."""

from __future__ import annotations

import time
from itertools import groupby

import structlog

from app.core.claim import BATCH_SECONDS, Claim, claim
from app.core.db import unit_of_work
from app.core.errors import GiveUp, TryLater
from app.discounts import rules, service, taking_back
from app.discounts.model import DiscountCode, DiscountPool
from app.discounts.queries import shops_without_pool
from app.discounts.service import Tending
from app.discounts.taking_back import Removal
from app.shopify import gateway
from app.shopify.gateway import ShopClient
from app.shops import tokens

log = structlog.get_logger(__name__)

#: A pool is tended within one lease: a few calls of at most ten seconds each.
LEASE_S = 120


def open_pools() -> None:
    """See that every shop with an offer has a pool for today."""
    for shop_id in shops_without_pool():
        with unit_of_work(shop_id) as session:
            service.open_pools(session)


def tend_pools() -> None:
    """Tend what is due, one pool at a time: a lease never waits behind strangers."""
    until = time.monotonic() + BATCH_SECONDS
    while time.monotonic() < until:
        claims = claim(DiscountPool, limit=1, lease_s=LEASE_S)
        if not claims:
            return
        tend(claims[0])


def tend(mine: Claim) -> None:
    """Bring one pool a step on: its discount, its codes, or news of them."""
    with unit_of_work(mine.shop_id) as session:
        todo = service.begin_tending(session, mine)
    if todo is None:
        return
    try:
        client = tokens.client(mine.shop_id)
        discount = todo.discount_gid or _discount(client, mine, todo)
        _codes(client, mine, todo, discount)
    except (TryLater, GiveUp) as error:
        # A pool that Shopify refuses stays visible with the reason, and is tried again: the
        # merchant may have mended it (a deleted product, a missing scope) before the day is over.
        log.warning("pool_not_tended", shop_id=mine.shop_id, pool_id=mine.id, reason=str(error))
        with unit_of_work(mine.shop_id) as session:
            wish = error.seconds if isinstance(error, TryLater) else None
            service.put_pool_back(session, mine, str(error), wish)


def _discount(client: ShopClient, mine: Claim, todo: Tending) -> str:
    """The pool's discount: the one an earlier attempt made and could not tell us of, or a new one
    that carries the pool's first code."""
    first = todo.making[0]
    found = gateway.find_discount(client, first) or gateway.create_discount(
        client,
        title=todo.title,
        code=first,
        percent=todo.percent,
        variants=todo.variants,
        product=todo.product,
        starts_at=todo.starts_at,
        ends_at=todo.ends_at,
    )
    with unit_of_work(mine.shop_id) as session:
        service.note_discount(session, mine, found)
    return found


def _codes(client: ShopClient, mine: Claim, todo: Tending, discount: str) -> None:
    ids, failed, creation = (
        _news(client, todo.creation_gid)
        if todo.creation_gid
        else _additions(client, todo, discount)
    )
    with unit_of_work(mine.shop_id) as session:
        service.note_codes(session, mine, ids, failed, creation=creation)


def _news(client: ShopClient, creation: str) -> tuple[dict[str, str], set[str], str | None]:
    """What became of a bulk creation, and its id while Shopify is still at it."""
    found = gateway.code_creation(client, creation)
    return found.ids, set(found.failed), None if found.done else creation


def _additions(
    client: ShopClient, todo: Tending, discount: str
) -> tuple[dict[str, str], set[str], str | None]:
    """Have Shopify add what the discount lacks. What it has already is its first code, and the
    codes of an attempt that was cut off before it could note its creation."""
    ids = gateway.find_redeem_codes(client, discount, todo.making)
    lacking = [code for code in todo.making if code not in ids][: rules.PER_CALL]
    return ids, set(), gateway.add_codes(client, discount, lacking) if lacking else None


def remove_expired() -> None:
    """Remove at Shopify what was handed out and whose time is over, many codes a call."""
    until = time.monotonic() + BATCH_SECONDS
    while time.monotonic() < until:
        claims = claim(DiscountCode, limit=rules.PER_CALL, lease_s=LEASE_S)
        if not claims:
            return
        ordered = sorted(claims, key=lambda mine: mine.shop_id)
        for shop_id, mine in groupby(ordered, key=lambda mine: mine.shop_id):
            _remove(shop_id, list(mine))


def _remove(shop_id: int, claims: list[Claim]) -> None:
    with unit_of_work(shop_id) as session:
        removals = taking_back.begin_removal(session, claims)
    for removal in removals:
        try:
            gateway.remove_codes(tokens.client(shop_id), removal.discount_gid, removal.ids)
        except (TryLater, GiveUp) as error:
            log.warning("codes_not_removed", shop_id=shop_id, reason=str(error))
            _put_back(shop_id, removal, error)
        else:
            with unit_of_work(shop_id) as session:
                taking_back.finish_removal(session, removal)


def _put_back(shop_id: int, removal: Removal, error: TryLater | GiveUp) -> None:
    wish = error.seconds if isinstance(error, TryLater) else None
    with unit_of_work(shop_id) as session:
        taking_back.put_codes_back(session, removal, str(error), wish)
