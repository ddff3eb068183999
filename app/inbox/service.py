"""Keep every webhook as a row first, understand it later."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import GiveUp, NotFound, TryLater
from app.core.queue import ring
from app.core.runtime import runtime
from app.inbox.model import Webhook

#: What the wiring's TOPICS hold: `handler(session, webhook, body)`, the body as it was signed.
Handler = Callable[[Session, Webhook, bytes], None]

#: How long a webhook waits for another one that it needs, if nobody wakes it earlier.
PATIENCE_S = (2.0, 10.0, 60.0, 600.0)
#: How long a webhook is kept after it was dealt with, for replays.
KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Delivery:
    """A verified webhook as it came in, before anybody looked inside."""

    domain: str
    topic: str
    webhook_id: str
    body: bytes
    event_id: str | None = None
    triggered_at: datetime | None = None
    source: str = "shopify"


# One round trip: find the shop and insert unless it is there. No ORM on this path.
_STORE = text(
    """
    WITH shop AS (SELECT shop_id FROM tenants WHERE domain = :domain),
    stored AS (
        INSERT INTO webhooks (shop_id, source, topic, webhook_id, event_id, triggered_at, body,
                              state, due_at, attempts, lane)
        SELECT shop_id, :source, :topic, :webhook_id, :event_id, :triggered_at, :body,
               'scheduled', okaeri_now(), 0, 'default'
        FROM shop ON CONFLICT DO NOTHING RETURNING id)
    SELECT (SELECT shop_id FROM shop), (SELECT id FROM stored)
    """
)
_STRAY = text(
    """
    INSERT INTO stray_webhooks (source, domain, topic, webhook_id, body)
    VALUES (:source, :domain, :topic, :webhook_id, :body) ON CONFLICT DO NOTHING
    """
)


def store(session: Session, delivery: Delivery) -> bool:
    """Store a webhook once and ring `inbox.drain`; returns whether it was new. A shop we do not
    know makes it a stray. `session` is in the queue's role, which may insert and not read."""
    values = {
        "domain": delivery.domain,
        "source": delivery.source,
        "topic": delivery.topic[:64],
        "webhook_id": delivery.webhook_id[:128],
        "event_id": delivery.event_id and delivery.event_id[:128],
        "triggered_at": delivery.triggered_at,
        "body": zlib.compress(delivery.body, 1),
    }
    shop_id, new = session.execute(_STORE, values).one()
    if shop_id is None:
        session.execute(_STRAY, values)
        return False
    if new is None:
        return False
    ring(session, "inbox.drain")
    return True


def handle(session: Session, webhook: Webhook) -> None:
    """Hand a claimed webhook to its topic's handler. What nobody can understand raises `GiveUp`
    with the reason; the row then stays, visible and replayable."""
    topics: dict[str, Handler] = runtime().table("TOPICS")
    handler = topics.get(webhook.topic)
    if handler is None:
        raise GiveUp(f"unknown topic {webhook.topic}")
    handler(session, webhook, content(webhook))


def awaiting(webhook: Webhook, what: str, shopify_id: int) -> TryLater:
    """To be raised by a handler that needs something whose own webhook has not come yet. The
    first look again is soon: the other one may have come while we were looking."""
    tries = min(webhook.attempts, len(PATIENCE_S)) - 1
    return TryLater(_awaited(what, shopify_id), PATIENCE_S[max(tries, 0)])


def arrived(session: Session, what: str, shopify_id: int) -> None:
    """Wake the webhooks that wait for this very thing, and those that gave up waiting."""
    woken = session.execute(
        update(Webhook)
        .where(
            Webhook.error == _awaited(what, shopify_id),
            # Said once more in the words of the partial index.
            text("error LIKE 'waits for %'"),
            Webhook.state.in_(("scheduled", "failed")),
        )
        .values(state="scheduled", attempts=0, retry_at=None)
        .returning(Webhook.id)
        .execution_options(synchronize_session=False)
    ).all()
    if woken:
        ring(session, "inbox.drain")


def _awaited(what: str, shopify_id: int) -> str:
    return f"waits for {what} {shopify_id}"


def content(webhook: Webhook) -> bytes:
    """The raw body as it was signed."""
    return zlib.decompress(webhook.body)


def replay(session: Session, webhook_id: int) -> Webhook:
    """Put a webhook back into the queue, whatever became of it; handlers do nothing twice."""
    webhook = session.get(Webhook, (session.info["shop_id"], webhook_id))
    if webhook is None:
        raise NotFound
    webhook.state, webhook.due_at = "scheduled", now(session)
    webhook.attempts, webhook.error, webhook.retry_at = 0, None, None
    webhook.claim_token = webhook.lease_until = None
    ring(session, "inbox.drain")
    return webhook


def replay_failed(session: Session) -> int:
    """Put every failed webhook of the bound shop back into the queue; returns how many."""
    failed = session.scalars(select(Webhook.id).where(Webhook.state == "failed")).all()
    for webhook_id in failed:
        replay(session, webhook_id)
    return len(failed)


# --- what is not kept ---------------------------------------------------------------------------

ERASED = b'{"erased": true}'


def erase(session: Session, words: Collection[str]) -> int:
    """Empty the kept bodies that say one of `words` (Shopify's numbers, an address); returns how
    many. One that was still waiting is skipped for good."""
    said = re.compile(
        "|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in sorted(words)).encode()
    )
    emptied = 0
    for webhook in session.scalars(select(Webhook).execution_options(yield_per=200)):
        if not said.search(content(webhook)):
            continue
        webhook.body = zlib.compress(ERASED)
        if webhook.state in ("scheduled", "failed"):
            webhook.state, webhook.error = "skipped", "erased at the customer's request"
        emptied += 1
    session.flush()
    return emptied


def prune(session: Session) -> int:
    """Delete webhooks that were dealt with `KEPT` ago: what they said is in the mirror."""
    gone = session.execute(
        delete(Webhook)
        .where(Webhook.state.in_(("done", "skipped")), Webhook.received_at < now(session) - KEPT)
        .returning(Webhook.id)
    ).all()
    return len(gone)
