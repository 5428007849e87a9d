"""Values of one kind, and the first that says something, out of what may be of any."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import repeat
from typing import Any, TypeVar

__all__ = ["first", "of_kind", "only"]

T = TypeVar("T")


def of_kind(value: object, kind: type[T]) -> T:
    """The value if it is of a kind, else an empty one of that kind."""
    return value if isinstance(value, kind) else kind()


def only(kind: type[T], values: Iterable[object]) -> list[T]:
    """Those of the values that are of a kind."""
    return [value for value in values if isinstance(value, kind)]


def first(told: Mapping[str, Any], names: Iterable[str]) -> Any:
    """What stands under the first of some names that has a value; an empty text if none has."""
    return next(filter(None, map(told.get, names, repeat(""))), "")
