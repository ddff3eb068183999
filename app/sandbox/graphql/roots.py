"""QueryRoot and Mutation: what may be asked, and what may be changed."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLError

from app.sandbox.customers import change_consent, change_sms_consent, retag, set_phone
from app.sandbox.graphql import discounts, nodes, orders, returns
from app.sandbox.graphql.access import holds
from app.sandbox.graphql.context import Context, Node
from app.sandbox.graphql.shapes import gid, listed, number, user_error
from app.sandbox.orders import give_back, move_order
from app.sandbox.parcels import find as find_parcel
from app.sandbox.parcels import scan
from app.sandbox.placing import save, tell
from app.sandbox.shops import find_variant
from app.sandbox.store import Document, Refused, iso, moment

PRODUCT_SEARCH = {
    "updated_at": "updated_at", "created_at": "created_at", "id": "id", "status": "status",
    "product_type": "type", "vendor": "vendor", "handle": "handle", "title": "title",
    "tag": "tags",
}  # fmt: skip
PRODUCT_SORTS = {
    "ID": "id", "UPDATED_AT": "updated_at", "CREATED_AT": "created_at", "TITLE": "title",
    "PRODUCT_TYPE": "type", "VENDOR": "vendor",
}  # fmt: skip
CUSTOMER_SEARCH = {"id": "id", "email": "email", "updated_at": "updated_at", "tag": "tags"}
CUSTOMER_SORTS = {"ID": "id", "UPDATED_AT": "updated_at", "CREATED_AT": "created_at"}
#: Mutations that Shopify refuses without `@idempotent`.
IDEMPOTENT = frozenset({"refundCreate"})


def _order(context: Context, id: str) -> Node | None:  # noqa: A002  # Shopify's name
    doc = context.work.get("order", context.domain, number(id, "Order"))
    return doc and orders.order(doc)


def _order_by(context: Context, identifier: Node) -> Node | None:
    return _order(context, identifier["id"]) if "id" in identifier else None


def _product(context: Context, id: str) -> Node | None:  # noqa: A002
    doc = context.work.get("product", context.domain, number(id, "Product"))
    return doc and nodes.product(doc, context.currency)


def _products(context: Context, **args: Any) -> Node:
    return listed(
        context.work.find("product", context.domain),
        lambda one: nodes.product(one, context.currency), args, PRODUCT_SEARCH, PRODUCT_SORTS,
    )(context, **args)  # fmt: skip


def _variant(context: Context, id: str) -> Node | None:  # noqa: A002
    found = find_variant(context.work, context.domain, number(id, "ProductVariant"))
    return found and nodes.variant(*found, context.currency)


def _selling_plan(context: Context, id: str) -> Node | None:  # noqa: A002
    wanted = number(id, "SellingPlan")
    holder = context.work.one("product", context.domain, plans=[{"id": wanted}])
    plans = holder["plans"] if holder else ()
    return next((nodes.selling_plan(one) for one in plans if one["id"] == wanted), None)


def _customer(context: Context, id: str) -> Node | None:  # noqa: A002
    return nodes.find_customer(context.work, context.shop, number(id, "Customer"))


def _customers(context: Context, **args: Any) -> Node:
    return listed(
        context.work.find("customer", context.domain),
        lambda one: nodes.customer(one, context.shop), args, CUSTOMER_SEARCH, CUSTOMER_SORTS,
    )(context, **args)  # fmt: skip


def _installation(context: Context, **_args: Any) -> Node:
    scopes = context.token["scopes"]
    return {
        "id": gid("AppInstallation", context.shop["id"] + 5),
        "activeSubscriptions": [],
        "accessScopes": [{"handle": one, "description": one} for one in scopes],
    }


def _job(context: Context, id: str) -> Node | None:  # noqa: A002
    doc = context.work.get("job", context.domain, number(id, "Job"))
    return doc and discounts.job_node(doc)


FOUND_BY_ID = {
    "Order": _order, "Product": _product, "ProductVariant": _variant, "Customer": _customer,
    "Return": returns.by_id, "SellingPlan": _selling_plan,
    "DiscountCodeNode": lambda c, id: discounts.code_node(discounts.find(c, id)),  # noqa: A006
    "DiscountNode": lambda c, id: discounts.plain_node(discounts.find(c, id)),  # noqa: A006
    "DiscountRedeemCodeBulkCreation": discounts.find_creation,
}  # fmt: skip


def _node(context: Context, id: str) -> Node | None:  # noqa: A002
    kind = id.removeprefix("gid://shopify/").partition("/")[0]
    if kind not in FOUND_BY_ID:
        raise Refused(f"not simulated: node of {kind}")
    found: Node | None = FOUND_BY_ID[kind](context, id)
    return found


QUERY: Node = {
    "shop": lambda c: nodes.shop(c.shop),
    "currentAppInstallation": _installation,
    "appInstallation": _installation,
    "storeCreditConfiguration": {"storeCreditEnabled": False},
    "order": _order,
    "orders": orders.listing,
    "orderByIdentifier": _order_by,
    "return": returns.by_id,
    "product": _product,
    "products": _products,
    "productVariant": _variant,
    "customer": _customer,
    "customers": _customers,
    "discountNode": lambda c, id: discounts.plain_node(discounts.find(c, id)),  # noqa: A006
    "codeDiscountNode": lambda c, id: discounts.code_node(discounts.find(c, id)),  # noqa: A006
    "codeDiscountNodeByCode": discounts.by_code,
    "discountRedeemCodeBulkCreation": discounts.find_creation,
    "job": _job,
    "node": _node,
    "nodes": lambda c, ids: [_node(c, one) for one in ids],
}


# --- mutations ----------------------------------------------------------------------------------


def _email_consent(context: Context, input: Node) -> Node:  # noqa: A002  # Shopify's name
    wanted = input["emailMarketingConsent"]
    key = number(input["customerId"], "Customer")
    known = context.work.get("customer", context.domain, key)
    state = wanted["marketingState"].lower()
    told = None
    if known is None:
        told = user_error("Customer not found", "input", "customerId", code="INVALID")
    elif state in ("not_subscribed", "redacted", "invalid"):
        text = f"Cannot specify {state.upper()} as a marketing state input"
        told = user_error(text, "input", "emailMarketingConsent", code="INVALID")
    if known is None or told:
        return {"customer": None, "userErrors": [told]}
    at = wanted.get("consentUpdatedAt")
    level = (wanted.get("marketingOptInLevel") or "").lower() or None
    known = change_consent(
        context.sandbox, context.work, context.shop, known, state=state, level=level,
        at=iso(moment(at)) if at else None,
    )  # fmt: skip
    return {"customer": nodes.customer(known, context.shop), "userErrors": []}


def _sms_consent(context: Context, input: Node) -> Node:  # noqa: A002
    wanted = input["smsMarketingConsent"]
    known = context.work.get("customer", context.domain, number(input["customerId"], "Customer"))
    state, at = wanted["marketingState"].lower(), wanted.get("consentUpdatedAt")
    told = None
    if known is None:
        told = user_error("Customer not found", "input", "customerId", code="INVALID")
    elif state in ("not_subscribed", "redacted"):
        text = f"Cannot specify {state.upper()} as a marketing state input"
        told = user_error(text, "input", "smsMarketingConsent", code="INVALID")
    if known is None or told:
        return {"customer": None, "userErrors": [told]}
    try:
        known = change_sms_consent(
            context.sandbox, context.work, context.shop, known, state=state,
            at=iso(moment(at)) if at else None,
        )  # fmt: skip
    except Refused as error:
        told = user_error(str(error), "input", "smsMarketingConsent", code="INVALID")
        return {"customer": None, "userErrors": [told]}
    return {"customer": nodes.customer(known, context.shop), "userErrors": []}


def _customer_update(context: Context, input: Node) -> Node:  # noqa: A002
    known = context.work.get("customer", context.domain, number(input["id"], "Customer"))
    if known is None:
        error = user_error("Customer does not exist", "id")
        return {"customer": None, "userErrors": [error]}
    try:
        known = set_phone(context.sandbox, context.work, context.shop, known, input["phone"])
    except Refused as error:
        return {"customer": None, "userErrors": [user_error(str(error), "phone")]}
    return {"customer": nodes.customer(known, context.shop), "userErrors": []}


def _order_update(context: Context, input: Node) -> Node:  # noqa: A002
    """Only where the order goes: Shopify takes it whatever was sent already."""
    placed = context.work.get("order", context.domain, number(input["id"], "Order"))
    if placed is None:
        return {"order": None, "userErrors": [user_error("Order does not exist", "id")]}
    try:
        changed = move_order(context.sandbox, context.work, placed, input.get("shippingAddress"))
    except Refused as error:
        told = user_error(str(error), "shippingAddress")
        return {"order": None, "userErrors": [told]}
    return {"order": orders.order(changed), "userErrors": []}


def _fulfillment_event(context: Context, fulfillmentEvent: Node) -> Node:  # noqa: N803
    given = fulfillmentEvent
    key = number(given["fulfillmentId"], "Fulfillment")
    try:
        find_parcel(context.work, context.domain, key)
    except Refused:
        error = user_error("Fulfillment does not exist.", "fulfillmentEvent", "fulfillmentId")
        return {"fulfillmentEvent": None, "userErrors": [error]}
    times = {
        "happened_at": given.get("happenedAt"), "estimated_at": given.get("estimatedDeliveryAt"),
    }  # fmt: skip
    told = {name: given.get(name) for name in ("message", "city", "province", "country", "zip")}
    told.update({name: at and iso(moment(at)) for name, at in times.items()})
    made = scan(context.sandbox, context.work, context.domain, key, given["status"].lower(), **told)
    return {"fulfillmentEvent": orders.event(made), "userErrors": []}


def _refund(context: Context, input: Node) -> Node:  # noqa: A002
    placed = context.work.get("order", context.domain, number(input["orderId"], "Order"))
    lines = [
        (number(one["lineItemId"], "LineItem"), one["quantity"])
        for one in input.get("refundLineItems") or ()
    ]
    told = None
    if placed is None:
        told = user_error("Order does not exist", "orderId")
    elif not placed["paid"] or not lines:
        told = user_error("Nothing to refund", "refundLineItems")
    if placed is None or told:
        return {"refund": None, "order": None, "userErrors": [told]}
    try:
        given = give_back(context.sandbox, context.work, placed, lines, input.get("note"))
    except Refused as error:
        return {"refund": None, "order": None, "userErrors": [user_error(str(error))]}
    tell(context.sandbox, context.work, placed, "orders/updated")
    return {
        "refund": orders.refund(placed, given),
        "order": orders.order(placed), "userErrors": [],
    }  # fmt: skip


def _tags(adding: bool) -> Any:
    """`tagsAdd` and `tagsRemove`, of orders and customers: what is there stays in its place."""

    def change(context: Context, id: str, tags: list[str]) -> Node:  # noqa: A002
        kind = "Customer" if "/Customer/" in id else "Order"
        # The published schema says nothing of what a tag asks for: to write what it is put on.
        wanted = f"write_{kind.lower()}s"
        if not holds(context.token["scopes"], wanted, writing=True):
            raise GraphQLError(
                f"Access denied. Required access: `{wanted}`",
                extensions={"code": "ACCESS_DENIED", "requiredAccess": wanted},
            )
        found = context.work.get(kind.lower(), context.domain, number(id, kind))
        if found is None:
            return {"node": None, "userErrors": [user_error(f"{kind} does not exist", "id")]}
        more = [one for one in tags if one not in found["tags"]] if adding else []
        left = [one for one in found["tags"] if adding or one not in tags] + more
        if left != found["tags"]:
            _keep_tags(context, kind, found, left)
        return {"node": {"__typename": kind, "id": id}, "userErrors": []}

    return change


def _keep_tags(context: Context, kind: str, found: Document, tags: list[str]) -> None:
    if kind == "Customer":
        retag(context.sandbox, context.work, context.shop, found, tags)
        return
    save(context.work, {**found, "tags": tags})
    tell(context.sandbox, context.work, {**found, "tags": tags}, "orders/updated")


MUTATION: Node = {
    "discountCodeBasicCreate": discounts.create_basic,
    "discountCodeFreeShippingCreate": discounts.create_free_shipping,
    "discountRedeemCodeBulkAdd": discounts.add_codes,
    "discountCodeRedeemCodeBulkDelete": discounts.delete_codes,
    "discountCodeDeactivate": discounts.deactivate,
    "discountCodeActivate": discounts.activate,
    "customerEmailMarketingConsentUpdate": _email_consent,
    "customerSmsMarketingConsentUpdate": _sms_consent,
    "customerUpdate": _customer_update,
    "fulfillmentEventCreate": _fulfillment_event,
    "orderUpdate": _order_update,
    "refundCreate": _refund,
    "tagsAdd": _tags(adding=True),
    "tagsRemove": _tags(adding=False),
}
