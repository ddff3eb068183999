"""Webhooks as Shopify posts them: signed, impatient, at least once, in no promised order.

Every seventh delivery of a shop is posted twice and every fifth arrives behind its successor, so
that an app which relies on neither is met by both; the switch `calm` turns that off. A delivery
that is refused is tried eight more times over four hours.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import structlog
from sqlalchemy import RowMapping, text

from app.core.clock import machine_now
from app.sandbox.running import Sandbox
from app.sandbox.store import Document, Refused, Work, iso
from app.sandbox.switches import read_switches

log = structlog.get_logger(__name__)

REPEAT_EVERY, LATE_EVERY = 7, 5
LATE_S, REPEAT_S = 0.8, 0.6
TIMEOUT = httpx.Timeout(5.0, connect=1.0)
RETRIES = 8
#: Exponential waits that add up to four hours.
WAITS_S = tuple(4.39 * 3**number for number in range(RETRIES))
#: Posted whether or not the app is installed.
ALWAYS = frozenset({"customers/data_request", "customers/redact", "shop/redact", "app/uninstalled"})
#: What a family of topics needs one of. The others need what every installation grants.
NEEDED = {"returns": {"read_returns", "write_returns"}}
LEASE_S = 15

CLAIM = f"""
UPDATE deliveries SET leased_until = clock_timestamp() + interval '{LEASE_S} seconds'
WHERE id = (
  SELECT id FROM deliveries
  WHERE state = 'pending' AND next_at <= clock_timestamp()
    AND (leased_until IS NULL OR leased_until < clock_timestamp())
    AND NOT EXISTS (SELECT 1 FROM documents WHERE kind = 'switch' AND key = 'hold_webhooks'
                    AND body @> '{{"value": true}}')
  ORDER BY next_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING *
"""  # noqa: S608  # the only value put in is a constant


def announce(sandbox: Sandbox, work: Work, domain: str, topic: str, body: Document) -> None:
    """Queue a webhook for every subscription to `topic`; none when the app is not installed, or the
    merchant has not granted what the topic needs."""
    if topic not in ALWAYS and not _granted(work, domain, topic):
        return
    event_id = str(uuid4())
    calm = read_switches(sandbox, work)["calm"]
    for uri in sandbox.settings.app.topics.get(topic, ()):
        _queue(sandbox, work, domain, topic, uri, event_id, body, calm)
    work.announced = True


def _granted(work: Work, domain: str, topic: str) -> bool:
    found = work.get("installation", domain, "app")
    needed = NEEDED.get(topic.partition("/")[0])
    return found is not None and (needed is None or bool(needed & set(found["scopes"])))


def _queue(
    sandbox: Sandbox,
    work: Work,
    domain: str,
    topic: str,
    uri: str,
    event_id: str,
    body: Document,
    calm: bool,
) -> None:
    number = work.connection.execute(
        text("SELECT count(*) + 1 FROM deliveries WHERE shop = :shop"), {"shop": domain}
    ).scalar_one()
    late = not calm and number % LATE_EVERY == 0
    work.connection.execute(
        text(
            "INSERT INTO deliveries (shop, number, topic, uri, webhook_id, event_id, api_version,"
            " triggered_at, body, again, note, next_at) VALUES (:shop, :number, :topic, :uri,"
            " :webhook_id, :event_id, :api_version, :triggered_at, :body, :again, :note,"
            " clock_timestamp() + :wait)"
        ),
        {
            "shop": domain, "number": number, "topic": topic, "uri": uri,
            "webhook_id": str(uuid4()), "event_id": event_id,
            "api_version": sandbox.settings.app.api_version, "triggered_at": work.now,
            "body": json.dumps(body, ensure_ascii=False, separators=(",", ":")),
            "again": not calm and number % REPEAT_EVERY == 0, "note": "late" if late else None,
            "wait": timedelta(seconds=LATE_S if late else 0),
        },
    )  # fmt: skip


def signature(secret: str, body: bytes) -> str:
    """What `X-Shopify-Hmac-Sha256` carries."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def headers(sandbox: Sandbox, row: RowMapping, body: bytes) -> dict[str, str]:
    """Every header of a delivery."""
    return {
        "Content-Type": "application/json",
        "User-Agent": "Shopify-Captain-Hook",
        "X-Shopify-Topic": row["topic"],
        "X-Shopify-Shop-Domain": row["shop"],
        "X-Shopify-Hmac-Sha256": signature(sandbox.settings.client_secret, body),
        "X-Shopify-API-Version": row["api_version"],
        "X-Shopify-Webhook-Id": row["webhook_id"],
        "X-Shopify-Event-Id": row["event_id"],
        "X-Shopify-Triggered-At": row["triggered_at"].isoformat(),
    }


def post_one(sandbox: Sandbox) -> bool:
    """Post the delivery that is due first; False when none is."""
    with sandbox.store.engine.begin() as connection:
        row = connection.execute(text(CLAIM)).mappings().one_or_none()
    if row is None:
        return False
    body = row["body"].encode()
    posted_at, started = machine_now(), time.monotonic()
    status, error = None, None
    try:
        answer = sandbox.http.post(
            sandbox.settings.app_url.rstrip("/") + row["uri"], content=body,
            headers=headers(sandbox, row, body), timeout=TIMEOUT, follow_redirects=False,
        )  # fmt: skip
        status = answer.status_code
    except httpx.HTTPError as failure:
        error = type(failure).__name__
    _finish(
        sandbox,
        row,
        {
            "at": iso(machine_now()),
            "posted_at": posted_at.isoformat(),
            "status": status,
            "ms": round((time.monotonic() - started) * 1000),
            "error": error,
        },
    )
    return True


def _finish(sandbox: Sandbox, row: RowMapping, attempt: Document) -> None:
    status, error = attempt["status"], attempt["error"]
    accepted = status is not None and 200 <= status < 300
    state, wait, note, again = _next(row, accepted)
    with sandbox.store.engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE deliveries SET state = :state, next_at = clock_timestamp() + :wait,"
                " note = :note, again = :again, attempts = :attempts, status = :status,"
                " error = :error, leased_until = NULL,"
                " history = history || CAST(:attempt AS jsonb) WHERE id = :id"
            ),
            {
                "state": state, "wait": timedelta(seconds=wait), "note": note, "again": again,
                "attempts": row["attempts"] + 1,
                "status": status, "error": error, "attempt": json.dumps([attempt]), "id": row["id"],
            },
        )  # fmt: skip


