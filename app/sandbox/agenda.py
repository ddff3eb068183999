"""What the world will do at a moment of business time: carriers scan, Shopify asks for erasure."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import text

from app.sandbox.running import Sandbox
from app.sandbox.store import Document, Work, iso

#: Carries out an entry: (sandbox, work, shop, subject, body) → what happened, for the log.
Handler = Callable[[Sandbox, Work, str, str, Document], str]


def plan(
    work: Work, domain: str, kind: str, subject: str | int, due: datetime, body: Document
) -> None:
    """Put a happening on the agenda."""
    work.connection.execute(
        text(
            "INSERT INTO agenda (shop, kind, subject, due_at, body)"
            " VALUES (:shop, :kind, :subject, :due, :body)"
        ),
        {"shop": domain, "kind": kind, "subject": str(subject), "due": due,
         "body": json.dumps(body)},
    )  # fmt: skip


def strike(work: Work, domain: str, kind: str, subject: str | int) -> None:
    """Take what has not happened yet off the agenda."""
    work.connection.execute(
        text(
            "DELETE FROM agenda WHERE shop = :shop AND kind = :kind AND subject = :subject"
            " AND done_at IS NULL"
        ),
        {"shop": domain, "kind": kind, "subject": str(subject)},
    )


def planned(work: Work, domain: str, kind: str, subject: str | int) -> list[Document]:
    """What is still to come for a subject, soonest first."""
    rows = work.connection.execute(
        text(
            "SELECT id, due_at, body FROM agenda WHERE shop = :shop AND kind = :kind"
            " AND subject = :subject AND done_at IS NULL ORDER BY due_at, id"
        ),
        {"shop": domain, "kind": kind, "subject": str(subject)},
    ).mappings()
    return [{**row["body"], "agenda_id": row["id"], "due_at": iso(row["due_at"])} for row in rows]


def hasten(work: Work, entry: int) -> None:
    """Let an entry be due now."""
    work.connection.execute(
        text("UPDATE agenda SET due_at = :now WHERE id = :id"), {"now": work.now, "id": entry}
    )


def next_due(sandbox: Sandbox) -> datetime | None:
    """When the world does something next."""
    with sandbox.store.engine.connect() as connection:
        found: datetime | None = connection.execute(
            text("SELECT min(due_at) FROM agenda WHERE done_at IS NULL")
        ).scalar_one()
    return found and found.astimezone(UTC)


def fire_due(sandbox: Sandbox, handlers: dict[str, Handler]) -> list[str]:
    """Let everything happen that is due by now, in order; returns what happened."""
    happened: list[str] = []
    while (told := _fire_one(sandbox, handlers)) is not None:
        happened.append(told)
    return happened


def _fire_one(sandbox: Sandbox, handlers: dict[str, Handler]) -> str | None:
    now = sandbox.now()
    with sandbox.store.engine.connect() as connection:
        first = connection.execute(
            text(
                "SELECT id, shop FROM agenda WHERE done_at IS NULL AND due_at <= :now"
                " ORDER BY due_at, id LIMIT 1"
            ),
            {"now": now},
        ).one_or_none()
    if first is None:
        return None
    # The shop's lock is taken before the row's, in the order in which all the verbs take them.
    with sandbox.work(first.shop) as work:
        row = (
            work.connection.execute(
                text(
                    "UPDATE agenda SET done_at = :now WHERE id = :id AND done_at IS NULL"
                    " RETURNING kind, subject, body"
                ),
                {"id": first.id, "now": now},
            )
            .mappings()
            .one_or_none()
        )
        if row is None:
            return ""  # struck off, or another thread was first
        return handlers[row["kind"]](sandbox, work, first.shop, row["subject"], row["body"])
