"""The day and time a buyer chose at the checkout, as Japan's delivery-date apps note them on the
order. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

#: Parts of the names under which shops and apps note the day and the time. What is about the shop's
#: own work (the day it ships) is not the buyer's.
DAY_NAMES = (
    "配送日",
    "お届け日",
    "お届け希望日",
    "配達日",
    "希望日",
    "delivery-date",
    "delivery date",
)
TIME_NAMES = (
    "時間帯",
    "配送時間",
    "お届け時間",
    "希望時間",
    "配達時間",
    "delivery-time",
    "delivery time",
)
DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})")
HOURS = re.compile(r"(\d{1,2})\s*(?::00|時)?\s*[-~〜–―]\s*(\d{1,2})\s*(?::00|時)?")


class Wish(NamedTuple):
    """What was chosen; `slot` as in `carriers.toml` (`am`, `14-16`)."""

    day: date | None = None
    slot: str | None = None


def wish(attributes: Mapping[str, object]) -> Wish:
    """The buyer's wish from an order's attributes; empty where none is noted."""
    notes = {_narrow(str(name)): _narrow(str(value)) for name, value in attributes.items()}
    return Wish(_day(notes), _slot(notes))


def _day(notes: Mapping[str, str]) -> date | None:
    for name, value in notes.items():
        found = DAY.search(value) if _named(name, (*DAY_NAMES, "日時")) else None
        if found:
            try:
                return date(*(int(part) for part in found.groups()))
            except ValueError:
                continue
    return None


def _slot(notes: Mapping[str, str]) -> str | None:
    for name, value in notes.items():
        if not _named(name, (*TIME_NAMES, "日時")):
            continue
        if "午前" in value or value.casefold() in {"am", "morning"}:
            return "am"
        # The day of a value that holds both is no range of hours.
        hours = HOURS.search(DAY.sub("", value))
        if hours and int(hours[1]) < int(hours[2]) <= 24:
            return f"{int(hours[1])}-{int(hours[2])}"
    return None


def _named(name: str, parts: tuple[str, ...]) -> bool:
    return any(part in name for part in parts)


def _narrow(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()
