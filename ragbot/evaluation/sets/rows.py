"""JSON Lines as sets are written in: the objects of a file, and their fields one by one.

A broken set is an error that names file, line and field: a number over half a set would be a lie.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ragbot.errors import InputError
from ragbot.text.english import framed

__all__ = [
    "Row",
    "SetError",
    "content",
    "filled",
    "kind_of",
    "read_lines",
    "require",
    "set_digest",
    "text",
    "texts",
]

T = TypeVar("T")

_ONE_A_LINE = 'write an object a line, {"id": …, "question": …}'
_UNREADABLE: dict[type[Exception], tuple[str, str]] = {
    FileNotFoundError: ("no such file", "check the path"),
    IsADirectoryError: (
        "is a folder",
        "name a file, or pass a BEIR folder with --beir",
    ),
    UnicodeDecodeError: ("is not UTF-8 text", "save it as UTF-8"),
}
_KINDS: dict[type, str] = {
    dict: "an object",
    list: "a list",
    str: "text",
    bool: "true or false",
    type(None): "null",
}


class SetError(InputError):
    """A question set that cannot be used, at a line and a field of it."""

    def __init__(
        self,
        path: Path,
        line: int | None,
        field: str | None,
        problem: str,
        remedy: str,
    ) -> None:
        where = f"{path}{framed(' line {}', line)}{framed(', {}', field)}"
        super().__init__(f"{where}: {problem}", remedy)
        self.path = path
        self.line = line
        self.field = field


def set_digest(path: Path) -> str:
    """12 hexadecimal digits that tell the content of this file, which must be there."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def read_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSON Lines file with their line numbers; blank lines are passed over.

    Raises:
        SetError: no such file, not text, empty, or a line that is no JSON object.
    """
    text_of_file = content(path)
    if not text_of_file.strip():
        raise SetError(path, None, None, "is empty", _ONE_A_LINE)
    # Not splitlines(): JSON strings may hold U+2028 and the like as they are.
    for number, line in enumerate(text_of_file.split("\n"), 1):
        if line.strip():
            yield number, _object(path, number, line)


def content(path: Path) -> str:
    """The text of a file.

    Raises:
        SetError: no such file, not to be read, or not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None)
        other = f"cannot be read ({reason})", "make it readable"
        problem, remedy = _UNREADABLE.get(type(error), other)
        raise SetError(path, None, None, problem, remedy) from None


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        what = "is no object"
        if line.lstrip().startswith("{"):
            what = f"broken JSON ({error})"
        raise SetError(path, number, None, what, _ONE_A_LINE) from None
    if not isinstance(row, dict):
        raise SetError(path, number, None, "is no object", _ONE_A_LINE)
    return row


class Row:
    """One line of a set; ``fields`` are checked one by one as they are read."""

    def __init__(self, path: Path, line: int, fields: Mapping[str, Any]) -> None:
        self.path, self.line, self.fields = path, line, fields

    def error(self, field: str, problem: str, remedy: str) -> SetError:
        """What is wrong with a field of this line."""
        return SetError(self.path, self.line, field, problem, remedy)

    def require(self, holds: bool, field: str, problem: str, remedy: str) -> None:
        """What a set asks of a field of this line.

        Raises:
            SetError: it does not hold.
        """
        if not holds:
            raise self.error(field, problem, remedy)

    def read(self, field: str, form: Callable[[Any], T]) -> T:
        """A field that must be there, as ``form`` reads it.

        Raises:
            SetError: it is missing, or ``form`` raised an `InputError`.
        """
        self.require(field in self.fields, field, "missing", "every line has it")
        try:
            return form(self.fields[field])
        except InputError as error:
            raise self.error(field, error.message, error.remedy) from None

    def maybe(self, field: str, form: Callable[[Any], T], default: T) -> T:
        """The same of a field that may be missing."""
        if field not in self.fields:
            return default
        return self.read(field, form)


def require(holds: bool, problem: str, remedy: str) -> None:
    """What a form asks of a value.

    Raises:
        InputError: it does not hold.
    """
    if not holds:
        raise InputError(problem, remedy)


def text(value: Any) -> str:
    """A string.

    Raises:
        InputError: something else.
    """
    require(isinstance(value, str), f"must be text, not {kind_of(value)}", "quote it")
    return str(value)


def filled(value: Any) -> str:
    """A string that is not blank.

    Raises:
        InputError: something else.
    """
    require(bool(text(value).strip()), "is blank", "fill it in")
    return str(value)


def texts(value: Any) -> tuple[str, ...]:
    """A list of strings.

    Raises:
        InputError: something else.
    """
    problem = f"must be a list of texts, not {kind_of(value)}"
    require(isinstance(value, list), problem, 'write ["…", "…"]')
    require(set(map(type, value)) <= {str}, problem, 'write ["…", "…"]')
    return tuple(value)


def kind_of(value: object) -> str:
    """What a JSON value is, in words."""
    return _KINDS.get(type(value), "a number")
