"""Tables of the mirror. `shopify_id` is Shopify's numeric (legacy) id throughout, and
`source_updated_at` the newest `updated_at` that was applied: older payloads change nothing."""

from app.mirror.model.catalog import Product, Variant
from app.mirror.model.customers import Customer
from app.mirror.model.fulfillments import Fulfillment, FulfillmentEvent
from app.mirror.model.imports import OrderImport
from app.mirror.model.orders import Order, OrderLine
from app.mirror.model.prices import VariantPrice
from app.mirror.model.returns import OPEN_RETURNS, TAKING_BACK, Return, ReturnLine

__all__ = [
    "OPEN_RETURNS",
    "TAKING_BACK",
    "Customer",
    "Fulfillment",
    "FulfillmentEvent",
    "Order",
    "OrderImport",
    "OrderLine",
    "Product",
    "Return",
    "ReturnLine",
    "Variant",
    "VariantPrice",
]
