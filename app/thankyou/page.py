"""The answer to the extension, in words: steps with dates, the offer, LINE, whom to ask."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec.structs import replace
from sqlalchemy.orm import Session

from app.core import links
from app.core.clock import now
from app.core.locale import current_locale, sentences, show_range
from app.core.locale import gettext as _
from app.core.runtime import runtime
from app.journeys import promises
from app.mirror import queries as mirror
from app.mirror.model import Order
from app.parcels import at_door, due, expectations
from app.parcels import queries as parcels
from app.parcels.rules import expected_dates, ships_between
from app.shops import service as shops
from app.shops.model import Shop
from app.shops.settings import ShopSettings
from app.thankyou import afterwards, modules, rules
from app.thankyou.api import (
    Answer,
    Asked,
    LineAccount,
    StepShown,
    SupportShown,
)
from app.thankyou.context import Context
from app.thankyou.offers import showing
from app.thankyou.service import Seen

#: How long a tracking link works.
LINK_LIFE = timedelta(days=180)


def answer(session: Session, asked: Asked, seen: Seen) -> Answer:
    """Everything the block shows, in the language that is spoken."""
    shop, order, context = shops.shop(session), seen.order, seen.context
    moment = now(session)
    facts = _facts(session, asked, seen, shop, context)
    steps = [_step(fact, shop, order, facts) for fact in rules.steps(facts)]
    tracking = tracking_url(order, moment) if order else None
    return Answer(
        title=_("What happens next"),
        steps=_with_driver(context, afterwards.steps(context, steps)),
        support=_support(shop),
        offer=showing.shown(shop, seen.grant, order, moment),
        offer_over=showing.over(seen.grant, moment),
        line=_line(shop, context, order, moment) if "line" in seen.parts else None,
        modules=modules.shown(context, seen.parts),
        order=modules.arranged(seen.parts),
        tracking_url=tracking,
        tracking_text=_("Track your order")
        if not context or context.ships
        else _("See your order"),
        ways=afterwards.ways(context, tracking),
        order_known=order is not None,
        ask_again_in=rules.ask_again_in(
            moment,
            _first_seen(session, seen),
            decided=seen.settled or asked.surface == "order_status",
            order_known=order is not None,
        ),
    )


def holds_until(said: Answer) -> datetime | None:
    """When an answer stops being true by the clock alone: with its offer, and at once while there
    is more to come."""
    if said.ask_again_in is not None:
        return datetime.min.replace(tzinfo=UTC)
    return datetime.fromisoformat(said.offer.deadline_iso) if said.offer else None


def counted(said: Answer, moment: datetime) -> Answer:
    """An answer as of another moment: only the countdown tells the difference."""
    if said.offer is None:
        return said
    left = datetime.fromisoformat(said.offer.deadline_iso) - moment
    offer = replace(said.offer, seconds_left=int(left.total_seconds()))
    return replace(said, offer=offer)


def _first_seen(session: Session, seen: Seen) -> datetime:
    return seen.visit.first_seen_at if seen.visit else now(session)


# --- what happens next --------------------------------------------------------------------------


def _facts(
    session: Session, asked: Asked, seen: Seen, shop: Shop, context: Context | None
) -> rules.OrderFacts:
    zone = ZoneInfo(shop.timezone)
    if context is not None:
        return _facts_of_order(context, zone)
    placed_at, promise = _first_seen(session, seen), expectations.promise(session)
    return rules.OrderFacts(
        placed=placed_at.astimezone(zone).date(),
        physical=any(line.requires_shipping for line in asked.lines),
        ships=ships_between(placed_at, shop.timezone, shop.country, promise),
        arrives=expected_dates(placed_at, shop.timezone, shop.country, promise),
        guided=promises.says(session, None, "start-guide"),
    )


def _facts_of_order(context: Context, zone: ZoneInfo) -> rules.OrderFacts:
    order, outlook = context.order, context.outlook
    sent = outlook.parcels
    today = now(context.session).astimezone(zone).date()
    coming = [
        (first, last)
        for one in sent
        for first, last in [due.days(context.session, one)]
        if first and last and one.delivered_at is None
    ]
    arrived = [p.delivered_at for p in sent if p.delivered_at]
    done = context.arrived and not context.partly
    return rules.OrderFacts(
        placed=order.placed_at.astimezone(zone).date(),
        physical=mirror.needs_shipping(context.lines),
        unpaid=mirror.awaits_payment(order),
        cancelled=order.cancelled_at is not None,
        ships=_unless_over(outlook.ships, today),
        arrives=_unless_over(_span(coming) or outlook.arrives, today),
        shipped=min(p.shipped_at for p in sent).astimezone(zone).date() if sent else None,
        delivered=max(arrived).astimezone(zone).date() if done and arrived else None,
        guided=promises.says(context.session, order, "start-guide", on=context.found["journeys"]),
    )


def _unless_over(days: tuple[date, date], today: date) -> tuple[date, date] | None:
    """An old promise is no news."""
    return days if days[1] >= today else None


def _span(spans: list[tuple[date, date]]) -> tuple[date, date] | None:
    if not spans:
        return None
    return min(first for first, _last in spans), max(last for _first, last in spans)


def _step(
    fact: rules.StepFact, shop: Shop, order: Order | None, facts: rules.OrderFacts
) -> StepShown:
    title, text = _words(fact, shop, order, facts)
    days = show_range(*fact.days, current_locale()) if fact.days else None
    if days and fact.key in ("prepare", "arrive") and not fact.done:
        days = _("%(days)s (estimate)", days=days)
    return StepShown(key=fact.key, title=title, text=text, date_text=days, done=fact.done)


def _with_driver(context: Context | None, steps: list[StepShown]) -> list[StepShown]:
    """The step of the delivery says what to have ready for the driver, while it is to come."""
    if context is None or context.done:
        return steps
    asked = at_door.told(context.session, context.order, current_locale(), split=context.partly)
    return [
        replace(one, text=sentences(one.text, asked)) if one.key == "arrive" else one
        for one in steps
    ]


def _words(
    fact: rules.StepFact, shop: Shop, order: Order | None, facts: rules.OrderFacts
) -> tuple[str, str]:
    thanks = _("Thank you for shopping at %(shop)s.", shop=shops.brand(shop).name)
    if order is not None:
        thanks += _(" Your order number is %(name)s.", name=order.name)
    words = {
        "received": (_("Order received"), thanks),
        "cancelled": (_("Order cancelled"), _("This order was cancelled. Nothing will be sent.")),
        "payment": (
            _("Waiting for your payment"),
            _after_payment(shop, order)
            if facts.physical
            else _("We will get everything ready as soon as it arrives."),
        ),
        "access": (
            _("Ready to use"),
            _("For how to download or use it, please see our e-mails about this order."),
        ),
        "arrive": (_("It arrives"), _("You can track your parcel at any time.")),
        "guide": (_("First use"), _("Once it has arrived, we will send you a short guide.")),
    }
    if fact.key == "prepare":
        return (
            (_("Shipped"), _("We have handed your order over to the carrier."))
            if fact.done
            else (_("Preparing your order"), _("We will let you know as soon as it ships."))
        )
    return words[fact.key]


def _after_payment(shop: Shop, order: Order | None) -> str:
    """What a payment that is awaited sets going (rules.md 2.6)."""
    first, last = parcels.promise_of(shop).ready
    if order is None or last == 0:
        return _("We will get to work as soon as it arrives and let you know the dates then.")
    days = str(first) if first == last else _("%(first)s–%(last)s", first=first, last=last)
    return _(
        "We ship %(days)s working days after it arrives and will let you know the dates then.",
        days=days,
    )


def _support(shop: Shop) -> SupportShown:
    brand = shops.brand(shop)
    return SupportShown(
        text=_("Questions? We are happy to help:"),
        email=brand.support_email or None,
        phone=brand.support_phone or None,
        hours=brand.support_hours or None,
    )


def tracking_url(order: Order, moment: datetime) -> str:
    """The signed link to an order's tracking page."""
    token = links.sign(order.shop_id, "track", {"order": order.id}, moment + LINK_LIFE)
    return f"{runtime().settings.app_url.rstrip('/')}/t/{token}"


