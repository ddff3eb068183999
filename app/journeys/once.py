"""A property that is worked out when it is first asked for.

As `functools.cached_property` is from Python 3.12 on: before, every one of them takes a lock, which
costs a dry run more than what most of them work out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

T = TypeVar("T")


class once(Generic[T]):  # noqa: N801  # read as a decorator, like `property`
    """What it answers stands in the object's `__dict__` and hides it from then on."""

    def __init__(self, ask: Callable[[Any], T]) -> None:
        self._ask, self.__doc__ = ask, ask.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> Self | T:
        if instance is None:
            return self
        found = instance.__dict__[self._name] = self._ask(instance)
        return found
