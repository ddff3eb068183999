"""The time machine steps through what is due and says what is stuck; parcels, mails, erasure."""

from __future__ import annotations

import smtplib
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import Engine, text

from app.sandbox import mail, timemachine, verbs
from app.sandbox.app import start
from app.sandbox.running import Sandbox
from app.sandbox.store import moment
from tests.sandbox.conftest import HINATA, Listener, buy


@pytest.fixture
def alive(installed: Sandbox) -> Iterator[Sandbox]:
    """The world with its threads."""
    threads = start(installed)
    yield installed
    installed.stopping.set()
    for thread in threads:
        thread.join(10)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("90m", timedelta(minutes=90)), ("4h", timedelta(hours=4)), ("14d", timedelta(14)),
     ("2w", timedelta(14))],
)  # fmt: skip
def test_durations_are_read(written: str, meant: timedelta) -> None:
    assert timemachine.parse_duration(written) == meant


@pytest.mark.parametrize("written", ["", "x", "-1d", "0d", "5y", "99999w"])
def test_nonsense_durations_are_refused(written: str) -> None:
    with pytest.raises(verbs.Refused):
        timemachine.parse_duration(written)


def test_a_parcel_travels_step_by_step(alive: Sandbox, listener: Listener) -> None:
    order = buy(alive)
    sent = verbs.fulfill(alive, HINATA, order["id"])
    begun = alive.now()
    told = verbs.forward(alive, timedelta(days=3))
    assert told["state"] == "done"
    scans = [event for step in told["steps"] for event in step["events"]]
    assert [one.split(": ")[1] for one in scans] == [
        "carrier_picked_up", "in_transit", "out_for_delivery", "delivered",
    ]  # fmt: skip
    moments = [step["moment"] for step in told["steps"]]
    assert moments == sorted(moments)
    assert len(moments) == 5
    assert timedelta(days=3) <= alive.now() - begun < timedelta(days=3, minutes=2)
    found = verbs.order(alive, HINATA, order["id"])
    assert found is not None
    parcel = found["fulfillments"][0]
    assert parcel["shipment_status"] == "delivered"
    assert parcel["id"] == sent["id"]
    assert listener.topics().count("fulfillment_events/create") == 4


@pytest.mark.parametrize(
    ("scenario", "last", "count"),
    [("attempted", "delivered", 6), ("delayed", "delivered", 6), ("silent", "carrier_picked_up", 1),
     ("manual", None, 0)],
)  # fmt: skip
def test_parcels_may_have_trouble(
    alive: Sandbox, scenario: str, last: str | None, count: int
) -> None:
    sent = verbs.fulfill(alive, HINATA, buy(alive)["id"], scenario=scenario)
    verbs.forward(alive, timedelta(days=6))
    found = verbs.orders(alive, HINATA)[0]["fulfillments"][0]
    assert found["id"] == sent["id"]
    assert found["shipment_status"] == last
    assert len(found["events"]) == count


def test_a_parcel_may_be_pushed_by_hand(installed: Sandbox) -> None:
    sent = verbs.fulfill(installed, HINATA, buy(installed)["id"])
    seen = []
    while (event := verbs.advance_parcel(installed, HINATA, sent["id"])) is not None:
        seen.append(event["status"])
    assert seen == ["carrier_picked_up", "in_transit", "out_for_delivery", "delivered"]
    assert verbs.orders(installed, HINATA)[0]["fulfillments"][0]["planned"] == []


def test_an_app_that_is_away_stops_the_machine_with_a_reason(
    alive: Sandbox, listener: Listener
) -> None:
    listener.reply = lambda _call: (503, {}, b"")
    verbs.fulfill(alive, HINATA, buy(alive)["id"])
    before = alive.now()
    told = verbs.forward(alive, timedelta(days=3), patience_s=1.0)
    assert told["state"] == "stuck"
    assert "webhooks" in told["stuck"][0]
    assert alive.now() - before < timedelta(minutes=1)


