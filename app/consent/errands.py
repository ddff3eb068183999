"""Errands to Shopify: a withdrawal here is one there too."""

from __future__ import annotations

from app.consent.events import Unsubscribed
from app.core.db import unit_of_work
from app.mirror import queries as mirror
from app.shopify import gateway
from app.shops import tokens


def push_consent(shop_id: int, event: Unsubscribed) -> None:
    """Tell Shopify that a customer wants no more marketing mail, unless Shopify told us."""
    if event.channel != "email":
        return
    with unit_of_work(shop_id) as session:
        customer = mirror.customer(session, event.customer_id)
        if customer is None or customer.marketing_state != "subscribed":
            return
        shopify_id = customer.shopify_id
    gateway.update_email_consent(
        tokens.client(shop_id), shopify_id, subscribed=False, at=event.occurred_at
    )
