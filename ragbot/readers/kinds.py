"""Values of one kind, out of what may be of any."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

__all__ = ["of_kind", "only"]

T = TypeVar("T")


def of_kind(value: object, kind: type[T]) -> T:
    """The value if it is of a kind, else an empty one of that kind."""
    return value if isinstance(value, kind) else kind()


def only(kind: type[T], values: Iterable[object]) -> list[T]:
    """Those of the values that are of a kind."""
    return [value for value in values if isinstance(value, kind)]
