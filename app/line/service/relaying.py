"""What LINE posts, kept whole for another tool of the shop: LINE has one webhook an account."""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy.orm import Session

from app.core.clock import now
from app.inbox import queries as inbox_queries
from app.inbox import service as inbox
from app.inbox.model import Webhook
from app.journal.service import record
from app.line.events import LineHeard

TOPIC = "line/relay"


def keep_whole(session: Session, domain: str, body: bytes, signature: str) -> None:
    """Keep a posted body as it came, with LINE's signature of it; the same one once. `session` is
    in the queue's role."""
    inbox.store(
        session,
        inbox.Delivery(
            domain=domain,
            topic=TOPIC,
            webhook_id=f"relay-{sha256(body).hexdigest()}",
            body=signature.encode() + b"\n" + body,
            source="line",
        ),
    )


def on_relay(session: Session, webhook: Webhook, _body: bytes) -> None:
    """`line/relay`: it goes out over the network, by an errand that is patient for a day."""
    record(session, LineHeard(occurred_at=now(session), webhook_id=webhook.id))


def whole(session: Session, webhook_id: int) -> tuple[str, bytes] | None:
    """LINE's signature and the body; None once it is gone or was erased."""
    found = inbox_queries.webhook(session, webhook_id)
    content = inbox.content(found) if found else b""
    signature, line, body = content.partition(b"\n")
    return (signature.decode(), body) if line and content != inbox.ERASED else None
