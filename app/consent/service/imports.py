"""Lists from other mail services, brought along: who left there is not written to from here.

The file is kept in pieces until its rows are read, a batch in each transaction: a worker that dies
in the middle loses nothing and does nothing twice.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.consent import importing
from app.consent.importing import Row, Unreadable
from app.consent.model import ConsentImport, ConsentImportPart, ConsentImportProblem
from app.consent.service.batches import apply_rows
from app.core.clock import now
from app.core.errors import Conflict, GiveUp, Invalid, NotFound
from app.core.locale import gettext as _
from app.core.queue import ring

#: How much of a file stands in one row of the database, and how many rows one transaction takes.
PIECE = 256 * 1024
BATCH = 2_500
#: What a list means: leave marketing, get nothing at all, or have agreed (with proof).
CHOICES = ("unsubscribe", "suppress", "subscribe")
#: How long an upload waits for its choice, and how long the names of bad rows are kept.
DRAFT_LIVES = timedelta(days=1)
PROBLEMS_LIVE = timedelta(days=30)


def receive(session: Session, filename: str, pieces: Iterable[bytes], staff: str) -> ConsentImport:
    """Keep an uploaded list as a draft; raises `Invalid` with a sentence when it is none."""
    kept = ConsentImport(
        shop_id=session.info["shop_id"],
        state="draft",
        filename=filename[:200],
        digest="",
        encoding="",
        delimiter=",",
        columns={},
        origin="list",
        staff=staff[:64],
    )
    session.add(kept)
    session.flush()
    digest = hashlib.sha256()
    for number, piece in enumerate(pieces):
        digest.update(piece)
        session.execute(
            insert(ConsentImportPart).values(
                shop_id=kept.shop_id, import_id=kept.id, number=number, content=piece
            )
        )
    kept.digest = digest.hexdigest()
    try:
        _look_at(session, kept)
    except (Unreadable, csv.Error) as error:
        # The page that says so lists what was brought; this was not.
        session.delete(kept)
        session.flush()
        raise Invalid({"file": _unreadable(str(error))}) from error
    return kept


def start(session: Session, import_id: int, choice: str, *, confirmed: bool) -> ConsentImport:
    """Say what a list means and have it worked off. A list grants consent only where each row
    brings its date and source, and where the merchant has confirmed in words that it is so."""
    kept = find(session, import_id)
    if kept.state != "draft":
        raise Conflict
    if choice not in CHOICES or (choice == "subscribe" and not brings_proof(kept)):
        raise Invalid({"choice": _("Choose what this list means.")})
    if choice == "subscribe" and not confirmed:
        raise Invalid({"confirmed": _("Please confirm that these people have agreed.")})
    kept.choice, kept.state, kept.due_at = choice, "scheduled", now(session)
    ring(session, "consent.work_off_imports")
    return kept


def brings_proof(kept: ConsentImport) -> bool:
    """Whether the list says when and where each person agreed."""
    return {"email", "date", "source"} <= set(kept.columns)


def sample(session: Session, kept: ConsentImport) -> list[Row]:
    """The first rows as we read them."""
    return list(islice(_rows(session, kept), 3))


def work_off(session: Session, kept: ConsentImport) -> None:
    """Read the next batch of a list's rows; the last one finishes it."""
    rows = _rows(session, kept)
    try:
        batch = list(islice(rows, kept.rows_done, kept.rows_done + BATCH))
    except csv.Error as error:
        raise GiveUp(f"The file cannot be read any further: {error}") from error
    apply_rows(session, kept, batch)
    kept.rows_done += len(batch)
    if len(batch) == BATCH:
        kept.state, kept.due_at, kept.attempts = "scheduled", now(session), 0
        ring(session, "consent.work_off_imports")
        return
    kept.finished_at, kept.state = now(session), "done"
    session.execute(delete(ConsentImportPart).where(ConsentImportPart.import_id == kept.id))


def discard(session: Session, import_id: int) -> None:
    """Forget an upload that was not meant; one that runs or ran stays."""
    kept = find(session, import_id)
    if kept.state != "draft":
        raise Conflict
    session.delete(kept)


def find(session: Session, import_id: int) -> ConsentImport:
    """The list; raises `NotFound` when the bound shop has none of that id."""
    kept = session.get(ConsentImport, (session.info["shop_id"], import_id))
    if kept is None:
        raise NotFound
    return kept


def prune(session: Session) -> None:
    """Forget drafts after a day, and the addresses of bad rows after thirty."""
    session.execute(
        delete(ConsentImport).where(
            ConsentImport.state == "draft", ConsentImport.uploaded_at < now(session) - DRAFT_LIVES
        )
    )
    old = select(ConsentImport.id).where(ConsentImport.uploaded_at < now(session) - PROBLEMS_LIVE)
    session.execute(delete(ConsentImportProblem).where(ConsentImportProblem.import_id.in_(old)))
    session.execute(delete(ConsentImportPart).where(ConsentImportPart.import_id.in_(old)))


def _look_at(session: Session, kept: ConsentImport) -> None:
    kept.encoding = importing.detect_encoding(pieces_of(session, kept.id))
    layout = importing.recognise(pieces_of(session, kept.id), kept.encoding)
    kept.delimiter, kept.columns, kept.origin = layout.delimiter, layout.columns, layout.origin
    kept.rows = sum(1 for _row in _rows(session, kept))
    if not kept.rows:
        raise Unreadable("empty")


def _rows(session: Session, kept: ConsentImport) -> Iterator[Row]:
    return importing.read(pieces_of(session, kept.id), kept.encoding, kept.delimiter, kept.columns)


def pieces_of(session: Session, import_id: int) -> Iterator[bytes]:
    """A kept file, piece by piece."""
    number = 0
    while True:
        piece = session.scalars(
            select(ConsentImportPart.content).where(
                ConsentImportPart.import_id == import_id, ConsentImportPart.number == number
            )
        ).one_or_none()
        if piece is None:
            return
        yield piece
        number += 1


def _unreadable(reason: str) -> str:
    return {
        "encoding": _("The file's characters cannot be read. Save it as CSV in UTF-8."),
        "empty": _("The file has no rows."),
    }.get(
        reason,
        _("No column with e-mail addresses was found. The first row should name it: Email."),
    )
