"""Reads of surprises: campaigns, their draws, the month's budget, who won what."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app.core import links
from app.core.clock import now
from app.core.errors import NotFound
from app.core.locale import current_locale, show_date
from app.core.locale import gettext as _
from app.core.runtime import runtime
from app.mirror.model import Order
from app.shops.service import shop
from app.surprises import rules
from app.surprises.model import SurpriseCampaign, SurpriseDraw, SurpriseWin

#: A present is spoken of for so long after it was won.
FRESH = timedelta(days=60)
#: How long after its end a draw can be checked.
LASTS = timedelta(days=3650)


def campaigns(session: Session) -> list[SurpriseCampaign]:
    """All campaigns, the newest first."""
    return list(session.scalars(select(SurpriseCampaign).order_by(SurpriseCampaign.id.desc())))


def campaign(session: Session, campaign_id: int) -> SurpriseCampaign:
    """One campaign; raises `NotFound`."""
    found = session.get(SurpriseCampaign, (session.info["shop_id"], campaign_id))
    if found is None:
        raise NotFound
    return found


def draws(session: Session, campaign_id: int, most: int = 60) -> list[SurpriseDraw]:
    """A campaign's draws, the newest first."""
    return list(
        session.scalars(
            select(SurpriseDraw)
            .where(SurpriseDraw.campaign_id == campaign_id)
            .order_by(SurpriseDraw.number.desc())
            .limit(most)
        )
    )


