"""The best papers read once more beside the question, by a cross-encoder. Off by default."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

import numpy as np

from ragbot.errors import EmbeddingError
from ragbot.text.latex import readable
from ragbot.types import Hit

__all__ = ["Reranker"]


class Reranker:
    """A sentence-transformers ``CrossEncoder`` by name or folder; loaded at its first use."""

    def __init__(self, model: str) -> None:
        self._name = model
        self._model: Any = (
            None  # sentence-transformers' types promise less than it does
        )
        self._lock = threading.Lock()

    def rerank(self, question: str, hits: Sequence[Hit]) -> list[Hit]:
        """The hits, best first by the model; their scores are dealt out again in that order.

        Raises:
            EmbeddingError: the model cannot be loaded.
        """
        if len(hits) < 2:
            return list(hits)
        texts = [readable(f"{h.paper.title}. {h.paper.abstract}") for h in hits]
        pairs = [(question, text) for text in texts]
        with self._lock:
            scores = self._load().predict(pairs, show_progress_bar=False)
        # What follows compares scores with the best one's: they keep the spacing fusion gave them.
        spacing = sorted(map(attrgetter("score"), hits), reverse=True)
        best_first = np.argsort(-np.asarray(scores), kind="stable")
        return [
            replace(hits[i], score=s) for i, s in zip(best_first, spacing, strict=True)
        ]

    def _load(self) -> Any:
        if self._model is None:
            from sentence_transformers import CrossEncoder

            try:
                self._model = CrossEncoder(self._name)
            except (OSError, ValueError) as error:
                raise EmbeddingError(
                    f"retrieval.reranker: {self._name} cannot be loaded ({error})",
                    "name a cross-encoder's folder, or one that was downloaded",
                ) from None
        return self._model
