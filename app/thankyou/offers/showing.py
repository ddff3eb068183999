"""An offer in the shopper's words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from app.core import links
from app.core.locale import current_locale, show_date, show_time
from app.core.locale import gettext as _
from app.core.money import Money, show_money
from app.core.runtime import runtime
from app.mirror.model import Order
from app.recommendations import queries as recommendations
from app.shops.model import Shop
from app.thankyou import rules
from app.thankyou.api import OfferOnPage
from app.thankyou.model import OfferGrant

#: How long an offer's link still says that it is over.
LINK_LIFE = timedelta(days=180)
#: How long the page itself says so. Whoever saw the offer while they ordered and looks for it
#: again does so on the same day, often on another device; after that the order's page is for the
#: parcel, and a word on what can no longer be had is only in the way. The offer's own link goes on
#: saying it.
FAREWELL = timedelta(hours=3)


def shown(
    shop: Shop, grant: OfferGrant | None, order: Order | None, moment: datetime
) -> OfferOnPage | None:
    """The offer while it stands; None when there is none, or none any more."""
    if (
        grant is None
        or rules.offer_state(grant.deadline, grant.accepted_order_id, grant.declined_at, moment)
        != "open"
    ):
        return None
    terms, deadline = grant.terms, grant.deadline or moment
    taxed = order.taxes_included if order else shop.country == "JP"
    percent = _percent(terms)
    return OfferOnPage(
        step=grant.step,
        heading=_heading(grant),
        title=terms["title"],
        why_text=recommendations.reason_text(terms.get("why", "")),
        image_url=terms["image_url"],
        price_text=_price(terms["price_minor"], terms["currency"], taxed=taxed),
        was_text=_was(terms) if percent else "",
        percent=percent,
        percent_text=_("%(percent)s%% off", percent=percent) if percent else "",
        deadline_text=deadline_text(shop, grant, moment) if terms["timer"] else None,
        deadline_iso=deadline.isoformat(),
        seconds_left=int((deadline - moment).total_seconds()),
        accept_url=offer_url(grant),
        accept_text=_("Go to checkout at this price"),
        decline_text=_("No, thank you"),
        declined_text=_declined(),
        note=_(
            "This button does not place an order: you can review everything before you pay. One "
            "per customer; shipping is added at checkout."
        ),
    )


def _earlier(terms: Mapping[str, Any]) -> int | None:
    """The price that may be shown beside the offer's; an offer made before there was a rule shows
    what it showed then."""
    kept: int | None = terms.get("reference_minor", terms["was_minor"])
    return kept


def _percent(terms: Mapping[str, Any]) -> int:
    """How much lower the price is than the one beside it; 0 where none may stand there, and then
    nothing is called a reduction (rules.md TM-8)."""
    earlier = _earlier(terms)
    if earlier is None:
        return 0
    if earlier == terms["was_minor"]:
        return int(terms["percent"])
    return 100 * (earlier - int(terms["price_minor"])) // earlier


def _was(terms: Mapping[str, Any]) -> str:
    price = _money(_earlier(terms) or 0, terms["currency"])
    if terms.get("reference_lowest"):
        return _("lowest price of the last 30 days %(price)s", price=price)
    if len(terms.get("variants", ())) > 1:
        return _("separately %(price)s", price=price)
    return _("usually %(price)s", price=price)


def over(grant: OfferGrant | None, moment: datetime) -> str | None:
    """What stands in the offer's place for a while once it is declined or has ended."""
    if grant is None:
        return None
    state = rules.offer_state(grant.deadline, grant.accepted_order_id, grant.declined_at, moment)
    ended = grant.declined_at or grant.deadline
    if ended is None or moment - ended > FAREWELL:
        return None
    if state == "declined":
        return _declined()
    if state == "over":
        return _("The offer for this order has ended. Thank you for your interest.")
    return None


def _declined() -> str:
    return _("All right. Thank you for your order.")


def _heading(grant: OfferGrant) -> str:
    """Nothing that is not true of everybody who reads it."""
    if grant.step > 1:
        return _("Or perhaps this")
    return _("With this order, at a lower price")


def offer_url(grant: OfferGrant) -> str:
    """The offer's link, always the same one: after the deadline it says that it is over."""
    until = (grant.deadline or grant.shown_at) + LINK_LIFE
    token = links.sign(grant.shop_id, "offer", {"grant": grant.id}, until)
    return f"{runtime().settings.app_url.rstrip('/')}/o/{token}"


def _money(minor: int, currency: str) -> str:
    return show_money(Money(minor, currency), current_locale())


def _price(minor: int, currency: str, *, taxed: bool) -> str:
    price = _money(minor, currency)
    return _("%(price)s incl. tax", price=price) if taxed else price


def deadline_text(shop: Shop, grant: OfferGrant, moment: datetime) -> str:
    """A clock time where the shopper is; with the day when it is another one."""
    wished = grant.terms.get("zone")
    zone = wished if wished in _zones() else shop.timezone
    deadline, tz = grant.deadline or moment, ZoneInfo(zone)
    time = show_time(deadline, zone, current_locale())
    day = deadline.astimezone(tz).date()
    if day != moment.astimezone(tz).date():
        time = f"{show_date(day, current_locale())} {time}"
    return _("Price valid until %(time)s", time=time)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
