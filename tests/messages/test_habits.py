"""The hour at which one person is written to (features.md C24), learnt from what they did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from app.journeys import histories
from app.messages.model import Message
from app.mirror import queries as mirror
from app.mirror.model import Customer
from app.shops import service as shops
from app.shops import settings
from tests import make
from tests.messages.conftest import Bought

TOKYO = ZoneInfo("Asia/Tokyo")
DAY = timedelta(days=1)
#: From noon back to a quarter past nine that morning.
NINE = timedelta(hours=2, minutes=45)


@pytest.fixture
def ordering(bought: Bought) -> Callable[..., None]:
    """Has the buyer order a few more times, each at a quarter past nine in the morning."""

    def order(times: int, **given: object) -> None:
        with bought.shop.work() as session:
            buyer = session.get_one(Customer, (bought.shop.id, bought.customer_id))
            for days in range(1, times + 1):
                make.order(session, buyer=buyer, age=days * 9 * DAY + NINE, **given)

    return order


def hour(message: Message) -> int:
    assert message.due_at is not None, message.reason
    return message.due_at.astimezone(TOKYO).hour


def test_who_orders_in_the_morning_hears_in_the_morning_on_any_day(
    bought: Bought, noon: datetime, ordering: Callable[..., None]
) -> None:
    ordering(5)
    message = bought.say("win-back-miss")
    assert hour(message) == 9
    assert message.due_at is not None
    assert message.due_at - noon < DAY


def test_what_makes_room_keeps_its_readers_hour(
    bought: Bought, ordering: Callable[..., None]
) -> None:
    ordering(5)
    first = bought.say("win-back-miss")
    second = bought.say("replenish-follow-up")
    moved = bought.again(first)
    assert (hour(second), hour(moved)) == (9, 9)
    assert second.due_at is not None
    assert moved.due_at is not None
    assert moved.due_at - second.due_at >= DAY


def test_a_subscription_orders_at_no_hour_of_its_readers(
    bought: Bought, ordering: Callable[..., None]
) -> None:
    ordering(6, source_name="subscription_contract_checkout_one")
    assert hour(bought.say("review")) == 12


def test_what_was_bought_over_the_counter_tells_no_hour_of_its_readers(
    bought: Bought, ordering: Callable[..., None]
) -> None:
    ordering(6, source_name="pos")
    assert hour(bought.say("review")) == 12
    with bought.shop.work() as session:
        first = mirror.order(session, bought.order_id)
        [history] = histories.read(session, [first.id], histories.open_shelf(session))
        assert history.by_hand == [first.placed_at]
        assert len(history.ordered) == 7


def test_who_may_not_be_counted_gets_the_usual_hours(
    bought: Bought, ordering: Callable[..., None]
) -> None:
    ordering(5)
    with bought.shop.work() as session:
        row = shops.shop(session)
        kept = shops.settings_of(row)
        chosen = msgspec.structs.replace(kept.frequency, clicks="off")
        row.settings = settings.dump(msgspec.structs.replace(kept, frequency=chosen))
    assert hour(bought.say("review")) == 12
