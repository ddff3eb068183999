"""Reads of the ledger and the suppressions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    DateTime,
    Select,
    String,
    bindparam,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from app.consent import rules
from app.consent.model import (
    NOT_RECEIVED,
    TOPICS,
    Birthday,
    ChannelAddress,
    ConsentImport,
    ConsentImportProblem,
    ConsentRecord,
    ConsentRequest,
    ConsentText,
    Hold,
    Suppression,
)
from app.consent.readers import OPEN, Columns, Reader, columns, reader
from app.core.clock import now
from app.core.secrets import unseal
from app.core.together import Question, Rows
from app.mirror.model import Customer

__all__ = [
    "HELD",
    "NOBODY",
    "TOPICS",
    "UNCONFIRMED",
    "Columns",
    "Reader",
    "addresses",
    "columns",
    "customers_at",
    "held",
    "holds",
    "import_problems",
    "imports",
    "kept_from",
    "knowing",
    "known",
    "known_of",
    "ledger",
    "misses",
    "named",
    "newest",
    "open_request",
    "reader",
    "suppression_counts",
    "suppressions",
    "texts",
    "words",
]


def newest(
    session: Session, customer_id: int, channel: str, topic: str = "marketing"
) -> ConsentRecord | None:
    """The record that counts for a customer on a channel; None while the ledger is silent."""
    return session.scalars(
        select(ConsentRecord)
        .where(
            ConsentRecord.customer_id == customer_id,
            ConsentRecord.channel == channel,
            ConsentRecord.topic == topic,
        )
        .order_by(ConsentRecord.occurred_at.desc(), ConsentRecord.id.desc())
        .limit(1)
    ).one_or_none()


def words(session: Session, customer_id: int) -> dict[tuple[str, str], ConsentRecord]:
    """The newest record of each (channel, topic) a customer ever decided about."""
    rows = session.scalars(_newest_words(customer_id))
    return {(row.channel, row.topic): row for row in rows}


def _newest_words(customer_id: int | BindParameter[int]) -> Select[ConsentRecord]:
    return (
        select(ConsentRecord)
        .where(ConsentRecord.customer_id == customer_id)
        .ext(distinct_on(ConsentRecord.channel, ConsentRecord.topic))
        .order_by(
            ConsentRecord.channel,
            ConsentRecord.topic,
            ConsentRecord.occurred_at.desc(),
            ConsentRecord.id.desc(),
        )
    )


@dataclass(frozen=True)
class Known:
    """What is known of a person: their `words`, the consent that waits for its confirmation, where
    they are reached beside e-mail, and what their (channel, address) is kept from."""

    words: dict[tuple[str, str], ConsentRecord]
    request: ConsentRequest | None
    addresses: dict[str, str]
    kept_from: dict[tuple[str, str], frozenset[str]]


def known(session: Session, customer: Customer) -> Known:
    """`words`, `open_request`, `addresses` and `kept_from` (of the e-mail address) of a person in
    one statement; there are few of each, so that their combinations are, too."""
    return known_of(knowing().ask(session, named(customer)), customer)


def named(customer: Customer) -> dict[str, object]:
    """A person, as `knowing` wants them named."""
    mail = rules.address_hash(customer.shop_id, "email", customer.email)
    return {"customer": customer.id, "mail": mail}


#: Who is nobody's customer, as `knowing` wants them named.
NOBODY: dict[str, object] = {"customer": None, "mail": None}


def known_of(rows: Rows, customer: Customer) -> Known:
    """What the answer to `knowing` says."""
    requests = {row[1].id: row[1] for row in rows if row[1]}
    return Known(
        words={(row[0].channel, row[0].topic): row[0] for row in rows if row[0]},
        request=requests[max(requests)] if requests else None,
        addresses={row[2].channel: unseal(row[2].address_sealed) for row in rows if row[2]},
        kept_from={
            ("email", rules.normal_address("email", customer.email)): frozenset(
                row[3] for row in rows if row[3]
            )
        },
    )


@cache
def knowing() -> Question:
    """All that a page about a person asks of what they said."""
    person = bindparam("customer", type_=BigInteger)
    words = aliased(ConsentRecord, _newest_words(person).subquery())
    return Question(
        select(words, ConsentRequest, ChannelAddress, Suppression.scope)
        .select_from(Customer)
        .outerjoin(words, words.customer_id == Customer.id)
        .outerjoin(
            ConsentRequest,
            (ConsentRequest.customer_id == Customer.id) & ConsentRequest.confirmed_at.is_(None),
        )
        .outerjoin(ChannelAddress, ChannelAddress.customer_id == Customer.id)
        .outerjoin(
            Suppression,
            (Suppression.channel == "email")
            & (Suppression.address_hash == bindparam("mail", type_=String)),
        )
        .where(Customer.id == person)
    )


def texts(session: Session, hashes: Iterable[str]) -> dict[str, ConsentText]:
    """The words behind the hashes that ledger records name."""
    rows = session.scalars(select(ConsentText).where(ConsentText.hash.in_(set(hashes))))
    return {row.hash: row for row in rows}


def open_request(session: Session, customer_id: int) -> ConsentRequest | None:
    """The consent that waits for its confirmation; None when none does."""
    rows = UNCONFIRMED.ask(session, {"customer": customer_id})
    return rows[0][0] if rows else None


#: The consents of a `customer` that wait for their confirmation, the newest first.
UNCONFIRMED = Question(
    select(ConsentRequest).where(
        ConsentRequest.customer_id == bindparam("customer", type_=BigInteger),
        ConsentRequest.confirmed_at.is_(None),
    ),
    ConsentRequest.id.desc(),
)


def requests(session: Session, customer_id: int) -> list[ConsentRequest]:
    """Every consent that was to be confirmed, oldest first."""
    return list(
        session.scalars(
            select(ConsentRequest)
            .where(ConsentRequest.customer_id == customer_id)
            .order_by(ConsentRequest.id)
        )
    )


def birthdays(session: Session, customer_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Month and day of the customers who told us their birthday."""
    rows = session.scalars(select(Birthday).where(Birthday.customer_id.in_(list(customer_ids))))
    return {row.customer_id: (row.month, row.day) for row in rows}