def test_two_machines_never_run_at_once(alive: Sandbox) -> None:
    verbs.fulfill(alive, HINATA, buy(alive)["id"])
    inside, go_on = threading.Event(), threading.Event()

    def wait(_step: object) -> None:
        inside.set()
        assert go_on.wait(10)

    thread = threading.Thread(target=verbs.forward, args=(alive, timedelta(hours=3), wait))
    thread.start()
    assert inside.wait(20)
    running = verbs.forward_state(alive)
    assert running is not None
    assert running["state"] == "running"
    with pytest.raises(verbs.Refused, match="already"):
        verbs.forward(alive, timedelta(hours=1))
    go_on.set()
    thread.join(20)
    ended = verbs.forward_state(alive)
    assert ended is not None
    assert ended["state"] == "done"


def test_the_app_moments_are_stepped_to(alive: Sandbox, owner: Engine) -> None:
    """A row of the app that falls due is a moment of its own."""
    due = alive.now() + timedelta(hours=5)
    with owner.begin() as connection:
        shop = connection.execute(
            text("INSERT INTO tenants (domain) VALUES ('x.myshopify.com') RETURNING shop_id")
        ).scalar_one()
        connection.execute(
            text("INSERT INTO webhooks (shop_id, source, topic, webhook_id, body, state, due_at,"
                 " attempts, lane) VALUES (:shop, 'webhooks', 'shop/update', 'w', '', 'scheduled',"
                 " :due, 0, 'inbox')"),
            {"shop": shop, "due": due},
        )  # fmt: skip
    try:
        told = verbs.forward(alive, timedelta(days=1), patience_s=1.0)
    finally:
        with owner.begin() as connection:
            connection.execute(text("DELETE FROM webhooks"))
            connection.execute(text("DELETE FROM tenants"))
    # Nobody works for the app here, so the machine stops at its moment and says so.
    assert told["state"] == "stuck"
    assert "rows of the app" in told["stuck"][0]
    assert abs((alive.now() - due).total_seconds()) < 30


def test_erasure_is_asked_for_two_days_after_the_uninstallation(
    alive: Sandbox, listener: Listener
) -> None:
    verbs.uninstall(alive, HINATA)
    verbs.forward(alive, timedelta(hours=47))
    assert "app/uninstalled" in listener.topics()
    assert "shop/redact" not in listener.topics()
    verbs.forward(alive, timedelta(hours=2))
    assert "shop/redact" in listener.topics()


def test_a_shop_that_comes_back_is_not_erased(alive: Sandbox, listener: Listener) -> None:
    verbs.uninstall(alive, HINATA)
    verbs.install(alive, HINATA)
    verbs.forward(alive, timedelta(days=3))
    assert "shop/redact" not in listener.topics()


def test_the_world_goes_on_by_itself(alive: Sandbox) -> None:
    sent = verbs.fulfill(alive, HINATA, buy(alive)["id"])
    first = moment(sent["planned"][0]["due_at"])
    timemachine.shift_to(alive.owner, first + timedelta(seconds=1))
    ends = time.monotonic() + 20
    while not (events := verbs.orders(alive, HINATA)[0]["fulfillments"][0]["events"]):
        assert time.monotonic() < ends
        alive.stopping.wait(0.1)
    assert [one["status"] for one in events] == ["carrier_picked_up"]


def test_mails_are_kept_as_they_came(sandbox: Sandbox) -> None:
    port = sandbox.settings.smtp_port
    server = mail.serve(sandbox)
    try:
        letter = EmailMessage()
        letter["From"], letter["To"] = "ひなた <a@example.jp>", "taro@example.jp"
        letter["Subject"] = "【ひなたコーヒー】ご注文ありがとうございます"
        letter.set_content("本文")
        letter.add_alternative("<p>本文</p>", subtype="html")
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.send_message(letter)
        kept = verbs.mails(sandbox, to="taro@example.jp")
        assert [one["subject"] for one in kept] == ["【ひなたコーヒー】ご注文ありがとうございます"]
        opened = verbs.mail(sandbox, kept[0]["id"])
        assert opened is not None
        assert ("本文" in opened["text"], "<p>" in opened["html"]) == (True, True)
        verbs.set_switch(sandbox, "smtp", "down")
        client = smtplib.SMTP("127.0.0.1", port)
        with pytest.raises(smtplib.SMTPDataError) as error:
            client.send_message(letter)
        client.close()
        assert error.value.smtp_code == 451
    finally:
        server.stop()
    assert len(verbs.mails(sandbox)) == 1
