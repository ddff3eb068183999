"""Pure decisions about parcels nobody hears of: when one is late, and when it counts as delivered.

A carrier that has reported on a parcel on its way reports its delivery, too: when it falls silent
something is wrong. A carrier that never said more than that it took the parcel is one that does
not report, and its silence says nothing: what it carries has most likely arrived.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.parcels.rules import ParcelState

#: In these states a parcel may have arrived without a word. Somebody who was not in, a parcel that
#: waits at a counter, a delay: each is a word, and nothing is inferred from it.
SILENT = frozenset({"shipped", "in_transit", "out_for_delivery"})
#: How long a carrier that reports may say nothing before the parcel is taken to be stuck: at home
#: it is scanned at least daily; abroad it crosses seas and customs.
STALLED, STALLED_ABROAD = timedelta(hours=48), timedelta(days=10)
#: Somebody who was told of a scan today is not told of a delay before tomorrow.
FRESH = timedelta(hours=24)
#: How many days after the last expected one, and after the carrier's last word, silence is taken
#: for a delivery. At home a parcel that is two days late is rare; customs and foreign posts keep
#: silent for weeks, and so does a carrier that has lost something.
SILENCE_DAYS, SILENCE_DAYS_ABROAD = 2, 14
#: The hour of such a day: what follows is fit to be read then.
MORNING = time(9)


@dataclass(frozen=True)
class Delay:
    """When a parcel counts as late, and why: `stalled` or `overdue`."""

    at: datetime
    reason: str


def late_at(
    found: ParcelState, expected: tuple[date, date], zone: str, *, abroad: bool
) -> Delay | None:
    """When a parcel that is not scanned any more counts as late: in the morning after the days it
    was expected on, or when it has not moved for too long. One that waits for the day its buyer
    chose is not stuck. None where the carrier does not report, or has said more."""
    if found.state not in SILENT or not found.moving:
        return None
    first, last = expected
    over = max(
        _morning_of(last + timedelta(days=1), zone), _morning_after(found.since + FRESH, zone)
    )
    quiet = _morning_after(found.since + (STALLED_ABROAD if abroad else STALLED), zone)
    stuck = max(quiet, _morning_of(first + timedelta(days=1), zone))
    return Delay(stuck, "stalled") if stuck < over else Delay(over, "overdue")


def taken_as_delivered_at(
    found: ParcelState, expected_to: date, zone: str, *, slow: bool
) -> datetime | None:
    """When a parcel that is not heard of any more counts as delivered: in the morning after the
    days of silence; None in a state that says otherwise. `slow` where silence is long: abroad, and
    once a parcel counts as late."""
    if found.state not in SILENT:
        return None
    last = max(expected_to, found.since.astimezone(ZoneInfo(zone)).date())
    days = SILENCE_DAYS_ABROAD if slow else SILENCE_DAYS
    return _morning_of(last + timedelta(days=days + 1), zone)


def _morning_of(day: date, zone: str) -> datetime:
    return datetime.combine(day, MORNING, ZoneInfo(zone)).astimezone(UTC)


def _morning_after(moment: datetime, zone: str) -> datetime:
    day = moment.astimezone(ZoneInfo(zone)).date()
    same = _morning_of(day, zone)
    return same if same >= moment else _morning_of(day + timedelta(days=1), zone)
