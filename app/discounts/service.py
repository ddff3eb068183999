"""Pools of discount codes: opened a day ahead of need, handed out one a customer, taken back."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, case, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.claim import Claim, backoff_seconds, claimed_row
from app.core.clock import machine_now, now
from app.core.db import table_of
from app.core.locale import gettext as _
from app.core.locale import use_locale
from app.core.queue import ring
from app.discounts import rules
from app.discounts.model import CoolOff, DiscountCampaign, DiscountCode, DiscountPool
from app.discounts.rules import campaign_name
from app.discounts.taking import counting, take_code
from app.shops import service as shops

__all__ = ["take_code"]

#: Without vowels that look like digits: people type codes from a screen.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
#: How soon to ask what became of the codes we sent, and how rarely when Shopify takes its time.
ASK_AGAIN_S = 1.0
QUICK_QUESTIONS = 10
SLOWLY_S = 15.0
LAST_BACKOFF_ATTEMPT = 6


def keep_campaign(
    session: Session,
    variants: Sequence[int],
    percent: int,
    *,
    timed: bool,
    until: datetime | None = None,
) -> str:
    """See that codes are kept ready for these terms, `until` then or for good; its name. At once a
    pool of today's is there, though its codes are not yet."""
    name = campaign_name(variants, percent)
    kept = insert(DiscountCampaign).values(
        shop_id=session.info["shop_id"],
        name=name,
        percent=percent,
        variants=sorted(variants),
        timed=timed,
        until=until,
    )
    # One that stands for good is not shortened by somebody who needs it for a week.
    for_good = DiscountCampaign.until.is_(None)
    later = case((for_good, None), else_=kept.excluded.until)
    session.execute(
        kept.on_conflict_do_update(
            index_elements=["shop_id", "name"],
            set_={"until": later if until else None, "timed": kept.excluded.timed},
        )
    )
    open_pools(session)
    return name


def drop_campaigns(session: Session, but: Iterable[str]) -> None:
    """Keep no more codes ready for offers that stood for good, but for these. Codes that were
    handed out stay good for their time."""
    _drop(session, DiscountCampaign.days == 0, but)


def _drop(session: Session, which: ColumnElement[bool], but: Iterable[str]) -> None:
    session.execute(
        delete(DiscountCampaign).where(
            which, DiscountCampaign.until.is_(None), DiscountCampaign.name.not_in(list(but))
        )
    )


@dataclass(frozen=True)
class Letters:
    """What the codes of a message give: `percent` less on a product (its Shopify id; None: on
    everything), for so many `days` after each was handed out."""

    percent: int
    product: int | None
    days: int

    @property
    def campaign(self) -> str:
        """Their campaign."""
        return rules.letter_name(self.product, self.percent, self.days)


def keep_for_letters(session: Session, wanted: Iterable[Letters]) -> None:
    """See that codes are kept ready for what messages promise, and for nothing else of theirs.
    Codes that were handed out stay good for their time."""
    asked = {one.campaign: one for one in wanted}
    _drop(session, DiscountCampaign.days > 0, asked)
    for name, one in asked.items():
        session.execute(
            insert(DiscountCampaign)
            .values(
                shop_id=session.info["shop_id"],
                name=name,
                percent=one.percent,
                variants=[],
                timed=False,
                days=one.days,
                product_shopify_id=one.product,
            )
            .on_conflict_do_nothing()
        )
    open_pools(session)


def open_pools(session: Session) -> None:
    """See that each campaign of the bound shop has a pool for today; made at Shopify later."""
    shop = shops.shop(session)
    if not shops.is_active(shop):
        return
    day = rules.local_day(now(session), shop.timezone)
    campaigns = session.scalars(
        select(DiscountCampaign).where(
            DiscountCampaign.until.is_(None) | (DiscountCampaign.until > now(session))
        )
    ).all()
    fresh = _with_pool(session, day)
    pools = [
        {
            "shop_id": shop.shop_id,
            "campaign": campaign.name,
            "day": day,
            "percent": campaign.percent,
            "variants": campaign.variants,
            "product_shopify_id": campaign.product_shopify_id,
            "ends_at": rules.pool_ends(day, shop.timezone, campaign.days),
            "due_at": now(session),
        }
        for campaign in campaigns
        if not campaign.days or campaign.name not in fresh
    ]
    if not pools:
        return
    session.execute(insert(DiscountPool).values(pools).on_conflict_do_nothing())
    ring(session, "discounts.tend")


def _with_pool(session: Session, day: date) -> set[str]:
    """The campaigns whose newest pool needs no follower yet, if its codes are good for days."""
    since = day - rules.RENEWED_AFTER
    return set(session.scalars(select(DiscountPool.campaign).where(DiscountPool.day > since)))


def cool_off(
    session: Session, order_id: int, products: Iterable[int], percent: int, *, since: datetime
) -> None:
    """An order's customer was told that a price of these products ends at `since`: hold every
    surface to it for thirty days (ask `queries.cooling`)."""
    wanted = sorted(set(products))
    if not wanted:
        return
    rows = [
        {
            "shop_id": session.info["shop_id"],
            "order_id": order_id,
            "product_shopify_id": product,
            "percent": percent,
            "since": since,
            "until": since + rules.COOL_OFF,
        }
        for product in wanted
    ]
    session.execute(_KEPT, rows)


