"""A sentence-transformers model run by OpenVINO: three times as fast as torch on a CPU.

The model is converted once, into the data folder (`ragbot.embedding.conversion`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ragbot.embedding.conversion import converted, openvino_library
from ragbot.embedding.embedder import Span, Vectors, normalised, padded, span_means
from ragbot.embedding.spec import ModelSpec
from ragbot.embedding.ways import chosen, measured_ways, told

__all__ = ["OpenVinoEmbedder"]

# Token vectors (tokens, dimension) into one (dimension,).
_POOLINGS: dict[str, Callable[[Vectors], Vectors]] = {
    "mean": lambda tokens: tokens.mean(axis=0),
    "cls": lambda tokens: tokens[0],
    "max": lambda tokens: tokens.max(axis=0),
}


class OpenVinoEmbedder:
    """A sentence-transformers model run by OpenVINO, converted on first use into ``cache``.

    ``precision`` is the name of one of `ways.WAYS`, or ``"auto"`` for the fastest of them.
    """

    def __init__(
        self, spec: ModelSpec, cache: Path, precision: str, batch_size: int
    ) -> None:
        from tokenizers import Tokenizer

        ov = openvino_library()
        self.name = spec.name
        self._spec = spec
        self._pool = _POOLINGS[spec.pooling]
        self._batch_size = batch_size
        made = converted(spec, cache)
        self.digest = made.digest
        self._tokenizer = Tokenizer.from_file(str(spec.folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(spec.max_length)
        core = ov.Core()
        ways = measured_ways(spec, made.folder, core)
        way = chosen(ways, precision)
        self.engine = f"OpenVINO {told(way, ways, precision)}"
        core.set_property({"CACHE_DIR": str(made.folder / "compiled")})
        self._compiled = core.compile_model(
            str(made.folder / way.file),
            "CPU",
            {"PERFORMANCE_HINT": "LATENCY", **way.properties},
        )
        self.dimension = int(
            self._compiled.output(0).get_partial_shape()[2].get_length()
        )
        # A request is not to be shared between threads; ten people may ask at once.
        self._requests = threading.local()

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder.embed_queries`."""
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for i, tokens, _ in self._run([self._spec.query_prompt + t for t in texts]):
            rows[i] = self._pool(tokens)
        return normalised(rows)

    def embed_passages(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        """See `Embedder.embed_passages`."""
        shift = len(self._spec.passage_prompt)
        rows = np.zeros((len(texts), self.dimension), np.float32)
        parts: list[Vectors] = [np.zeros((0, self.dimension), np.float32)] * len(texts)
        for i, tokens, offsets in self._run(
            [self._spec.passage_prompt + t for t in texts]
        ):
            rows[i] = self._pool(tokens)
            moved = [(a + shift, b + shift) for a, b in spans[i]]
            parts[i] = span_means(tokens, offsets, moved, self.dimension)
        return normalised(rows), parts

    def _run(self, texts: Sequence[str]) -> Iterator[tuple[int, Vectors, list[Span]]]:
        """Each text's place, its token vectors (tokens, dimension) and their characters."""
        if self._spec.lower_case:
            texts = [t.lower() for t in texts]
        encoded = self._tokenizer.encode_batch(list(texts))
        # Texts of like length share a batch, so that little is spent on padding.
        order = sorted(range(len(texts)), key=lambda i: len(encoded[i].ids))
        for start in range(0, len(order), self._batch_size):
            part = order[start : start + self._batch_size]
            states = self._request().infer(padded([encoded[i].ids for i in part]))[0]
            for row, i in enumerate(part):
                yield (
                    i,
                    states[row, : len(encoded[i].ids)].astype(np.float32),
                    encoded[i].offsets,
                )

    def _request(self) -> Any:
        if not hasattr(self._requests, "one"):
            self._requests.one = self._compiled.create_infer_request()
        return self._requests.one
