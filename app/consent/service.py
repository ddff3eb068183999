"""Grant, take back, suppress; and the one answer to "may this leave?"."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.consent import queries, rules
from app.consent.events import Suppressed, Unsubscribed
from app.consent.model import ConsentRecord, Suppression
from app.core.clock import now
from app.journal.service import record
from app.mirror import queries as mirror
from app.mirror.events import MarketingConsentChanged
from app.mirror.model import Customer
from app.shops import service as shops


def may_send(
    session: Session,
    customer: Customer | None,
    *,
    address: str,
    channel: str,
    message_class: str,
) -> str | None:
    """Whether a message of a class (`transactional`, `service`, `marketing`) may leave: None when
    it may, else why not: `no_address`, `suppressed`, `unsubscribed`, `no_consent`."""
    standing = rules.Standing(
        address=rules.normal_address(channel, address),
        suppressed=frozenset(s.scope for s in queries.suppressions(session, channel, address)),
        granted=_newest_word(session, customer, channel),
        existing_customer=channel == "email" and _existing_customer(session, customer),
    )
    return rules.refusal(standing, message_class)


def grant(
    session: Session,
    customer_id: int,
    *,
    channel: str,
    source: str,
    occurred_at: datetime,
    evidence: dict[str, Any] | None = None,
) -> None:
    """Write a consent into the ledger and lift what an earlier unsubscription put on the address.
    A consent that is older than the newest word of the ledger is kept as evidence only."""
    if not _write(session, customer_id, channel, True, source, occurred_at, evidence):
        return
    customer = mirror.customer(session, customer_id)
    address = rules.normal_address(channel, customer.email if customer else None)
    session.execute(
        delete(Suppression).where(
            Suppression.channel == channel,
            Suppression.address == address,
            Suppression.reason == rules.UNSUBSCRIBED,
        )
    )


def unsubscribe(
    session: Session,
    customer_id: int,
    address: str | None,
    source: str,
    *,
    channel: str = "email",
    evidence: dict[str, Any] | None = None,
) -> None:
    """Stop all marketing to a customer at once and announce `Unsubscribed`; the second time
    changes nothing. `source` says by what: `one-click`, `page`, `admin`."""
    newest = queries.newest(session, customer_id, channel)
    if newest is not None and not newest.granted:
        return
    moment = max(now(session), newest.occurred_at) if newest else now(session)
    _write(session, customer_id, channel, False, source, moment, evidence)
    _put_suppression(session, channel, address, "marketing", rules.UNSUBSCRIBED)
    record(
        session,
        Unsubscribed(
            occurred_at=now(session), customer_id=customer_id, channel=channel, scope="marketing"
        ),
    )


def suppress(
    session: Session,
    *,
    channel: str,
    address: str,
    reason: str,
    scope: str = "all",
    customer_id: int | None = None,
) -> None:
    """Keep an address from `marketing` or from `all`: `hard_bounce`, `soft_bounces` and
    `complaint` are the usual reasons (rules.md EM-9). Announces `Suppressed` once."""
    suppression_id = _put_suppression(session, channel, address, scope, reason)
    if suppression_id is None:
        return
    record(
        session,
        Suppressed(
            occurred_at=now(session),
            customer_id=customer_id,
            channel=channel,
            reason=reason,
            scope=scope,
            suppression_id=suppression_id,
        ),
    )


def on_consent_changed(session: Session, event: MarketingConsentChanged) -> None:
    """Shopify's e-mail consent changed: the ledger keeps it, and a withdrawal there counts here."""
    if event.customer_id is None:
        return
    evidence = {"order_id": event.order_id, "from": "shopify"}
    source = f"shopify {event.source}"
    if event.granted:
        grant(
            session,
            event.customer_id,
            channel="email",
            source=source,
            occurred_at=event.occurred_at,
            evidence=evidence,
        )
    elif _write(session, event.customer_id, "email", False, source, event.occurred_at, evidence):
        record(
            session,
            Unsubscribed(
                occurred_at=event.occurred_at,
                customer_id=event.customer_id,
                channel="email",
                scope="marketing",
            ),
        )


def erase_person(session: Session, customer: Customer) -> int:
    """Forget a customer's suppressions. The ledger stays: it names a customer by number only and
    is the proof the law asks for (rules.md EM-1), without a person behind it any more. An address
    that bounced or complained is forgotten too, and would be learnt again at the first attempt."""
    addresses = {
        (channel, rules.normal_address(channel, value))
        for channel, value in (("email", customer.email), ("sms", customer.phone))
        if value
    }
    gone = 0
    for channel, address in addresses:
        gone += len(
            session.execute(
                delete(Suppression)
                .where(Suppression.channel == channel, Suppression.address == address)
                .returning(Suppression.id)
            ).all()
        )
    return gone


def export_person(session: Session, customer: Customer) -> dict[str, Any]:
    """What we know of a customer's decisions."""
    return {
        "ledger": [
            {
                "channel": entry.channel,
                "topic": entry.topic,
                "granted": entry.granted,
                "source": entry.source,
                "occurred_at": entry.occurred_at.isoformat(),
            }
            for entry in queries.ledger(session, customer.id)
        ],
        "suppressions": [
            {"channel": kept.channel, "scope": kept.scope, "reason": kept.reason}
            for kept in queries.suppressions(session, "email", customer.email)
        ],
    }


def _write(
    session: Session,
    customer_id: int,
    channel: str,
    granted: bool,
    source: str,
    occurred_at: datetime,
    evidence: dict[str, Any] | None,
) -> bool:
    """Append to the ledger; whether this is news: the newest word, and another one than before."""
    before = queries.newest(session, customer_id, channel)
    if before is not None and before.granted == granted and before.occurred_at >= occurred_at:
        return False
    session.add(
        ConsentRecord(
            shop_id=session.info["shop_id"],
            customer_id=customer_id,
            channel=channel,
            granted=granted,
            source=source[:48],
            evidence=evidence or {},
            occurred_at=occurred_at,
        )
    )
    session.flush()
    return before is None or (before.granted != granted and before.occurred_at <= occurred_at)


def _put_suppression(
    session: Session, channel: str, address: str | None, scope: str, reason: str
) -> int | None:
    """The new suppression's id; None when there is no address or it was there already."""
    normal = rules.normal_address(channel, address)
    if not normal:
        return None
    return session.execute(
        insert(Suppression)
        .values(
            shop_id=session.info["shop_id"],
            channel=channel,
            address=normal,
            scope=scope,
            reason=reason,
        )
        .on_conflict_do_nothing()
        .returning(Suppression.id)
    ).scalar_one_or_none()


def _newest_word(session: Session, customer: Customer | None, channel: str) -> bool | None:
    """What the customer decided last: the ledger's newest record, or Shopify's state where the
    mirror knows it already and the ledger's delivery is still on its way."""
    if customer is None:
        return None
    newest = queries.newest(session, customer.id, channel)
    shopify = rules.shopify_word(customer.marketing_state) if channel == "email" else None
    if newest is None or shopify is None:
        return newest.granted if newest else shopify
    changed = customer.marketing_updated_at
    return shopify if changed and changed > newest.occurred_at else newest.granted


def _existing_customer(session: Session, customer: Customer | None) -> bool:
    shop = shops.shop(session)
    return customer is not None and rules.existing_customer(
        switched_on=shops.settings_of(shop).existing_customer_basis,
        shop_country=shop.country,
        recipient_country=customer.country,
    )