def link_evidence(session: Session, customer_id: int) -> dict[str, Any]:
    """How we know where a customer is reached beside e-mail, by channel."""
    rows = session.scalars(select(ChannelAddress).where(ChannelAddress.customer_id == customer_id))
    return {row.channel: row.evidence for row in rows}


def ledger(session: Session, customer_id: int) -> list[ConsentRecord]:
    """Everything a customer ever decided, oldest first."""
    return list(
        session.scalars(
            select(ConsentRecord)
            .where(ConsentRecord.customer_id == customer_id)
            .order_by(ConsentRecord.occurred_at, ConsentRecord.id)
        )
    )


def suppressions(session: Session, channel: str, address: str | None) -> list[Suppression]:
    """What an address is kept from."""
    return list(
        session.scalars(
            select(Suppression).where(
                Suppression.channel == channel,
                Suppression.address_hash
                == rules.address_hash(session.info["shop_id"], channel, address),
            )
        )
    )


def kept_from(session: Session, channel: str, address: str | None) -> Sequence[str]:
    """The scopes (`all`, `marketing`) that an address is kept from."""
    sought = rules.address_hash(session.info["shop_id"], channel, address)
    return session.scalars(
        select(Suppression.scope).where(
            Suppression.channel == channel, Suppression.address_hash == sought
        )
    ).all()


def held(session: Session, customer_id: int | None, order_id: int | None) -> Hold | None:
    """What everything that sells has to wait for: the open hold that lasts longest, of the person
    (whichever of their orders it is about) or of the order. None when nothing is held."""
    rows = HELD.ask(session, {"customer": customer_id, "order": order_id, "moment": now(session)})
    return rows[0][0] if rows else None


#: The open holds of a `customer` or of an `order` at a `moment`, the one that lasts longest first.
HELD = Question(
    select(Hold).where(
        (Hold.customer_id == bindparam("customer", type_=BigInteger))
        | (Hold.order_id == bindparam("order", type_=BigInteger)),
        Hold.state.in_(OPEN),
        Hold.due_at.is_(None) | (Hold.due_at > bindparam("moment", type_=DateTime(timezone=True))),
    ),
    Hold.due_at.desc().nulls_first(),
    Hold.id,
)


def misses(session: Session, order_id: int) -> bool:
    """Whether something of an order did not arrive, and nobody has settled it."""
    about = Hold.order_id == order_id, Hold.reason == NOT_RECEIVED, Hold.state.in_(OPEN)
    return bool(session.scalar(select(exists().where(*about, _lasting(session)))))


def holds(session: Session, customer_id: int) -> list[Hold]:
    """All open holds of a person, the first one first."""
    return list(
        session.scalars(
            select(Hold)
            .where(Hold.customer_id == customer_id, Hold.state.in_(OPEN), _lasting(session))
            .order_by(Hold.id)
        )
    )


def _lasting(session: Session) -> ColumnElement[bool]:
    return or_(Hold.due_at.is_(None), Hold.due_at > now(session))


def addresses(session: Session, customer_id: int) -> dict[str, str]:
    """Where a customer is reached beside e-mail: `line`, `sms`, `push` → address, as linked."""
    rows = session.scalars(select(ChannelAddress).where(ChannelAddress.customer_id == customer_id))
    return {row.channel: unseal(row.address_sealed) for row in rows}


def customers_at(session: Session, channel: str, address: str) -> list[int]:
    """The customers that an address of a channel belongs to."""
    sought = rules.address_hash(session.info["shop_id"], channel, address)
    return list(
        session.scalars(
            select(ChannelAddress.customer_id)
            .where(ChannelAddress.channel == channel, ChannelAddress.address_hash == sought)
            .order_by(ChannelAddress.customer_id)
        )
    )


def imports(session: Session, *, limit: int) -> list[ConsentImport]:
    """The lists brought along, the newest first."""
    return list(
        session.scalars(
            select(ConsentImport)
            .order_by(ConsentImport.uploaded_at.desc(), ConsentImport.id.desc())
            .limit(limit)
        )
    )


def import_problems(
    session: Session, import_id: int, *, limit: int | None
) -> list[ConsentImportProblem]:
    """A list's bad rows, in the file's order."""
    return list(
        session.scalars(
            select(ConsentImportProblem)
            .where(ConsentImportProblem.import_id == import_id)
            .order_by(ConsentImportProblem.line, ConsentImportProblem.id)
            .limit(limit)
        )
    )


def suppression_counts(session: Session) -> list[tuple[str, int]]:
    """How many addresses are kept from what, and why: (reason code, count)."""
    rows = session.execute(
        select(Suppression.reason, func.count())
        .group_by(Suppression.reason)
        .order_by(func.count().desc(), Suppression.reason)
    )
    return [(reason, count) for reason, count in rows]
