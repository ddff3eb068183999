"""What we ask of the database's driver itself, below SQLAlchemy: each of these is on the way of
every transaction."""

from __future__ import annotations

import select
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import psycopg
from psycopg import generators
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


class Cursor(psycopg.Cursor[Any]):
    """Of a statement that it has compiled SQLAlchemy knows the columns, and asks only whether there
    are any: describing a wide row took as long as reading it."""

    @property
    def description(self) -> Any:
        """The columns of the result; None when it has none."""
        found = self.pgresult
        if found is None or (not found.nfields and found.status != ExecStatus.TUPLES_OK):
            return None
        return _Columns(self, found.nfields)


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
