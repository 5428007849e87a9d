"""The conversion to OpenVINO: in a process of its own, once, and whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ragbot.config import EmbeddingSettings
from ragbot.embedding import conversion, load_embedder
from ragbot.embedding.spec import ModelSpec, sha256
from ragbot.errors import EmbeddingError

MakeModel = Callable[..., Path]


def spec_of(folder: Path) -> ModelSpec:
    spec = ModelSpec.read("tiny", folder)
    assert spec
    return spec


def test_why_the_other_process_failed_is_one_line(
    make_model: MakeModel, tmp_path: Path
) -> None:
    folder = make_model()
    (folder / "config.json").write_text('{"model_type": "no-such-kind"}')
    with pytest.raises(EmbeddingError) as caught:
        load_embedder(
            EmbeddingSettings(str(folder), "openvino", "cpu", "auto", 4), tmp_path
        )
    assert "OpenVINO cannot run it (" in caught.value.message
    assert "no-such-kind" in caught.value.message
    assert "\n" not in str(caught.value)


def test_the_other_process_ends_with_the_one_that_asked(
    make_model: MakeModel, tmp_path: Path
) -> None:
    target = tmp_path / "model.xml"
    told = subprocess.run(
        [sys.executable, "-m", conversion.__name__, str(make_model()), str(target)],
        stdin=subprocess.DEVNULL,  # at its end from the beginning
    )
    assert told.returncode == 1
    assert not target.exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals")
def test_a_conversion_that_was_killed_is_told_and_made_again(
    make_model: MakeModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, cache = spec_of(make_model()), tmp_path / "cache"
    killed = tmp_path / "python"
    killed.write_text("#!/bin/sh\nkill -9 $$\n")
    killed.chmod(0o755)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", str(killed))
        with pytest.raises(EmbeddingError, match=r"ended \(signal 9\): run the same"):
            conversion.converted(spec, cache)
    monkeypatch.setattr(conversion, "_convert_apart", conversion._convert)
    assert conversion.converted(spec, cache).model.is_file()


def test_of_two_that_lack_a_model_at_once_one_converts_it(
    make_model: MakeModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, cache = spec_of(make_model()), tmp_path / "cache"
    conversions, both_have_looked = [], threading.Barrier(2, timeout=60)

    def convert(model: Path, target: Path) -> None:
        conversions.append(target)
        conversion._convert(model, target)

    def digest(path: Path) -> str:
        both_have_looked.wait()
        return sha256(path)

    monkeypatch.setattr(conversion, "_convert_apart", convert)
    monkeypatch.setattr(conversion, "sha256", digest)
    with ThreadPoolExecutor(2) as pool:
        told = [pool.submit(conversion.converted, spec, cache) for _ in range(2)]
    assert told[0].result() == told[1].result()
    assert len(conversions) == 1
