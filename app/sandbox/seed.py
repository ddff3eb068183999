"""The two shops of this world, made once; what people do to them afterwards stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.sandbox.catalog import SHOPS
from app.sandbox.running import Sandbox
from app.sandbox.store import Document, Work, iso

SIZE = 800
#: The shops have been open for so long, at the prices they have.
OPEN_FOR = timedelta(days=400)


def seed(sandbox: Sandbox) -> None:
    """Make the shops that are missing; addresses follow the settings at every start."""
    for given in SHOPS:
        with sandbox.work(given["domain"]) as work:
            _shop(sandbox, work, given)
            for sold in given["products"]:
                _product(sandbox, work, given, sold)


def _url(sandbox: Sandbox, domain: str) -> str:
    return f"{sandbox.settings.url.rstrip('/')}/{domain}"


def _shop(sandbox: Sandbox, work: Work, given: dict[str, Any]) -> None:
    domain = given["domain"]
    known = work.get("shop", domain, domain)
    moved = {"primary_url": _url(sandbox, domain)}
    if known:
        work.put("shop", domain, domain, {**known, **moved})
        return
    body: Document = {key: value for key, value in given.items() if key != "products"}
    body.update(
        moved, id=work.new_id(), location_id=work.new_id(), handle=domain.split(".", 1)[0],
        created_at=iso(work.now - OPEN_FOR), updated_at=work.stamp,
        staff=[{**one, "id": work.new_id()} for one in given["staff"]],
        owner=given["staff"][0]["name"],
    )  # fmt: skip
    work.put("shop", domain, domain, body)


def _image(sandbox: Sandbox, name: str, alt: str) -> Document:
    src = f"{sandbox.settings.url.rstrip('/')}/static/sandbox/products/{name}.png"
    return {"src": src, "alt": alt, "width": SIZE, "height": SIZE}


def _product(sandbox: Sandbox, work: Work, given: dict[str, Any], sold: dict[str, Any]) -> None:
    domain = given["domain"]
    known = work.one("product", domain, handle=sold["handle"])
    if known:
        _move(sandbox, work, domain, known, sold)
        return
    image = _image(sandbox, sold["image"], sold["title"])
    number, ships = work.new_id(), sold.get("requires_shipping", True)
    opened = iso(work.now - OPEN_FOR)
    body: Document = {
        "id": number, "handle": sold["handle"], "title": sold["title"],
        "description": sold["description"], "type": sold["type"], "tags": sold["tags"],
        "collections": sold.get("collections", []),
        "vendor": given["name"], "status": "active", "requires_shipping": ships,
        "image": image, "images": [image], "tax_rate": sold["tax_rate"],
        "store_url": _url(sandbox, domain), "created_at": opened, "updated_at": work.stamp,
        "variants": [_variant(work, one, image, ships, opened) for one in sold["variants"]],
        "plans": _plans(work, sold),
    }  # fmt: skip
    work.put("product", domain, number, body)


def _plans(work: Work, sold: dict[str, Any]) -> list[Document]:
    return [{**one, "id": work.new_id()} for one in sold.get("plans", ())]


def _variant(
    work: Work, one: dict[str, Any], image: Document, ships: bool, opened: str
) -> Document:
    name, value = one.get("option", ("Title", "Default Title"))
    return {
        "id": work.new_id(), "title": "" if value == "Default Title" else value,
        "options": {name: value}, "sku": one["sku"], "price": one["price"],
        "compare_at": one.get("compare_at"), "cost": one.get("cost"),
        "inventory": one.get("inventory"),
        "requires_shipping": ships, "grams": one.get("grams", 0), "image": image,
        "updated_at": opened,
    }  # fmt: skip


def _move(sandbox: Sandbox, work: Work, domain: str, known: Document, sold: dict[str, Any]) -> None:
    """The sandbox may have moved to another port since, and may know more of its goods by now."""
    costs = {one["sku"]: one.get("cost") for one in sold["variants"]}
    image = _image(sandbox, sold["image"], known["title"])
    known.update(image=image, images=[image], store_url=_url(sandbox, domain))
    known["plans"] = known.get("plans") or _plans(work, sold)
    for one in known["variants"]:
        one.update(image=image, cost=one.get("cost") or costs.get(one["sku"]))
    work.put("product", domain, known["id"], known)
