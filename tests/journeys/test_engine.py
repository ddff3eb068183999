"""What the second format of definitions does to real orders: tasks, splits, customers' runs,
payments that come late."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select

from app.consent import service as consent
from app.core import clock
from app.core.clock import now
from app.core.errors import NotFound
from app.journal.service import record
from app.journeys import histories, people, queries, service
from app.journeys.erasure import erase_person
from app.journeys.known import zone_of
from app.journeys.model import JourneyTask
from app.messages.model import Message
from app.mirror.events import OrderPaid, OrderPlaced
from app.mirror.model import Customer, Order
from tests import make
from tests.journeys.trial import begin, send, text, the_run
from tests.journeys.world import World

TOKYO = ZoneInfo("Asia/Tokyo")
DAY = timedelta(days=1)

# --- payments -----------------------------------------------------------------------------------


def test_a_late_payment_is_not_too_late(trial: World, app: Flask, owner: Engine) -> None:
    begin(trial, text(send("a", "paid", "10h", 'when = ["goods", "not shipped"]')))
    order = trial.place(financial_status="pending")
    make.travel(owner, app, 4 * DAY)
    assert trial.messages(order) == {}
    pay(trial, order)
    make.travel(owner, app, 2 * DAY)  # ten hours, and the next welcome hour after them
    assert trial.messages(order) == {"trial:a": ("sent", None)}


def test_a_course_is_opened_by_its_payment(trial: World, app: Flask, owner: Engine) -> None:
    begin(trial, text(send("a", "received", "0h")))
    begin(trial, text(send("b", "paid", "0h"), key="other", starts="paid"))
    begin(trial, text(send("c", "received", "1d"), key="third", starts="received"))
    digital = {"requires_shipping": False, "kind": "digital", "product_type": "講座"}
    order = trial.place(financial_status="pending", items_given=[digital])
    make.travel(owner, app, 3 * DAY)
    assert trial.messages(order) == {}
    assert trial.run(order, "other") is None
    with trial.shop.work() as session:
        shown = queries.forecast(session, session.get_one(Order, (trial.shop.id, order)))
        assert {one.definition.key for one in shown} == {"other", "third"}
    pay(trial, order)
    make.travel(owner, app, 3 * DAY)
    assert set(trial.messages(order)) == {"trial:a", "other:b", "third:c"}


def pay(world: World, order: int) -> None:
    """The money of an order arrives."""
    with world.shop.work() as session:
        session.get_one(Order, (world.shop.id, order)).financial_status = "paid"
    world.tell(OrderPaid, order)


# --- what steps do ------------------------------------------------------------------------------

CALL = """
[[steps]]
key = "call"
anchor = "ordered"
offset = "0h"
task = { title = { ja = "お電話", en = "Call" }, text = { ja = "様子", en = "Ask" }, within = "2d" }
"""


def test_a_task_is_due_on_the_shops_working_days_and_closed_once(
    trial: World, app: Flask, owner: Engine
) -> None:
    friday = clock.business_now(owner).replace(year=2027, month=4, day=30, hour=3, minute=0)
    clock.shift_to(owner, friday)
    begin(trial, text(CALL))
    order = trial.place()
    with trial.shop.work() as session:
        [task] = queries.open_tasks(session)
        # 1 and 2 May are a weekend, 3 to 5 May are holidays.
        assert task.due_on.isoformat() == "2027-05-07"
        assert (task.title.en, task.order_id, task.state) == ("Call", order, "open")
        service.close_task(session, task.id, "Hanako")
        service.close_task(session, task.id, "Ichiro")
    with trial.shop.work() as session:
        assert queries.open_tasks(session) == []
        [done] = queries.tasks_of(session, order)
        assert (done.state, done.closed_by) == ("done", "Hanako")
        with pytest.raises(NotFound):
            service.close_task(session, 10**9, "Hanako")
    assert the_run(trial, order).end_reason == "completed"


SPLIT = """
[[steps]]
key = "half"
anchor = "ordered"
offset = "0h"
split = { arms = { a = 50, b = 50 } }
"""


def test_a_split_keeps_each_person_in_one_arm(trial: World, app: Flask, owner: Engine) -> None:
    arms = "".join(
        send(arm, "step:half", "1h", f'when = ["split:half:{arm}"]') for arm in ("a", "b")
    )
    begin(trial, text(SPLIT + arms))
    orders = [trial.place() for _ in range(8)]
    buyer_of = orders[0]
    with trial.shop.work() as session:
        buyer = session.get_one(Customer, (trial.shop.id, trial.customer(buyer_of)))
        session.expunge(buyer)
    again = trial.place(buyer=buyer, nth=2)
    make.travel(owner, app, 2 * DAY)
    taken = {order: next(iter(trial.messages(order))) for order in (*orders, again)}
    assert set(taken.values()) == {"trial:a", "trial:b"}
    assert taken[again] == taken[buyer_of]
    assert the_run(trial, again).steps["half"]["arm"] == taken[again][-1]


def test_an_end_is_an_end(trial: World, app: Flask, owner: Engine) -> None:
    stop = '[[steps]]\nkey = "stop"\nend = "enough"\nanchor = "ordered"\noffset = "1h"\n'
    begin(trial, text(stop + send("late", "ordered", "2d")))
    order = trial.place()
    make.travel(owner, app, 3 * DAY)
    run = the_run(trial, order)
    assert (run.state, run.end_reason) == ("done", "enough")
    assert trial.messages(order) == {}


@pytest.mark.usefixtures("noon")
def test_a_condition_about_a_step_is_looked_at_when_it_is_due(
    trial: World, app: Flask, owner: Engine
) -> None:
    steps = (
        send("a", "ordered", "1d")
        + send("b", "step:a", "1d", 'when = ["sent:a", "not ordered_since:a"]')
        + send("c", "step:a", "2d", 'when = ["ordered_since:a"]')
    )
    begin(trial, text(steps))
    quiet, busy = trial.place(), trial.place()
    make.travel(owner, app, 30 * timedelta(hours=1))
    with trial.shop.work() as session:
        buyer = session.get_one(Customer, (trial.shop.id, trial.customer(busy)))
        session.expunge(buyer)
    trial.place(buyer=buyer, nth=2)
    make.travel(owner, app, 4 * DAY)
    assert set(trial.messages(quiet)) == {"trial:a", "trial:b"}
    assert set(trial.messages(busy)) == {"trial:a", "trial:c"}
    passed = the_run(trial, busy).steps["b"]
    assert (passed["outcome"], passed["reason"]) == ("passed", "not ordered_since:a")


def test_a_reminder_follows_a_click(trial: World, app: Flask, owner: Engine) -> None:
    steps = send("a", "ordered", "0h") + send("b", "step:a", "2d", 'when = ["clicked:a"]')
    begin(trial, text(steps))
    curious, bored = trial.place(), trial.place()
    make.travel(owner, app, DAY)
    with trial.shop.work() as session:
        mail = session.scalars(select(Message).where(Message.order_id == curious)).one()
        mail.clicked_at = now(session)
    make.travel(owner, app, 3 * DAY)
    assert set(trial.messages(curious)) == {"trial:a", "trial:b"}
    assert set(trial.messages(bored)) == {"trial:a"}


def test_a_step_that_another_journey_does_is_left_out(
    world: World, app: Flask, owner: Engine
) -> None:
    begin(
        world,
        text(
            send("mine", "ordered", "10h"),
            more='replaces = ["first-72-hours.check-in"]\nwhen = ["first_order"]',
        ),
    )
    first, second = world.place(), world.place(nth=2)
    for order in (first, second):
        world.deliver(order)
    make.travel(owner, app, 6 * DAY)
    assert world.messages(first)["first-72-hours:check-in"] == ("skipped", "replaced")
    assert world.messages(second)["first-72-hours:check-in"] == ("sent", None)
    assert the_run(world, second).end_reason == "only:first_order"


def test_a_step_that_is_off_is_left_out_and_the_rest_keeps_its_days(
    trial: World, app: Flask, owner: Engine
) -> None:
    task = (
        '[[steps]]\nkey = "call"\noff = true\nanchor = "ordered"\noffset = "0h"\n'
        'task = { title = {ja="電話", en="Call"}, text = {ja="様子", en="Ask"} }\n'
        '[[steps]]\nkey = "stop"\noff = true\nanchor = "ordered"\noffset = "1h"\nend = "enough"\n'
    )
    mails = send("a", "ordered", "2h", "off = true") + send("b", "step:a", "2d")
    begin(trial, text(task + mails))
    order = trial.place()
    with trial.shop.work() as session:
        [run] = queries.runs_of(session, order)
        assert [one.step.key for one in queries.coming(session, run)] == ["b"]
        _, told = people.replay(session, order, [queries.definition(session, "trial")])
        imagined = {one.step.key: (one.state, one.reason) for one in told.told}
    make.travel(owner, app, 4 * DAY)
    assert trial.messages(order) == {
        "trial:a": ("skipped", "step_off"),
        "trial:b": ("sent", None),
    }
    assert imagined == {
        "call": ("passed", "step_off"),
        "stop": ("passed", "step_off"),
        "a": ("skipped", "step_off"),
        "b": ("sent", ""),
    }
    with trial.shop.work() as session:
        assert queries.tasks_of(session, order) == []


def test_what_waits_is_called_off_with_its_step(trial: World, app: Flask) -> None:
    # A check-in is written at once and waits for its hour.
    later = send("b", "ordered", "9d")
    begin(trial, text(send("a", "ordered", "0h") + later))
    order = trial.place()
    assert trial.messages(order)["trial:a"][0] == "scheduled"
    silent = text(send("a", "ordered", "0h", "off = true") + later)
    with trial.shop.work() as session:
        service.publish(session, "trial", silent, "42", move_running=True)
    make.settle(app)
    assert trial.messages(order)["trial:a"] == ("cancelled", "step_off")


# --- customers ----------------------------------------------------------------------------------


def lapsed(more: str = "") -> str:
    """A journey of customers who stay away."""
    return text(
        send("miss", "last_order", "60d", more) + send("last", "step:miss", "30d"),
        per="customer",
        more='ends_on = ["ordered_again"]',
    )


def test_who_comes_back_is_not_won_back(trial: World, app: Flask, owner: Engine) -> None:
    begin(trial, lapsed())
    first = trial.place()
    make.travel(owner, app, 59 * DAY)
    assert trial.messages(first) == {}
    with trial.shop.work() as session:
        buyer = session.get_one(Customer, (trial.shop.id, trial.customer(first)))
        session.expunge(buyer)
    second = trial.place(buyer=buyer, nth=2)
    assert the_run(trial, first).end_reason == "ordered_again"
    assert the_run(trial, second).subject == f"customer:{buyer.id}:order:{second}"
    make.travel(owner, app, 59 * DAY)
    assert trial.messages(second) == {}
    make.travel(owner, app, 2 * DAY)
    assert trial.messages(second) == {"trial:miss": ("sent", None)}
    assert trial.messages(first) == {}


def test_a_guest_is_nobody_to_come_back_to(trial: World) -> None:
    begin(trial, lapsed())
    with trial.shop.work() as session:
        order = make.order(session)
        order.customer_id = None
        record(session, OrderPlaced(occurred_at=order.placed_at, order_id=order.id))
        number = order.id
    make.settle(trial.app)
    assert trial.run(number, "trial") is None


def test_one_person_enters_at_most_once_in_a_span(trial: World, app: Flask, owner: Engine) -> None:
    begin(trial, text(send("ask", "ordered", "0h"), more='at_most = "90d"'))
    first = trial.place()
    with trial.shop.work() as session:
        buyer = session.get_one(Customer, (trial.shop.id, trial.customer(first)))
        session.expunge(buyer)
    make.travel(owner, app, 80 * DAY)
    second = trial.place(buyer=buyer, nth=2)
    assert the_run(trial, second).end_reason == "too_soon"
    assert the_run(trial, trial.place()).end_reason == "completed"
    make.travel(owner, app, 11 * DAY)
    # The refused try does not count: what counts is having been asked.
    third = trial.place(buyer=buyer, nth=3)
    assert the_run(trial, third).end_reason == "completed"


def test_a_guest_enters_at_most_once_however_the_address_is_written(trial: World) -> None:
    begin(trial, text(send("ask", "ordered", "0h"), more='at_most = "90d"'))
    numbers = []
    for address in ("Hanako@example.com", "hanako@Example.com"):
        with trial.shop.work() as session:
            order = make.order(session, email=address)
            order.customer_id = None
            record(session, OrderPlaced(occurred_at=order.placed_at, order_id=order.id))
            numbers.append(order.id)
        make.settle(trial.app)
    assert [the_run(trial, one).end_reason for one in numbers] == ["completed", "too_soon"]


def test_what_is_not_shipped_is_dated_where_its_buyer_lives(shop: make.MadeShop) -> None:
    with shop.work() as session:
        buyer = make.customer(session, country="US")
        order = make.order(session, buyer=buyer, shipping_address=None)
        assert zone_of(session, order) == "America/New_York"


def test_every_year_anew(trial: World, app: Flask, owner: Engine) -> None:
    begin(
        trial,
        text(send("year", "first_order", "1y"), per="customer", more='cycle = "1y"'),
    )
    order = trial.place()
    with trial.shop.work() as session:
        buyer = session.get_one(Customer, (trial.shop.id, trial.customer(order)))
        session.expunge(buyer)
    make.travel(owner, app, 370 * DAY)
    assert trial.messages(order) == {"trial:year": ("sent", None)}
    assert the_run(trial, trial.place(buyer=buyer, nth=2)).end_reason == "on_the_way"
    make.travel(owner, app, 366 * DAY)
    run = the_run(trial, order)
    assert (run.round, run.state) == (2, "scheduled")
    assert set(run.steps) == {"year#0", "year#1"}
    assert set(trial.messages(order)) == {"trial:year", "trial:year#1"}


def test_a_birthday_is_kept_from_what_the_order_says(
    trial: World, app: Flask, owner: Engine
) -> None:
    begin(trial, text(send("day", "birthday", "0d"), per="customer", more='cycle = "1y"'))
    soon = (clock.business_now(owner) + 10 * DAY).astimezone(TOKYO)
    known = trial.place(note_attributes={"誕生日": f"1990-{soon:%m-%d}"})
    unknown, later = trial.place(), trial.place()
    with trial.shop.work() as session:
        consent.tell_birthday(session, trial.customer(later), soon.month, soon.day)
        imagined = histories.read(session, [known, unknown], histories.open_shelf(session))
        assert [one.birthday for one in imagined] == [(soon.month, soon.day), None]
    make.travel(owner, app, 12 * DAY)
    assert trial.messages(known) == {"trial:day": ("sent", None)}
    assert trial.messages(later) == {"trial:day": ("sent", None)}
    assert trial.messages(unknown) == {}
    assert the_run(trial, unknown).due_at is None


# --- time ---------------------------------------------------------------------------------------


def test_a_clock_that_jumps_back_sends_nothing_twice(
    world: World, app: Flask, owner: Engine
) -> None:
    order = world.place()
    world.deliver(order)
    make.travel(owner, app, 15 * DAY)
    before = world.messages(order)
    assert before["review:last"] == ("sent", None)
    clock.shift_to(owner, clock.business_now(owner) - 14 * DAY)
    make.settle(app)
    make.travel(owner, app, 13 * DAY)
    assert world.messages(order) == before
    with world.shop.work() as session:
        twice = session.execute(
            select(Message.key).group_by(Message.key).having(func.count() > 1)
        ).all()
        assert twice == []


def test_tasks_of_a_forgotten_person_are_forgotten(trial: World) -> None:
    begin(trial, text(CALL))
    order = trial.place()
    with trial.shop.work() as session:
        customer = session.get_one(Customer, (trial.shop.id, trial.customer(order)))
        erase_person(session, customer)
        assert session.scalars(select(JourneyTask)).all() == []
