"""Jinja's functions for mails, without what only pages need.

A frame that was made flat is one function; what is left of its time goes into looking up where a
value may be, marking every text as safe, and a context for macros and blocks that are not there any
more. Here attributes are read as attributes, a value is escaped into plain text, and the context is
a mapping. A name that a mail does not have is the same mistake that Jinja makes of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import markupsafe
from jinja2 import Template, UndefinedError, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context
from markupsafe import Markup, escape

#: What of a mail is a mapping: its values are asked for by key.
MAPPINGS = frozenset({"links"})


def unmarked(text: str) -> str:
    """`text` as HTML, by what markupsafe promises: the mark is put on and taken off."""
    return str(escape(text))


def swiftest(library: object = markupsafe) -> Callable[[str], str]:
    """The quickest way to HTML: what `escape` itself calls, in C, where the `library` has it. It is
    nothing that markupsafe promises; one without it is as good, only slower."""
    inner: Callable[[str], str] = getattr(library, "_escape_inner", unmarked)
    return inner


escape_text = swiftest()


def quoted(value: Any) -> str:
    """`value` as HTML: what `escape` makes of it, without marking it, which takes most of its
    time."""
    if type(value) is str:
        return escape_text(value)
    return value if type(value) is Markup else escape(value)


class Writer(CodeGenerator):
    """Writes the function of a template whose values are attributes."""

    def write_commons(self) -> None:
        """With what escapes a value, where Jinja has its own."""
        super().write_commons()
        self.writeline("quoted, escaped = environment.quoted, environment.escaped")

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802
        """`mail.brand.name`, read as Python reads it."""
        if isinstance(node.node, nodes.Name):
            # One that is missing has no attributes, either: no need to ask before.
            self.write(frame.symbols.ref(node.node.name))
        else:
            self.visit(node.node, frame)
        mapping = isinstance(node.node, nodes.Getattr) and node.node.attr in MAPPINGS
        self.write(f"[{node.attr!r}]" if mapping else f".{node.attr}")

    def visit_Scope(self, node: nodes.Scope, frame: Frame) -> None:  # noqa: N802
        """What is said inside is gathered, and handed over in one piece."""
        inside = frame.inner()
        inside.symbols.analyze_node(node)
        self.enter_frame(inside)
        self.buffer(inside)
        self.blockvisit(node.body, inside)
        self.writeline(f"yield concat({inside.buffer})")
        self.leave_frame(inside)

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:  # noqa: ARG002
        # What `quoted` does with a text, in place: a mail has a hundred values, nearly all texts.
        self.write("escaped(it) if type(it := " if frame.eval_ctx.autoescape else "str(")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:  # noqa: ARG002
        self.write(") is str else quoted(it)" if frame.eval_ctx.autoescape else ")")


class Letter(Template):
    """A template that is filled with a mail's world."""

    def render(self, *args: Any, **kwargs: Any) -> str:
        """The text; raises `TemplateError` where the template has a mistake."""
        world = {**self.environment.globals, **dict(*args, **kwargs)}
        context = Context(self.environment, world, self.name, {})
        try:
            return "".join(self.root_render_func(context))
        except (AttributeError, KeyError) as error:
            raise UndefinedError(f"{type(error).__name__}: {error}") from error
