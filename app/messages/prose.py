"""Merchants' texts: Liquid in, plain text out.

A text is rendered to plain text and escaped only afterwards, block by block: nothing a merchant
writes and nothing a product is called becomes markup, and the plain part says the same words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sized
from dataclasses import dataclass
from functools import cache, lru_cache, partial, wraps
from pathlib import Path
from typing import Any

from liquid import BoundTemplate, Environment, StrictUndefined
from liquid.exceptions import LiquidError, ResourceLimitError
from markupsafe import Markup

from app.core.errors import GiveUp
from app.messages.kinds import FOLDER
from app.messages.straight import Said, Values, said
from app.messages.swift import quoted

PARTS = ("subject", "preheader", "heading", "body")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_PARAGRAPHS = re.compile(r"\n\s*\n")


#: No step of a text, and no text, becomes longer than so many characters.
LONGEST = 100_000
#: What a template may raise: Liquid's own complaints, and what Python says of impossible values.
MISTAKES = (LiquidError, ArithmeticError, ValueError, TypeError, RecursionError)


class _Kitchen(Environment):
    """Liquid with limits: a mail's text is a page, not a program."""

    context_depth_limit = 8
    loop_iteration_limit = 1_000
    local_namespace_limit = LONGEST
    output_stream_limit = LONGEST

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Every filter looks first at what it would make."""
        super().setup_tags_and_filters(extra=extra)
        self.filters = {name: _measured(name, made) for name, made in self.filters.items()}


def _measured(name: str, made: Callable[..., Any]) -> Callable[..., Any]:
    """The filter, refusing to begin what would end in more than `LONGEST` characters."""

    @wraps(made)
    def measured(value: Any, *args: Any, **kwargs: Any) -> Any:
        if _length(name, value, args) > LONGEST:
            raise ResourceLimitError(f"the filter {name} makes the text too long", token=None)
        return made(value, *args, **kwargs)

    return measured


def _length(name: str, value: Any, args: tuple[Any, ...]) -> int:
    """How long a filter's result would be at most, roughly; cheap to work out."""
    first = args[0] if args else None
    if name == "join" and isinstance(value, Sized):
        return len(value) * (len(str(first if first is not None else " ")) + 1)
    if name.startswith("replace") and len(args) > 1:
        text = str(value)
        return len(text) + (text.count(str(first)) if first else len(text) + 1) * len(str(args[1]))
    sizes = [len(each) for each in (value, first) if isinstance(each, str | range | list | tuple)]
    return sum(sizes)


_LENIENT = _Kitchen()
_STRICT = _Kitchen(undefined=StrictUndefined)
#: For texts with marks: what is filled in is escaped, what the merchant wrote is cleaned later.
_ESCAPING = _Kitchen(autoescape=True)


@dataclass(frozen=True)
class Words:
    """What one mail says in the merchant's own words."""

    subject: str
    preheader: str
    heading: str
    body: str

    @property
    def paragraphs(self) -> list[Markup]:
        """The body's paragraphs, escaped; a single line break stays one."""
        return [
            Markup("<br>".join([quoted(line.strip()) for line in block.splitlines()]))  # noqa: S704
            for block in _PARAGRAPHS.split(self.body)
            if block.strip()
        ]


def speak(kind: str, locale: str, values: Values) -> Words:
    """A kind's texts in a language, filled in. Raises `GiveUp` naming the text with the mistake."""
    return _speak(_texts(kind, locale), values)


def proofread(kind: str, locale: str, values: Values) -> Words:
    """Like `speak`, but a name that nobody fills is a mistake too: for editors and tests."""
    sources = {part: source(kind, locale, part) for part in PARTS}
    strict = {part: _parse(part, text, _STRICT) for part, text in sources.items()}
    return _speak({part: partial(_rendered, template) for part, template in strict.items()}, values)


def fill(sources: Mapping[str, str], values: Values) -> Words:
    """Texts that are not a kind's own (a merchant's draft), filled in."""
    return _speak({part: said(_parse(part, sources[part], _LENIENT)) for part in PARTS}, values)


def say(place: str, source: str, values: Values, *, escaping: bool = False) -> str:
    """One text, filled in; parsed once however often it is said. Raises `GiveUp` that begins with
    `place` when it has a mistake."""
    try:
        text = _said(source, escaping)(values)
    except MISTAKES as error:
        raise GiveUp(f"{place}: {_reason(error)}") from error
    return _CONTROL.sub("", text).strip()


def names(source: str) -> set[str]:
    """The paths a text asks for (`shop.name`); raises `LiquidError` when it cannot be read."""
    return set(_template(source, False).global_variable_paths())


def strange_filters(source: str) -> list[str]:
    """The filters a text asks for that do not exist."""
    return sorted(set(_template(source, False).filter_names()) - set(_LENIENT.filters))


@lru_cache(maxsize=4_096)
def _template(source: str, escaping: bool) -> BoundTemplate:
    return (_ESCAPING if escaping else _LENIENT).from_string(source)


@lru_cache(maxsize=4_096)
def _said(source: str, escaping: bool) -> Said:
    return said(_template(source, escaping))


def _rendered(template: BoundTemplate, values: Values) -> str:
    return template.render(**values)


def _reason(error: BaseException) -> str:
    return str(error.message) if isinstance(error, LiquidError) else str(error)


def _parse(part: str, source: str, kitchen: Environment) -> BoundTemplate:
    try:
        return kitchen.from_string(source)
    except LiquidError as error:
        raise GiveUp(f"{part}.liquid: {error.message}") from error


def _speak(texts: Mapping[str, Said], values: Values) -> Words:
    words = {}
    for part, say_it in texts.items():
        try:
            words[part] = _CONTROL.sub("", say_it(values)).strip()
        except MISTAKES as error:
            raise GiveUp(f"{part}.liquid: {_reason(error)}") from error
    return Words(
        subject=one_line(words["subject"]),
        preheader=one_line(words["preheader"]),
        heading=one_line(words["heading"]),
        body=words["body"],
    )


def one_line(text: str) -> str:
    """The same words on one line."""
    return " ".join(text.split())


@cache
def _texts(kind: str, locale: str) -> dict[str, Said]:
    return {part: said(_parse(part, source(kind, locale, part), _LENIENT)) for part in PARTS}


def source(kind: str, locale: str, part: str) -> str:
    """A kind's own text as it is shipped."""
    path: Path = FOLDER / kind / locale / f"{part}.liquid"
    return path.read_text("utf-8")
