"""Discounts, redeem codes and their bulk jobs as GraphQL nodes, and the verbs on them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from app.core.clock import machine_now
from app.sandbox import discounts
from app.sandbox.graphql.context import Context, Node
from app.sandbox.graphql.shapes import connection, gid, matches, minor_units, number, user_error
from app.sandbox.store import Document, iso, moment

#: Kinds under which a discount's id may be written.
KINDS = ("DiscountCodeNode", "DiscountNode")
MOST_CODES = 250


def _id(global_id: str) -> int:
    return number(global_id, *KINDS)


def find(context: Context, global_id: str) -> Document | None:
    """The discount with this id."""
    return context.work.get("discount", context.domain, _id(global_id))


def basic(context: Context, doc: Document) -> Node:
    """DiscountCodeBasic, or DiscountCodeFreeShipping."""
    codes = discounts.codes_of(context.work, context.domain, doc["id"])
    return {
        "__typename": "DiscountCodeFreeShipping" if doc.get("shipping") else "DiscountCodeBasic",
        "title": doc["title"],
        "status": discounts.status(context.work, doc), "startsAt": doc["starts_at"],
        "endsAt": doc["ends_at"], "usageLimit": doc["usage_limit"],
        "appliesOncePerCustomer": doc["once_per_customer"], "tags": doc["tags"],
        "createdAt": doc["created_at"], "updatedAt": doc["updated_at"],
        "asyncUsageCount": sum(one["usage"] for one in codes),
        "codesCount": {"count": len(codes), "precision": "EXACT"},
        "codes": lambda c, **a: _codes(c, codes, a),
        "combinesWith": doc["combines"], "shareableUrls": [],
    }  # fmt: skip


def _codes(context: Context, codes: list[Document], args: dict[str, Any]) -> Node:
    found = [one for one in codes if matches(one, args.get("query") or "", {"code": "code"})]
    if args.get("reverse"):
        found.reverse()
    cursors = [str(one["id"]) for one in found]
    page: Node = connection([redeem_code(one) for one in found], cursors)(context, **args)
    return page


def redeem_code(doc: Document) -> Node:
    """DiscountRedeemCode."""
    return {
        "id": gid("DiscountRedeemCode", doc["id"]),
        "code": doc["code"],
        "asyncUsageCount": doc["usage"],
    }


def code_node(doc: Document | None) -> Node | None:
    """DiscountCodeNode."""
    return doc and {
        "__typename": "DiscountCodeNode", "id": gid("DiscountCodeNode", doc["id"]),
        "codeDiscount": lambda c: basic(c, doc),
    }  # fmt: skip


def plain_node(doc: Document | None) -> Node | None:
    """DiscountNode."""
    return doc and {
        "__typename": "DiscountNode", "id": gid("DiscountNode", doc["id"]),
        "discount": lambda c: basic(c, doc),
    }  # fmt: skip


def by_code(context: Context, code: str) -> Node | None:
    """`codeDiscountNodeByCode`."""
    found = discounts.find_code(context.work, context.domain, code)
    if found is None:
        return None
    return code_node(context.work.get("discount", context.domain, found["discount_id"]))


# --- mutations ----------------------------------------------------------------------------------


def create_basic(context: Context, basicCodeDiscount: Document) -> Node:  # noqa: N803  # Shopify's
    """`discountCodeBasicCreate`."""
    return _create(context, basicCodeDiscount, "basicCodeDiscount")


def create_free_shipping(context: Context, freeShippingCodeDiscount: Document) -> Node:  # noqa: N803
    """`discountCodeFreeShippingCreate`."""
    return _create(context, freeShippingCodeDiscount, "freeShippingCodeDiscount", shipping=True)


def _create(context: Context, given: Document, path: str, *, shipping: bool = False) -> Node:
    errors = _problems(context, given, path, shipping=shipping)
    if errors:
        return {"codeDiscountNode": None, "userErrors": errors}
    values = {**_values(context, given), "shipping": shipping}
    doc = discounts.new_discount(context.work, context.domain, values)
    # The first code of a new discount is there at once; only bulk additions take their time.
    discounts.add_code(
        context.work, context.domain, doc["id"], given["code"], machine_now().isoformat()
    )
    return {"codeDiscountNode": code_node(doc), "userErrors": []}


def _problems(context: Context, given: Document, path: str, *, shipping: bool) -> list[Node]:
    found = [
        user_error(f"{name} can't be blank", path, name, code="BLANK")
        for name in ("title", "code", "startsAt")
        if not given.get(name)
    ]
    if "context" not in given and "customerSelection" not in given:
        found.append(user_error("context can't be blank", path, "context", code="BLANK"))
    value = (given.get("customerGets") or {}).get("value") or {}
    share = value.get("percentage")
    if share is not None and not 0 < share <= 1:
        told = "Value must be between 0.0 and 1.0"
        found.append(user_error(told, path, "customerGets", "value", code="VALUE_OUTSIDE_RANGE"))
    if not value and not shipping:
        found.append(user_error("value can't be blank", path, "customerGets", code="BLANK"))
    if given.get("code") and discounts.find_code(context.work, context.domain, given["code"]):
        told = "Code must be unique. Please try a different code."
        found.append(user_error(told, path, "code", code="TAKEN"))
    starts, ends = given.get("startsAt"), given.get("endsAt")
    if starts and ends and moment(ends) <= moment(starts):
        told = "Ends at needs to be after starts_at"
        found.append(user_error(told, path, "endsAt", code="INVALID"))
    return found


def _values(context: Context, given: Document) -> Document:
    gets = given.get("customerGets") or {"value": {}}
    value, items = gets["value"], gets.get("items") or {}
    chosen = items.get("products") or {}
    fixed = (value.get("discountAmount") or {}).get("amount")
    share = value.get("percentage")
    people = (given.get("context") or {}).get("customers") or {}
    combines = given.get("combinesWith") or {}
    least = (given.get("minimumRequirement") or {}).get("quantity") or {}
    kinds = ("orderDiscounts", "productDiscounts", "shippingDiscounts")
    return {
        "title": given["title"], "starts_at": _time(given["startsAt"]),
        "ends_at": _time(given.get("endsAt")), "usage_limit": given.get("usageLimit"),
        "once_per_customer": bool(given.get("appliesOncePerCustomer")),
        "percentage": None if share is None else str(Decimal(str(share))),
        "amount": minor_units(fixed, context.currency) if fixed is not None else 0,
        "variants": [number(one, "ProductVariant")
                     for one in chosen.get("productVariantsToAdd") or ()],
        "products": [number(one, "Product") for one in chosen.get("productsToAdd") or ()],
        "customers": [number(one, "Customer") for one in people.get("add") or ()],
        "tags": given.get("tags") or [],
        "least": int(least.get("greaterThanOrEqualToQuantity") or 0),
        "combines": {name: bool(combines.get(name)) for name in kinds},
    }  # fmt: skip


def _time(given: str | None) -> str | None:
    return None if given is None else iso(moment(given))


def add_codes(context: Context, discountId: str, codes: list[Document]) -> Node:  # noqa: N803
    """`discountRedeemCodeBulkAdd`: asynchronous."""
    doc = find(context, discountId)
    if doc is None or not codes or len(codes) > MOST_CODES:
        told = "Code discount does not exist." if doc is None else "Between 1 and 250 codes."
        error = user_error(told, "discountId" if doc is None else "codes", code="INVALID")
        return {"bulkCreation": None, "userErrors": [error]}
    ready = discounts.ready_time()
    made = [
        (one["code"],
         discounts.add_code(context.work, context.domain, doc["id"], one["code"], ready))
        for one in codes
    ]  # fmt: skip
    job: Document = {
        "id": context.work.new_id(), "discount_id": doc["id"], "ready_at": ready,
        "created_at": context.work.stamp,
        "codes": [{"code": code, "id": one and one["id"]} for code, one in made],
    }  # fmt: skip
    context.work.put("creation", context.domain, job["id"], job)
    return {"bulkCreation": creation(context, job), "userErrors": []}


def creation(context: Context, job: Document) -> Node:
    """DiscountRedeemCodeBulkCreation."""
    done = discounts.passed(job["ready_at"])
    failed = sum(one["id"] is None for one in job["codes"])
    return {
        "__typename": "DiscountRedeemCodeBulkCreation",
        "id": gid("DiscountRedeemCodeBulkCreation", job["id"]), "done": done,
        "codesCount": len(job["codes"]), "failedCount": failed if done else 0,
        "importedCount": len(job["codes"]) - failed if done else 0,
        "createdAt": job["created_at"],
        "codes": connection([_created(context, one, done) for one in job["codes"]]),
        "discountCode": lambda c: code_node(c.work.get("discount", c.domain, job["discount_id"])),
    }  # fmt: skip


def _created(context: Context, one: Document, done: bool) -> Node:
    doc = context.work.get("code", context.domain, one["id"]) if one["id"] and done else None
    told = "Code must be unique. Please try a different code."
    taken = [user_error(told, "code", code="TAKEN")] if done and one["id"] is None else []
    return {
        "code": one["code"], "errors": taken, "discountRedeemCode": doc and redeem_code(doc),
    }  # fmt: skip


def find_creation(context: Context, id: str) -> Node | None:  # noqa: A002  # Shopify's name
    """`discountRedeemCodeBulkCreation`."""
    key = number(id, "DiscountRedeemCodeBulkCreation")
    job = context.work.get("creation", context.domain, key)
    return job and creation(context, job)


def delete_codes(
    context: Context,
    discountId: str,  # noqa: N803
    ids: list[str] | None = None,
    search: str | None = None,
    savedSearchId: str | None = None,  # noqa: N803
) -> Node:
    """`discountCodeRedeemCodeBulkDelete`: a job."""
    doc = find(context, discountId)
    ways = [one for one in (ids, search, savedSearchId) if one]
    if doc is None or len(ways) != 1 or savedSearchId:
        told = "Code discount does not exist." if doc is None else "Give ids or search, not both."
        return {"job": None, "userErrors": [user_error(told, "discountId", code="INVALID")]}
    gone = discounts.ready_time()
    wanted = {number(one, "DiscountRedeemCode") for one in ids or ()}
    for one in discounts.codes_of(context.work, context.domain, doc["id"]):
        if one["id"] in wanted or (search and matches(one, search, {"code": "code"})):
            context.work.put("code", context.domain, one["id"], {**one, "gone_at": gone})
    return {"job": make_job(context, gone), "userErrors": []}


def make_job(context: Context, ready_at: str) -> Node:
    """A job that is done at a machine time."""
    doc: Document = {"id": context.work.new_id(), "ready_at": ready_at}
    context.work.put("job", context.domain, doc["id"], doc)
    return job_node(doc)


def job_node(doc: Document) -> Node:
    """Job."""
    return {"id": gid("Job", doc["id"]), "done": discounts.passed(doc["ready_at"])}


def switch(ends: Callable[[Context], str | None]) -> Callable[..., Node]:
    """`discountCodeDeactivate` and `discountCodeActivate`: by the discount's end."""

    def turn(context: Context, id: str) -> Node:  # noqa: A002  # Shopify's name
        doc = find(context, id)
        if doc is None:
            error = user_error("Code discount does not exist.", "id", code="INVALID")
            return {"codeDiscountNode": None, "userErrors": [error]}
        doc.update(ends_at=ends(context), updated_at=context.work.stamp)
        context.work.put("discount", context.domain, doc["id"], doc)
        return {"codeDiscountNode": code_node(doc), "userErrors": []}

    return turn


deactivate = switch(lambda context: context.work.stamp)
activate = switch(lambda _context: None)