# --- LINE ---------------------------------------------------------------------------------------


def _line(
    shop: Shop, context: Context | None, order: Order | None, moment: datetime
) -> LineAccount | None:
    """One tap that links the order, where the account is connected; the add-friend link where it
    is not, or where nobody knows yet whose order it is. Nothing once no news of the order is to
    come, nor for those whose news goes there already."""
    settings = shops.settings_of(shop)
    if not settings.line_url or (context and (context.done or context.on_line)):
        return None
    name = shops.brand(shop).name
    # What is downloaded has no way to the door that LINE could tell of.
    news = context is None or context.ships
    linked = settings.line_linking and news and order is not None and order.customer_id is not None
    return LineAccount(
        title=_("%(shop)s on LINE", shop=name),
        note=_line_note(settings, linking=linked),
        url=line_url(order, moment) if linked and order else settings.line_url,
        link_text=_("Receive it on LINE") if linked else _("Add on LINE"),
        qr_text=_("Scan this code with your phone to receive news of your order on LINE.")
        if linked
        else _("Scan this code with your phone to add us on LINE."),
    )


def _line_note(settings: ShopSettings, *, linking: bool) -> str:
    if settings.line_friend_note:
        return settings.line_friend_note
    if linking:
        return _("We will let you know on LINE when your order ships and when it arrives.")
    return _("Add us as a friend and ask us anything, any time.")


def line_url(order: Order, moment: datetime) -> str:
    """The signed link by which a shopper links this order to their LINE."""
    subject = {"order": order.id, "lang": current_locale()}
    token = links.sign(order.shop_id, "line", subject, moment + LINK_LIFE)
    return f"{runtime().settings.app_url.rstrip('/')}/l/{token}"
