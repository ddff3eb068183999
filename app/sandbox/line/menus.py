"""Rich menus: made, given a picture, and shown under every chat of the account."""

from __future__ import annotations

import base64
import secrets
from typing import Any

from app.sandbox.line.accounts import KIND
from app.sandbox.line.messaging import LineRefused
from app.sandbox.line.objects import action_faults
from app.sandbox.store import Document, Work

MOST_AREAS, PICTURE_BYTES = 20, 1_000_000
PICTURES = ("image/png", "image/jpeg")


def faults(menu: Any) -> list[tuple[str, str]]:
    """What LINE would refuse about a menu."""
    if not isinstance(menu, dict):
        return [("", "must be an object")]
    size, areas = menu.get("size") or {}, menu.get("areas") or []
    wrong = []
    if not _fits(size.get("width"), size.get("height")):
        wrong.append(("size", "must be 800–2500 wide, at least 250 high, and 1.45 times as wide"))
    if not 1 <= len(menu.get("chatBarText") or "") <= 14:
        wrong.append(("chatBarText", "Length must be between 1 and 14"))
    if not 1 <= len(menu.get("name") or "") <= 300:
        wrong.append(("name", "Length must be between 1 and 300"))
    if not 1 <= len(areas) <= MOST_AREAS:
        wrong.append(("areas", "Size must be between 1 and 20"))
    for number, area in enumerate(areas):
        wrong += action_faults(area.get("action"), f"areas[{number}].action", None)
    return wrong


def _fits(wide: Any, high: Any) -> bool:
    if not isinstance(wide, int) or not isinstance(high, int):
        return False
    return 800 <= wide <= 2500 and high >= 250 and wide >= 1.45 * high


def need_good(menu: Any) -> None:
    """Refuse a wrong menu as LINE does."""
    wrong = faults(menu)
    if wrong:
        details = [{"message": why, "property": where} for where, why in wrong]
        raise LineRefused(400, f"The request body has {len(wrong)} error(s)", details=details)


def create(work: Work, ours: Document, menu: Any) -> Document:
    """Make a menu; it has no picture yet."""
    need_good(menu)
    number = f"richmenu-{secrets.token_hex(16)}"
    work.put("line_menu", ours["domain"], number, {"richMenuId": number, "menu": menu})
    return {"richMenuId": number}


def menu(work: Work, ours: Document, number: str) -> Document:
    """A menu of the account."""
    found = work.get("line_menu", ours["domain"], number)
    if found is None:
        raise LineRefused(404, "richmenu not found")
    return found


def shown(found: Document) -> Document:
    """A menu as the API lists it."""
    return {"richMenuId": found["richMenuId"], **found["menu"]}


def listed(work: Work, ours: Document) -> Document:
    """Every menu of the account."""
    return {"richmenus": [shown(one) for one in work.find("line_menu", ours["domain"])]}


def upload(work: Work, ours: Document, number: str, kind: str, picture: bytes) -> Document:
    """Give a menu its picture, once."""
    found = menu(work, ours, number)
    if kind not in PICTURES:
        raise LineRefused(415, "Unsupported media type")
    if len(picture) > PICTURE_BYTES:
        raise LineRefused(413, "Request entity too large")
    if "picture" in found:
        raise LineRefused(400, "An image has already been uploaded to the richmenu")
    held = {"picture": base64.b64encode(picture).decode(), "kind": kind}
    work.put("line_menu", ours["domain"], number, {**found, **held})
    return {}


def set_default(work: Work, ours: Document, number: str | None) -> Document:
    """Show it under every chat, or show none."""
    if number is not None and "picture" not in menu(work, ours, number):
        raise LineRefused(400, "must upload richmenu image before applying it to user")
    work.put(KIND, ours["domain"], "account", {**ours, "default_menu": number})
    return {}


def delete(work: Work, ours: Document, number: str) -> Document:
    """Take it away; under the chats, too."""
    menu(work, ours, number)
    work.drop("line_menu", ours["domain"], number)
    if ours["default_menu"] == number:
        set_default(work, ours, None)
    return {}


def under_chat(work: Work, ours: Document) -> Document | None:
    """The menu a friend sees."""
    number = ours["default_menu"]
    return work.get("line_menu", ours["domain"], number) if number else None
