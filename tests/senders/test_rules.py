"""When marketing is slowed, stopped and warmed up."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.senders import records, rules
from app.senders.rules import ALARM, BOUNCES, COMPLAINTS, SLOW, STOP, UNSUBSCRIBES, Figures


@pytest.mark.parametrize(
    ("sent", "complaints", "level"),
    [
        (20, 1, None),  # five percent, and one person's mood
        (1000, 1, None),
        (2000, 2, SLOW),  # exactly 0.10 %
        (2001, 2, None),
        (1200, 3, STOP),  # exactly 0.25 %
        (1201, 3, SLOW),
        (3, 3, STOP),
        (0, 0, None),
    ],
)
def test_complaints(sent: int, complaints: int, level: str | None) -> None:
    assert rules.level(Figures(sent=sent, complaints=complaints), COMPLAINTS) == level


@pytest.mark.parametrize(
    ("sent", "gone", "level"),
    [(600, 3, ALARM), (601, 3, None), (250, 5, STOP), (251, 5, ALARM), (20, 2, None)],
)
def test_unsubscribes(sent: int, gone: int, level: str | None) -> None:
    assert rules.level(Figures(sent=sent, unsubscribes=gone), UNSUBSCRIBES) == level


def test_bounces_are_an_alarm_only() -> None:
    assert rules.level(Figures(sent=10, hard_bounces=10), BOUNCES) == ALARM


GRAVITY = [None, ALARM, SLOW, STOP]


@given(
    sent=st.integers(1, 100_000),
    complaints=st.integers(0, 400),
    measure=st.sampled_from([COMPLAINTS, UNSUBSCRIBES, BOUNCES]),
)
def test_more_complaints_never_loosen_and_more_mail_never_tightens(
    sent: int, complaints: int, measure: str
) -> None:
    def at(sent: int, count: int) -> int:
        figures = Figures(sent=sent, complaints=count, unsubscribes=count, hard_bounces=count)
        return GRAVITY.index(rules.level(figures, measure))

    assert at(sent, complaints + 1) >= at(sent, complaints)
    assert at(sent + 1, complaints) <= at(sent, complaints)


def test_a_new_domain_warms_up_over_four_weeks() -> None:
    plan = [rules.warm_up_limit(day) for day in range(1, 30)]
    numbers = [limit for limit in plan if limit is not None]
    assert (numbers[0], len(numbers), plan[28]) == (50, 28, None)
    for before, after in pairwise(numbers):
        assert before < after <= before * Fraction(14, 10) + 1


def test_slowed_marketing_goes_at_half_its_pace() -> None:
    assert rules.slow_limit([400, 0, 600]) == 250
    assert rules.slow_limit([]) == rules.SLOW_AT_LEAST


@pytest.mark.parametrize(
    ("policy", "state", "better"),
    [
        ("v=spf1 +include:okaeri.test -all", records.FOUND, ""),
        ("v=spf1 ?all include:okaeri.test", records.WRONG, "v=spf1 include:okaeri.test ?all"),
        ("v=spf1 -include:okaeri.test redirect=b.jp", records.WRONG, ""),
    ],
)
def test_a_policy_names_us_where_receivers_read_it(policy: str, state: str, better: str) -> None:
    wanted = records.Record(records.SPF, "TXT", "a.example", "v=spf1 include:okaeri.test ~all")
    found = records.judge(wanted, records.Seen((policy,)), "host")
    assert found.state == state
    assert found.value == (better or found.value)
