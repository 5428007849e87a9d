"""Lists of hits taken apart, and scored anew; chunks brought together to papers. Pure."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace

from ragbot.index.chunks import paper_of
from ragbot.types import Hit

__all__ = ["best_by_paper", "parted", "scored"]


def parted(hits: Sequence[Hit], ids: Container[str]) -> tuple[list[Hit], list[Hit]]:
    """The hits on these papers, and the others."""
    parts: dict[bool, list[Hit]] = {True: [], False: []}
    for hit in hits:
        parts[hit.paper.id in ids].append(hit)
    return parts[True], parts[False]


def scored(hits: Sequence[Hit], score: float) -> list[Hit]:
    """The hits, all with this score."""
    return [replace(hit, score=score) for hit in hits]


def best_by_paper(chunks: list[tuple[str, float]]) -> dict[str, float]:
    """A paper's cosine is its best chunk's; chunks come best first."""
    best: dict[str, float] = {}
    for chunk, cosine in chunks:
        best.setdefault(paper_of(chunk), cosine)
    return best
