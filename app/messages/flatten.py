"""A template's tree made flat: one piece of text after the other, with the values between them.

What is the same in every message is worked out while a template is compiled. A macro's body stands
where it was called, a parent's blocks hold the child's, a loop over a list that the template spells
out is written out, and what a constant decides is decided; neighbouring texts become one. What is
left runs without a call or a loop but for what differs from mail to mail. The tree says exactly
what the one before it said; tests hold the two against each other.

Taken for granted, as everywhere in our mails: expressions have no effects, macros are imported with
context, and no name of a template is called like one of a mail's world.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count

from jinja2 import nodes

from app.messages.folding import (
    Scope,
    bound,
    constant,
    decided,
    filled,
    fits,
    is_constant,
    is_spelled_out,
    literal,
    names,
    stored,
)

Body = list[nodes.Node]


class _Macro:
    """A macro that can be called, and the file in which its own names are looked up."""

    def __init__(self, node: nodes.Macro, file: _File) -> None:
        self.node, self.file = node, file
        found = list(node.find_all(nodes.Name))
        #: The names it gives values to.
        self.stored = {each.name for each in found if each.ctx != "load"}
        #: How often it asks for each name.
        self.uses = Counter(each.name for each in found if each.ctx == "load")


class _File:
    """A template: its blocks, its parent, and whose macros it may call: its own, and those it
    imports under a name."""

    def __init__(self, tree: nodes.Template, there: Callable[[nodes.Expr], _File]) -> None:
        self.body = tree.body
        extended = tree.find(nodes.Extends)
        self.parent = there(extended.template) if extended else None
        self.blocks = {each.name: each for each in tree.find_all(nodes.Block)}
        self.macros = {each.name: _Macro(each, self) for each in tree.find_all(nodes.Macro)}
        imports = {each.target: there(each.template) for each in tree.find_all(nodes.Import)}
        self.imports: dict[str, _File] = {**(self.parent.imports if self.parent else {}), **imports}

    def find(self, callee: nodes.Node) -> _Macro | None:
        """The macro that is called; None where it is something else."""
        if isinstance(callee, nodes.Getattr) and isinstance(callee.node, nodes.Name):
            there = self.imports.get(callee.node.name)
            return there.macros.get(callee.attr) if there else None
        return self.macros.get(callee.name) if isinstance(callee, nodes.Name) else None

    def joined(self, nearer: dict[str, nodes.Block]) -> Body:
        """What is said by the parent of all, with the blocks of those that extend it. `nearer` are
        the blocks that were met before: they win."""
        blocks = self.blocks | nearer
        if self.parent:
            return self.parent.joined(blocks)

        def said(body: Body) -> Iterator[nodes.Node]:
            for node in body:
                if isinstance(node, nodes.Block):
                    yield from said(blocks[node.name].body)
                else:
                    yield node

        return list(said(self.body))


@dataclass(frozen=True)
class _Place:
    """Where a statement stands: what names stand for, and what `caller()` says."""

    file: _File
    scope: Scope = field(default_factory=dict)
    caller: Body = field(default_factory=list)

    def inside(self, **more: nodes.Expr) -> _Place:
        """The same place one block deeper: what is set there is not known outside."""
        return replace(self, scope={**self.scope, **more})


class Flat:
    """Makes templates flat. `read` gives the tree of a template by its name."""

    def __init__(self, read: Callable[[str], nodes.Template]) -> None:
        self._read = read
        self._files: dict[str, _File] = {}
        self._numbers = count(1)

    def template(self, tree: nodes.Template) -> nodes.Template:
        """The tree without calls, parents and imports."""
        file = _File(tree, self._there)
        body = self._body(file.joined({}), _Place(file))
        # In a scope of its own: nothing of it is exported.
        return nodes.Template([nodes.Scope(body, lineno=1)], lineno=1)

    def _there(self, name: nodes.Expr) -> _File:
        """The template that another one names, read once."""
        path: str = constant(name)
        if path not in self._files:
            self._files[path] = _File(self._read(path), self._there)
        return self._files[path]

    def _body(self, body: Body, place: _Place) -> Body:
        found: Body = []
        for node in body:
            found += self._statement(node, place)
        return _merged(found)

    def _statement(self, node: nodes.Node, place: _Place) -> Body:
        made: Body
        match node:
            case nodes.Macro() | nodes.Import() | nodes.Extends():
                made = []
            case nodes.Output():
                made = [one for child in node.nodes for one in self._said(child, place)]
            case nodes.If():
                made = self._if(node, place)
            case nodes.For():
                made = self._for(node, place)
            case nodes.CallBlock():
                said = self._body(node.body, place.inside())
                made = self._called(node.call, place, said) or []
            case nodes.Assign():
                made = self._assign(node, place)
            case _:
                raise TypeError(f"{type(node).__name__} cannot be made flat")
        return made

    def _said(self, node: nodes.Expr, place: _Place) -> Body:
        """One value or text that is put out."""
        if isinstance(node, nodes.Call):
            if isinstance(node.node, nodes.Name) and node.node.name == "caller":
                return place.caller
            called = self._called(node, place, [])
            if called is not None:
                return called
        return _put_out(filled(node, place.scope))

    def _called(self, call: nodes.Call, place: _Place, said: Body) -> Body | None:
        """The body of the macro that is called, its arguments filled in; None when it is none."""
        found = place.file.find(call.node)
        if found is None:
            return None
        macro, number = found.node, next(self._numbers)
        given = dict(zip((each.name for each in macro.args), call.args, strict=False))
        given |= {each.key: each.value for each in call.kwargs}
        values = {name: filled(value, place.scope) for name, value in given.items()}
        optional = macro.args[len(macro.args) - len(macro.defaults) :]
        for each, default in zip(optional, macro.defaults, strict=True):
            values.setdefault(each.name, default)
        # A name of the macro's is not one of the place where it is called.
        scope: Scope = {name: nodes.Name(f"{name}_{number}", "load") for name in found.stored}
        kept: Body = []
        for name, value in values.items():
            if isinstance(value, nodes.Const | nodes.Name) or found.uses[name] < 2:
                scope[name] = value
            else:
                kept.append(nodes.Assign(stored(scope[name]), value, lineno=1))
        return [*kept, *self._body(macro.body, _Place(found.file, scope, said))]

    def _if(self, node: nodes.If, place: _Place) -> Body:
        """The branches that may be taken."""
        branches: list[nodes.If] = []
        otherwise = node.else_
        for branch in (node, *node.elif_):
            test = filled(branch.test, place.scope)
            holds = decided(test)
            if holds is False:
                continue
            if holds:
                otherwise = branch.body
                break
            body = self._body(branch.body, place.inside())
            branches.append(nodes.If(test, body, [], [], lineno=branch.lineno))
        last = self._body(otherwise, place.inside())
        if not branches:
            return last
        return [nodes.If(branches[0].test, branches[0].body, branches[1:], last, lineno=1)]

    def _for(self, node: nodes.For, place: _Place) -> Body:
        source = filled(node.iter, place.scope)
        if not node.test and not node.recursive:
            if isinstance(source, nodes.CondExpr) and is_spelled_out(source):
                one = self._over(node, source.expr1, place)
                other = self._over(node, source.expr2, place)
                return [nodes.If(source.test, one, [], other, lineno=node.lineno)]
            if isinstance(source, nodes.List) and fits(node.target, source):
                return self._written_out(node, source.items, place)
        return [self._loop(node, source, place)]

    def _over(self, node: nodes.For, source: nodes.Expr | None, place: _Place) -> Body:
        again = nodes.For(node.target, source, node.body, node.else_, None, False, lineno=1)
        return self._body([again], place.inside())

    def _written_out(self, node: nodes.For, items: list[nodes.Expr], place: _Place) -> Body:
        if not items:
            return self._body(node.else_, place.inside())
        found: Body = []
        for at, item in enumerate(items):
            loop = {"index": at + 1, "index0": at, "first": at == 0, "last": at == len(items) - 1}
            inside = place.inside(loop=literal(loop), **bound(node.target, item))
            found += self._body(node.body, inside)
        return found

    def _loop(self, node: nodes.For, source: nodes.Expr, place: _Place) -> nodes.For:
        """A loop over what only the mail knows."""
        inside = place.inside()
        stored = {"loop", *(name.name for name in names(node.target))}
        for name in stored:
            if not isinstance(inside.scope.get(name), nodes.Name):
                inside.scope.pop(name, None)
        return nodes.For(
            filled(node.target, inside.scope),
            source,
            self._body(node.body, inside),
            self._body(node.else_, place.inside()),
            filled(node.test, inside.scope) if node.test else None,
            node.recursive,
            lineno=node.lineno,
        )

    def _assign(self, node: nodes.Assign, place: _Place) -> Body:
        """A name's value: put in its place where it is spelled out, otherwise kept."""
        value = filled(node.node, place.scope)
        if isinstance(node.target, nodes.Name) and (is_constant(value) or is_spelled_out(value)):
            place.scope[node.target.name] = value
            return []
        return [nodes.Assign(filled(node.target, place.scope), value, lineno=node.lineno)]


def _put_out(value: nodes.Expr) -> Body:
    """A value as it is said: its pieces one by one, of two values the one that holds."""
    if isinstance(value, nodes.Concat):
        return [one for piece in value.nodes for one in _put_out(piece)]
    if isinstance(value, nodes.CondExpr) and value.expr2 is not None:
        one, other = _merged(_put_out(value.expr1)), _merged(_put_out(value.expr2))
        return [nodes.If(value.test, one, [], other, lineno=value.lineno)]
    return [nodes.Output([value], lineno=value.lineno)]


def _merged(body: Body) -> Body:
    """The same with neighbouring texts as one."""
    found: Body = []
    for node in body:
        last = found[-1] if found else None
        if isinstance(node, nodes.Output) and isinstance(last, nodes.Output):
            found[-1] = nodes.Output([*last.nodes, *node.nodes], lineno=last.lineno)
        else:
            found.append(node)
    return found
