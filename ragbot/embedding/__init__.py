"""Text into vectors. Owns the models and their two engines; knows nothing of papers or stores.

Embedder (protocol, in base)
├── OpenVinoEmbedder    the default on a CPU
└── TorchEmbedder       sentence-transformers: GPUs, other poolings, and the reference
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

from ragbot.config import EmbeddingSettings
from ragbot.embedding.embedder import Embedder, Span, Vectors
from ragbot.embedding.spec import DEFAULT_MODEL, ModelSpec, loading_errors, model_folder
from ragbot.errors import EmbeddingError

__all__ = ["DEFAULT_MODEL", "Embedder", "Span", "Vectors", "load_embedder"]


def load_embedder(settings: EmbeddingSettings, cache: Path) -> Embedder:
    """The embedder of the settings; ``cache`` is where a converted model is kept.

    Raises:
        EmbeddingError: the model is not there, not the published one, or the engine cannot run it.
    """
    # Torch makes this folder when it is imported; without this, outside the data folder.
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(cache / "torch"))
    folder = model_folder(settings.model)
    device = settings.device if settings.device != "auto" else _gpu()
    if settings.backend == "torch" or (
        settings.backend == "auto" and device not in ("", "cpu")
    ):
        return _torch(settings, folder)
    try:
        spec = ModelSpec.read(settings.model, folder) if folder else None
        if spec is not None:
            from ragbot.embedding.openvino_engine import OpenVinoEmbedder

            return OpenVinoEmbedder(
                spec, cache, settings.precision, settings.batch_size
            )
    except loading_errors() as error:
        if settings.backend == "openvino":
            raise EmbeddingError(
                f"{settings.model}: OpenVINO cannot run it ({error})",
                'set embedding.backend = "torch"',
            ) from error
        logging.getLogger(__name__).warning(
            "OpenVINO cannot run %s: %s", settings.model, error
        )
    if settings.backend == "openvino":
        raise EmbeddingError(
            f"{settings.model}: its pooling or its place (a hub name) has no OpenVINO form here",
            'set embedding.backend = "torch"',
        )
    return _torch(settings, folder)


def _torch(settings: EmbeddingSettings, folder: Path | None) -> Embedder:
    from ragbot.embedding.torch_engine import TorchEmbedder

    return TorchEmbedder(settings, folder)


def _gpu() -> str:
    """The GPU that torch would use, found without importing it; empty if there is none."""
    if Path("/proc/driver/nvidia/version").exists():
        return "cuda"
    return "mps" if sys.platform == "darwin" and os.uname().machine == "arm64" else ""
