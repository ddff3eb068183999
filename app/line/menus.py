"""The rich menu: what one can ask, as four fields under the chat. Its pictures are drawn once, in
both languages (`static/img/line-menu-*.png`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.core.locale import current_locale
from app.core.locale import gettext as _
from app.line import api

PICTURES = Path(__file__).resolve().parents[2] / "static" / "img"
WIDTH, HEIGHT = 1200, 405


def show(token: str, known: str | None, *, wanted: bool) -> str | None:
    """Replace our menu by a new one, or take it away; returns its id. Network."""
    made = None
    if wanted:
        picture = (PICTURES / f"line-menu-{current_locale()}.png").read_bytes()
        made = api.create_menu(token, menu(), picture)
    if known:
        api.delete_menu(token, known)
    return made


def menu() -> dict[str, Any]:
    """What LINE is told of the menu."""
    asks = (
        ("status", _("Where is my order?")),
        ("reorder", _("Order again")),
        ("help", _("Contact the shop")),
    )
    width = WIDTH // len(asks)
    return {
        "size": {"width": WIDTH, "height": HEIGHT},
        "selected": True,
        "name": "Okaeri",
        "chatBarText": _("Menu"),
        "areas": [
            {
                "bounds": {"x": number * width, "y": 0, "width": width, "height": HEIGHT},
                "action": {
                    "type": "postback",
                    "label": label[:20],
                    "data": f"ask:{about}",
                    "displayText": label,
                },
            }
            for number, (about, label) in enumerate(asks)
        ],
    }
