"""The files of a Chroma folder, looked at before Chroma maps them: a damaged one ends the process.

    chroma.sqlite3      ids, metadata and the vectors not yet in the graph
    <segment>/          one HNSW graph, as hnswlib writes it, little-endian
        header.bin        sizes and counts
        data_level0.bin   an element a row: neighbours, vector, label
        length.bin        a float an element: the length of its vector before it was normalised
        link_lists.bin    an element's neighbours on the upper levels, their size in bytes in front
        index_metadata.pickle  which id has which label

Chroma keeps no checksums. Neighbours out of range and vectors that are not of length 1 are what
damage looks like; anything smaller changes a cosine in the third place.
"""

from __future__ import annotations

import io
import math
import pickle
import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import numpy as np
import numpy.typing as npt

from ragbot.errors import CatalogError
from ragbot.index.database import at_once, check_database
from ragbot.index.store_errors import REBUILD

__all__ = ["check_files"]

_DATABASE = "chroma.sqlite3"
_HEADER = struct.Struct("<iQQQQQQiIQQQdQ")
# Each graph of vectors, and how many chunks had come when it was last written to disk.
_TAKEN_IN = """
SELECT id, (SELECT count(*) FROM embeddings WHERE embeddings.seq_id <= max_seq_id.seq_id)
FROM segments LEFT JOIN max_seq_id ON segment_id = id WHERE scope = 'VECTOR'
"""
# The size in bytes that is read entirely at every opening: some 15,000 chunks, 10 milliseconds.
_SMALL = 20_000_000
# Elements looked at in a larger graph at every opening.
_SAMPLE = 2000
# Single precision, of vectors that Chroma has normalised.
_LENGTH_TOLERANCE = 0.01


class _Header(NamedTuple):
    version: int
    offset: int
    most: int
    elements: int
    row: int
    label_at: int
    vector_at: int
    level: int
    entry: int
    links: int
    links_0: int
    half: int
    scale: float
    breadth: int


class _Unrestored(pickle.Unpickler):
    """Reads plain values; a damaged file may name any function to be called."""

    def find_class(self, module: str, name: str) -> NoReturn:
        raise pickle.UnpicklingError(f"names {module}.{name}")


def check_files(folder: Path, *, thorough: bool) -> None:
    """Look for damage; without ``thorough`` a large store is looked at in samples.

    A folder that is not there yet has none.

    Raises:
        CatalogError: a file is damaged or gone.
    """
    if folder.is_file():
        raise CatalogError(f"{folder}: is a file, not a folder", REBUILD)
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    database = folder / _DATABASE
    check_database(database, REBUILD, thorough=thorough)
    for segment, taken_in in _segments(database):
        _check_graph(folder / segment, taken_in, thorough=thorough)


def _segments(database: Path) -> list[tuple[str, int]]:
    """The graphs, and how many chunks each must hold.

    Chunks written since the graph was last written to disk are in the database alone.
    """
    with closing(
        sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)
    ) as db:
        tables = {name for (name,) in at_once(db, "SELECT name FROM sqlite_master")}
        if "segments" not in tables:
            raise CatalogError(f"{database}: has no collection", REBUILD)
        return [(str(id_), int(taken_in)) for id_, taken_in in at_once(db, _TAKEN_IN)]


