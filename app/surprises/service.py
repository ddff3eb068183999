"""Campaigns, their draws, and the privacy of those who won."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import Conflict, Invalid
from app.core.locale import current_locale
from app.core.locale import gettext as _
from app.core.money import Money, show_money
from app.core.secrets import seal, unseal
from app.discounts import promises
from app.discounts.service import new_code
from app.discounts.terms import Terms, read
from app.journal.service import record
from app.mirror import queries as mirror
from app.mirror.model import Customer, Order
from app.shops.service import shop
from app.surprises import queries, rules
from app.surprises.events import PresentReady, SurpriseWon
from app.surprises.model import SurpriseCampaign, SurpriseDraw, SurpriseWin

WHATS = ("shipping", "upgrade", "extra", "early")
HANDOVERS = ("mail", "box")
#: What can be handed over in one way only: a code is told, goods are packed.
BY_MAIL, BY_BOX = ("shipping", "early"), ("extra",)
#: A draw closes before the message that tells of it (7 days after the delivery) is due.
LONGEST = 7
#: Who has won rests for so long: nobody is to count on it.
RESTING = timedelta(days=180)


@dataclass(frozen=True)
class Draft:
    """A campaign as somebody typed it; amounts in minor units."""

    name: str
    what: str
    gift_ja: str
    gift_en: str
    handover: str
    value_minor: int
    cost_minor: int
    budget_minor: int
    least_minor: int
    winners: int
    share: int
    holdout: int
    days: int


def mistakes(session: Session, draft: Draft) -> dict[str, str]:
    """What is wrong with a campaign, a sentence a field: the law's caps among it."""
    needed = ("name", "gift_ja", "gift_en")
    errors = {
        name: _("Please write something here.") for name in needed if not getattr(draft, name)
    }
    for name, least, most in (("share", 0, 100), ("holdout", 0, 50), ("days", 1, LONGEST)):
        if not least <= getattr(draft, name) <= most:
            errors[name] = _("A number from %(least)s to %(most)s, please.", least=least, most=most)
    if not draft.winners and not draft.share:
        errors["winners"] = _("Say how many win: a number, or a share.")
    if draft.budget_minor < draft.cost_minor:
        errors["budget"] = _("The budget is smaller than one present costs.")
    errors |= _impossible(draft)
    if queries.capped(session) and (said := over_cap(draft)):
        errors["value"] = said
    return errors


def _impossible(draft: Draft) -> dict[str, str]:
    """What cannot be given, or not in this way."""
    if draft.what not in WHATS or draft.handover not in HANDOVERS:
        return {"what": _("Choose what is given and how.")}
    if draft.what in BY_MAIL and draft.handover != "mail":
        return {"handover": _("This is told by a message: nobody can pack it.")}
    if draft.what in BY_BOX and draft.handover != "box":
        return {"handover": _("This goes into the box: a message alone would promise nothing.")}
    return {}


def over_cap(draft: Draft) -> str:
    """Why a present is worth more than the law allows, with what would be; empty when it is not."""
    method: rules.Method = "all" if not draft.winners and draft.share >= 100 else "lot"
    most = rules.cap(method, draft.least_minor)
    if draft.value_minor <= most:
        return ""
    needed = rules.least_purchase(method, draft.value_minor)
    if needed is None:
        return _("By lot, no present may be worth more than ¥100,000.")
    return _(
        "For orders of %(least)s or more, a present may be worth %(most)s at most. For this value, "
        "take orders of %(needed)s or more.",
        least=_yen(draft.least_minor),
        most=_yen(most),
        needed=_yen(needed),
    )


def _yen(amount: int) -> str:
    return show_money(Money(amount, "JPY"), current_locale())


def save(session: Session, draft: Draft, campaign_id: int | None = None) -> SurpriseCampaign:
    """Keep a campaign. A draw that is open keeps the terms it was opened with."""
    if errors := mistakes(session, draft):
        raise Invalid(errors)
    if campaign_id is None:
        found = SurpriseCampaign(shop_id=session.info["shop_id"], created_at=now(session))
    else:
        found = queries.campaign(session, campaign_id)
    for name, value in asdict(draft).items():
        setattr(found, name, value)
    session.add(found)
    session.flush()
    return found


def switch_on(session: Session, campaign_id: int, staff: str) -> None:
    """Open the first draw now: its seed is made, and its digest can be seen."""
    found = queries.campaign(session, campaign_id)
    if found.switched_on_at is not None:
        raise Conflict
    found.switched_on_at, found.switched_by = now(session), staff
    if not _open_draw(session, campaign_id):
        _open(session, found, now(session))


def switch_off(session: Session, campaign_id: int, staff: str) -> None:
    """No further draws. The one that is open is held: what was promised stays promised."""
    found = queries.campaign(session, campaign_id)
    found.switched_on_at, found.switched_by = None, staff


def _open_draw(session: Session, campaign_id: int) -> bool:
    return any(one.drawn_at is None for one in queries.draws(session, campaign_id, 1))


def _open(session: Session, found: SurpriseCampaign, opens_at: datetime) -> None:
    """Commit to a seed before anybody takes part."""
    last = next(iter(queries.draws(session, found.id, 1)), None)
    seed = secrets.token_hex(32)
    closes_at = opens_at + timedelta(days=found.days)
    session.add(
        SurpriseDraw(
            shop_id=found.shop_id,
            campaign_id=found.id,
            number=last.number + 1 if last else 1,
            opens_at=opens_at,
            closes_at=closes_at,
            due_at=closes_at,
            terms=asdict(queries.terms(session, found)),
            sealed_seed=seal(seed),
            commitment=rules.commitment(seed),
        )
    )
    session.flush()


