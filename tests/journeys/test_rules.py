"""What a run does next."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from app.journeys import gifts, rules, times
from app.journeys.definitions import (
    Definition,
    Offset,
    Split,
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
        "fast": ["06-17", "06-20", "06-24"],
        "standard": ["06-20", "06-23", "06-27"],
        "complex": ["06-26", "06-29", "07-03"],
        "long_cycle": ["07-12", "07-15", "07-19"],
        "gift": ["06-20", "06-23", "06-27"],
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
    assert gifts.is_gift([("ギフト", "希望する")], [])
    assert gifts.is_gift([("gift_note", "Happy birthday!")], [])
    assert gifts.is_gift([], ["Gift wrapping"])
    assert not gifts.is_gift([("ギフト", "なし"), ("のし", "")], ["Gift card"])
    assert not gifts.is_gift([("okaeri_ref", "abc")], ["コーヒー豆"])


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


def test_who_was_born_on_29_february_is_wished_well_on_it() -> None:
    """The first birthday is the 28th of 2027; 2028 and 2032 have the day itself."""
    wishes = presets()["birthday"]
    first = times.next_birthday(at(2026, 6, 1), "Asia/Tokyo", (2, 29))
    found = [
        rules.moment(
            wishes, wishes.steps[0], facts(round=n, leapling=True, anchors={"birthday": first}), {}
        )
        for n in range(6)
    ]
    days = [one.astimezone(TOKYO).date() for one in found if one]
    assert [day.year for day in days] == list(range(2027, 2033))
    assert [day.day for day in days] == [28, 29, 28, 28, 28, 29]


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
