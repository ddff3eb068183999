"""Double opt-in: a consent that counts once its owner has clicked in a mail (rules.md EM-5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.consent import queries
from app.consent.events import ConfirmationAsked
from app.consent.model import ConsentRequest
from app.consent.service.ledger import grant
from app.core.clock import now
from app.core.errors import NotFound
from app.journal.service import record


def ask(
    session: Session,
    customer_id: int,
    *,
    source: str,
    given_at: datetime,
    evidence: dict[str, Any],
    by_mail: bool = True,
) -> ConsentRequest:
    """Have a consent to e-mail wait for its confirmation, and `send` the mail that asks for it: one
    a consent. Without `by_mail` nothing is sent: somebody who agreed long ago and has forgotten it
    gets no mail out of the blue, and is asked on the pages of an order and in the preference centre
    whether to send it (rules.md EM-5)."""
    asked = queries.open_request(session, customer_id) or _wait(
        session, customer_id, source=source, given_at=given_at, evidence=evidence
    )
    if by_mail:
        send(session, asked)
    return asked


def send(session: Session, asked: ConsentRequest) -> None:
    """Send the mail with the link, once; announces `ConfirmationAsked`."""
    if asked.mailed_at is not None or asked.confirmed_at is not None:
        return
    asked.mailed_at = now(session)
    record(
        session,
        ConfirmationAsked(
            occurred_at=now(session), customer_id=asked.customer_id, request_id=asked.id
        ),
    )


def send_confirmation(session: Session, customer_id: int | None) -> None:
    """The person wants the mail: send it for the consent that waits, if one does."""
    waiting = queries.open_request(session, customer_id) if customer_id is not None else None
    if waiting is not None:
        send(session, waiting)


def _wait(
    session: Session,
    customer_id: int,
    *,
    source: str,
    given_at: datetime,
    evidence: dict[str, Any],
) -> ConsentRequest:
    asked = ConsentRequest(
        shop_id=session.info["shop_id"],
        customer_id=customer_id,
        source=source[:48],
        evidence=evidence,
        given_at=given_at,
    )
    session.add(asked)
    session.flush()
    return asked


def confirm(session: Session, request_id: int, evidence: dict[str, Any]) -> ConsentRequest:
    """The second click: the consent counts from now on. Clicking again changes nothing."""
    asked = session.get(ConsentRequest, (session.info["shop_id"], request_id))
    if asked is None:
        raise NotFound
    if asked.confirmed_at is None:
        asked.confirmed_at = now(session)
        proof = {
            **asked.evidence,
            **evidence,
            "given_at": asked.given_at.isoformat(),
            "given_by": asked.source,
        }
        grant(
            session,
            asked.customer_id,
            channel=asked.channel,
            source="double opt-in",
            occurred_at=now(session),
            evidence=proof,
        )
    return asked
