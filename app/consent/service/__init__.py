"""Grant, take back, suppress, hold, reach; and the one answer to "may this leave?"."""

from app.consent.service.holds import hold, release
from app.consent.service.ledger import grant, keep_text, unsubscribe, withdraw
from app.consent.service.optin import confirm
from app.consent.service.permission import may_send, standing
from app.consent.service.person import erase_person, export_person
from app.consent.service.preferences import (
    pause,
    preferences,
    resume,
    save_preferences,
    stop,
)
from app.consent.service.reach import forget_channel, link_channel, unlink_channel
from app.consent.service.shopify import on_consent_changed
from app.consent.service.suppressions import suppress

__all__ = [
    "confirm",
    "erase_person",
    "export_person",
    "forget_channel",
    "grant",
    "hold",
    "keep_text",
    "link_channel",
    "may_send",
    "on_consent_changed",
    "pause",
    "preferences",
    "release",
    "resume",
    "save_preferences",
    "standing",
    "stop",
    "suppress",
    "unlink_channel",
    "unsubscribe",
    "withdraw",
]
