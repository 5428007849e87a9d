"""A file, or a member of an archive, as text: decoded piece by piece, in bounded memory.

Line ends are ``\\n``. Where most second bytes are none it is UTF-16, marked or not, else UTF-8, and
single bytes that are none of it are cp1252.
"""

from __future__ import annotations

import codecs
import io
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, cast

from ragbot.errors import ReadError

__all__ = ["DAMAGED", "HEAD", "LONGEST_TEXT", "PIECE", "ByteStream", "Document"]

HEAD = 65_536
"""Characters of a document by which its format is recognised."""
LONGEST_TEXT = 200_000_000
"""Bytes of a document that is read as a whole; formats of a record a line may be longer."""
_LONGEST_LINE = 20_000_000
PIECE = 1_000_000
"""Characters that `Document.pieces` gives at a time."""

# The first bytes of what people rename to .txt by mistake.
_MAGIC = {
    b"%PDF-": "a PDF",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"\xd0\xcf\x11\xe0": "an office document",
}
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


_ESCAPED = re.compile("[\udc80-\udcff]+")
# Of letters in UTF-16 that are in ASCII the high byte is 0.
_MOSTLY = 0.6
DAMAGED = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError)
"""What the libraries of archives raise for what they cannot read."""


ByteStream = IO[bytes] | io.BufferedIOBase


@dataclass(frozen=True, slots=True)
class Document:
    """Text to be read as papers: of the file at ``path``, or of a ``member`` of that archive.

    ``open_`` opens its bytes anew each time; ``saved`` is the day on which it was saved, if known;
    ``named`` says that it was asked for, not found in a folder or an archive; ``called`` is what
    papers name as their source, if not its path.
    """

    path: str
    open_: Callable[[], ByteStream]
    member: str = ""
    saved: date | None = None
    named: bool = True
    called: str = ""

    @property
    def name(self) -> str:
        """Where it is: ``lists/refs.bib``, ``lists/dump.zip/refs.bib``."""
        return "/".join(filter(None, [self.path, self.member]))

    @property
    def suffix(self) -> str:
        """Of its name, in small letters: ``.bib``."""
        return Path(self.name).suffix.lower()

    def head(self) -> str:
        """Its first `HEAD` characters at most.

        Raises:
            ReadError: it cannot be read, is empty, or is a format of bytes.
        """
        with self._reader() as reader:
            return _mended(reader.read(HEAD))

    def text(self) -> str:
        """All of it.

        Raises:
            ReadError: as for `head`, or it is longer than `LONGEST_TEXT`.
        """
        with self._reader() as reader:
            text = reader.read(LONGEST_TEXT + 1)
        if len(text) > LONGEST_TEXT:
            raise self.fault(
                f"is longer than {LONGEST_TEXT // 1_000_000} MB", "part it into several"
            )
        return _mended(text)

    def pieces(self) -> Iterator[str]:
        """All of it, a million characters at a time.

        Raises:
            ReadError: as for `head`.
        """
        with self._reader() as reader:
            while piece := reader.read(PIECE):
                yield _mended(piece)

    def lines(self) -> Iterator[tuple[int, str]]:
        """Its lines with their numbers, one at a time, without their ends.

        Raises:
            ReadError: as for `head`, or a line is longer than 20 MB.
        """
        with self._reader() as reader:
            number = 0
            while line := reader.readline(_LONGEST_LINE):
                number += 1
                if len(line) == _LONGEST_LINE:
                    raise self.fault(
                        f"line {number} is too long", "put every record on its own line"
                    )
                yield number, _mended(line.rstrip("\n"))

    def fault(self, problem: str, remedy: str) -> ReadError:
        """What is wrong with it, as an error that names it."""
        return ReadError(Path(self.name), problem, remedy)

    @contextmanager
    def _reader(self) -> Iterator[io.TextIOWrapper]:
        """Its text from the beginning; whatever goes wrong on the way is an error that names it."""
        try:
            with closing(self.open_()) as stream:
                first = stream.read(HEAD)
            encoding = self._encoding(first)
            with closing(self.open_()) as stream:
                yield io.TextIOWrapper(
                    cast(IO[bytes], stream), encoding, "surrogateescape"
                )
        except FileNotFoundError:
            raise self.fault("no such file", "check the path") from None
        except IsADirectoryError:
            raise self.fault("is a folder, not a file", "name a file in it") from None
        except OSError as error:
            why = error.strerror or str(error)
            raise self.fault(
                f"cannot be read ({why})", "check its permissions"
            ) from None
        except DAMAGED as error:
            raise self.fault(
                f"is damaged ({error})", "save or download it again"
            ) from None

    def _encoding(self, first: bytes) -> str:
        """The encoding of a text by its first bytes; UTF-8 unless they show another."""
        if not first.strip() and len(first) < HEAD:
            raise self.fault("the file is empty", "save it again")
        magic = next(filter(first.startswith, _MAGIC), None)
        if magic is not None:
            raise self.fault(
                f"this is {_MAGIC[magic]}, not text", "export or save it as text"
            )
        mark = next(filter(first.startswith, _MARKS), None)
        if mark is not None:
            return _MARKS[mark]
        for encoding, high in (("utf-16-le", first[1::2]), ("utf-16-be", first[::2])):
            if high.count(0) > _MOSTLY * len(high):
                return encoding
        if b"\0" in first:
            line = first.partition(b"\0")[0].count(b"\n") + 1
            raise self.fault(
                f"line {line} holds binary data", "export or save it as text"
            )
        return "utf-8"


def _mended(text: str) -> str:
    """Bytes that are no UTF-8 as characters of cp1252."""
    return _ESCAPED.sub(
        lambda m: (
            m.group().encode("utf-8", "surrogateescape").decode("cp1252", "replace")
        ),
        text,
    )
