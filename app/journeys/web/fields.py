"""What the form's controls offer, in words: conditions, moments, units, the shop's own names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.core import places, prefectures
from app.core.locale import current_locale
from app.core.locale import gettext as _
from app.journeys import controls, words
from app.journeys.controls import Fields
from app.journeys.definitions import Mistake, condition
from app.journeys.definitions.vocabulary import ABOUT_STEPS, CHOICES, FLAGS, TEXTS
from app.mirror import queries as mirror
from app.segments import queries as segments
from app.surveys import queries as surveys

Options = list[tuple[str, str]]
#: How a reason names what was typed.
_QUOTED = re.compile(r"'([^']*)'")


class Asked(NamedTuple):
    """A condition as the form shows it. `options` are what may be chosen for its value, `hints`
    what a typed value may be; with neither and no `typed` it has no value."""

    number: int
    row: controls.Row
    label: str
    typed: bool = False
    options: Options | None = None
    hints: list[str] | None = None


#: The words of each group of the list of conditions; those with a value that is typed by name.
GROUPS: dict[str, tuple[str, ...]] = {
    "order": (
        "first_order", "repeat", "gift", "high_value", "paid", "paid_later", "won", "subscription",
        "renewal",
        "language:ja", "language:en", "survey",
    ),
    "products": (
        "goods", "digital", "service", "consumable", "fast", "complex", "long_cycle",
        "bought_before", "product_type", "collection", "tag",
        "pack:coach", "pack:service", "pack:course",
    ),
    "customer": (
        "orders", "stage:new", "stage:active", "stage:at_risk", "stage:lapsed", "top_decile", "vip",
        "engaged", "low_engagement", "subscriber", "subscription_running", "country", "province",
    ),
    "parcel": ("shipped", "delivered", "inferred"),
    "season": ("season:spring", "season:summer", "season:autumn", "season:winter"),
}  # fmt: skip


def offered(
    earlier: Iterable[Fields], titles: dict[str, str], *, reviews: bool = False
) -> list[tuple[str, Options]]:
    """The list of conditions by group; about the steps before, what may be asked of each. A journey
    that asks for `reviews` may not go by what people answered (rules.md RV-1)."""
    names = {
        "order": _("The order itself"),
        "products": _("What was bought"),
        "customer": _("The customer"),
        "parcel": _("The way of the parcel"),
        "season": _("The season where the customer lives"),
    }
    found = [
        (names[key], [(one, label(one)) for one in some if not (reviews and one == "survey")])
        for key, some in GROUPS.items()
    ]
    about = [word for step in earlier for word in _about(step)]
    steps = [(word, words.condition_words(word, titles)) for word in about]
    return [*found, (_("Earlier steps"), steps)] if steps else found


def _about(step: Fields) -> list[str]:
    key = step["key"]
    if step["action"] == "message":
        return [f"{name}:{key}" for name in ("sent", "clicked", "ordered_since")]
    if step["action"] == "split":
        return [f"split:{key}:{arm}" for arm in controls.arms(step)]
    return [f"ordered_since:{key}"]


def label(name: str, titles: dict[str, str] | None = None) -> str:
    """What a condition asks; one with a typed value without that value."""
    typed = {
        "orders": _("Orders so far, at least"),
        "product_type": _("Product type"),
        "collection": _("Collection"),
        "tag": _("Product tag"),
        "country": _("Country"),
        "province": _("Prefecture or state"),
        "survey": _("Answer to a question"),
    }
    return typed.get(name) or words.condition_words(name, titles)


class Shelf:
    """What this shop's conditions may name, asked once a page."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, Options] = {}

    def asked(self, typed: Fields, titles: dict[str, str]) -> list[Asked]:
        """The conditions of a form."""
        return [self._asked(n, row, titles) for n, row in enumerate(controls.rows(typed))]

    def _asked(self, number: int, row: controls.Row, titles: dict[str, str]) -> Asked:
        said = label(row.name, titles)
        if row.name not in TEXTS:
            return Asked(number, row, said)
        if row.name in ("product_type", "tag"):
            types = mirror.product_types(self._session) if row.name == "product_type" else []
            return Asked(number, row, said, typed=True, hints=types)
        if row.name == "orders":
            return Asked(number, row, said, typed=True)
        options = self._options(row.name)
        if row.value and row.value not in dict(options):
            options = [*options, (row.value, row.value)]
        return Asked(number, row, said, options=options)

    def _options(self, name: str) -> Options:
        if name not in self._known:
            self._known[name] = getattr(self, f"_{name}")()
        return self._known[name]

    def _country(self) -> Options:
        every = places.countries(current_locale())
        near = [code for code in segments.countries(self._session) if code in every]
        return [(code, every[code]) for code in dict.fromkeys([*near, *every])]

    def _province(self) -> Options:
        return list(prefectures.names(current_locale()).items())

    def _collection(self) -> Options:
        return [(one, one) for one in mirror.collections(self._session)]

    def _survey(self) -> Options:
        return [
            (f"{key}:{value}", f"{said.question} {answer}")
            for key, said in surveys.words(self._session, current_locale()).items()
            for value, answer in said.options
        ]


def reason_text(mistake: Mistake, titles: dict[str, str]) -> str:
    """Why something of the form is refused, in the words of its controls instead of the file's."""
    spans = {
        "offset": _("Write a number of up to four digits; 0 is at once."),
        "patience": _("Write a number above 0, or leave it empty."),
        "not_before": _("Write a number, and choose what it counts from."),
        "task.within": _("Write a number of days from 1 to 99."),
    }
    place = re.sub(r"^(\$\.)?(steps\[\d+\]\.)?", "", mistake.place)
    if place == "offset" and "'standard'" in mistake.reason:
        return _("Ordinary goods need a number; kinds without one do as they do.")
    return spans.get(place) or _QUOTED.sub(lambda found: _quoted(found[1], titles), mistake.reason)


def _quoted(text: str, titles: dict[str, str]) -> str:
    name = condition(text).name
    known = name in FLAGS | CHOICES.keys() | TEXTS | ABOUT_STEPS
    return f"“{words.condition_words(text, titles)}”" if known else f"“{titles.get(text, text)}”"


def moments() -> Options:
    """What a step may count from."""
    return list(words.moment_names().items())


def units() -> Options:
    """Units of time, the short ones first."""
    names = {
        "m": _("minutes"), "h": _("hours"), "d": _("days"), "mo": _("months"), "y": _("years")
    }  # fmt: skip
    return [(unit, names[unit]) for unit in controls.UNITS]
