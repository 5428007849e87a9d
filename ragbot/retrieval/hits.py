"""Lists of hits taken apart, and scored anew. Pure."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace

from ragbot.types import Hit

__all__ = ["parted", "scored"]


def parted(hits: Sequence[Hit], ids: Container[str]) -> tuple[list[Hit], list[Hit]]:
    """The hits on these papers, and the others."""
    those = [hit for hit in hits if hit.paper.id in ids]
    others = [hit for hit in hits if hit.paper.id not in ids]
    return those, others


def scored(hits: Sequence[Hit], score: float) -> list[Hit]:
    """The hits, all with this score."""
    return [replace(hit, score=score) for hit in hits]
