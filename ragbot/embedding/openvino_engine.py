"""A sentence-transformers model run by OpenVINO: three times as fast as torch on a CPU.

The model is converted once, into the data folder; only that takes torch, and some ten seconds.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ragbot.embedding.embedder import Span, Vectors, normalised, span_means
from ragbot.embedding.quiet import quiet
from ragbot.embedding.spec import (
    DEFAULT_MODEL,
    ModelSpec,
    read_json,
    sha256,
    verify_default,
)
from ragbot.errors import EmbeddingError

__all__ = ["OpenVinoEmbedder"]

# Raised when the conversion changes, so that models converted before are converted again.
_CONVERSION = 1

# Token vectors (tokens, dimension) into one (dimension,).
_POOLINGS: dict[str, Callable[[Vectors], Vectors]] = {
    "mean": lambda tokens: tokens.mean(axis=0),
    "cls": lambda tokens: tokens[0],
    "max": lambda tokens: tokens.max(axis=0),
}


class OpenVinoEmbedder:
    """A sentence-transformers model run by OpenVINO, converted on first use into ``cache``."""

    def __init__(self, spec: ModelSpec, cache: Path, batch_size: int) -> None:
        from tokenizers import Tokenizer

        ov = _openvino()
        self.name = spec.name
        self._spec = spec
        self._pool = _POOLINGS[spec.pooling]
        self._batch_size = batch_size
        model = _converted(spec, cache)
        self.digest = model.digest
        self._tokenizer = Tokenizer.from_file(str(spec.folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(spec.max_length)
        core = ov.Core()
        core.set_property({"CACHE_DIR": str(model.folder / "compiled")})
        self._compiled = core.compile_model(
            str(model.folder / "model.xml"), "CPU", {"PERFORMANCE_HINT": "LATENCY"}
        )
        self._inputs = [i.get_any_name() for i in self._compiled.inputs]
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
            longest = max(len(encoded[i].ids) for i in part)
            feed = {
                name: np.zeros((len(part), longest), np.int64) for name in self._inputs
            }
            for row, i in enumerate(part):
                length = len(encoded[i].ids)
                feed["input_ids"][row, :length] = encoded[i].ids
                feed["attention_mask"][row, :length] = 1
            states = self._request().infer(feed)[0]
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


@dataclass(frozen=True, slots=True)
class _Converted:
    """A converted model in the cache, and the digest of the weights it was made of."""

    folder: Path
    digest: str


def _converted(spec: ModelSpec, cache: Path) -> _Converted:
    """The OpenVINO form of a model: from the cache, or made now."""
    key = hashlib.sha256(f"{spec.folder.resolve()}|{_CONVERSION}".encode()).hexdigest()[
        :12
    ]
    folder = cache / f"{re.sub(r'[^A-Za-z0-9._-]+', '-', Path(spec.name).name)}-{key}"
    about = folder / "model.json"
    stat = spec.weights.stat()
    made_of = {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns}
    known = read_json(about)
    if known.get("made_of") == made_of and (folder / "model.bin").is_file():
        return _Converted(folder, str(known["digest"]))
    digest = (
        verify_default(spec.weights)
        if spec.name == DEFAULT_MODEL
        else sha256(spec.weights)
    )
    try:
        # OpenVINO takes what it compiled for a path, whatever lies there now.
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _convert(spec, folder / "model.xml")
        # Written last: a conversion that was interrupted is made again.
        about.write_text(
            json.dumps(
                {
                    "digest": digest[:16],
                    "made_of": made_of,
                    "spec": {k: str(v) for k, v in asdict(spec).items()},
                },
                indent=1,
            ),
            encoding="utf-8",
        )
    except OSError as error:
        raise EmbeddingError(
            f"{folder}: the converted model cannot be written ({error.strerror})",
            "make the folder writable or name another with --data-dir",
        ) from None
    return _Converted(folder, digest[:16])


def _openvino() -> Any:
    """OpenVINO without its telemetry, which reports each import and each conversion otherwise."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # makes its import fail
    import openvino

    return openvino


def _convert(spec: ModelSpec, target: Path) -> None:
    """Trace the torch model once and save it; half precision on disk, as it is run in bfloat16."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    ov = _openvino()
    import torch
    from transformers import AutoModel

    class States(torch.nn.Module):
        def __init__(self, model: Any) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            return self.model(
                input_ids=input_ids, attention_mask=attention_mask
            ).last_hidden_state

    with quiet(), torch.no_grad():
        model = AutoModel.from_pretrained(
            str(spec.folder), local_files_only=True, attn_implementation="eager"
        ).eval()
        example = torch.ones(2, 8, dtype=torch.long)
        traced = ov.convert_model(
            States(model),
            example_input={"input_ids": example, "attention_mask": example},
        )
        ov.save_model(traced, str(target), compress_to_fp16=True)
