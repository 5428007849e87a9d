"""A sentence-transformers model run by OpenVINO: three times as fast as torch on a CPU.

The model is converted once, into the data folder (`ragbot.embedding.conversion`).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np

from ragbot.ahead import begun_ahead, leave_if_unwanted
from ragbot.embedding.conversion import converted, openvino_library
from ragbot.embedding.embedder import (
    Batch,
    Span,
    Vectors,
    by_length,
    normalised,
    padded,
    span_means,
)
from ragbot.embedding.spec import ModelSpec
from ragbot.embedding.ways import chosen, measured_ways, told

__all__ = ["OpenVinoEmbedder"]

# Tokens of a pass for each text of `batch_size`, padding included, whatever the lengths.
_TOKENS_A_TEXT = 64
# A question waits for one pass, which all cores share. Of passages there are several passes at
# once, each on a core of its own where there are few: threads that share one wait for each other at
# every step, and for ever so long on a busy machine. Each has 70 MB of its own.
_HINTS = {
    "questions": {"PERFORMANCE_HINT": "LATENCY"},
    "passages": {
        "PERFORMANCE_HINT": "THROUGHPUT",
        "PERFORMANCE_HINT_NUM_REQUESTS": "4",
    },
}
# Token vectors (tokens, dimension) into one (dimension,).
_POOLINGS: dict[str, Callable[[Vectors], Vectors]] = {
    "mean": lambda tokens: tokens.mean(axis=0),
    "cls": lambda tokens: tokens[0],
    "max": lambda tokens: tokens.max(axis=0),
}


def _threads() -> int:
    """How many threads this process may take, as torch understands it, which OpenVINO does not; 0:
    one for each core. Ray sets it to a worker's share of them."""
    told = os.environ.get("OMP_NUM_THREADS", "")
    return int(told) if told.isdecimal() else 0


class OpenVinoEmbedder:
    """A sentence-transformers model run by OpenVINO, converted on first use into ``folder``.

    ``precision`` is the name of one of `ways.WAYS`, or ``"auto"`` for the fastest of them.
    """

    def __init__(
        self, spec: ModelSpec, folder: Path, precision: str, batch_size: int
    ) -> None:
        from tokenizers import Tokenizer

        ov = openvino_library()
        self.name = spec.name
        self._spec = spec
        self._pool = _POOLINGS[spec.pooling]
        self._tokens = batch_size * _TOKENS_A_TEXT
        made = converted(spec, folder)
        self.digest = made.digest
        self._tokenizer = Tokenizer.from_file(str(spec.folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(spec.max_length)
        core = ov.Core()
        ways = measured_ways(spec, made.folder, core)
        way = chosen(ways, precision)
        self.engine = f"OpenVINO {told(way, ways, precision)}"
        core.set_property({"CACHE_DIR": str(made.folder / "compiled")})

        @cache
        def ready(hint: str) -> _Model:
            told = {**_HINTS[hint], "INFERENCE_NUM_THREADS": _threads()}
            file = str(made.folder / way.file)
            return _Model(core.compile_model(file, "CPU", {**told, **way.properties}))

        # That for passages is made ready when first used: who only asks needs none.
        self._ready = ready
        self.dimension = ready("questions").dimension

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder.embed_queries`."""
        rows = np.zeros((len(texts), self.dimension), np.float32)
        prompted = [self._spec.query_prompt + t for t in texts]
        for at, tokens, _ in self._run(self._ready("questions"), prompted):
            rows[at] = self._pool(tokens)
        return normalised(rows)

    def embed_passages(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        """See `Embedder.embed_passages`."""
        shift = len(self._spec.passage_prompt)
        rows = np.zeros((len(texts), self.dimension), np.float32)
        parts: list[Vectors] = [np.zeros((0, self.dimension), np.float32)] * len(texts)
        prompted = [self._spec.passage_prompt + t for t in texts]
        for at, tokens, offsets in self._run(self._ready("passages"), prompted):
            rows[at] = self._pool(tokens)
            moved = [(a + shift, b + shift) for a, b in spans[at]]
            parts[at] = span_means(tokens, offsets, moved, self.dimension)
        return normalised(rows), parts

    def _run(
        self, model: _Model, texts: Sequence[str]
    ) -> Iterator[tuple[int, Vectors, list[Span]]]:
        """Each text's place, its token vectors (tokens, dimension) and their characters.

        Texts come in the order of their lengths; no more token vectors are in memory than those of
        the passes under way.
        """
        if self._spec.lower_case:
            texts = [t.lower() for t in texts]
        encoded = self._tokenizer.encode_batch(list(texts))
        passes = by_length([len(one.ids) for one in encoded], self._tokens)
        batches = (
            (places, padded([encoded[at].ids for at in places], self._spec.max_length))
            for places in passes
        )
        for places, states in model.run(batches):
            for at, row in zip(places, states, strict=True):
                own = row[: len(encoded[at].ids)].astype(np.float32)
                yield at, own, encoded[at].offsets


class _Model:
    """A model made ready, of which each thread runs a few passes at once."""

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled
        self.dimension = int(compiled.output(0).get_partial_shape()[2].get_length())
        # Not to be shared between threads; ten people may ask at once.
        self._requests = threading.local()

    def run(
        self, batches: Iterable[tuple[list[int], Batch]]
    ) -> Iterator[tuple[list[int], Any]]:
        """The places of the texts of each batch, and what came of it (texts, tokens, dimension),
        until the next is asked for."""

        def begin(
            batch: tuple[list[int], Batch], request: Any
        ) -> tuple[list[int], Any]:
            leave_if_unwanted()
            request.start_async(batch[1])
            return batch[0], request

        requests = self._own_requests()
        begun = map(begin, batches, cycle(requests))
        try:
            for places, request in begun_ahead(begun, len(requests) - 1):
                request.wait()
                yield places, request.get_output_tensor(0).data
        finally:
            for request in requests:
                request.wait()

    def _own_requests(self) -> list[Any]:
        """Those of this thread: one for each pass at once, and one for that which is dealt with."""
        if not hasattr(self._requests, "own"):
            at_once = self._compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
            new = [self._compiled.create_infer_request() for _ in range(at_once + 1)]
            self._requests.own = new
        own: list[Any] = self._requests.own
        return own
