"""What we ask of the database's driver itself, below SQLAlchemy: each of these is on the way of
every transaction."""

from __future__ import annotations

import json
import select
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, cast

import msgspec
import psycopg
from psycopg import generators
from psycopg._queries import MAX_CACHED_STATEMENT_LENGTH, PostgresQuery, _query2pg_nocache
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError, InvalidatePoolError

#: A line that lay idle for longer is asked whether the server still hears it: what lies between may
#: have forgotten it without a word.
LONG_IDLE_S = 30.0


class _Columns(Sequence[Any]):
    """A result's columns, described when somebody looks."""

    def __init__(self, cursor: psycopg.Cursor[Any], count: int) -> None:
        self._cursor, self._count = cursor, count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, place: Any) -> Any:
        return psycopg.Column(self._cursor, range(self._count)[place])


#: How many long statements are kept as they were read, and the most parameters that such a one has:
#: what has more was put together for its values, and is not asked again.
LONG, MOST_PARAMETERS = 128, 50
_read = lru_cache(maxsize=LONG)(_query2pg_nocache)


class _Statement(PostgresQuery):
    """A statement whose places for values are looked for once, however long it is: psycopg looks
    anew in what is longer than 4 KB, and that takes longer than asking it."""

    def convert(self, query: Any, vars: Any) -> None:  # noqa: A002  # psycopg's name
        if (
            isinstance(query, str)
            and vars
            and len(query) > MAX_CACHED_STATEMENT_LENGTH
            and len(vars) <= MOST_PARAMETERS
        ):
            encoding = self._tx.encoding
            found = _read(query.encode(encoding), encoding)
            self.query, self._want_formats, self._order, self._parts = found
            self.dump(vars)
        else:
            super().convert(query, vars)


class Cursor(psycopg.Cursor[Any]):
    """Of a statement that it has compiled SQLAlchemy knows the columns, and asks only whether there
    are any: describing a wide row took as long as reading it."""

    _query_cls = _Statement

    @property
    def description(self) -> Any:
        """The columns of the result; None when it has none."""
        found = self.pgresult
        if found is None or (not found.nfields and found.status != ExecStatus.TUPLES_OK):
            return None
        return _Columns(self, found.nfields)


def from_json(said: bytes | str) -> Any:
    """What a JSON column holds. A message reads a score of them."""
    try:
        return msgspec.json.decode(said)
    except msgspec.DecodeError:
        # It knows no number that is larger than any float; the standard library has a word for it.
        return json.loads(said)


def begin(connection: Connection, sql: str, *, only_reads: bool = False) -> tuple[str | None, ...]:
    """Begin a transaction and run `sql` in it, in one round trip; answers its first row as text.
    Inside a transaction that has begun only `sql` is run. It must be of our own making: it has no
    parameters."""
    line = _line(connection)
    if line.pgconn.transaction_status == TransactionStatus.IDLE:
        sql = f"BEGIN{' READ ONLY' * only_reads}; {sql}"
    with _spoken(connection, line, sql):
        found = _ask(line, sql)
    if not found.ntuples:
        return ()
    values = (found.get_value(0, place) for place in range(found.nfields))
    return tuple(None if value is None else value.decode() for value in values)


def ask(connection: Connection, sql: str, values: Sequence[Any]) -> str:
    """The one word that a statement answers with. Its parameters have numbers (`$1`)."""
    line = _line(connection)
    with _spoken(connection, line, sql), psycopg.RawCursor(line) as cursor:
        (found,) = cursor.execute(sql.encode(), values, prepare=True).fetchone() or ("",)
    return str(found)


@contextmanager
def _spoken(connection: Connection, line: psycopg.Connection[Any], sql: str) -> Iterator[None]:
    """What goes wrong is raised as whoever catches errors of the database expects."""
    try:
        yield
    except psycopg.Error as error:
        if line.closed:
            connection.invalidate(error)
        raise cast(
            DBAPIError,
            DBAPIError.instance(
                sql, None, error, psycopg.Error, connection_invalidated=bool(line.closed)
            ),
        ) from error


def look_after(engine: Engine) -> Engine:
    """See to it that nobody is given a line that the server has closed. Asking it costs a round
    trip for every transaction; whether it hung up can be seen on our side of the line."""
    event.listen(engine, "checkin", _laid_down)
    event.listen(engine, "checkout", _taken_up)
    return engine


def _laid_down(_line: Any, record: Any) -> None:
    record.info["idle_since"] = time.monotonic()


def _taken_up(line: psycopg.Connection[Any], record: Any, _proxy: Any) -> None:
    since: float | None = record.info.pop("idle_since", None)
    if since is None:
        return
    if line.closed or ((_is_told_something(line) or _is_old(since)) and not _answers(line)):
        # The pool opens a new one, and looks at all the others that are as old as this.
        raise InvalidatePoolError


def _is_old(since: float) -> bool:
    return time.monotonic() - since > LONG_IDLE_S


def _is_told_something(line: psycopg.Connection[Any]) -> bool:
    """Whether the server has said something unasked, most likely goodbye."""
    ears = select.poll()
    ears.register(line.pgconn.socket, select.POLLIN)
    return bool(ears.poll(0))


def _answers(line: psycopg.Connection[Any]) -> bool:
    try:
        _ask(line, "")
    except psycopg.Error:
        return False
    return line.pgconn.status == ConnStatus.OK


def _ask(line: psycopg.Connection[Any], sql: str) -> Any:
    """The result of the last statement."""
    with line.lock:
        line.pgconn.send_query(sql.encode())
        results = line.wait(generators.execute(line.pgconn))
    for one in results:
        if one.status == ExecStatus.FATAL_ERROR:
            raise error_from_result(one, encoding="utf-8")
    return results[-1]


def _line(connection: Connection) -> psycopg.Connection[Any]:
    return cast("psycopg.Connection[Any]", connection.connection.dbapi_connection)
