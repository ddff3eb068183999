"""A page that was drawn a moment ago, and what has it drawn anew."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from app.core import clock
from app.core.clock import now
from app.core.db import unit_of_work
from app.core.drawn import MOST, Drawn
from app.mirror.model import Product
from app.shops import service as shops
from tests import make

#: With what a statement may hold: a value, a sign of percent.
TITLES = "SELECT title FROM products WHERE title <> :none AND title NOT LIKE '9%' ORDER BY id"


def behind_a_door(shop: make.MadeShop) -> AbstractContextManager[Session]:
    return unit_of_work(shop.id, stamp=shops.STAMP)


class Easel:
    """Draws the titles of a shop's products, and counts how often."""

    def __init__(self) -> None:
        self.drawn: Drawn[str] = Drawn()
        self.times = 0

    def look(
        self,
        shop: make.MadeShop,
        key: str = "page",
        *,
        sql: str = TITLES,
        until: datetime | None = None,
    ) -> str:
        def draw() -> str:
            self.times += 1
            return ",".join(session.scalars(text(sql), {"none": ""}))

        with behind_a_door(shop) as session:
            return self.drawn.show(session, key, draw, lambda _shown: until)


@pytest.fixture
def easel(shop: make.MadeShop) -> Easel:
    """Has drawn the one product often enough to remember it."""
    with shop.work() as session:
        make.product(session, title="a")
    made = Easel()
    assert {made.look(shop) for _ in range(4)} == {"a"}
    assert made.times == 2
    return made


def test_what_is_the_same_is_not_drawn_again_and_what_changed_is_at_once(
    easel: Easel, shop: make.MadeShop
) -> None:
    with shop.work() as session:
        make.product(session, title="b")
    assert [easel.look(shop) for _ in range(3)] == ["a,b"] * 3
    assert easel.times == 3
    with shop.work() as session:
        session.delete(session.scalars(select(Product).where(Product.title == "b")).one())
    assert easel.look(shop) == "a"


def test_no_page_is_another_shops_or_anothers_question(
    easel: Easel, shop: make.MadeShop, other_shop: make.MadeShop
) -> None:
    assert [easel.look(other_shop) for _ in range(3)] == [""] * 3
    assert easel.look(shop, "another") == "a"
    assert easel.times == 5


def test_another_version_of_the_shops_own_row_is_another_page(
    easel: Easel, shop: make.MadeShop
) -> None:
    with shop.work() as session:
        shops.shop(session).name = "Another"
    easel.look(shop)
    assert easel.times == 3
    with behind_a_door(shop) as session:
        assert shops.shop_at(session) is shops.shop(session)
        assert shops.shop(session).name == "Another"


def test_a_page_is_forgotten_after_ten_seconds_or_when_it_ends(
    easel: Easel, shop: make.MadeShop, owner: Engine
) -> None:
    clock.shift_to(owner, clock.business_now(owner) + timedelta(seconds=11))
    easel.look(shop)
    assert easel.times == 3
    with shop.work() as session:
        ended = now(session)
    for _ in range(3):
        easel.look(shop, "over", until=ended)
    assert easel.times == 6


def test_what_locks_or_writes_is_done_each_time(easel: Easel, shop: make.MadeShop) -> None:
    for sql in (
        "SELECT title FROM products FOR UPDATE",
        "UPDATE products SET title = title RETURNING title",
    ):
        before = easel.times
        assert [easel.look(shop, sql, sql=sql) for _ in range(3)] == ["a"] * 3
        assert easel.times == before + 3


def test_what_changes_while_it_is_drawn_is_not_remembered(
    easel: Easel, shop: make.MadeShop, owner: Engine
) -> None:
    drawn: Drawn[str] = Drawn()
    titles = ["b", "c", "d"]

    def draw() -> str:
        found = session.scalars(select(Product.title)).one()
        with owner.begin() as connection:
            connection.execute(text("UPDATE products SET title = :title"), {"title": titles.pop(0)})
        return found

    for title in ("a", "b", "c"):
        with behind_a_door(shop) as session:
            assert drawn.show(session, "page", draw) == title


def test_only_so_many_pages_are_remembered(easel: Easel, shop: make.MadeShop) -> None:
    with behind_a_door(shop) as session:
        for number in range(MOST):
            easel.drawn.show(session, number, lambda: "")
    easel.look(shop)
    assert easel.times == 3


def test_without_a_stamp_nothing_is_remembered(shop: make.MadeShop) -> None:
    easel = Easel()
    for _ in range(4):
        with shop.work() as session:
            easel.drawn.show(session, "page", lambda: str(easel.times))
    with shop.work() as session:
        assert easel.drawn.show(session, "page", lambda: "new") == "new"
