"""What a present may be worth, who takes part in a draw and who wins it. Pure.

The caps are those of Japan's Act against Unjustifiable Premiums and Misleading Representations
(景品表示法, article 4) as its two notices set them:

- by lot (懸賞による景品類の提供に関する事項の制限, 一般懸賞): a prize of at most 20 times the
  transaction's value, and of at most ¥100,000 from ¥5,000 on; all prizes together at most 2 % of
  the sales the campaign is about;
- to everyone (一般消費者に対する景品類の提供に関する事項の制限, 総付景品): at most ¥200 below
  ¥1,000, from there on at most 20 % of the transaction's value.

A prize's value is what it would cost the customer in a shop, tax included (景品類の価額の算定基準).
Where orders of any value take part, the smallest one that can count is the transaction's value.
What is drawn by lot is a prize even when it is a discount (⚖ a lawyer's question where it is
unusual).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Method = Literal["lot", "all"]

LOT_TIMES, LOT_FROM, LOT_MOST = 20, 5_000, 100_000
LOT_TOTAL_PERCENT = 2
ALL_FROM, ALL_LEAST, ALL_PERCENT = 1_000, 200, 20


def cap(method: Method, transaction_yen: int) -> int:
    """The most one present may be worth in yen for a purchase of this value, tax included."""
    if method == "lot":
        return LOT_MOST if transaction_yen >= LOT_FROM else LOT_TIMES * max(transaction_yen, 0)
    if transaction_yen < ALL_FROM:
        return ALL_LEAST
    return transaction_yen * ALL_PERCENT // 100


def total_cap(method: Method, sales_yen: int) -> int | None:
    """The most all presents together may be worth in yen; None where there is no such cap."""
    return sales_yen * LOT_TOTAL_PERCENT // 100 if method == "lot" else None


def least_purchase(method: Method, value_yen: int) -> int | None:
    """The smallest purchase for which a present of this value is allowed; None when none is."""
    if method == "lot":
        return None if value_yen > LOT_MOST else min(-(-value_yen // LOT_TIMES), LOT_FROM)
    return 0 if value_yen <= ALL_LEAST else max(ALL_FROM, -(-value_yen * 100 // ALL_PERCENT))


@dataclass(frozen=True)
class Terms:
    """A campaign as a draw froze it. Amounts are minor units; `capped` says whether the Japanese
    caps (in yen) hold for it."""

    value_minor: int
    cost_minor: int
    budget_minor: int
    least_minor: int
    winners: int
    share: int
    holdout: int
    capped: bool

    @property
    def method(self) -> Method:
        """How the law sees it: a share of all is no lot."""
        return "all" if not self.winners and self.share >= 100 else "lot"


@dataclass(frozen=True)
class Allowed:
    """How many may win, and what the wish was cut by: `""`, `entries`, `budget` or `law`."""

    count: int
    limited_by: str


def allowed(terms: Terms, entries: int, spent_minor: int, sales_minor: int) -> Allowed:
    """How many of `entries` orders may win. `spent_minor` of the month's budget is gone already,
    `sales_minor` is what the orders that take part came to."""
    wish = terms.winners or entries * terms.share // 100
    limits = [(wish, ""), (entries, "entries")]
    if terms.cost_minor:
        limits.append((max(terms.budget_minor - spent_minor, 0) // terms.cost_minor, "budget"))
    if terms.capped and terms.value_minor:
        if terms.value_minor > cap(terms.method, terms.least_minor):
            return Allowed(0, "law" if wish else "")
        together = total_cap(terms.method, sales_minor)
        if together is not None:
            limits.append((together // terms.value_minor, "law"))
    count, why = min(limits, key=lambda one: one[0])
    if terms.capped and terms.value_minor and terms.method == "all" and count < entries:
        # A present for all of which there are not enough goes by lot, whatever it is called.
        most = _by_lot(terms, sales_minor)
        count, why = min((count, why), (most, "law"), key=lambda one: one[0])
    return Allowed(count, why if count < wish else "")


def _by_lot(terms: Terms, sales_minor: int) -> int:
    """How many presents of a value the law allows by lot."""
    if terms.value_minor > cap("lot", terms.least_minor):
        return 0
    return sales_minor * LOT_TOTAL_PERCENT // 100 // terms.value_minor


def commitment(seed: str) -> str:
    """What is shown before the draw: SHA-256 of the seed's text, in hexadecimal."""
    return hashlib.sha256(seed.encode()).hexdigest()


def digest(entries: Iterable[str]) -> str:
    """SHA-256 of the entries, sorted as texts, one a line."""
    return hashlib.sha256("\n".join(sorted(entries)).encode()).hexdigest()


def draw(seed: str, entries: Iterable[str], count: int) -> list[str]:
    """The winners: the `count` entries with the smallest HMAC-SHA256(seed, entry). Nobody without
    the seed can tell them, and whoever has it finds the same, in whatever order they came."""
    return sorted(set(entries), key=lambda entry: (_ticket(seed, entry), entry))[:count]


def _ticket(seed: str, entry: str) -> str:
    return hmac.new(seed.encode(), entry.encode(), hashlib.sha256).hexdigest()


def held_out(campaign_id: int, customer_id: int, percent: int) -> bool:
    """Whether a person never takes part in this campaign, so that its effect can be measured."""
    name = f"surprise:{campaign_id}:{customer_id}".encode()
    return int.from_bytes(hashlib.sha256(name).digest()[:8]) % 100 < percent
