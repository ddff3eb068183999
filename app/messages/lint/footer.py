"""Who sends, where they live, where to complain (EM-2, EM-4)."""

from __future__ import annotations

from collections.abc import Iterator

from app.core.locale import gettext as _
from app.messages.lint.case import BLOCK, WARN, Case, Finding


def legal(case: Case) -> Iterator[Finding]:
    """Every field of the footer is filled in, and every line of it stands in both parts. A letter
    about an order may leave without; advertising may not."""
    severity = BLOCK if case.is_marketing else WARN
    for field in case.missing_footer:
        why = _("The footer lacks: %(field)s.", field=_name(field))
        yield Finding("EM-2", severity, why, _("Fill it in under Settings."), _last(case), "")
    if case.mistake:
        return
    for line in case.legal_lines:
        if line not in case.html or line not in case.plain:
            why = _("The footer does not show “%(line)s”.", line=line)
            help_ = _("Shorten the message; the footer must not be cut off.")
            yield Finding("EM-2", BLOCK, why, help_, _last(case), "")


def _last(case: Case) -> int:
    return len(case.content.blocks) - 1


def _name(field: str) -> str:
    return {
        "legal_name": _("the sender's legal name"),
        "postal_address": _("the postal address"),
        "complaints_contact": _("where to send questions and complaints"),
    }.get(field, field)
