"""Grant, take back, suppress, hold, reach; and the one answer to "may this leave?"."""

from app.consent.service.holds import hold, release
from app.consent.service.ledger import grant, suppress, unsubscribe
from app.consent.service.permission import may_send
from app.consent.service.person import erase_person, export_person
from app.consent.service.reach import link_channel, unlink_channel
from app.consent.service.shopify import on_consent_changed

__all__ = [
    "erase_person",
    "export_person",
    "grant",
    "hold",
    "link_channel",
    "may_send",
    "on_consent_changed",
    "release",
    "suppress",
    "unlink_channel",
    "unsubscribe",
]
