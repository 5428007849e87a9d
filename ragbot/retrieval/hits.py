"""Lists of hits taken apart, and scored anew. Pure."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace

from ragbot.types import Hit

__all__ = ["parted", "scored"]


def parted(hits: Sequence[Hit], ids: Container[str]) -> tuple[list[Hit], list[Hit]]:
    """The hits on these papers, and the others."""
    parts: dict[bool, list[Hit]] = {True: [], False: []}
    for hit in hits:
        parts[hit.paper.id in ids].append(hit)
    return parts[True], parts[False]


def scored(hits: Sequence[Hit], score: float) -> list[Hit]:
    """The hits, all with this score."""
    return [replace(hit, score=score) for hit in hits]
