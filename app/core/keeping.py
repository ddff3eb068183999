"""What a batch asks a shop once: its configuration, for units of work that follow each other.

A batch hands the same `Kept` to each of its units of work; what is asked through `kept` is then
asked once for all of them, and again after `KEPT_S`. Only what the merchant or the host decides
belongs here, what is on the shelves, and what a night's figures say: never what a person said or
what became of an order, which is read anew every time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from sqlalchemy.orm import Session

T = TypeVar("T")

#: A merchant sees what they changed after so many seconds at the latest.
KEPT_S = 1.0


class Kept:
    """What is known of each shop for a moment."""

    def __init__(self) -> None:
        self._shelves: dict[int, tuple[float, dict[Hashable, Any]]] = {}

    def shelf(self, shop_id: int) -> dict[Hashable, Any]:
        """The shop's answers; an empty shelf once they are old."""
        since, found = self._shelves.get(shop_id, (0.0, {}))
        if time.monotonic() - since > KEPT_S:
            since, found = time.monotonic(), {}
            self._shelves[shop_id] = since, found
        return found


def kept(session: Session, name: Hashable, ask: Callable[[], T]) -> T:
    """What `ask` answers: asked once by the batch that this unit of work belongs to, or every time
    when it belongs to none."""
    shelf: dict[Hashable, Any] | None = session.info.get("kept")
    if shelf is None:
        return ask()
    if name not in shelf:
        shelf[name] = ask()
    found: T = shelf[name]
    return found


def known(session: Session, name: Hashable, answer: Any) -> None:
    """What somebody asked together with other things, for `kept` of the same name."""
    shelf: dict[Hashable, Any] | None = session.info.get("kept")
    if shelf is not None:
        shelf.setdefault(name, answer)
