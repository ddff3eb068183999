"""When what sells goes by mail (rules.md 2.3): on an evening from Friday to Sunday, in Japan."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.messages.kinds import MARKETING, all_kinds
from app.messages.model import Message, MessageShift
from app.shops.frequency import keeps_to_weekends
from tests import make
from tests.messages.conftest import Bought, buy, prefer_days

PROMOTIONAL = "win-back-miss"


def where(message: Message, zone: str = "Asia/Tokyo") -> tuple[bool, int]:
    """Whether it is to leave from Friday to Sunday, and at which hour."""
    assert message.due_at is not None, message.reason
    local = message.due_at.astimezone(ZoneInfo(zone))
    return local.weekday() in (4, 5, 6), local.hour


def test_in_japan_it_waits_for_an_evening_of_the_weekend_and_says_so(bought: Bought) -> None:
    message = bought.say(PROMOTIONAL)
    assert where(message) == (True, 20)
    with bought.shop.work() as session:
        shift = session.scalars(select(MessageShift)).one()
    assert (shift.reason, shift.moved_to) == ("weekend_evening", message.due_at)


def test_a_review_request_keeps_its_day(bought: Bought) -> None:
    message = bought.say("review")
    assert message.due_at is not None
    with bought.shop.work() as session:
        shift = session.scalars(select(MessageShift)).one()
    assert (shift.reason, shift.moved_to) == ("favourite_hour", message.due_at)
    assert message.due_at - shift.moved_from < timedelta(hours=1)


def test_the_merchant_may_choose_any_day_or_the_weekend_everywhere(
    noon: object, shop: make.MadeShop
) -> None:
    prefer_days(shop, "off")
    here = buy(shop).say(PROMOTIONAL, "here")
    assert where(here)[1] == 12
    abroad = buy(shop, shipping_address={"country_code": "US", "province_code": "NY"})
    assert where(abroad.say(PROMOTIONAL, "abroad"), "America/New_York")[1] in (12, 20)
    prefer_days(shop, "on")
    found = where(abroad.say(PROMOTIONAL, "again"), "America/New_York")
    assert found == (True, 20)


def test_the_default_is_japans_alone() -> None:
    assert keeps_to_weekends("auto", "Asia/Tokyo")
    assert not keeps_to_weekends("auto", "America/New_York")
    assert not keeps_to_weekends("off", "Asia/Tokyo")


def test_only_what_sells_and_can_wait_for_a_weekend_asks_for_one() -> None:
    asking = [one for one in all_kinds().values() if one.promotes]
    assert {one.message_class for one in asking} == {MARKETING}
    assert {one.topic for one in asking}.isdisjoint({"reviews", "feedback", "replenishment"})
    # From a Sunday night it is five days to Friday evening.
    assert min(one.max_lateness for one in asking) >= timedelta(days=5)
    assert not [one.name for one in asking if not [slot for slot in one.slots if slot.hour >= 17]]
