"""What a run does next."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from app.journeys import rules
from app.journeys.definitions import ANCHORS, FLAGS, Definition, Offset, Step, Words, presets
from app.journeys.rules import Due, End, Facts, Wait, next_step
from tests.make import at

TOKYO = ZoneInfo("Asia/Tokyo")
ORDERED = at(2026, 6, 10, 5, 0)  # 14:00 in Tokyo


def facts(*flags: str, **given: object) -> Facts:
    """Facts of an order of goods, placed at 14:00 in Tokyo."""
    anchors = {"ordered": ORDERED, **(given.pop("anchors", None) or {})}  # type: ignore[dict-item]
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
        ("check-in", delivered + timedelta(hours=72)),
    ]


def test_digital_goods_count_from_the_order() -> None:
    known = facts("digital", anchors={"received": ORDERED})
    assert walk("first-72-hours", known, ORDERED) == [
        ("start-guide", ORDERED),
        ("check-in", ORDERED + timedelta(hours=72)),
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
    [(_, moment)] = walk("replenish", known, ORDERED)
    assert moment.astimezone(TOKYO) == datetime(2026, 7, 2, 8, 0, tzinfo=TOKYO)


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
        ("check-in", True),
    ]
    assert planned[1].about == datetime(2026, 6, 13, tzinfo=TOKYO)
    assert planned[2].about == datetime(2026, 6, 16, tzinfo=TOKYO)
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
    st.builds("{}d".format, st.integers(-60, 90)), st.builds("{}h".format, st.integers(-48, 200))
)
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
    )


FACTS = st.builds(
    Facts,
    anchors=st.dictionaries(st.sampled_from(sorted(ANCHORS)), st.none() | MOMENTS),
    flags=st.frozensets(st.sampled_from(sorted(FLAGS))),
    zone=st.sampled_from(["Asia/Tokyo", "America/New_York", "Europe/Berlin", "Pacific/Apia"]),
    delivery_days=st.integers(0, 10),
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
        assert rules.holds(step.when, known.flags)
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
