"""Grant, take back, suppress, hold, reach; and the one answer to "may this leave?"."""

from app.consent.service.birthdays import tell_birthday
from app.consent.service.holds import hold, release
from app.consent.service.imports import PIECE as IMPORT_PIECE
from app.consent.service.imports import brings_proof as import_brings_proof
from app.consent.service.imports import discard as discard_import
from app.consent.service.imports import find as find_import
from app.consent.service.imports import receive as receive_import
from app.consent.service.imports import sample as import_sample
from app.consent.service.imports import start as start_import
from app.consent.service.ledger import grant, keep_text, unsubscribe, withdraw
from app.consent.service.optin import confirm, send_confirmation
from app.consent.service.permission import may_send, standing
from app.consent.service.person import erase_person, export_person
from app.consent.service.preferences import (
    pause,
    preferences,
    resume,
    save_preferences,
    stop,
    stop_everywhere,
)
from app.consent.service.reach import (
    forget_channel,
    leave_channel,
    link_channel,
    unlink_channel,
)
from app.consent.service.shopify import on_consent_changed
from app.consent.service.suppressions import reinstate, suppress

__all__ = [
    "IMPORT_PIECE",
    "confirm",
    "discard_import",
    "erase_person",
    "export_person",
    "find_import",
    "forget_channel",
    "grant",
    "hold",
    "import_brings_proof",
    "import_sample",
    "keep_text",
    "leave_channel",
    "link_channel",
    "may_send",
    "on_consent_changed",
    "pause",
    "preferences",
    "receive_import",
    "reinstate",
    "release",
    "resume",
    "save_preferences",
    "send_confirmation",
    "standing",
    "start_import",
    "stop",
    "stop_everywhere",
    "suppress",
    "tell_birthday",
    "unlink_channel",
    "unsubscribe",
    "withdraw",
]
