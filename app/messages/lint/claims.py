"""Truth of deadlines and stock (TM-3, TM-4, TM-6)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from app.core.locale import gettext as _
from app.discounts.terms import Terms, read, undercuts
from app.messages.lint.case import (
    BLOCK,
    WARN,
    Case,
    Finding,
    Offer,
    sources,
    spoken,
    terms_of,
)
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
#: Where a coupon says what it gives.
FIELDS = {"percent": "percent", "shipping": "gives"}
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
    """The thank-you page's offer ends: its product must not be as cheap again afterwards, whatever
    it is called. Codes that Okaeri gives out itself are kept from those who were told so."""
    for number, block in enumerate(case.content.blocks):
        if isinstance(block, Coupon) and (terms := terms_of(block, case)):
            yield from _of_coupon(case, number, block, terms)
    for place, field, text in sources(case):
        for words, terms in read(spoken(text), case.currency):
            # That this very order is sent for nothing, a letter about it may say.
            told = case.is_marketing or not terms.shipping
            touched = _touched(case, terms, "") if told else []
            if touched and not _is_withheld(case, place):
                yield _untrue(place, field, touched, words)


def _of_coupon(case: Case, number: int, block: Coupon, terms: Terms) -> Iterator[Finding]:
    touched = _touched(case, terms, block.product if block.source != "settings" else "")
    if touched and block.source == "code":
        yield _untrue(number, FIELDS.get(block.gives, "amount"), touched)
    elif touched:
        why = _("Who was told that a price like this ends does not get the code for 30 days.")
        help_ = _("Write what stands in its place for them, if anything should.")
        yield Finding("TM-3", WARN, why, help_, number, "fallback")


def _touched(case: Case, terms: Terms, product: str) -> list[Offer]:
    """The offers that are no better than this for somebody who just waits."""
    return [
        offer
        for offer in case.offers
        if product in ("", offer.product)
        and any(undercuts(terms, offer.terms, one, case.shipping_minor) for one in offer.prices)
    ]


def _is_withheld(case: Case, number: int | None) -> bool:
    """Whether the words belong to a code that is kept from those who were told of a deadline."""
    block = case.content.blocks[number] if number is not None else None
    return isinstance(block, Coupon) and block.source != "code"


def _untrue(number: int | None, field: str, touched: list[Offer], words: str = "") -> Finding:
    why = _(
        "This gives the product of your thank-you page's offer for the same price or less; "
        "that makes the offer's deadline untrue."
    )
    if words:
        why = f"“{words}”: {why}"
    help_ = _(
        "Give less than %(percent)s%%, or limit the code to another product.",
        percent=min(offer.terms.percent for offer in touched),
    )
    return Finding("TM-3", BLOCK, why, help_, number, field)


def rolling(case: Case) -> Iterator[Finding]:
    """An offer that is always on is not limited."""
    for number, block in enumerate(case.content.blocks):
        if not isinstance(block, Coupon) or block.source != "code" or block.last_day is None:
            continue
        terms = terms_of(block, case)
        begins = case.today - QUARTER
        days = {
            one.first + timedelta(days=n)
            for one in case.earlier
            if one.terms == terms
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
