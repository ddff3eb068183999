"""What a run does next."""

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
    Split,
    Step,
    Words,
    condition,
    parse_offset,
    presets,
    read,
)
from app.journeys.rules import Again, Due, End, Facts, Wait, next_step
from tests.make import at

TOKYO = ZoneInfo("Asia/Tokyo")
ORDERED = at(2026, 6, 10, 5, 0)  # 14:00 in Tokyo


def facts(*flags: str, **given: object) -> Facts:
    """Facts of an order of goods, placed at 14:00 in Tokyo."""
    paid = {"paid": ORDERED} if "paid" in flags else {}
    anchors = {"ordered": ORDERED, **paid, **(given.pop("anchors", None) or {})}  # type: ignore[dict-item]
    return Facts(
        anchors=anchors,
        flags=frozenset(flags),
        zone="Asia/Tokyo",
        **given,  # type: ignore[arg-type]
    )


def walk(journey: str, known: Facts, now: datetime) -> list[tuple[str, datetime]]:
    """Every step a run takes when the world stands still, with its moment."""
    definition, done = presets()[journey], {}
    while isinstance(decision := next_step(definition, known, done, now), Due):
        done[decision.step] = decision.at
    return list(done.items())


def test_next_steps_come_at_once() -> None:
    assert walk("next-steps", facts("goods"), ORDERED) == [("thanks", ORDERED)]


def test_goods_are_prepared_for_within_a_day_and_guided_on_delivery() -> None:
    waiting = facts("goods", "paid")
    assert walk("first-72-hours", waiting, ORDERED) == [("prepare", ORDERED + timedelta(hours=10))]
    for known in (facts("goods"), facts("goods", "paid", "shipped")):
        assert walk("first-72-hours", known, ORDERED) == []
    delivered = at(2026, 6, 12, 1, 0)
    arrived = facts(
        "goods",
        "paid",
        "shipped",
        "delivered",
        anchors={"delivered": delivered, "received": delivered},
    )
    assert walk("first-72-hours", arrived, delivered) == [
        ("start-guide", delivered),
        ("extra", delivered + timedelta(hours=24)),
        ("check-in", delivered + timedelta(hours=72)),
        ("all-well", datetime(2026, 6, 19, 8, 0, tzinfo=TOKYO)),
    ]


def test_digital_goods_count_from_the_order() -> None:
    known = facts("digital", anchors={"received": ORDERED})
    assert walk("first-72-hours", known, ORDERED) == [
        ("start-guide", ORDERED),
        ("extra", ORDERED + timedelta(hours=24)),
        ("check-in", ORDERED + timedelta(hours=72)),
        ("all-well", datetime(2026, 6, 17, 8, 0, tzinfo=TOKYO)),
    ]


def test_a_parcel_that_was_delivered_has_no_other_news() -> None:
    moments = {
        "shipped": at(2026, 6, 11),
        "out_for_delivery": at(2026, 6, 12),
        "delivered": at(2026, 6, 12, 3),
    }
    assert walk("shipping", facts("goods", "delivered", anchors=moments), ORDERED) == [
        ("delivered", at(2026, 6, 12, 3))
    ]
    guessed = facts("goods", "delivered", "inferred", anchors=moments)
    assert next_step(presets()["shipping"], guessed, {}, ORDERED) == End("completed")


def test_reviews_count_calendar_days_by_kind_of_product() -> None:
    received = at(2026, 6, 12, 14, 30)  # 23:30 in Tokyo
    dates = {}
    for kind in ("fast", "standard", "complex", "long_cycle", "gift"):
        known = facts(product_kind=kind, anchors={"received": received})
        steps = walk("review", known, received)
        dates[kind] = [moment.astimezone(TOKYO).date().isoformat()[5:] for _, moment in steps]
    assert dates == {
        "fast": ["06-16", "06-19", "06-23"],
        "standard": ["06-19", "06-22", "06-26"],
        "complex": ["06-26", "06-29", "07-03"],
        "long_cycle": ["07-12", "07-15", "07-19"],
        "gift": ["06-19", "06-22", "06-26"],
    }


