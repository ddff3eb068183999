"""Who may hear from the shop: rules.md ruling 21."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.consent import rules
from app.consent.countries import all_rules
from app.consent.model import TOPICS

standings = st.builds(
    rules.Standing,
    address=st.sampled_from(["", "a@example.com"]),
    suppressed=st.frozensets(st.sampled_from(["all", "marketing"])),
    granted=st.sampled_from([None, True, False]),
    basis_refused=st.sampled_from([None, rules.NO_CONSENT]),
    topic_only=st.booleans(),
    notices=st.booleans(),
)
words = st.builds(
    rules.Word,
    granted=st.booleans(),
    occurred_at=st.builds(
        datetime, st.just(2026), st.just(1), st.integers(1, 9), tzinfo=st.just(UTC)
    ),
)
classes = st.sampled_from([rules.TRANSACTIONAL, rules.SERVICE, rules.MARKETING])


@given(standings, classes)
def test_nobody_is_written_to_without_an_address_or_after_a_hard_bounce(
    standing: rules.Standing, message_class: str
) -> None:
    if not standing.address:
        assert rules.refusal(standing, message_class) == "no_address"
    elif "all" in standing.suppressed:
        assert rules.refusal(standing, message_class) == "suppressed"


@given(standings)
def test_service_goes_to_every_buyer(standing: rules.Standing) -> None:
    if standing.address and "all" not in standing.suppressed:
        refused = None if standing.notices else "topic_off"
        assert rules.refusal(standing, rules.TRANSACTIONAL) == refused
        assert rules.refusal(standing, rules.SERVICE) == refused


@given(standings)
def test_marketing_needs_a_reason_and_no_objection(standing: rules.Standing) -> None:
    if rules.refusal(standing, rules.MARKETING) is None:
        assert standing.address
        assert not standing.suppressed
        assert standing.granted or standing.basis_refused is None
        assert standing.granted is not False


@given(standings)
def test_whoever_unsubscribed_is_told_so_and_never_written_to(standing: rules.Standing) -> None:
    if standing.granted is False and standing.address and "all" not in standing.suppressed:
        word = "topic_off" if standing.topic_only else "unsubscribed"
        assert rules.refusal(standing, rules.MARKETING) == word


@given(st.none() | words, words)
def test_a_topics_own_word_overrides_the_general_one(
    general: rules.Word | None, topic: rules.Word
) -> None:
    counts = rules.verdict(general, topic)
    assert counts in (general, topic)
    if not topic.granted or general is None or general.granted:
        assert counts is topic
    else:
        assert counts == max(general, topic, key=lambda word: (word.occurred_at, not word.granted))


@given(words, st.none() | words)
def test_whoever_takes_everything_back_gets_nothing_of_before(
    before: rules.Word, other: rules.Word | None
) -> None:
    last = max((word for word in (before, other) if word), key=lambda word: word.occurred_at)
    everything = rules.Word(False, last.occurred_at)
    assert rules.verdict(everything, before) == rules.Word(False, everything.occurred_at) or (
        not before.granted
    )


@pytest.mark.parametrize(
    ("on", "shop", "recipient", "answer"),
    [
        (True, "JP", "JP", None),
        (True, "JP", "US", None),
        (True, "GB", "FR", None),
        (True, "JP", "DE", "country_needs_consent"),
        (True, "DE", "JP", "country_needs_consent"),
        (True, "AT", "AT", "country_needs_consent"),
        (True, "JP", None, "country_unknown"),
        (True, "JP", "CN", "country_needs_consent"),
        (False, "JP", "JP", "no_consent"),
    ],
)
def test_where_being_a_customer_is_enough(
    on: bool, shop: str, recipient: str | None, answer: str | None
) -> None:
    refused = rules.basis_refusal(
        switched_on=on, also=(), shop_country=shop, recipient_country=recipient, topic="offers"
    )
    assert refused == answer


countries = st.sampled_from(["JP", "US", "GB", "FR", "DE", "AT", "CN", "BR", "", None])


@given(
    st.booleans(),
    st.lists(st.sampled_from(["DE", "AT", "CN"]), unique=True),
    countries,
    countries,
    st.sampled_from(TOPICS),
)
def test_no_country_is_reached_by_accident(
    on: bool, also: list[str], shop: str | None, recipient: str | None, topic: str
) -> None:
    refused = rules.basis_refusal(
        switched_on=on,
        also=tuple(also),
        shop_country=shop,
        recipient_country=recipient,
        topic=topic,
    )
    if refused is None:
        assert on
        assert {shop, recipient} <= {"JP", "US", "GB", "FR"} | (set(also) & {"DE", "AT"})
        assert not (recipient in ("DE", "AT") and topic in ("reviews", "feedback"))


def test_consent_is_confirmed_where_that_is_usual_or_wanted() -> None:
    assert rules.needs_confirmation("usual", "de")
    assert not rules.needs_confirmation("usual", "JP")
    assert not rules.needs_confirmation("usual", None)
    assert rules.needs_confirmation("everywhere", None)
    assert not rules.needs_confirmation("off", "DE")


def test_the_table_of_countries_says_each_country_once() -> None:
    named = [country for rule in all_rules() for country in rule.countries]
    assert sorted(set(named)) == sorted(named)
    assert all(rule.ja and rule.en for rule in all_rules())
    assert {t for rule in all_rules() for t in rule.consent_topics} <= set(TOPICS)


def test_mail_addresses_compare_without_case() -> None:
    assert rules.normal_address("email", " Taro@Example.COM ") == "taro@example.com"
    assert rules.normal_address("line", " U12aB ") == "U12aB"
    assert rules.normal_address("email", None) == ""
