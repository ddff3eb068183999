"""The 120 days after an order, day by day, for the people a shop knows best.

A calendar is read as its customer would live it: days after the order, what came on each, and what
did not come and why. Coffee is bought by the pair, which lasts 50 days (30 × 2^0.75).
"""

from __future__ import annotations

from datetime import timedelta

from tests.flows.life import DAY, Life

COFFEE = (801, "ひなたブレンド 200g")
MUG = (802, "こもれびマグ")
CHOSEN = ("welcome", "gift-guide", "win-back")
#: What the shop has not written or made yet is not sent, and says so.
UNWRITTEN = "while-waiting: no_guide"
#: Whoever does not come back is missed after 60 days, a Saturday, once. A month later it is Monday,
#: and what sells waits for Friday's evening; there is no coupon to offer here.
MISSED = {60: ["win-back-miss"], 94: ["win-back-offer: no_coupon"]}
#: Who ordered on a Thursday is missed on a Friday and a Sunday.
MISSED_LATER = {64: ["win-back-miss"], 94: ["win-back-offer: no_coupon"]}


def open_shop(life: Life, *chosen: str) -> None:
    """Coffee and mugs on the shelves, the recommended journeys on, and these."""
    life.sell(801, COFFEE[1], "コーヒー豆")
    life.sell(802, MUG[1], "マグカップ")
    life.switch_on(*chosen)


def test_a_first_time_buyer_is_welcomed_asked_and_reminded(life: Life) -> None:
    open_shop(life, *CHOSEN)
    order = life.buy(COFFEE)
    life.deliver(order)
    life.until_day(order, 119)
    assert life.calendar(order) == {
        0: ["next-steps", "prepare: replaced"],
        1: ["arriving", "shipped", "welcome-story"],
        2: ["delivered", "out-for-delivery", "start-guide", "start-guide: replaced", UNWRITTEN],
        3: ["little-extra: no_guide"],
        5: ["check-in"],
        7: ["review"],
        9: ["all-well: replaced", "first-use"],
        10: ["review-second"],
        14: ["review-last"],
        24: ["welcome-next: no_suggestion"],
        41: ["replenish"],
        **MISSED,
    }


def test_who_comes_back_is_not_welcomed_again_and_not_missed(life: Life) -> None:
    open_shop(life, *CHOSEN)
    first = life.buy(COFFEE)
    life.deliver(first)
    life.until_day(first, 30)
    second = life.buy(COFFEE, nth=2)
    life.deliver(second)
    life.until_day(second, 119)
    assert max(life.calendar(first)) < 30
    # Who has had it before knows how to prepare and to begin.
    assert life.calendar(second) == {
        0: ["next-steps"],
        1: ["shipped"],
        2: ["delivered", "out-for-delivery", UNWRITTEN],
        3: ["little-extra: no_guide"],
        5: ["check-in"],
        7: ["review"],
        9: ["all-well"],
        10: ["review-second"],
        14: ["review-last"],
        41: ["replenish"],
        **MISSED_LATER,
    }


def test_a_gift_brings_the_giver_a_guide_and_asks_for_nothing(life: Life) -> None:
    open_shop(life, *CHOSEN)
    order = life.buy(MUG, note_attributes=[{"name": "ギフト", "value": "はい"}])
    life.deliver(order)
    life.until_day(order, 119)
    assert life.calendar(order) == {
        0: ["next-steps", "prepare"],
        1: ["shipped"],
        2: ["delivered", "gift-guide", "out-for-delivery", "start-guide: replaced", UNWRITTEN],
        5: ["check-in"],
        9: ["all-well: replaced"],
        **MISSED,
    }


