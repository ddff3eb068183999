"""Tell Shopify where an order goes now. Network: no transaction is open meanwhile."""

from __future__ import annotations

from typing import Any

import structlog
from sqlalchemy.orm import Session

from app.addresses import queries, rules, service
from app.addresses.rules import Address
from app.addresses.writing import digits
from app.core.db import network_apart, unit_of_work
from app.core.errors import GiveUp, TryLater
from app.mirror import queries as mirror
from app.shopify import addresses as wire
from app.shopify.addresses import OrderAddress
from app.shopify.client import ShopClient
from app.shops import tokens

log = structlog.get_logger(__name__)

#: The buyer has tapped and waits for so many seconds; then the errand goes on alone.
PATIENCE_S = 1.5
PARTS = ("zip", "city", "address1", "address2")


def push_now(session: Session, case_id: int) -> None:
    """Push while the buyer waits, for as long as that takes no longer than a moment."""
    shop_id = int(session.info["shop_id"])
    with network_apart(session):
        try:
            push(shop_id, case_id, patience_s=PATIENCE_S)
        except (TryLater, GiveUp) as error:
            log.warning("address_not_told_yet", shop_id=shop_id, reason=str(error))
    session.expire_all()


def push(shop_id: int, case_id: int, *, patience_s: float | None = None) -> None:
    """Carry out what the buyer asked for, if it still is to be. Raises `TryLater` while Shopify has
    no time; whatever it refuses is settled here."""
    with unit_of_work(shop_id) as session:
        case = queries.case(session, case_id)
        wish, number = case.wanted, mirror.order(session, case.order_id).shopify_id
        if case.state != "asked" or wish is None:
            return
    told = _tell(tokens.client(shop_id, patience_s=patience_s), number, wish)
    with unit_of_work(shop_id) as session:
        case = queries.case(session, case_id)
        if case.state != "asked" or case.wanted != wish:
            return
        if isinstance(told, OrderAddress):
            service.carried_out(session, case, told.address)
            if not told.waits:
                # It left between our question and our change: a person asks the carrier.
                service.leave(session, case, "raced")
        elif told == "not_accepted":
            service.leave(session, case, told)
        else:
            service.refuse(session, case, told)


def _same(given: Address, said: dict[str, str]) -> bool:
    """Whether two addresses are one; Shopify writes phone numbers in its own way."""
    phones = (digits(given.phone)[-9:], digits(said["phone"])[-9:])
    places = all(getattr(given, one) == said[one] for one in PARTS)
    return places and given.province == said["province"] and phones[0] == phones[1]


def _tell(client: ShopClient, number: int, wish: dict[str, Any]) -> OrderAddress | str:
    """What Shopify made of it, or why it was not changed. Asked first: our copy may not know yet
    that somebody has packed the order, or moved it."""
    before = wire.order_address(client, number)
    given, to = rules.of(before.address), wish["to"]
    if before.cancelled:
        return "cancelled"
    if given is not None and _same(given, to):
        return before  # It is there already: an earlier try got through.
    if not before.waits:
        return "shipped"
    if given is None or not _same(given, wish["from"]):
        return "changed"
    changed = {one: to[one] for one in (*PARTS, "phone")} | {"province_code": to["province"]}
    try:
        return wire.change_address(client, number, before.address | changed)
    except GiveUp as error:
        log.warning("address_not_accepted", reason=str(error))
        return "not_accepted"
