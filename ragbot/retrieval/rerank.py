"""The best papers read once more beside the question, by a cross-encoder. Off by default."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

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
        pairs = [
            (question, readable(f"{h.paper.title}. {h.paper.abstract}")) for h in hits
        ]
        with self._lock:
            scores = [
                float(s) for s in self._load().predict(pairs, show_progress_bar=False)
            ]
        # What follows compares scores with the best one's: they keep the spacing fusion gave them.
        spacing = sorted((h.score for h in hits), reverse=True)
        order = sorted(range(len(hits)), key=lambda i: (-scores[i], i))
        return [replace(hits[i], score=s) for i, s in zip(order, spacing, strict=True)]

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
