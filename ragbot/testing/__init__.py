"""What tests of programs that use Ragbot need: a tiny collection, and stand-ins for the models.

    with tiny_collection(tmp_path) as bot:
        assert bot.ask("What does OLinear forecast?").papers[0].n == 1

Everything but the embedder is the real thing: reader, stores, search and answers. `ScriptedServer`
stands in for a language model: real HTTP, scripted answers and failures.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from ragbot.config import load_settings
from ragbot.embedding import Span, Vectors
from ragbot.embedding.embedder import normalised
from ragbot.pipeline import Ragbot
from ragbot.readers.kinds import only
from ragbot.readers.listing import read_listing
from ragbot.testing.scripted import FAULTS, Recorded, Script, ScriptedServer
from ragbot.text.words import content_words, words
from ragbot.types import Paper

__all__ = [
    "FAULTS",
    "HashEmbedder",
    "Recorded",
    "Script",
    "ScriptedServer",
    "tiny_collection",
    "tiny_listing",
    "tiny_papers",
    "wait_until",
]

# Sentences of bundled abstracts; the dates of two papers are left out, and the year of one.
_LISTING = """\
Get trending papers in your email inbox!

Daily Papers

byAK and the research community

Oct 10

OLinear: A Linear Model for Time Series Forecasting in Orthogonally Transformed Domain

This paper presents OLinear, a linear-based multivariate time series forecasting model that \
operates in an orthogonally transformed domain. Recent forecasting models typically adopt the \
temporal forecast (TF) paradigm, which directly encode and decode time series in the time domain. \
Extensive experiments on 24 benchmarks and 140 forecasting tasks demonstrate that OLinear \
consistently achieves state-of-the-art performance with high efficiency.

  • 8 authors
·
May 12 2

MatryoshkaKV: Adaptive KV Compression via Trainable Orthogonal Projection

As the size of the model and data grows, the KV cache can quickly become a bottleneck within the \
system in both storage and memory transfer. To address this, prior studies usually focus on the \
first three axes of the cache tensors for compression. This paper supplements them, focusing on \
the feature dimension axis, by utilizing low-rank projection matrices to transform the cache \
features into spaces with reduced dimensions.

  • 8 authors
·
Oct 16, 2024

Equiangular Basis Vectors

We propose Equiangular Basis Vectors (EBVs) for classification tasks. In deep neural networks, \
models usually end with a k-way fully connected layer with softmax to handle different \
classification tasks. By minimizing the spherical distance of the embedding of an input between \
its categorical EBV in training, the predictions can be obtained by identifying the categorical \
EBV with the smallest distance during inference.

  • 3 authors
·
Mar 21, 2023

Recognizing Image Style

The style of an image plays a significant role in how it is viewed, but style has received little \
attention in computer vision research. We describe an approach to predicting style of images, and \
perform a thorough evaluation of different image features for these tasks.

Channel Pruning for Accelerating Very Deep Neural Networks

In this paper, we introduce a new channel pruning method to accelerate very deep convolutional \
neural networks. Our pruned VGG-16 achieves the state-of-the-art results by 5x speed-up along \
with only 0.3% increase of error.
"""


class HashEmbedder:
    """An `Embedder` without a model: texts are near when they share words.

    A word is a vector of signs drawn from its hash, a text the sum of its words; context plays no
    part. Vectors are the same on every machine.

    Args:
        dimension: length of the vectors, a multiple of 8.
    """

    name = "hashed words"
    engine = "hashing"

    def __init__(self, dimension: int = 256) -> None:
        self.dimension = dimension
        self.digest = f"hash-{dimension}"

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder.embed_queries`; a text without words has a direction of its own."""
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(rows, texts, strict=True):
            row += self._sum(text) if words(text) else _signs("", self.dimension)
        return normalised(rows)

    def embed_passages(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        """See `Embedder.embed_passages`."""
        parts = []
        for text, own in zip(texts, spans, strict=True):
            rows = np.zeros((len(own), self.dimension), np.float32)
            for row, (low, high) in zip(rows, own, strict=True):
                row += self._sum(text[low:high])
            parts.append(normalised(rows))
        return self.embed_queries(texts), parts

    def _sum(self, text: str) -> Vectors:
        """The sum over the words that carry meaning, or over all if none does."""
        total = np.zeros(self.dimension, np.float32)
        for word in content_words(text) or words(text):
            total += _signs(word, self.dimension)
        return total


@lru_cache(maxsize=4096)
def _signs(word: str, dimension: int) -> Vectors:
    drawn = hashlib.shake_256(word.encode()).digest(dimension // 8)
    signs: Vectors = (
        np.unpackbits(np.frombuffer(drawn, np.uint8)).astype(np.float32) * 2 - 1
    )
    return signs


def tiny_listing() -> str:
    """The text of a saved *Daily Papers* page with five papers, two of them without a date."""
    return _LISTING


def tiny_papers() -> list[Paper]:
    """The papers of `tiny_listing`, in its order."""
    return only(Paper, read_listing(_LISTING))


def tiny_collection(folder: Path) -> Ragbot:
    """A collection of `tiny_papers` below ``folder``, embedded by `HashEmbedder`; close it.

    Nothing that it says is about the quality of answers: for that, use a model.
    """
    listing = folder / "tiny.txt"
    listing.parent.mkdir(parents=True, exist_ok=True)
    listing.write_text(_LISTING, encoding="utf-8")
    # Hashed words are less alike than a model's vectors, which the default threshold is for.
    environ = {"RAGBOT_ANSWER__ABSTAIN_BELOW": "0.1"}
    settings = load_settings(data_dir=folder / "data", environ=environ)
    bot = Ragbot.open(settings, load=HashEmbedder)
    bot.ingest([listing], within=[folder])
    return bot


def wait_until(true: Callable[[], object], seconds: float = 60.0) -> None:
    """Look again and again until something is so.

    Raises:
        TimeoutError: it is not, after so many seconds.
    """
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"not so after {seconds:.0f} s")
        time.sleep(0.01)
