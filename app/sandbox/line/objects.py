"""What a message may look like: LINE refuses a request whose messages it does not understand, with
the property and the reason. Limits as in LINE's Messaging API reference."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

MOST_MESSAGES = 5
TEXT, ALT_TEXT, POSTBACK, LABEL, URI = 5000, 400, 300, 20, 1000
BUTTON_LABEL = 40
BUBBLES, BUBBLE_BYTES, CAROUSEL_BYTES = 12, 30_000, 50_000
SCHEME = re.compile(r"(https?|line|tel|mailto):", re.IGNORECASE)
COLOR = re.compile(r"#[0-9a-fA-F]{6}([0-9a-fA-F]{2})?")
LAYOUTS = ("horizontal", "vertical", "baseline")
INSIDE = {
    "box", "button", "filler", "icon", "image", "separator", "span", "text",
}  # fmt: skip

Fault = tuple[str, str]


def faults(messages: Any) -> list[Fault]:
    """Everything wrong with a request's messages: (property, reason)."""
    if not isinstance(messages, list) or not 1 <= len(messages) <= MOST_MESSAGES:
        return [("messages", "Size must be between 1 and 5")]
    return [fault for at, one in enumerate(messages) for fault in _message(one, f"messages[{at}]")]


def _message(one: Any, at: str) -> Iterator[Fault]:
    kind = one.get("type") if isinstance(one, dict) else None
    if kind == "text":
        yield from _length(one, "text", TEXT, at)
    elif kind == "flex":
        yield from _length(one, "altText", ALT_TEXT, at)
        yield from _flex(one.get("contents"), f"{at}.contents")
    else:
        yield f"{at}.type", "invalid type"
        return
    for number, item in enumerate((one.get("quickReply") or {}).get("items", [])):
        yield from action_faults(
            item.get("action"), f"{at}.quickReply.items[{number}].action", LABEL
        )


def _flex(contents: Any, at: str) -> Iterator[Fault]:
    kind = contents.get("type") if isinstance(contents, dict) else None
    if kind == "carousel":
        bubbles = contents.get("contents") or []
        if not 1 <= len(bubbles) <= BUBBLES:
            yield f"{at}/contents", "Size must be between 1 and 12"
        if _bytes(contents) > CAROUSEL_BYTES:
            yield at, "The size of the carousel is over the limit"
        for number, bubble in enumerate(bubbles):
            yield from _bubble(bubble, f"{at}/contents/{number}")
    elif kind == "bubble":
        yield from _bubble(contents, at)
    else:
        yield at, "must be a bubble or a carousel"


def _bubble(bubble: Any, at: str) -> Iterator[Fault]:
    if not isinstance(bubble, dict) or bubble.get("type") != "bubble":
        yield at, "must be a bubble"
        return
    if _bytes(bubble) > BUBBLE_BYTES:
        yield at, "The size of the bubble is over the limit"
    for name in ("header", "hero", "body", "footer"):
        if name in bubble:
            yield from _component(bubble[name], f"{at}/{name}")


def _component(one: Any, at: str) -> Iterator[Fault]:
    kind = one.get("type") if isinstance(one, dict) else None
    if kind not in INSIDE:
        yield f"{at}/type", "unknown type"
        return
    for name in ("color", "backgroundColor", "borderColor"):
        if name in one and not COLOR.fullmatch(str(one[name])):
            yield f"{at}/{name}", "invalid color"
    yield from _of_kind(kind, one, at)
    if kind != "button" and "action" in one:
        yield from action_faults(one["action"], f"{at}/action", None)


def _of_kind(kind: str, one: dict[str, Any], at: str) -> Iterator[Fault]:
    if kind == "box":
        yield from _box(one, at)
    elif kind == "text" and not one.get("contents"):
        yield from _length(one, "text", 2000, at, "/")
    elif kind == "button":
        yield from action_faults(one.get("action"), f"{at}/action", BUTTON_LABEL)
    elif kind in ("image", "icon") and not str(one.get("url", "")).startswith("https://"):
        yield from _picture(one, at)


def _picture(one: dict[str, Any], at: str) -> Iterator[Fault]:
    """LINE shows https pictures alone; pictures of this machine stand in for a host's."""
    if not re.match(r"http://(localhost|127\.0\.0\.1)[:/]", str(one.get("url", ""))):
        yield f"{at}/url", "invalid uri scheme"


def _box(one: dict[str, Any], at: str) -> Iterator[Fault]:
    if one.get("layout") not in LAYOUTS:
        yield f"{at}/layout", "invalid layout"
    for number, inner in enumerate(one.get("contents") or []):
        yield from _component(inner, f"{at}/contents/{number}")


def action_faults(action: Any, at: str, label: int | None) -> Iterator[Fault]:
    kind = action.get("type") if isinstance(action, dict) else None
    if label is not None:
        yield from _length(action if isinstance(action, dict) else {}, "label", label, at, "/")
    if kind == "uri":
        yield from _length(action, "uri", URI, at, "/")
        if not SCHEME.match(str(action.get("uri", ""))):
            yield f"{at}/uri", "invalid uri scheme"
    elif kind == "postback":
        yield from _length(action, "data", POSTBACK, at, "/")
    elif kind == "message":
        yield from _length(action, "text", 300, at, "/")
    else:
        yield f"{at}/type", "unknown type"


def _length(
    one: dict[str, Any], name: str, longest: int, at: str, between: str = "."
) -> Iterator[Fault]:
    value = one.get(name)
    # LINE counts UTF-16 units: an emoji is two.
    size = len(value.encode("utf-16-le")) // 2 if isinstance(value, str) else 0
    if not 1 <= size <= longest:
        yield f"{at}{between}{name}", f"Length must be between 1 and {longest}"


def _bytes(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode())
