"""One batch of an imported list, written in a few statements however many rows it has."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app.consent import importing, rules
from app.consent.events import Unsubscribed
from app.consent.importing import Row
from app.consent.model import (
    FROM_LIST,
    GENERAL,
    ConsentImport,
    ConsentImportProblem,
    ConsentRecord,
)
from app.consent.rules import LONG_AGO
from app.consent.service.ledger import grant
from app.core.clock import now
from app.journal.service import record_all
from app.mirror.model import Customer

IMPORTED = "imported"


def apply_rows(session: Session, kept: ConsentImport, batch: list[Row]) -> None:
    """Do what the merchant chose with each row, and write down which rows could not be read."""
    good: dict[str, Row] = {}
    for row in batch:
        found = importing.address(row.email)
        if found is None:
            reason = importing.NOT_AN_ADDRESS if row.email else importing.NO_ADDRESS
            _problem(session, kept, row, reason)
        elif found in good:
            kept.rows_known += 1
        else:
            good[found] = row
    if kept.choice == "subscribe":
        _subscribe(session, kept, good)
    else:
        _leave(session, kept, good)
    session.flush()


def _leave(session: Session, kept: ConsentImport, good: dict[str, Row]) -> None:
    """Suppress the addresses, and for people we know write it into the ledger."""
    people = _customers(session, good)
    fresh = _suppress(session, kept, good, people)
    told = _withdraw(session, kept, good, people) if kept.choice == "unsubscribe" else set()
    kept.rows_changed += len(fresh | told)
    kept.rows_known += len(good) - len(fresh | told)


def _suppress(
    session: Session,
    kept: ConsentImport,
    good: dict[str, Row],
    people: dict[str, list[int]],
) -> set[str]:
    """The addresses that were not suppressed yet. Whoever is no customer is kept as a hash."""
    scope, reason = (
        (GENERAL, rules.UNSUBSCRIBED) if kept.choice == "unsubscribe" else ("all", IMPORTED)
    )
    hashes = {rules.address_hash(kept.shop_id, "email", one): one for one in good}
    if not hashes:
        return set()
    # One statement of arrays: the text of one with a VALUES row each takes longer than its work.
    made = session.scalars(
        text(
            "INSERT INTO suppressions (shop_id, channel, address, address_hash, scope, reason) "
            "SELECT :shop, 'email', new.address, new.hash, :scope, :reason "
            "FROM unnest(cast(:addresses AS varchar[]), cast(:hashes AS varchar[])) "
            "AS new (address, hash) ON CONFLICT DO NOTHING RETURNING address_hash"
        ),
        {
            "shop": kept.shop_id,
            "scope": scope,
            "reason": reason,
            "addresses": [one if one in people else None for one in hashes.values()],
            "hashes": list(hashes),
        },
    )
    return {hashes[digest] for digest in made}


def _withdraw(
    session: Session,
    kept: ConsentImport,
    good: dict[str, Row],
    people: dict[str, list[int]],
) -> set[str]:
    """The addresses of customers who had not left yet; they have now."""
    by_id = {one: address for address, ids in people.items() for one in ids}
    last = _last_words(session, list(by_id))
    leaving = [one for one in by_id if last.get(one, (True, None))[0]]
    if leaving:
        session.execute(
            insert(ConsentRecord),
            [
                {
                    "shop_id": kept.shop_id,
                    "customer_id": one,
                    "channel": "email",
                    "topic": GENERAL,
                    "granted": False,
                    "source": FROM_LIST,
                    "evidence": evidence(kept, good[by_id[one]]),
                    "occurred_at": max(now(session), last.get(one, (True, None))[1] or LONG_AGO),
                }
                for one in leaving
            ],
        )
    record_all(
        session,
        [
            Unsubscribed(occurred_at=now(session), customer_id=one, channel="email", scope=GENERAL)
            for one in leaving
        ],
    )
    return {by_id[one] for one in leaving}


def _subscribe(session: Session, kept: ConsentImport, good: dict[str, Row]) -> None:
    """Write consents with the proof that the list brings; a later withdrawal stays."""
    people = _customers(session, good)
    for address, row in good.items():
        agreed_at = importing.moment(row.date)
        if agreed_at is None or agreed_at > now(session) or not row.source:
            reason = importing.BAD_DATE if row.source and row.date else importing.NO_EVIDENCE
            _problem(session, kept, row, reason)
        elif address not in people:
            _problem(session, kept, row, importing.NO_CUSTOMER)
        else:
            news = [_agree(session, kept, row, one, agreed_at) for one in people[address]]
            kept.rows_changed += any(news)
            kept.rows_known += not any(news)


def _agree(
    session: Session, kept: ConsentImport, row: Row, customer_id: int, agreed_at: datetime
) -> bool:
    proof = {**evidence(kept, row), "agreed_at": row.date, "agreed_where": row.source}
    return grant(
        session,
        customer_id,
        channel="email",
        source=FROM_LIST,
        occurred_at=agreed_at,
        evidence=proof,
    )


def evidence(kept: ConsentImport, row: Row) -> dict[str, Any]:
    """What proves a record that came with a list: the file, its hash, the line, and who brought
    it."""
    return {
        "file": kept.filename,
        "sha256": kept.digest,
        "line": row.line,
        "import": kept.id,
        "staff": kept.staff,
    }


def _customers(session: Session, good: dict[str, Row]) -> dict[str, list[int]]:
    """The customers behind addresses, as they compare."""
    found: dict[str, list[int]] = {}
    if good:
        rows = session.execute(
            select(Customer.email_key, Customer.id).where(
                Customer.email_key.in_(good), Customer.redacted_at.is_(None)
            )
        )
        for address, customer_id in rows:
            found.setdefault(address or "", []).append(customer_id)
    return found


def _last_words(
    session: Session, customer_ids: list[int]
) -> dict[int, tuple[bool, datetime | None]]:
    """The newest general word on e-mail of each customer that has one."""
    if not customer_ids:
        return {}
    rows = session.scalars(
        select(ConsentRecord)
        .where(
            ConsentRecord.customer_id.in_(customer_ids),
            ConsentRecord.channel == "email",
            ConsentRecord.topic == GENERAL,
        )
        .ext(distinct_on(ConsentRecord.customer_id))
        .order_by(
            ConsentRecord.customer_id,
            ConsentRecord.occurred_at.desc(),
            ConsentRecord.id.desc(),
        )
    )
    return {row.customer_id: (row.granted, row.occurred_at) for row in rows}


def _problem(session: Session, kept: ConsentImport, row: Row, reason: str) -> None:
    kept.rows_bad += 1
    session.execute(
        insert(ConsentImportProblem).values(
            shop_id=kept.shop_id,
            import_id=kept.id,
            line=row.line,
            value=row.email[:120],
            reason=reason,
        )
    )
