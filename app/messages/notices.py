"""LINE notification messages: news of an order to the telephone number it was placed with, for
buyers who are not linked to the shop's LINE. Which messages, to whom, and whether at all.

Nothing here sells: LINE admits uses one by one, and advertising is none of them (rules.md LN-5).
"""

from __future__ import annotations

import hashlib
from typing import Any

from app.core import phones
from app.core.runtime import runtime
from app.messages.kinds import MARKETING, Kind
from app.mirror.model import Customer, Order
from app.shops.settings import ShopSettings

CHANNEL = "line_notice"
TEMPLATE, FLEXIBLE = "template", "flexible"
#: Whose numbers LINE matches: the countries of the service.
COUNTRIES = frozenset({"JP", "TH", "TW"})
#: The kinds with an admitted use: order confirmed, shipped, on its way, not met, late, delivered.
KINDS = frozenset(
    {"next-steps", "shipped", "out-for-delivery", "attempted", "delayed", "delivered"}
)
#: Where LINE's own template says it: the template, and what its buttons lead to. LINE's templates
#: are Japanese here, need no review of their own, and say the rest behind the button.
TEMPLATES: dict[str, tuple[str, dict[str, str]]] = {
    "shipped": ("shipment_completed_ja", {"check_delivery_status_ja": "track"}),
}


def says(kind: Kind, style: str) -> bool:
    """Whether a kind is said this way, in the type that LINE approved for the shop."""
    if kind.message_class == MARKETING or kind.name not in KINDS:
        return False
    return kind.name in TEMPLATES if style == TEMPLATE else style == FLEXIBLE


def is_on(settings: ShopSettings) -> bool:
    """Whether the host has the agreement, the account is connected, and the merchant wants it."""
    agreed = runtime().settings.line_notices and settings.line_linking
    return bool(agreed and settings.line_notices)


def address(order: Order | None, customer: Customer | None) -> str:
    """What LINE finds a person by: the SHA-256 of their mobile number in E.164; empty without one
    of a country that LINE serves."""
    place = (order.shipping_address if order else None) or {}
    country = place.get("country_code") or (customer.country if customer else None)
    written = (order and order.phone, customer and customer.phone, place.get("phone"))
    for number in (phones.mobile(text, country) for text in written if text):
        if number and phones.country_of(number) in COUNTRIES:
            return hashlib.sha256(number.encode()).hexdigest()
    return ""


def tag(message_id: int, send_key: object) -> str:
    """What comes back with the event of a delivery (16 to 100 signs)."""
    return f"okaeri-notice-{message_id}-{str(send_key)[:8]}"


def template(kind: str, links: dict[str, Any]) -> dict[str, Any]:
    """The body of a templated message: LINE's words, our links."""
    key, buttons = TEMPLATES[kind]
    shown = [
        {"buttonKey": button, "url": links[link]}
        for button, link in buttons.items()
        if links.get(link)
    ]
    return {"templateKey": key, "body": {"buttons": shown}}
