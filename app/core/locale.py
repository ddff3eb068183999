"""Language: which one, and how people of it write things.

Message ids are the English texts; `app/translations/<language>/<room>.po` hold the others and are
read at the first use, so that there is no compile step and rooms keep their own catalogues.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

LANGUAGES = ("ja", "en")
CATALOGUES = Path(__file__).resolve().parent.parent / "translations"

_locale: ContextVar[str] = ContextVar("okaeri_locale", default="en")


def current_locale() -> str:
    """The language of the running request, job or mail: `ja` or `en`."""
    return _locale.get()


@contextmanager
def use_locale(language: str) -> Iterator[None]:
    """Speak `language` inside the block."""
    token = _locale.set(language)
    try:
        yield
    finally:
        _locale.reset(token)


def choose_locale(*wishes: str | None) -> str:
    """The first wish we speak (`ja-JP` counts as `ja`), else English. Call it with the order's
    locale first and the shop's second: a third language falls back to the shop's."""
    for wish in wishes:
        language = (wish or "").replace("_", "-").split("-")[0].lower()
        if language in LANGUAGES:
            return language
    return "en"


def gettext(message: str, **values: object) -> str:
    """`message` in the current language; `%(name)s` places are filled from `values`."""
    text = translations(_locale.get()).gettext(message)
    return text % values if values else text


def sentences(*parts: str) -> str:
    """Sentences one after the other: Japanese leaves no space between them."""
    return ("" if current_locale() == "ja" else " ").join(part for part in parts if part)


def ngettext(one: str, many: str, count: int, **values: object) -> str:
    """Like `gettext`, choosing by `count`, which fills `%(num)s`."""
    text = translations(_locale.get()).ngettext(one, many, count)
    return text % {"num": show_number(count), **values}


@cache
def translations(language: str) -> NullTranslations:
    """All rooms' catalogues of one language as a single one."""
    merged = Catalog(locale=language, charset="utf-8")
    for path in sorted((CATALOGUES / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id and message.string:
                    merged[message.id] = message
    if not len(merged):
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, merged)
    compiled.seek(0)
    return Translations(fp=compiled)


def show_number(count: int) -> str:
    """A count as people of both languages write it: `114,693`."""
    return f"{count:,}"


@lru_cache(maxsize=4096)
def show_date(day: date, language: str, *, weekday: bool = True) -> str:
    """`6月10日(火)` or `Tue, Jun 10`."""
    if language == "ja":
        pattern = "M月d日(E)" if weekday else "M月d日"
    else:
        pattern = "EEE, MMM d" if weekday else "MMM d"
    return _formatted(day, pattern, language)


@lru_cache(maxsize=1024)
def _formatted(day: date, pattern: str, language: str) -> str:
    # The same few days stand in every mail, and writing one takes as long as signing ten links.
    return format_date(day, pattern, locale=language)


@lru_cache(maxsize=4096)
def show_range(first: date, last: date, language: str) -> str:
    """`6月10日(火)〜12日(木)` or `Tue, Jun 10 – Thu, Jun 12`."""
    if first == last:
        return show_date(first, language)
    if language == "ja":
        same_month = (first.year, first.month) == (last.year, last.month)
        end = _formatted(last, "d日(E)" if same_month else "M月d日(E)", "ja")
        return f"{show_date(first, 'ja')}〜{end}"
    return f"{show_date(first, language)} – {show_date(last, language)}"


def show_time(moment: datetime, zone: str, language: str) -> str:
    """The clock time in `zone`: `14:35` or `2:35 PM`."""
    return show_clock(moment.astimezone(ZoneInfo(zone)), language)


def show_clock(local: datetime, language: str) -> str:
    """The clock time of a moment that is already local: `14:35` or `2:35 PM`."""
    if language == "ja":
        return f"{local:%H:%M}"
    return f"{local.hour % 12 or 12}:{local:%M} {'AM' if local.hour < 12 else 'PM'}"


def show_moment(moment: datetime, zone: str, language: str) -> str:
    """Day and clock time in `zone`: `6月10日(火) 14:35` or `Tue, Jun 10, 2:35 PM`."""
    day = show_date(moment.astimezone(ZoneInfo(zone)).date(), language)
    return f"{day}{' ' if language == 'ja' else ', '}{show_time(moment, zone, language)}"
