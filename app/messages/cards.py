"""Cards: what a message looks like on LINE. Pure: words in, a Flex bubble out.

Lengths are LINE's own (Messaging API reference, Flex Message); what is longer is shortened here
rather than refused there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

ALT_TEXT, LABEL, TEXT = 400, 40, 2000
INK, SOFT, LINE_COLOR = "#1d2327", "#5a646b", "#d9dee1"
STAR = "#e0a800"

Json = dict[str, Any]


@dataclass(frozen=True)
class Button:
    """A link (`url`) or a tap that posts back (`data`)."""

    label: str
    url: str = ""
    data: str = ""


@dataclass(frozen=True)
class Card:
    """One bubble: who speaks, what it says, facts as rows, answers to choose from, and at most
    three buttons. `stars` is what a star's tap posts back, with `{stars}` for its number. `color`
    is the shop's, as a button with white letters needs it."""

    sender: str
    title: str
    text: str = ""
    image_url: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    stars: str = ""
    choices: tuple[Button, ...] = ()
    buttons: tuple[Button, ...] = ()
    color: str = "#06803a"
    note: str = ""


def message(alt: str, *cards: Card) -> Json:
    """A Flex message of one card or several."""
    bubbles = [bubble(card) for card in cards[:12]]
    contents = bubbles[0] if len(bubbles) == 1 else {"type": "carousel", "contents": bubbles}
    return {"type": "flex", "altText": shorten(alt, ALT_TEXT), "contents": contents}


def text(words: str, *, quick: tuple[Button, ...] = ()) -> Json:
    """A plain message, with taps below it."""
    said: Json = {"type": "text", "text": shorten(words, 5000)}
    if quick:
        items = [{"type": "action", "action": _action(one, 20)} for one in quick]
        said["quickReply"] = {"items": items}
    return said


def bubble(card: Card) -> Json:
    """The bubble of a card."""
    body: list[Json] = [
        _text(card.sender, size="sm", color=SOFT, weight="bold"),
        _text(card.title, size="lg", weight="bold", wrap=True, margin="sm"),
    ]
    if card.text:
        body.append(_text(card.text, size="sm", wrap=True, margin="md"))
    body += [_row(label, value) for label, value in card.rows if value]
    if card.stars:
        body.append(_stars(card.stars))
    if card.choices:
        body.append(_choices(card))
    if card.note:
        body.append(_text(card.note, size="xs", color=SOFT, wrap=True, margin="lg"))
    made: Json = {"type": "bubble", "body": _box("vertical", body)}
    if card.image_url.startswith("http"):
        made["hero"] = {
            "type": "image", "url": card.image_url, "size": "full", "aspectRatio": "20:13",
            "aspectMode": "cover",
        }  # fmt: skip
    if card.buttons:
        made["footer"] = _box("vertical", _buttons(card), spacing="sm")
    return made


def _buttons(card: Card) -> list[Json]:
    """The first one is the main one, unless the card itself is to be tapped."""
    found, main = [], None if card.stars or card.choices else 0
    for number, button in enumerate(card.buttons[:3]):
        style = {"style": "primary", "color": card.color} if number == main else {"style": "link"}
        found.append({"type": "button", "height": "sm", "action": _action(button, LABEL), **style})
    return found


def _choices(card: Card) -> Json:
    """All alike: none of the answers is easier to choose than another."""
    taps = [
        {
            "type": "button", "height": "sm", "style": "secondary", "adjustMode": "shrink-to-fit",
            "action": _action(one, LABEL),
        }
        for one in card.choices
    ]  # fmt: skip
    return _box("vertical", taps, spacing="sm", margin="lg")


def _action(button: Button, longest: int) -> Json:
    label = shorten(button.label, longest)
    if button.url:
        return {"type": "uri", "label": label, "uri": button.url}
    return {"type": "postback", "label": label, "data": button.data, "displayText": label}


def _stars(data: str) -> Json:
    stars = [
        {
            "type": "text", "text": "★", "size": "3xl", "align": "center", "color": STAR,
            "action": {
                "type": "postback", "label": f"★{number}",
                "data": data.replace("{stars}", str(number)), "displayText": "★" * number,
            },
        }
        for number in range(1, 6)
    ]  # fmt: skip
    return {**_box("horizontal", stars), "margin": "lg"}


def _row(label: str, value: str) -> Json:
    return {
        **_box(
            "horizontal",
            [
                _text(label, size="sm", color=SOFT, flex=2, wrap=True),
                _text(value, size="sm", flex=3, wrap=True),
            ],
            spacing="md",
        ),
        "margin": "md",
    }


def _text(words: str, **looks: Any) -> Json:
    return {"type": "text", "text": shorten(words, TEXT), "color": INK, **looks}


def _box(layout: str, contents: list[Json], **looks: Any) -> Json:
    return {"type": "box", "layout": layout, "contents": contents, **looks}


def shorten(words: str, longest: int) -> str:
    """Words of at most so many UTF-16 units, as LINE counts them; an ellipsis says that there was
    more. Never empty: LINE refuses that."""
    words = words.strip() or "…"
    if _size(words) <= longest:
        return words
    while _size(words) > longest - 1:
        words = words[:-1]
    return words + "…"


def _size(words: str) -> int:
    return len(words.encode("utf-16-le", "surrogatepass")) // 2
