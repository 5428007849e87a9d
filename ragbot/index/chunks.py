"""Abstracts into chunks: windows of sentences with the title in front. Knows no model."""

from __future__ import annotations

from ragbot.config import ChunkingSettings
from ragbot.text.latex import readable
from ragbot.text.sentences import split_sentences
from ragbot.types import Chunk, Paper

__all__ = ["CHUNKING_VERSION", "chunk_paper", "count_chunks", "sentence_spans", "window_starts"]

# Raised when the same settings give other chunks than before; part of the index's fingerprint.
CHUNKING_VERSION = 2


def window_starts(sentences: int, settings: ChunkingSettings) -> list[int]:
    """The first sentence of each window over so many sentences; a paper always has one window."""
    step = settings.sentences - settings.overlap
    return list(range(0, max(1, sentences - settings.overlap), step))


def count_chunks(paper: Paper, settings: ChunkingSettings) -> int:
    """How many chunks `chunk_paper` makes."""
    return len(window_starts(len(split_sentences(paper.abstract)), settings))


def chunk_paper(paper: Paper, settings: ChunkingSettings) -> list[Chunk]:
    """The chunks of a paper in order, ids ``paper:position``; LaTeX is made readable first,
    since the models were trained on prose."""
    sentences = [readable(s) for s in split_sentences(paper.abstract)]
    title = readable(paper.title)
    return [
        Chunk(
            id=f"{paper.id}:{position}",
            paper_id=paper.id,
            position=position,
            text=f"{title}. {' '.join(sentences[start : start + settings.sentences])}".strip(),
        )
        for position, start in enumerate(window_starts(len(sentences), settings))
    ]


def sentence_spans(paper: Paper, chunking: ChunkingSettings) -> list[list[tuple[int, int]]]:
    """Where each sentence of each chunk lies in the chunk's text, as `chunk_paper` puts it."""
    sentences = [readable(s) for s in split_sentences(paper.abstract)]
    title = len(readable(paper.title)) + 2
    spans = []
    for start in window_starts(len(sentences), chunking):
        at, own = title, []
        for sentence in sentences[start : start + chunking.sentences]:
            own.append((at, at + len(sentence)))
            at += len(sentence) + 1
        spans.append(own)
    return spans
