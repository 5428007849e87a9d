"""Vectors of passages as records, and embedders that write these and look vectors up in them.

A record is a passage: its key, then its vector and those of its parts. The key is a hash of what
was embedded, so that no vector is ever taken for another text's. In half precision, a file is half
as large, and the cosine of a vector to what it was is 0.9999999.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from ragbot.embedding.embedder import Embedder, Span, Vectors, normalised

__all__ = [
    "About",
    "KnownVectors",
    "RecordingEmbedder",
    "Records",
    "blocks",
    "checksum",
    "key_of",
    "record_type",
]

Records = npt.NDArray[np.void]
"""One-dimensional, of a `record_type`."""

About = dict[str, str]
"""What vectors are of: facts by name, which must be those of who takes them."""

_BLOCK = 4096


def record_type(parts: int, dimension: int) -> np.dtype[np.void]:
    """Of passages with up to so many parts; what a passage has less is zero."""
    return np.dtype([("key", "S16"), ("vectors", "<f2", (1 + parts, dimension))])


def key_of(text: str, spans: Sequence[Span]) -> bytes:
    """16 bytes of the BLAKE2b of a passage and of where its parts lie."""
    told = json.dumps([text, list(map(list, spans))]).encode()
    return hashlib.blake2b(told, digest_size=16).digest()


def blocks(records: Records) -> Iterator[Records]:
    """Records, some at a time, for those that do not fit into memory."""
    for start in range(0, len(records), _BLOCK):
        yield records[start : start + _BLOCK]


def checksum(records: Records) -> str:
    """32 hexadecimal digits of the BLAKE2b of all bytes."""
    told = hashlib.blake2b(digest_size=16)
    for block in blocks(records):
        told.update(block.tobytes())
    return told.hexdigest()


def _side_by_side(vectors: Vectors, parts: Sequence[Vectors], most: int) -> Vectors:
    """Passages and their parts as one array (n, 1 + most, dimension)."""
    together = np.zeros((len(vectors), 1 + most, vectors.shape[1]), np.float32)
    together[:, 0] = vectors
    for block, own in zip(together, parts, strict=True):
        block[1 : 1 + len(own)] = own
    return together


class RecordingEmbedder:
    """An embedder that keeps, as ``records``, what another one gives for passages.

    Args:
        embedder: the other one.
        parts: how many parts a passage has at most.
    """

    def __init__(self, embedder: Embedder, parts: int) -> None:
        self.name, self.engine = embedder.name, embedder.engine
        self.digest, self.dimension = embedder.digest, embedder.dimension
        self._embedder = embedder
        self._parts = parts
        self.records: Records = np.zeros(0, record_type(parts, embedder.dimension))

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder.embed_queries`; nothing is kept of them."""
        return self._embedder.embed_queries(texts)

    def embed_passages(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        """See `Embedder.embed_passages`."""
        vectors, parts = self._embedder.embed_passages(texts, spans)
        records = np.zeros(len(texts), self.records.dtype)
        records["key"] = list(map(key_of, texts, spans))
        records["vectors"] = _side_by_side(vectors, parts, self._parts)
        self.records = np.concatenate([self.records, records])
        return vectors, parts


class KnownVectors:
    """An embedder that looks passages up in records, and has another one embed the rest.

    ``asked`` passages were asked for until now, ``missing`` of which are in no record.

    Args:
        records: in any order; they may be mapped from a file.
        embedder: the other one, which also embeds all questions.
    """

    def __init__(self, records: Records, embedder: Embedder) -> None:
        self.name, self.engine = embedder.name, embedder.engine
        self.digest, self.dimension = embedder.digest, embedder.dimension
        self.asked = self.missing = 0
        self._embedder = embedder
        self._records = records
        keys = np.concatenate([block["key"] for block in blocks(records)])
        self._order = np.argsort(keys)
        self._keys = keys[self._order]

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder.embed_queries`."""
        return self._embedder.embed_queries(texts)

    def embed_passages(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        """See `Embedder.embed_passages`."""
        keys = np.array(list(map(key_of, texts, spans)), self._keys.dtype)
        at = np.searchsorted(self._keys, keys).clip(max=len(self._keys) - 1)
        known = self._keys[at] == keys
        absent = np.flatnonzero(~known).tolist()
        self.asked += len(texts)
        self.missing += len(absent)
        stored = self._records["vectors"]
        together = np.zeros((len(texts), *stored.shape[1:]), np.float32)
        together[known] = stored[self._order[at[known]]]
        rest = self._embedder.embed_passages(
            [texts[i] for i in absent], [spans[i] for i in absent]
        )
        together[absent] = _side_by_side(*rest, most=stored.shape[1] - 1)
        together = normalised(together)
        parts = [
            rows[1 : 1 + len(own)] for rows, own in zip(together, spans, strict=True)
        ]
        return together[:, 0], parts
