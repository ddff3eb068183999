"""The only writer of the mirror: a handler for each of Shopify's topics, and what fetching adds."""

from app.mirror.service.customers import (
    apply_consent,
    apply_customer,
    apply_sms_consent,
    keep_customer,
    told_shopify,
)
from app.mirror.service.erasure import erase_person, erase_webhooks, export_person
from app.mirror.service.fulfillments import (
    apply_fulfillment,
    apply_scan,
    keep_fulfillment,
    keep_scan,
)
from app.mirror.service.imports import begin_import, keep_changed, keep_past
from app.mirror.service.orders import (
    apply_order,
    apply_refund,
    enrich,
    keep_order,
    move,
)
from app.mirror.service.products import (
    apply_product,
    apply_product_deletion,
    confirm_kinds,
    guess_again,
    keep_found,
)
from app.mirror.service.returns import apply_return, forget_return, keep_return, keep_returns

__all__ = [
    "apply_consent",
    "apply_customer",
    "apply_fulfillment",
    "apply_order",
    "apply_product",
    "apply_product_deletion",
    "apply_refund",
    "apply_return",
    "apply_scan",
    "apply_sms_consent",
    "begin_import",
    "confirm_kinds",
    "enrich",
    "erase_person",
    "erase_webhooks",
    "export_person",
    "forget_return",
    "guess_again",
    "keep_changed",
    "keep_customer",
    "keep_found",
    "keep_fulfillment",
    "keep_order",
    "keep_past",
    "keep_return",
    "keep_returns",
    "keep_scan",
    "move",
    "told_shopify",
]
