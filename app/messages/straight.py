"""Liquid that only fills in and chooses, said without the library's machinery.

The library parses every text, and says those with loops, filters, comparisons or assignments. Most
texts have none: of those its tree is turned into functions here, which say the same, letter for
letter, in a tenth of the time. What would grow too long is handed to the library, whose limits then
hold it up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from liquid import BoundTemplate
from liquid.ast import Node
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions.filtered import FilteredExpression
from liquid.builtin.expressions.logical import (
    BooleanExpression,
    LogicalAndExpression,
    LogicalOrExpression,
    is_truthy,
)
from liquid.builtin.expressions.path import Path
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.if_tag import IfNode
from liquid.context import builtin
from liquid.expression import Expression
from liquid.stringify import to_liquid_string

Values = Mapping[str, Any]
Said = Callable[[Values], str]

#: Segments of a path that the library answers itself.
_ANSWERED = frozenset({"size", "first", "last"})


class _Winding(Exception):
    """A text that only the library can say."""


def said(template: BoundTemplate) -> Said:
    """How a parsed text is said. The environment must be one that is lenient with names."""

    def wound(values: Values) -> str:
        return template.render(**values)

    try:
        straight = _sequence(template.nodes, escaping=template.env.autoescape)
    except _Winding:
        return wound
    # In UTF-8, by which the library counts, a letter has four bytes at most.
    limit = (template.env.output_stream_limit or 0) // 4

    def short(values: Values) -> str:
        text = straight(values)
        return text if len(text) <= limit else wound(values)

    return short


def _sequence(found: list[Node], *, escaping: bool) -> Said:
    """One after the other."""
    parts = [_node(node, escaping=escaping) for node in found]
    if not parts:
        return lambda _values: ""
    if len(parts) == 1:
        return parts[0]
    return lambda values: "".join([part(values) for part in parts])


def _node(node: Node, *, escaping: bool) -> Said:
    if type(node) is ContentNode:
        text = node.text
        return lambda _values: text
    if type(node) is OutputNode:
        return _output(node.expression, escaping=escaping)
    if type(node) is IfNode:
        return _choice(node, escaping=escaping)
    raise _Winding


def _output(expression: Expression, *, escaping: bool) -> Said:
    if type(expression) is not FilteredExpression or expression.filters:
        raise _Winding
    group, name = _path(expression.left)

    def written(values: Values) -> str:
        try:
            found = values[group][name]
        except (KeyError, TypeError):
            found = None
        if type(found) is str and not escaping:
            return found
        return to_liquid_string(found, escaping)

    return written


def _choice(node: IfNode, *, escaping: bool) -> Said:
    if node.blank:
        # The library leaves out what is nothing but space, and may be told not to.
        raise _Winding
    branches = [
        (_test(test), _sequence(block.nodes, escaping=escaping))
        for test, block in (
            (node.condition, node.consequence),
            *((other.expression, other.block) for other in node.alternatives),
        )
    ]
    last = _sequence(node.default.nodes if node.default else [], escaping=escaping)

    def chosen(values: Values) -> str:
        for holds, block in branches:
            if holds(values):
                return block(values)
        return last(values)

    return chosen


def _test(expression: Expression) -> Callable[[Values], bool]:
    if type(expression) is BooleanExpression:
        return _test(expression.expression)
    if isinstance(expression, LogicalAndExpression | LogicalOrExpression):
        left, right = _test(expression.left), _test(expression.right)
        if isinstance(expression, LogicalAndExpression):
            return lambda values: left(values) and right(values)
        return lambda values: left(values) or right(values)
    group, name = _path(expression)

    def holds(values: Values) -> bool:
        try:
            found = values[group][name]
        except (KeyError, TypeError):
            return False
        # An empty text holds in Liquid; what else holds, the library knows.
        return type(found) is str or is_truthy(found)

    return holds


def _path(expression: Expression) -> tuple[str, str]:
    """The group and the name that a text asks for. Where nothing stands, None is what says and
    holds as little as the library's own word for it."""
    if type(expression) is Path:
        match expression.path:
            case [str(group), str(name)] if group not in builtin and name not in _ANSWERED:
                return group, name
    raise _Winding
