"""What kept a text from being written, in a sentence and with its place as the editor names it.

Liquid complains in English and in a parser's terms; nobody who writes a letter reads those.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from app.core.locale import gettext as _
from app.messages import reasons
from app.messages.editor_words import block_name

_PLACE = re.compile(
    r"(?:block (\d+) \((\w+)\)|(subject|preheader|heading|body|footer)(?:\.liquid)?): (.+)",
    re.DOTALL,
)


def told(error: str) -> str:
    """The reason of a `GiveUp` for the person who can mend it."""
    if error == reasons.TOO_LONG:
        return _("The mail is longer than mailboxes show: shorten its text.")
    if error == reasons.NO_SUBJECT:
        return _("The subject is empty.")
    if error.startswith(reasons.OUR_FRAME):
        # The technical reason stands in the log, and in the message's row.
        return _("This text cannot be shown at the moment, and we have been told.")
    found = _PLACE.fullmatch(error)
    if found is None:
        # No text's mistake: a message kept from leaving by something else says what.
        return error
    number, kind, part, reason = found.groups()
    place = f"{number}. {block_name(kind)}" if number else _part(part)
    sentence = {"place": place, "mistake": of_liquid(reason)}
    return _("%(place)s: %(mistake)s", **sentence) if place else sentence["mistake"]


def of_liquid(message: str) -> str:
    """One complaint of Liquid's in a sentence; of a rare one only that there is a mistake."""
    for pattern, say in _SENTENCES:
        if found := pattern.search(message):
            return say(found)
    return _("Liquid does not understand what is written here.")


def _part(name: str) -> str:
    return {
        "subject": _("Subject"),
        "preheader": _("Preview text"),
        "heading": _("Heading"),
        "body": _("Text"),
        "footer": _("Footer"),
    }.get(name, "")


def _alone(found: re.Match[str]) -> str:
    return _("“%(name)s” stands here without its beginning.", name=found[1])


def _unknown_tag(found: re.Match[str]) -> str:
    return _("There is no tag called “%(name)s”.", name=found[1])


def _unclosed(found: re.Match[str]) -> str:
    return _("A tag is not closed: “%(name)s” is missing.", name=found[1])


def _unknown_filter(found: re.Match[str]) -> str:
    return _("There is no filter called “%(name)s”.", name=found[1])


def _fixed(sentence: Callable[[], str]) -> Callable[[re.Match[str]], str]:
    return lambda _found: sentence()


def _no_brace() -> str:
    return _("A curly bracket is not closed.")


def _no_value() -> str:
    return _("A name or a value is missing.")


_SENTENCES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = tuple(
    (re.compile(pattern), say)
    for pattern, say in (
        (r"unexpected tag '(end\w+|else|elsif|when|break|continue)'", _alone),
        (r"unexpected tag '(.+)'", _unknown_tag),
        (r"expected tag (\w+), found", _unclosed),
        (r"unknown filter '(.+)'", _unknown_filter),
        (
            r"missing expression",
            _fixed(lambda: _("The tag does not say what it is about: its condition is missing.")),
        ),
        (r"expected '[}%]}', found|missing tag name or closing", _fixed(_no_brace)),
        (r"expected (?:a primitive|an identifier)", _fixed(_no_value)),
        (r"expected in, found", _fixed(lambda: _("“for” needs a name, “in” and a list."))),
        (r"expected '='", _fixed(lambda: _("“assign” needs a name, “=” and a value."))),
        (
            r"expected end of expression",
            _fixed(lambda: _("Something is too much within the brackets.")),
        ),
        (r"unexpected \W+[\"']", _fixed(lambda: _("A quotation mark is not closed."))),
        (
            r"missing \d+ required positional",
            _fixed(lambda: _("A filter lacks what it is to work with.")),
        ),
        (
            r"too long|limit",
            _fixed(lambda: _("The text would become too long, or would take too long to write.")),
        ),
    )
)
