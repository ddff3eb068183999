"""Several questions in one statement.

What a statement costs is mostly the way there and back and the work around it, whatever it asks:
a page that needs six things of one order asks for them at once. Each row of the answer belongs to
one question and is empty for the others, so that nothing is multiplied by anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    func,
    inspect,
    literal_column,
    select,
    true,
)
from sqlalchemy.orm import Session, aliased

Rows = Sequence[Sequence[Any]]


class Question:
    """One question: what it `asks` for, with bound parameters and unordered, and the order of its
    rows. It can be asked alone, or `Together` with others. Built once: putting a statement together
    takes longer than the database with it."""

    def __init__(self, asks: Select[*tuple[Any, ...]], *order: Any) -> None:
        self.asks, self.order = asks, order
        self._alone = asks.order_by(*order)

    def ask(self, session: Session, given: Mapping[str, object]) -> Rows:
        """Its rows."""
        return session.execute(self._alone, given).all()


class _Part(NamedTuple):
    """Which columns of the whole answer are a question's own."""

    name: str
    question: Question
    begins: int
    ends: int


class Together:
    """Questions that are asked at once, by name. Parameters of one name in several of them are one
    parameter."""

    def __init__(self, **questions: Question) -> None:
        self._parts: list[_Part] = []
        begins = 2
        for name, one in questions.items():
            ends = begins + len(one.asks.column_descriptions)
            self._parts.append(_Part(name, one, begins, ends))
            begins = ends

    def ask(self, session: Session, given: Mapping[str, object]) -> dict[str, Rows]:
        """The rows of each question, in its own order."""
        found: dict[str, list[Sequence[Any]]] = {part.name: [] for part in self._parts}
        for row in session.execute(self._statement, given).all():
            if row[1] is not None:
                part = self._parts[row[0]]
                found[part.name].append(row[part.begins : part.ends])
        return dict(found)

    @cached_property
    def _statement(self) -> Select[*tuple[Any, ...]]:
        # A list of VALUES would do, but SQLAlchemy compiles it anew every time.
        numbers = func.generate_series(_word(0), _word(len(self._parts) - 1))
        which = numbers.table_valued("which").render_derived(name="asked")
        whole: FromClause = which
        shown: list[Any] = []
        places: list[ColumnElement[int]] = []
        for number, part in enumerate(self._parts):
            asks, order = part.question.asks, part.question.order
            numbered = asks.add_columns(func.row_number().over(order_by=order).label("place_in_it"))
            mine = numbered.where(which.c.which == _word(number)).lateral()
            whole = whole.outerjoin(mine, true())
            places.append(mine.c.place_in_it)
            shown += [_shown(told, mine) for told in asks.column_descriptions]
        place = func.coalesce(*places)
        return select(which.c.which, place, *shown).select_from(whole).order_by("which", place)


def _word(number: int) -> ColumnElement[int]:
    """A number in the statement's text: with parameters in their place the database could not see
    how few rows there are, and would plan the statement anew each time it is asked."""
    return literal_column(str(number), Integer)


def _shown(told: Mapping[str, Any], mine: FromClause) -> Any:
    """An entity or a column of a question as a part of the whole."""
    if told["entity"] is not None and told["expr"] is told["entity"]:
        return aliased(inspect(told["entity"]).mapper.class_, mine)
    return mine.corresponding_column(told["expr"])
