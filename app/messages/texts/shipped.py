"""Okaeri's own texts as blocks: where an editor begins.

A layout is read, not run: each call of a mail part becomes the block that says the same. A part of
a layout that no block can say stays what it is, as a block of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from jinja2 import Environment, nodes

from app.core.locale import translations
from app.messages import kinds, layouts, prose
from app.messages.extras import MOST
from app.messages.texts.blocks import (
    Block,
    Button,
    Content,
    Coupon,
    Footer,
    Guide,
    Heading,
    Line,
    Order,
    Parcel,
    ProductBlock,
    Shipped,
    Stars,
    Support,
    Text,
    Timeline,
    tidy,
)

#: The parts of a layout in the order a reader meets them; the words come after `lead`.
BEFORE, AFTER = ("lead",), ("main", "button", "below", "aside")
#: The kind whose steps are the order's own.
ORDER_STEPS = "next-steps"
#: What a layout asks of the mail, as Liquid knows it.
LIQUID = {"mail.ships": "delivery.ships", "mail.expected": "delivery.expected"}
TARGETS = {
    "mail.links.track": "track",
    "mail.links.review": "review",
    "mail.links.reorder": "reorder",
    "mail.mailto": "reply",
    "mail.shipment.url": "carrier",
    "mail.brand.storefront_url": "store",
    "mail.links.booking": "booking",
    "mail.links.course": "course",
    "mail.links.feedback": "feedback",
}
_READER = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)


class _Unsayable(Exception):
    """No block says this."""


@cache
def content(kind: str, locale: str) -> Content:
    """A kind's text in a language as an editor shows it."""
    words = {part: prose.source(kind, locale, part).strip() for part in prose.PARTS}
    made: list[Block] = [Heading(text=words["heading"])]
    for part in BEFORE:
        made += _part(kind, part, locale)
    made.append(Text(text=words["body"]))
    for part in AFTER:
        made += _part(kind, part, locale)
    return Content(
        subject=words["subject"],
        preheader=words["preheader"],
        blocks=tidy((*made, Footer())),
    )


@cache
def shows_a_code(kind: str) -> bool:
    """Whether Okaeri's own text shows the shop's thank-you code, whose terms may be wrong."""
    return any("coupon" in layouts.part_source(kind, part) for part in (*BEFORE, *AFTER))


def _part(kind: str, part: str, locale: str) -> list[Block]:
    source = layouts.part_source(kind, part)
    if not source.strip():
        return []
    try:
        return _blocks(_READER.parse(source), kind, locale)
    except _Unsayable:
        return [Shipped(part=part)]


def _blocks(tree: nodes.Node, kind: str, locale: str) -> list[Block]:
    """The blocks of everything a part puts out. Of two that stand for each other the first."""
    found: list[Block] = []
    for node in tree.iter_child_nodes():
        if isinstance(node, nodes.If):
            if isinstance(node.test, nodes.Not) or (
                node.else_ and isinstance(node.test, nodes.Compare)
            ):
                # What is shown depends on more than whether there is something to show.
                raise _Unsayable
            found += _blocks(nodes.Template(node.body), kind, locale)
        elif isinstance(node, nodes.Output):
            found += [_block(each, kind, locale) for each in node.nodes if not _is_space(each)]
        elif not isinstance(node, nodes.Assign):
            raise _Unsayable
    return found


def _is_space(node: nodes.Node) -> bool:
    return isinstance(node, nodes.TemplateData) and not node.data.strip()


def _block(node: nodes.Node, kind: str, locale: str) -> Block:
    if not isinstance(node, nodes.Call) or not _path(node.node).startswith("part."):
        raise _Unsayable
    made = MAKERS.get(_path(node.node).removeprefix("part."))
    if made is None:
        raise _Unsayable
    return made(node, kind, locale)


def _button(node: nodes.Call, _kind: str, locale: str) -> Block:
    target = TARGETS.get(_path(node.args[0]))
    if target is None:
        raise _Unsayable
    label = _words(node.args[1], locale)
    return Button(label=label, target=target)  # type: ignore[arg-type]  # one of its choices


def _note(node: nodes.Call, _kind: str, locale: str) -> Block:
    return Text(text=_words(node.args[0], locale), look="note")


def _steps(_node: nodes.Call, kind: str, _locale: str) -> Block:
    if kind != ORDER_STEPS:
        raise _Unsayable
    return Timeline(source="order")


def _product(node: nodes.Call, _kind: str, _locale: str) -> Block:
    if _path(node.args[0]) != "mail.item":
        raise _Unsayable
    return ProductBlock(detail="name" if _is_off(node, "detail") else "full")


def _suggestions(node: nodes.Call, kind: str, locale: str) -> Block:
    purpose = kinds.kind(kind).suggests
    if purpose is None or _path(node.args[0]) != "mail.suggestions":
        raise _Unsayable
    heading = _words(node.args[1], locale) if len(node.args) > 1 else ""
    return ProductBlock(source=purpose, text=heading, count="2" if MOST.get(purpose) == 2 else "3")


def _plainly(block: Block) -> Callable[[nodes.Call, str, str], Block]:
    return lambda _node, _kind, _locale: block


#: The macros of `parts/mail.html` that a block can say.
MAKERS: dict[str, Callable[[nodes.Call, str, str], Block]] = {
    "product": _product,
    "button": _button,
    "note": _note,
    "steps": _steps,
    "suggestions": _suggestions,
    "coupon": _plainly(Coupon(source="settings")),
    "stars": _plainly(Stars()),
    "guide": _plainly(Guide()),
    "support": _plainly(Support()),
    "line_friend": _plainly(Line()),
    "items": lambda node, _kind, _locale: Order(money="no" if _is_off(node, "money") else "yes"),
    "parcel": lambda node, _kind, _locale: Parcel(days="no" if _is_off(node, "days") else "yes"),
}


def _is_off(node: nodes.Call, name: str) -> bool:
    return any(
        pair.key == name and isinstance(pair.value, nodes.Const) and pair.value.value is False
        for pair in node.kwargs
    )


def _path(node: nodes.Node) -> str:
    """`mail.links.track` of the expression that reads it; empty for any other."""
    if isinstance(node, nodes.Name):
        return node.name
    return f"{_path(node.node)}.{node.attr}" if isinstance(node, nodes.Getattr) else ""


def _words(node: nodes.Node, locale: str) -> str:
    """What a layout says here in a language, as Liquid."""
    if isinstance(node, nodes.CondExpr) and node.expr2 is not None:
        asked = LIQUID.get(_path(node.test))
        if asked is None:
            raise _Unsayable
        one, other = _words(node.expr1, locale), _words(node.expr2, locale)
        return f"{{% if {asked} %}}{one}{{% else %}}{other}{{% endif %}}"
    if not isinstance(node, nodes.Call) or _path(node.node) != "_":
        raise _Unsayable
    said = node.args[0]
    if not isinstance(said, nodes.Const):
        raise _Unsayable
    values = {pair.key: LIQUID.get(_path(pair.value)) for pair in node.kwargs}
    return re.sub(r"%\((\w+)\)s", lambda found: _filled(values.get(found[1])), _say(said, locale))


def _filled(name: str | None) -> str:
    if name is None:
        raise _Unsayable
    return f"{{{{ {name} }}}}"


def _say(said: nodes.Const, locale: str) -> str:
    return str(translations(locale).gettext(said.value))