def hold(session: Session, found: SurpriseDraw) -> None:
    """Hold a draw whose time is over, once and for all, and open the next where the campaign is
    still on. Raises `Conflict` for one that was held."""
    if found.drawn_at is not None:
        raise Conflict
    terms = rules.Terms(**found.terms)
    everyone = queries.taking_part(session, found, RESTING)
    campaign_id, at = found.campaign_id, now(session)
    # Nobody wins what they were told a moment ago had ended (rules.md TM-2).
    told = promises.told(session, given_by(queries.campaign(session, campaign_id), session))
    free = [one for one in everyone if one.customer_id not in told]
    out = [one for one in free if _out(campaign_id, one, terms.holdout)]
    orders = {str(one.shopify_id): one for one in free if one not in out}
    # Those left out bought, too: what the law counts are all sales of the campaign.
    sales = sum(one.subtotal_minor for one in everyone)
    may = rules.allowed(terms, len(orders), queries.spent(session, campaign_id, at), sales)
    found.seed = unseal(found.sealed_seed)
    found.entries, found.held_out = sorted(orders), sorted(str(one.shopify_id) for one in out)
    found.entries_digest = rules.digest(orders)
    found.winners = rules.draw(found.seed, orders, may.count)
    found.limited_by, found.sales_minor, found.drawn_at = may.limited_by, sales, at
    for entry in found.winners:
        _win(session, found, orders[entry], terms.cost_minor)
    session.flush()
    campaign = queries.campaign(session, campaign_id)
    for won in queries.wins(session, found.id):
        tell(session, won.win)
    if campaign.switched_on_at is not None:
        # Where nobody drew for a while (the host slept), the time between is left out.
        _open(session, campaign, max(found.closes_at, at - timedelta(days=campaign.days)))


def given_by(found: SurpriseCampaign, session: Session) -> list[Terms]:
    """What a present takes off a price, by its kind and by what it is called."""
    currency = shop(session).currency
    said = [one for text in (found.gift_ja, found.gift_en) for _words, one in read(text, currency)]
    return [*said, Terms(shipping=True)] if found.what == "shipping" else said


def _out(campaign_id: int, order: Order, percent: int) -> bool:
    return rules.held_out(campaign_id, order.customer_id or 0, percent)


def _win(session: Session, found: SurpriseDraw, order: Order, cost_minor: int) -> None:
    session.add(
        SurpriseWin(
            shop_id=found.shop_id,
            draw_id=found.id,
            campaign_id=found.campaign_id,
            order_id=order.id,
            customer_id=order.customer_id,
            cost_minor=cost_minor,
            won_at=found.drawn_at,
        )
    )


# --- the present ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class WantedCode:
    """A code that Shopify is to make, for the customer of this number there."""

    code: str
    title: str
    customer: int
    starts_at: datetime
    ends_at: datetime


def tell(session: Session, win: SurpriseWin) -> None:
    """Announce a win to those who make the present real, or once more to those who failed."""
    campaign = queries.campaign(session, win.campaign_id)
    record(
        session,
        SurpriseWon(
            occurred_at=now(session),
            order_id=win.order_id,
            customer_id=win.customer_id,
            win_id=win.id,
            what=campaign.what,
            handover=campaign.handover,
        ),
    )


def choose_code(session: Session, win_id: int) -> WantedCode | None:
    """The code to make for a win; None when it has been made, or its winner is no longer known.
    Asked again, it is the same code, good from now on until the end of its last day."""
    win = queries.win(session, win_id)
    customer = winner(session, win_id)
    if win.discount is not None or customer is None:
        return None
    zone = ZoneInfo(shop(session).timezone)
    last = (now(session) + queries.FRESH).astimezone(zone).date() + timedelta(days=1)
    win.code = win.code or new_code()
    win.code_ends_at = datetime.combine(last, time(), zone)
    title = f"Okaeri: {queries.campaign(session, win.campaign_id).name}"
    return WantedCode(win.code, title, customer, now(session), win.code_ends_at)


def keep_code(session: Session, win_id: int, discount: str) -> None:
    """Shopify has made the code: from now on it is told."""
    win = queries.win(session, win_id)
    win.discount = discount
    record(
        session,
        PresentReady(
            occurred_at=now(session),
            order_id=win.order_id,
            customer_id=win.customer_id,
            win_id=win.id,
        ),
    )


def winner(session: Session, win_id: int) -> int | None:
    """Shopify's number of who won; None when they were forgotten."""
    found = mirror.customer(session, queries.win(session, win_id).customer_id)
    return found.shopify_id if found is not None and found.redacted_at is None else None


def erase_person(session: Session, customer: Customer) -> int:
    """Forget who won; the draw itself names nobody. Returns how many rows forgot."""
    gone = session.execute(
        update(SurpriseWin)
        .where(SurpriseWin.customer_id == customer.id)
        .values(customer_id=None, code=None, code_ends_at=None, discount=None)
        .returning(SurpriseWin.id)
    ).all()
    return len(gone)


def export_person(session: Session, customer: Customer) -> dict[str, object]:
    """What a person won."""
    rows = session.execute(
        select(SurpriseCampaign.gift_en, SurpriseWin.won_at, SurpriseWin.code)
        .join(
            SurpriseCampaign,
            (SurpriseCampaign.shop_id == SurpriseWin.shop_id)
            & (SurpriseCampaign.id == SurpriseWin.campaign_id),
        )
        .where(SurpriseWin.customer_id == customer.id)
    )
    return {"won": [{"gift": row.gift_en, "at": row.won_at, "code": row.code} for row in rows]}
