"""A real Ray cluster on this machine: the same vectors, lost workers replaced, errors of ours."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ragbot.cli import main
from ragbot.config import Settings
from ragbot.embedding import Embedder
from ragbot.embedding.ray_engine import cluster, ray_embedder
from ragbot.errors import EmbeddingError, InputError
from ragbot.testing import tiny_papers
from ragbot.text.sentences import split_sentences

LISTING = Path(__file__).parent.parent / "fixtures" / "daily_papers.txt"
PASSAGES = [
    f"{paper.title} {turn}. {sentence}"
    for turn in range(10)
    for paper in tiny_papers()
    for sentence in split_sentences(paper.abstract)
]
SPANS = [[(0, 12), (13, len(text))] for text in PASSAGES]


@pytest.fixture(scope="module")
def ray() -> Iterator[Any]:
    """The library, connected: starting takes seconds."""
    if importlib.util.find_spec("ray") is None:
        pytest.skip("NO RAY: embedding over a cluster is untested; install ragbot[dev]")
    with cluster() as library:
        yield library


def test_a_cluster_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{nobody.getsockname()[1]}"
        for told in (address, f"ray://{address}"):
            monkeypatch.setenv("RAY_ADDRESS", told)
            with pytest.raises(EmbeddingError) as refused, cluster():
                pass
            assert f"Ray cannot be used at {told} (" in refused.value.message
            assert refused.value.remedy.startswith("check RAY_ADDRESS")


def test_workers_give_the_same_vectors_whatever_becomes_of_them(
    ray: Any, settings: Settings, models: Path, embedder: Embedder
) -> None:
    here, own = embedder.embed_passages(PASSAGES, SPANS)

    def check(spread: Embedder) -> None:
        vectors, parts = spread.embed_passages(PASSAGES, SPANS)
        assert (vectors * here).sum(axis=1).min() > 0.999
        for theirs, ours in zip(parts, own, strict=True):
            assert (theirs * ours).sum(axis=1).min() > 0.997

    with ray_embedder(settings.embedding, models, workers=1) as spread:
        assert (spread.name, spread.digest) == (embedder.name, embedder.digest)
        check(spread)
        vectors, parts = spread.embed_passages([], [])
        assert (vectors.shape, parts) == ((0, embedder.dimension), [])
        (question,) = spread.embed_queries(["What is channel pruning?"])
        assert (
            question @ embedder.embed_queries(["What is channel pruning?"])[0] > 0.999
        )
        with pytest.raises(EmbeddingError, match="a Ray worker failed"):
            spread.embed_passages(["one"], [[("no", "span")]])  # type: ignore[list-item]
        (worker,) = spread._workers
        ray.kill(worker, no_restart=False)
        check(spread)


def test_what_a_worker_says_is_said_here(
    ray: Any, settings: Settings, models: Path
) -> None:
    missing = dataclasses.replace(settings.embedding, model="/no/such/model")
    with (
        pytest.raises(EmbeddingError, match="no such model folder") as told,
        ray_embedder(missing, models, workers=1),
    ):
        pass
    assert told.value.remedy == "check embedding.model"


def test_the_cluster_is_this_machine_s_alone(ray: Any) -> None:
    (node,) = ray.nodes()
    assert node["NodeManagerAddress"] == "127.0.0.1"
    assert len(os.environ["RAY_AUTH_TOKEN"]) == 64
    assert not Path.home().joinpath(".ray").exists()


def test_an_ingest_over_ray_is_found(
    ray: Any, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--data-dir", str(settings.data_dir)]
    assert main(["ingest", str(LISTING), "--engine", "ray", *data]) == 0
    assert main(["search", "KV cache", "-k", "1", "--json", *data]) == 0
    printed = capsys.readouterr()
    (found,) = json.loads(printed.out[printed.out.index("{") :])["papers"]
    assert found["title"].startswith("MatryoshkaKV")
    assert printed.err == ""


def test_without_ray_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match="pip install 'ragbot\\[ray\\]'"), cluster():
        pass
