"""Readings of papers as rows of SQLite: beside the vectors of sentences, in the same file.

A row holds the names of a paper's work apart from its sentences, since many papers are looked at
by their names and few by their sentences. Each has a checksum of itself, of the paper's title and
abstract and of the version of `ragbot.reading`. Whatever does not fit it, because a paper has
changed, an older version wrote it, or the file is damaged, counts as not there: it is read afresh.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import starmap
from typing import Any

import numpy as np

from ragbot.reading import VERSION, Analyser, OwnNames, Reading, called, read_paper
from ragbot.reading.abstracts import SHOWN, ReadSentences
from ragbot.reading.own_names import Name
from ragbot.text.sentences import sentence_spans
from ragbot.types import Paper

__all__ = [
    "INSERT",
    "MISSING",
    "SCHEMA",
    "Row",
    "rows_of",
    "stored_names",
    "stored_readings",
]

# A reading goes with the paper's sentences, whichever build deletes them.
SCHEMA = """
CREATE TABLE IF NOT EXISTS readings (
    paper_id TEXT PRIMARY KEY, names BLOB NOT NULL, sentences BLOB NOT NULL
);
CREATE TRIGGER IF NOT EXISTS readings_go AFTER DELETE ON sentences
BEGIN DELETE FROM readings WHERE paper_id = old.paper_id; END;
"""
INSERT = "INSERT OR REPLACE INTO readings VALUES (?, ?, ?)"
# Papers that builds without this table put in.
MISSING = """
SELECT paper_id FROM sentences WHERE paper_id NOT IN (SELECT paper_id FROM readings) LIMIT ?
"""

Row = tuple[str, bytes, bytes]
"""A paper's id, its names and its sentences."""
Select = Callable[[str, Sequence[object]], list[tuple[Any, ...]]]
"""Gives the rows of a query."""

_CHECKSUM = struct.Struct("<I")
# How many sentences; the numbers behind it are of four bytes, too.
_COUNT = struct.Struct("<I")
_SPAN = np.dtype("<u4")
_SHOWN = np.dtype("<f4")
# Half the size for a twentieth of the time that a reading takes.
_LEVEL = 1


def rows_of(papers: Iterable[Paper], analyser: Analyser) -> list[Row]:
    """The rows of papers."""
    return [_row(paper, analyser) for paper in papers]


def _row(paper: Paper, analyser: Analyser) -> Row:
    names = json.dumps(called(paper), ensure_ascii=False).encode()
    sentences = zlib.compress(_encoded(paper, read_paper(paper, analyser)), _LEVEL)
    text = _checksum(paper)
    return paper.id, _sealed(names, text), _sealed(sentences, text)


def stored_names(select: Select, papers: Sequence[Paper]) -> dict[str, OwnNames]:
    """What papers may be called by, as far as it is kept."""
    kept = _kept(select, "names", papers)
    return {paper.id: _names(content) for paper, content in kept}


def stored_readings(select: Select, papers: Sequence[Paper]) -> dict[str, Reading]:
    """The readings of papers, as far as they are kept."""
    kept = _kept(select, "sentences", papers)
    return {paper.id: _decoded(paper.abstract, content) for paper, content in kept}


def _kept(
    select: Select, column: str, papers: Sequence[Paper]
) -> Iterator[tuple[Paper, bytes]]:
    """What a column has of papers as they are now."""
    by_id = {paper.id: paper for paper in papers}
    marks = ",".join("?" * len(by_id))
    sql = f"SELECT paper_id, {column} FROM readings WHERE paper_id IN ({marks})"
    for id_, sealed in select(sql, list(by_id)):
        content = sealed[_CHECKSUM.size :]
        if _sealed(content, _checksum(by_id[id_])) == sealed:
            yield by_id[id_], content


def _checksum(paper: Paper) -> int:
    """Of what a reading hangs on."""
    return zlib.crc32(f"{VERSION}\n{paper.title}\n{paper.abstract}".encode())


def _sealed(content: bytes, text: int) -> bytes:
    """A content behind its checksum, which goes on from that of the text."""
    return _CHECKSUM.pack(zlib.crc32(content, text)) + content


def _names(content: bytes) -> OwnNames:
    title, names = json.loads(content.decode())
    return OwnNames(tuple(title), tuple(starmap(Name, names)))


def _encoded(paper: Paper, reading: Reading) -> bytes:
    """How many sentences there are, where they lie, what they show, and terms: first those that
    the paper has and no sentence, or the other way round, then those of each sentence."""
    read = reading.sentences
    spans = np.array(sentence_spans(paper.abstract), _SPAN)
    apart = reading.terms ^ frozenset().union(*read.terms)
    terms = "\n".join(map(" ".join, map(sorted, [apart, *read.terms])))
    numbers = [_COUNT.pack(len(read.texts)), spans.tobytes()]
    return b"".join([*numbers, read.shown.astype(_SHOWN).tobytes(), terms.encode()])


def _decoded(abstract: str, content: bytes) -> Reading:
    raw = zlib.decompress(content)
    (count,) = _COUNT.unpack_from(raw)
    spans = np.frombuffer(raw, _SPAN, 2 * count, _COUNT.size)
    start = _COUNT.size + spans.nbytes
    shown = np.frombuffer(raw, _SHOWN, count * len(SHOWN), start)
    lines = raw[start + shown.nbytes :].decode().split("\n")
    apart, *terms = map(frozenset, map(str.split, lines))
    texts = [abstract[begin:end] for begin, end in spans.reshape(-1, 2).tolist()]
    sentences = ReadSentences(
        tuple(texts), tuple(terms), shown.reshape(count, len(SHOWN))
    )
    return Reading(apart ^ frozenset().union(*terms), sentences)
