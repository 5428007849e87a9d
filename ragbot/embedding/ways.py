"""The ways of running a converted model on this CPU, and which is the fastest that is exact enough.

Which one that is depends on the processor: with bfloat16 units half precision wins, with AVX-512
VNNI alone 8-bit integers do, elsewhere whole floats may. So they are timed, once, in a process of
its own: this module as a program.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ragbot.embedding.conversion import LOCK, MODEL, openvino_library
from ragbot.embedding.embedder import Batch, Vectors, normalised, padded
from ragbot.embedding.int8 import GROUP, with_int8_weights
from ragbot.embedding.own_process import main_of, run_apart
from ragbot.embedding.spec import ModelSpec, read_json
from ragbot.errors import EmbeddingError
from ragbot.whole_file import write_whole

__all__ = [
    "AUTO",
    "EXACT",
    "WAYS",
    "Measured",
    "Way",
    "chosen",
    "measured_ways",
    "told",
]

EXACT = 0.997
"""The least cosine of a vector to that of whole floats: one index may then hold both."""

AUTO = "auto"
"""Whichever is the fastest, in place of the name of a way."""

# In the folder of a conversion: what was measured, and on which processor.
_ABOUT = "ways.json"
_SAMPLE = Path(__file__).with_name("sample.txt")
_BATCH = 16
# Rounds over the sample, each way in turn: what else the machine does slows all of them alike.
_ROUNDS = 4
# Seconds after which no further round is begun.
_LONGEST = 20.0


@dataclass(frozen=True, slots=True)
class Way:
    """A model file in the folder of a conversion, and how OpenVINO is told to run it."""

    name: str
    file: str
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Measured:
    """How a way did: passages of the sample a second, and the least cosine to whole floats."""

    passages_a_second: float
    cosine: float


_INT8 = "integers.xml"
# What earlier builds made, with a scale a row.
_OLDER = ("int8.xml", "int8.bin")
WAYS = (
    Way("float32", MODEL, {"INFERENCE_PRECISION_HINT": "f32"}),
    Way("bfloat16", MODEL, {"INFERENCE_PRECISION_HINT": "bf16"}),
    Way(
        "int8",
        _INT8,
        {
            "INFERENCE_PRECISION_HINT": "f32",
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": str(GROUP),
        },
    ),
)
"""The first is what the others are compared with."""
_BY_NAME = {way.name: way for way in WAYS}


def measured_ways(spec: ModelSpec, folder: Path, core: Any) -> dict[str, Measured]:
    """How each of `WAYS` that this processor has does, measured now if that was not done on it.

    ``folder`` is that of the model's conversion, ``core`` an `openvino.Core`. Where nothing can be
    measured, or kept, whole floats are all there is.

    Raises:
        EmbeddingError: the process that measures was ended.
    """
    try:
        known = _known(folder, core) or _measured_now(spec, folder, core)
    except (OSError, RuntimeError) as error:
        logging.getLogger(__name__).warning(
            "%s runs in %s: what is faster cannot be measured (%s)",
            spec.name,
            WAYS[0].name,
            error,
        )
        return {WAYS[0].name: Measured(0.0, 1.0)}
    return {name: Measured(**told) for name, told in known.items()}


def _known(folder: Path, core: Any) -> dict[str, Any]:
    """What was measured on this processor; empty if nothing was."""
    about = read_json(folder / _ABOUT)
    fits = about.get("processor") == _processor(core) and (folder / _INT8).is_file()
    return dict(about["ways"]) if fits else {}


def _measured_now(spec: ModelSpec, folder: Path, core: Any) -> dict[str, Any]:
    from filelock import FileLock

    with FileLock(folder.with_name(LOCK)):
        known = _known(folder, core)  # by another process, meanwhile
        if not known:
            tokenizer = str(spec.folder / "tokenizer.json")
            args = tokenizer, str(spec.max_length), str(folder)
            run_apart(__name__, *args, doing="measures")
            known = _known(folder, core)
    return known


def chosen(measured: Mapping[str, Measured], precision: str = AUTO) -> Way:
    """The way that is wanted, or the fastest; of those that are exact enough.

    Raises:
        EmbeddingError: this processor, or this model, cannot be run that way.
    """
    exact = {name: one for name, one in measured.items() if one.cosine >= EXACT}
    best = max(exact, key=lambda name: exact[name].passages_a_second)
    if precision not in {AUTO, *exact}:
        raise EmbeddingError(
            f"embedding.precision: {precision} cannot be had here, or is not exact enough "
            f"({_shown(measured)})",
            f"set it to {AUTO}, or to one of {', '.join(exact)}",
        )
    return _BY_NAME[{AUTO: best}.get(precision, precision)]


def told(way: Way, measured: Mapping[str, Measured], precision: str = AUTO) -> str:
    """A way, why it was taken, and how all of them did, for people."""
    why = {AUTO: "the fastest here of those exact enough"}.get(precision, "as was set")
    return f"in {way.name}, {why} ({_shown(measured)})"


def _shown(measured: Mapping[str, Measured]) -> str:
    return "; ".join(
        f"{name} {one.passages_a_second:.0f}/s, cosine {one.cosine:.4f}"
        for name, one in measured.items()
    )


def _processor(core: Any) -> str:
    """What makes another measurement necessary."""
    name = core.get_property("CPU", "FULL_DEVICE_NAME")
    abilities = " ".join(sorted(core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")))
    return f"{name}, {os.cpu_count()} threads, {abilities}"


# -- measuring, in a process of its own ----------------------------------------------------------


def _measure(tokenizer: str, longest: str, folder: str) -> None:
    """Make the model of integers, time all ways, and write what came of it."""
    core = openvino_library().Core()
    place = Path(folder)
    for name in _OLDER:
        (place / name).unlink(missing_ok=True)
    if not (place / _INT8).is_file():
        _save(with_int8_weights(core.read_model(place / MODEL)), place / _INT8)
    batches = _batches(tokenizer, int(longest))
    ways = [way for way in WAYS if _is_able(way, core)]
    models = [
        core.compile_model(place / w.file, "CPU", dict(w.properties)) for w in ways
    ]
    vectors = [_embed(model, batches) for model in models]
    seconds = _timed(models, batches)
    results = {
        way.name: asdict(
            Measured(
                round(len(own) / least, 1),
                round(float((own * vectors[0]).sum(1).min()), 5),
            )
        )
        for way, own, least in zip(ways, vectors, seconds, strict=True)
    }
    about = {"processor": _processor(core), "ways": results}
    write_whole(place / _ABOUT, json.dumps(about, indent=1).encode())


def _save(model: Any, path: Path) -> None:
    """Save a model; while it is not there as a whole, nothing is."""
    part = path.with_stem(f"{path.stem}.part")
    openvino_library().save_model(model, part)
    for suffix in (".bin", path.suffix):
        part.with_suffix(suffix).replace(path.with_suffix(suffix))


def _is_able(way: Way, core: Any) -> bool:
    """Whether the processor has units for it; OpenVINO would do it in another way."""
    abilities = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return way.name != "bfloat16" or "BF16" in abilities


def _batches(tokenizer: str, longest: int) -> list[Batch]:
    """The sample as a model takes it: passages of like length together."""
    from tokenizers import Tokenizer

    reading = Tokenizer.from_file(tokenizer)
    reading.no_padding()
    reading.enable_truncation(longest)
    encoded = reading.encode_batch(_SAMPLE.read_text(encoding="utf-8").splitlines())
    rows = sorted((one.ids for one in encoded), key=len)
    starts = range(0, len(rows), _BATCH)
    return [padded(rows[at : at + _BATCH], longest) for at in starts]


def _embed(model: Any, batches: Sequence[Batch]) -> Vectors:
    """The means of the token vectors of each passage (passages, dimension)."""
    rows = []
    for batch in batches:
        shown = batch["attention_mask"][..., None]
        rows.append((model(batch)[0] * shown).sum(1) / shown.sum(1))
    return normalised(np.vstack(rows))


def _timed(models: Sequence[Any], batches: Sequence[Batch]) -> list[float]:
    """The least seconds that each model takes for all batches."""
    least = [float("inf")] * len(models)
    begun = time.perf_counter()
    for _ in range(_ROUNDS):
        for at, model in enumerate(models):
            start = time.perf_counter()
            for batch in batches:
                model(batch)
            least[at] = min(least[at], time.perf_counter() - start)
        if time.perf_counter() - begun > _LONGEST:
            break
    return least


if __name__ == "__main__":
    sys.exit(main_of(_measure))
