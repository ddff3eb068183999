"""The frames of mails. MJML is compiled once a kind and language; a message only renders.

A layout passes through four hands: Jinja with square brackets (`[% extends %]`) puts frame and kind
together, mrml turns MJML into the HTML that mail programs understand, `flatten` writes out what is
the same in every message, translations and fonts among it, and Jinja with its usual brackets fills
in one message. All but the last happen at a kind's first mail in a process.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any

import mrml
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, nodes
from jinja2.visitor import NodeTransformer

from app.core.locale import gettext, ngettext, translations
from app.messages.flatten import Flat
from app.messages.swift import Letter, Writer, escape_text, quoted

#: Japanese first: a Latin font would take the kanji of another language for missing ones.
FONTS = (
    "-apple-system,BlinkMacSystemFont,'Hiragino Sans','Hiragino Kaku Gothic ProN','Noto Sans JP',"
    "'Noto Sans CJK JP',Meiryo,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
)
TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
_RAW = re.compile(r"<mj-raw>(.*?)</mj-raw>", re.DOTALL)
_PARENT = re.compile(r"""% extends ['"]([\w./-]+)['"]""")
_PLACE = re.compile(r"%\((\w+)\)s")


@cache
def html(kind: str, language: str) -> Template:
    """The kind's HTML frame, ready to be filled."""
    joined = _joiner().get_template(f"messages/{kind}/layout.mjml").render(fonts=FONTS)
    return _filler(language, escaping=True).from_string(_translated(joined))


def _translated(mjml: str) -> str:
    """MJML as HTML. Our letters are those of the reader's own device: left alone, mrml sees one
    that Google also serves and has every mail ask Google for it as it is opened."""
    return mrml.to_html(mjml, render_options=mrml.RenderOptions(fonts={})).content


@cache
def plain(kind: str, language: str) -> Template:
    """The kind's plain-text frame."""
    return _filler(language, escaping=False).get_template(f"messages/{kind}/layout.txt")


@cache
def blocks_html(language: str) -> Template:
    """The HTML frame around a shop's own blocks: one for all shops and all versions, so that
    nothing a merchant writes is ever compiled."""
    joined = _joiner().get_template("layouts/blocks.mjml").render(fonts=FONTS)
    return _filler(language, escaping=True).from_string(_translated(joined))


@cache
def blocks_plain(language: str) -> Template:
    """The plain-text frame around a shop's own blocks."""
    return _filler(language, escaping=False).get_template("layouts/blocks.txt")


@cache
def part_source(kind: str, part: str) -> str:
    """What a kind's layout says in one of its parts (`lead`, `main`, `button`, `below`, `aside`);
    empty when it says nothing there."""
    layout = _with_parents(f"messages/{kind}/layout.mjml")
    return "\n".join(_RAW.findall(_between(layout, part, r"\[%", r"%\]")))


@cache
def part(kind: str, name: str, language: str) -> tuple[Template, Template]:
    """One part of a kind's layout alone, as HTML rows and as plain text."""
    layout = _with_parents(f"messages/{kind}/layout.txt")
    sources = {
        "html": (part_source(kind, name), True),
        "txt": (_between(layout, name, r"\{%", r"%\}"), False),
    }
    made = [
        _filler(language, escaping=escaping).from_string(
            f"{{% import 'parts/mail.{ending}' as part with context %}}{source}"
        )
        for ending, (source, escaping) in sources.items()
    ]
    return made[0], made[1]


def _with_parents(name: str) -> str:
    """A layout's source and after it those it extends, short of the frame of all: what is looked
    for is found in the nearest first."""
    source = (TEMPLATES / name).read_text("utf-8")
    parent = _PARENT.search(source)
    if parent is None or parent[1].startswith("layouts/mail."):
        return source
    return source + _with_parents(parent[1])


