"""The inbox of everyone in this world: an SMTP server that keeps what it is given."""

from __future__ import annotations

import json
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import RowMapping, text

from app.sandbox.running import Sandbox
from app.sandbox.store import Document, iso
from app.sandbox.switches import switches

REPLIES = {"down": "451 4.3.0 Try again later", "reject": "550 5.1.1 No such mailbox here"}
SIZE_LIMIT = 10_000_000


class Mailbox:
    """aiosmtpd's handler: every recipient is known here."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd calls it so
        """Keep the message, or refuse it when the switch says so."""
        refusal = REPLIES.get(switches(self.sandbox)["smtp"])
        return refusal or keep(self.sandbox, envelope)


def keep(sandbox: Sandbox, envelope: Envelope) -> str:
    """Store a message as it came."""
    raw = envelope.content if isinstance(envelope.content, bytes) else b""
    with sandbox.work() as work:
        work.connection.execute(
            text(
                "INSERT INTO mails (received_at, sender, recipients, raw)"
                " VALUES (:now, :sender, :recipients, :raw)"
            ),
            {"now": work.now, "sender": envelope.mail_from or "",
             "recipients": json.dumps(envelope.rcpt_tos), "raw": raw},
        )  # fmt: skip
    return "250 2.0.0 Kept"


def serve(sandbox: Sandbox) -> Controller:
    """Start the server in a thread of its own; `.stop()` ends it."""
    server = Controller(
        Mailbox(sandbox), hostname="127.0.0.1", port=sandbox.settings.smtp_port,
        data_size_limit=SIZE_LIMIT, enable_SMTPUTF8=True,
    )  # fmt: skip
    server.start()
    return server


# --- what the pages show ------------------------------------------------------------------------


def mails(sandbox: Sandbox, to: str | None = None, limit: int = 100) -> list[Document]:
    """The newest mails, without their bodies."""
    where = "WHERE recipients @> CAST(:to AS jsonb)" if to else ""
    query = f"SELECT * FROM mails {where} ORDER BY id DESC LIMIT :rows"  # noqa: S608
    with sandbox.work() as work:
        values = {"to": json.dumps([to]), "rows": limit}
        rows = work.connection.execute(text(query), values).mappings().all()
    return [_head(row, _parse(row)) for row in rows]


def mail(sandbox: Sandbox, number: int) -> Document | None:
    """One mail, opened."""
    row = _row(sandbox, number)
    if row is None:
        return None
    parsed = _parse(row)
    return {**_head(row, parsed), "text": _part(parsed, "plain"), "html": _part(parsed, "html")}


def mail_raw(sandbox: Sandbox, number: int) -> bytes | None:
    """One mail as it came over the wire."""
    row = _row(sandbox, number)
    return None if row is None else bytes(row["raw"])


def clear_mails(sandbox: Sandbox) -> None:
    """Empty the inbox."""
    with sandbox.work() as work:
        work.connection.execute(text("DELETE FROM mails"))


def _row(sandbox: Sandbox, number: int) -> RowMapping | None:
    with sandbox.work() as work:
        return (
            work.connection.execute(text("SELECT * FROM mails WHERE id = :id"), {"id": number})
            .mappings()
            .one_or_none()
        )


def _parse(row: RowMapping) -> EmailMessage:
    parsed: Any = message_from_bytes(bytes(row["raw"]), policy=policy.default)
    return parsed  # type: ignore[no-any-return]


def _head(row: RowMapping, parsed: EmailMessage) -> Document:
    return {
        "id": row["id"], "received_at": iso(row["received_at"]),
        "machine_at": row["machine_at"].isoformat(), "sender": row["sender"],
        "recipients": row["recipients"], "size": len(row["raw"]),
        "subject": str(parsed["Subject"] or ""), "from": str(parsed["From"] or ""),
        "to": str(parsed["To"] or ""), "reply_to": str(parsed["Reply-To"] or ""),
        "headers": [[name, str(value)] for name, value in parsed.items()],
    }  # fmt: skip


def _part(parsed: EmailMessage, kind: str) -> str | None:
    part = parsed.get_body((kind,))
    return None if part is None else str(part.get_content())
