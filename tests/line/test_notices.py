"""LINE notification messages: by the number of an order, where three parties agreed, and by mail
where LINE reaches nobody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import select

from app.channels.memory import MemoryChannel
from app.core.clock import now
from app.line import queries
from app.messages import notice_receipts, notices
from app.messages.kinds import all_kinds
from app.messages.model import Message, MessageContent
from app.sandbox.line import accounts, people
from app.sandbox.line import notices as phone
from app.wiring import channels
from tests import make
from tests.line.conftest import Line, text_of
from tests.line.test_sending import say
from tests.sandbox.conftest import HINATA

ON = {"on": "on", "agreement": "on", "policy": "on", "style": "flexible"}
PLACE = {"country_code": "JP", "phone": "090-1234-0001"}


@pytest.fixture
def agreed(line: Line, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """An order of Haruka's, who is no friend, in a shop where everybody agreed."""
    running = line.app.extensions["okaeri"]
    monkeypatch.setitem(running.channels, "line_notice", channels(running.settings)["line_notice"])
    host = replace(running, settings=replace(running.settings, line_notices=True))
    monkeypatch.setitem(line.app.extensions, "okaeri", host)
    line.connect()
    accounts.edit(line.sandbox, HINATA, notices=True)
    assert line.admin("/app/line/notices", ON).status_code == 200
    yield line.buy(shipping_address=PLACE)
    phone.choose(line.sandbox, "haruka", "agree")


def row(line: Line, message: Message, *, sent: timedelta | None = None) -> Message:
    """The message as it is now; or as if it had been sent so long ago."""
    with line.shop.work() as session:
        found = session.get_one(Message, (line.shop.id, message.id))
        found.sent_at = now(session) - sent if sent else found.sent_at
        session.flush()
        session.expunge(found)
        return found


def follow_silent(line: Line) -> int:
    """The hourly look at what LINE said nothing about."""
    with line.shop.work() as session:
        gone = notice_receipts.follow_silent(session)
    make.settle(line.app)
    return gone


def test_a_stranger_reads_it_on_line_by_the_hash_of_the_number(
    line: Line, agreed: int, mailbox: MemoryChannel
) -> None:
    message = say(line, agreed)
    assert (message.channel, message.state) == ("line_notice", "sent")
    assert message.recipient == sha256(b"+819012340001").hexdigest()
    said = text_of(line.said()[-1])
    assert "配送状況を確認する" in said
    assert '"image"' not in said
    line.deliver()  # LINE tells of the delivery, and of nobody
    assert row(line, message).state == "delivered"
    with line.shop.work() as session:
        account = queries.account(session)
        assert account is not None
        assert account.quota_used == 0
        content = session.scalars(select(MessageContent)).one()
        assert "12340001" not in str(content.payload)
    line.admin("/app/line/notices", {**ON, "style": "template"})
    assert say(line, agreed, key="no such template").channel == "email"
    assert len(mailbox.sent) == 1


def test_who_is_not_reached_gets_the_mail_at_once(
    line: Line, agreed: int, mailbox: MemoryChannel
) -> None:
    home = line.buy(shipping_address={**PLACE, "phone": "03-1234-5678"})
    abroad = line.buy(shipping_address={"country_code": "US", "phone": "+1 212 555 0123"})
    assert {say(line, home, key="home").channel, say(line, abroad, key="us").channel} == {"email"}
    phone.choose(line.sandbox, "haruka", "refuse")
    refused = say(line, agreed)
    phone.choose(line.sandbox, "haruka", "agree")
    accounts.edit(line.sandbox, HINATA, notices=False)
    unapproved = say(line, agreed, key="second")
    assert {(one.channel, one.state) for one in (refused, unapproved)} == {("email", "sent")}
    assert len(mailbox.sent) == 4


def test_a_day_of_silence_sends_the_mail_and_leaves_the_number_alone(
    line: Line, agreed: int, mailbox: MemoryChannel
) -> None:
    phone.choose(line.sandbox, "haruka", "unset")
    first, old = say(line, agreed), say(line, agreed, key="old")
    assert (first.state, line.said(), follow_silent(line)) == ("sent", [], 0)
    row(line, first, sent=timedelta(hours=26))
    row(line, old, sent=timedelta(days=30))
    assert follow_silent(line) == 1
    stale = row(line, old)
    assert (stale.state, stale.reason) == ("bounced", "not_received")
    assert len(mailbox.sent) == 1
    assert say(line, agreed, key="next").channel == "email"
    phone.choose(line.sandbox, "haruka", "agree")
    line.deliver()  # a delivery that comes too late changes nothing
    assert (row(line, first).channel, row(line, first).state) == ("email", "sent")


def test_a_broken_line_leaves_it_in_doubt_until_line_tells(
    line: Line, agreed: int, mailbox: MemoryChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    from linebot.v3 import messaging as sdk
    from urllib3.exceptions import ReadTimeoutError

    def dead(*_given: Any, **_more: Any) -> Any:
        raise ReadTimeoutError(None, "", "read")  # type: ignore[arg-type]

    name = "push_messages_by_phone_with_http_info"
    monkeypatch.setattr(sdk.MessagingApi, name, dead)
    message = say(line, agreed)
    assert message.state == "in_doubt"
    event = {"delivery": {"data": notices.tag(message.id, message.send_key)}}
    with line.shop.work() as session:
        notice_receipts.on_delivery(session, None, json.dumps(event).encode())  # type: ignore[arg-type]
    assert (row(line, message).state, row(line, message).reason) == ("delivered", None)
    assert mailbox.sent == []


def test_nothing_that_sells_is_ever_said_this_way() -> None:
    for kind in all_kinds().values():
        ways = [style for style in ("", "template", "flexible") if notices.says(kind, style)]
        assert not ways or kind.message_class == "transactional", kind.name


def test_host_and_merchant_have_to_say_so(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    line.connect()
    assert "LINE通知メッセージ" not in line.admin("/app/line").text
    assert line.admin("/app/line/notices", ON).status_code == 403
    running = line.app.extensions["okaeri"]
    host = replace(running, settings=replace(running.settings, line_notices=True))
    monkeypatch.setitem(line.app.extensions, "okaeri", host)
    wrong = line.admin("/app/line/notices", {"on": "on", "agreement": "on"})
    assert wrong.status_code == 422
    assert "この確認がないと" in wrong.text
    assert "ハッシュ化したうえで" in wrong.text
    people.follow(line.sandbox, HINATA, "haruka")
    line.admin("/app/line/notices", ON)
    with line.shop.work() as session:
        account = queries.account(session)
        assert account is not None
        assert account.notices is not None
        assert account.notices["policy"] == "2026-11"
    line.admin("/app/line/notices", {})
    with line.shop.work() as session:
        assert queries.account(session).notices is None  # type: ignore[union-attr]
