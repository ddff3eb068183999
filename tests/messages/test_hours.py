"""The hour somebody answers at, learnt from little and never outside their day."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from app.messages import hours
from app.messages.rules import DAY, Wish

USUAL = (time(12, 10), time(20, 0))
TOKYO = ZoneInfo("Asia/Tokyo")


def at(hour: int, days: int = 0) -> datetime:
    """A moment in Tokyo."""
    return (datetime(2026, 11, 1, hour, 25, tzinfo=TOKYO) + timedelta(days=days)).astimezone(UTC)


def chosen(*told: int) -> tuple[time, ...]:
    moments = [at(hour, day) for day, hour in enumerate(told)]
    return hours.favourite(moments, "Asia/Tokyo", USUAL, DAY)


def test_who_said_little_gets_the_usual_hours() -> None:
    assert chosen(7, 7, 7) == USUAL


def test_who_answers_in_the_morning_hears_in_the_morning() -> None:
    assert chosen(8, 8, 9, 8) == (time(8),)


def test_who_answers_at_a_usual_hour_keeps_its_minutes() -> None:
    assert chosen(20, 19, 20, 21) == (time(20, 0),)


def test_the_night_stays_quiet_for_night_owls() -> None:
    assert chosen(23, 0, 0, 1, 23, 0) == USUAL
    assert chosen(22, 22, 22, 22, 22) == (time(20, 0),)


def test_an_hour_of_ones_own_beats_the_evenings_of_the_weekend() -> None:
    wish = Wish(wanted=at(9), zone="Asia/Tokyo", slots=USUAL, weekend=timedelta(days=5))
    assert hours.own([at(8), at(8, 1), at(9, 2)], wish) == wish
    mine = hours.own([at(8), at(8, 1), at(9, 2), at(8, 3)], wish)
    assert (mine.slots, mine.weekend) == ((time(8),), None)


moments = st.lists(st.integers(0, 10**8).map(lambda s: at(0) + timedelta(seconds=s)), max_size=60)


@given(moments, st.sampled_from(["Asia/Tokyo", "Europe/Berlin", "America/New_York"]))
def test_always_one_of_the_usual_or_one_inside_the_day(told: list[datetime], zone: str) -> None:
    found = hours.favourite(told, zone, USUAL, DAY)
    assert found == USUAL or (len(found) == 1 and DAY[0] <= found[0] < DAY[1])
    assert hours.favourite(told, zone, (), DAY) == ()
