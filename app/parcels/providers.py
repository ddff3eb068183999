"""The account a shop follows its parcels with: kept sealed, and what it tells becomes scans."""

from __future__ import annotations

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.secrets import seal
from app.inbox.model import Webhook
from app.mirror import queries as mirror
from app.mirror import service as mirror_service
from app.parcels import aftership
from app.parcels.carriers import normalise_number
from app.parcels.model import Parcel, ParcelProvider
from app.shops.service import shop


def account(session: Session) -> ParcelProvider | None:
    """The shop's account; None where Shopify's own events count."""
    found = begun(session)
    return found if found and found.api_key else None


def begun(session: Session) -> ParcelProvider | None:
    """What is kept of an account, even without the key that connects it."""
    return session.scalars(select(ParcelProvider)).one_or_none()


def remember(session: Session, *, hook_secret: str, who: str) -> bool:
    """Keep the secret of an account whose key was not taken, so that it need not be typed again;
    returns whether it was. What a connected account has is left alone."""
    if not hook_secret or account(session) is not None:
        return False
    connect(session, key="", hook_secret=hook_secret, who=who)
    return True


def connect(session: Session, *, key: str, hook_secret: str, who: str) -> ParcelProvider:
    """Keep an account; an empty text leaves what was kept before."""
    kept = begun(session)
    if kept is None:
        kept = ParcelProvider(shop_id=session.info["shop_id"], api_key="", hook_secret="")
        session.add(kept)
    kept.api_key = seal(key) if key else kept.api_key
    kept.hook_secret = seal(hook_secret) if hook_secret else kept.hook_secret
    kept.connected_at, kept.connected_by = now(session), who[:64]
    session.flush()
    return kept


def disconnect(session: Session) -> None:
    """Forget the account."""
    session.execute(delete(ParcelProvider))


def on_update(session: Session, _webhook: Webhook, body: bytes) -> None:
    """`aftership/tracking_update`: its checkpoints become scans of every parcel of that number. One
    that we know already changes nothing."""
    told = aftership.read(body).msg
    plain = func.upper(func.regexp_replace(Parcel.tracking_number, "[^0-9A-Za-z]", "", "g"))
    rows = session.scalars(
        select(Parcel).where(
            plain == normalise_number(told.tracking_number), Parcel.cancelled_at.is_(None)
        )
    )
    zone = shop(session).timezone
    for parcel in rows:
        fulfillment = mirror.fulfillment(session, parcel.fulfillment_id)
        for scan in aftership.scans(told, zone):
            mirror_service.keep_scan(
                session,
                fulfillment,
                number=scan.key,
                status=scan.status,
                happened_at=scan.at,
                message=scan.message,
                city=scan.city,
                province=scan.province,
                estimated=scan.estimated,
            )
