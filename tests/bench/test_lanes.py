"""A hundred thousand due marketing messages beside an order's first mail, and what a mail costs:
`pytest -m bench tests/bench -s`."""

from __future__ import annotations

import time
from statistics import median

import pytest
from flask import Flask
from sqlalchemy import text

from app.channels.memory import MemoryChannel
from app.core.claim import claim, has_due
from app.messages import jobs
from app.messages.model import Message
from tests import make
from tests.messages.conftest import buy

BACKLOG = 100_000
FILL = """
INSERT INTO messages (shop_id, key, kind, message_class, channel, locale, subject_ids, state, lane,
                      attempts, due_at)
SELECT :shop, 'old:' || n, 'review', 'marketing', 'email', 'ja', '{}', 'scheduled', 'marketing',
       0, okaeri_now() - make_interval(secs => n)
FROM generate_series(1, :rows) AS n
"""


@pytest.mark.bench
def test_a_backlog_of_marketing_delays_no_orders_first_mail(
    app: Flask, shop: make.MadeShop, mailbox: MemoryChannel
) -> None:
    with shop.work() as session:
        session.execute(text(FILL), {"shop": shop.id, "rows": BACKLOG})
    bought = buy(shop)
    message = bought.say("next-steps")
    jobs.send_transactional()
    assert bought.again(message).state == "sent"
    assert len(mailbox.sent) == 1
    asked = [timed(lambda: has_due(Message, "transactional")) for _ in range(20)]
    claimed = [timed(lambda: claim(Message, lane="marketing", limit=100)) for _ in range(20)]
    mails = [cost(bought, number) for number in range(60)]
    print(
        f"\n{BACKLOG} due: asking {median(asked) * 1e3:.1f} ms, "
        f"claiming 100 {median(claimed) * 1e3:.1f} ms, "
        f"a mail {median(mails[10:]) * 1e3:.1f} ms CPU from intent to outcome"
    )
    assert len(mailbox.sent) == 61


def timed(work: object) -> float:
    began = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - began


def cost(bought: object, number: int) -> float:
    """CPU of one mail: composed beforehand, then looked at again, rendered, wrapped, noted."""
    bought.say("next-steps", key=f"bench:{number}")  # type: ignore[attr-defined]
    began = time.process_time()
    jobs.send_transactional()
    return time.process_time() - began
