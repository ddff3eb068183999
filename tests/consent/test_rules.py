"""Who may hear from the shop: rules.md ruling 21."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.consent import rules

standings = st.builds(
    rules.Standing,
    address=st.sampled_from(["", "a@example.com"]),
    suppressed=st.frozensets(st.sampled_from(["all", "marketing"])),
    granted=st.sampled_from([None, True, False]),
    existing_customer=st.booleans(),
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
        assert rules.refusal(standing, rules.TRANSACTIONAL) is None
        assert rules.refusal(standing, rules.SERVICE) is None


@given(standings)
def test_marketing_needs_a_reason_and_no_objection(standing: rules.Standing) -> None:
    if rules.refusal(standing, rules.MARKETING) is None:
        assert standing.address
        assert not standing.suppressed
        assert standing.granted or standing.existing_customer
        assert standing.granted is not False


@given(standings)
def test_whoever_unsubscribed_is_told_so_and_never_written_to(standing: rules.Standing) -> None:
    if standing.granted is False and standing.address and "all" not in standing.suppressed:
        assert rules.refusal(standing, rules.MARKETING) == "unsubscribed"


@pytest.mark.parametrize(
    ("on", "shop", "recipient", "answer"),
    [
        (True, "JP", "JP", True),
        (True, "JP", "US", True),
        (True, "GB", "FR", True),
        (True, "JP", "DE", False),
        (True, "DE", "JP", False),
        (True, "AT", "AT", False),
        (True, "JP", None, False),
        (True, "JP", "CN", False),
        (False, "JP", "JP", False),
    ],
)
def test_where_being_a_customer_is_enough(
    on: bool, shop: str, recipient: str | None, answer: bool
) -> None:
    assert (
        rules.existing_customer(switched_on=on, shop_country=shop, recipient_country=recipient)
        is answer
    )


def test_mail_addresses_compare_without_case() -> None:
    assert rules.normal_address("email", " Taro@Example.COM ") == "taro@example.com"
    assert rules.normal_address("line", " U12aB ") == "U12aB"
    assert rules.normal_address("email", None) == ""
