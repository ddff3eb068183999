"""On the way out: looked at twice, frozen once, sent at most once, and never lost in silence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text

from app import wiring
from app.channels.base import Bounced, InDoubt
from app.channels.memory import MemoryChannel
from app.channels.mime import as_bytes
from app.consent import service as consent
from app.core import clock
from app.core.errors import GiveUp, TryLater
from app.journal import queries as journal
from app.messages import erasure, jobs, outcomes, prose, service
from app.messages.model import Message, MessageContent, SendAttempt
from app.mirror.queries import customer
from app.senders import service as senders
from app.shops import service as shops
from tests import make
from tests.channels.smtpd import serving
from tests.messages.conftest import Bought, buy, leads_to


def tries(bought: Bought) -> list[tuple[int, str]]:
    with bought.shop.work() as session:
        rows = session.execute(
            select(SendAttempt.number, SendAttempt.outcome).order_by(SendAttempt.number)
        )
        return [(number, outcome) for number, outcome in rows]


def test_domains_in_letters_of_their_own_are_written_as_servers_read_them(
    bought: Bought, mailbox: MemoryChannel
) -> None:
    bought.change(email="taro@珈琲.jp")
    bought.change_customer(email="taro@珈琲.jp")
    with bought.shop.work() as session:
        row = shops.shop(session)
        row.settings = {**row.settings, "support_email": "info@珈琲.jp", "reply_to": ""}
    message = bought.say("next-steps")
    jobs.send_transactional()
    assert bought.again(message).state == "sent"
    (envelope,) = mailbox.sent
    assert envelope.recipient == "taro@xn--hdyui.jp"
    assert envelope.headers["Reply-To"] == "info@xn--hdyui.jp"
    assert as_bytes(envelope).isascii()


def forget_backoff(bought: Bought) -> None:
    with bought.shop.work() as session:
        session.execute(text("UPDATE messages SET retry_at = NULL"))


def test_a_message_is_sent_once_and_the_journal_knows(
    bought: Bought, mailbox: MemoryChannel
) -> None:
    message = bought.say("next-steps")
    jobs.send_transactional()
    jobs.send_transactional()
    (envelope,) = mailbox.sent
    sent = bought.again(message)
    assert (sent.state, envelope.recipient) == ("sent", sent.recipient)
    assert envelope.headers["Message-ID"] == f"<{sent.send_key}@okaeri.test>"
    assert envelope.headers["From"] == "ひなたコーヒー <no-reply@okaeri.test>"
    assert envelope.headers["Reply-To"] == "hello@hinata.example"
    assert "List-Unsubscribe" not in envelope.headers
    assert "山田 太郎 様" in envelope.plain
    assert "山田 太郎 様" in envelope.html
    assert tries(bought) == [(1, "sent")]
    with bought.shop.work() as session:
        kinds = [entry.kind for entry in journal.of_order(session, bought.order_id)]
    assert kinds == ["MessageSent"]


def test_a_company_is_written_to_as_one(bought: Bought, mailbox: MemoryChannel) -> None:
    bought.change_customer(first_name="", last_name="")
    bought.change(shipping_address={"company": "株式会社こもれび", "country_code": "JP"})
    bought.say("next-steps")
    # Bought by a company of Shopify's, whoever stands beside it.
    bought.change_customer(first_name="太郎", last_name="山田")
    bought.change(shipping_address=None, billing_company="Acme Ltd.", for_company=True)
    bought.say("next-steps", "second")
    jobs.send_transactional()
    told = sorted(envelope.plain for envelope in mailbox.sent)
    assert [name for name in ("Acme Ltd. ご担当者様", "山田") if name in told[0]] == [
        "Acme Ltd. ご担当者様"
    ], told


def test_marketing_carries_the_way_out(
    app: Flask, owner: Engine, bought: Bought, mailbox: MemoryChannel
) -> None:
    bought.say("review")
    make.travel(owner, app, timedelta(hours=1))
    (envelope,) = mailbox.sent
    https, mailto = envelope.headers["List-Unsubscribe"].split(", ")
    assert https.startswith("<https://okaeri.test/u/")
    # A program that writes a mail instead brings the link along.
    assert mailto == (
        "<mailto:hello@hinata.example?subject=unsubscribe&body="
        f"{quote(https.strip('<>'), safe='')}>"
    )
    assert envelope.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for star in range(1, 6):
        assert any(f"?stars={star}" in url for url in leads_to(envelope.html))
        assert any(f"?stars={star}" in url for url in leads_to(envelope.plain))
    assert "@example.com" not in envelope.html
    link = https.strip("<>").removeprefix("https://okaeri.test")
    client = app.test_client()
    assert client.post(link, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert bought.say("replenish").reason == "unsubscribed"


def sold_out(bought: Bought) -> None:
    bought.change(cancelled_at=datetime.fromisoformat("2026-01-01T00:00:00+00:00"))


def suppressed(bought: Bought) -> None:
    with bought.shop.work() as session:
        address = session.scalars(select(Message.recipient)).first()
        assert address
        consent.suppress(session, channel="email", address=address, reason="complaint")


@pytest.mark.parametrize(
    ("happens", "reason"),
    [(sold_out, "order_cancelled"), (suppressed, "suppressed")],
)
def test_what_happened_since_is_seen_before_it_leaves(
    bought: Bought, mailbox: MemoryChannel, happens: Callable[[Bought], None], reason: str
) -> None:
    message = bought.say("next-steps")
    happens(bought)
    jobs.send_transactional()
    found = bought.again(message)
    assert (found.state, found.reason, mailbox.sent) == ("skipped", reason, [])


def test_a_backlog_let_go_at_night_waits_for_the_day(
    app: Flask, owner: Engine, bought: Bought, mailbox: MemoryChannel
) -> None:
    bought.say("check-in")
    here = clock.business_now(owner)
    clock.shift_to(owner, here.replace(hour=13, minute=30))  # 22:30 in Tokyo
    jobs.send_transactional()
    assert mailbox.sent == []
    make.travel(owner, app, timedelta(hours=20))
    assert len(mailbox.sent) == 1


def test_marketing_that_comes_late_keeps_its_distance(
    app: Flask, owner: Engine, bought: Bought, mailbox: MemoryChannel
) -> None:
    """Two days of marketing pile up while nothing is sent; they do not leave together."""
    bought.say("review", key="one")
    bought.say("review", key="two")
    clock.shift_to(owner, clock.business_now(owner) + timedelta(days=1, hours=1))
    jobs.send_marketing()
    assert len(mailbox.sent) == 1
    make.travel(owner, app, timedelta(days=2))
    assert len(mailbox.sent) == 2


def test_a_refusal_for_now_is_tried_again_with_the_same_words(
    bought: Bought, mailbox: MemoryChannel
) -> None:
    mailbox.troubles = [TryLater("450 busy")]
    message = bought.say("next-steps")
    jobs.send_transactional()
    waiting = bought.again(message)
    assert (waiting.state, waiting.error, waiting.sent_at) == ("scheduled", "450 busy", None)
    assert waiting.retry_at is not None
    with bought.shop.work() as session:
        words = session.scalars(select(MessageContent.html)).one()
    with bought.shop.work() as session:
        shops.shop(session).settings = {**make.FILLED, "sender_name": "別の名前"}
    forget_backoff(bought)
    jobs.send_transactional()
    (envelope,) = mailbox.sent
    assert envelope.html.encode() == words
    assert tries(bought) == [(1, "refused"), (2, "sent")]


def test_what_the_server_would_not_have_in_time_ends_as_failed(
    bought: Bought, owner: Engine, noon: datetime, mailbox: MemoryChannel
) -> None:
    mailbox.troubles = [TryLater("connection refused")]
    message = bought.say("next-steps")
    jobs.send_transactional()
    clock.shift_to(owner, noon + timedelta(days=4))
    forget_backoff(bought)
    jobs.send_transactional()
    found = bought.again(message)
    assert (found.state, found.reason) == ("failed", "not_taken")
    assert found.error == "connection refused"


def test_a_new_server_is_tried_at_once(bought: Bought, mailbox: MemoryChannel) -> None:
    mailbox.troubles = [TryLater("connection refused")]
    message = bought.say("next-steps")
    jobs.send_transactional()
    with bought.shop.work() as session:
        service.try_again_now(session)
    jobs.send_transactional()
    assert bought.again(message).state == "sent"


@pytest.mark.parametrize(
    ("locale", "awaited"),
    [("ja", "ご入金を確認でき次第、発送の準備をいたします。"), ("en", "your payment")],
)
def test_an_unpaid_order_is_promised_no_day(
    bought: Bought, mailbox: MemoryChannel, locale: str, awaited: str
) -> None:
    bought.change(financial_status="pending", locale=locale)
    bought.ids.pop("parcel_id")
    bought.say("next-steps")
    jobs.send_transactional()
    (envelope,) = mailbox.sent
    for said in (envelope.plain, envelope.html):
        assert awaited in said
        assert "（目安）" not in said
        assert "(estimate)" not in said


def test_a_server_that_never_takes_it_is_given_up_on_visibly(
    bought: Bought, mailbox: MemoryChannel
) -> None:
    mailbox.troubles = [TryLater("connection refused")] * 20
    message = bought.say("next-steps")
    for _ in range(12):
        jobs.send_transactional()
        forget_backoff(bought)
    found = bought.again(message)
    assert (found.state, found.reason, found.attempts) == ("failed", "not_taken", outcomes.TRIES)
    with bought.shop.work() as session:
        entry = journal.of_order(session, bought.order_id)[-1]
    assert (entry.kind, entry.data["reason"]) == ("MessageFailed", "not_taken")


@pytest.mark.parametrize(
    ("trouble", "state", "reason"),
    [
        (GiveUp("554 no"), "failed", "rejected"),
        (Bounced("550 5.1.1 unknown"), "bounced", "bounced"),
        (InDoubt("no answer"), "in_doubt", "in_doubt"),
    ],
)
def test_what_the_wire_says_ends_on_the_row(
    bought: Bought, mailbox: MemoryChannel, trouble: Exception, state: str, reason: str
) -> None:
    mailbox.troubles = [trouble]
    message = bought.say("next-steps")
    jobs.send_transactional()
    jobs.send_transactional()
    found = bought.again(message)
    assert (found.state, found.reason, mailbox.sent) == (state, reason, [])


def test_a_bounce_stops_the_address(bought: Bought, mailbox: MemoryChannel) -> None:
    mailbox.troubles = [Bounced("550 5.1.1 unknown")]
    bought.say("next-steps")
    jobs.send_transactional()
    assert bought.say("shipped").reason == "suppressed"


def test_doubtful_marketing_is_let_be_after_a_while(
    app: Flask, owner: Engine, bought: Bought, mailbox: MemoryChannel
) -> None:
    mailbox.troubles = [InDoubt("no answer")]
    message = bought.say("review")
    make.travel(owner, app, timedelta(hours=1))
    assert bought.again(message).state == "in_doubt"
    clock.shift_to(owner, clock.business_now(owner) + timedelta(days=4))
    jobs.sweep_up()
    assert bought.again(message).state == "closed"


def test_a_broken_text_fails_its_own_message_only(
    bought: Bought, mailbox: MemoryChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = prose._texts("shipped", "ja")
    broken = {**real, "body": prose._LENIENT.from_string("{{ 1 | divided_by: 0 }}")}
    monkeypatch.setattr(
        prose, "_texts", lambda *names: broken if names == ("shipped", "ja") else real
    )
    message = bought.say("shipped")
    bought.say("delivered")
    jobs.send_transactional()
    found = bought.again(message)
    assert (found.state, found.reason) == ("failed", "template_error")
    assert found.error is not None
    assert found.error.startswith("body.liquid")
    assert len(mailbox.sent) == 1


def test_a_shops_own_server_and_address(
    bought: Bought, shop: make.MadeShop, mailbox: MemoryChannel
) -> None:
    with shop.work() as session:
        entered = senders.enter(
            session,
            provider="smtp",
            mailbox="shop@hinata.example",
            endpoint="smtp://me:secret@mail.hinata.example:587",
            shown="mail.hinata.example:587",
        )
        senders.activate(session, entered.id, [])
    message = bought.say("next-steps")
    jobs.send_transactional()
    (envelope,) = mailbox.sent
    assert envelope.endpoint == "smtp://me:secret@mail.hinata.example:587"
    assert envelope.headers["From"] == "ひなたコーヒー <shop@hinata.example>"
    assert envelope.sender == "shop@hinata.example"
    assert envelope.headers["Message-ID"].endswith("@hinata.example>")
    assert envelope.reference == str(message.id)
    assert envelope.signature is None  # nobody could check it: the key is not in the DNS
    assert "secret" not in repr(envelope)


def test_over_the_hosts_real_server(app: Flask, bought: Bought) -> None:
    real = wiring.channels(app.extensions["okaeri"].settings)
    with (
        serving() as server,
        make.changed(app, channels=real, smtp_url=f"smtp://127.0.0.1:{server.port}"),
    ):
        message = bought.say("next-steps")
        jobs.send_transactional()
        sent = bought.again(message)
    assert sent.state == "sent"
    (raw,) = server.messages
    found = message_from_bytes(raw, policy=policy.default)
    assert str(found["Subject"]).startswith("【ひなたコーヒー】ご注文ありがとうございます")
    assert server.verbs[-1].upper() == "QUIT"


def test_two_shops_share_a_worker_and_nothing_else(
    app: Flask,
    noon: datetime,
    shop: make.MadeShop,
    other_shop: make.MadeShop,
    mailbox: MemoryChannel,
) -> None:
    buy(shop).say("next-steps")
    buy(other_shop, locale="en", currency="USD").say("next-steps")
    make.settle(app)
    subjects = sorted(envelope.headers["Subject"] for envelope in mailbox.sent)
    assert len(subjects) == 2
    assert {envelope.headers["Content-Language"] for envelope in mailbox.sent} == {"ja", "en"}


def test_erasing_a_person_forgets_what_was_said(bought: Bought, mailbox: MemoryChannel) -> None:
    sent, coming = bought.say("next-steps"), bought.say("check-in")
    jobs.send_transactional()
    with bought.shop.work() as session:
        person = customer(session, bought.customer_id)
        assert person is not None
        (first, second) = erasure.export_person(session, person)
        assert "山田 太郎 様" in first["text"]
        assert second["state"] == "scheduled"
        assert erasure.erase_person(session, person) == 2
        assert session.scalars(select(MessageContent)).all() == []
    assert (bought.again(sent).state, bought.again(sent).recipient) == ("sent", None)
    assert bought.again(coming).reason == "customer_erased"
