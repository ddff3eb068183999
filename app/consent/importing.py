"""Lists from other mail services: recognise the file, its encoding and its columns, and read its
rows one by one. Nothing here knows the database."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice

from email_validator import EmailNotValidError, validate_email

from app.core.halfwidth import half_width

#: Tried in this order: what is valid UTF-8 is hardly ever anything else.
ENCODINGS = ("utf-8-sig", "cp932")
#: What spreadsheets write as "Unicode text"; its first bytes say so, and nothing else begins so.
UTF_16 = "utf-16"
DELIMITERS = ",\t;"
SAMPLE = 64 * 1024

#: Header names, in lower case, of what we read. The services name their exports' columns so.
COLUMNS: dict[str, tuple[str, ...]] = {
    "email": (
        "email", "email address", "e-mail", "e-mail address", "mail", "mailaddress",
        "メールアドレス", "メール", "eメール", "subscriber email", "contact email",
    ),
    "date": (
        "optin_time", "confirm_time", "consent date", "consent timestamp", "consented at",
        "email consent timestamp", "email marketing consent timestamp", "subscribed at",
        "subscribe date", "date subscribed", "optin date", "opt-in date", "同意日時", "同意日",
    ),
    "source": (
        "consent source", "source", "optin_source", "opt-in source", "email consent source",
        "consent method", "signup source", "登録元", "同意元", "取得元",
    ),
}  # fmt: skip
#: Columns that give away whose export it is.
SIGNS = {
    "klaviyo": ("klaviyo", "email marketing consent", "suppression reason", "profile created on"),
    "mailchimp": (
        "leid",
        "euid",
        "member_rating",
        "unsub_time",
        "cleaned_time",
        "unsub_campaign_title",
    ),
    "omnisend": ("omnisend", "email status", "emailstatus", "email_status", "contactid"),
}
#: Mailboxes of Japanese carriers once allowed what the standard does not.
CARRIERS = frozenset({"docomo.ne.jp", "ezweb.ne.jp", "au.com", "softbank.ne.jp", "i.softbank.jp"})
PLAIN = re.compile(
    r"[A-Za-z0-9_%+-]+(\.[A-Za-z0-9_%+-]+)*@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)
#: A day as lists write it, with or without a time: 2026-01-05, 2026/1/5 9:05, 2026年1月5日.
_DAY = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]+(\d{1,2})(:\d{2}.*))?", re.ASCII
)
#: Nobody has agreed to mail before there was any; a spreadsheet's day 0 is no day.
EARLIEST = 1990
#: What a spreadsheet notes for itself above the rows.
_SEPARATOR = re.compile(r"sep=.?\s*$", re.IGNORECASE)
#: How long an address may be before it is certainly none.
LONGEST = 320

NO_ADDRESS = "no_address"
NOT_AN_ADDRESS = "not_an_address"
NO_EVIDENCE = "no_evidence"
BAD_DATE = "bad_date"
NO_CUSTOMER = "no_customer"


class Unreadable(Exception):
    """The file is no list that we can read; the argument says why: `encoding`, `columns`,
    `empty`."""


@dataclass(frozen=True)
class Layout:
    """How a file is to be read."""

    encoding: str
    delimiter: str
    columns: dict[str, str]
    origin: str
    #: The first rows as they stand there, for people to look at.
    head: list[list[str]] = field(default_factory=list)


@dataclass(frozen=True)
class Row:
    """One row: the line it begins on, and what stands in the columns we read."""

    line: int
    email: str
    date: str = ""
    source: str = ""


def detect_encoding(pieces: Iterable[bytes]) -> str:
    """The encoding that fits a whole file; raises `Unreadable` when none does."""
    left: dict[str, codecs.IncrementalDecoder] | None = None
    for piece in pieces:
        tried = _decoders(piece) if left is None else left
        left = {name: decoder for name, decoder in tried.items() if _reads(decoder, piece)}
    if left is None:
        raise Unreadable("empty")
    fitting = [name for name, decoder in left.items() if _reads(decoder, b"", final=True)]
    if not fitting:
        raise Unreadable("encoding")
    return fitting[0]


def _decoders(first: bytes) -> dict[str, codecs.IncrementalDecoder]:
    """A decoder for each encoding that a file may have, by its first bytes."""
    marked = first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    names = (UTF_16,) if marked else ENCODINGS
    return {name: codecs.getincrementaldecoder(name)() for name in names}


def _reads(decoder: codecs.IncrementalDecoder, piece: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(piece, final)
    except UnicodeDecodeError:
        return False
    return True


def recognise(pieces: Iterable[bytes], encoding: str) -> Layout:
    """The layout of a file by its first rows; raises `Unreadable` when no column holds addresses.
    A list of bare addresses without a header is read as it is."""
    sample = _sample(pieces, encoding)
    if not sample.strip():
        raise Unreadable("empty")
    delimiter = _delimiter(sample)
    head = [cells for _line, cells in islice(_rows(io.StringIO(sample, None), delimiter), 6)]
    header = [_plain(name) for name in head[0]] if head else []
    columns = _columns(head[0], header) if head else {}
    if "email" not in columns:
        if not head or address(head[0][0]) is None:
            raise Unreadable("columns")
        return Layout(encoding, delimiter, {}, "list", head[:5])
    return Layout(encoding, delimiter, columns, _origin(header), head)


def read(
    pieces: Iterable[bytes], encoding: str, delimiter: str, columns: dict[str, str]
) -> Iterator[Row]:
    """A file's rows, from the pieces it is kept in: never the whole of it at once. Blank rows are
    passed over; a row that lacks a column has nothing in it."""
    rows = _rows(_lines(pieces, encoding), delimiter)
    places = {"email": 0}
    if columns:
        _line, first = next(rows, (0, []))
        header = [name.strip() for name in first]
        places = {what: header.index(name) for what, name in columns.items() if name in header}
    for line, cells in rows:
        yield Row(line, **{what: _cell(cells, at) for what, at in places.items()})


def address(text: str) -> str | None:
    """An e-mail address as it is compared, or None when it is none. Addresses of Japanese carriers
    that break the rules (`..@docomo.ne.jp`) are addresses (rules.md EM-11)."""
    plain = text if text.isascii() else half_width(text)
    trimmed = plain.strip().strip("<>").removeprefix("mailto:")
    if not trimmed or len(trimmed) > LONGEST or any(sign.isspace() for sign in trimmed):
        return None
    local, _at, domain = trimmed.rpartition("@")
    if local and domain.casefold() in CARRIERS and "@" not in local:
        return trimmed.casefold()
    # One fast look for the plain ones: a full check of each of 100,000 rows takes minutes.
    if PLAIN.fullmatch(trimmed):
        return trimmed.casefold()
    try:
        return validate_email(
            trimmed, check_deliverability=False, test_environment=True
        ).normalized.casefold()
    except EmailNotValidError:
        return None


def moment(text: str) -> datetime | None:
    """A date or a moment as exports write them, UTC where they say nothing; None for anything
    else."""
    found = _DAY.fullmatch(half_width(text))
    if found is None:
        return None
    year, month, day, hour, rest = found.groups()
    clock = f"T{int(hour):02}{rest}" if hour else ""
    try:
        said = datetime.fromisoformat(f"{year}-{int(month):02}-{int(day):02}{clock}")
    except ValueError:
        return None
    if said.year < EARLIEST:
        return None
    return said if said.tzinfo else said.replace(tzinfo=UTC)


def _sample(pieces: Iterable[bytes], encoding: str) -> str:
    decoder = codecs.getincrementaldecoder(encoding)()
    text = ""
    for piece in pieces:
        text += decoder.decode(piece)
        if len(text) >= SAMPLE:
            break
    return text[:SAMPLE].replace("\0", "")


def _delimiter(sample: str) -> str:
    lines = (line for line in sample.splitlines() if line.strip() and not _SEPARATOR.match(line))
    first = next(lines, "")
    return max(DELIMITERS, key=first.count)


def _columns(names: list[str], header: list[str]) -> dict[str, str]:
    """Which of the file's columns we read, by the first name of ours that it has."""
    found = {}
    for what, known in COLUMNS.items():
        place = next((header.index(name) for name in known if name in header), None)
        if place is not None:
            found[what] = names[place].strip()
    return found


def _origin(header: list[str]) -> str:
    text = " ".join(header)
    scores = {origin: sum(sign in text for sign in signs) for origin, signs in SIGNS.items()}
    best = max(scores, key=lambda origin: scores[origin])
    return best if scores[best] else "list"


def _plain(name: str) -> str:
    return half_width(name).strip("\ufeff").casefold()


def _rows(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The rows in which something stands, each with the line it begins on."""
    reader, begins = csv.reader(lines, delimiter=delimiter), 1
    for cells in reader:
        if any(cell.strip() for cell in cells) and not _SEPARATOR.match(delimiter.join(cells)):
            yield begins, cells
        begins = reader.line_num + 1


def _lines(pieces: Iterable[bytes], encoding: str) -> Iterator[str]:
    """Text lines, whatever ends them, across the borders of the pieces. A NUL says nothing, and no
    database keeps one."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(), True)
    rest = ""
    for piece in pieces:
        *whole, rest = (rest + decoder.decode(piece).replace("\0", "")).split("\n")
        for line in whole:
            yield line + "\n"
    rest += decoder.decode(b"", True)
    if rest:
        yield rest


def _cell(cells: list[str], place: int) -> str:
    return cells[place].strip() if place < len(cells) else ""
