"""Who sends, where they live, where to complain (EM-2, EM-4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import unescape

from app.core.locale import gettext as _
from app.messages.lint.case import BLOCK, WARN, Case, Finding

#: Where the footer is filled in.
PAGE = "/app/settings#footer"


def legal(case: Case) -> Iterator[Finding]:
    """Every field of the footer is filled in, and every line of it stands in both parts. A letter
    about an order may leave without; advertising may not."""
    if case.missing_footer:
        lacks = lacking(case.missing_footer)
        if case.is_marketing:
            remedy = _("Until it is filled in, marketing messages stay unpublished and unsent.")
            yield Finding("EM-2", BLOCK, lacks, remedy, _last(case), "", PAGE)
        else:
            remedy = _("This message is sent all the same; marketing messages are not.")
            yield Finding("EM-2", WARN, lacks, remedy, _last(case), "", PAGE)
    if case.mistake:
        return
    shown = unescape(case.html)
    for line in case.legal_lines:
        if line not in shown or line not in case.plain:
            why = _("The footer does not show “%(line)s”.", line=line)
            help_ = _("Shorten the message; the footer must not be cut off.")
            yield Finding("EM-2", BLOCK, why, help_, _last(case), "")


def lacking(fields: Iterable[str]) -> str:
    """What the shop's footer lacks, in a sentence."""
    names = _(", ").join(map(_name, fields))
    return _("Your shop's footer lacks: %(fields)s.", fields=names)


def _last(case: Case) -> int:
    return len(case.content.blocks) - 1


def _name(field: str) -> str:
    return {
        "legal_name": _("the sender's legal name"),
        "postal_address": _("the postal address"),
        "complaints_contact": _("where to send questions and complaints"),
    }.get(field, field)
