"""A kind's card for LINE: `<kind>/<ja|en>/line.json` beside its mail, filled in with Liquid.

`{"text": …, "rows": {label: text}, "buttons": {label: link}, "picture": true, "stars": true,
"answers": true, "alt": …}`; links are the mail's own, by name. A kind without the file is not said
on LINE.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from app.core.locale import gettext as _
from app.messages.cards import Button, Card, Json, message
from app.messages.context import Mail
from app.messages.kinds import FOLDER
from app.messages.prose import one_line, say, speak


class _File(msgspec.Struct, forbid_unknown_fields=True):
    text: str
    alt: str = "{{ heading }}"
    rows: dict[str, str] = {}
    buttons: dict[str, str] = {}
    picture: bool = False
    stars: bool = False
    #: Whether it shows the answers to the kind's question.
    answers: bool = False


def speaks(kind: str) -> bool:
    """Whether a kind has its card, in both languages."""
    return all((FOLDER / kind / language / "line.json").exists() for language in ("ja", "en"))


def draw(mail: Mail, message_id: int) -> tuple[str, str, Json]:
    """The card of a message: what notifications show, the words alone, and LINE's message. Raises
    `GiveUp` naming the text with the mistake."""
    file = _read(mail.kind, mail.locale)
    words = speak(mail.kind, mail.locale, mail.liquid)
    values = {**mail.liquid, "heading": words.heading, "order": _order(mail)}

    def filled(place: str, text: str) -> str:
        return say(f"line.json: {place}", text, values)

    rows = tuple((label, filled(label, text)) for label, text in file.rows.items())
    card = Card(
        sender=mail.brand.name,
        title=words.heading,
        text=filled("text", file.text),
        image_url=mail.item.image_url if file.picture and mail.item else "",
        rows=tuple(row for row in rows if row[1]),
        stars=f"stars:{message_id}:{{stars}}" if file.stars else "",
        choices=_answers(mail) if file.answers else (),
        buttons=(*_buttons(file, mail), *_way_out(mail)),
        color=mail.palette.link,
    )
    alt = one_line(f"{mail.brand.name}: {filled('alt', file.alt)}")
    plain = "\n".join([card.title, card.text, *(f"{label} {text}" for label, text in card.rows)])
    return alt, plain, message(alt, card)


def _buttons(file: _File, mail: Mail) -> list[Button]:
    found = [(label, mail.links.get(link, "")) for label, link in file.buttons.items()]
    return [Button(label, url=url) for label, url in found if url]


def _answers(mail: Mail) -> tuple[Button, ...]:
    """A tap opens the page with the answer chosen; nothing is sent before its button is pressed."""
    url, said = mail.links["survey"], mail.survey.options if mail.survey else []
    return tuple(Button(label, url=f"{url}?answer={value}") for value, label in said)


def _way_out(mail: Mail) -> list[Button]:
    """Advertising says how to stop it, here too (rules.md EM-2)."""
    url = mail.links.get("preferences") or mail.links.get("unsubscribe")
    return [Button(_("Stop or change messages"), url=url)] if mail.marketing and url else []


def _order(mail: Mail) -> dict[str, Any]:
    """Chats are read over shoulders: only the last four signs of the number (rules.md LN-6)."""
    name = mail.order_name
    short = f"…{name[-4:]}" if len(name) > 5 else name
    return {**mail.liquid["order"], "name": short or None}


@cache
def _read(kind: str, locale: str) -> _File:
    return msgspec.json.decode((FOLDER / kind / locale / "line.json").read_bytes(), type=_File)