def test_a_review_run_waits_for_its_answer_and_then_gives_up() -> None:
    review, last = presets()["review"], at(2026, 6, 26)
    done = {"first": last - timedelta(days=7), "second": last - timedelta(days=4), "last": last}
    known = facts(anchors={"received": at(2026, 6, 12)})
    patience = next_step(review, known, done, last)
    assert isinstance(patience, Wait)
    assert patience.until is not None
    assert patience.until.astimezone(TOKYO).date().isoformat() == "2026-08-25"
    assert next_step(review, known, done, patience.until) == End("unanswered")


def test_replenish_comes_a_week_and_the_way_to_the_door_before_it_runs_out() -> None:
    out = datetime(2026, 7, 12, tzinfo=TOKYO)
    known = facts("consumable", anchors={"predicted_run_out": out}, delivery_days=3)
    (reminder, moment), (_, after) = walk("replenish", known, ORDERED)
    assert reminder == "remind"
    assert moment.astimezone(TOKYO) == datetime(2026, 7, 2, 8, 0, tzinfo=TOKYO)
    # Only whether they clicked and did not buy decides then whether it is said.
    assert after.astimezone(TOKYO) == datetime(2026, 7, 4, 8, 0, tzinfo=TOKYO)


def test_days_are_dates_in_the_recipients_zone_and_hours_are_exact() -> None:
    # New York leaves summer time on 1 November 2026.
    start = datetime(2026, 10, 31, 12, 0, tzinfo=ZoneInfo("America/New_York"))
    day = rules.shifted(start, Offset(days=1), "America/New_York")
    assert day.astimezone(ZoneInfo("America/New_York")).isoformat() == "2026-11-01T08:00:00-05:00"
    exact = rules.shifted(start, Offset(span=timedelta(hours=24)), "America/New_York")
    assert exact - start == timedelta(hours=24)


def test_a_plan_names_what_is_dated_and_what_is_expected() -> None:
    hoped = {
        "expected_shipping": datetime(2026, 6, 12, tzinfo=TOKYO),
        "expected_delivery": datetime(2026, 6, 13, tzinfo=TOKYO),
    }
    known = facts("goods", "paid", anchors=hoped)
    planned = rules.plan(presets()["first-72-hours"], known, {})
    assert [(one.step.key, one.at is None) for one in planned] == [
        ("prepare", False),
        ("start-guide", True),
        ("extra", True),
        ("check-in", True),
        ("all-well", True),
    ]
    assert planned[1].about == datetime(2026, 6, 13, tzinfo=TOKYO)
    assert planned[3].about == datetime(2026, 6, 16, tzinfo=TOKYO)
    shipping = {one.step.key: one.about for one in rules.plan(presets()["shipping"], known, {})}
    assert shipping["shipped"] == datetime(2026, 6, 12, tzinfo=TOKYO)
    assert shipping["delivered"] == datetime(2026, 6, 13, tzinfo=TOKYO)
    assert shipping["delayed"] is None


def test_nobody_waits_for_an_answer_to_what_was_never_sent() -> None:
    at_first = at(2026, 6, 19)
    done = dict.fromkeys(["first", "second", "last"], at_first)
    known = facts(anchors={"received": at(2026, 6, 12)}, asked=False)
    assert next_step(presets()["review"], known, done, at_first) == End("nothing_sent")


def test_gifts_are_told_by_their_notes() -> None:
    assert rules.is_gift([("ギフト", "希望する")], [])
    assert rules.is_gift([("gift_note", "Happy birthday!")], [])
    assert rules.is_gift([], ["Gift wrapping"])
    assert not rules.is_gift([("ギフト", "なし"), ("のし", "")], ["Gift card"])
    assert not rules.is_gift([("okaeri_ref", "abc")], ["コーヒー豆"])


# --- whatever the definition and the facts --------------------------------------------------------

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


# --- the vocabulary, rule by rule -----------------------------------------------------------------


def journey(steps: str, **head: str) -> Definition:
    """A definition of given steps and head."""
    more = "\n".join(f"{name} = {value}" for name, value in head.items())
    words = '{ ja = "試し", en = "Try" }'
    return read(
        f'key = "try"\nposition = 1\nper = "order"\nstarts = "ordered"\nname = {words}\n'
        f"description = {words}\n{more}\n{steps}",
        "try",
    )


def test_what_needs_a_payment_waits_for_it_and_counts_from_it() -> None:
    late = journey(
        """
[[steps]]
key = "prepare"
message = "prepare"
anchor = "paid"
offset = "10h"
when = ["not shipped"]
"""
    )
    assert next_step(late, facts(), {}, ORDERED) == Wait()
    paid = ORDERED + timedelta(days=3)
    known = facts(anchors={"paid": paid})
    assert next_step(late, known, {}, paid) == Due("prepare", paid + timedelta(hours=10))


