"""Carry out what a customer or a shop may ask of us, and keep the proof (rules.md PV-5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import structlog
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import GiveUp, NotFound
from app.core.runtime import runtime
from app.inbox.model import Webhook
from app.mirror import queries as mirror
from app.mirror.model import Customer
from app.privacy.model import PrivacyRequest
from app.shopify import compliance
from app.shops import service as shops

log = structlog.get_logger(__name__)

Eraser = Callable[[Session, Customer], int]
Exporter = Callable[[Session, Customer], Any]

DATA_REQUEST = "data_request"
CUSTOMER_REDACT = "customer_redact"
SHOP_REDACT = "shop_redact"


def data_requested(session: Session, _webhook: Webhook, body: bytes) -> None:
    """`customers/data_request`: note it, and have the export ready for the merchant. The export
    is put together when it is downloaded, so that no second copy of the data lies about."""
    request, customer = _note(session, DATA_REQUEST, body)
    request.result = _sizes(export(session, customer)) if customer else {"known": False}
    request.completed_at = now(session)


def customer_redacted(session: Session, _webhook: Webhook, body: bytes) -> None:
    """`customers/redact`: every room forgets the person; the request keeps the counts."""
    request, customer = _note(session, CUSTOMER_REDACT, body)
    request.result = erase(session, customer) if customer else {"known": False}
    request.completed_at = now(session)


def shop_redacted(session: Session, _webhook: Webhook, _body: bytes) -> None:
    """`shop/redact`: everything of the shop goes, its webhooks and this request included. A shop
    that has come back meanwhile keeps its data."""
    if shops.shop(session).uninstalled_at is None:
        request = PrivacyRequest(
            shop_id=session.info["shop_id"],
            kind=SHOP_REDACT,
            completed_at=now(session),
            result={"skipped": "installed again"},
        )
        session.add(request)
        return
    erase_shop(session)


def erase(session: Session, customer: Customer) -> dict[str, Any]:
    """Have every room of the wiring's ERASERS forget a customer; returns how many rows each cut."""
    erasers: list[Eraser] = runtime().table("ERASERS")
    cut: Counter[str] = Counter()
    for eraser in erasers:
        cut[_room(eraser)] += eraser(session, customer)
    return dict(cut)


def export(session: Session, customer: Customer) -> dict[str, Any]:
    """All that the rooms of the wiring's EXPORTERS know of a customer, as plain JSON values."""
    exporters: Mapping[str, Exporter] = runtime().table("EXPORTERS")
    return {
        room: msgspec.to_builtins(exporter(session, customer))
        for room, exporter in exporters.items()
    }


def export_of_request(session: Session, request_id: int) -> dict[str, Any]:
    """The export a data request asked for; raises `NotFound` when there is none to hand out."""
    request = session.get(PrivacyRequest, (session.info["shop_id"], request_id))
    if request is None or request.kind != DATA_REQUEST:
        raise NotFound
    customer = _customer(session, request.customer_shopify_id)
    if customer is None:
        raise NotFound
    return export(session, customer)


def erase_shop(session: Session) -> None:
    """Delete every row of the bound shop, the tenant included. The proof is a line in the host's
    log: nothing of the shop may remain, not even that it was here."""
    shop_id = session.info["shop_id"]
    session.execute(text("SELECT okaeri_erase_shop()"))
    # What the unit of work holds is gone; nothing of it may be written back.
    session.expunge_all()
    log.info("shop_erased", shop_id=shop_id)


def requests(session: Session, limit: int = 100) -> list[PrivacyRequest]:
    """The requests of the bound shop, newest first."""
    return list(
        session.scalars(select(PrivacyRequest).order_by(PrivacyRequest.id.desc()).limit(limit))
    )


def _note(session: Session, kind: str, body: bytes) -> tuple[PrivacyRequest, Customer | None]:
    person = compliance.read(body).customer
    if person is None or person.id is None:
        raise GiveUp("payload: no customer in it")
    request = PrivacyRequest(
        shop_id=session.info["shop_id"],
        kind=kind,
        customer_shopify_id=person.id,
    )
    session.add(request)
    session.flush()
    return request, _customer(session, person.id)


def _customer(session: Session, shopify_id: int | None) -> Customer | None:
    return mirror.customer_by_shopify_id(session, shopify_id) if shopify_id else None


def _room(eraser: Eraser) -> str:
    return eraser.__module__.removeprefix("app.").split(".")[0]


def _sizes(exported: dict[str, Any]) -> dict[str, Any]:
    return {room: len(found) for room, found in exported.items() if hasattr(found, "__len__")}
