"""The kinds of message. The folder is the registry: a kind is a directory of `templates/messages`
with a `kind.toml`, a layout and the merchant's texts in every language."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import time, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from app.consent.model import ORDERS, TOPICS

FOLDER = Path(__file__).resolve().parents[2] / "templates" / "messages"

TRANSACTIONAL, SERVICE, MARKETING = "transactional", "service", "marketing"

#: What a kind may need besides the order: ids of `Intent.subject_ids`, what is found by them, what
#: the merchant fills in, and what rooms above give. Without it the message is not sent.
NEEDS = frozenset(
    {
        "order", "parcel", "line", "guide", "run_out", "suggestions",
        "coupon", "booking", "course", "gift", "points", "feedback",
        "confirmation", "subscription",
    }
)  # fmt: skip
Purpose = Literal["complement", "upgrade", "related", "alternative", "next"]


class _File(msgspec.Struct, forbid_unknown_fields=True):
    message_class: str = msgspec.field(name="class")
    title: dict[str, str]
    needs: list[str]
    max_lateness_h: int
    priority: int = 0
    #: What it is about, in the words of the preference centre; by default the class decides.
    topic: str = ""
    #: Local times at which it likes to arrive; without any, as soon as the window is open.
    slots: list[str] = []
    #: The products it suggests, if any: what for.
    suggests: Purpose | None = None
    #: The topic of the shop's text it shows (`guides.queries.TOPICS`), if any.
    guide: str | None = None
    #: The question it asks (`surveys.queries.MAILED`), if any.
    asks: str = ""
    #: Whether it speaks of goods as if the reader had them.
    in_hand: bool = False
    #: Whether it is promotional and no day is better for it than another.
    promotes: bool = False
    #: Whether it is news of an order that cannot wait for the morning.
    urgent: bool = False


@dataclass(frozen=True, eq=False)
class Kind:
    """One kind: how the law sees it, what it needs, when it likes to arrive, and how late it may
    be before it is better left unsaid. There is one of each."""

    name: str
    message_class: str
    title: dict[str, str]
    needs: frozenset[str]
    max_lateness: timedelta
    priority: int
    slots: tuple[time, ...]
    #: One of `consent.queries.TOPICS` for marketing, `orders` for everything else.
    topic: str
    #: The products it suggests, if any: what for.
    suggests: Purpose | None = None
    #: The topic of the shop's text it shows, if any.
    guide: str | None = None
    #: The question it asks, if any.
    asks: str = ""
    #: Whether it speaks of goods as if the reader had them: it waits while a parcel is missing.
    in_hand: bool = False
    #: Whether it is promotional and no day is better for it than another: it may wait for the
    #: weekend. What answers to something the reader did, or belongs to a date, does not.
    promotes: bool = False
    #: Whether it is news of an order that cannot wait for the morning: on a telephone it arrives at
    #: night, too, without a sound.
    urgent: bool = False

    @property
    def lane(self) -> str:
        """Service messages travel with the transactional ones: neither waits behind marketing."""
        return MARKETING if self.message_class == MARKETING else TRANSACTIONAL


@cache
def all_kinds() -> dict[str, Kind]:
    """Every kind by name."""
    return {path.parent.name: _read(path) for path in sorted(FOLDER.glob("*/kind.toml"))}


def kind(name: str) -> Kind:
    """The kind; an unknown name is a mistake of ours and raises KeyError."""
    return all_kinds()[name]


def _read(path: Path) -> Kind:
    found = msgspec.convert(tomllib.loads(path.read_text("utf-8")), _File)
    if (
        found.message_class not in (TRANSACTIONAL, SERVICE, MARKETING)
        or not set(found.needs) <= NEEDS
    ):
        raise ValueError(f"{path}: unknown class or need")
    topics = TOPICS if found.message_class == MARKETING else (ORDERS,)
    if found.topic and found.topic not in topics:
        raise ValueError(f"{path}: unknown topic {found.topic}")
    return Kind(
        name=path.parent.name,
        message_class=found.message_class,
        title=found.title,
        needs=frozenset(found.needs),
        max_lateness=timedelta(hours=found.max_lateness_h),
        priority=found.priority,
        slots=tuple(sorted(time.fromisoformat(slot) for slot in found.slots)),
        topic=found.topic or topics[-1],
        suggests=found.suggests,
        guide=found.guide,
        asks=found.asks,
        in_hand=found.in_hand,
        promotes=found.promotes,
        urgent=found.urgent,
    )
