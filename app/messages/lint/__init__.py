"""What a message must obey before a shop may publish it (rules.md, product.md "What every message
obeys"). Pure: a case in, findings out, in the language of the block around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from app.messages.lint import blocks, claims, footer, looks, promises, promotion, reviews, words
from app.messages.lint.case import BLOCK, WARN, Case, Finding

__all__ = ["BLOCK", "OVERRIDABLE", "WARN", "Case", "Finding", "blocking", "lint"]

#: Findings somebody may publish with all the same, by name and on record. What rules.md marks ⛔,
#: what a mail program would not show, and what the law asks for without exception is not here.
OVERRIDABLE = frozenset({"EM-3", "TM-3"})

RULES: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    words.liquid,
    words.subject,
    words.preheader,
    words.tone,
    blocks.filled,
    blocks.headings,
    blocks.paragraphs,
    blocks.absent,
    blocks.never_shown,
    footer.legal,
    promotion.in_letters,
    reviews.asked_elsewhere,
    reviews.gating,
    reviews.rewards,
    claims.urgency,
    claims.stock,
    claims.after_the_offer,
    claims.rolling,
    promises.certain,
    promises.links,
    looks.size,
    looks.column,
    looks.letters,
    looks.targets,
    looks.pictures,
    looks.contrast,
)


def lint(case: Case) -> list[Finding]:
    """Every finding, the blocking ones first, then from top to bottom."""
    found = {finding: None for rule in RULES for finding in rule(case)}
    return sorted(found, key=lambda each: (each.severity != BLOCK, each.block or 0, each.code))


def blocking(findings: list[Finding], overridden: frozenset[str] = frozenset()) -> list[Finding]:
    """What still stands in the way when somebody answers for `overridden` codes."""
    allowed = overridden & OVERRIDABLE
    return [each for each in findings if each.severity == BLOCK and each.code not in allowed]
