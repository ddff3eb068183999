"""The hour at which one person likes to be written to (features.md C24). Pure.

Every click and every order of the person lends weight to its own hour and a little to its
neighbours, around the clock (a circular triangular kernel density, as in directional statistics);
a kind's usual hours stand in the same sum as evidence that everybody shares. Little evidence moves
little: below `ENOUGH` moments of their own a person gets the usual hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from msgspec import structs

from app.messages.rules import Wish

ENOUGH = 4
#: How much a usual hour weighs, in moments of the person.
USUAL = 2.0
#: Weight of a moment for hours so many away.
KERNEL = (1.0, 0.5, 0.25)


def favourite(
    moments: Sequence[datetime], zone: str, usual: Sequence[time], day: tuple[time, time]
) -> tuple[time, ...]:
    """The hours to send at, in the reader's own zone and inside their day: the one they answer
    at, or the usual ones while that is not known. A usual hour keeps its minutes."""
    tz = ZoneInfo(zone)
    hours = [moment.astimezone(tz).hour for moment in moments]
    if len(hours) < ENOUGH or not usual:
        return tuple(usual)
    own = _density((hour, 1.0) for hour in hours)
    shared = _density((slot.hour, USUAL) for slot in usual)
    welcome = [hour for hour in range(24) if day[0] <= time(hour) < day[1]]
    best = max(welcome, key=lambda hour: (own[hour] + shared[hour], own[hour], -hour))
    if not own[best]:
        return tuple(usual)
    return (next((slot for slot in usual if slot.hour == best), time(best)),)


def own(moments: Sequence[datetime], wish: Wish) -> Wish:
    """What a message wishes for as this person likes it: an hour of their own takes the place of
    the usual ones, and of the evenings at which most people like what sells."""
    slots = favourite(moments, wish.zone, wish.slots, wish.day)
    return wish if slots == wish.slots else structs.replace(wish, slots=slots, weekend=None)


def _density(points: Iterable[tuple[int, float]]) -> list[float]:
    weights = [0.0] * 24
    for hour, weight in points:
        for away, share in enumerate(KERNEL):
            for side in {hour - away, hour + away}:
                weights[side % 24] += weight * share
    return weights
