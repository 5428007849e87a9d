"""Files into papers: one format per module, each pure, behind one table.

A reader takes a file's text and yields `Paper` or `Skipped` in order, and knows of no index.
A bad record is skipped with its line and a reason; a bad file is one `ReadError`.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from ragbot.errors import ReadError
from ragbot.readers import listing
from ragbot.types import Paper, Skipped

__all__ = ["FORMATS", "Format", "find_files", "read_file", "read_text"]


@dataclass(frozen=True, slots=True)
class Format:
    """One readable format: how to recognise a text and how to read it."""

    name: str
    suffixes: tuple[str, ...]
    recognises: Callable[[str], bool]
    read: Callable[[str], Iterator[Paper | Skipped]]


FORMATS: tuple[Format, ...] = (
    Format("listing", (".txt",), listing.is_spaced, listing.read_spaced),
    Format("listing-compact", (".txt",), listing.is_compact, listing.read_compact),
)
_SUFFIXES = frozenset(chain.from_iterable(fmt.suffixes for fmt in FORMATS))

# The first bytes of what people rename to .txt by mistake.
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"PK\x03\x04", "a ZIP archive or office document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
)
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def find_files(paths: Iterable[Path | str]) -> list[Path]:
    """The files to read: those named as they stand, folders searched in name order by suffix."""
    found: list[Path] = []
    for path in map(Path, paths):
        if _is(Path.is_dir, path):
            found += _files_in(path)
        else:
            found.append(path)
    return found


def _files_in(folder: Path) -> list[Path]:
    named = [path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES]
    return sorted(path for path in named if _is(Path.is_file, path))


def _is(kind: Callable[[Path], bool], path: Path) -> bool:
    """What cannot be looked at is neither file nor folder; who names it is told why on reading."""
    try:
        return kind(path)
    except OSError:
        return False


def read_text(path: Path) -> str:
    """A file's text with ``\\n`` line ends.

    Raises:
        ReadError: it is missing, unreadable, empty, a binary format, or neither UTF-8 nor UTF-16
            with a byte order mark.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise ReadError(path, "no such file", "check the path") from None
    except IsADirectoryError:
        raise ReadError(path, "is a folder, not a file", "name a file in it") from None
    except OSError as error:
        raise ReadError(
            path, f"cannot be read ({error.strerror})", "check its permissions"
        ) from None
    if not raw.strip():
        raise ReadError(path, "the file is empty", "save the page again")
    for magic, what in _MAGIC:
        if raw.startswith(magic):
            raise ReadError(
                path, f"this is {what}, not text", "save the page as text (.txt)"
            )
    return _decoded(path, raw).replace("\r\n", "\n").replace("\r", "\n")


def _decoded(path: Path, raw: bytes) -> str:
    encoding = "utf-8-sig"
    if raw.startswith(_UTF16_MARKS):
        encoding = "utf-16"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ReadError(
            path, f"line {line} is not UTF-8 text", "save the page as UTF-8 text"
        ) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise ReadError(
            path, f"line {line} holds binary data", "save the page as text (.txt)"
        )
    return text


def read_file(path: Path) -> tuple[str, Sequence[Paper | Skipped]]:
    """The format's name and every record of a file, papers carrying its name as their source.

    Raises:
        ReadError: the file cannot be read, is of no known format, or holds no record at all.
    """
    text = read_text(path)
    for fmt in FORMATS:
        if not fmt.recognises(text):
            continue
        records = list(fmt.read(text))
        if not records:
            raise ReadError(path, "the listing holds no papers", "save the page again")
        return fmt.name, records
    raise ReadError(
        path,
        "not a Daily Papers listing (no dates under the abstracts, no page heading)",
        "open the page, select all, and save it as text",
    )
