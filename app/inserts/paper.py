"""Cards as a PDF: one card a page, with the font inside and the code drawn as shapes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path

import segno
from fpdf import FPDF
from fpdf.enums import TextMode
from fpdf.fonts import TTFFont

from app.inserts.rules import SIZES, Card, Size, lines, printable

FONT = Path(__file__).resolve().parents[2] / "static" / "vendor" / "NotoSansJP-Regular.ttf"
POINT = 25.4 / 72
#: Lines of type stand so far apart, in their own heights.
LEADING = 1.7
SMALLEST = 5.0


def pdf(cards: Sequence[Card], *, title: str) -> bytes:
    """All cards as one document, a card a page."""
    sheet = FPDF(unit="mm")
    sheet.set_title(title)
    sheet.set_auto_page_break(False)
    sheet.add_font("noto", fname=FONT)
    for card in cards:
        size = SIZES[card.size]
        sheet.add_page(orientation="portrait", format=(size.width, size.height))
        _print(sheet, card, size)
    return bytes(sheet.output())


def _print(sheet: FPDF, card: Card, size: Size) -> None:
    inner = size.width - 2 * size.margin
    foot = size.height - size.margin - size.code
    wide = size.width > size.height
    # A name card has its code beside the words, a postcard below them.
    column = inner - size.code - 4 if wide else inner
    bottom = size.height - size.margin - 4 if wide else foot - 5
    top = _put(sheet, card.shop, size.margin, size.margin, size.body * 0.85, column, grey=True)
    points = _on_one_line(sheet, card.title, size.title, column)
    top = _put(sheet, card.title, size.margin, top + 2, points, column, bold=True)
    _body(sheet, card, size, (top + 2, bottom), column)
    left = size.width - size.margin - size.code
    _code(sheet, card.url, left, foot, size.code)
    beside = size.code if wide else inner - size.code - 5
    x, y = (left, size.margin) if wide else (size.margin, foot + 4)
    _put(sheet, card.invitation, x, y, size.body * (0.75 if wide else 0.9), beside)
    _put(sheet, card.number, size.margin, size.height - size.margin - 2, 6, inner / 2, grey=True)


def _on_one_line(sheet: FPDF, text: str, points: float, column: float) -> float:
    """A size in which a heading takes one line, if three quarters of its own are enough."""
    smaller = (points * percent / 100 for percent in range(100, 74, -5))
    fitting = (size for size in smaller if len(_lines(sheet, text, size, column)) == 1)
    return next(fitting, points)


def _body(sheet: FPDF, card: Card, size: Size, between: tuple[float, float], column: float) -> None:
    """The words, in the largest type in which they fit."""
    texts = [text for text in (card.greeting, *card.paragraphs) if text]
    top, bottom = between
    points = size.body
    while points > SMALLEST and _height(sheet, texts, points, column) > bottom - top:
        points -= 0.25
    for text in texts:
        top = _put(sheet, text, size.margin, top, points, column) + points * POINT * 0.6


def _height(sheet: FPDF, texts: Sequence[str], points: float, column: float) -> float:
    rows = sum(len(_lines(sheet, text, points, column)) for text in texts)
    return points * POINT * (rows * LEADING + 0.6 * len(texts))


def _lines(sheet: FPDF, text: str, points: float, column: float) -> list[str]:
    font = sheet.fonts["noto"]
    assert isinstance(font, TTFFont)  # noqa: S101  # the library's type allows its built-in ones
    glyphs, advances = font.cmap, font.cw

    def measure(part: str) -> float:
        # The library measures with all its options; a card only needs the advances.
        return sum(advances[ord(sign)] for sign in part) * points * POINT / 1000

    known = printable(text, lambda sign: ord(sign) in glyphs)
    return [line for row in known.splitlines() for line in lines(row, column, measure)]


def _put(
    sheet: FPDF,
    text: str,
    x: float,
    y: float,
    points: float,
    column: float,
    *,
    bold: bool = False,
    grey: bool = False,
) -> float:
    """Write text below `y` and return where it ends. Bold is the outline with a stroke."""
    rows = _lines(sheet, text, points, column)
    sheet.set_font("noto", size=points)
    step = points * POINT * LEADING
    mode = TextMode.FILL_STROKE if bold else TextMode.FILL
    with sheet.local_context(text_mode=mode, line_width=points * 0.01):
        sheet.set_text_color(90 if grey else 25)
        sheet.set_draw_color(25)
        for number, row in enumerate(rows):
            sheet.text(x, y + number * step + points * POINT, row)
    return y + len(rows) * step


@lru_cache(maxsize=256)
def _matrix(url: str) -> tuple[bytearray, ...]:
    """The modules of a code; orders of one product share theirs."""
    return segno.make(url, error="m", micro=False).matrix


def _code(sheet: FPDF, url: str, x: float, y: float, width: float) -> None:
    """A QR code in rectangles: sharp on any printer."""
    matrix = _matrix(url)
    module = width / len(matrix)
    box = partial(sheet.rect, style="F", h=module)
    sheet.set_fill_color(0)
    for row, modules in enumerate(matrix):
        start = None
        for column, dark in enumerate((*modules, 0)):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                box(x=x + start * module, y=y + row * module, w=(column - start) * module)
                start = None
