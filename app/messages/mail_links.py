"""The signed links of a message: by purpose, to one reader, for as long as each makes sense."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.core import links
from app.core.clock import now
from app.core.runtime import runtime
from app.messages.facts import TEST, Facts
from app.mirror.model import OrderLine

LIVES = {
    "track": timedelta(days=180),
    "reorder": timedelta(days=365),
    "review": timedelta(days=90),
    "unsubscribe": timedelta(days=3 * 365),
    "preferences": timedelta(days=3 * 365),
    "confirm": timedelta(days=30),
    "line": timedelta(days=180),
    "survey": timedelta(days=180),
    "guide": timedelta(days=365),
}
PATHS = {
    "track": "t",
    "reorder": "r",
    "review": "reviews",
    "unsubscribe": "u",
    "preferences": "preferences",
    "confirm": "confirm",
    "line": "l",
    "survey": "survey",
    "guide": "g",
}


def made(
    session: Session,
    facts: Facts,
    line: OrderLine | None,
    message_id: int | None,
    run_id: int | None,
    known: Mapping[str, Any],
) -> dict[str, str]:
    """The mail's links. A test's lead to the shop: nobody may act in a customer's name from it."""
    store, chosen = facts.shop.storefront_url, facts.settings
    found = {purpose: store for purpose in PATHS if purpose != "guide"}
    found |= {"booking": chosen.booking_url or store, "course": chosen.course_url or store}
    found |= {name: known.get(name) or store for name in ("feedback", "loyalty")}
    found["line"] = chosen.line_url
    if facts.message_class == TEST or message_id is None:
        return found
    order = {"order": facts.order.id} if facts.order else None
    about = {**(order or {}), "line": line.id} if line else None
    sent = {"message": message_id}
    run = {"run": run_id} if run_id else {}
    asked = {"question": facts.kind.asks, "lang": facts.locale} if facts.kind.asks else {}
    reader = {"customer": facts.customer.id, **sent} if facts.customer else None
    subjects: dict[str, dict[str, Any] | None] = {
        "track": order,
        "reorder": about and {**about, **sent, **run},
        "survey": {**order, **asked, **sent, **run} if order and asked else None,
        "review": about and {**about, **sent},
        "unsubscribe": reader,
        "preferences": reader,
        "confirm": reader if "confirmation" in facts.kind.needs else None,
        "line": order if chosen.line_linking and facts.customer else None,
    }
    if "line" in facts.reader.addresses:
        # Who is linked needs no invitation.
        found["line"], subjects["line"] = "", None
    for purpose, subject in subjects.items():
        if subject:
            found[purpose] = signed(session, facts.shop.shop_id, purpose, subject)
    if facts.parcel:
        # A browser opens what is folded around the place a link names.
        found["missing"] = f"{found['track']}#okaeri-note-{facts.parcel.id}"
    return found


def signed(session: Session, shop_id: int, purpose: str, subject: dict[str, Any]) -> str:
    """The link of one purpose about one subject, from now on."""
    token = links.sign(shop_id, purpose, subject, now(session) + LIVES[purpose])
    return f"{runtime().settings.app_url.rstrip('/')}/{PATHS[purpose]}/{token}"
