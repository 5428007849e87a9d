"""BEIR folders with awkward ids and titles, over a throw-away collection."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ragbot.config import load_settings
from ragbot.embedding import Embedder
from ragbot.evaluation.runs.grid import evaluate, grid
from ragbot.evaluation.runs.records import read_run
from ragbot.evaluation.sets.beir import read_beir
from ragbot.evaluation.sets.rows import SetError
from ragbot.testing import tiny_papers

CORPUS: list[dict[str, Any]] = [
    # Ids that differ by what titles would not, a title twice, no title, no text.
    {"_id": "doc:1", "title": "Abstract", "text": tiny_papers()[0].abstract},
    {"_id": "doc-1", "title": "Abstract", "text": tiny_papers()[1].abstract},
    {"_id": "2", "title": "", "text": tiny_papers()[3].abstract},
    {"_id": 3, "title": "Channel pruning for very deep networks", "text": ""},
]
QUERIES: list[dict[str, Any]] = [
    {"_id": "q1", "text": "linear time series forecasting in a transformed domain"},
    {"_id": "q2", "text": "compression of the KV cache by low-rank projection"},
    {"_id": "q3", "text": "predicting the style of images"},
    {"_id": "q4", "text": "channel pruning of deep networks"},
    {"_id": "unjudged", "text": "anything"},
]
QRELS = [
    "query-id\tcorpus-id\tscore",
    "q1\tdoc:1\t1",
    "q2\tdoc-1\t2",
    "q3\t2\t1",
    "q4\t3\t1",
    "q4\t2\t0",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    beir = tmp_path / "beir"
    (beir / "qrels").mkdir(parents=True)
    for name, rows in (("corpus", CORPUS), ("queries", QUERIES)):
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (beir / f"{name}.jsonl").write_text(text, encoding="utf-8")
    (beir / "qrels" / "test.tsv").write_text("\n".join(QRELS) + "\n", encoding="utf-8")
    return beir


def test_papers_are_told_apart_by_their_ids(folder: Path) -> None:
    beir = read_beir(folder)

    assert len({p.id for p in beir.papers}) == 4
    assert [q.id for q in beir.questions.questions] == ["q1", "q2", "q3", "q4"]
    ids = {p.title + p.abstract[:9]: p.id for p in beir.papers}
    assert beir.questions.questions[1].relevant == {ids["AbstractAs the si"]: 2}
    assert len(beir.questions.questions[3].relevant) == 1
    assert beir.questions.name == "beir-test"


def test_a_run_finds_them_and_leaves_no_collection_behind(
    folder: Path, tmp_path: Path, hashed: Callable[[object], Embedder]
) -> None:
    settings = load_settings(data_dir=tmp_path / "data", environ={})
    steps: list[str] = []

    (run,) = evaluate(
        settings,
        folder,
        split="test",
        load=hashed,
        progress=lambda p: steps.append(p.stage),
    )

    assert run.told["overall"]["hit@1"] == 1.0
    assert run.told["by_type"].keys() == {"query"}
    assert "ndcg@10_topical" not in run.told["overall"]
    assert run.told["latency_ms"]["ask_p50"] is not None
    assert list(dict.fromkeys(steps)) == ["index", "questions"]
    assert [p.name for p in (tmp_path / "data").iterdir()] == ["runs"]
    assert read_run(run.folder) == run


def test_a_grid_shares_an_index_where_it_can(
    folder: Path, tmp_path: Path, hashed: Callable[[object], Embedder]
) -> None:
    options = ["retrieval.candidates=10,20", "chunking.sentences=4,2"]
    variants = grid(options, data_dir=tmp_path / "data", environ={})
    built: list[int] = []

    runs = evaluate(
        load_settings(data_dir=tmp_path / "data", environ={}),
        folder,
        split="test",
        variants=variants,
        out=tmp_path / "out",
        load=hashed,
        progress=lambda p: built.append(p.done) if p.stage == "index" else None,
    )

    assert [r.name for r in runs] == [v.label for v in variants]
    assert len({r.folder for r in runs}) == 4
    assert built == [0, 4, 0, 4]  # two indexes for four variants
    indexes = [r.told["fingerprint"]["index"] for r in runs]
    assert indexes[0] == indexes[2] != indexes[1] == indexes[3]


@pytest.mark.parametrize(
    ("file", "line", "text", "problem"),
    [
        ("corpus.jsonl", 2, "{", "line 2: broken JSON"),
        ("corpus.jsonl", 2, '{"title": "T", "text": "t"}', "line 2, _id: missing"),
        ("corpus.jsonl", 2, '{"_id": "2", "text": "t"}', "line 3, _id: '2' is already"),
        ("corpus.jsonl", 2, '{"_id": "x", "title": "T"}', "line 2, text: missing"),
        (
            "corpus.jsonl",
            2,
            '{"_id": "x", "title": 1, "text": "t"}',
            "line 2, title: must be text",
        ),
        ("queries.jsonl", 1, '{"_id": "q1"}', "line 1, text: missing"),
        ("qrels/test.tsv", 3, "q2 doc-1 2", "line 3: has 1 columns"),
        (
            "qrels/test.tsv",
            3,
            "q2\tdoc-1\thigh",
            "line 3, score: must be a whole number",
        ),
        (
            "qrels/test.tsv",
            3,
            "q9\tdoc-1\t1",
            "line 3, query-id: 'q9' is not in queries.jsonl",
        ),
        (
            "qrels/test.tsv",
            3,
            "q2\tdoc9\t1",
            "line 3, corpus-id: 'doc9' is not in corpus.jsonl",
        ),
    ],
)
def test_what_is_broken_is_named(
    folder: Path, file: str, line: int, text: str, problem: str
) -> None:
    lines = (folder / file).read_text(encoding="utf-8").splitlines()
    lines[line - 1] = text
    (folder / file).write_text("\n".join(lines), encoding="utf-8")

    with pytest.raises(SetError) as caught:
        read_beir(folder)

    assert str(caught.value).startswith(f"{folder / file} {problem}")


def test_what_is_missing_is_named(folder: Path) -> None:
    with pytest.raises(SetError, match="no such BEIR folder"):
        read_beir(folder / "gone")
    with pytest.raises(SetError, match=r"dev\.tsv: no such split: choose from test"):
        read_beir(folder, "dev")
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\t2\t0\n")
    with pytest.raises(SetError, match="judges no document relevant"):
        read_beir(folder)
    (folder / "queries.jsonl").unlink()
    with pytest.raises(SetError, match=r"queries\.jsonl: no such file"):
        read_beir(folder)
