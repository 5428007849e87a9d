"""Abstracts into chunks: windows of sentences with the title in front. Knows no model.

The only place that makes chunk ids (``paper:position``) and takes them apart.
"""

from __future__ import annotations

from ragbot.config import ChunkingSettings
from ragbot.text.latex import readable
from ragbot.text.sentences import split_sentences
from ragbot.types import Chunk, Paper

__all__ = [
    "CHUNKING_VERSION",
    "chunk_id",
    "chunk_ids",
    "chunk_paper",
    "count_chunks",
    "paper_of",
    "sentence_spans",
    "window_starts",
]

# Raised when the same settings give other chunks than before; part of the index's fingerprint.
CHUNKING_VERSION = 2


def chunk_id(paper_id: str, position: int) -> str:
    """The id of a paper's chunk; a paper id may hold colons (``arxiv:2505.08550``)."""
    return f"{paper_id}:{position}"


def paper_of(chunk_id: str) -> str:
    """The id of the paper that a chunk id belongs to."""
    return chunk_id.rpartition(":")[0]


def chunk_ids(paper_id: str, sentences: int, settings: ChunkingSettings) -> list[str]:
    """The ids of all chunks of a paper of so many sentences, in order."""
    windows = len(window_starts(sentences, settings))
    return [chunk_id(paper_id, position) for position in range(windows)]


def window_starts(sentences: int, settings: ChunkingSettings) -> list[int]:
    """The first sentence of each window over so many sentences; a paper always has one window."""
    step = settings.sentences - settings.overlap
    return list(range(0, max(1, sentences - settings.overlap), step))


def count_chunks(paper: Paper, settings: ChunkingSettings) -> int:
    """How many chunks `chunk_paper` makes."""
    return len(window_starts(len(split_sentences(paper.abstract)), settings))


def chunk_paper(paper: Paper, settings: ChunkingSettings) -> list[Chunk]:
    """The chunks of a paper in order; LaTeX is made readable first, since the models were trained
    on prose."""
    sentences = list(map(readable, split_sentences(paper.abstract)))
    title = readable(paper.title)
    return [
        Chunk(
            id=chunk_id(paper.id, position),
            paper_id=paper.id,
            position=position,
            text=f"{title}. {' '.join(sentences[start : start + settings.sentences])}".strip(),
        )
        for position, start in enumerate(window_starts(len(sentences), settings))
    ]


def sentence_spans(
    paper: Paper, chunking: ChunkingSettings
) -> list[list[tuple[int, int]]]:
    """Where each sentence of each chunk lies in the chunk's text, as `chunk_paper` puts it."""
    sentences = list(map(readable, split_sentences(paper.abstract)))
    title = len(readable(paper.title)) + 2
    spans = []
    for start in window_starts(len(sentences), chunking):
        at, own = title, []
        for sentence in sentences[start : start + chunking.sentences]:
            own.append((at, at + len(sentence)))
            at += len(sentence) + 1
        spans.append(own)
    return spans
