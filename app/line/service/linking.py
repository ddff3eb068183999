"""One person, one LINE: linking by a nonce that works once, and forgetting."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.consent import queries as reach
from app.consent import rules as consent_rules
from app.consent import service as consent
from app.consent.model import ORDERS
from app.core.clock import machine_now, now
from app.core.errors import Conflict
from app.journal.service import record
from app.line.events import LineLinked
from app.line.model import LineFriend, LineNonce, LineQuestion
from app.mirror.model import Customer

#: LINE: a link token lives for ten minutes, and so does what goes with it.
LIFE = timedelta(minutes=10)
#: A user id is erased so long after its person left (rules.md LN-4).
KEPT = timedelta(days=30)
#: No letters that look like digits.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
#: What a person has agreed to by linking; kept as evidence with the moment (rules.md LN-1).
TERMS = {
    "ja": "LINEでご注文とお届けのお知らせを受け取ります。"
    "お得情報は、別途お選びいただいた場合のみお送りします。",
    "en": "I receive news of my orders and deliveries by LINE; offers only if I choose them.",
}


def link(
    session: Session,
    customer_id: int,
    user_id: str,
    *,
    order_id: int | None,
    source: str,
    locale: str,
) -> None:
    """Link a person's LINE to their orders; they get news of deliveries there from now on. The
    person may be a customer twice (as a guest, and with an account): both are reached."""
    evidence = {
        "text": TERMS.get(locale, TERMS["en"]),
        "source": source,
        "order_id": order_id,
        "at": now(session).isoformat(),
    }
    consent.link_channel(session, customer_id, "line", user_id, evidence)
    _welcome_back(session, customer_id, evidence)
    befriend(session, user_id)
    record(
        session,
        LineLinked(
            occurred_at=now(session), order_id=order_id, customer_id=customer_id, source=source
        ),
    )


def _welcome_back(session: Session, customer_id: int, evidence: dict[str, Any]) -> None:
    """Whoever ended it before, or wanted no news of orders there, asks for them by linking anew."""
    before = reach.newest(session, customer_id, "line", ORDERS)
    if before is not None and not before.granted:
        consent.grant(
            session,
            customer_id,
            channel="line",
            topic=ORDERS,
            source="line",
            occurred_at=max(now(session), before.occurred_at),
            evidence=evidence,
        )


def befriend(session: Session, user_id: str) -> None:
    """Note a friend, or one who came back."""
    values = {"since": now(session), "left_at": None}
    session.execute(
        insert(LineFriend)
        .values(shop_id=session.info["shop_id"], user_hash=_person(session, user_id), **values)
        .on_conflict_do_update(index_elements=["shop_id", "user_hash"], set_={"left_at": None})
    )


def leave(session: Session, user_id: str) -> None:
    """They blocked the account: nothing is sent any more, and their user id goes."""
    session.execute(
        update(LineFriend)
        .where(LineFriend.user_hash == _person(session, user_id))
        .values(left_at=now(session))
    )
    for customer_id in reach.customers_at(session, "line", user_id):
        consent.unlink_channel(session, customer_id, "line")


def use_nonce(session: Session, nonce: str) -> None:
    """Use up a nonce of LINE Login; raises `Conflict` the second time."""
    made = session.execute(
        insert(LineNonce)
        .values(
            shop_id=session.info["shop_id"],
            nonce_hash=digest(nonce),
            expires_at=machine_now() + LIFE,
            used_at=machine_now(),
        )
        .on_conflict_do_nothing(index_elements=["shop_id", "nonce_hash"])
        .returning(LineNonce.id)
    ).scalar_one_or_none()
    if made is None:
        raise Conflict


def offer_code(session: Session, customer_id: int, order_id: int) -> str:
    """A code that the person sends to the account from LINE, to say whose LINE it is."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(8))
    new_nonce(session, code, customer_id, order_id)
    return code


def new_nonce(session: Session, nonce: str, customer_id: int, order_id: int | None) -> None:
    """Keep a nonce's hash with whose it is."""
    session.add(
        LineNonce(
            shop_id=session.info["shop_id"],
            nonce_hash=digest(nonce),
            customer_id=customer_id,
            order_id=order_id,
            expires_at=machine_now() + LIFE,
        )
    )
    session.flush()


def redeem(session: Session, nonce: str) -> LineNonce | None:
    """Use up a nonce and say whose it is; None when it is unknown, too old, or was used."""
    return session.scalars(
        update(LineNonce)
        .where(
            LineNonce.nonce_hash == digest(nonce),
            LineNonce.used_at.is_(None),
            LineNonce.customer_id.is_not(None),
            LineNonce.expires_at > machine_now(),
        )
        .values(used_at=machine_now())
        .returning(LineNonce)
    ).one_or_none()


def digest(nonce: str) -> str:
    """What is kept of a nonce."""
    return sha256(nonce.encode()).hexdigest()


def _person(session: Session, user_id: str) -> str:
    return consent_rules.address_hash(session.info["shop_id"], "line", user_id)


def forget_leavers(session: Session, before: datetime | None = None) -> int:
    """Erase what is left of people who blocked the account `KEPT` ago, of old questions and of
    nonces; returns how many people."""
    limit = before or now(session) - KEPT
    session.execute(delete(LineQuestion).where(LineQuestion.asked_at < limit))
    session.execute(delete(LineNonce).where(LineNonce.expires_at < machine_now() - KEPT))
    gone = session.execute(
        delete(LineFriend).where(LineFriend.left_at < limit).returning(LineFriend.id)
    ).all()
    return len(gone)


def erase_person(session: Session, customer: Customer) -> int:
    """Forget a customer's LINE; their address itself is the consent room's to forget."""
    address = reach.addresses(session, customer.id).get("line")
    if address:
        session.execute(delete(LineFriend).where(LineFriend.user_hash == _person(session, address)))
    gone = session.scalars(select(LineQuestion).where(LineQuestion.customer_id == customer.id))
    count = 0
    for question in gone.all():
        session.delete(question)
        count += 1
    session.execute(delete(LineNonce).where(LineNonce.customer_id == customer.id))
    return count


def export_person(session: Session, customer: Customer) -> dict[str, Any]:
    """Since when a customer is a friend on LINE, and what they asked there."""
    address = reach.addresses(session, customer.id).get("line")
    friend = select(LineFriend).where(LineFriend.user_hash == _person(session, address or ""))
    found = session.scalars(friend).one_or_none()
    asked = session.scalars(
        select(LineQuestion)
        .where(LineQuestion.customer_id == customer.id)
        .order_by(LineQuestion.asked_at)
    )
    return {
        "friend_since": found and found.since,
        "asked": [
            {"about": one.about, "at": one.asked_at, "details": one.details} for one in asked
        ],
    }
