"""The arbiter: never in the night, never too many, always the same."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from app.messages import rules
from app.messages.rules import Booked, Wish

ZONES = sorted(available_timezones() - {"Factory", "localtime"})
SLOTS = (time(12, 10), time(20, 0))

moments = st.datetimes(
    min_value=datetime(2010, 1, 1),  # noqa: DTZ001  # hypothesis wants them naive
    max_value=datetime(2040, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
zones = st.sampled_from(ZONES)
keys = st.text(max_size=20)


def wish(moment: datetime, zone: str, key: str = "k", **given: object) -> Wish:
    return Wish(wanted=moment, zone=zone, jitter=rules.jitter(key), **given)  # type: ignore[arg-type]


@given(moments, zones, keys, st.sampled_from([(), SLOTS]))
def test_no_service_message_arrives_at_night(
    moment: datetime, zone: str, key: str, slots: tuple[time, ...]
) -> None:
    plan = rules.place(wish(moment, zone, key, slots=slots), moment)
    assert plan.at is not None
    assert rules.is_day(plan.at, zone)
    assert plan.at >= moment
    assert plan.at - moment <= timedelta(days=2, hours=1)


@given(keys)
def test_jitter_is_one_to_twelve_minutes_and_the_same_for_a_key(key: str) -> None:
    assert timedelta(minutes=1) <= rules.jitter(key) <= timedelta(minutes=12)
    assert rules.jitter(key) == rules.jitter(key)


@given(moments, zones)
def test_a_transactional_message_is_never_moved(moment: datetime, zone: str) -> None:
    plan = rules.place(Wish(wanted=moment, zone=zone, at_once=True), moment)
    assert plan == rules.Plan(moment)


def keeps_the_caps(taken: list[datetime]) -> bool:
    row = sorted(taken)
    apart = all(later - sooner >= rules.Caps().apart for sooner, later in pairwise(row))
    weekly = all(
        last - first >= rules.WEEK
        for first, last in zip(row, row[rules.Caps().per_week :], strict=False)
    )
    return apart and weekly


wishes = st.lists(
    st.tuples(
        st.integers(0, 21 * 24 * 60),
        st.sampled_from([50, 60]),
        st.sampled_from([(), SLOTS]),
    ),
    max_size=8,
)


@given(moments, zones, wishes)
def test_the_caps_hold_whatever_comes(
    start: datetime, zone: str, wanted: list[tuple[int, int, tuple[time, ...]]]
) -> None:
    """Messages are composed one after the other; the important ones push the others aside."""
    booked: dict[int, Booked] = {}
    for number, (minutes, priority, slots) in enumerate(wanted):
        mine = wish(
            start + timedelta(minutes=minutes),
            zone,
            str(number),
            capped=True,
            priority=priority,
            slots=slots,
        )
        plan = rules.arrange(mine, start, list(booked.values()))
        for other, moved in plan.yielding:
            assert other.wish is not None
            assert other.wish.priority < priority
            del booked[other.id]
            if moved:
                booked[other.id] = Booked(other.id, moved, other.wish)
        if plan.at is not None:
            booked[number] = Booked(number, plan.at, mine)
        assert keeps_the_caps([each.at for each in booked.values()])
        assert all(rules.is_day(each.at, zone) for each in booked.values())


@given(moments, zones, st.lists(st.integers(0, 14 * 24 * 60), max_size=2, unique=True))
def test_what_was_sent_counts_and_cannot_yield(start: datetime, zone: str, past: list[int]) -> None:
    sent = [Booked(n, start - timedelta(minutes=ago)) for n, ago in enumerate(past)]
    plan = rules.arrange(wish(start, zone, capped=True, priority=60), start, sent)
    assert plan.yielding == ()
    if plan.at is not None:
        assert all(abs(plan.at - other.at) >= rules.Caps().apart for other in sent)


TOKYO = "Asia/Tokyo"


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=ZoneInfo(TOKYO)).astimezone(UTC)


@pytest.mark.parametrize(
    ("wanted", "slots", "expected", "reason"),
    [
        (local(10, 3), (), local(10, 8), rules.QUIET_HOURS),
        (local(10, 21), (), local(11, 8), rules.QUIET_HOURS),
        (local(10, 20, 59), (), local(11, 8), rules.FAVOURITE_HOUR),
        (local(10, 9), SLOTS, local(10, 12, 10), rules.FAVOURITE_HOUR),
        (local(10, 15), SLOTS, local(10, 20), rules.FAVOURITE_HOUR),
        (local(10, 22), SLOTS, local(11, 12, 10), rules.QUIET_HOURS),
    ],
)
def test_where_a_service_message_goes(
    wanted: datetime, slots: tuple[time, ...], expected: datetime, reason: str
) -> None:
    mine = Wish(wanted=wanted, zone=TOKYO, slots=slots, jitter=timedelta(minutes=5))
    plan = rules.place(mine, wanted)
    assert plan.at == expected + timedelta(minutes=5)
    assert [(shift.moved_from, shift.reason) for shift in plan.shifts] == [(wanted, reason)]


def test_a_moment_inside_the_day_is_only_jittered() -> None:
    mine = Wish(wanted=local(10, 9), zone=TOKYO, jitter=timedelta(minutes=5))
    assert rules.place(mine, mine.wanted) == rules.Plan(local(10, 9, 5))


def test_the_third_marketing_message_of_a_week_waits_for_the_eighth_day() -> None:
    mine = Wish(wanted=local(12, 12, 10), zone=TOKYO, capped=True, slots=SLOTS)
    taken = [local(10, 12, 10), local(11, 12, 10)]
    plan = rules.place(mine, mine.wanted, taken)
    assert plan.at == local(17, 12, 10)
    assert [shift.reason for shift in plan.shifts] == [rules.CAP_PER_WEEK]


def test_a_replenishment_takes_the_place_of_a_review_request() -> None:
    review = Wish(wanted=local(10, 12, 10), zone=TOKYO, capped=True, priority=50, slots=SLOTS)
    refill = Wish(wanted=local(10, 12, 10), zone=TOKYO, capped=True, priority=60, slots=SLOTS)
    there = Booked(1, local(10, 12, 10), review)
    plan = rules.arrange(refill, local(9, 9), [there])
    assert plan.at == local(10, 12, 10)
    assert plan.yielding == ((there, local(11, 12, 10)),)


def test_a_message_without_a_place_in_a_fortnight_is_left_unsaid() -> None:
    mine = Wish(wanted=local(1, 12, 10), zone=TOKYO, capped=True, slots=SLOTS)
    taken = [local(1, 12) + timedelta(days=days) for days in range(0, 30, 3)]
    assert rules.place(mine, mine.wanted, taken).at is None


@settings(max_examples=40)
@given(moments, zones, keys, st.lists(st.integers(0, 21 * 24 * 60), max_size=6))
def test_a_weekend_evening_is_a_wish_that_costs_no_message_its_place(
    moment: datetime, zone: str, key: str, minutes: list[int]
) -> None:
    plain = wish(moment, zone, key, capped=True, slots=SLOTS, days_off=rules.TURN_OF_THE_YEAR)
    liked = structs.replace(plain, weekend=timedelta(hours=120))
    taken = [moment + timedelta(minutes=each) for each in minutes]
    usual, found = rules.place(plain, moment, taken), rules.place(liked, moment, taken)
    if found == usual:
        return
    assert found.at is not None
    assert found.at - moment <= timedelta(hours=120)
    assert rules.conflict(found.at, taken) is None
    assert rules.is_welcome(found.at, plain)
    local = found.at.astimezone(ZoneInfo(zone))
    assert local.weekday() in rules.WEEKEND
    assert local.time() >= rules.EVENING


@pytest.mark.parametrize(
    ("wanted", "hours", "taken", "expected"),
    [
        (local(8, 9), 120, [], local(12, 20)),
        (local(13, 9), 120, [], local(13, 20)),
        (local(12, 21), 120, [], local(13, 20)),
        (local(10, 9), 120, [local(12, 12)], local(13, 20)),
        # The kind would be too late by Friday, or has no evening left in time.
        (local(8, 9), 48, [], local(8, 12, 10)),
        (local(12, 9), 48, [local(12, 22)], local(14, 12, 10)),
    ],
)
def test_promotional_mail_goes_on_a_weekend_evening_if_it_can(
    wanted: datetime, hours: int, taken: list[datetime], expected: datetime
) -> None:
    mine = Wish(wanted=wanted, zone=TOKYO, capped=True, slots=SLOTS, weekend=timedelta(hours=hours))
    plan = rules.place(mine, wanted, taken)
    assert plan.at == expected
    moved = expected.astimezone(ZoneInfo(TOKYO)).hour == 20
    reason = rules.WEEKEND_EVENING if moved else rules.FAVOURITE_HOUR
    assert (plan.shifts[0].reason, plan.shifts[-1].moved_to) == (reason, expected)


def test_spring_forward_and_autumn_back_send_once_by_day() -> None:
    for day in (datetime(2026, 3, 8, 5, tzinfo=UTC), datetime(2026, 11, 1, 5, tzinfo=UTC)):
        plan = rules.place(Wish(wanted=day, zone="America/New_York"), day)
        assert plan.at is not None
        assert plan.at.astimezone(ZoneInfo("America/New_York")).time() == time(8, 0)


def test_lateness() -> None:
    due = local(10, 12)
    assert not rules.is_late(due, due + timedelta(hours=5), timedelta(hours=5))
    assert rules.is_late(due, due + timedelta(hours=6), timedelta(hours=5))
    assert not rules.is_late(due, due + timedelta(days=900), None)
