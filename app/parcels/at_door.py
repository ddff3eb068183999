"""What the carrier collects when it hands a parcel over (代金引換), in the reader's words."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.core.locale import gettext as _
from app.core.money import Money, show_money
from app.mirror.model import Order
from app.mirror.rules import AWAITING
from app.parcels import queries as parcels


def asked(session: Session, order: Order | None, locale: str, *, split: bool) -> str:
    """What the reader should have ready for the driver; empty where nothing is collected. An
    amount is named only where it is certain: while nothing of the order was paid and all of it
    comes in one parcel. `split`: the parcel in question holds a part of the order."""
    if order is None or not order.paid_on_delivery or order.financial_status not in AWAITING:
        return ""
    left = order.total_minor if order.current_total_minor is None else order.current_total_minor
    if left <= 0:
        return ""
    in_parts = split or len(parcels.parcels_of(session, order.id)) > 1
    if in_parts or order.financial_status != "pending":
        return _("Please pay the driver on delivery.")
    amount = show_money(Money(left, order.currency), locale)
    return _("Please have %(amount)s ready for the driver.", amount=amount)


def told(session: Session, order: Order, locale: str, *, split: bool) -> str:
    """The same with its name before it, where it stands among other sentences."""
    said = asked(session, order, locale, split=split)
    if not said:
        return ""
    return _("%(label)s: %(value)s", label=_("Cash on delivery"), value=said)
