"""What the libraries of the derived stores raise, as one `CatalogError` that says what to do.

Their exceptions are not to be listed: Chroma alone raises its own, Python's and, when its Rust part
panics, one that is no `Exception`. Whatever comes out of a call into such a library is taken for a
fault of the store, except what a person or the interpreter raises to end the program.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from ragbot.errors import CatalogError, RagbotError

__all__ = [
    "FREE_SPACE",
    "REBUILD",
    "Translating",
    "cause_of",
    "damaged",
    "is_foreign",
    "patiently",
]

REBUILD = "run 'ragbot rebuild'"
FREE_SPACE = (
    "free some space, then run the command again, or 'ragbot rebuild' if it still fails"
)

# As the system, SQLite and Rust say it: no space (28), a file too large (27), over quota (122).
_FULL = re.compile(
    r"no space left|is full|quota exceeded|file too large|os error (?:27|28|122)\b",
    re.IGNORECASE,
)
# Bytes. Libraries do not always say why a write failed; with less than this it is the disk.
_NOTHING_LEFT = 1_000_000
_MOST_CHARACTERS = 200
# A writer may be exchanging files while they are opened or read; it is soon done.
_ATTEMPTS = 10
_PAUSE = 0.02  # seconds

T = TypeVar("T")


class Translating:
    """A context in which what a library raises becomes a `RagbotError` about one store.

    Args:
        fault: makes the error of what was raised, such as `damaged` of a path and a name.
    """

    def __init__(self, fault: Callable[[BaseException], RagbotError]) -> None:
        self._fault = fault

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None and is_foreign(error):
            raise self._fault(error) from error


def patiently(work: Callable[[], T]) -> T:
    """What ``work`` gives, tried again where another process may be exchanging files."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return work()
        except BaseException as error:
            if not (isinstance(error, CatalogError) or is_foreign(error)):
                raise
        time.sleep(_PAUSE)
    return work()


def is_foreign(error: BaseException) -> bool:
    """Whether an exception is a library's; a panic of Rust's is, though it is no `Exception`."""
    if isinstance(error, RagbotError):
        return False
    return isinstance(error, Exception) or type(error).__module__ == "pyo3_runtime"


def damaged(path: Path, name: str, error: BaseException) -> CatalogError:
    """The error of a store that could not do what was asked of it."""
    told = cause_of(error)
    if _FULL.search(told) or _free(path) < _NOTHING_LEFT:
        return CatalogError(f"{path}: the disk is full ({name}: {told})", FREE_SPACE)
    return CatalogError(f"{path}: {name} cannot be used ({told})", REBUILD)


def cause_of(error: BaseException) -> str:
    """What went wrong first, on one line: cleaning up after it may have failed as well."""
    while isinstance(error, AttributeError) and error.__context__ is not None:
        error = error.__context__
    told = " ".join(str(error).split())
    return told[:_MOST_CHARACTERS] or type(error).__name__


def _free(path: Path) -> int:
    """Bytes left where a store lies or would lie."""
    there = next(filter(Path.exists, [path, *path.parents]), path)
    try:
        return shutil.disk_usage(there).free
    except OSError:
        return _NOTHING_LEFT
