"""Wall times in every zone of the world: what does not exist moves on, what exists twice is used
once."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.messages import rules
from app.messages.rules import Wish

ZONES = sorted(available_timezones() - {"Factory", "localtime"})
days = st.dates(date(2010, 1, 1), date(2037, 12, 31))
hours = st.times().map(lambda hour: hour.replace(second=0, microsecond=0))


@settings(max_examples=600)
@given(st.sampled_from(ZONES), days, hours)
def test_a_wall_time_is_the_first_of_two_or_the_next_that_exists(
    zone: str, day: date, hour: time
) -> None:
    tz = ZoneInfo(zone)
    wall = datetime.combine(day, hour)
    found = rules.instant(day, hour, zone)
    local = found.astimezone(tz).replace(tzinfo=None)
    assert local >= wall
    if local == wall:
        sooner = found - timedelta(hours=1)
        assert sooner.astimezone(tz).replace(tzinfo=None) != wall
    else:
        # The minute before it, the clock had not jumped yet: what lies between does not exist.
        before = (found - timedelta(seconds=1)).astimezone(tz).replace(tzinfo=None)
        assert before < wall


@pytest.mark.parametrize(
    ("zone", "local", "expected"),
    [
        ("America/New_York", "2026-03-08 02:30", "2026-03-08 07:00"),
        ("America/New_York", "2026-11-01 01:30", "2026-11-01 05:30"),
        ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03 15:30"),
        ("Asia/Kathmandu", "2026-05-01 12:10", "2026-05-01 06:25"),
        ("Asia/Tokyo", "2026-05-01 12:10", "2026-05-01 03:10"),
        # Samoa left out the thirtieth of December 2011 altogether.
        ("Pacific/Apia", "2011-12-30 08:00", "2011-12-30 10:00"),
    ],
)
def test_known_jumps(zone: str, local: str, expected: str) -> None:
    wall = datetime.fromisoformat(local)
    found = rules.instant(wall.date(), wall.time(), zone)
    assert found == datetime.fromisoformat(f"{expected}+00:00")


@settings(max_examples=300)
@given(st.sampled_from(ZONES), st.integers(2010, 2037), st.booleans())
def test_days_off_are_the_readers_own(zone: str, year: int, win_back: bool) -> None:
    off = rules.TURN_OF_THE_YEAR if win_back else rules.NEW_YEAR
    wanted = datetime(year, 12, 31, 11, tzinfo=UTC)
    wish = Wish(wanted=wanted, zone=zone, capped=True, days_off=off, jitter=timedelta(minutes=3))
    at = rules.place(wish, wanted).at
    assert at is not None
    local = at.astimezone(ZoneInfo(zone))
    assert (local.month, local.day) not in off
    assert rules.is_day(at, zone)
    assert at - wanted < timedelta(days=6)
