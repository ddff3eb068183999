"""When a shop works: its cut-off, its closed days, and how long it needs; typed and checked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time

import msgspec

from app.core.errors import Invalid
from app.core.locale import gettext as _

#: Closed times that come back every year (`parcels.rules.SEASONS` knows their days).
SEASONS = ("new_year", "golden_week", "obon")
#: So many own closures are kept, and none is longer.
MOST_CLOSURES, LONGEST_CLOSURE = 20, 92
MOST_DAYS = 60
#: A mistake is said beside the first of a pair's two fields.
PAIRS = {"ready": ("ready_first", "ready_last"), "transit": ("transit_first", "transit_last")}


class Closure(msgspec.Struct, frozen=True):
    """A time the shop is closed, both days included."""

    first: date
    last: date


class CalendarSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The shop's calendar. `cut_off` is a local time: what is ordered later counts as ordered the
    next day. Weekdays count from Monday, 0. `ready` are working days of the shop, `transit`
    calendar days with the carrier, each the fewest and the most."""

    cut_off: time | None = None
    closed_weekdays: tuple[int, ...] = (5, 6)
    holidays: bool = True
    seasons: tuple[str, ...] = ()
    closures: tuple[Closure, ...] = ()
    ready: tuple[int, int] = (1, 2)
    transit: tuple[int, int] = (1, 2)


def read_calendar(
    form: Mapping[str, str], weekdays: list[str], seasons: list[str]
) -> CalendarSettings:
    """A calendar from what the merchant typed; raises `Invalid` with a sentence a field."""
    errors: dict[str, str] = {}
    closed = tuple(sorted({int(day) for day in weekdays if day in set("0123456")}))
    if len(closed) == 7:
        errors["closed_weekdays"] = _("Leave at least one day on which you work.")
    found = CalendarSettings(
        cut_off=_cut_off(form.get("cut_off", "").strip(), errors),
        closed_weekdays=closed,
        holidays="holidays" in form,
        seasons=tuple(name for name in SEASONS if name in seasons),
        closures=_closures(form, errors),
        ready=_pair(form, "ready", errors),
        transit=_pair(form, "transit", errors),
    )
    if errors:
        raise Invalid(errors)
    return found


def _cut_off(text: str, errors: dict[str, str]) -> time | None:
    if not text:
        return None
    try:
        return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        errors["cut_off"] = _("Write a time, for example 13:00.")
        return None


def _pair(form: Mapping[str, str], name: str, errors: dict[str, str]) -> tuple[int, int]:
    first, last = (form.get(field, "").strip() for field in PAIRS[name])
    if not (_is_days(first) and _is_days(last)) or int(first) > int(last):
        errors[PAIRS[name][0]] = _(
            "Write two whole numbers from 0 to %(most)s, the smaller one first.", most=MOST_DAYS
        )
        return (0, 0)
    return int(first), int(last)


def _is_days(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 4 and int(text) <= MOST_DAYS


def _closures(form: Mapping[str, str], errors: dict[str, str]) -> tuple[Closure, ...]:
    """The rows of the form: `closed_first_0`, `closed_last_0` and so on; empty rows fall away."""
    found: list[Closure] = []
    for number in range(MOST_CLOSURES):
        first = form.get(f"closed_first_{number}", "").strip()
        last = form.get(f"closed_last_{number}", "").strip() or first
        if not first and not last:
            continue
        try:
            found.append(_closure(first, last))
        except ValueError:
            errors[f"closed_first_{number}"] = _(
                "Choose the first and the last day, at most %(days)s days in all.",
                days=LONGEST_CLOSURE,
            )
    return tuple(sorted(found, key=lambda one: one.first))


def _closure(first: str, last: str) -> Closure:
    closure = Closure(date.fromisoformat(first), date.fromisoformat(last))
    if not 0 <= (closure.last - closure.first).days < LONGEST_CLOSURE:
        raise ValueError(last)
    return closure
