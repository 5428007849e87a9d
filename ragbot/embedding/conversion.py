"""The OpenVINO form of a sentence-transformers model: made once, kept in the data folder.

Tracing the model takes torch, transformers and some ten seconds, and they would stay in memory
for as long as the program runs. So a process of its own does it: this module as a program.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ragbot.embedding.own_process import main_of, run_apart
from ragbot.embedding.quiet import quiet
from ragbot.embedding.spec import (
    DEFAULT_MODEL,
    ModelSpec,
    read_json,
    sha256,
    verify_default,
)
from ragbot.errors import EmbeddingError
from ragbot.whole_file import write_whole

__all__ = ["LOCK", "MODEL", "Converted", "converted", "openvino_library"]

# Raised when the conversion changes, so that models converted before are converted again.
_CONVERSION = 1
# Names a conversion that is complete; in the folder of one that was interrupted it is missing.
_ABOUT = "model.json"
MODEL = "model.xml"
"""What OpenVINO reads, in the folder of a conversion; the weights lie beside it."""
LOCK = "converting.lock"
"""In the cache: held by who makes something there, so that who comes second finds it done."""


@dataclass(frozen=True, slots=True)
class Converted:
    """A converted model in the cache, and the digest of the weights it was made of."""

    folder: Path
    digest: str

    @property
    def model(self) -> Path:
        return self.folder / MODEL


def converted(spec: ModelSpec, cache: Path) -> Converted:
    """The OpenVINO form of a model: from the cache, or made now.

    Raises:
        EmbeddingError: the weights are not the published ones, the cache cannot be written, or the
            process that converts was ended.
        RuntimeError: torch or OpenVINO cannot do it; says why.
    """
    key = hashlib.sha256(f"{spec.folder.resolve()}|{_CONVERSION}".encode()).hexdigest()
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", Path(spec.name).name)
    folder = cache / f"{name}-{key[:12]}"
    stat = spec.weights.stat()
    made_of = {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns}
    if not _is_made(folder, made_of):
        default = spec.name == DEFAULT_MODEL
        digest = (verify_default if default else sha256)(spec.weights)
        try:
            _make(spec, folder, {"digest": digest[:16], "made_of": made_of})
        except OSError as error:
            raise EmbeddingError(
                f"{folder}: the converted model cannot be written ({error.strerror})",
                "make the folder writable or name another with --data-dir",
            ) from None
    return Converted(folder, str(read_json(folder / _ABOUT)["digest"]))


def openvino_library() -> Any:
    """OpenVINO without its telemetry, which reports each import and each conversion otherwise."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # makes its import fail
    import openvino

    return openvino


def _is_made(folder: Path, made_of: dict[str, int]) -> bool:
    """Whether the folder has a whole conversion of these weights."""
    known = read_json(folder / _ABOUT)
    return known.get("made_of") == made_of and (folder / "model.bin").is_file()


def _make(spec: ModelSpec, folder: Path, about: dict[str, Any]) -> None:
    from filelock import FileLock

    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_name(LOCK)):
        if _is_made(folder, about["made_of"]):
            return  # by another process, meanwhile
        # OpenVINO takes what it compiled for a path, whatever lies there now.
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        _convert_apart(spec.folder, folder / MODEL)
        about |= {"spec": {k: str(v) for k, v in asdict(spec).items()}}
        write_whole(folder / _ABOUT, json.dumps(about, indent=1).encode())


def _convert_apart(model: Path, target: Path) -> None:
    run_apart(__name__, str(model), str(target), doing="converts")


def _convert(model: Path | str, target: Path | str) -> None:
    """Trace the torch model once and save it; half precision on disk, as it is run in bfloat16."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    ov = openvino_library()
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
        states = AutoModel.from_pretrained(
            str(model), local_files_only=True, attn_implementation="eager"
        ).eval()
        example = torch.ones(2, 8, dtype=torch.long)
        traced = ov.convert_model(
            States(states),
            example_input={"input_ids": example, "attention_mask": example},
        )
        ov.save_model(traced, str(target), compress_to_fp16=True)


if __name__ == "__main__":
    sys.exit(main_of(_convert))
