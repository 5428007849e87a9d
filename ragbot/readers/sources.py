"""Which documents there are in files, folders, archives and on standard input."""

from __future__ import annotations

import dataclasses
import gzip
import io
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import IO

from ragbot.readers.document import DAMAGED, LONGEST_TEXT, ByteStream, Document
from ragbot.types import Skipped

__all__ = ["STANDARD_INPUT", "documents"]

STANDARD_INPUT = "-"
"""The path that stands for it."""

_ARCHIVES = frozenset({".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz"})
_OFFICE = frozenset({".docx", ".xlsx", ".pptx", ".odt", ".ods", ".epub"})
_MOST_MEMBERS = 100_000
# What is unpacked to so many bytes, and to so many times its packed size, is there to do harm.
_HARMLESS = 100_000_000
_MOST_TIMES = 200
_IN_MEMORY = 10_000_000


def documents(
    paths: Iterable[Path | str | Document], suffixes: Collection[str]
) -> Iterator[Document | Skipped]:
    """The documents below paths, in name order; each is to be read before the next is taken.

    What is a document already stays as it is.

    In folders and archives files of other ``suffixes`` are skipped, with the reason. What cannot be
    looked at is a document whose reading tells why.
    """
    for path in paths:
        if isinstance(path, Document):
            yield path
        elif str(path) == STANDARD_INPUT:
            yield _standard_input()
        elif _is(Path.is_dir, Path(path)):
            yield from _in_folder(Path(path), suffixes)
        else:
            yield from _in_file(Path(path), suffixes)


def _in_folder(folder: Path, suffixes: Collection[str]) -> Iterator[Document | Skipped]:
    shown = (p for p in folder.rglob("*") if not _is_hidden(p.relative_to(folder)))
    for path in sorted(path for path in shown if not _is(Path.is_dir, path)):
        if path.suffix.lower() in {*suffixes, *_ARCHIVES}:
            yield from map(_as_found, _in_file(path, suffixes))
        else:
            yield Skipped(str(path), _passed_over(path.suffix))


def _as_found(document: Document | Skipped) -> Document | Skipped:
    if isinstance(document, Skipped):
        return document
    return dataclasses.replace(document, named=False)


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _passed_over(suffix: str) -> str:
    return f"no format is read from {suffix or 'a name without suffix'}"


def _is(kind: Callable[[Path], bool], path: Path) -> bool:
    """What cannot be looked at is neither file nor folder; who names it is told why on reading."""
    try:
        return kind(path)
    except OSError:
        return False


def _in_file(path: Path, suffixes: Collection[str]) -> Iterator[Document | Skipped]:
    """A file as a document, or the documents in an archive, told by its bytes."""
    whole = Document(str(path), partial(_opened, path), saved=_saved(path))
    try:
        with _opened(path) as stream:
            first = stream.read(512)
    except OSError:
        yield whole
        return
    members = _members_of(path, first)
    if members is None:
        yield whole
        return
    try:
        for member in members:
            known = member.suffix in suffixes or first.startswith(b"\x1f\x8b")
            yield member if known else Skipped(member.name, _passed_over(member.suffix))
    except (*DAMAGED, OSError, RuntimeError) as error:
        raise whole.fault(
            f"is damaged ({error})", "save or download it again"
        ) from None


def _members_of(path: Path, first: bytes) -> Iterator[Document] | None:
    """The members of an archive; ``None`` for any other file."""
    if first.startswith(b"PK\x03\x04"):
        return _in_zip(path)
    if first[257:262] == b"ustar" or path.name.endswith(
        (".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
    ):
        return _in_tar(path)
    if first.startswith(b"\x1f\x8b"):
        return _in_gzip(path)
    return None


def _opened(path: Path) -> IO[bytes]:
    """Raises `OSError` for what is no regular file: a pipe or a device may never end."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise OSError(None, "it is no regular file")
    return path.open("rb")


def _saved(path: Path) -> date | None:
    try:
        return date(*time.localtime(path.stat().st_mtime)[:3])
    except (OSError, ValueError, OverflowError):
        return None


@cache
def _standard_input() -> Document:
    copy = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  as long as its document
    while piece := sys.stdin.buffer.read(1 << 20):
        copy.write(piece)

    def again() -> ByteStream:
        copy.seek(0)
        return _Unclosed(copy)

    return Document("standard input", again)


# -- archives -------------------------------------------------------------------------------------


def _in_zip(path: Path) -> Iterator[Document]:
    whole = Document(str(path), partial(_opened, path))
    if path.suffix.lower() in _OFFICE:
        raise whole.fault(
            "this is an office document, not text", "export or save it as text"
        )
    with zipfile.ZipFile(path) as archive:
        members = [m for m in archive.infolist() if not m.is_dir()]
        _check_number(whole, len(members))
        for member in sorted(members, key=lambda m: m.filename):
            unpack = partial(
                _Bounded, partial(archive.open, member), member.compress_size
            )
            yield Document(str(path), unpack, member.filename, named=False)


def _in_tar(path: Path) -> Iterator[Document]:
    whole = Document(str(path), partial(_opened, path))
    number = 0
    with tarfile.open(path) as archive:
        for member in archive:
            number += 1
            _check_number(whole, number)
            packed = archive.extractfile(member) if member.isfile() else None
            if packed is not None:
                # Going back in it would unpack all that stands before it once more.
                content = packed.read(LONGEST_TEXT)
                yield Document(
                    str(path), partial(io.BytesIO, content), member.name, named=False
                )


def _in_gzip(path: Path) -> Iterator[Document]:
    size = path.stat().st_size
    unpack = partial(_Bounded, partial(gzip.open, path), size)
    yield Document(str(path), unpack, saved=_saved(path))


def _check_number(whole: Document, members: int) -> None:
    if members > _MOST_MEMBERS:
        raise whole.fault("holds too many files", "unpack it and name those to be read")


class _Bounded(io.BufferedIOBase):
    """What is unpacked, as long as that is in proportion to what was packed."""

    def __init__(self, unpack: Callable[[], ByteStream], packed: int) -> None:
        self._stream = unpack()
        self._left = max(_HARMLESS, _MOST_TIMES * packed)

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        piece = self._stream.read(-1 if size is None else size)
        self._left -= len(piece)
        if self._left < 0:
            raise OSError(None, f"it unpacks to {_MOST_TIMES} times its size")
        return piece

    def read1(self, size: int = -1) -> bytes:
        return self.read(size if size >= 0 else 1 << 16)

    def close(self) -> None:
        self._stream.close()
        super().close()


class _Unclosed(io.BufferedIOBase):
    """A stream that stays open for whoever reads it next."""

    def __init__(self, stream: tempfile.SpooledTemporaryFile[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        return self._stream.read(-1 if size is None else size)

    def read1(self, size: int = -1) -> bytes:
        return self.read(size)
