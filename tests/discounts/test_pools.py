"""Pools at work, against a Shopify that is slow, loses answers or is away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.clock import now
from app.core.db import unit_of_work
from app.discounts import jobs, queries, service
from app.discounts.model import DiscountCode, DiscountPool
from app.discounts.rules import READY
from app.journal import queries as journal
from app.shops.service import shop as shop_of
from tests import make
from tests.discounts.conftest import VARIANT
from tests.discounts.shopify import Shopify

CAMPAIGN = f"offer:{VARIANT}:10"
Hurry = Callable[[], None]


def fill(hurry: Hurry) -> None:
    """What the clock would ring for, until nothing is left to do."""
    jobs.open_pools()
    for _round in range(6):
        hurry()
        jobs.tend()


def free(shop: make.MadeShop) -> int:
    with shop.work() as session:
        return queries.free_codes(session, CAMPAIGN)


def take(session: Session, minutes: int = 5) -> DiscountCode:
    code = service.take_code(session, CAMPAIGN, remove_at=now(session) + timedelta(minutes=minutes))
    assert code is not None
    return code


def test_a_pool_is_made_ahead_with_single_use_codes(
    offering: make.MadeShop, shopify: Shopify, hurry: Hurry
) -> None:
    fill(hurry)
    assert free(offering) == READY
    assert len(shopify.discounts) == 1
    assert len(shopify.codes()) == READY
    (given,) = shopify.inputs
    assert given["usageLimit"] == 1
    assert given["customerGets"]["value"] == {"percentage": 0.1}
    assert given["customerGets"]["items"]["products"]["productVariantsToAdd"] == [
        f"gid://shopify/ProductVariant/{VARIANT}"
    ]
    assert given["endsAt"] > given["startsAt"]
    jobs.open_pools()
    jobs.tend()
    assert len(shopify.inputs) == 1


def test_shopify_may_take_its_time(offering: make.MadeShop, shopify: Shopify, hurry: Hurry) -> None:
    shopify.slow = True
    fill(hurry)
    assert free(offering) == READY
    assert shopify.calls.count("AddCodes") == 1


@pytest.mark.parametrize("lost", ["CreateDiscount", "AddCodes", "FindCodes"])
def test_an_answer_that_got_lost_makes_nothing_twice(
    offering: make.MadeShop, shopify: Shopify, hurry: Hurry, lost: str
) -> None:
    shopify.lose = [lost]
    fill(hurry)
    assert free(offering) == READY
    assert len(shopify.discounts) == 1
    assert len(shopify.codes()) == READY


def test_shopify_being_away_is_waited_out(
    offering: make.MadeShop, shopify: Shopify, hurry: Hurry
) -> None:
    shopify.down = True
    fill(hurry)
    with offering.work() as session:
        pool = session.scalars(select(DiscountPool)).one()
        assert pool.state == "scheduled"
        assert pool.retry_at is None or pool.retry_at > pool.created_at
        assert "ConnectError" in (pool.error or "")
        assert service.take_code(session, CAMPAIGN, remove_at=now(session)) is None
    shopify.down = False
    fill(hurry)
    assert free(offering) == READY


def test_two_takers_never_get_the_same_code(
    offering: make.MadeShop, shopify: Shopify, hurry: Hurry
) -> None:
    fill(hurry)
    with offering.work() as one, offering.work() as other:
        first, second = take(one), take(other)
        assert first.id != second.id
        assert first.code in shopify.codes()
    assert free(offering) == READY - 2


def test_codes_are_hard_to_guess(app: Flask) -> None:
    codes = {service.new_code() for _number in range(500)}
    assert len(codes) == 500
    assert all(code.startswith("OKAERI-") and len(code) == 17 for code in codes)


def test_a_pool_that_runs_low_is_filled_again(
    offering: make.MadeShop, shopify: Shopify, hurry: Hurry
) -> None:
    fill(hurry)
    with offering.work() as session:
        for _number in range(25):
            take(session)
    hurry()
    fill(hurry)
    # More are handed out than usual, so more are kept ready.
    assert free(offering) >= READY
    assert len(shopify.discounts) == 1


def test_an_expired_code_is_removed_at_shopify_and_announced(
    offering: make.MadeShop, shopify: Shopify, hurry: Hurry, owner: Engine, app: Flask
) -> None:
    fill(hurry)
    with offering.work() as session:
        taken, kept = take(session), take(session, minutes=600)
    jobs.remove_expired()
    assert taken.code in shopify.codes()
    assert clock.next_due(owner) == taken.due_at
    make.travel(owner, app, timedelta(minutes=6))
    assert taken.code not in shopify.codes()
    assert kept.code in shopify.codes()
    with offering.work() as session:
        assert session.get_one(DiscountCode, (offering.id, taken.id)).state == "done"
        (entry,) = journal.of_kind(session, "CodeRemoved")
        assert entry.data["code_id"] == taken.id


def test_removal_outlives_an_outage_and_a_lost_answer(
    offering: make.MadeShop, shopify: Shopify, hurry: Hurry, owner: Engine
) -> None:
    fill(hurry)
    with offering.work() as session:
        codes = [take(session).code for _number in range(3)]
    clock.shift_to(owner, clock.business_now(owner) + timedelta(minutes=6))
    shopify.down = True
    jobs.remove_expired()
    assert set(codes) <= shopify.codes()
    shopify.down, shopify.lose = False, ["RemoveCodes"]
    for _round in range(2):
        hurry()
        jobs.remove_expired()
    assert not set(codes) & shopify.codes()
    assert shopify.calls.count("RemoveCodes") == 2
    with offering.work() as session:
        assert len(journal.of_kind(session, "CodeRemoved")) == 3


def test_a_shop_that_left_leaves_no_code_waiting(
    offering: make.MadeShop, shopify: Shopify, hurry: Hurry, owner: Engine, app: Flask
) -> None:
    fill(hurry)
    with offering.work() as session:
        take(session)
        shop_of(session).uninstalled_at = now(session)
    clock.shift_to(owner, clock.business_now(owner) + timedelta(minutes=6))
    make.settle(app)
    assert "RemoveCodes" not in shopify.calls
    assert clock.unfinished(owner) == 0


def test_every_day_has_a_discount_of_its_own(
    offering: make.MadeShop, shopify: Shopify, hurry: Hurry, owner: Engine
) -> None:
    fill(hurry)
    clock.shift_to(owner, clock.business_now(owner) + timedelta(days=14))
    with offering.work() as session:
        # Yesterday's codes would outlive their discount.
        assert service.take_code(session, CAMPAIGN, remove_at=now(session)) is None
    fill(hurry)
    assert len(shopify.discounts) == 2
    with offering.work() as session:
        assert take(session).code in list(shopify.discounts.values())[1]


@pytest.mark.parametrize("state", ["off", "paused", "gone"])
def test_no_pool_where_no_offer_can_be_made(
    offering: make.MadeShop, shopify: Shopify, hurry: Hurry, state: str
) -> None:
    with offering.work() as session:
        row = shop_of(session)
        if state == "off":
            service.drop_campaigns(session, [])
        elif state == "paused":
            row.paused_at = now(session)
        else:
            row.uninstalled_at = now(session)
    fill(hurry)
    assert queries.shops_without_pool() == []
    assert shopify.calls == []


def test_other_terms_are_another_campaign(
    offering: make.MadeShop, shopify: Shopify, hurry: Hurry
) -> None:
    fill(hurry)
    with offering.work() as session:
        name = service.keep_campaign(session, [VARIANT], 20, timed=True)
        assert name == f"offer:{VARIANT}:20"
        service.drop_campaigns(session, [name])
    fill(hurry)
    assert [given["customerGets"]["value"]["percentage"] for given in shopify.inputs] == [0.1, 0.2]


def test_another_shop_sees_no_code(
    offering: make.MadeShop, shopify: Shopify, hurry: Hurry, other_shop: make.MadeShop
) -> None:
    fill(hurry)
    with unit_of_work(other_shop.id) as session:
        assert service.take_code(session, CAMPAIGN, remove_at=now(session)) is None
        assert queries.ids_of(session, shopify.codes()) == []
