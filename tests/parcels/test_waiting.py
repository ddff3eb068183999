"""When a parcel nobody hears of is late, and when it counts as delivered."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.parcels import waiting
from app.parcels.rules import PATH, ParcelState

ZONE = "Asia/Tokyo"
EARLY, LATE = datetime(2026, 6, 11, tzinfo=UTC), datetime(2026, 6, 13, 16, tzinfo=UTC)
WINDOW = (date(2026, 6, 11), date(2026, 6, 12))


def local(moment: datetime | None) -> str | None:
    return moment and moment.astimezone(ZoneInfo(ZONE)).strftime("%m-%d %H:%M")


def found(state: str, since: datetime, *, moving: bool = True) -> ParcelState:
    return ParcelState(state, since, None, None, moving)


def test_silence_is_a_delivery_only_where_nothing_speaks_against_it() -> None:
    def when(state: str, since: datetime, *, slow: bool = False) -> str | None:
        return local(waiting.taken_as_delivered_at(found(state, since), WINDOW[1], ZONE, slow=slow))

    for state in ("shipped", "in_transit", "out_for_delivery"):
        assert when(state, EARLY) == "06-15 09:00"
        # The carrier spoke after the expected day (in Tokyo on the 14th): the silence begins anew.
        assert when(state, LATE) == "06-17 09:00"
        assert when(state, EARLY, slow=True) == "06-27 09:00"
    for state in ("attempted", "pickup", "exception", "delivered", "returned"):
        assert when(state, EARLY) is None


@pytest.mark.parametrize(
    ("window", "since", "abroad", "at", "reason"),
    [
        # Not there on the last day: in the morning after it.
        (WINDOW, EARLY, False, "06-13 09:00", "overdue"),
        # A wide window, and no scan for two days.
        ((date(2026, 6, 11), date(2026, 6, 20)), EARLY, False, "06-13 09:00", "stalled"),
        ((date(2026, 6, 11), date(2026, 6, 25)), EARLY, True, "06-21 09:00", "stalled"),
        # It waits for the day that its buyer chose.
        ((date(2026, 6, 18), date(2026, 6, 18)), EARLY, False, "06-19 09:00", "overdue"),
        # Who heard of it on the day after is not told of a delay the same morning.
        (WINDOW, LATE, False, "06-15 09:00", "overdue"),
    ],
)
def test_a_carrier_that_reports_and_falls_silent_is_late(
    window: tuple[date, date], since: datetime, abroad: bool, at: str, reason: str
) -> None:
    late = waiting.late_at(found("in_transit", since), window, ZONE, abroad=abroad)
    assert late is not None
    assert (local(late.at), late.reason) == (at, reason)


def test_a_carrier_that_never_reports_is_not_late() -> None:
    silent = found("in_transit", EARLY, moving=False)
    assert waiting.late_at(silent, WINDOW, ZONE, abroad=False) is None
    for state in ("attempted", "pickup", "exception", "delivered"):
        assert waiting.late_at(found(state, EARLY), WINDOW, ZONE, abroad=False) is None


@given(
    st.sampled_from(PATH[:3]),
    st.integers(0, 8000).map(lambda hours: EARLY + timedelta(hours=hours)),
    st.integers(0, 20),
    st.integers(0, 10),
    st.booleans(),
)
def test_nobody_is_told_of_a_delay_before_the_promise_is_over_or_at_night(
    state: str, since: datetime, days: int, width: int, abroad: bool
) -> None:
    first = since.date() + timedelta(days=days)
    last = first + timedelta(days=width)
    late = waiting.late_at(found(state, since), (first, last), ZONE, abroad=abroad)
    assert late is not None
    there = late.at.astimezone(ZoneInfo(ZONE))
    assert there.hour == 9
    assert there.date() > first
    assert late.at - since >= waiting.FRESH
    if late.reason == "overdue":
        assert there.date() > last
