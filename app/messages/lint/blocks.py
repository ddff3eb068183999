"""What a block needs before it can be shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from app.core.locale import gettext as _
from app.messages.lint.case import BLOCK, WARN, Case, Finding, terms_of
from app.messages.names import width
from app.messages.texts import blocks as typed
from app.messages.texts.blocks import Block

#: Two lines of a heading on a telephone.
HEADING_FITS = 36
#: A code of one's own is remembered for a season.
LONGEST_CODE = 90
LONGEST_PARAGRAPH, MOST_PARAGRAPHS = 400, 6
Problem = tuple[str, str, str]


def filled(case: Case) -> Iterator[Finding]:
    """Every field that must say something says it, in the form it needs."""
    for number, block in enumerate(case.content.blocks):
        check = CHECKS.get(block.type)
        for field, why, remedy in check(block, case) if check else ():
            yield Finding("C22", BLOCK, why, remedy, number, field)


def _picture(block: typed.Picture, _case: Case) -> Iterator[Problem]:
    if not _is_web(block.url):
        yield "url", *_no_address()
    if block.link and not _is_web(block.link):
        yield "link", *_no_address()
    if not block.alt.strip():
        why = _("The picture has no description; people who do not see pictures read that.")
        yield "alt", why, _("Say in a few words what it shows.")
    if not (block.width.isascii() and block.width.isdigit() and 48 <= int(block.width) <= 520):
        why = _("The width is no number from 48 to 520.")
        yield "width", why, _("Write for example 520 for the full width.")


def _button(block: typed.Button, _case: Case) -> Iterator[Problem]:
    if not block.label.strip():
        yield "label", *_empty()
    if block.target == "url" and not _is_web(block.url):
        yield "url", *_no_address()


def _coupon(block: typed.Coupon, case: Case) -> Iterator[Problem]:
    if block.source == "settings":
        return
    asked = block.source == "single" or block.gives == "percent"
    if asked and block.percent and (block.off is None or not 1 <= block.off <= 100):
        yield "percent", _("This is no percentage."), _("Write a whole number from 1 to 100.")
    yield from _single(block, case) if block.source == "single" else _typed_code(block, case)


def _single(block: typed.Coupon, case: Case) -> Iterator[Problem]:
    if not block.percent:
        why = _("It does not say what the code takes off.")
        yield "percent", why, _("Write a whole number from 1 to 100.")
    if block.lasts is None or not 1 <= block.lasts <= LONGEST_CODE:
        why = _("It does not say for how many days the code is good.")
        yield "days", why, _("Write a whole number from 1 to %(most)s.", most=LONGEST_CODE)
    coupons = [one for one in case.content.blocks if isinstance(one, typed.Coupon)]
    if block is not next(one for one in coupons if one.source == "single"):
        why = _("There are two codes of their own in one message.")
        yield "source", why, _("Keep one of them.")


def _typed_code(block: typed.Coupon, case: Case) -> Iterator[Problem]:
    if not block.code.strip():
        yield "code", _("There is no code to show."), _("Write the code as customers type it.")
    if block.gives in ("amount", "price") and terms_of(block, case) is None:
        yield "amount", _("This is no amount."), _("Write a number, for example 500.")
    if block.until and block.last_day is None:
        yield "until", _("This is no date."), _("Choose a day, or leave it empty.")
    if block.last_day is not None and block.last_day < case.today:
        why = _("The deadline has passed; the code would never be shown.")
        yield "until", why, _("Choose a day to come, or take the block out.")


def _product(block: typed.ProductBlock, _case: Case) -> Iterator[Problem]:
    if block.source == "chosen" and not block.product.isdigit():
        yield "product", _("No product is chosen."), _("Choose a product from the list.")


def _timeline(block: typed.Timeline, _case: Case) -> Iterator[Problem]:
    if block.source == "own" and not block.rows.strip():
        yield "rows", *_empty()


def _words(block: typed.Heading | typed.Text, _case: Case) -> Iterator[Problem]:
    if not block.text.strip():
        yield "text", *_empty()


CHECKS: dict[str, Callable[..., Iterator[Problem]]] = {
    "picture": _picture,
    "button": _button,
    "coupon": _coupon,
    "product": _product,
    "timeline": _timeline,
    "heading": _words,
    "text": _words,
}


def _empty() -> tuple[str, str]:
    return _("Nothing is written here."), _("Write something, or take the block out.")


def _no_address() -> tuple[str, str]:
    return (
        _("This is no web address that begins with https://."),
        _("Write a web address that begins with https://."),
    )


def _is_web(url: str) -> bool:
    return bool(re.fullmatch(r"https://[^\s/]+\.[^\s]+", url))


def headings(case: Case) -> Iterator[Finding]:
    """One headline, of one or two lines."""
    mains = [
        number
        for number, block in enumerate(case.content.blocks)
        if isinstance(block, typed.Heading) and block.level == "main"
    ]
    if not mains:
        why = _("The message has no headline.")
        yield Finding("C20", BLOCK, why, _("Add a heading and make it the headline."))
    for number in mains[1:]:
        why = _("There is more than one headline.")
        yield Finding("C20", BLOCK, why, _("Make this one a sub-heading."), number, "level")
    for shown in case.shown:
        if shown.kind == "heading" and width(shown.text) > HEADING_FITS:
            why = _("The heading needs more than two lines on a telephone.")
            yield Finding("C20", WARN, why, _("Shorten it."), shown.index, "text")


def paragraphs(case: Case) -> Iterator[Finding]:
    """Two to four short paragraphs; a wall of text is not read."""
    for shown in case.shown:
        if shown.kind != "text":
            continue
        if len(shown.pieces) > MOST_PARAGRAPHS:
            why = _("These are more paragraphs than people read in a message.")
            help_ = _("Two to four are enough; move the rest to a page.")
            yield Finding("C20", WARN, why, help_, shown.index, "text")
        if any(len(piece.plain) > LONGEST_PARAGRAPH for piece in shown.pieces):
            why = _("A paragraph is longer than %(count)s characters.", count=LONGEST_PARAGRAPH)
            yield Finding("C20", WARN, why, _("Cut it in two."), shown.index, "text")


def absent(case: Case) -> Iterator[Finding]:
    """A block that many readers will not see says what they see instead. Okaeri's own layouts are
    written for those readers, too."""
    shown = {each.index for each in case.shown}
    if case.mistake or case.ours:
        return
    for number, block in enumerate(case.content.blocks):
        if number not in shown and _may_be_absent(block):
            why = _("For this reader there is nothing to show here; the block disappears.")
            help_ = _("Write what stands in its place, if anything should.")
            yield Finding("C22", WARN, why, help_, number, "fallback")


def never_shown(case: Case) -> Iterator[Finding]:
    """What no reader will see until the shop's settings name it."""
    for number, block in enumerate(case.content.blocks):
        if isinstance(block, typed.Button) and block.target in case.missing_pages:
            why = _("Your shop has no such page; the button would never be shown.")
            help_ = _("Name the page under Settings, or choose another.")
            yield Finding("C22", WARN, why, help_, number, "target")
        coupon = isinstance(block, typed.Coupon) and block.source == "settings"
        if coupon and case.coupon_percent is None:
            why = _("There is no thank-you code in the settings.")
            yield Finding("C22", WARN, why, "", number, "source", "/app/settings#f-coupon_code")


def _may_be_absent(block: Block) -> bool:
    return hasattr(block, "fallback") and block.type not in ("button", "coupon")
