"""Which earlier price may stand beside a lower one (rules.md TM-8). Pure.

Two rules cover every country. In the EU and the EEA it is the lowest price of the last 30 days
(Directive 98/6/EC, article 6a). Everywhere else it is Japan's, which is the most exact: a price
that was asked for longer than half of the last eight weeks, and within the last two (the Consumer
Affairs Agency's guidelines on price representations, part 4). Only prices that are known count:
where our knowledge has a gap, nobody can prove what was asked, and nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

EEA = frozenset(
    {
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
        "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
    }
)  # fmt: skip
LOWEST_OF = timedelta(days=30)
USUAL_OF = timedelta(weeks=8)
NOT_OLDER = timedelta(weeks=2)
#: Why no earlier price is shown: it was not asked long enough, it is not known long enough, or it
#: is no higher than what is asked now.
SHORT, UNKNOWN, NO_LESS = "price_too_new", "price_unknown", "price_no_less"


@dataclass(frozen=True)
class Span:
    """A price, in minor units, from a moment until another; None: until now."""

    price_minor: int
    since: datetime
    until: datetime | None = None

    def within(self, first: datetime, last: datetime) -> timedelta:
        """For how long it was asked between two moments."""
        until = last if self.until is None else min(self.until, last)
        return max(timedelta(0), until - max(self.since, first))


@dataclass(frozen=True)
class Reference:
    """The price that may be shown, in minor units, or None and why not. `lowest`: it is the lowest
    of the last 30 days, and has to be called that."""

    price_minor: int | None
    why: str = ""
    lowest: bool = False


def reference(
    spans: Sequence[Span], store_minor: int, country: str | None, now: datetime
) -> Reference:
    """What may be shown beside a reduced price of something that the store sells for
    `store_minor`, to a buyer in `country`."""
    if (country or "").upper() in EEA:
        return _lowest(spans, store_minor, now)
    return _usual(spans, store_minor, now)


def _lowest(spans: Sequence[Span], store_minor: int, now: datetime) -> Reference:
    first = now - LOWEST_OF
    if _known(spans, first, now) < LOWEST_OF:
        return Reference(None, UNKNOWN)
    asked = [one.price_minor for one in spans if one.within(first, now)]
    return Reference(min([store_minor, *asked]), lowest=True)


def _usual(spans: Sequence[Span], store_minor: int, now: datetime) -> Reference:
    first = now - USUAL_OF
    same = [one for one in spans if one.price_minor == store_minor]
    asked = sum((one.within(first, now) for one in same), timedelta(0))
    newest = max((one.until or now for one in same), default=None)
    if asked > USUAL_OF / 2 and newest is not None and newest >= now - NOT_OLDER:
        return Reference(store_minor)
    unknown = USUAL_OF - _known(spans, first, now)
    # What is not known might have been this price: then it is our knowledge that is short.
    return Reference(None, UNKNOWN if asked + unknown > USUAL_OF / 2 else SHORT)


def _known(spans: Sequence[Span], first: datetime, last: datetime) -> timedelta:
    return sum((one.within(first, last) for one in spans), timedelta(0))


def together(parts: Sequence[Reference], price_minor: int) -> Reference:
    """The reference of several things that are sold together for `price_minor`: the sum of theirs,
    and none when one of them has none or when they cost no more alone."""
    lacking = next((one for one in parts if one.price_minor is None), None)
    if lacking is not None:
        return lacking
    total = sum(one.price_minor or 0 for one in parts)
    if total <= price_minor:
        return Reference(None, NO_LESS)
    return Reference(total, lowest=any(one.lowest for one in parts))


def sighted(sightings: Sequence[tuple[datetime, int]], until: datetime) -> list[Span]:
    """The spans that sales prove: between two sales at one price it was that price, between two at
    different prices nobody knows. `sightings` are (when, price), oldest first, and only those
    before `until` count."""
    spans: list[Span] = []
    for at, price in sightings:
        if at >= until:
            break
        last = spans[-1] if spans else None
        if last is not None and last.price_minor == price:
            spans[-1] = Span(price, last.since, at)
        else:
            spans.append(Span(price, at, at))
    return spans


def joined(sales: Sequence[Span], kept: Sequence[Span]) -> list[Span]:
    """What sales prove, and what was noted from the day on that we were told of every change. The
    last sale's price held until then when it was the same."""
    if not sales or not kept or sales[-1].price_minor != kept[0].price_minor:
        return [*sales, *kept]
    first = Span(kept[0].price_minor, sales[-1].since, kept[0].until)
    return [*sales[:-1], first, *kept[1:]]
