"""JSON from anywhere, taken field by field: what is not as it must be is told by its name."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from ragbot.errors import InputError

__all__ = ["JsonObject"]

D = TypeVar("D")
T = TypeVar("T")

_NONE: Mapping[str, Any] = {}
_REMEDY = "use what Ragbot itself has written"
_KINDS: dict[type, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    list: "list",
    dict: "object",
}
# Of Python's types as they are: True is a whole number to Python, that of JSON is none.
_ALLOWED: dict[type, frozenset[type]] = {
    **{kind: frozenset({kind}) for kind in _KINDS},
    float: frozenset({float, int}),
}


class JsonObject:
    """The fields of one JSON object, each checked as it is taken; ``where`` names it in messages.

    ``later`` are fields that documents of older versions lack, with what these would have there.

    Every method raises `InputError`, naming the field, if it is not what it must be.
    """

    def __init__(
        self, document: object, where: str, later: Mapping[str, Any] = _NONE
    ) -> None:
        if not isinstance(document, Mapping):
            raise InputError(f"{where or 'document'}: no JSON object", _REMEDY)
        self._document = {**later, **document}
        self._where = where

    def take(self, name: str, kind: type[T]) -> T:
        """A field that must be there."""
        value = self.maybe(name, kind, None)
        if value is None:
            raise self._fault(name, "missing")
        return value

    def maybe(self, name: str, kind: type[T], default: D) -> T | D:
        """A field that may be missing or null. A whole number is a float, a bool no number."""
        value = self._document.get(name)
        if value is None:
            return default
        return self._checked(name, value, kind)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings."""
        return tuple(self._items(name, str))

    def integers(self, name: str) -> tuple[int, ...]:
        """A list of whole numbers."""
        return tuple(self._items(name, int))

    def objects(self, name: str) -> list[JsonObject]:
        """A list of objects."""
        items = self.take(name, list)
        return [
            JsonObject(item, f"{self._where}{name}[{i}].")
            for i, item in enumerate(items)
        ]

    def object(self, name: str) -> JsonObject:
        """An object that may be missing, and then has no field."""
        return JsonObject(self.maybe(name, dict, {}), f"{self._where}{name}.")

    def one_of(self, name: str, words: tuple[str, ...]) -> str:
        """One of the words of a contract."""
        word = self.take(name, str)
        if word not in words:
            raise self._fault(name, f"'{word}' is none of {', '.join(words)}")
        return word

    def mapping(self, name: str, kind: type[T]) -> dict[str, T]:
        """An object whose keys are free and whose values are of one kind."""
        fields = self.object(name)
        return {key: fields.take(key, kind) for key in fields._document}

    def _items(self, name: str, kind: type[T]) -> list[T]:
        return [self._checked(name, item, kind) for item in self.take(name, list)]

    def _checked(self, name: str, value: Any, kind: type[T]) -> T:
        if type(value) not in _ALLOWED[kind]:
            raise self._fault(name, f"{_short(value)} is no {_KINDS[kind]}")
        try:
            return cast(Callable[[Any], T], kind)(value)
        except OverflowError:
            raise self._fault(name, f"{_short(value)}… is too large") from None

    def _fault(self, name: str, problem: str) -> InputError:
        return InputError(f"{self._where}{name}: {problem}", _REMEDY)


def _short(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)[:40]
