"""ragbot/embedding/ways.py: what is measured, when, and which way of running a model is taken."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ragbot.config import EmbeddingSettings
from ragbot.embedding import Embedder, conversion, load_embedder, ways
from ragbot.embedding.ways import EXACT, WAYS, Measured, chosen, told
from ragbot.errors import EmbeddingError

MakeModel = Callable[..., Path]


def loaded(model: Path, cache: Path, precision: str = "auto") -> Embedder:
    settings = EmbeddingSettings(str(model), "openvino", "cpu", precision, 4)
    return load_embedder(settings, cache)


def about(cache: Path) -> Path:
    (found,) = cache.glob("*/ways.json")
    return found


def test_the_fastest_of_the_exact_ones_is_taken() -> None:
    measured = {
        "float32": Measured(50.0, 1.0),
        "bfloat16": Measured(90.0, EXACT),
        "int8": Measured(200.0, EXACT - 0.001),
    }
    assert chosen(measured).name == "bfloat16"
    assert chosen(measured, "float32").name == "float32"
    with pytest.raises(EmbeddingError, match=r"int8 .* is not exact enough") as refused:
        chosen(measured, "int8")
    assert "auto, or to one of float32, bfloat16" in str(refused.value.remedy)
    del measured["bfloat16"]
    assert chosen(measured).name == "float32"
    with pytest.raises(EmbeddingError, match="bfloat16 cannot be had here"):
        chosen(measured, "bfloat16")


def test_people_are_told_how_each_did() -> None:
    measured = {"float32": Measured(50.4, 1.0), "int8": Measured(100.0, 0.9981)}
    assert told(WAYS[2], measured) == (
        "in int8, the fastest here of those exact enough "
        "(float32 50/s, cosine 1.0000; int8 100/s, cosine 0.9981)"
    )


def test_every_way_of_the_default_model_is_exact_enough(
    embedder: Embedder, models: Path
) -> None:
    measured = json.loads(about(models).read_text())["ways"]
    assert {"float32", "int8"} <= measured.keys()
    assert min(one["cosine"] for one in measured.values()) >= EXACT
    assert measured["int8"]["cosine"] < 0.99999  # integers were at work
    assert any(embedder.engine.startswith(f"OpenVINO in {name}") for name in measured)


@pytest.mark.usefixtures("converting_here")
def test_a_processor_is_measured_once(make_model: MakeModel, tmp_path: Path) -> None:
    model = make_model()
    loaded(model, tmp_path)
    first = about(tmp_path).stat().st_mtime_ns
    loaded(model, tmp_path)
    assert about(tmp_path).stat().st_mtime_ns == first


@pytest.mark.usefixtures("converting_here")
def test_another_processor_is_measured_anew(
    make_model: MakeModel, tmp_path: Path
) -> None:
    model = make_model()
    loaded(model, tmp_path)
    other = json.loads(about(tmp_path).read_text())
    own = other["processor"]
    about(tmp_path).write_text(json.dumps(other | {"processor": "of another machine"}))
    loaded(model, tmp_path)
    assert json.loads(about(tmp_path).read_text())["processor"] == own


@pytest.mark.usefixtures("converting_here")
def test_one_that_is_set_is_taken(make_model: MakeModel, tmp_path: Path) -> None:
    model = make_model()
    for name in ("float32", "int8"):
        engine = loaded(model, tmp_path, name).engine
        assert engine.startswith(f"OpenVINO in {name}, as was set (float32 ")


@pytest.mark.usefixtures("converting_here")
def test_what_is_not_exact_is_not_taken_though_it_is_the_fastest(
    make_model: MakeModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = make_model()
    exact = loaded(model, tmp_path).embed_queries(["channel pruning"])
    kept = json.loads(about(tmp_path).read_text())
    kept["ways"]["int8"] = {"passages_a_second": 1e9, "cosine": 0.9}
    kept["ways"]["float32"]["passages_a_second"] = 1e8
    about(tmp_path).write_text(json.dumps(kept))
    again = loaded(model, tmp_path)
    assert again.engine.startswith("OpenVINO in float32")
    assert float((exact @ again.embed_queries(["channel pruning"]).T).item()) > EXACT


@pytest.mark.usefixtures("converting_here")
def test_what_cannot_be_measured_runs_in_whole_floats(
    make_model: MakeModel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: str, doing: str) -> None:
        raise RuntimeError(f"no space left: nobody {doing}")

    model = make_model()
    with monkeypatch.context() as patch:
        patch.setattr(ways, "run_apart", fail)
        embedder = loaded(model, tmp_path)
    assert embedder.engine.startswith("OpenVINO in float32")
    assert "runs in float32: what is faster cannot be measured (no space" in caplog.text
    assert "int8" in loaded(model, tmp_path).engine  # the next time it can


@pytest.mark.usefixtures("converting_here")
def test_a_model_of_integers_that_was_cut_short_is_made_again(
    make_model: MakeModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = make_model()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("cut")))
        patch.setattr(ways, "write_whole", lambda *_: None)
        patch.setattr(conversion, "write_whole", lambda to, what: to.write_bytes(what))
        loaded(model, tmp_path)
    assert not list(tmp_path.glob("*/integers.xml"))
    assert "int8" in loaded(model, tmp_path).engine


@pytest.mark.usefixtures("converting_here")
def test_of_two_that_start_at_once_one_measures(
    make_model: MakeModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[str] = []
    measure = ways._measure
    monkeypatch.setattr(
        ways, "_measure", lambda *args: (measured.append(args[0]), measure(*args))
    )
    model = make_model()
    with ThreadPoolExecutor(2) as pool:
        told = [pool.submit(loaded, model, tmp_path) for _ in range(2)]
    assert {one.result().engine for one in told} == {told[0].result().engine}
    assert len(measured) == 1