def test_a_delayed_parcel_moves_everything_that_counts_from_its_arrival(life: Life) -> None:
    open_shop(life, *CHOSEN)
    order = life.buy(COFFEE)
    life.go_on(DAY)
    parcel = life.ship(order)
    life.go_on(DAY)
    life.scan(parcel, "delayed")
    life.go_on(2 * DAY)
    life.arrive(parcel)
    life.until_day(order, 119)
    assert life.calendar(order) == {
        0: ["next-steps", "prepare: replaced"],
        1: ["arriving", "shipped", "welcome-story"],
        2: ["delayed", UNWRITTEN],
        5: ["delivered", "out-for-delivery", "start-guide", "start-guide: replaced"],
        6: ["little-extra: no_guide"],
        8: ["check-in"],
        10: ["review"],
        12: ["all-well: replaced", "first-use"],
        13: ["review-second"],
        17: ["review-last"],
        26: ["welcome-next: no_suggestion"],
        44: ["replenish"],
        **MISSED,
    }


def test_a_refund_in_the_middle_leaves_what_stays(life: Life) -> None:
    open_shop(life, *CHOSEN)
    order = life.buy(COFFEE, MUG)
    life.deliver(order)
    life.until_day(order, 4)
    life.refund(order, 0)
    life.until_day(order, 119)
    found = life.calendar(order)
    # The coffee went back: nobody is asked to order it again. The mug stayed: it is asked about,
    # eight days after it came, as any mug is.
    assert found[5] == ["check-in"]
    assert found[10] == ["review"]
    assert not [what for days in found.values() for what in days if what.startswith("replenish")]


def test_a_whole_refund_ends_everything_but_what_was_said(life: Life) -> None:
    open_shop(life, *CHOSEN)
    order = life.buy(COFFEE)
    life.deliver(order)
    life.until_day(order, 7)
    life.refund(order)
    life.until_day(order, 119)
    sent = {day: what for day, what in life.calendar(order).items() if day > 7}
    assert not [what for days in sent.values() for what in days if ":" not in what]


def test_a_convenience_store_order_waits_for_its_money(life: Life) -> None:
    open_shop(life)
    order = life.buy(COFFEE, financial_status="pending", payment_gateway_names=["konbini"])
    life.go_on(3 * DAY)
    assert life.calendar(order) == {0: ["next-steps"]}
    life.pay(order)
    life.go_on(timedelta(hours=1))
    assert life.calendar(order)[3] == ["payment-received"]
    life.deliver(order)
    life.until_day(order, 11)
    found = life.calendar(order)
    assert "shipped" in found[4]
    assert "delivered" in found[5]
    assert found[10] == ["review"]


def test_what_is_paid_at_the_door_is_waited_for_by_nobody(life: Life) -> None:
    open_shop(life)
    order = life.buy(COFFEE, financial_status="pending", payment_gateway_names=["代金引換 (COD)"])
    life.go_on(timedelta(hours=11))
    life.pay(order)
    life.go_on(timedelta(hours=1))
    # The money is collected at the door: nobody waits for it, and nobody is told that it has come.
    assert life.calendar(order) == {0: ["next-steps", "prepare"]}


def test_of_two_parcels_the_late_one_keeps_its_own_time(life: Life) -> None:
    open_shop(life, *CHOSEN)
    order = life.buy(COFFEE, MUG)
    life.go_on(DAY)
    first = life.ship(order, 0)
    late = life.ship(order, 1)
    life.go_on(DAY)
    life.scan(late, "delayed")
    life.arrive(first)
    life.go_on(3 * DAY)
    life.arrive(late)
    life.until_day(order, 20)
    found = life.calendar(order)
    said = [what for days in found.values() for what in days]
    assert said.count("shipped") == 2
    assert said.count("delivered") == 2
    assert said.count("delayed") == 1
    # While one is late nothing asks or sells; what was kept back comes once it has arrived.
    assert found[2] == ["delayed", UNWRITTEN, UNWRITTEN]
    assert {"delivered", "start-guide"} < set(found[3])
    assert found[7] == ["delivered", "out-for-delivery"]
    assert found[8] == ["review"]
