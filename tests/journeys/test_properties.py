"""What holds whatever the definition and the facts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from app.journeys import rules, times
from app.journeys.definitions import (
    ANCHORS,
    AT_THE_MOMENT,
    FLAGS,
    Definition,
    Offset,
    Step,
    Words,
    condition,
    parse_offset,
)
from app.journeys.rules import Again, Due, End, Facts, next_step
from tests.make import at

TOKYO = ZoneInfo("Asia/Tokyo")

MOMENTS = st.timedeltas(timedelta(0), timedelta(days=700)).map(lambda ago: at(2026, 1, 1) + ago)
OFFSETS = st.one_of(
    st.builds("{}d".format, st.integers(-60, 90)),
    st.builds("{}h".format, st.integers(-48, 200)),
    st.builds("{}mo".format, st.integers(-13, 30)),
    st.builds("{}y".format, st.integers(-2, 3)),
)
FLOORS = st.sampled_from([None, "1.5 own_interval", "90d last_order", "6mo first_order"])
CONDITIONS = st.lists(
    st.sampled_from(sorted(FLAGS)).flatmap(lambda word: st.sampled_from([word, f"not {word}"])),
    max_size=2,
).map(tuple)


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    """Any definition the loader would accept."""
    steps: list[Step] = []
    for number in range(draw(st.integers(1, 5))):
        anchors = sorted(ANCHORS) + [f"step:{step.key}" for step in steps]
        steps.append(
            Step(
                key=f"step-{number}",
                message="review",
                anchor=draw(st.sampled_from(anchors)),
                offset=draw(OFFSETS),
                when=draw(CONDITIONS),
                earlier_by=draw(st.sampled_from([None, "delivery"])),
                not_before=draw(FLOORS),
            )
        )
    words = Words(ja="", en="")
    return Definition(
        key="any",
        position=1,
        per="order",
        starts="ordered",
        name=words,
        description=words,
        steps=tuple(steps),
        patience=draw(st.sampled_from([None, "30d"])),
        cycle=draw(st.sampled_from([None, None, "1y", "3mo", "30d"])),
    )


FACTS = st.builds(
    Facts,
    anchors=st.dictionaries(st.sampled_from(sorted(ANCHORS)), st.none() | MOMENTS),
    flags=st.frozensets(st.sampled_from(sorted(FLAGS))),
    zone=st.sampled_from(["Asia/Tokyo", "America/New_York", "Europe/Berlin", "Pacific/Apia"]),
    delivery_days=st.integers(0, 10),
    own_interval_days=st.none() | st.floats(1, 400),
    round=st.integers(0, 3),
)


@given(definitions(), FACTS, MOMENTS)
def test_each_step_at_most_once_and_never_before_its_anchor(
    definition: Definition, known: Facts, now: datetime
) -> None:
    done: dict[str, datetime] = {}
    for _ in range(len(definition.steps) + 1):
        decision = next_step(definition, known, done, now)
        if not isinstance(decision, Due):
            break
        assert decision.step not in done
        step = definition.step(decision.step)
        anchor = done.get(step.after) if step.after else known.anchors.get(step.anchor)
        assert anchor is not None
        settled = [word for word in step.when if condition(word).name not in AT_THE_MOMENT]
        assert rules.holds(settled, known.flags)
        assert (rules.verdict(step, known, done) is None) == rules.holds(step.when, known.flags)
        if not str(step.offset).startswith("-") and step.earlier_by is None:
            assert decision.at >= anchor
        done[decision.step] = decision.at
    assert not isinstance(next_step(definition, known, done, now), Due)


@given(definitions(), FACTS, MOMENTS, st.sampled_from(["cancelled", "refunded", "redacted"]))
def test_nothing_comes_after_an_exit(
    definition: Definition, known: Facts, now: datetime, reason: str
) -> None:
    gone = Facts(anchors=known.anchors, flags=known.flags, zone=known.zone, exit=reason)
    assert next_step(definition, gone, {}, now) == End(reason)
    assert rules.plan(definition, gone, {}) == []


@given(definitions(), FACTS, MOMENTS)
def test_the_plan_is_what_the_run_then_does(
    definition: Definition, known: Facts, now: datetime
) -> None:
    done: dict[str, datetime] = {}
    for planned in rules.plan(definition, known, {}):
        if planned.at is None:
            assert not isinstance(next_step(definition, known, done, now), Due)
            continue
        assert next_step(definition, known, done, now) == Due(planned.step.key, planned.at)
        done[planned.step.key] = planned.at


@given(definitions(), FACTS, MOMENTS)
def test_a_new_round_lies_ahead_and_there_is_always_one(
    definition: Definition, known: Facts, now: datetime
) -> None:
    done = {step.key: now for step in definition.steps}
    decision = next_step(definition, known, done, now)
    assert isinstance(decision, Again) == bool(definition.cycle)
    if isinstance(decision, Again):
        assert decision.round > known.round
        ahead = msgspec.structs.replace(known, round=decision.round)
        for step in definition.steps:
            at_ = rules.moment(definition, step, ahead, {})
            assert step.after or at_ is None or at_ > now


ZONES = sorted(available_timezones() - {"Factory", "localtime"})


@given(
    st.sampled_from(ZONES),
    st.timedeltas(timedelta(0), timedelta(days=365 * 60)),
    st.integers(-400, 400),
)
def test_days_are_mornings_of_dates_in_every_zone_and_both_clock_changes(
    zone: str, since: timedelta, days: int
) -> None:
    start, tz = at(1980, 1, 1) + since, ZoneInfo(zone)
    found = rules.shifted(start, Offset(days=days), zone)
    local = found.astimezone(tz)
    if days == 0:
        assert found == start
        return
    wanted = start.astimezone(tz).date() + timedelta(days=days)
    # A day or an hour that a zone left out is told by the next clock time there is.
    exists = datetime.combine(wanted, times.MORNING, tz)
    if exists.astimezone(UTC).astimezone(tz).replace(tzinfo=None) == exists.replace(tzinfo=None):
        assert (local.date(), local.time()) == (wanted, times.MORNING)
    assert rules.shifted(start, Offset(days=days + 1), zone) >= found


@given(st.sampled_from(ZONES), MOMENTS, st.integers(-500, 500))
def test_hours_are_exact_in_every_zone(zone: str, start: datetime, hours: int) -> None:
    assert rules.shifted(start, parse_offset(f"{hours}h"), zone) - start == timedelta(hours=hours)


def test_months_and_years_keep_the_day_or_end_with_the_month() -> None:
    start = at(2027, 1, 31, 3)  # noon in Tokyo
    ends = [
        rules.shifted(start, parse_offset(text), "Asia/Tokyo").astimezone(TOKYO).date().isoformat()
        for text in ("1mo", "-1mo", "6mo", "1y", "-11mo")
    ]
    assert ends == ["2027-02-28", "2026-12-31", "2027-07-31", "2028-01-31", "2026-02-28"]


def test_seasons_and_birthdays_follow_the_readers_calendar() -> None:
    july = at(2026, 7, 31, 16)  # already August in Tokyo
    assert times.season(july.date(), "JP") == "summer"
    assert times.season(july.date(), "AU") == "winter"
    assert times.next_season(july, "Asia/Tokyo").isoformat() == "2026-09-01T00:00:00+09:00"
    assert times.next_season(at(2026, 12, 2), "UTC").date().isoformat() == "2027-03-01"
    for text in ("1990-05-17", "5/17", "05-17", "5月17日", "1990年5月17日"):
        assert times.parse_birthday(text) == (5, 17)
    for text in ("17-13", "2/30", "tomorrow", ""):
        assert times.parse_birthday(text) is None
    leap = times.next_birthday(at(2027, 2, 1), "Asia/Tokyo", (2, 29))
    assert leap.date().isoformat() == "2027-02-28"
    assert times.next_birthday(leap, "Asia/Tokyo", (2, 29)).date().isoformat() == "2028-02-29"
