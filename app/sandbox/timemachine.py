"""The time machine: business time moves from due moment to due moment and never leaps.

At each moment the world does what it had planned, its webhooks are delivered, and the app gets
the time it needs until nothing that is due is left; then the clock goes on. One machine runs at a
time. What does not get done stops it, and is named.
"""

from __future__ import annotations

import queue
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from app.core.clock import next_due, shift_to, unfinished
from app.sandbox import agenda, webhooks
from app.sandbox.admin import ask_redaction
from app.sandbox.line import events as line_events
from app.sandbox.parcels import happen
from app.sandbox.running import Sandbox
from app.sandbox.store import Document, Refused, iso
from app.sandbox.subscriptions import renew

HANDLERS: dict[str, agenda.Handler] = {
    "parcel": happen,
    "shop_redact": ask_redaction,
    "renewal": renew,
}
LOCK, WORLD_LOCK = 7403, 7404
#: How long the app may take for one moment.
PATIENCE_S = 60.0
PAUSE_S = 0.03
SPANS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
MOST = timedelta(days=800)
Told = Callable[[Document], None]


class Stuck(Exception):
    """The app did not finish what was due; the reasons are sentences."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


def parse_duration(text_: str) -> timedelta:
    """`90m`, `4h`, `14d`, `2w`; Refused for anything else."""
    found = re.fullmatch(r"\s*(\d{1,5})\s*([mhdw])\s*", text_)
    span = timedelta(**{SPANS[found[2]]: int(found[1])}) if found else timedelta()
    if not timedelta() < span <= MOST:
        raise Refused("Write how far, for example 90m, 4h, 14d or 2w (at most 800 days).")
    return span


def forward(
    sandbox: Sandbox,
    span: timedelta,
    on_step: Told = lambda _step: None,
    *,
    patience_s: float = PATIENCE_S,
) -> Document:
    """Move business time ahead; returns the finished journey. Refused while another runs."""
    with _alone(sandbox):
        return _forward(sandbox, span, on_step, patience_s)


def _forward(sandbox: Sandbox, span: timedelta, on_step: Told, patience_s: float) -> Document:
    start = sandbox.now()
    told = _departure(sandbox, span)
    try:
        _travel(sandbox, start + span, told, on_step, patience_s)
        told["state"] = "done"
    except Stuck as stuck:
        told.update(state="stuck", stuck=stuck.reasons)
    finally:
        if told["state"] == "running":
            told["state"] = "failed"
        told["now"] = iso(sandbox.now())
        _write(sandbox, told)
    return told


def _departure(sandbox: Sandbox, span: timedelta) -> Document:
    start = sandbox.now()
    told: Document = {
        "state": "running", "from": iso(start), "now": iso(start), "to": iso(start + span),
        "steps": [], "stuck": [],
    }  # fmt: skip
    _write(sandbox, told)
    return told


def _travel(
    sandbox: Sandbox, target: datetime, told: Document, on_step: Told, patience_s: float
) -> None:
    settle(sandbox, patience_s)
    before: datetime | None = None
    while (due := _next(sandbox)) is not None and due <= target:
        if due == before:
            # Settled, and yet due: waiting here for ever would help nobody.
            raise Stuck([f"something of the app is due at {iso(due)} and never gets done"])
        _step(sandbox, due, told, on_step, patience_s)
        before = due
    _step(sandbox, target, told, on_step, patience_s)


def _next(sandbox: Sandbox) -> datetime | None:
    moments = (next_due(sandbox.owner), agenda.next_due(sandbox))
    return min((one for one in moments if one is not None), default=None)


def _step(
    sandbox: Sandbox, due: datetime, told: Document, on_step: Told, patience_s: float
) -> None:
    started = time.monotonic()
    # The clock runs on while the app works; it is never turned back.
    if due > sandbox.now():
        shift_to(sandbox.owner, due)
    happened = settle(sandbox, patience_s)
    step = {
        "moment": iso(due), "events": happened, "seconds": round(time.monotonic() - started, 2),
    }  # fmt: skip
    told["steps"].append(step)
    told["now"] = iso(sandbox.now())
    _write(sandbox, told)
    on_step(step)


def settle(sandbox: Sandbox, patience_s: float = PATIENCE_S) -> list[str]:
    """Let the world act and the app answer until neither has anything to do now."""
    happened: list[str] = []
    ends = time.monotonic() + patience_s
    quiet = 0
    while quiet < 2:
        happened += filter(None, agenda.fire_due(sandbox, HANDLERS))
        posts, rows = webhooks.busy(sandbox), unfinished(sandbox.owner)
        posts += line_events.busy(sandbox)
        quiet = 0 if posts or rows else quiet + 1
        if time.monotonic() > ends:
            raise Stuck(_reasons(posts, rows))
        time.sleep(PAUSE_S)
    return happened


def _reasons(posts: int, rows: int) -> list[str]:
    told = []
    if posts:
        told.append(f"{posts} webhooks are not accepted by the app (see the delivery log)")
    if rows:
        told.append(f"{rows} rows of the app are due and not dealt with (are its workers running?)")
    return told


@contextmanager
def _alone(sandbox: Sandbox) -> Iterator[None]:
    """Hold the machine; Refused while somebody else does. The world stands still meanwhile."""
    with sandbox.store.engine.connect() as connection:
        got = connection.execute(
            text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LOCK}
        ).scalar_one()
        connection.commit()
        if not got:
            raise Refused("The time machine is running already.")
        try:
            connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": WORLD_LOCK})
            connection.commit()
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock_all()"))
            connection.commit()


def let_happen(sandbox: Sandbox) -> None:
    """What falls due while time passes by itself; the machine does it where it moves time."""
    with sandbox.store.engine.connect() as connection:
        got = connection.execute(
            text("SELECT pg_try_advisory_lock(:lock)"), {"lock": WORLD_LOCK}
        ).scalar_one()
        connection.commit()
        if got:
            try:
                agenda.fire_due(sandbox, HANDLERS)
            finally:
                connection.execute(text("SELECT pg_advisory_unlock_all()"))
                connection.commit()


def _write(sandbox: Sandbox, told: Document) -> None:
    with sandbox.work() as work:
        work.put("forward", "", "last", told)


def forward_state(sandbox: Sandbox) -> Document | None:
    """The journey under way, or the last one."""
    told = _last(sandbox)
    if told and told["state"] == "running" and not _running(sandbox):
        # It may have arrived between the two looks; if not, the process that ran it was ended.
        told = _last(sandbox)
        if told and told["state"] == "running":
            told["state"] = "failed"
    return told


def _last(sandbox: Sandbox) -> Document | None:
    with sandbox.work() as work:
        return work.get("forward", "", "last")


def _running(sandbox: Sandbox) -> bool:
    with sandbox.store.engine.connect() as connection:
        return bool(
            connection.execute(
                text(
                    "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory'"
                    " AND objid = :lock AND database = (SELECT oid FROM pg_database"
                    " WHERE datname = current_database()))"
                ),
                {"lock": LOCK},
            ).scalar_one()
        )


def start_forward(sandbox: Sandbox, text_: str) -> Document:
    """Set out in the background; follow it by `forward_state`."""
    span = parse_duration(text_)
    begun: queue.Queue[Document | Refused] = queue.Queue()

    def travel() -> None:
        try:
            with _alone(sandbox):
                begun.put(_departure(sandbox, span))
                _forward(sandbox, span, lambda _step: None, PATIENCE_S)
        except Refused as error:
            begun.put(error)

    threading.Thread(target=travel, name="forward", daemon=True).start()
    told = begun.get(timeout=10)
    if isinstance(told, Refused):
        raise told
    return told


def forward_command(settings: Any, text_: str, say: Callable[[str], None] = print) -> bool:
    """`okaeri sandbox forward 14d`: asks the running sandbox and tells every step; False when it
    got stuck."""
    from app.sandbox.remote import follow_forward

    return follow_forward(settings, text_, say)
