"""Merchants' texts: Liquid in, plain text out.

A text is rendered to plain text and escaped only afterwards, block by block: nothing a merchant
writes and nothing a product is called becomes markup, and the plain part says the same words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from liquid import BoundTemplate, Environment, StrictUndefined
from liquid.exceptions import LiquidError
from markupsafe import Markup, escape

from app.core.errors import GiveUp
from app.messages.kinds import FOLDER

PARTS = ("subject", "preheader", "heading", "body")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class _Kitchen(Environment):
    """Liquid with limits: a mail's text is a page, not a program."""

    context_depth_limit = 8
    loop_iteration_limit = 1_000
    local_namespace_limit = 100_000
    output_stream_limit = 100_000


_LENIENT = _Kitchen()
_STRICT = _Kitchen(undefined=StrictUndefined)


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
            Markup("<br>").join(escape(line.strip()) for line in block.splitlines())
            for block in re.split(r"\n\s*\n", self.body)
            if block.strip()
        ]


def speak(kind: str, locale: str, values: Mapping[str, Any]) -> Words:
    """A kind's texts in a language, filled in. Raises `GiveUp` naming the text with the mistake."""
    return _speak(_texts(kind, locale), values)


def proofread(kind: str, locale: str, values: Mapping[str, Any]) -> Words:
    """Like `speak`, but a name that nobody fills is a mistake too: for editors and tests."""
    sources = {part: _source(kind, locale, part) for part in PARTS}
    return _speak({part: _parse(part, text, _STRICT) for part, text in sources.items()}, values)


def fill(sources: Mapping[str, str], values: Mapping[str, Any]) -> Words:
    """Texts that are not a kind's own (a merchant's draft), filled in."""
    return _speak({part: _parse(part, sources[part], _LENIENT) for part in PARTS}, values)


def _parse(part: str, source: str, kitchen: Environment) -> BoundTemplate:
    try:
        return kitchen.from_string(source)
    except LiquidError as error:
        raise GiveUp(f"{part}.liquid: {error.message}") from error


def _speak(texts: Mapping[str, BoundTemplate], values: Mapping[str, Any]) -> Words:
    said = {}
    for part, template in texts.items():
        try:
            said[part] = _CONTROL.sub("", template.render(**values)).strip()
        except LiquidError as error:
            raise GiveUp(f"{part}.liquid: {error.message}") from error
    return Words(
        subject=_one_line(said["subject"]),
        preheader=_one_line(said["preheader"]),
        heading=_one_line(said["heading"]),
        body=said["body"],
    )


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@cache
def _texts(kind: str, locale: str) -> dict[str, BoundTemplate]:
    return {part: _parse(part, _source(kind, locale, part), _LENIENT) for part in PARTS}


def _source(kind: str, locale: str, part: str) -> str:
    path: Path = FOLDER / kind / locale / f"{part}.liquid"
    return path.read_text("utf-8")
