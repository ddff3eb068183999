"""Why an offer did or did not appear, as sentences for the merchant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.core.locale import current_locale, show_date
from app.core.locale import gettext as _
from app.core.money import Money, show_money
from app.mirror.reference import NO_LESS, SHORT, UNKNOWN

#: The outcome of a decision → a sentence (message ids; see the catalogue).
REASONS = {
    "shown": "The offer was shown.",
    "shop_inactive": "No offer: Okaeri was paused.",
    "no_offer_configured": "No offer: none is set up.",
    "order_cancelled": "No offer: the order was cancelled.",
    "order_late": "No offer: the order reached Okaeri only after the customer had left the page.",
    "product_unknown": "No offer: the product on offer no longer exists in the store.",
    "out_of_stock": "No offer: the product on offer was sold out.",
    "low_stock": "No offer: only %(stock)s were left, and the offer needs %(least)s.",
    "already_bought": "No offer: the customer had just bought this product.",
    "returned": "No offer: the customer has returned this product before.",
    "as_before": "No offer: it would have been the product that was just declined.",
    "cool_off": "No offer: the customer was told that this price ends, and has it again only from "
    "%(day)s on.",
    "no_codes": "No offer: no discount code was ready.",
    "nothing_to_suggest": "No offer: no product was known that goes with this order.",
    "below_floor": "No offer: it would have earned %(margin)s percent, and you want at least "
    "%(least)s.",
    "cost_unknown": "No offer: you want a least margin, but the cost of the product is not known.",
    "other_products": "No offer: none of the products it is meant for was bought.",
    "other_collections": "No offer: nothing from these collections was bought: %(wanted)s.",
    "too_small": "No offer: the order came to %(value)s, and the offer begins at %(limit)s.",
    "too_large": "No offer: the order came to %(value)s, and the offer ends at %(limit)s.",
    "not_first": "No offer: it is for first orders only.",
    "not_repeat": "No offer: it is for customers who have bought before.",
    "other_tags": "No offer: the customer has none of these tags: %(wanted)s.",
    "other_language": "No offer: it is for customers of another language.",
}
#: Why no earlier price stood beside an offer's (`mirror.reference`) → a sentence.
EARLIER = {
    SHORT: "No earlier price stood beside it: the store had not asked its price long enough.",
    UNKNOWN: "No earlier price stood beside it: what the store asked before is not known "
    "for long enough.",
    NO_LESS: "No earlier price stood beside it: the store had asked no more within the last "
    "30 days.",
}


def sentence(outcome: str | None, details: Mapping[str, Any]) -> str:
    """An outcome in the reader's language; empty for none."""
    if not outcome:
        return ""
    said = _(REASONS.get(outcome, outcome), **_words(details))
    without = EARLIER.get(details.get("reference", ""))
    return f"{said} {_(without)}" if without else said


def _words(details: Mapping[str, Any]) -> dict[str, object]:
    words: dict[str, object] = dict(details)
    for name in ("value", "limit"):
        if f"{name}_minor" in details:
            money = Money(details[f"{name}_minor"], details.get("currency", "JPY"))
            words[name] = show_money(money, current_locale())
    if details.get("until"):
        day = datetime.fromisoformat(details["until"]).date()
        words["day"] = show_date(day, current_locale())
    return words
