"""What somebody is given on a product, whoever gives it and in whatever form, and whether one word
makes another untrue (rules.md TM-2, TM-3). Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from app.core.money import parse_money

_NUMBER = r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]{1,2}))?"
_OFF = r"(?:OFF|オフ|引き|引|割引|値引)"
_PERCENT = re.compile(
    rf"([0-9]{{1,3}})\s*(?:%|パーセント|percent\b)\s*(?:{_OFF}|discount|less)", re.IGNORECASE
)
_TENTHS = re.compile(r"(?<![0-9.])([1-9])\s*割(?:引|オフ|\s*OFF)", re.IGNORECASE)
_HALF = re.compile(r"半額|\bhalf[ -]price\b", re.IGNORECASE)
_AMOUNT = re.compile(
    rf"(?:[¥￥$€£]\s*{_NUMBER}|{_NUMBER}\s*円)\s*{_OFF}|\bsave\s+[¥￥$€£]\s*{_NUMBER}",
    re.IGNORECASE,
)
_PRICE = re.compile(
    rf"特別価格\s*[：:]?\s*(?:[¥￥]\s*{_NUMBER}|{_NUMBER}\s*円)"
    rf"|\b(?:special price(?: of)?|for only|now only)\s*[¥￥$€£]\s*{_NUMBER}",
    re.IGNORECASE,
)
_SHIPPING = re.compile(
    r"送料(?:無料|込み|(?:当店|弊社|当社)負担)|\bfree (?:shipping|delivery)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Terms:
    """`percent` less, an amount less, at a fixed price, without shipping; amounts in minor units.
    All of them together where several are named; nothing at all where none is."""

    percent: int = 0
    amount_minor: int = 0
    price_minor: int | None = None
    shipping: bool = False

    def __bool__(self) -> bool:
        return self != Terms()


def pays(terms: Terms, price_minor: int, shipping_minor: int) -> int:
    """What a buyer pays for one piece of that price, sent to their door. A share is rounded half up
    to a minor unit, as Shopify does."""
    kept = (2 * price_minor * (100 - min(terms.percent, 100)) + 100) // 200
    goods = max(kept - terms.amount_minor, 0)
    if terms.price_minor is not None:
        goods = min(goods, terms.price_minor)
    return goods + (0 if terms.shipping else shipping_minor)


def undercuts(later: Terms, promised: Terms, price_minor: int, shipping_minor: int) -> bool:
    """Whether who waits is as well off as who hurried, or better: then what was said to end did
    not."""
    told = pays(promised, price_minor, shipping_minor)
    return bool(later) and pays(later, price_minor, shipping_minor) <= told


def read(text: str, currency: str) -> list[tuple[str, Terms]]:
    """What a text promises, each with the words that do, in Japanese or English; amounts are of
    `currency`."""
    said = unicodedata.normalize("NFKC", text)
    found = [(hit, Terms(percent=min(int(hit[1]), 100))) for hit in _PERCENT.finditer(said)]
    found += [(hit, Terms(percent=int(hit[1]) * 10)) for hit in _TENTHS.finditer(said)]
    found += [(hit, Terms(percent=50)) for hit in _HALF.finditer(said)]
    found += [(h, Terms(amount_minor=_minor(h, currency))) for h in _AMOUNT.finditer(said)]
    found += [(h, Terms(price_minor=_minor(h, currency))) for h in _PRICE.finditer(said)]
    found += [(hit, Terms(shipping=True)) for hit in _SHIPPING.finditer(said)]
    return [(hit[0], terms) for hit, terms in sorted(found, key=lambda one: one[0].start())]


def _minor(hit: re.Match[str], currency: str) -> int:
    """The amount that one of the pattern's alternatives found."""
    whole, part = next(
        (whole, part or "0")
        for whole, part in zip(hit.groups()[::2], hit.groups()[1::2], strict=True)
        if whole
    )
    return parse_money(f"{whole.replace(',', '')}.{part}", currency).minor
