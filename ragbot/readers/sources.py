"""Which documents there are in files, folders, archives and on standard input."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import stat
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import cache, partial
from itertools import filterfalse
from operator import attrgetter
from pathlib import Path
from typing import IO, cast

from ragbot.readers.document import DAMAGED, LONGEST_TEXT, ByteStream, Document
from ragbot.types import Skipped

__all__ = ["STANDARD_INPUT", "documents"]

STANDARD_INPUT = "-"
"""The path that stands for it."""

_ARCHIVES = frozenset({".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz"})
_PACKED_TARS = (".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
_OFFICE = frozenset({".docx", ".xlsx", ".pptx", ".odt", ".ods", ".epub"})
_MOST_MEMBERS = 100_000
# What is unpacked to so many bytes, and to so many times its packed size, is there to do harm.
_HARMLESS = 100_000_000
_MOST_TIMES = 200


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
        # What cannot be looked at is none; who names it is told why on reading.
        elif os.path.isdir(path):  # noqa: PTH112  pathlib raises then
            yield from _in_folder(Path(path), suffixes)
        else:
            yield from _in_file(Path(path), suffixes)


def _in_folder(folder: Path, suffixes: Collection[str]) -> Iterator[Document | Skipped]:
    shown = filterfalse(partial(_is_hidden, folder), folder.rglob("*"))
    for path in sorted(filterfalse(os.path.isdir, shown)):
        if path.suffix.lower() in {*suffixes, *_ARCHIVES}:
            yield from _in_file(path, suffixes, named=False)
        else:
            yield Skipped(str(path), _passed_over(path.suffix))


def _is_hidden(folder: Path, path: Path) -> bool:
    """Whether a file, or a folder on the way to it, has a name that begins with a dot."""
    return "/." in f"/{path.relative_to(folder).as_posix()}"


def _passed_over(suffix: str) -> str:
    return f"no format is read from {suffix or 'a name without suffix'}"


def _in_file(
    path: Path, suffixes: Collection[str], *, named: bool = True
) -> Iterator[Document | Skipped]:
    """A file as a document, or the documents in an archive, told by its bytes."""
    whole = Document(str(path), partial(_opened, path), saved=_saved(path), named=named)
    try:
        with _opened(path) as stream:
            first = stream.read(512)
    except OSError:
        yield whole
        return
    try:
        for member in _members_of(whole, first):
            # What is packed alone was named by whoever named it.
            known = member.suffix in suffixes or not member.member
            yield member if known else Skipped(member.name, _passed_over(member.suffix))
    except (*DAMAGED, OSError, RuntimeError) as error:
        raise whole.fault(
            f"is damaged ({error})", "save or download it again"
        ) from None


def _members_of(whole: Document, first: bytes) -> Iterator[Document]:
    """The members of an archive; any other file itself."""
    if first[257:262] == b"ustar" or whole.path.endswith(_PACKED_TARS):
        return _in_tar(whole)
    magic = next(filter(first.startswith, _UNPACKED))
    return _UNPACKED[magic](whole)


def _opened(path: Path) -> IO[bytes]:
    """Raises `OSError` for what is no regular file: a pipe or a device may never end."""
    if stat.S_IFMT(path.stat().st_mode) not in {stat.S_IFREG, stat.S_IFDIR}:
        raise OSError(None, "it is no regular file")
    return path.open("rb")


def _saved(path: Path) -> date | None:
    with suppress(OSError, ValueError, OverflowError):
        return date(*time.localtime(path.stat().st_mtime)[:3])
    return None


@cache
def _standard_input() -> Document:
    copy = tempfile.TemporaryFile()  # noqa: SIM115  as long as its document
    shutil.copyfileobj(sys.stdin.buffer, copy)
    copy.flush()

    def again() -> ByteStream:
        os.lseek(copy.fileno(), 0, os.SEEK_SET)
        return open(copy.fileno(), "rb", closefd=False)

    return Document("standard input", again)


# -- archives -------------------------------------------------------------------------------------


def _in_zip(whole: Document) -> Iterator[Document]:
    if whole.suffix in _OFFICE:
        raise whole.fault(
            "this is an office document, not text", "export or save it as text"
        )
    with zipfile.ZipFile(whole.path) as archive:
        members = list(filterfalse(zipfile.ZipInfo.is_dir, archive.infolist()))
        _check_number(whole, len(members))
        for member in sorted(members, key=attrgetter("filename")):
            unpack = partial(
                _Bounded, partial(archive.open, member), member.compress_size
            )
            yield Document(whole.path, unpack, member.filename, named=False)


def _in_tar(whole: Document) -> Iterator[Document]:
    with tarfile.open(whole.path) as archive:
        for number, member in enumerate(archive, 1):
            _check_number(whole, number)
            if member.isfile():
                # Going back in it would unpack all that stands before it once more.
                content = cast(IO[bytes], archive.extractfile(member)).read(
                    LONGEST_TEXT
                )
                unpack = partial(io.BytesIO, content)
                yield Document(whole.path, unpack, member.name, named=False)


def _in_gzip(whole: Document) -> Iterator[Document]:
    size = Path(whole.path).stat().st_size
    unpack = partial(_Bounded, partial(gzip.open, whole.path), size)
    yield replace(whole, open_=unpack)


def _alone(whole: Document) -> Iterator[Document]:
    yield whole


_UNPACKED = {b"PK\x03\x04": _in_zip, b"\x1f\x8b": _in_gzip, b"": _alone}
"""How files are unpacked, by their first bytes."""


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
        piece = self._stream.read(cast(int, size))
        self._left -= len(piece)
        if self._left < 0:
            raise OSError(None, f"it unpacks to {_MOST_TIMES} times its size")
        return piece

    def read1(self, size: int = -1) -> bytes:
        return self.read(size)

    def close(self) -> None:
        self._stream.close()
        super().close()
