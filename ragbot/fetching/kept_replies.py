"""Replies as they are kept below the data folder: each whole, by one run at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import filelock

from ragbot.errors import CatalogError, Locked
from ragbot.whole_file import write_whole

__all__ = ["Fetched", "alone", "keep"]


@dataclass(frozen=True, slots=True)
class Fetched:
    """A reply that is kept at ``path``, with so many ``papers``, which name ``source``.

    The run has done so much of ``total``, which counts what ``stage`` says.
    """

    path: Path
    source: str
    papers: int
    stage: Literal["days", "papers"]
    done: int
    total: int


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Be the only run that fetches into a folder, which is made if need be.

    Raises:
        Locked: another process fetches into it.
        CatalogError: it cannot be written.
    """
    lock = filelock.FileLock(folder / ".lock", timeout=0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except filelock.Timeout:
        raise Locked(folder) from None
    except OSError as error:
        raise _unwritable(folder, error) from None
    try:
        yield
    finally:
        lock.release()


def keep(path: Path, content: bytes) -> None:
    """Write a file whole or not at all.

    Raises:
        CatalogError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> CatalogError:
    return CatalogError(
        f"{path}: cannot be written ({error.strerror})",
        "make room and let it be written, or name another folder with --data-dir",
    )
