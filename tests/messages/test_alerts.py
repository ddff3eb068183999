"""The merchant is written to when sending needs them: once a cause and day, in their language."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine

from app.channels.base import InDoubt
from app.channels.memory import MemoryChannel
from app.core import clock
from app.core.errors import TryLater
from app.journal import jobs as journal
from app.messages import service
from app.senders import queries as senders
from app.senders import service as sender_service
from app.shops import service as shops
from tests import make
from tests.senders.test_hooks import use
from tests.senders.test_pace import outcome, sent

MERCHANT = "owner@hinata.example"


def reachable(shop: make.MadeShop, address: str | None = MERCHANT) -> make.MadeShop:
    with shop.work() as session:
        shops.shop(session).contact_email = address
    return shop


def hear() -> None:
    """What was recorded reaches its listeners, and what they ask of the network is done."""
    journal.react()
    journal.run_errands()


def complain(shop: make.MadeShop, people: int) -> None:
    sent(shop, 1000)
    outcome(shop, "complaints", people)
    hear()


@pytest.mark.parametrize(
    ("people", "japanese", "english"),
    [
        (2, "広告・宣伝メールの配信ペースを落としました", "Marketing is slowed down"),
        (3, "メッセージの配信を停止しました", "Messages are stopped"),
    ],
)
def test_complaints_are_told_in_the_merchants_language(
    shop: make.MadeShop, other_shop: make.MadeShop, mailbox: MemoryChannel,
    people: int, japanese: str, english: str,
) -> None:  # fmt: skip
    complain(reachable(shop), people)
    complain(reachable(other_shop, "owner@maple.example"), people)
    told = {mail.recipient: mail for mail in mailbox.sent}
    ours, theirs = told[MERCHANT], told["owner@maple.example"]
    assert (ours.headers["Subject"], theirs.headers["Subject"]) == (japanese, english)
    assert ours.headers["From"] == "Okaeri <no-reply@okaeri.test>"
    for mail in (ours, theirs):
        assert "/apps/0123456789abcdef0123456789abcdef/sending" in mail.plain
        assert f"{people / 10:.2f} %" in mail.plain
        assert mail.headers["Subject"] in mail.html


def test_each_cause_is_told_once_a_day(
    app: Flask, owner: Engine, shop: make.MadeShop, mailbox: MemoryChannel
) -> None:
    complain(reachable(shop), 2)
    for days in (0, 1):
        clock.shift_to(owner, clock.business_now(owner) + timedelta(days=days))
        with shop.work() as session:
            for brake in senders.braking(session):
                sender_service.let_go(session, brake.id, "user:7")
        complain(shop, 2)
        assert len(mailbox.sent) == 1 + days
    with shop.work() as session:
        for _ in range(2):
            service.warn(session, "line_quota", since="2026-11")
        service.warn(session, "line_budget", since="2026-11")
    hear()
    assert [mail.headers["Subject"] for mail in mailbox.sent[2:]] == [
        "今月のLINEの配信枠を使い切りました"
    ] * 2


def test_a_record_that_was_there_and_is_gone_is_told(
    shop: make.MadeShop, mailbox: MemoryChannel
) -> None:
    use(reachable(shop), "smtp")
    states = ["missing", "found", "unknown", "found", "missing", "wrong"]
    for state in states:
        found = {"purpose": "dkim", "name": "okaeri._domainkey", "state": state}
        with shop.work() as session:
            sender_service.keep_findings(session, "hinata.example", [found])
        hear()
    (mail,) = mailbox.sent
    assert mail.headers["Subject"] == "hinata.example の設定確認に失敗しました"
    assert "DKIM" in mail.plain


def test_an_alert_is_tried_again_but_never_doubled(
    shop: make.MadeShop, mailbox: MemoryChannel
) -> None:
    mailbox.troubles = [TryLater("busy"), InDoubt("no answer")]
    complain(reachable(shop), 2)
    hear()
    assert (mailbox.sent, len(mailbox.troubles)) == ([], 1)
    with shop.work() as session:
        session.connection().exec_driver_sql("UPDATE journal_deliveries SET retry_at = NULL")
    for _ in range(2):
        hear()
    assert (mailbox.sent, mailbox.troubles) == ([], [])


def test_whoever_left_no_address_or_uninstalled_is_not_written_to(
    shop: make.MadeShop, mailbox: MemoryChannel
) -> None:
    complain(reachable(shop, None), 2)
    assert mailbox.sent == []
