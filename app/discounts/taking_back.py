"""Codes whose time is over are taken back at Shopify, many a call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from app.core.claim import Claim, backoff_seconds, claimed_row
from app.core.clock import machine_now, now
from app.discounts.events import CodeRemoved
from app.discounts.model import DiscountCode, DiscountPool
from app.discounts.service import LAST_BACKOFF_ATTEMPT
from app.journal.service import record
from app.shops import service as shops


@dataclass(frozen=True)
class Removal:
    """Codes of one discount whose time is over."""

    discount_gid: str
    ids: list[str]
    claims: list[Claim]


def begin_removal(session: Session, claims: list[Claim]) -> list[Removal]:
    """What to remove at Shopify for claimed codes of the bound shop, by discount. Codes that ended
    with their discount, or whose shop has left us, are over without being asked for."""
    removals: dict[str, Removal] = {}
    installed = shops.is_installed(shops.shop(session))
    for mine in claims:
        code: DiscountCode | None = claimed_row(session, DiscountCode, mine)
        if code is None:
            continue
        pool = session.get_one(DiscountPool, (code.shop_id, code.pool_id))
        gid, redeem = pool.discount_gid, code.redeem_code_gid
        if gid is None or redeem is None or not installed or pool.ends_at <= now(session):
            _removed(session, code)
            continue
        removal = removals.setdefault(gid, Removal(gid, [], []))
        removal.ids.append(redeem)
        removal.claims.append(mine)
    return list(removals.values())


def finish_removal(session: Session, removal: Removal) -> None:
    """Shopify has removed them."""
    for mine in removal.claims:
        code: DiscountCode | None = claimed_row(session, DiscountCode, mine)
        if code is not None:
            _removed(session, code)


def put_codes_back(
    session: Session, removal: Removal, reason: str, wish: float | None = None
) -> None:
    """Shopify was away or refused: try again until the discount's own end."""
    for mine in removal.claims:
        code: DiscountCode | None = claimed_row(session, DiscountCode, mine)
        if code is not None:
            wait = backoff_seconds(min(code.attempts, LAST_BACKOFF_ATTEMPT), wish)
            code.state, code.claim_token, code.lease_until = "scheduled", None, None
            code.retry_at, code.error = machine_now() + timedelta(seconds=wait), reason


def _removed(session: Session, code: DiscountCode) -> None:
    code.state, code.claim_token, code.lease_until = "done", None, None
    code.removed_at, code.error = now(session), None
    record(session, CodeRemoved(occurred_at=now(session), code_id=code.id))
