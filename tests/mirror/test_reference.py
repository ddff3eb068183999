"""Which earlier price may be named: the rules, for any history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.mirror.reference import (
    NO_LESS,
    SHORT,
    UNKNOWN,
    Reference,
    Span,
    joined,
    reference,
    sighted,
    together,
)

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


LONG = [Span(1980, ago(400))]
RAISED = [Span(1480, ago(400), ago(10)), Span(1980, ago(10))]
LOWERED = [Span(2480, ago(400), ago(10)), Span(1980, ago(10))]


def test_a_price_asked_for_most_of_eight_weeks_is_the_usual_one() -> None:
    assert reference(LONG, 1980, "JP", NOW) == Reference(1980)
    assert reference(RAISED, 1980, "JP", NOW) == Reference(None, SHORT)
    assert reference([Span(1980, ago(29))], 1980, "JP", NOW) == Reference(1980)
    assert reference([Span(1980, ago(27))], 1980, "US", NOW) == Reference(None, UNKNOWN)
    assert reference([], 1980, None, NOW) == Reference(None, UNKNOWN)


def test_in_the_eu_it_is_the_lowest_of_thirty_days() -> None:
    assert reference(LONG, 1980, "DE", NOW) == Reference(1980, lowest=True)
    assert reference(RAISED, 1980, "fr", NOW) == Reference(1480, lowest=True)
    assert reference(LOWERED, 1980, "DE", NOW) == Reference(1980, lowest=True)
    assert reference([Span(1980, ago(29))], 1980, "DE", NOW) == Reference(None, UNKNOWN)
    # What was asked longer ago than that does not count.
    old = [Span(990, ago(400), ago(31)), Span(1980, ago(31))]
    assert reference(old, 1980, "DE", NOW) == Reference(1980, lowest=True)


def test_several_things_have_the_sum_of_theirs() -> None:
    parts = [Reference(1980), Reference(1000)]
    assert together(parts, 2700) == Reference(2980)
    assert together(parts, 2980) == Reference(None, NO_LESS)
    assert together([*parts, Reference(None, SHORT)], 2700) == Reference(None, SHORT)


def test_sales_prove_what_was_asked_before_we_were_told() -> None:
    sold = [(ago(50), 1980), (ago(20), 1980), (ago(15), 1480), (ago(12), 1980)]
    spans = sighted(sold, ago(13))
    assert spans == [Span(1980, ago(50), ago(20)), Span(1480, ago(15), ago(15))]
    kept = [Span(1480, ago(13))]
    assert joined(spans, kept) == [spans[0], Span(1480, ago(15))]
    # From then on, what was noted is the truth; a gap between two prices is nobody's.
    assert joined(spans[:1], kept) == [spans[0], *kept]


PRICES = st.sampled_from([980, 1480, 1980])


@st.composite
def histories(draw: st.DrawFn) -> list[Span]:
    """Prices that follow one another without a gap until now."""
    days = sorted(draw(st.sets(st.integers(1, 120), min_size=1, max_size=6)), reverse=True)
    ends = [*[ago(day) for day in days[1:]], None]
    return [Span(draw(PRICES), ago(day), end) for day, end in zip(days, ends, strict=True)]


@given(histories(), st.sampled_from(["JP", "US", "GB", "DE", "SE", None]))
def test_nothing_is_named_that_was_not_asked(spans: list[Span], country: str | None) -> None:
    store = spans[-1].price_minor
    found = reference(spans, store, country, NOW)
    if found.price_minor is None:
        assert found.why in (SHORT, UNKNOWN)
        return
    assert found.price_minor <= store
    recent = [one for one in spans if one.until is None or one.until > ago(56)]
    assert found.price_minor in {one.price_minor for one in recent}
    if found.lowest:
        month = [one for one in spans if one.until is None or one.until > ago(30)]
        assert found.price_minor == min(one.price_minor for one in month)
    else:
        asked = sum(
            (
                (one.until or NOW) - max(one.since, ago(56))
                for one in recent
                if one.price_minor == store
            ),
            timedelta(0),
        )
        assert asked > timedelta(weeks=4)
