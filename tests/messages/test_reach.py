"""One message, one person, one channel: which, and what happens when it is not taken."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.channels.base import Bounced, Envelope
from app.channels.memory import MemoryChannel
from app.consent import service as consent
from app.core.clock import now
from app.core.errors import GiveUp
from app.messages import jobs, service, voices
from app.messages.facts import Facts
from app.messages.kinds import Kind
from app.messages.model import Message, MessageContent
from app.messages.spoken import Spoken
from tests import make
from tests.messages.conftest import Bought, buy

TOKYO = ZoneInfo("Asia/Tokyo")


class Telephone:
    """A voice for a second channel, as a room that adds one would write it."""

    def speaks(self, kind: Kind) -> bool:
        return kind.name != "check-in"

    def write(self, _session: Session, message: Message, facts: Facts) -> Spoken | str:
        return Spoken(
            message.kind, f"{message.kind}: {facts.locale}", payload={"to": facts.address}
        )

    def envelope(self, _session: Session, content: MessageContent) -> Envelope:
        return Envelope(
            send_key=str(content.message_id),
            sender="shop",
            recipient=(content.payload or {})["to"],
            headers={},
            plain=content.plain.decode(),
            html="",
            payload=content.payload,
        )


@pytest.fixture
def line() -> MemoryChannel:
    return MemoryChannel()


@pytest.fixture
def app(
    app: Flask, mailbox: MemoryChannel, line: MemoryChannel, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Flask]:
    """The app with two channels."""
    monkeypatch.setitem(voices.VOICES, "line", Telephone())
    with make.changed(app, channels={"email": mailbox, "line": line}) as made:
        yield made


@pytest.fixture
def friend(noon: Any) -> Bought:
    """Somebody who linked LINE and agreed to marketing there, of a shop that prefers it."""
    bought = buy(make.shop(settings={"frequency": {"prefer": "line"}}))
    befriend(bought)
    return bought


def befriend(bought: Bought) -> None:
    with bought.shop.work() as session:
        consent.link_channel(session, bought.customer_id, "line", "U123", {"by": "test"})
        consent.grant(
            session,
            bought.customer_id,
            channel="line",
            source="test",
            occurred_at=now(session),
        )


def test_the_shops_channel_comes_first_and_mail_remains(
    friend: Bought, line: MemoryChannel, mailbox: MemoryChannel
) -> None:
    message = friend.say("next-steps")
    assert (message.channel, message.fallback, message.lane) == ("line", ["email"], "line")
    jobs.send_line()
    assert [envelope.recipient for envelope in line.sent] == ["U123"]
    assert mailbox.sent == []
    assert friend.again(message).state == "sent"


def test_a_step_may_ask_for_mail_and_a_kind_may_have_no_words(friend: Bought) -> None:
    assert friend.say("shipped", channel="email").channel == "email"
    assert friend.say("check-in").channel == "email"


def test_without_a_link_or_consent_there_the_mail_goes(
    app: Flask, noon: object, shop: make.MadeShop
) -> None:
    bought = buy(shop)
    assert bought.say("review", channel="line").channel == "email"
    with bought.shop.work() as session:
        consent.link_channel(session, bought.customer_id, "line", "U9", {"by": "test"})
    assert bought.say("replenish", channel="line").channel == "email"
    assert bought.say("shipped", channel="line").channel == "line"


@pytest.mark.parametrize("trouble", [GiveUp("quota"), Bounced("blocked")])
def test_what_the_telephone_does_not_take_goes_by_mail_as_the_same_message(
    friend: Bought, line: MemoryChannel, mailbox: MemoryChannel, trouble: Exception
) -> None:
    line.troubles = [trouble]
    message = friend.say("next-steps")
    jobs.send_line()
    moved = friend.again(message)
    assert (moved.channel, moved.lane, moved.fallback) == ("email", "transactional", [])
    jobs.send_transactional()
    jobs.send_line()
    assert friend.again(message).state == "sent"
    assert (len(line.sent), len(mailbox.sent)) == (0, 1)


def test_whoever_leaves_line_meanwhile_gets_the_mail(
    friend: Bought, line: MemoryChannel, mailbox: MemoryChannel
) -> None:
    message = friend.say("next-steps")
    with friend.shop.work() as session:
        consent.unlink_channel(session, friend.customer_id, "line")
    jobs.send_line()
    assert friend.again(message).channel == "email"
    assert (len(line.sent), len(mailbox.sent)) == (0, 1)


def test_the_caps_are_one_persons_over_all_channels(
    app: Flask, owner: Engine, friend: Bought
) -> None:
    by_line = friend.say("replenish")
    by_mail = friend.say("review", channel="email")
    assert (by_line.channel, by_mail.channel) == ("line", "email")
    assert by_line.due_at is not None
    assert by_mail.due_at is not None
    assert by_mail.due_at - by_line.due_at >= timedelta(days=1)


def test_a_telephone_does_not_ring_at_night_even_for_a_parcel(
    app: Flask, owner: Engine, friend: Bought
) -> None:
    make.travel(owner, app, timedelta(hours=11))
    message = friend.say("shipped")
    assert message.channel == "line"
    with friend.shop.work() as session:
        assert message.due_at is not None
        assert message.due_at - now(session) > timedelta(hours=8)


def test_what_sells_rings_at_noon_or_before_the_evening_ends(friend: Bought) -> None:
    with friend.shop.work() as session:
        after_lunch = now(session).astimezone(TOKYO).replace(hour=13)
    for kind, channel, hour, minute in (
        ("review", "line", 19, 30),
        ("start-guide", "line", 20, 0),
        ("all-well", "email", 20, 0),
    ):
        message = friend.say(kind, due_at=after_lunch, channel=channel)
        assert message.channel == channel
        assert message.due_at is not None
        spread = message.due_at - after_lunch.replace(hour=hour, minute=minute)
        assert timedelta(minutes=1) <= spread <= timedelta(minutes=12)


@pytest.mark.parametrize("state", ["sent", "scheduled"])
def test_more_than_four_times_a_month_it_does_not_sell_there(friend: Bought, state: str) -> None:
    with friend.shop.work() as session:
        for number in range(4):
            # What is kept back has no date, and will be sent all the same.
            moment = now(session) - timedelta(days=10 + 4 * number) if state == "sent" else None
            session.add(
                Message(
                    shop_id=friend.shop.id,
                    key=f"old:{number}",
                    kind="review",
                    message_class="marketing",
                    channel="line",
                    locale="ja",
                    customer_id=friend.customer_id,
                    recipient="U123",
                    subject_ids={},
                    state=state,
                    sent_at=moment,
                    lane="line_marketing",
                )
            )
    assert friend.say("replenish").channel == "email"
    with friend.shop.work() as session:
        service.cancel_all(session, "run_ended")
