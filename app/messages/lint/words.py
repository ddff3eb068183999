"""Subject, preview text, and what Liquid makes of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from liquid.exceptions import LiquidError

from app.core.locale import gettext as _
from app.messages import mistakes, prose
from app.messages.lint.case import BLOCK, WARN, Case, Finding, sources, spoken
from app.messages.names import width

#: How many full-width characters of a subject a telephone shows.
SUBJECT_FITS = 30
_CHAIN = re.compile(r"[!！?？]{2,}|‼|⁉")
_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u2b55]")
_PUSHY = re.compile(
    r"今すぐ|急いで|お急ぎください|見逃さない|act now|hurry|don.t miss", re.IGNORECASE
)
#: What our own layouts and headings say with a sign of theirs.
_SIGNS = str.maketrans("", "", "★☆✓▼■")


def liquid(case: Case) -> Iterator[Finding]:
    """Texts that cannot be read, and names that nobody fills."""
    broken = False
    for block, field, text in sources(case):
        try:
            asked = prose.names(text)
        except LiquidError as error:
            broken = True
            why = _(
                "This cannot be read: %(reason)s", reason=mistakes.of_liquid(str(error.message))
            )
            help_ = _("Close what was opened, or insert the name from the list.")
            yield Finding("LQ-1", BLOCK, why, help_, block, field)
            continue
        for name in prose.strange_filters(text):
            broken = True
            why = _("There is no filter called “%(name)s”.", name=name)
            yield Finding("LQ-1", BLOCK, why, _("Take the filter out."), block, field)
        for name in sorted(asked):
            if not _known(name, case.variables):
                why = _("Nothing is called “%(name)s”.", name=name)
                help_ = _("Choose a name from the list beside the editor.")
                yield Finding("LQ-2", BLOCK, why, help_, block, field)
    if case.mistake and not broken:
        why = _("The message cannot be written: %(reason)s", reason=mistakes.told(case.mistake))
        yield Finding("LQ-1", BLOCK, why, _("Correct the place that is named."))


def _known(name: str, variables: frozenset[str]) -> bool:
    path = re.split(r"[.\[]", name)
    groups = {known.partition(".")[0] for known in variables}
    if len(path) == 1:
        return path[0] in groups
    return f"{path[0]}.{path[1]}" in variables


def subject(case: Case) -> Iterator[Finding]:
    """A subject that is there, and that a telephone shows whole."""
    if not spoken(case.content.subject).strip() and not case.subject:
        why = _("The subject is empty.")
        yield Finding("2.2", BLOCK, why, _("Write a subject."), None, "subject")
        return
    wide = width(case.subject)
    if wide > SUBJECT_FITS:
        why = _("The subject is %(count)s full-width characters long.", count=f"{wide:g}")
        help_ = _("Telephones show about %(count)s; put what matters first.", count=SUBJECT_FITS)
        yield Finding("2.2", WARN, why, help_, None, "subject")


def preheader(case: Case) -> Iterator[Finding]:
    """A preview text of its own: without one, mail programs show the first words they find."""
    if case.content.preheader.strip():
        return
    why = _("There is no preview text; mail programs show the first words of the message.")
    yield Finding("2.2", WARN, why, _("Add a line to the subject."), None, "preheader")


def tone(case: Case) -> Iterator[Finding]:
    """No shouting, no pushing (rules.md 2.2)."""
    for block, field, text in sources(case):
        said = spoken(text)
        if _CHAIN.search(said):
            why = _("A chain of exclamation or question marks shouts at the reader.")
            yield Finding("2.2", WARN, why, _("One is enough."), block, field)
        if _PUSHY.search(said):
            why = _("“%(words)s” pushes the reader.", words=_first(_PUSHY, said))
            help_ = _("Say what there is and leave the decision to them.")
            yield Finding("2.2", WARN, why, help_, block, field)
        if not case.is_marketing and _EMOJI.search(said.translate(_SIGNS)):
            why = _("An emoji looks out of place in a letter about an order.")
            yield Finding("2.2", WARN, why, _("Leave it out."), block, field)


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[0] if found else ""