def _next(row: RowMapping, accepted: bool) -> tuple[str, float, str | None, bool]:
    """State, wait, note and whether it is still to be repeated, after an attempt."""
    if accepted and row["again"]:
        return "pending", REPEAT_S, "repeat", False
    if accepted:
        return "delivered", 0, row["note"], False
    if row["attempts"] >= RETRIES:
        return "failed", 0, row["note"], False
    return "pending", WAITS_S[row["attempts"]], row["note"], row["again"]


def busy(sandbox: Sandbox, within_s: float = 20.0) -> int:
    """How many deliveries will be posted within that many seconds; held ones are not."""
    with sandbox.work() as work:
        if read_switches(sandbox, work)["hold_webhooks"]:
            return 0
        return int(
            work.connection.execute(
                text(
                    "SELECT count(*) FROM deliveries WHERE state = 'pending'"
                    " AND next_at <= clock_timestamp() + :span"
                ),
                {"span": timedelta(seconds=within_s)},
            ).scalar_one()
        )


def run(sandbox: Sandbox) -> None:
    """Post until the sandbox stops; several threads may."""
    while not sandbox.stopping.is_set():
        if not post_one(sandbox):
            sandbox.wake.wait(0.1)
            sandbox.wake.clear()


# --- what the pages show ------------------------------------------------------------------------


def deliveries(
    sandbox: Sandbox, domain: str | None = None, limit: int = 100, topic: str | None = None
) -> list[Document]:
    """The newest deliveries, of one shop or topic if named."""
    return _list(
        sandbox,
        "WHERE (CAST(:shop AS text) IS NULL OR shop = :shop)"
        " AND (CAST(:topic AS text) IS NULL OR topic = :topic)",
        {"shop": domain, "topic": topic, "rows": limit},
    )


def delivery(sandbox: Sandbox, number: int) -> Document | None:
    """One delivery."""
    return next(iter(_list(sandbox, "WHERE id = :id", {"id": number, "rows": 1})), None)


def _list(sandbox: Sandbox, where: str, values: dict[str, Any]) -> list[Document]:
    query = f"SELECT * FROM deliveries {where} ORDER BY id DESC LIMIT :rows"  # noqa: S608
    with sandbox.work() as work:
        rows = work.connection.execute(text(query), values).mappings().all()
    times = ("created_at", "next_at", "triggered_at")
    return [{**row, **{name: iso(row[name]) for name in times}} for row in rows]


def redeliver(sandbox: Sandbox, number: int) -> None:
    """Post it again at once, with the id it had."""
    with sandbox.store.engine.begin() as connection:
        changed = connection.execute(
            text(
                "UPDATE deliveries SET state = 'pending', attempts = 0,"
                " next_at = clock_timestamp(), leased_until = NULL WHERE id = :id"
            ),
            {"id": number},
        ).rowcount
    if not changed:
        raise Refused(f"There is no delivery {number}.")
    sandbox.wake.set()
