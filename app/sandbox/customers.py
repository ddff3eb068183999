"""Customers, their consent, and the requests that privacy law gives them."""

from __future__ import annotations

from typing import Any

from app.sandbox import payloads
from app.sandbox.running import Sandbox
from app.sandbox.store import Document, Refused, Work
from app.sandbox.webhooks import announce


def customers(sandbox: Sandbox, domain: str, limit: int = 100) -> list[Document]:
    """The newest customers."""
    with sandbox.work() as work:
        return work.find("customer", domain, newest=True, limit=limit)


def customer(sandbox: Sandbox, domain: str, number: int) -> Document | None:
    """One customer."""
    with sandbox.work() as work:
        return work.get("customer", domain, number)


def meet(
    sandbox: Sandbox,
    work: Work,
    shop: Document,
    *,
    email: str,
    phone: str | None,
    address: Document | None,
    locale: str,
    marketing: bool,
) -> Document:
    """The customer with this e-mail address, made or brought up to date by a checkout."""
    domain = shop["domain"]
    found = work.one("customer", domain, email=email.lower())
    known = found or _new(work, email.lower(), locale)
    if address:
        known.update(first_name=address["first_name"], last_name=address["last_name"])
        known["addresses"] = [address] + [a for a in known["addresses"] if a != address]
    known.update(phone=phone or known["phone"], updated_at=work.stamp)
    agrees = marketing and known["marketing_state"] != "subscribed"
    if agrees:
        _consent(known, "subscribed", "single_opt_in", work.stamp)
    work.put("customer", domain, known["id"], known)
    topic = "customers/update" if found else "customers/create"
    announce(sandbox, work, domain, topic, payloads.customer(shop, known))
    if agrees:
        _tell_consent(sandbox, work, shop, known)
    return known


def _new(work: Work, email: str, locale: str) -> Document:
    return {
        "id": work.new_id(), "email": email, "phone": None, "first_name": None, "last_name": None,
        "locale": locale, "addresses": [], "tags": [], "orders_count": 0, "total_spent": 0,
        "marketing_state": "not_subscribed", "marketing_level": "single_opt_in",
        "marketing_updated_at": None, "created_at": work.stamp, "updated_at": work.stamp,
    }  # fmt: skip


def _consent(known: Document, state: str, level: str | None, at: str) -> None:
    known["marketing_state"] = state
    known["marketing_level"] = level or known["marketing_level"]
    known["marketing_updated_at"] = at


def _tell_consent(sandbox: Sandbox, work: Work, shop: Document, known: Document) -> None:
    body = payloads.email_consent(shop, known)
    announce(sandbox, work, shop["domain"], "customers_email_marketing_consent/update", body)


def change_consent(
    sandbox: Sandbox,
    work: Work,
    shop: Document,
    known: Document,
    *,
    state: str,
    level: str | None = None,
    at: str | None = None,
) -> Document:
    """Write a consent and tell the app, as Shopify does whoever changed it."""
    _consent(known, state, level, at or work.stamp)
    known["updated_at"] = work.stamp
    work.put("customer", shop["domain"], known["id"], known)
    _tell_consent(sandbox, work, shop, known)
    announce(sandbox, work, shop["domain"], "customers/update", payloads.customer(shop, known))
    return known


def change_sms_consent(
    sandbox: Sandbox,
    work: Work,
    shop: Document,
    known: Document,
    *,
    state: str,
    at: str | None = None,
) -> Document:
    """Write a consent to SMS and tell the app; Refused for a customer without a number."""
    if not known["phone"]:
        raise Refused("A phone number is required to set the SMS consent state.")
    known.update(sms_state=state, sms_updated_at=at or work.stamp, updated_at=work.stamp)
    work.put("customer", shop["domain"], known["id"], known)
    told = payloads.sms_consent(shop, known)
    announce(sandbox, work, shop["domain"], "customers_marketing_consent/update", told)
    announce(sandbox, work, shop["domain"], "customers/update", payloads.customer(shop, known))
    return known


def set_phone(
    sandbox: Sandbox, work: Work, shop: Document, known: Document, number: str
) -> Document:
    """Give a customer a number; Refused when it is another customer's."""
    other = work.one("customer", shop["domain"], phone=number)
    if other is not None and other["id"] != known["id"]:
        raise Refused("Phone has already been taken")
    known.update(phone=number, updated_at=work.stamp)
    work.put("customer", shop["domain"], known["id"], known)
    announce(sandbox, work, shop["domain"], "customers/update", payloads.customer(shop, known))
    return known


def retag(sandbox: Sandbox, work: Work, shop: Document, known: Document, tags: list[str]) -> None:
    """Give a customer these tags; announces `customers/update`."""
    known.update(tags=tags, updated_at=work.stamp)
    work.put("customer", shop["domain"], known["id"], known)
    announce(sandbox, work, shop["domain"], "customers/update", payloads.customer(shop, known))


def set_marketing(sandbox: Sandbox, domain: str, number: int, subscribed: bool) -> Document:
    """The merchant, or the customer in the account, changes the marketing box."""
    with sandbox.work(domain) as work:
        shop, known = work.need("shop", domain, domain), work.need("customer", domain, number)
        state = "subscribed" if subscribed else "unsubscribed"
        return change_consent(sandbox, work, shop, known, state=state)


def set_sms_marketing(sandbox: Sandbox, domain: str, number: int, subscribed: bool) -> Document:
    """The same for SMS, which is a consent of its own."""
    with sandbox.work(domain) as work:
        shop, known = work.need("shop", domain, domain), work.need("customer", domain, number)
        state = "subscribed" if subscribed else "unsubscribed"
        return change_sms_consent(sandbox, work, shop, known, state=state)


def request_data(sandbox: Sandbox, domain: str, number: int) -> None:
    """The customer asks what the app knows."""
    with sandbox.work(domain) as work:
        body = _compliance(work, domain, number)
        body["orders_requested"] = body.pop("orders")
        body["data_request"] = {"id": work.new_id()}
        announce(sandbox, work, domain, "customers/data_request", body)


def request_redaction(sandbox: Sandbox, domain: str, number: int) -> None:
    """The customer asks to be forgotten."""
    with sandbox.work(domain) as work:
        body = _compliance(work, domain, number)
        body["orders_to_redact"] = body.pop("orders")
        announce(sandbox, work, domain, "customers/redact", body)


def _compliance(work: Work, domain: str, number: int) -> dict[str, Any]:
    shop, known = work.need("shop", domain, domain), work.need("customer", domain, number)
    person = {"id": known["id"], "email": known["email"], "phone": known["phone"]}
    orders = [one["id"] for one in work.find("order", domain, customer_id=number)]
    return {"shop_id": shop["id"], "shop_domain": domain, "customer": person, "orders": orders}
