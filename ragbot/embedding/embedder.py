"""What an embedder is, and the arithmetic both engines share.

Every vector is float32 and L2-normalised.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

__all__ = [
    "Batch",
    "Embedder",
    "Span",
    "Vectors",
    "by_length",
    "normalised",
    "padded",
    "span_means",
]

# Texts in a pass are as wide as the longest, up to a multiple of this: a model prepares itself for
# each shape that it meets first, and there are few of them so.
_WIDTH = 8

Vectors = npt.NDArray[np.float32]
Span = tuple[int, int]
# What a model takes, by the name of the input: integers (texts, tokens).
Batch = dict[str, npt.NDArray[np.int64]]


class Embedder(Protocol):
    """What turns text into vectors.

    ``digest`` tells models apart: two embedders with one digest give the same vectors, up to
    rounding (cosine at least `ways.EXACT`). ``engine`` is what runs the model, for people.
    """

    name: str
    engine: str
    digest: str
    dimension: int

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors (n, dimension) of questions or sentences."""
        ...

    def embed_passages(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        """Vectors (n, dimension) of passages and, for each, (spans, dimension) of its parts.

        A span is a range of characters of its text. A part's vector is the mean of its tokens as
        the model sees them within the whole passage (late chunking, Günther et al., 2024); a part
        beyond the model's window is zero.
        """
        ...


def normalised(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    result: Vectors = vectors / np.maximum(lengths, 1e-12)
    return result


def by_length(lengths: Sequence[int], most: int) -> Iterator[list[int]]:
    """The places of texts of like length, the longest first; those of one pass.

    A pass takes ``most`` tokens as `padded` puts them, or a text alone that is longer.
    """
    left = sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True)
    while left:
        fit = max(1, most // _width(lengths[left[0]]))
        yield left[:fit]
        left = left[fit:]


def _width(tokens: int) -> int:
    return -(-tokens // _WIDTH) * _WIDTH


def padded(rows: Sequence[Sequence[int]], longest: int) -> Batch:
    """Texts as the numbers of their tokens in one batch, and which of its places are theirs.

    ``longest`` is how many tokens the model takes.
    """
    width = min(_width(max(map(len, rows))), longest)
    ids = np.zeros((len(rows), width), np.int64)
    mask = np.zeros_like(ids)
    for row, own, shown in zip(rows, ids, mask, strict=True):
        own[: len(row)] = row
        shown[: len(row)] = 1
    return {"input_ids": ids, "attention_mask": mask}


def span_means(
    tokens: Vectors, offsets: Sequence[Span], spans: Sequence[Span], dim: int
) -> Vectors:
    """Mean token vectors of each span of characters; zero where no token lies in it."""
    means = np.zeros((len(spans), dim), np.float32)
    starts = np.array([a for a, _ in offsets])
    ends = np.array([b for _, b in offsets])
    for i, (low, high) in enumerate(spans):
        inside = (starts >= low) & (ends <= high) & (ends > starts)
        if inside.any():
            means[i] = tokens[inside].mean(axis=0)
    return normalised(means)