def test_a_step_that_hangs_on_a_fact_keeps_the_run_until_its_moment() -> None:
    hangs = journey(
        """
[[steps]]
key = "a"
message = "prepare"
anchor = "ordered"
offset = "5d"
when = ["paid"]
"""
    )
    moment = rules.moment(hangs, hangs.steps[0], facts(), {})
    assert next_step(hangs, facts(), {}, ORDERED) == Wait(moment)
    assert moment is not None
    assert next_step(hangs, facts(), {}, moment) == End("completed")
    assert next_step(hangs, facts("paid"), {}, ORDERED) == Due("a", moment)


CLICKED = """
[[steps]]
key = "offer"
message = "prepare"
anchor = "ordered"
offset = "1d"
[[steps]]
key = "remind"
message = "prepare"
anchor = "step:offer"
offset = "2d"
when = ["clicked:offer", "not ordered_since:offer"]
[[steps]]
key = "again"
message = "prepare"
anchor = "step:remind"
offset = "2d"
"""


def test_a_click_is_asked_for_when_the_reminder_is_due() -> None:
    wait = journey(CLICKED)
    sent = ORDERED + timedelta(days=1)
    decision = next_step(wait, facts(), {"offer": sent}, sent)
    assert isinstance(decision, Due)
    remind = wait.step("remind")
    assert rules.verdict(remind, facts(), {"offer": sent}) == "clicked:offer"
    assert rules.verdict(remind, facts("clicked:offer"), {"offer": sent}) is None
    both = facts("clicked:offer", "ordered_since:offer")
    assert rules.verdict(remind, both, {"offer": sent}) == "not ordered_since:offer"
    done = {"offer": sent, "remind": decision.at}
    over = facts(passed=frozenset({"remind"}))
    assert next_step(wait, over, done, sent) == End("completed")
    planned = rules.plan(wait, facts(), {})
    assert [(one.step.key, one.only_if) for one in planned] == [
        ("offer", ()),
        ("remind", ("clicked:offer",)),
        ("again", ()),
    ]


def test_what_another_journey_does_is_not_planned_here() -> None:
    known = facts(replaced=frozenset({"offer"}))
    assert [one.step.key for one in rules.plan(journey(CLICKED), known, {})] == ["remind", "again"]


def test_win_back_never_comes_before_a_persons_own_rhythm() -> None:
    lapsed = journey(
        """
[[steps]]
key = "miss-you"
message = "prepare"
anchor = "last_order"
offset = "60d"
not_before = "1.5 own_interval"
"""
    )
    last = {"last_order": ORDERED}
    for interval, days in ((None, 60), (20.0, 60), (90.0, 135), (61.0, 92)):
        known = facts(anchors=last, own_interval_days=interval)
        decision = next_step(lapsed, known, {}, ORDERED)
        assert isinstance(decision, Due)
        assert (decision.at.astimezone(TOKYO).date() - ORDERED.date()).days == days


def test_a_year_on_it_begins_anew_and_what_was_missed_is_let_be() -> None:
    anniversary = journey(
        """
[[steps]]
key = "year"
message = "prepare"
anchor = "first_order"
offset = "1y"
""",
        cycle='"1y"',
    )
    known = facts(anchors={"first_order": ORDERED})
    first = next_step(anniversary, known, {}, ORDERED)
    assert isinstance(first, Due)
    assert first.at.astimezone(TOKYO).date().isoformat() == "2027-06-10"
    done = {"year": first.at}
    assert next_step(anniversary, known, done, first.at) == Again(1)
    assert next_step(anniversary, known, done, at(2031, 1, 1)) == Again(4)


@given(st.text(min_size=1, max_size=30), st.integers(1, 99))
def test_a_person_is_always_in_the_same_arm(person: str, share: int) -> None:
    split = Split({"a": share, "b": 100 - share})
    assert rules.arm_of(split, "j", "s", person) == rules.arm_of(split, "j", "s", person)


def test_arms_get_their_shares() -> None:
    split = Split({"a": 70, "b": 30})
    arms = [rules.arm_of(split, "j", "s", f"customer:{number}") for number in range(4000)]
    assert 2700 < arms.count("a") < 2900
