"""Papers as vectors: one a chunk, and one a sentence from the chunks that it stands in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from ragbot.config import ChunkingSettings
from ragbot.embedding.embedder import Embedder, Vectors
from ragbot.index.chunks import chunk_paper, sentence_spans, window_starts
from ragbot.text.sentences import split_sentences
from ragbot.types import Chunk, Paper

__all__ = ["Embedded", "embedded"]


@dataclass(frozen=True, slots=True)
class Embedded:
    """The chunks of papers, their vectors in turn, and a matrix of sentences a paper, by its id."""

    chunks: list[Chunk]
    vectors: Vectors
    sentences: dict[str, Vectors]

    def by_paper(self) -> dict[str, Vectors]:
        """The chunks' vectors (chunks, dimension) of each paper."""
        sizes = Counter(chunk.paper_id for chunk in self.chunks)
        bounds = pairwise([0, *accumulate(sizes.values())])
        return {
            id_: self.vectors[start:end]
            for id_, (start, end) in zip(sizes, bounds, strict=True)
        }


def embedded(
    papers: Sequence[Paper], embedder: Embedder, chunking: ChunkingSettings
) -> Embedded:
    """Cut papers into chunks and embed these."""
    chunks: list[Chunk] = []
    spans = []
    for paper in papers:
        chunks += chunk_paper(paper, chunking)
        spans += sentence_spans(paper, chunking)
    vectors, parts = embedder.embed_passages([c.text for c in chunks], spans)
    sentences = _by_paper(papers, chunks, parts, chunking, embedder.dimension)
    return Embedded(chunks, vectors, sentences)


def _by_paper(
    papers: Sequence[Paper],
    chunks: Sequence[Chunk],
    parts: Sequence[Vectors],
    chunking: ChunkingSettings,
    dimension: int,
) -> dict[str, Vectors]:
    """One matrix a paper of its chunks' sentence vectors; one in two chunks is averaged."""
    import numpy as np

    from ragbot.embedding.embedder import normalised

    counts = {p.id: len(split_sentences(p.abstract)) for p in papers}
    sums = {id_: np.zeros((n, dimension), np.float32) for id_, n in counts.items()}
    for chunk, own in zip(chunks, parts, strict=True):
        start = window_starts(counts[chunk.paper_id], chunking)[chunk.position]
        sums[chunk.paper_id][start : start + len(own)] += own
    return {id_: normalised(rows) for id_, rows in sums.items()}
