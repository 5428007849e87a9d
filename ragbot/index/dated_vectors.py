"""Chunk vectors as rows of SQLite in the order of their papers' dates, beside those of sentences.

A vector store finds the nearest of all chunks; those of a range of dates it would have to be told
one by one. Here they are one stretch of a table, which is read and compared as a whole: a row is a
paper, and its number begins with that of its date. Pure: what to ask of SQLite, and what to make of
its rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from ragbot.embedding.embedder import Vectors
from ragbot.index.chunks import chunk_id

__all__ = [
    "AT_ONCE",
    "COUNT",
    "DATES",
    "EVERY",
    "INSERT",
    "MISSING",
    "SCHEMA",
    "Damaged",
    "Dated",
    "nearest",
    "rows_of",
    "verify",
    "within",
]

Dated = tuple[str, int, Vectors]
"""A paper's id, the number of its date (`ranges.date_number`), its vectors (chunks, dimension)."""
Stored = tuple[str, bytes]
"""A paper's id and its vectors as they are stored."""

# Builds that know nothing of this table change papers as well, hence the trigger.
SCHEMA = """
CREATE TABLE IF NOT EXISTS dated (
    place INTEGER PRIMARY KEY, paper_id TEXT NOT NULL UNIQUE, vectors BLOB NOT NULL
);
CREATE TRIGGER IF NOT EXISTS dated_are_known AFTER DELETE ON sentences
BEGIN DELETE FROM dated WHERE paper_id = old.paper_id; END;
"""
# More than there are papers of one date.
_EACH_DATE = 1 << 32
# A paper stands behind the others of its date: places of the first and the last such, id, vectors.
INSERT = """
INSERT INTO dated SELECT coalesce(max(place) + 1, ?1), ?3, ?4 FROM dated
WHERE place BETWEEN ?1 AND ?2
"""
EVERY = "SELECT paper_id, vectors FROM dated"
COUNT = "SELECT count(*) FROM dated"
DATES = f"SELECT paper_id, place / {_EACH_DATE} FROM dated"
# Papers, and how many sentences they have, that builds without this table put in.
MISSING = """
SELECT paper_id, n FROM sentences
WHERE paper_id NOT IN (SELECT paper_id FROM dated) ORDER BY paper_id
"""
# Papers that are read and compared at a time, as fit the caches of a processor: of 5,850 papers
# 64 at a time take 9 ms of CPU, 256 take 12, all at once 16.
AT_ONCE = 64
# Values lie between -1 and 1. As 16-bit integers they are no less exact than in half precision, and
# numpy reads them seven times as fast.
_UNIT = np.float32(32767)
_STORED = np.dtype(np.int16)
# Of the length of a vector, which is 1, squared.
_TOLERANCE = 0.02


class Damaged(ValueError):
    """The vectors of a paper cannot be what was put in."""

    def __init__(self, paper_id: str) -> None:
        super().__init__(paper_id)
        self.paper_id = paper_id


def rows_of(papers: Iterable[Dated]) -> list[tuple[int, int, str, bytes]]:
    """What `INSERT` takes, a row a paper."""
    return [(*_stretch(date, date), id_, _stored(rows)) for id_, date, rows in papers]


def within(spans: Sequence[tuple[int, int]]) -> tuple[str, list[int]]:
    """A query for the papers (`Stored`) of ranges of dates, and its values.

    The ranges are of numbers, both ends inclusive, and have nothing in common.
    """
    values: list[int] = []
    for first, last in spans:
        values += _stretch(first, last)
    return " UNION ALL ".join(
        [f"{EVERY} WHERE place BETWEEN ? AND ?"] * len(spans)
    ), values


def _stretch(first: int, last: int) -> tuple[int, int]:
    """The first and the last place of a range of dates."""
    return first * _EACH_DATE, (last + 1) * _EACH_DATE - 1


def _stored(rows: Vectors) -> bytes:
    whole: bytes = np.rint(rows * _UNIT).astype(_STORED).tobytes()
    return whole


def nearest(
    papers: Iterable[Sequence[Stored]], vector: Vectors, n: int
) -> list[tuple[str, float]]:
    """Ids and cosines of the ``n`` chunks nearest to a vector (dimension,), best first.

    ``papers`` are some at a time.

    Raises:
        Damaged: what is stored cannot be such vectors.
    """
    scaled = vector / _UNIT
    owners: list[str] = []
    sizes = [np.zeros(0, int)]
    found = [np.zeros(0, np.float32)]
    for some in papers:
        rows, counts = _matrix(some, len(vector))
        owners += [id_ for id_, _ in some]
        sizes.append(counts)
        found.append(rows @ scaled)
    cosines = np.concatenate(found)
    best = _highest(cosines, n)
    ends = np.concatenate(sizes).cumsum()
    places = ends.searchsorted(best, "right").tolist()
    # From the first chunk of its paper on.
    positions = best - np.concatenate([[0], ends])[places]
    ids = map(chunk_id, map(owners.__getitem__, places), positions.tolist())
    return list(zip(ids, cosines[best].tolist(), strict=True))


def _matrix(
    papers: Sequence[Stored], dimension: int
) -> tuple[Vectors, NDArray[np.int_]]:
    """The vectors (chunks, dimension) of some papers, and how many chunks each has.

    Raises:
        Damaged: one of them cannot be what was put in.
    """
    ids, blobs = zip(*papers, strict=True)
    counts, rest = np.divmod(list(map(len, blobs)), dimension * _STORED.itemsize)
    wrong = (rest > 0) | (counts == 0)
    if wrong.any():
        raise Damaged(ids[wrong.argmax()])
    whole = np.frombuffer(b"".join(blobs), _STORED).reshape(-1, dimension)
    return whole.astype(np.float32), counts


def verify(papers: Iterable[Stored]) -> None:
    """Look for damage: vectors have no checksum but their lengths, which are 1, or 0.

    Raises:
        Damaged: those of a paper cannot be what was put in.
    """
    for id_, blob in papers:
        odd = len(blob) % _STORED.itemsize
        values = np.frombuffer(blob[odd:], _STORED) / _UNIT
        squares = float(values @ values)
        if odd or not blob or abs(squares - round(squares)) > _TOLERANCE * squares:
            raise Damaged(id_)


def _highest(values: Vectors, n: int) -> NDArray[np.int_]:
    """Where the ``n`` highest are, or all, the highest first."""
    below = max(0, len(values) - n)
    some = np.argpartition(values, below)[below:] if below else np.arange(len(values))
    order = np.argsort(-values[some], kind="stable")
    return some[order]
