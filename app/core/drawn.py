"""A page that was drawn a moment ago is shown again while it is still true.

While a page is drawn it is noted what the database was asked. When the same page is wanted again
within seconds, all of that is asked once more in one statement, of which only a digest is read: the
same rows make the same page. So nothing has to be told when a page is no longer true, and no page
can forget what it depends on. What a page takes from the clock is as old as the page.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from app.core import driver
from app.core.clock import now

T = TypeVar("T")

#: No page is shown for longer than this after it was drawn, whatever the database says.
LASTS = timedelta(seconds=10)
#: How many pages of one kind a process remembers.
MOST = 128
#: A parameter, or a sign of percent, in a statement as SQLAlchemy words it.
_PLACE = re.compile(r"%\((\w+)\)s|%%")


class Check(NamedTuple):
    """The statement that answers with a digest of what a page was drawn from, and its values."""

    sql: str
    values: tuple[Any, ...]


class _Noted:
    """What the database was asked while a page was drawn; `fit` says whether all of it can be asked
    again."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        self.fit = True

    @cached_property
    def check(self) -> Check:
        """All of it in one statement."""
        values: list[Any] = []
        asked = [_numbered(sql, given, values) for sql, given in self.asked]
        # The statements are SQLAlchemy's own, their values are parameters.
        rows = (f"(SELECT string_agg(told::text, ',') FROM ({one}) AS told)" for one in asked)  # noqa: S608
        return Check(f"SELECT md5(ROW({', '.join(rows)})::text)", tuple(values))


def _numbered(sql: str, given: Mapping[str, Any], values: list[Any]) -> str:
    """A statement with numbers for the names of its parameters; adds its values to the others."""
    places: dict[str, str] = {}

    def place(found: re.Match[str]) -> str:
        name = found[1]
        if name is None:
            return "%"
        if name not in places:
            values.append(given[name])
            places[name] = f"${len(values)}"
        return places[name]

    return _PLACE.sub(place, sql)


_noting: ContextVar[_Noted | None] = ContextVar("okaeri_noting", default=None)


def watch(engine: Engine) -> Engine:
    """Have it noted what is asked while a page is drawn."""
    event.listen(engine, "before_cursor_execute", _note)
    return engine


def _note(_line: Any, _cursor: Any, sql: str, given: Any, _context: Any, many: bool) -> None:
    noted = _noting.get()
    if noted is None:
        return
    # What writes or locks is no question.
    if many or not sql.startswith("SELECT") or " FOR " in sql:
        noted.fit = False
    noted.asked.append((sql, given))


@contextmanager
def _note_down() -> Iterator[_Noted]:
    noted = _Noted()
    token = _noting.set(noted)
    try:
        yield noted
    finally:
        _noting.reset(token)


@dataclass(frozen=True)
class _Page(Generic[T]):
    """What was shown between two moments, and what it was drawn from. `digest` is that of the
    answers; None until somebody comes back for the page, for most never do."""

    shown: T
    since: datetime
    until: datetime
    noted: _Noted
    digest: str | None


class Drawn(Generic[T]):
    """The pages of one kind that this process drew lately."""

    def __init__(self) -> None:
        self._of: WeakKeyDictionary[Any, OrderedDict[Hashable, _Page[T]]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def show(
        self,
        session: Session,
        key: Hashable,
        draw: Callable[[], T],
        until: Callable[[T], datetime | None] = lambda _shown: None,
    ) -> T:
        """The page that `draw` makes for the bound shop, drawn now or lately. `key` names all that
        it depends on beside the database and the clock: who asks, and in which language. `until`
        says when a page stops being true by the clock alone."""
        stamp = session.info["stamp"]
        if stamp is None:
            return draw()
        # The shop's row is read before a page is drawn: its stamp tells of a change.
        whole = (session.info["shop_id"], stamp, key)
        kept = self._lately(session, whole)
        before = _digest(session, kept.noted.check) if kept else None
        if kept is not None and kept.digest == before:
            return kept.shown
        with _note_down() as noted:
            shown = draw()
        if noted.fit:
            # Whatever changed while it was drawn makes another digest before or after it.
            after = _digest(session, noted.check) if kept else None
            since = now(session)
            ends = min(since + LASTS, until(shown) or since + LASTS)
            self._keep(
                session, whole, _Page(shown, since, ends, noted, after if after == before else None)
            )
        return shown

    def _lately(self, session: Session, key: Hashable) -> _Page[T] | None:
        with self._lock:
            found = self._of.get(session.get_bind(), OrderedDict()).get(key)
        return found if found is not None and found.since <= now(session) < found.until else None

    def _keep(self, session: Session, key: Hashable, page: _Page[T]) -> None:
        with self._lock:
            pages = self._of.setdefault(session.get_bind(), OrderedDict())
            pages[key] = page
            pages.move_to_end(key)
            if len(pages) > MOST:
                pages.popitem(last=False)


def _digest(session: Session, check: Check) -> str:
    return driver.ask(session.connection(), check.sql, check.values)
