"""Transactional or marketing (L3): how much advertising a letter about an order may carry."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from app.core.advertising import MOST_SHARE, words_of
from app.core.locale import gettext as _
from app.messages.lint.case import BLOCK, Case, Finding, spoken, written
from app.messages.texts import blocks as typed
from app.messages.texts.blocks import Block, is_promotion
from app.messages.texts.filling import Shown

TRANSACTIONAL, INCIDENTAL, MARKETING = "transactional", "incidental", "marketing"
#: A reader's code is advertising, whatever words stand around it.
CODE = re.compile(r"\{[{%][^{}]*\bcoupon\s*\.")
#: How much of the column's height a picture takes, in characters: letters of a line times lines of
#: a picture two thirds as high as it is wide, and of the small one of a product.
LINE, LINE_PX, SMALL = 34, 24, 40
#: Blocks that may stand below the one suggestion: they sell nothing and say nothing of the order.
CLOSING = ("support", "line", "divider", "footer")


def classify(case: Case) -> str:
    """How the law would see this message: `transactional`; `incidental`, which is transactional
    with a little advertising; or `marketing`."""
    promoting = _promoting(case)
    if _asks(case) or any(_words(text) for _name, text in _inbox(case)):
        return MARKETING
    if len(promoting) > 1 or _share(case, promoting) > MOST_SHARE or _above(case, promoting):
        return MARKETING
    return INCIDENTAL if promoting else TRANSACTIONAL


def in_letters(case: Case) -> Iterator[Finding]:
    """A letter about an order stays one: at most one suggestion, below, a fifth of it at most, and
    nothing of it in the subject."""
    if case.is_marketing:
        return
    for number in _asks(case):
        why = _("Asking for a review or offering to order again makes this advertising.")
        yield _found(why, _("Take the block out; these have messages of their own."), number)
    yield from _in_the_inbox(case)
    promoting = _promoting(case)
    for number in promoting[1:]:
        why = _("More than one part of this letter advertises.")
        yield _found(why, _("Keep one suggestion and take the others out."), number)
    if promoting and _above(case, promoting[:1]):
        why = _("The suggestion stands above what the letter is about.")
        yield _found(why, _("Move it down, below everything about the order."), promoting[0])
    share = _share(case, promoting)
    if promoting and share > MOST_SHARE:
        why = _("%(share)s%% of this letter advertises.", share=round(share * 100))
        help_ = _("Keep it to %(share)s%% at most.", share=round(MOST_SHARE * 100))
        yield _found(why, help_, promoting[0])


def _in_the_inbox(case: Case) -> Iterator[Finding]:
    """What is read before the letter is opened: the subject, and the preheader beside it."""
    for name, text in _inbox(case):
        if not (words := _words(text)):
            continue
        if name == "subject":
            why = _("The subject of a letter about an order advertises: “%(words)s”.", words=words)
            help_ = _("Say in the subject what happens with the order.")
        else:
            why = _(
                "The preview text of a letter about an order advertises: “%(words)s”.", words=words
            )
            help_ = _("Say in the preview text what happens with the order.")
        yield Finding("EM-3", BLOCK, why, help_, None, name)


def _inbox(case: Case) -> tuple[tuple[str, str], ...]:
    return ("subject", case.content.subject), ("preheader", case.content.preheader)


def _words(text: str) -> str:
    """What of a text advertises: its words, or a reader's code."""
    code = CODE.search(text)
    return words_of(spoken(text)) or (code[0] if code else "")


def _found(why: str, remedy: str, block: int) -> Finding:
    return Finding("EM-3", BLOCK, why, remedy, block, "")


def _asks(case: Case) -> list[int]:
    """Blocks that make any message marketing."""
    return [number for number, block in enumerate(case.content.blocks) if _is_asking(block)]


def _is_asking(block: Block) -> bool:
    leads = isinstance(block, typed.Button) and block.target in ("review", "reorder")
    return leads or block.type in ("stars", "reorder")


def _promoting(case: Case) -> list[int]:
    return [
        number
        for number, block in enumerate(case.content.blocks)
        if not _is_asking(block) and _advertises(block)
    ]


def _advertises(block: Block) -> bool:
    return is_promotion(block) or any(_words(text) for _, text in written(block))


def _above(case: Case, promoting: list[int]) -> bool:
    """Whether something of the letter's own comes after a suggestion."""
    if not promoting:
        return False
    rest = list(enumerate(case.content.blocks))[promoting[0] + 1 :]
    return any(
        block.type not in CLOSING and number not in promoting and not _is_note(block)
        for number, block in rest
    )


def _is_note(block: Block) -> bool:
    return isinstance(block, typed.Text) and block.look == "note"


def _share(case: Case, promoting: list[int]) -> float:
    """How much of the letter it is, by characters or by height: whichever is more."""
    return max(_part(case, promoting, _length), _part(case, promoting, _height))


def _part(case: Case, promoting: list[int], size: Callable[[Shown], int]) -> float:
    # The footer is no block that is shown; what it says counts where it advertises.
    said = (block for n, block in enumerate(case.content.blocks) if n in promoting)
    foot = sum(len(block.text) for block in said if isinstance(block, typed.Footer))
    every = foot + sum(size(shown) for shown in case.shown)
    ours = foot + sum(size(shown) for shown in case.shown if shown.index in promoting)
    return ours / every if every else 0.0


def _height(shown: Shown) -> int:
    """What a block takes of the column, pictures and all, in characters."""
    small = [one.image_url for one in (shown.item, *shown.suggested) if one and one.image_url]
    large = shown.width * 2 // 3 // LINE_PX * LINE if shown.image else 0
    return _length(shown) + large + SMALL * len(small)


def _length(shown: Shown) -> int:
    """How many characters a reader sees of a block, roughly."""
    rows = sum(len(row.title) + len(row.text) for row in shown.rows)
    item = len(shown.item.title) + len(shown.item.variant) if shown.item else 0
    item += sum(len(one.title) + len(one.price) + len(one.reason) for one in shown.suggested)
    said = sum(len(piece.plain) for piece in shown.pieces)
    return len(shown.text) + len(shown.code) + len(shown.plain.strip()) + rows + item + said
