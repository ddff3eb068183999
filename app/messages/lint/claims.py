"""Truth of deadlines and stock (TM-3, TM-4, TM-6)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from app.core.locale import gettext as _
from app.messages.lint.case import BLOCK, WARN, Case, Finding, sources, spoken
from app.messages.texts.blocks import Coupon

URGENT = re.compile(
    r"期間限定|本日限り|今だけ|今日まで|タイムセール|カウントダウン|残り\s*[0-9０-９]+\s*(?:時間|分|日)"
    r"|あと\s*[0-9０-９]+\s*(?:時間|分|日)(?:で|限り|のみ)|まもなく終了|ラストチャンス|最終案内|終了間近"
    r"|\blimited[\s-]time\b|\btoday only\b|\bends? (?:soon|today|tonight)\b|\blast chance\b"
    r"|\bcountdown\b|\b(?:only )?\d+ (?:hours?|minutes?|days?) left\b"
    r"|\bexpires? soon\b|\bwhile it lasts\b",
    re.IGNORECASE,
)
STOCK = re.compile(
    r"残りわずか|在庫(?:わずか|限り|残少)|売り切れ(?:間近|次第)|数量限定|先着"
    r"|\b(?:only )?\d+ (?:items? )?left in stock\b|\balmost (?:gone|sold out)\b"
    r"|\bselling (?:out|fast)\b"
    r"|\bwhile (?:stocks?|supplies) last\b|\blow stock\b",
    re.IGNORECASE,
)
QUARTER, MOST_OF_IT = timedelta(days=90), 0.5


def urgency(case: Case) -> Iterator[Finding]:
    """Words of haste need a deadline that is true: a code that ends on a day."""
    if any(isinstance(block, Coupon) and block.last_day for block in case.content.blocks):
        return
    for block, field, text in sources(case):
        if found := URGENT.search(spoken(text)):
            why = _("“%(words)s” names a limit, but nothing in the message ends.", words=found[0])
            help_ = _("Add a coupon with its last day, or take the words out.")
            yield Finding("TM-3", BLOCK, why, help_, block, field)


def stock(case: Case) -> Iterator[Finding]:
    """A mail cannot look at the stock at the moment it is read."""
    for block, field, text in sources(case):
        if found := STOCK.search(spoken(text)):
            why = _("“%(words)s” may be untrue by the time it is read.", words=found[0])
            help_ = _("Leave it to the product's page, which knows the stock.")
            yield Finding("TM-6", BLOCK, why, help_, block, field)


def after_the_offer(case: Case) -> Iterator[Finding]:
    """The thank-you page's offer ends: the same product must not be as cheap again afterwards."""
    for number, block in enumerate(case.content.blocks):
        if not isinstance(block, Coupon) or block.off is None:
            continue
        touched = [
            offer
            for offer in case.offers
            if block.off >= offer.percent and block.product in ("", offer.product)
        ]
        if touched:
            why = _(
                "This gives the product of your thank-you page's offer for the same price or less; "
                "that makes the offer's deadline untrue."
            )
            help_ = _(
                "Give less than %(percent)s%%, or limit the code to another product.",
                percent=min(offer.percent for offer in touched),
            )
            yield Finding("TM-3", BLOCK, why, help_, number, "percent")


def rolling(case: Case) -> Iterator[Finding]:
    """An offer that is always on is not limited."""
    for number, block in enumerate(case.content.blocks):
        last = block.last_day if isinstance(block, Coupon) else None
        if not isinstance(block, Coupon) or last is None:
            continue
        begins = case.today - QUARTER
        days = {
            one.first + timedelta(days=n)
            for one in case.earlier
            if one.percent == block.off
            for n in range((one.last - one.first).days + 1)
            if begins <= one.first + timedelta(days=n) <= case.today
        }
        if len(days) > QUARTER.days * MOST_OF_IT:
            why = _(
                "The same offer was on for %(count)s of the last 90 days: it is not limited.",
                count=len(days),
            )
            help_ = _("Leave the deadline out and say simply what there is.")
            yield Finding("TM-4", WARN, why, help_, number, "until")
