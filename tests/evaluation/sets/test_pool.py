"""Candidates out to a spreadsheet and labels back into a set."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ragbot.embedding import Embedder
from ragbot.errors import InputError
from ragbot.evaluation.runs.grid import grid
from ragbot.evaluation.sets.pool import (
    COLUMNS,
    Candidate,
    merge,
    pool,
    read_labels,
    write_pool,
)
from ragbot.evaluation.sets.questions import Question, read_questions
from ragbot.evaluation.sets.rows import SetError
from ragbot.papers.identity import paper_id
from ragbot.pipeline import Ragbot
from ragbot.testing import tiny_papers
from ragbot.types import Paper

Rows = list[dict[str, Any]]
WriteSet = Callable[..., Path]
EBV = paper_id("Equiangular Basis Vectors")
STYLE = paper_id("Recognizing Image Style")


@pytest.fixture
def unlabelled(write_set: WriteSet) -> Path:
    return write_set(
        [
            {
                "id": "p1",
                "type": "single",
                "question": "Which vectors classify?",
                "note": "mine",
            },
            {
                "id": "p2",
                "type": "single",
                "question": "What is style?",
                "relevant": {},
            },
            {
                "id": "p3",
                "type": "unanswerable",
                "miss": "far",
                "question": "Who won?",
                "relevant": {},
            },
        ]
    )


def labelled(
    path: Path, cells: list[tuple[str, str, str]], delimiter: str = ","
) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, delimiter=delimiter)
        rows.writerow(COLUMNS)
        rows.writerows((q, "?", p, "t", "a", 1, label) for q, p, label in cells)
    return path


def test_the_pool_is_what_every_setting_found(
    tiny: Ragbot, unlabelled: Path, tmp_path: Path, hashed: Callable[[object], Embedder]
) -> None:
    variants = grid(
        ["chunking.sentences=4,2"], data_dir=tiny.settings.data_dir, environ={}
    )

    candidates = pool(
        tiny.settings, unlabelled, variants=variants, depth=2, load=hashed
    )

    first = [c for c in candidates if c.question.id == "p1"]
    assert first[0].paper.id == EBV
    assert [c.best_rank for c in first] == sorted(c.best_rank for c in first)
    assert len({c.paper.id for c in first}) == len(first) >= 2
    write_pool(candidates, tmp_path / "pool.csv")
    with (tmp_path / "pool.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == len(candidates)
    assert rows[0]["title"] == "Equiangular Basis Vectors"
    assert {row["label"] for row in rows} == {""}


@pytest.mark.parametrize("id_", ["=1+1", "+x", "-x", "@x", "'=x", "'plain", "plain"])
def test_no_cell_is_a_formula_and_the_ids_come_back(tmp_path: Path, id_: str) -> None:
    paper = Paper("b", '=HYPERLINK("http://x")', "\t@SUM(1)\nand more")
    path = tmp_path / "pool.csv"

    write_pool([Candidate(Question(id_, "single", "-2?", {}), paper, 1)], path)

    with path.open(encoding="utf-8-sig", newline="") as file:
        heading, row = csv.reader(file)
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in row)
    assert row[4] == "'@SUM(1) and more"
    row[-1] = "2"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([heading, row])
    assert read_labels(path, [id_], [paper]) == ({(id_, "b"): 2}, 0)


def test_labels_become_a_set(unlabelled: Path, tmp_path: Path) -> None:
    labels = labelled(
        tmp_path / "l.csv",
        [("p1", EBV, "2"), ("p1", STYLE, "0"), ("p2", EBV, "0"), ("p2", STYLE, "")],
    )
    out = tmp_path / "set.jsonl"

    merged = merge(unlabelled, labels, tiny_papers(), out)

    assert (merged.questions, merged.labels, merged.unlabelled) == (2, 3, 1)
    assert merged.left_out == ("p2",)
    read = read_questions(out, tiny_papers())
    assert [q.id for q in read.questions] == ["p1", "p3"]
    assert read.questions[0].relevant == {EBV: 2}
    first = json.loads(out.read_text(encoding="utf-8").splitlines()[0])
    assert first["note"] == "mine"
    assert first["relevant"] == {"Equiangular Basis Vectors": 2}


def test_earlier_grades_stay_unless_labelled_anew(
    rows: Rows, write_set: WriteSet, tmp_path: Path
) -> None:
    path = write_set(rows)
    labels = labelled(tmp_path / "l.csv", [("l1", EBV, "0"), ("l1", STYLE, "2")])

    merge(path, labels, tiny_papers(), path)

    (question,) = (
        q for q in read_questions(path, tiny_papers()).questions if q.id == "l1"
    )
    pruning = paper_id("Channel Pruning for Accelerating Very Deep Neural Networks")
    assert list(question.relevant.items()) == [(STYLE, 2), (pruning, 1)]


def test_a_spreadsheet_may_write_semicolons(unlabelled: Path, tmp_path: Path) -> None:
    labels = labelled(tmp_path / "l.csv", [("p1", EBV, "1")], delimiter=";")

    assert merge(unlabelled, labels, tiny_papers(), tmp_path / "set.jsonl").labels == 1


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ([("p1", EBV, "3")], "line 2, label: must be 0, 1 or 2, not '3'"),
        (
            [("p1", EBV, "2"), ("p1", EBV, "1")],
            "line 3, label: the same paper has another",
        ),
        ([("p9", EBV, "2")], "line 2, question_id: 'p9' is unknown"),
        ([("p1", "nix", "2")], "line 2, paper_id: 'nix' is unknown"),
    ],
)
def test_a_broken_label_is_named(
    unlabelled: Path, tmp_path: Path, cells: list[tuple[str, str, str]], problem: str
) -> None:
    labels = labelled(tmp_path / "l.csv", cells)

    with pytest.raises(SetError) as caught:
        merge(unlabelled, labels, tiny_papers(), tmp_path / "set.jsonl")

    assert str(caught.value).startswith(f"{labels} {problem}")
    assert not (tmp_path / "set.jsonl").exists()


def test_files_that_are_no_labels_are_refused(unlabelled: Path, tmp_path: Path) -> None:
    out = tmp_path / "set.jsonl"
    with pytest.raises(SetError, match="no such file"):
        merge(unlabelled, tmp_path / "gone.csv", tiny_papers(), out)
    (tmp_path / "x.csv").write_text("question_id,label\np1,2\n")
    with pytest.raises(SetError, match="line 1, paper_id: no such column"):
        merge(unlabelled, tmp_path / "x.csv", tiny_papers(), out)
    with pytest.raises(InputError, match="no row has a label"):
        merge(
            unlabelled,
            labelled(tmp_path / "l.csv", [("p1", EBV, "")]),
            tiny_papers(),
            out,
        )