def _check_graph(folder: Path, taken_in: int, *, thorough: bool) -> None:
    if not folder.is_dir():
        if taken_in:
            raise CatalogError(f"{folder}: a part of the index is gone", REBUILD)
        return
    header = _read_header(folder / "header.bin")
    told = f"has {header.elements} vectors, not {taken_in}"
    _require(header.elements >= taken_in, folder, told)
    if not header.elements:
        return
    data = folder / "data_level0.bin"
    sizes = {
        data: header.elements * header.row,
        folder / "length.bin": header.elements * 4,
        folder / "link_lists.bin": header.elements * 4,
    }
    for path, least in sizes.items():
        _require_file(path, least)
    small = data.stat().st_size <= _SMALL
    step = 1 if thorough or small else max(1, header.elements // _SAMPLE)
    _check_rows(data, header, step)
    if thorough or small:
        _check_lengths(folder / "length.bin", header.elements)
        _check_links(folder / "link_lists.bin", header)
        _check_labels(folder / "index_metadata.pickle", header.elements, taken_in)


def _require(holds: bool, path: Path, told: str) -> None:
    """Raise that a file is damaged, unless it ``holds`` what must be so."""
    if not holds:
        raise CatalogError(f"{path}: the vector store is damaged ({told})", REBUILD)


def _require_file(path: Path, least: int = 0) -> None:
    if not path.is_file():
        raise CatalogError(f"{path}: a part of the index is gone", REBUILD)
    _require(path.stat().st_size >= least, path, f"is shorter than {least} bytes")


def _read_header(path: Path) -> _Header:
    _require_file(path, _HEADER.size)
    raw = path.read_bytes()
    header = _Header(*_HEADER.unpack_from(raw))
    expected = {
        "version": (header.version, 1),
        "offset": (header.offset, 0),
        "neighbours": (header.links_0, 2 * header.links),
        "neighbours above": (header.half, header.links),
        "start of a vector": (header.vector_at, 4 * header.links_0 + 4),
        "start of a label": (header.label_at, header.row - 8),
    }
    for name, (value, right) in expected.items():
        _require(value == right, path, f"{name} is {value}, not {right}")
    _require(2 <= header.links <= 1000, path, f"{header.links} neighbours")
    _require(header.row <= 1_000_000, path, f"rows of {header.row} bytes")
    scale = 1 / math.log(header.links)
    _require(math.isclose(header.scale, scale), path, f"scale is {header.scale}")
    _require(
        header.elements <= header.most < 2**40,
        path,
        f"{header.elements} of {header.most}",
    )
    _require(1 <= header.breadth < 1_000_000, path, f"breadth is {header.breadth}")
    if header.elements:
        _require(header.entry < header.elements, path, f"entry is {header.entry}")
        _require(0 <= header.level < 64, path, f"level is {header.level}")
    return header


def _check_rows(path: Path, header: _Header, step: int) -> None:
    """Every ``step``-th element: its neighbours are elements, its vector has length 1."""
    mapped = np.memmap(path, np.uint8, "r", shape=(header.elements, header.row))
    rows = np.ascontiguousarray(mapped[::step])
    del mapped
    # The low half of the first number is how many there are; the high half marks a deleted one.
    sizes = _column(rows, 0, 4, np.uint32)[:, 0] & 0xFFFF
    _require(
        int(sizes.max()) <= header.links_0,
        path,
        "more neighbours than there is room for",
    )
    neighbours = _column(rows, 4, header.vector_at, np.uint32)
    used = np.arange(header.links_0) < sizes[:, None]
    inside = neighbours[used] < header.elements
    _require(bool(inside.all()), path, "neighbours that are not there")
    vectors = _column(rows, header.vector_at, header.label_at, np.float32)
    with np.errstate(all="ignore"):
        lengths = np.linalg.norm(vectors, axis=1)
        right = np.abs(lengths - 1) < _LENGTH_TOLERANCE
    right |= ~vectors.any(axis=1)
    _require(bool(right.all()), path, "vectors that are not of length 1")
    labels = _column(rows, header.label_at, header.row, np.uint64)[:, 0]
    _require(len(np.unique(labels)) == len(labels), path, "one label twice")


def _column(
    rows: npt.NDArray[np.uint8], start: int, end: int, kind: type[np.generic]
) -> npt.NDArray[Any]:
    return np.ascontiguousarray(rows[:, start:end]).view(kind)


def _check_lengths(path: Path, count: int) -> None:
    lengths = np.frombuffer(path.read_bytes(), np.float32, count)
    right = np.isfinite(lengths) & (lengths >= 0)
    _require(bool(right.all()), path, "lengths that are no lengths")


def _check_links(path: Path, header: _Header) -> None:
    """Walk the lists of the upper levels: who is named on a level must have lists for it."""
    raw = path.read_bytes()
    size_of_level = 4 * header.links + 4
    levels = np.zeros(header.elements, np.int64)
    lists: list[npt.NDArray[np.uint32]] = []
    at = 0
    for element in range(header.elements):
        _require(at + 4 <= len(raw), path, "ends too early")
        (size,) = struct.unpack_from("<I", raw, at)
        at += 4
        if size == 0:
            continue
        whole = size % size_of_level == 0 and at + size <= len(raw)
        _require(whole, path, "lists that do not fit")
        levels[element] = size // size_of_level
        numbers = np.frombuffer(raw, np.uint32, size // 4, at)
        lists.append(numbers.reshape(-1, header.links + 1))
        at += size
    told = f"{levels.max()} levels, not {header.level}"
    _require(levels[header.entry] == levels.max() == header.level, path, told)
    for of_element in lists:
        for level, numbers in enumerate(of_element, start=1):
            used = int(numbers[0]) & 0xFFFF
            named = numbers[1 : used + 1]
            inside = used <= header.links and bool((named < header.elements).all())
            _require(inside, path, "neighbours that are not there")
            above = levels[named] >= level
            _require(bool(above.all()), path, "neighbours that are not on this level")


def _check_labels(path: Path, count: int, taken_in: int) -> None:
    _require_file(path)
    try:
        labels = _Unrestored(io.BytesIO(path.read_bytes())).load()["id_to_label"]
        known = len(set(labels.values()))
    except Exception as error:
        raise CatalogError(
            f"{path}: the vector store is damaged ({type(error).__name__})", REBUILD
        ) from error
    _require(known == len(labels), path, "one label twice")
    _require(taken_in <= known <= count, path, f"names {known} vectors of {count}")
