"""Errands to Shopify: what a person decides here about all marketing counts there too."""

from __future__ import annotations

from datetime import datetime

from app.consent import queries, rules
from app.consent.events import Subscribed, Unsubscribed
from app.consent.model import GENERAL
from app.core.db import unit_of_work
from app.mirror import queries as mirror
from app.mirror.model import Customer
from app.mirror.service import told_shopify
from app.shopify import gateway
from app.shops import tokens


def push_consent(shop_id: int, event: Unsubscribed) -> None:
    """Tell Shopify that a customer wants no more marketing by mail or SMS, unless Shopify told
    us."""
    _push(shop_id, event, subscribed=False)


def push_subscription(shop_id: int, event: Subscribed) -> None:
    """Tell Shopify that a customer agreed to marketing by mail or SMS, unless Shopify told us."""
    _push(shop_id, event, subscribed=True)


def _push(shop_id: int, event: Subscribed | Unsubscribed, *, subscribed: bool) -> None:
    """The newest word wins: what Shopify heard from the person after the event stays. Our copy
    knows at once what Shopify was told, so that the webhook which comes back is no news, and a
    change of mind before it comes is passed on, too."""
    if event.channel not in ("email", "sms") or event.scope != GENERAL:
        return
    with unit_of_work(shop_id) as session:
        customer = mirror.customer(session, event.customer_id)
        if customer is None or not _is_news(customer, event, subscribed):
            return
        shopify_id, known = customer.shopify_id, customer.phone
        number = queries.addresses(session, customer.id).get("sms", "")
    client, at = tokens.client(shop_id), event.occurred_at
    if event.channel == "email":
        gateway.update_email_consent(client, shopify_id, subscribed=subscribed, at=at)
    else:
        if not known and number:
            # Shopify keeps consent to SMS beside the customer's number; without one it refuses it.
            gateway.set_phone(client, shopify_id, number)
        gateway.update_sms_consent(client, shopify_id, subscribed=subscribed, at=at)
    with unit_of_work(shop_id) as session:
        told_shopify(session, shopify_id, event.channel, subscribed=subscribed, at=at)


def _shopify_heard(customer: Customer, channel: str) -> tuple[bool | None, datetime | None]:
    if channel == "sms":
        return rules.shopify_word(customer.sms_state), customer.sms_updated_at
    return rules.shopify_word(customer.marketing_state), customer.marketing_updated_at


def _is_news(customer: Customer, event: Subscribed | Unsubscribed, subscribed: bool) -> bool:
    said, since = _shopify_heard(customer, event.channel)
    if customer.redacted_at is not None or (said or False) == subscribed:
        return False
    return since is None or since < event.occurred_at