def draw(session: Session, campaign_id: int, number: int) -> SurpriseDraw:
    """One draw; raises `NotFound`."""
    found = session.scalars(
        select(SurpriseDraw).where(
            SurpriseDraw.campaign_id == campaign_id, SurpriseDraw.number == number
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def capped(session: Session) -> bool:
    """Whether Japan's caps on prizes hold for the shop."""
    home = shop(session)
    return home.country == "JP" and home.currency == "JPY"


def terms(session: Session, found: SurpriseCampaign) -> rules.Terms:
    """A campaign as a draw would freeze it now."""
    return rules.Terms(
        value_minor=found.value_minor,
        cost_minor=found.cost_minor,
        budget_minor=found.budget_minor,
        least_minor=found.least_minor,
        winners=found.winners,
        share=found.share,
        holdout=found.holdout,
        capped=capped(session),
    )


def spent(session: Session, campaign_id: int, at: datetime) -> int:
    """What a campaign's presents cost in the calendar month of `at`, by the shop's zone."""
    local = at.astimezone(ZoneInfo(shop(session).timezone))
    begin = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    following = (begin + timedelta(days=32)).replace(day=1)
    return int(
        session.scalar(
            select(func.coalesce(func.sum(SurpriseWin.cost_minor), 0)).where(
                SurpriseWin.campaign_id == campaign_id,
                SurpriseWin.won_at >= begin,
                SurpriseWin.won_at < following,
            )
        )
        or 0
    )


def taking_part(session: Session, found: SurpriseDraw, resting: timedelta) -> list[Order]:
    """The orders a draw is about: paid in its time, of the least value or more, by a customer who
    has won nothing for `resting`; of each customer the first one."""
    recent = exists().where(
        SurpriseWin.shop_id == Order.shop_id,
        SurpriseWin.customer_id == Order.customer_id,
        SurpriseWin.won_at > now(session) - resting,
    )
    return list(
        session.scalars(
            select(Order)
            .where(
                Order.placed_at >= found.opens_at,
                Order.placed_at < found.closes_at,
                Order.financial_status == "paid",
                Order.cancelled_at.is_(None),
                Order.refunded_at.is_(None),
                Order.redacted_at.is_(None),
                Order.test.is_(False),
                Order.customer_id.is_not(None),
                Order.subtotal_minor >= found.terms["least_minor"],
                ~recent,
            )
            .ext(distinct_on(Order.customer_id))
            .order_by(Order.customer_id, Order.placed_at, Order.id)
        )
    )


class Won(NamedTuple):
    """A win and its order."""

    order: Order
    win: SurpriseWin


def wins(session: Session, draw_id: int) -> list[Won]:
    """Who won a draw."""
    rows = session.execute(
        select(Order, SurpriseWin)
        .join(
            SurpriseWin,
            (SurpriseWin.shop_id == Order.shop_id) & (SurpriseWin.order_id == Order.id),
        )
        .where(SurpriseWin.draw_id == draw_id)
        .order_by(Order.id)
    )
    return [Won(order, win) for order, win in rows]


def to_be_told(session: Session) -> list[Won]:
    """What was won lately and is told of by a message, the first win first."""
    rows = session.execute(
        select(Order, SurpriseWin)
        .join(
            SurpriseWin,
            (SurpriseWin.shop_id == Order.shop_id) & (SurpriseWin.order_id == Order.id),
        )
        .join(
            SurpriseCampaign,
            (SurpriseCampaign.shop_id == SurpriseWin.shop_id)
            & (SurpriseCampaign.id == SurpriseWin.campaign_id),
        )
        .where(
            SurpriseWin.won_at > now(session) - FRESH,
            SurpriseCampaign.handover == "mail",
        )
        .order_by(SurpriseWin.id)
    )
    return [Won(order, win) for order, win in rows]


def win(session: Session, win_id: int) -> SurpriseWin:
    """One win; raises `NotFound`."""
    found = session.get(SurpriseWin, (session.info["shop_id"], win_id))
    if found is None:
        raise NotFound
    return found


def words_of(session: Session, win_id: int) -> dict[str, str]:
    """What was won, in both languages."""
    found = campaign(session, win(session, win_id).campaign_id)
    return {"ja": found.gift_ja, "en": found.gift_en}


def won(session: Session, order_id: int) -> bool:
    """Whether an order won something that a message tells of."""
    return bool(
        session.scalar(
            select(
                exists().where(
                    SurpriseWin.order_id == order_id,
                    SurpriseWin.shop_id == SurpriseCampaign.shop_id,
                    SurpriseWin.campaign_id == SurpriseCampaign.id,
                    SurpriseCampaign.handover == "mail",
                )
            )
        )
    )


def gift(session: Session, customer_id: int | None) -> str:
    """What a customer won lately and is told of by message, in the words of the running language,
    with its code where there is one; empty for nothing, and while Shopify has not made the code."""
    found = _told(session, customer_id)
    if found is None:
        return ""
    win, campaign = found
    said = campaign.gift_ja if current_locale() == "ja" else campaign.gift_en
    if campaign.what != "shipping":
        return said
    if win.discount is None:
        return ""
    return _(
        "%(gift)s (code %(code)s, for one order until %(day)s)",
        gift=said,
        code=win.code,
        day=last_day(session, win),
    )


def last_day(session: Session, win: SurpriseWin) -> str:
    """The last day on which a win's code is good, where the shop is; empty without one."""
    if win.code_ends_at is None:
        return ""
    zone = ZoneInfo(shop(session).timezone)
    day = (win.code_ends_at - timedelta(seconds=1)).astimezone(zone).date()
    return show_date(day, current_locale())


def draw_url(session: Session, customer_id: int | None) -> str:
    """Where a winner, and anybody, can check the draw of their present; empty for none."""
    found = _told(session, customer_id)
    if found is None:
        return ""
    won, campaign = found
    held = session.get(SurpriseDraw, (won.shop_id, won.draw_id))
    return "" if held is None else public_url(campaign, held, order_id=won.order_id)


def public_url(
    campaign: SurpriseCampaign, found: SurpriseDraw, *, order_id: int | None = None
) -> str:
    """The public page of a draw, in the running language; with an order it shows its place."""
    subject: dict[str, Any] = {"campaign": campaign.id, "draw": found.number}
    subject |= {"lang": current_locale()} | ({"order": order_id} if order_id else {})
    token = links.sign(found.shop_id, "draw", subject, found.closes_at + LASTS)
    return f"{runtime().settings.app_url.rstrip('/')}/draws/{token}"


def _told(session: Session, customer_id: int | None) -> tuple[SurpriseWin, SurpriseCampaign] | None:
    """What a customer won lately and is told of by message."""
    if customer_id is None:
        return None
    row = session.execute(
        select(SurpriseWin, SurpriseCampaign)
        .join(
            SurpriseCampaign,
            (SurpriseCampaign.shop_id == SurpriseWin.shop_id)
            & (SurpriseCampaign.id == SurpriseWin.campaign_id),
        )
        .where(
            SurpriseWin.customer_id == customer_id,
            SurpriseWin.won_at > now(session) - FRESH,
            SurpriseCampaign.handover == "mail",
        )
        .order_by(SurpriseWin.won_at.desc())
        .limit(1)
    ).first()
    return (row[0], row[1]) if row else None


def boxed(session: Session, order_ids: Iterable[int]) -> dict[int, str]:
    """What belongs into the box of these orders, by order, in the words of the running language."""
    rows = session.execute(
        select(SurpriseWin.order_id, SurpriseCampaign.gift_ja, SurpriseCampaign.gift_en)
        .join(
            SurpriseCampaign,
            (SurpriseCampaign.shop_id == SurpriseWin.shop_id)
            & (SurpriseCampaign.id == SurpriseWin.campaign_id),
        )
        .where(SurpriseWin.order_id.in_(list(order_ids)), SurpriseCampaign.handover == "box")
    )
    spoken = current_locale()
    return {row.order_id: row.gift_ja if spoken == "ja" else row.gift_en for row in rows}
