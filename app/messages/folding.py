"""Expressions of templates, worked out as far as they can be while a template is compiled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jinja2 import nodes

#: What names stand for at a place of a template.
Scope = dict[str, nodes.Expr]


def filled(node: nodes.Node, scope: Scope) -> nodes.Expr:
    """An expression with what its names stand for, worked out as far as it can be."""
    if isinstance(node, nodes.Name):
        there = scope.get(node.name, node)
        return stored(there) if node.ctx == "store" else there
    made: Any = type(node)(*(_field(value, scope) for _name, value in node.iter_fields()))
    made.set_lineno(node.lineno)
    made.set_environment(node.environment)
    return _folded(made)


def _field(value: Any, scope: Scope) -> Any:
    if isinstance(value, list):
        return [_field(one, scope) for one in value]
    return filled(value, scope) if isinstance(value, nodes.Node) else value


def _folded(node: nodes.Expr) -> nodes.Expr:
    """What is decided already."""
    match node:
        # `{'done': true}.done`, as a loop that is written out asks for it.
        case nodes.Getattr(node=nodes.Dict(items=pairs)):
            return next((each.value for each in pairs if constant(each.key) == node.attr), node)
        case nodes.And(left=nodes.Const(value=value)):
            return node.right if value else node.left
        case nodes.Or(left=nodes.Const(value=value)):
            return node.left if value else node.right
        case nodes.Not(node=nodes.Const(value=value)):
            return nodes.Const(not value)
        case nodes.CondExpr(test=nodes.Const(value=value)) if node.expr2 is not None:
            return node.expr1 if value else node.expr2
        case nodes.Add():
            return _added(node.left, node.right) or node
        case nodes.Call(node=nodes.Name(name="range"), args=args) if all(map(is_constant, args)):
            return nodes.List([nodes.Const(each) for each in range(*map(constant, args))])
    return node


def decided(test: nodes.Expr) -> bool | None:
    """Whether a test holds for every mail, or for none; None where that depends."""
    match test:
        case nodes.Const(value=value):
            return bool(value)
        case nodes.Concat(nodes=pieces) if any(decided(piece) for piece in pieces):
            return True
        case nodes.CondExpr(expr1=one, expr2=nodes.Expr() as other):
            first, second = decided(one), decided(other)
            return first if first is second else None
    return None


def _added(one: nodes.Expr, other: nodes.Expr) -> nodes.Expr | None:
    """Two lists as one; None where they are not spelled out."""
    if not (is_spelled_out(one) and is_spelled_out(other)):
        return None
    if isinstance(one, nodes.List) and isinstance(other, nodes.List):
        return nodes.List([*one.items, *other.items])
    if isinstance(one, nodes.CondExpr) and one.expr2 is not None:
        return nodes.CondExpr(one.test, _added(one.expr1, other), _added(one.expr2, other))
    if isinstance(other, nodes.CondExpr) and other.expr2 is not None:
        return nodes.CondExpr(other.test, _added(one, other.expr1), _added(one, other.expr2))
    return None


def is_spelled_out(node: nodes.Expr | None) -> bool:
    """Whether a template says which elements a list has, or which of two lists it is."""
    if isinstance(node, nodes.CondExpr):
        return is_spelled_out(node.expr1) and is_spelled_out(node.expr2)
    return isinstance(node, nodes.List)


def is_constant(node: nodes.Node) -> bool:
    """Whether it is a value that the template itself says."""
    return isinstance(node, nodes.Const)


def constant(node: nodes.Expr) -> Any:
    """That value."""
    return node.as_const()


def stored(name: nodes.Expr) -> nodes.Name:
    """The name as one that is given a value."""
    if not isinstance(name, nodes.Name):
        raise TypeError(f"{type(name).__name__} cannot be given a value")
    return nodes.Name(name.name, "store")


def names(target: nodes.Node) -> Iterator[nodes.Name]:
    """The names that a loop gives values to."""
    if isinstance(target, nodes.Name):
        yield target
    yield from target.find_all(nodes.Name)


def fits(target: nodes.Node, source: nodes.List) -> bool:
    """Whether every element can be taken apart as the loop does it."""
    return isinstance(target, nodes.Name) or (
        isinstance(target, nodes.Tuple)
        and all(
            isinstance(each, nodes.Tuple) and len(each.items) == len(target.items)
            for each in source.items
        )
    )


def bound(target: nodes.Node, item: nodes.Expr) -> Scope:
    """What a loop's names stand for at one element."""
    if isinstance(target, nodes.Tuple) and isinstance(item, nodes.Tuple):
        pairs = zip(target.items, item.items, strict=True)
        return {name.name: value for name, value in pairs if isinstance(name, nodes.Name)}
    return {target.name: item} if isinstance(target, nodes.Name) else {}


def literal(values: dict[str, Any]) -> nodes.Dict:
    """A mapping as a template would spell it out."""
    return nodes.Dict([nodes.Pair(nodes.Const(k), nodes.Const(v)) for k, v in values.items()])