#: Built once, and the same for any number of rows.
_KEPT = insert(table_of(CoolOff)).on_conflict_do_nothing()


def _count(session: Session, pool_id: int, state: str) -> int:
    return session.execute(counting(pool_id, state)).scalar_one()


# --- tending a pool: what to ask Shopify, and what it said --------------------------------------


@dataclass(frozen=True)
class Tending:
    """A pool's needs at one moment, carried across the network where no transaction is open."""

    title: str
    percent: int
    variants: list[int]
    product: int | None
    discount_gid: str | None
    creation_gid: str | None
    starts_at: datetime
    ends_at: datetime
    making: list[str]


def begin_tending(session: Session, mine: Claim) -> Tending | None:
    """What a claimed pool needs; the codes it lacks are written down before Shopify hears of them.
    None when there is nothing to do, the pool then waits (or is over)."""
    pool: DiscountPool | None = claimed_row(session, DiscountPool, mine)
    if pool is None:
        return None
    shop = shops.shop(session)
    if pool.ends_at <= now(session) or not shops.is_installed(shop):
        pool.state, pool.claim_token, pool.lease_until = "done", None, None
        return None
    making = _make_codes(session, pool)
    if not making and pool.discount_gid:
        _rest(pool)
        return None
    with use_locale(shop.locale):
        title = _title(pool)
    return Tending(
        title=title,
        percent=pool.percent,
        variants=pool.variants,
        product=pool.product_shopify_id,
        discount_gid=pool.discount_gid,
        creation_gid=pool.creation_gid,
        starts_at=now(session),
        ends_at=pool.ends_at,
        making=making,
    )


def _title(pool: DiscountPool) -> str:
    """What the merchant reads among the discounts at Shopify."""
    day = pool.day.isoformat()
    if pool.variants:
        return _("Okaeri: thank-you offer of %(day)s", day=day)
    return _("Okaeri: codes in messages, from %(day)s", day=day)


def _make_codes(session: Session, pool: DiscountPool) -> list[str]:
    """The codes that are on their way, new ones among them if the pool runs low."""
    waiting = list(
        session.scalars(
            select(DiscountCode.code)
            .where(DiscountCode.pool_id == pool.id, DiscountCode.state == "making")
            .order_by(DiscountCode.id)
        )
    )
    issued = session.execute(
        select(func.count())
        .select_from(DiscountCode)
        .where(
            DiscountCode.pool_id == pool.id,
            DiscountCode.issued_at > now(session) - timedelta(hours=1),
        )
    ).scalar_one()
    free = _count(session, pool.id, "free")
    made = [new_code() for _number in range(rules.codes_to_make(free, len(waiting), issued))]
    session.add_all(
        DiscountCode(shop_id=pool.shop_id, pool_id=pool.id, code=code, state="making")
        for code in made
    )
    return waiting + made


def new_code() -> str:
    """A code that nobody guesses: fifty random bits."""
    return "OKAERI-" + "".join(secrets.choice(ALPHABET) for _number in range(10))


def note_discount(session: Session, mine: Claim, discount_gid: str) -> None:
    """Remember the discount that Shopify made for a pool."""
    pool: DiscountPool | None = claimed_row(session, DiscountPool, mine)
    if pool is not None:
        pool.discount_gid = discount_gid


def note_codes(
    session: Session, mine: Claim, ids: dict[str, str], failed: set[str], *, creation: str | None
) -> None:
    """Codes that exist at Shopify are free to be handed out, those it refused are forgotten. The
    pool rests when none is on its way any more; else it is looked at again, with `creation` the
    bulk creation that Shopify is carrying out."""
    pool: DiscountPool | None = claimed_row(session, DiscountPool, mine)
    if pool is None:
        return
    codes = session.scalars(
        select(DiscountCode).where(
            DiscountCode.pool_id == pool.id,
            DiscountCode.state == "making",
            DiscountCode.code.in_(ids.keys() | failed),
        )
    )
    for code in codes:
        if code.code in ids:
            code.state, code.redeem_code_gid = "free", ids[code.code]
        else:
            session.delete(code)
    pool.creation_gid = creation
    session.flush()
    if _count(session, pool.id, "making"):
        _ask_again(pool, ASK_AGAIN_S if pool.attempts <= QUICK_QUESTIONS else SLOWLY_S)
    else:
        _rest(pool)


def put_pool_back(session: Session, mine: Claim, reason: str, wish: float | None = None) -> None:
    """Shopify was away or refused: try again with growing pauses for as long as the pool lasts."""
    pool: DiscountPool | None = claimed_row(session, DiscountPool, mine)
    if pool is not None:
        pool.error = reason
        _ask_again(pool, backoff_seconds(min(pool.attempts, LAST_BACKOFF_ATTEMPT), wish))


def _ask_again(pool: DiscountPool, seconds: float) -> None:
    pool.state, pool.claim_token, pool.lease_until = "scheduled", None, None
    pool.retry_at = machine_now() + timedelta(seconds=seconds)


def _rest(pool: DiscountPool) -> None:
    """Nothing to do until codes run low, which taking one notices."""
    pool.state, pool.claim_token, pool.lease_until = "scheduled", None, None
    pool.due_at = pool.retry_at = pool.error = None
    pool.attempts = 0
