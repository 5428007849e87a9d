"""A sentence-transformers model on torch: for GPUs, any pooling, and the reference for OpenVINO."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ragbot.ahead import leave_if_unwanted
from ragbot.config import EmbeddingSettings
from ragbot.embedding.embedder import Span, Vectors, normalised, span_means
from ragbot.embedding.quiet import one_line, quiet
from ragbot.embedding.spec import (
    DEFAULT_MODEL,
    loading_errors,
    prompt_for,
    read_json,
    sha256,
    verify_default,
)
from ragbot.errors import EmbeddingError

__all__ = ["TorchEmbedder"]

# Token vectors of so many passes are in memory at once.
_PASSES = 16


class TorchEmbedder:
    """A sentence-transformers model on torch: one in a folder, or one that the hub's cache has."""

    def __init__(self, settings: EmbeddingSettings, folder: Path | None) -> None:
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        from sentence_transformers import SentenceTransformer

        if folder:
            for tokenizer in folder.rglob("tokenizer.json"):
                read_json(tokenizer)  # the error of its own reader is a bare Exception
            if settings.model == DEFAULT_MODEL:
                verify_default(folder / "model.safetensors")
        self.name = settings.model
        self._batch_size = settings.batch_size
        device = None if settings.device == "auto" else settings.device
        try:
            with quiet():
                # A hub is asked only if the name is no folder and its cache lacks it.
                self._model = SentenceTransformer(
                    str(folder or settings.model),
                    device=device,
                    local_files_only=bool(folder),
                )
        except loading_errors() as error:
            raise EmbeddingError(
                f"{settings.model}: cannot be loaded ({one_line(error)})",
                "check embedding.model and embedding.device, or download it while the network is "
                "up",
            ) from error
        self.engine = f"PyTorch on {self._model.device}"
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        # A layer behind the pooling, or none before it: no token is a vector of the model's space.
        kinds = [type(module).__name__ for module in self._model]
        self._late = kinds[:2] == ["Transformer", "Pooling"] and set(kinds[2:]) <= {
            "Normalize"
        }
        self._lock = threading.Lock()
        self.digest = self._digest(folder)

    def _digest(self, folder: Path | None) -> str:
        weights = sorted(folder.rglob("*.safetensors")) if folder else []
        if weights:
            return sha256(weights[0])[:16]
        probe = self._encode(
            ["The digest of a model without a file is that of a vector."], ""
        )
        return hashlib.sha256(np.round(probe, 3).tobytes()).hexdigest()[:16]

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder.embed_queries`."""
        return self._encode(texts, self._prompt("query"))

    def embed_passages(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        """See `Embedder.embed_passages`."""
        prompt = self._prompt("passage")
        if not self._late:
            return self._encode(texts, prompt), [
                self._encode([text[low:high] for low, high in own], prompt)
                for text, own in zip(texts, spans, strict=True)
            ]
        rows = np.zeros((len(texts), self.dimension), np.float32)
        parts: list[Vectors] = []
        some = _PASSES * self._batch_size
        for start in range(0, len(texts), some):
            leave_if_unwanted()
            part = slice(start, start + some)
            rows[part], own_parts = self._late_chunked(texts[part], spans[part], prompt)
            parts += own_parts
        return normalised(rows), parts

    def _late_chunked(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]], prompt: str
    ) -> tuple[Vectors, list[Vectors]]:
        """What `embed_passages` gives, but for the lengths of the first; of one pass for both."""
        with self._lock:
            made: Any = self._model.encode(
                list(texts),
                output_value=None,
                prompt=prompt,
                batch_size=self._batch_size,
                show_progress_bar=False,
            )
        parts = []
        for text, one, own in zip(texts, made, spans, strict=True):
            offsets = self._model.tokenizer(
                prompt + text,
                return_offsets_mapping=True,
                truncation=True,
                max_length=self._model.max_seq_length,
            )["offset_mapping"]
            shown = one["token_embeddings"][one["attention_mask"].bool()]
            tokens = shown.float().cpu().numpy()
            moved = [(a + len(prompt), b + len(prompt)) for a, b in own]
            parts.append(
                span_means(tokens, offsets[: len(tokens)], moved, self.dimension)
            )
        rows = [one["sentence_embedding"].float().cpu().numpy() for one in made]
        return np.stack(rows), parts

    def _prompt(self, kind: str) -> str:
        return prompt_for(kind, self._model.prompts, self._model.default_prompt_name)

    def _encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        with self._lock:
            vectors = self._model.encode(
                list(texts),
                prompt=prompt,
                batch_size=self._batch_size,
                show_progress_bar=False,
                normalize_embeddings=True,
            )
        return np.asarray(vectors, np.float32).reshape(-1, self.dimension)
