"""Webhooks as LINE posts them: signed with the channel's secret, once, or a few times more where
the account's redelivery is on. Events of one person keep their order only by luck, as at LINE."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import RowMapping, text

from app.core.clock import machine_now
from app.sandbox.line.accounts import account
from app.sandbox.running import Sandbox
from app.sandbox.store import Document, Work

TIMEOUT = httpx.Timeout(5.0, connect=2.0)
#: Machine seconds until a refused delivery is posted again; LINE does not say how long it waits.
WAITS_S = (2.0, 10.0, 60.0)
#: LINE: a reply token must be used within a minute.
REPLY_S = 60
LEASE_S = 15

CLAIM = f"""
UPDATE line_events SET leased_until = clock_timestamp() + interval '{LEASE_S} seconds'
WHERE id = (
  SELECT id FROM line_events
  WHERE state = 'pending' AND next_at <= clock_timestamp()
    AND (leased_until IS NULL OR leased_until < clock_timestamp())
  ORDER BY next_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING *
"""  # noqa: S608  # the only value put in is a constant


def tell(
    work: Work, domain: str, event: Document, *, user: str | None = None, reply: bool = False
) -> None:
    """Queue an event for the account's webhook; nothing when it has none or does not use it. The
    event of a delivery by telephone number names nobody."""
    ours = account(work, domain)
    if not ours["webhook_url"] or not ours["use_webhook"]:
        return
    told = {
        **event,
        "mode": "active",
        "timestamp": int(work.now.timestamp() * 1000),
        "webhookEventId": secrets.token_hex(13).upper(),
    }
    if user:
        told["source"] = {"type": "user", "userId": user}
    if reply and user:
        told["replyToken"] = _reply_token(work, domain, user)
    work.connection.execute(
        text("INSERT INTO line_events (shop, body) VALUES (:shop, CAST(:body AS jsonb))"),
        {"shop": domain, "body": json.dumps(told)},
    )
    work.announced = True


def _reply_token(work: Work, domain: str, user: str) -> str:
    token = secrets.token_hex(16)
    until = (machine_now() + timedelta(seconds=REPLY_S)).isoformat()
    work.put("line_reply", domain, token, {"token": token, "user": user, "until": until})
    return token


def signature(secret: str, body: bytes) -> str:
    """What `x-line-signature` carries."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def body_of(ours: Document, events: list[Document]) -> bytes:
    """A webhook's body."""
    told = {"destination": ours["bot_user_id"], "events": events}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def post(sandbox: Sandbox, ours: Document, events: list[Document]) -> tuple[int | None, str]:
    """Post events to the account's webhook: the status, and what happened in LINE's words."""
    body = body_of(ours, events)
    try:
        answer = sandbox.http.post(
            ours["webhook_url"],
            content=body,
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "User-Agent": "LineBotWebhook/2.0",
                "X-Line-Signature": signature(ours["channel_secret"], body),
            },
            timeout=TIMEOUT,
            follow_redirects=False,
        )
    except httpx.TimeoutException:
        return None, "REQUEST_TIMEOUT"
    except httpx.HTTPError:
        return None, "COULD_NOT_CONNECT"
    return answer.status_code, "OK" if answer.is_success else "ERROR_STATUS_CODE"


def post_one(sandbox: Sandbox) -> bool:
    """Post the event that is due first; False when none is."""
    with sandbox.store.engine.begin() as connection:
        row = connection.execute(text(CLAIM)).mappings().one_or_none()
    if row is None:
        return False
    with sandbox.work(row["shop"]) as work:
        ours = account(work, row["shop"])
    again = {"deliveryContext": {"isRedelivery": row["attempts"] > 0}}
    status, reason = post(sandbox, ours, [{**row["body"], **again}])
    _finish(sandbox, row, ours, status, reason)
    return True


def _finish(
    sandbox: Sandbox, row: RowMapping, ours: Document, status: int | None, reason: str
) -> None:
    state, wait = "delivered", 0.0
    if reason != "OK":
        more = ours["redelivery"] and row["attempts"] < len(WAITS_S)
        state = "pending" if more else "failed"
        wait = WAITS_S[row["attempts"]] if more else 0.0
    with sandbox.store.engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE line_events SET state = :state, attempts = attempts + 1, status = :status,"
                " reason = :reason, leased_until = NULL,"
                " next_at = clock_timestamp() + :wait WHERE id = :id"
            ),
            {"state": state, "status": status, "reason": reason,
             "wait": timedelta(seconds=wait), "id": row["id"]},
        )  # fmt: skip


def busy(sandbox: Sandbox) -> int:
    """How many events are still to be posted."""
    with sandbox.store.engine.connect() as connection:
        query = "SELECT count(*) FROM line_events WHERE state = 'pending'"
        return int(connection.execute(text(query)).scalar_one())


def run(sandbox: Sandbox) -> None:
    """Post until the sandbox stops."""
    while not sandbox.stopping.is_set():
        if not post_one(sandbox):
            sandbox.stopping.wait(0.1)


def deliveries(sandbox: Sandbox, domain: str, limit: int = 50) -> list[dict[str, Any]]:
    """The newest events of an account, as its console shows them."""
    query = text("SELECT * FROM line_events WHERE shop = :shop ORDER BY id DESC LIMIT :rows")
    with sandbox.store.engine.connect() as connection:
        rows = connection.execute(query, {"shop": domain, "rows": limit}).mappings().all()
    return [dict(row) for row in rows]
