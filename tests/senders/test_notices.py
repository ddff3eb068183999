"""Delivery notices that come back by mail: what a plain mail server has to report."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.channels.memory import MemoryChannel
from app.consent import queries as consent
from app.inbox import jobs as inbox
from app.inbox.model import Webhook
from app.messages import jobs, mail_links
from app.messages.model import Message
from app.senders.model import DeliveryEvent
from tests.messages.conftest import Bought
from tests.senders.test_hooks import use

NOTICE = """\
From: MAILER-DAEMON@mail.example
To: shop@hinata.example
Subject: Undelivered Mail Returned to Sender
Date: Sun, 22 Nov 2026 09:00:00 +0900
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

This is the mail system.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example

Final-Recipient: rfc822; buyer@example.com
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {status} said the other side

--b
Content-Type: text/rfc822-headers

{headers}

--b--
"""
COMPLAINT = """\
From: abuse@mailbox.example
Date: Sun, 22 Nov 2026 09:00:00 +0900
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: SomeFilter/1.0
Version: 1

--b
Content-Type: message/rfc822

{headers}

Hello
--b--
"""


@pytest.fixture
def path(bought: Bought) -> str:
    """Where a shop's own mail server posts what comes back."""
    return use(bought.shop, "smtp")


@pytest.fixture
def sent(path: str, bought: Bought, mailbox: MemoryChannel) -> Message:
    """A mail that left, and whose headers a notice brings back."""
    message = bought.say("next-steps")
    jobs.send_transactional()
    return bought.again(message)


def headers(mailbox: MemoryChannel) -> str:
    names = ("Message-ID", "X-Okaeri-Message", "Date")
    return "\n".join(f"{name}: {mailbox.sent[-1].headers[name]}" for name in names)


def tell(client: FlaskClient, path: str, mail: str) -> int:
    status = client.post(path, data=mail.encode(), content_type="message/rfc822").status_code
    inbox.drain()
    return status


LEAVING = """\
From: buyer@example.com
To: shop@hinata.example
Subject: {subject}
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

{text}
"""


def test_a_mail_programs_button_unsubscribes_without_a_person(
    client: FlaskClient, path: str, bought: Bought
) -> None:
    with bought.shop.work() as session:
        page = mail_links.signed(
            session, bought.shop.id, "unsubscribe", {"customer": bought.customer_id}
        )
    for subject, text in (
        ("unsubscribe", page[:-3]),
        ("Re: your letter", f"> {page}"),
        ("unsubscribe", "please"),
    ):
        assert tell(client, path, LEAVING.format(subject=subject, text=text)) == 200
    assert bought.say("replenish", "before").reason != "unsubscribed"
    # A Japanese telephone's own name for its encoding.
    mail = LEAVING.format(subject="Unsubscribe", text=page).replace("utf-8", "iso-2022-jp-ms")
    assert tell(client, path, mail) == 200
    assert bought.say("replenish", "after").reason == "unsubscribed"
    with bought.shop.work() as session:
        last = consent.ledger(session, bought.customer_id)[-1]
        assert (last.granted, last.source) == (False, "one-click")


@pytest.mark.parametrize(
    ("action", "status", "state", "kept", "suppressed"),
    [
        ("failed", "5.1.1", "bounced", "hard_bounce", True),
        ("failed", "5.1.8", "sent", "soft_bounce", False),
        ("failed", "5.2.2", "sent", "soft_bounce", False),
        ("failed", "5.7.1", "sent", "soft_bounce", False),
        ("failed", "4.4.7", "sent", "soft_bounce", False),
        ("delayed", "4.4.1", "sent", "delayed", False),
        ("delivered", "2.0.0", "delivered", "delivered", False),
    ],
)
def test_a_notice_says_what_became_of_a_mail(
    client: FlaskClient, path: str, sent: Message, bought: Bought, mailbox: MemoryChannel,
    action: str, status: str, state: str, kept: str, suppressed: bool,
) -> None:  # fmt: skip
    mail = NOTICE.format(action=action, status=status, headers=headers(mailbox))
    assert tell(client, path, mail) == 200
    # Posted twice, it is one report.
    assert tell(client, path, mail) == 200
    assert bought.again(sent).state == state
    with bought.shop.work() as session:
        told = session.scalars(select(DeliveryEvent)).one()
        assert (told.provider, told.kind, told.message_id) == ("smtp", kept, sent.id)
        assert told.occurred_at == datetime.fromisoformat("2026-11-22T00:00:00+00:00")
        assert bool(consent.kept_from(session, "email", sent.recipient)) == suppressed


def test_postmarks_inbound_wraps_the_notice_and_complaints_count(
    client: FlaskClient, path: str, sent: Message, bought: Bought, mailbox: MemoryChannel
) -> None:
    wrapped = json.dumps({"RawEmail": COMPLAINT.format(headers=headers(mailbox))})
    assert tell(client, path, wrapped) == 200
    assert bought.again(sent).state == "complained"


def test_what_is_no_notice_of_ours_changes_nothing(
    client: FlaskClient, path: str, sent: Message, bought: Bought, mailbox: MemoryChannel
) -> None:
    answer = "From: a@example.com\nSubject: thanks\n\nThank you!\n"
    assert tell(client, path, answer) == 200
    assert tell(client, path, "{}") == 400
    assert tell(client, path, '{"a":' * 100_000) == 400
    broken = NOTICE.format(action="failed", status="5.1.1", headers="Message-ID: <[")
    assert tell(client, path, broken) == 200
    assert tell(client, path[:-6] + "AAAAAA", NOTICE) in (401, 403)
    with bought.shop.work() as session:
        assert session.scalar(select(func.count()).select_from(Webhook)) == 0
    forged = headers(mailbox).replace(str(sent.send_key), "00000000-0000-4000-8000-000000000000")
    for known in (forged, f"Message-ID: <{sent.send_key}@x>", "X-Okaeri-Message: x"):
        mail = NOTICE.format(action="failed", status="5.1.1", headers=known)
        assert tell(client, path, mail) == 200
    assert bought.again(sent).state == "sent"
