"""Webhooks about the store itself: handlers of the wiring's TOPICS."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from sqlalchemy.orm import Session

from app.shopify import payloads
from app.shops import service


def on_shop_update(session: Session, _webhook: Any, body: Any) -> None:
    """The store changed its name, address or clock."""
    said = payloads.shop(body)
    shop = service.shop(session)
    shop.name = said.name or shop.name
    shop.currency = said.currency or shop.currency
    shop.country = said.country_code or shop.country
    shop.contact_email = said.customer_email or said.email or shop.contact_email
    if said.iana_timezone in available_timezones():
        shop.timezone = said.iana_timezone or shop.timezone


def on_uninstalled(session: Session, _webhook: Any, _body: Any) -> None:
    """The app was removed. A second delivery, or one that comes late, changes nothing more."""
    service.uninstall(session)


def on_scopes_update(session: Session, _webhook: Any, body: Any) -> None:
    """The merchant granted something else than before."""
    service.note_scopes(session, ",".join(payloads.scopes(body).current))
