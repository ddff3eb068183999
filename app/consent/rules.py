"""Who may hear from the shop: pure decisions (rules.md ruling 21, EM-1, EM-5, EM-9)."""

from __future__ import annotations

from dataclasses import dataclass

#: Countries whose law knows an existing-customer basis for e-mail marketing: Japan's 取引関係, the
#: UK's and most EU countries' soft opt-in for similar products, the opt-out of the US. Germany and
#: Austria are left out on purpose: their courts count even a review request as advertising.
EXISTING_CUSTOMER_COUNTRIES = frozenset(
    {"JP", "US", "GB"}
    | {"BE", "BG", "CZ", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU"}
    | {"LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "CY"}
)

TRANSACTIONAL = "transactional"
SERVICE = "service"
MARKETING = "marketing"

NO_ADDRESS = "no_address"
SUPPRESSED = "suppressed"
UNSUBSCRIBED = "unsubscribed"
NO_CONSENT = "no_consent"


@dataclass(frozen=True)
class Standing:
    """What is known of one person and address on one channel. `granted` is the newest word of the
    ledger, None when it is silent; False means that the person took it back."""

    address: str
    suppressed: frozenset[str]
    granted: bool | None
    existing_customer: bool


def refusal(standing: Standing, message_class: str) -> str | None:
    """Why a message of this class may not go to this person; None when it may."""
    if not standing.address:
        return NO_ADDRESS
    if "all" in standing.suppressed:
        return SUPPRESSED
    if message_class != MARKETING:
        return None
    if standing.granted is False:
        return UNSUBSCRIBED
    if "marketing" in standing.suppressed:
        return SUPPRESSED
    return None if standing.granted or standing.existing_customer else NO_CONSENT


def existing_customer(
    *, switched_on: bool, shop_country: str | None, recipient_country: str | None
) -> bool:
    """Whether the merchant may rely on the existing-customer basis for this person: switched on,
    and known to the law of both countries."""
    return switched_on and all(
        (country or "").upper() in EXISTING_CUSTOMER_COUNTRIES
        for country in (shop_country, recipient_country)
    )


def normal_address(channel: str, address: str | None) -> str:
    """An address as suppressions store it: e-mail is compared without regard to case."""
    trimmed = (address or "").strip()
    return trimmed.casefold() if channel == "email" else trimmed


def shopify_word(marketing_state: str) -> bool | None:
    """What Shopify's e-mail marketing state says of the person's decision: True is consent, False
    a withdrawal, None no decision (`pending` waits for the double opt-in)."""
    if marketing_state == "subscribed":
        return True
    return False if marketing_state in {"unsubscribed", "redacted", "invalid"} else None