def _between(layout: str, block: str, opened: str, closed: str) -> str:
    found = re.search(
        rf"{opened} block {block} {closed}(.*?){opened} endblock {closed}", layout, re.DOTALL
    )
    return found[1] if found else ""


@cache
def _joiner() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        block_start_string="[%",
        block_end_string="%]",
        variable_start_string="[[",
        variable_end_string="]]",
        comment_start_string="[#",
        comment_end_string="#]",
        undefined=StrictUndefined,
        # What comes out is MJML; escaping is the business of the last hand.
        autoescape=False,  # noqa: S701
    )


@cache
def _filler(language: str, *, escaping: bool) -> Environment:
    env = _Filler(
        loader=FileSystemLoader(TEMPLATES),
        extensions=["jinja2.ext.i18n"],
        # CSS has `{#`, and mails have no comments.
        comment_start_string="{##",
        comment_end_string="##}",
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        # Off for the plain part alone.
        autoescape=escaping,
        auto_reload=False,
    )
    env.fold = _Fold(language)
    env.flat = Flat(env.read)
    env.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
        gettext, ngettext, newstyle=True
    )
    return env


class _Filler(Environment):
    """Jinja that works out while compiling what is the same in every message."""

    code_generator_class = Writer
    template_class = Letter
    quoted, escaped = staticmethod(quoted), staticmethod(escape_text)
    fold: _Fold
    flat: Flat

    def compile(  # type: ignore[override]  # the overloads differ in what `raw` returns
        self,
        source: str | nodes.Template,
        name: str | None = None,
        filename: str | None = None,
        raw: bool = False,
        defer_init: bool = False,
    ) -> str | CodeType:
        tree = self.parse(source, name, filename) if isinstance(source, str) else source
        flat = self.flat.template(self.fold.visit(tree))
        # Numbers that a loop counted are known by now, and with them their plurals.
        said = self.fold.visit(flat)
        return super().compile(said, name, filename, raw, defer_init)  # type: ignore[call-overload,no-any-return]

    def read(self, name: str) -> nodes.Template:
        """A template's tree in the language, by its name."""
        source = (TEMPLATES / name).read_text("utf-8")
        found: nodes.Template = self.fold.visit(self.parse(source, name))
        return found


class _Fold(NodeTransformer):
    """Puts the translations and the fonts into the template itself: a look-up a mail instead of
    fifty. A text with places becomes its pieces with the expressions between them."""

    def __init__(self, language: str) -> None:
        self.catalogue = translations(language)

    def visit_Call(self, node: nodes.Call, *args: Any) -> nodes.Node:  # noqa: N802
        """`_('…')` and `_('… %(name)s …', name=…)`; `ngettext` of a number that is known."""
        self.generic_visit(node, *args)
        called = node.node.name if isinstance(node.node, nodes.Name) else ""
        known = [each.value for each in node.args if isinstance(each, nodes.Const)]
        if called == "ngettext" and len(known) == 3:
            said = self.catalogue.ngettext(*known) % {"num": known[2]}
            return nodes.Const(said, lineno=node.lineno)
        if called != "_" or len(node.args) != 1 or not known:
            return node
        text = self.catalogue.gettext(known[0])
        values = {pair.key: pair.value for pair in node.kwargs}
        pieces = _PLACE.split(text)
        if not values or not set(pieces[1::2]) <= set(values):
            return nodes.Const(text, lineno=node.lineno)
        parts: list[nodes.Expr] = [
            values[piece] if number % 2 else nodes.Const(piece)
            for number, piece in enumerate(pieces)
        ]
        return nodes.Concat(parts, lineno=node.lineno)

    def visit_Name(self, node: nodes.Name, *_args: Any) -> nodes.Node:  # noqa: N802
        """`fonts`, a constant of ours that stands in every style."""
        if node.name == "fonts" and node.ctx == "load":
            return nodes.MarkSafe(nodes.Const(FONTS), lineno=node.lineno)
        return node
