"""Shops and what they sell."""

from __future__ import annotations

from app.sandbox.running import Sandbox
from app.sandbox.store import Document, Work


def with_state(work: Work, shop: Document) -> Document:
    """The shop as the pages see it: with what the app may do in it."""
    granted = work.get("installation", shop["domain"], "app")
    return {**shop, "installed": granted is not None, "scopes": (granted or {}).get("scopes", [])}


def list_shops(sandbox: Sandbox) -> list[Document]:
    """Every shop."""
    with sandbox.work() as work:
        return [with_state(work, shop) for shop in work.find("shop")]


def get_shop(sandbox: Sandbox, domain: str) -> Document | None:
    """One shop."""
    with sandbox.work() as work:
        found = work.get("shop", domain, domain)
        return found and with_state(work, found)


def products(sandbox: Sandbox, domain: str) -> list[Document]:
    """What the shop sells."""
    with sandbox.work() as work:
        return work.find("product", domain)


def product(sandbox: Sandbox, domain: str, number: int) -> Document | None:
    """One product."""
    with sandbox.work() as work:
        return work.get("product", domain, number)


def product_by_handle(sandbox: Sandbox, domain: str, handle: str) -> Document | None:
    """One product, by the name in its address."""
    with sandbox.work() as work:
        return work.one("product", domain, handle=handle)


def variant(sandbox: Sandbox, domain: str, number: int) -> tuple[Document, Document] | None:
    """A variant with its product."""
    with sandbox.work() as work:
        return find_variant(work, domain, number)


def find_variant(work: Work, domain: str, number: int) -> tuple[Document, Document] | None:
    """A variant with its product, inside a transaction."""
    holder = work.one("product", domain, variants=[{"id": number}])
    if holder is None:
        return None
    return holder, next(one for one in holder["variants"] if one["id"] == number)


def stock(work: Work, domain: str, number: int | None, change: int) -> Document | None:
    """Add to a variant's stock (or take from it); the product when something changed."""
    found = find_variant(work, domain, number) if number else None
    if found is None or found[1]["inventory"] is None:
        return None
    holder, one = found
    one["inventory"] += change
    holder["updated_at"] = work.stamp
    return work.put("product", domain, holder["id"], holder)
