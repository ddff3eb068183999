"""A flood of one shop's marketing delays neither anybody's orders nor another shop's marketing."""

from __future__ import annotations

from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.core.claim import Claimer, claim
from app.messages import jobs, outbox
from app.messages.model import Message
from tests import make
from tests.messages.conftest import Bought

FLOOD = 20_000


def flood(owner: Engine, shop: make.MadeShop, count: int = FLOOD) -> None:
    """So many marketing messages of a shop have been due for an hour."""
    with owner.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO messages (shop_id, key, kind, message_class, channel, locale, "
                "subject_ids, state, lane, attempts, due_at) "
                "SELECT :shop, 'flood:' || n, 'review', 'marketing', 'email', 'ja', '{}', "
                "'scheduled', 'marketing', 0, okaeri_now() - interval '1 hour' "
                "FROM generate_series(1, :count) AS n"
            ),
            {"shop": shop.id, "count": count},
        )


def later(owner: Engine, shop: make.MadeShop, count: int) -> None:
    """A few marketing messages of a shop fell due just now."""
    flood(owner, shop, count)
    with owner.begin() as connection:
        connection.execute(
            text("UPDATE messages SET due_at = okaeri_now() WHERE shop_id = :shop"),
            {"shop": shop.id},
        )


def test_an_orders_first_mail_leaves_before_any_of_the_flood(
    app: Flask, owner: Engine, bought: Bought
) -> None:
    flood(owner, bought.shop)
    message = bought.say("next-steps")
    jobs.send_transactional()
    assert bought.again(message).state == "sent"


def test_shops_take_turns_in_a_claim(
    app: Flask, owner: Engine, shop: make.MadeShop, other_shop: make.MadeShop
) -> None:
    flood(owner, shop)
    later(owner, other_shop, 3)
    first = claim(Message, lane="marketing", fair=True)
    assert Counter(mine.shop_id for mine in first) == {shop.id: 17, other_shop.id: 3}
    second = claim(Message, lane="marketing", fair=True)
    assert {mine.shop_id for mine in second} == {shop.id}
    assert len(second) == 20
    assert not {(m.shop_id, m.id) for m in first} & {(m.shop_id, m.id) for m in second}
    outbox.release(first)
    again = claim(Message, lane="marketing", fair=True)
    assert Counter(mine.shop_id for mine in again)[other_shop.id] == 3


def test_a_quiet_lane_is_claimed_earliest_first(
    app: Flask, owner: Engine, shop: make.MadeShop, other_shop: make.MadeShop
) -> None:
    flood(owner, shop, 4)
    later(owner, other_shop, 4)
    claims = claim(Message, lane="marketing", fair=True)
    assert [mine.shop_id for mine in claims] == [shop.id] * 4 + [other_shop.id] * 4


def test_a_job_goes_on_where_its_last_claim_ended_and_misses_nothing(
    app: Flask, owner: Engine, shop: make.MadeShop, other_shop: make.MadeShop
) -> None:
    later(owner, shop, 5)
    job = Claimer(Message, lane="marketing", limit=2, fair=True)
    first = job.take()
    # Due for an hour already, but only now there.
    flood(owner, other_shop, 1)
    second = job.take()
    assert [mine.shop_id for mine in first + second] == [shop.id] * 4
    # What is left does not fill a claim: then the one from before is taken, too.
    assert [mine.shop_id for mine in job.take()] == [other_shop.id, shop.id]
    assert job.take() == []
    # And another job would have begun with it.
    outbox.release(first)
    outbox.release(second)
    assert len(job.take()) == len(job.take()) == 2


def test_in_a_flood_each_shop_goes_on_where_its_own_turn_ended(
    app: Flask, owner: Engine, shop: make.MadeShop, other_shop: make.MadeShop
) -> None:
    flood(owner, shop, 60)
    later(owner, other_shop, 4)
    job = Claimer(Message, lane="marketing", limit=6, fair=True)
    first = job.take()
    assert Counter(mine.shop_id for mine in first) == {shop.id: 3, other_shop.id: 3}
    outbox.release(first[:1])
    second = job.take()
    assert Counter(mine.shop_id for mine in second) == {shop.id: 5, other_shop.id: 1}
    rest = [mine for claims in iter(job.take, []) for mine in claims]
    taken = {(mine.shop_id, mine.id) for mine in first + second + rest}
    assert len(taken) == 64
    assert (first[0].shop_id, first[0].id) in {(mine.shop_id, mine.id) for mine in second + rest}


def test_who_falls_due_in_anothers_flood_is_given_a_turn(
    app: Flask,
    owner: Engine,
    shop: make.MadeShop,
    other_shop: make.MadeShop,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.core.claim.FRESH_S", 0)
    flood(owner, shop, 60)
    job = Claimer(Message, lane="marketing", limit=6, fair=True)
    assert {mine.shop_id for mine in job.take()} == {shop.id}
    later(owner, other_shop, 1)
    assert Counter(mine.shop_id for mine in job.take()) == {shop.id: 5, other_shop.id: 1}
