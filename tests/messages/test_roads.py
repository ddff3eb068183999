"""A server that hangs holds up its own mail and nobody else's."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app import wiring
from app.channels.base import Unavailable
from app.channels.email import EmailChannel
from app.channels.rests import Rests
from app.messages import jobs
from app.messages.roads import ABREAST, MOST, Road, Roads
from app.senders import service as senders
from tests import make
from tests.channels import smtpd
from tests.channels.test_email import envelope
from tests.messages.conftest import Bought, buy
from tests.processes import wait

PATIENCE_S = 60.0


@pytest.fixture(autouse=True)
def _time_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is: nothing ends here because the time was over, but because of
    what a test does."""
    monkeypatch.setattr("app.messages.batch.BATCH_SECONDS", PATIENCE_S)
    monkeypatch.setattr("app.messages.roads.HANGS_S", PATIENCE_S)
    monkeypatch.setattr("app.channels.smtp.WHOLE_S", PATIENCE_S)


@contextmanager
def posting(app: Flask, server: smtpd.ScriptedServer) -> Iterator[None]:
    """The app as a host runs it, with this mail server."""
    real = wiring.channels(replace(app.extensions["okaeri"].settings, inner_mail_servers=True))
    with make.changed(app, channels=real, smtp_url=f"smtp://127.0.0.1:{server.port}"):
        yield
    real["email"].close()


def send_by(shop: make.MadeShop, server: smtpd.ScriptedServer) -> Bought:
    """An order of a shop that has a mail server of its own."""
    with shop.work() as session:
        account = senders.enter(
            session,
            provider="smtp",
            mailbox="shop@hinata.example",
            endpoint=f"smtp://127.0.0.1:{server.port}",
            shown="",
        )
        senders.activate(session, account.id, [])
    return buy(shop)


def test_a_server_that_hangs_holds_up_nobody_else(
    app: Flask, shop: make.MadeShop, other_shop: make.MadeShop
) -> None:
    answered, in_time = threading.Event(), []
    with smtpd.serving() as slow, smtpd.serving() as quick:
        slow.watch = lambda verb: verb == "DOT" and in_time.append(answered.wait(PATIENCE_S))
        quick.watch = lambda verb: verb == "DOT" and answered.set()
        held, free = send_by(shop, slow), buy(other_shop)
        with posting(app, quick):
            first = held.say("next-steps")
            second = free.say("next-steps")
            jobs.send_transactional()
            wait(lambda: held.again(first).state == "sent" or None, "the slow server's mail")
    assert in_time == [True]
    assert free.again(second).state == "sent"


def test_a_batch_ends_while_a_server_hangs(
    app: Flask, shop: make.MadeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.messages.roads.HANGS_S", 0.0)
    go_on = threading.Event()
    with smtpd.serving() as server, posting(app, server):
        server.watch = lambda verb: verb == "MAIL" and go_on.wait(PATIENCE_S)
        bought = send_by(shop, server)
        first, second = (bought.say("next-steps", key=name) for name in ("a", "b"))
        jobs.send_transactional()
        waiting = bought.again(second)
        # One message is on the road, and no other was promised behind it.
        assert bought.again(first).state == "sending"
        assert (waiting.state, waiting.attempts, waiting.send_key) == ("scheduled", 0, None)
        assert waiting.retry_at is not None
        go_on.set()
        wait(lambda: bought.again(first).state == "sent" or None, "the first mail")


def test_what_one_process_finds_closed_spares_the_others(
    app: Flask, owner: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.channels.breaker.LEARN_S", 0.0)
    one, other = EmailChannel(Rests()), EmailChannel(Rests())
    with smtpd.serving(CONNECT=["421 too many", "220 ready"]) as server:
        mail = envelope(server)
        with pytest.raises(Unavailable):
            one.send(mail)
        with pytest.raises(Unavailable, match="421"):
            other.send(mail)
        assert server.connections == 1
        with owner.begin() as connection:
            kept = connection.execute(text("SELECT road FROM channel_rests")).scalar_one()
            connection.execute(text("UPDATE channel_rests SET until = clock_timestamp()"))
        assert str(server.port) not in kept
        other.send(mail)
        one.send(mail)
        with owner.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM channel_rests")).scalar_one() == 0
        for channel in (one, other):
            channel.close()


def test_roads_have_room_for_so_many() -> None:
    roads, go_on = Roads(), threading.Event()
    keyed, others = Road("keyed", ABREAST), [Road(f"other {number}") for number in range(MOST)]
    for road in [*[keyed] * ABREAST, *others[: MOST - ABREAST]]:
        assert roads.has_room(road)
        roads.take(road, lambda: go_on.wait(PATIENCE_S) and None)
    # One message a road, several where keys are known, so many in all.
    assert not any(map(roads.has_room, [keyed, *others]))
    go_on.set()
    assert roads.settle()
    assert roads.has_room(keyed)
