"""How the message looks when it arrives: sizes, targets, pictures, contrast, weight."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from app.core.locale import gettext as _
from app.messages.lint.case import BLOCK, WARN, Case, Finding
from app.messages.lint.page import Page, read

#: Gmail cuts a mail off after this many bytes; near it a longer name is enough.
CUT, NEAR_CUT = 102_000, 90_000
SMALLEST, TARGET = 14.0, 44.0
HEADINGS = {"h1": (24.0, 28.0), "h2": (16.0, 18.0)}
TEXT_AA, LARGE_AA = 4.5, 3.0


# Enough for the page of all messages, whose texts are the same the next time it is opened.
@lru_cache(maxsize=128)
def _page(html: str) -> Page:
    return read(html)


def size(case: Case) -> Iterator[Finding]:
    """Under Gmail's limit, with a plain part that says something."""
    if case.mistake:
        return
    weight = len(case.html.encode())
    if weight > NEAR_CUT:
        why = _("The message is %(size)s kB; Gmail cuts off after 102.", size=weight // 1000)
        severity = BLOCK if weight > CUT else WARN
        yield Finding("C21", severity, why, _("Shorten it, or take blocks out."))
    if not case.plain.strip():
        why = _("The plain-text part is empty.")
        yield Finding("C21", BLOCK, why, _("Add a text block."))


def column(case: Case) -> Iterator[Finding]:
    """One column, readable at 320 px, and a dark face."""
    if case.mistake:
        return
    if "mj-column-per-50" in case.html or "mj-column-per-33" in case.html:
        why = _("The message has more than one column.")
        yield Finding("C20", BLOCK, why, _("Put the blocks one below the other."))
    if "prefers-color-scheme: dark" not in case.html:
        why = _("The message has no dark face.")
        yield Finding("C20", BLOCK, why, _("Use Okaeri's frame."))


def letters(case: Case) -> Iterator[Finding]:
    """No letter below 14 px; headings of 24 to 28 px and 16 to 18 px."""
    for text in _page(case.html).texts:
        if text.size < SMALLEST:
            why = _("“%(words)s” is smaller than 14 px.", words=text.words[:20])
            yield Finding("AX-1", BLOCK, why, _("Use a larger size."))
        least, most = HEADINGS.get(text.tag, (0.0, 999.0))
        if not least <= text.size <= most:
            why = _("The heading “%(words)s” is not of a heading's size.", words=text.words[:20])
            yield Finding("C20", BLOCK, why, _("Use the heading block."))


def targets(case: Case) -> Iterator[Finding]:
    """What is pressed is at least 44 px high; a link inside a sentence is as high as its line."""
    for target in _page(case.html).targets:
        if target.height < TARGET:
            why = _("“%(words)s” is less than 44 px high.", words=target.words[:20])
            yield Finding("AX-1", BLOCK, why, _("Use the button block."))


def pictures(case: Case) -> Iterator[Finding]:
    """Every picture says what it shows."""
    for source, alt in _page(case.html).pictures:
        if not alt:
            why = _("The picture %(source)s has no description.", source=source[:60])
            yield Finding("AX-1", BLOCK, why, _("Say in a few words what it shows."))


def contrast(case: Case) -> Iterator[Finding]:
    """Text stands out from what lies behind it, by day and by night (WCAG AA)."""
    for text in _page(case.html).texts:
        wanted = LARGE_AA if text.is_large else TEXT_AA
        for ratio, face in ((text.contrast, _("light")), (text.contrast_dark, _("dark"))):
            if ratio < wanted:
                why = _(
                    "“%(words)s” has a contrast of %(ratio)s on the %(face)s face.",
                    words=text.words[:20],
                    ratio=f"{ratio:.1f}",
                    face=face,
                )
                help_ = _("Choose a darker or a lighter colour under Settings.")
                yield Finding("AX-1", BLOCK, why, help_)
