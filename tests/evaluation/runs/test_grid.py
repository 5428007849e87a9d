"""Settings side by side over a question set."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ragbot.config import load_settings
from ragbot.embedding import Embedder
from ragbot.errors import ConfigError, EmptyCollection, InputError
from ragbot.evaluation.runs.grid import evaluate, grid
from ragbot.evaluation.runs.workbench import Workbench
from ragbot.pipeline import Ragbot
from ragbot.testing import HashEmbedder, tiny_papers

Rows = list[dict[str, Any]]
WriteSet = Callable[..., Path]
Load = Callable[[object], Embedder]


def test_a_grid_is_every_combination() -> None:
    variants = grid(["retrieval.k=10,20", "answer.quotes=1, 2"], environ={})

    assert [v.label for v in variants] == [
        "retrieval.k=10 answer.quotes=1",
        "retrieval.k=10 answer.quotes=2",
        "retrieval.k=20 answer.quotes=1",
        "retrieval.k=20 answer.quotes=2",
    ]
    assert (variants[2].settings.retrieval.k, variants[2].settings.answer.quotes) == (
        20,
        1,
    )


def test_a_grid_stands_on_the_other_settings(tmp_path: Path) -> None:
    config = tmp_path / "mine.toml"
    config.write_text("[retrieval]\nk = 7\n[answer]\nquotes = 5\n")

    (variant,) = grid(["retrieval.k=9"], config=config, data_dir=tmp_path, environ={})

    assert (variant.settings.retrieval.k, variant.settings.answer.quotes) == (9, 5)
    assert variant.settings.data_dir == tmp_path


@pytest.mark.parametrize(
    "option", ["retrieval.k", "k=3", "retrieval.k=", "retrieval.k=3,,4"]
)
def test_an_option_of_another_form_is_refused(option: str) -> None:
    with pytest.raises(InputError, match="is no --grid option"):
        grid([option], environ={})


def test_a_setting_that_cannot_be_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"retrieval\.kk"):
        grid(["retrieval.kk=3"], environ={})
    with pytest.raises(ConfigError, match=r"retrieval\.k must lie in"):
        grid(["retrieval.k=0"], environ={})


def test_the_collection_in_force_serves_settings_that_fit_it(
    tiny: Ragbot, rows: Rows, write_set: WriteSet, tmp_path: Path, hashed: Load
) -> None:
    data = tiny.settings.data_dir
    before = tiny.fingerprint()
    stages: list[str] = []

    plain, finer = evaluate(
        tiny.settings,
        write_set(rows),
        variants=grid(["chunking.sentences=4,2"], data_dir=data, environ={}),
        out=tmp_path / "out",
        load=hashed,
        progress=lambda p: stages.append(p.stage),
    )

    # The first runs on the collection itself, the second on an index of its own, gone by now.
    assert stages[0] == "questions"
    assert stages.count("index") == 2
    assert plain.told["fingerprint"]["index"] == before["index"]
    assert finer.told["fingerprint"]["index"] != before["index"]
    assert [o.wanted for o in plain.outcomes] == [o.wanted for o in finer.outcomes]
    assert tiny.fingerprint() == before
    assert not list(data.glob("evaluation-*"))


def test_a_throw_away_collection_goes_when_interrupted(
    tiny: Ragbot, rows: Rows, write_set: WriteSet, tmp_path: Path, hashed: Load
) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate(
            tiny.settings,
            write_set(rows),
            variants=grid(
                ["chunking.sentences=3"], data_dir=tiny.settings.data_dir, environ={}
            ),
            out=tmp_path / "out",
            load=hashed,
            progress=interrupt,
        )

    assert not list(tiny.settings.data_dir.glob("evaluation-*"))


def test_an_empty_collection_is_an_error(
    tmp_path: Path, rows: Rows, write_set: WriteSet
) -> None:
    with pytest.raises(EmptyCollection, match="ragbot ingest"):
        evaluate(load_settings(data_dir=tmp_path / "data", environ={}), write_set(rows))


def test_what_is_thrown_away_is_on_no_server(tmp_path: Path) -> None:
    environ = {"RAGBOT_VECTORS__URL": "http://127.0.0.1:9"}
    settings = load_settings(data_dir=tmp_path, environ=environ)
    papers = tiny_papers()
    with (
        Workbench(
            settings, papers, built=False, load=lambda _: HashEmbedder()
        ) as bench,
        bench.open(settings) as bot,
    ):
        assert bot.search(papers[0].title, 1).hits[0].paper.title == papers[0].title
