"""What a definition looks like. A file that says anything else is refused (see `checks`)."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal

import msgspec

from app.core.locale import current_locale
from app.journeys.definitions.offsets import Offset, parse_offset
from app.journeys.definitions.vocabulary import ABOUT_STEPS, AT_THE_MOMENT, condition


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text in both languages."""

    ja: str
    en: str

    def __str__(self) -> str:
        return self.ja if current_locale() == "ja" else self.en


class TaskOf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something a person of the shop is to do, `within` so many of its working days."""

    title: Words
    text: Words
    within: str = "1d"


class Split(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Arms and their shares in percent; together 100."""

    arms: dict[str, int]


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """One step of a journey: `offset` after (or before) its anchor, a moment or an earlier step
    (`step:first`). Days, months and years are calendar dates in the recipient's zone, hours and
    minutes exact. `earlier_by = "delivery"` moves it ahead by the days a parcel of this shop needs;
    `not_before` holds it back (see `offsets.parse_floor`).

    It does exactly one thing: send a `message`, give a person a `task`, `split` the customers, or
    `end` the journey with a reason. `channel` is empty where the arbiter chooses. A step that is
    `off` does nothing when its moment comes; what counts from it still counts from that moment.
    """

    key: str
    anchor: str
    offset: str | dict[str, str]
    off: bool = False
    when: tuple[str, ...] = ()
    earlier_by: Literal["delivery"] | None = None
    not_before: str | None = None
    message: str = ""
    channel: Literal["email", "line"] | None = None
    task: TaskOf | None = None
    split: Split | None = None
    end: str = ""

    @cached_property
    def after(self) -> str | None:
        """The key of the earlier step it counts from, if it does."""
        return self.anchor.removeprefix("step:") if self.anchor.startswith("step:") else None

    @cached_property
    def settled_early(self) -> tuple[str, ...]:
        """Its conditions that are looked at before its moment, too."""
        return tuple(one for one in self.when if condition(one).name not in AT_THE_MOMENT)

    @property
    def actions(self) -> list[str]:
        """What it does; a definition that passed the checks has exactly one."""
        return [name for name in ("message", "task", "split", "end") if getattr(self, name)]

    def offset_for(self, product_kind: str) -> Offset:
        """The offset for a kind of product; `standard` where none is named for it."""
        return self._offsets.get(product_kind) or self._offsets["standard"]

    @cached_property
    def _offsets(self) -> dict[str, Offset]:
        by_kind = {"standard": self.offset} if isinstance(self.offset, str) else self.offset
        return {kind: parse_offset(text) for kind, text in by_kind.items()}


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """One journey. `per` says what one run is about, `starts` which moment enters it (`subscribed`
    is when Shopify has told that something of the order was), `about = "line"` that its messages
    need one bought line. `patience` keeps the run open after its last
    step for the answer it asked for.

    `needs` names what does not exist yet: such a journey cannot be switched on. Steps of other
    journeys in `replaces` (`first-72-hours.prepare`) are left out for an order that is in this one.
    One person enters at most once in `at_most`; with `cycle` the steps begin anew, counted from
    their anchors. `ends_on = ["ordered_again"]` ends a customer's run with their next order.
    """

    key: str
    position: int
    per: Literal["order", "parcel", "line", "customer"]
    starts: Literal["ordered", "paid", "subscribed", "shipped", "received"]
    name: Words
    description: Words
    steps: tuple[Step, ...]
    about: Literal["order", "line"] = "order"
    version: int = 1
    recommended: bool = False
    patience: str | None = None
    when: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    at_most: str | None = None
    cycle: str | None = None
    ends_on: tuple[str, ...] = ()

    @cached_property
    def words(self) -> frozenset[str]:
        """The conditions it speaks of, without their "not"."""
        said = [*self.when, *(word for step in self.steps for word in step.when)]
        return frozenset(condition(word).word for word in said)

    @cached_property
    def about_steps(self) -> tuple[str, ...]:
        """Its conditions about earlier steps."""
        return tuple(word for word in self.words if condition(word).name in ABOUT_STEPS)

    @cached_property
    def answers(self) -> dict[Any, Any]:
        """What `rules` has worked out about it before."""
        return {}

    def step(self, key: str) -> Step:
        """The step of that key; KeyError when the definition no longer has it."""
        return self._by_key[key]

    @cached_property
    def _by_key(self) -> dict[str, Step]:
        return {step.key: step for step in self.steps}
