"""A set is read whole or refused with file, line and field."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ragbot.evaluation.sets.questions import read_questions
from ragbot.evaluation.sets.rows import SetError
from ragbot.papers.identity import paper_id
from ragbot.resources import bundled_questions
from ragbot.testing import tiny_papers
from ragbot.types import Filters, Message

Rows = list[dict[str, Any]]
WriteSet = Callable[..., Path]


def test_every_field_is_read(rows: Rows, write_set: WriteSet) -> None:
    read = read_questions(write_set(rows), tiny_papers())

    assert read.name == "tiny"
    assert [q.id for q in read.questions] == [row["id"] for row in rows]
    by_id = {q.id: q for q in read.questions}
    assert by_id["k1"].relevant == {paper_id("Recognizing Image Style"): 2}
    assert by_id["f1"].history == (
        Message("user", "Is there a channel pruning method?"),
    )
    assert by_id["d1"].filters == Filters("2024-01-01", "2024-12-31")
    assert by_id["u1"].miss == "far"
    pruning = paper_id("Channel Pruning for Accelerating Very Deep Neural Networks")
    assert by_id["u2"].nearest == (pruning,)
    assert by_id["a1"].question == "%%~ " * 500
    assert by_id["s1"].answer.startswith("The feature dimension")


def test_the_bundled_set_fits_the_bundled_papers(full_collection: Any) -> None:
    path = bundled_questions() / "dev.jsonl"

    read = read_questions(path, full_collection.papers())

    assert len(read.questions) == 165


def test_the_digest_is_of_the_content(rows: Rows, write_set: WriteSet) -> None:
    papers = tiny_papers()
    one = read_questions(write_set(rows), papers)
    same = read_questions(write_set(rows, "other.jsonl"), papers)
    less = read_questions(write_set(rows[1:], "less.jsonl"), papers)

    assert one.digest == same.digest != less.digest


BROKEN: list[tuple[str, dict[str, Any], str, str]] = [
    ("s1", {"id": None}, "id", "missing"),
    ("s1", {"id": 7}, "id", "must be text, not a number"),
    ("s1", {"id": "k1"}, "id", "another question is called 'k1' too"),
    ("s1", {"type": None}, "type", "missing"),
    ("s1", {"type": "singel"}, "type", "'singel' is none of single,"),
    ("s1", {"question": None}, "question", "missing"),
    ("s1", {"question": "  "}, "question", "is blank"),
    ("s1", {"relevant": None}, "relevant", "missing"),
    ("s1", {"relevant": []}, "relevant", "must map titles to grades, not be a list"),
    ("s1", {"relevant": {}}, "relevant", "names no paper"),
    (
        "s1",
        {"relevant": {"Equiangular Basis Vectors": 3}},
        "relevant",
        "must be 2 or 1, not 3",
    ),
    (
        "s1",
        {"relevant": {"Equiangular Basis Vectors": True}},
        "relevant",
        "must be 2 or 1",
    ),
    (
        "s1",
        {"relevant": {"Equiangular Bases": 2}},
        "relevant",
        "title 'Equiangular Bases': did you",
    ),
    (
        "s1",
        {"relevant": {"Recognizing Image Style": 2, "recognizing image style": 1}},
        "relevant",
        "twice with two grades",
    ),
    ("s1", {"evidence": "text"}, "evidence", "must be a list of texts, not text"),
    ("s1", {"evidence": [" – "]}, "evidence", "no letter"),
    ("s1", {"answer": 5}, "answer", "must be text, not a number"),
    ("f1", {"history": None}, "history", "is empty"),
    ("f1", {"history": "text"}, "history", "must be a list of turns"),
    ("f1", {"history": [{"role": "user"}]}, "history", "turn 1 has no text"),
    (
        "f1",
        {"history": [{"role": "bot", "content": "Hi"}]},
        "history",
        "turn 1: 'role' must",
    ),
    ("d1", {"date_from": None, "date_to": None}, "date_from", "missing"),
    ("d1", {"date_from": "2024-13"}, "date_from", "'2024-13' is no date"),
    ("d1", {"date_to": "2023"}, "date_to", "ends (2023) before it starts"),
    ("u1", {"miss": None}, "miss", "missing"),
    ("u1", {"miss": "wide"}, "miss", "'wide' is none of near, far"),
    (
        "u2",
        {"nearest": ["Gone with the Wind"]},
        "nearest",
        "title 'Gone with the Wind'",
    ),
    ("a1", {"repeat": 0}, "repeat", "must be a whole number"),
    ("a2", {"expect": "joy"}, "expect", "'joy' is none of"),
    ("a2", {"relevant": {}}, "relevant", "names no paper of grade 2"),
]


@pytest.mark.parametrize(("id_", "change", "field", "problem"), BROKEN)
def test_a_broken_field_is_named(
    rows: Rows,
    write_set: WriteSet,
    id_: str,
    change: dict[str, Any],
    field: str,
    problem: str,
) -> None:
    at = next(i for i, row in enumerate(rows) if row["id"] == id_)
    rows[at] = {k: v for k, v in (rows[at] | change).items() if v is not None}
    # A double is noticed at the second of the two.
    line = 2 if change == {"id": "k1"} else at + 1

    path = write_set(rows)
    with pytest.raises(SetError) as caught:
        read_questions(path, tiny_papers())

    assert str(caught.value).startswith(f"{path} line {line}, {field}: ")
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b'{"id": "a"\n', "line 1: broken JSON"),
        (b"[" * 100_000, "line 1: is no object"),
        (b'{"a":' * 100_000, "line 1: broken JSON"),
        (b"Daily Papers\n", "line 1: is no object"),
        (b"\n[1]\n", "line 2: is no object"),
        (b"\xff\xfe", "is not UTF-8 text"),
    ],
)
def test_a_file_that_is_no_set_is_refused(
    tmp_path: Path, content: bytes, problem: str
) -> None:
    path = tmp_path / "set.jsonl"
    path.write_bytes(content)

    with pytest.raises(SetError, match=problem) as caught:
        read_questions(path, tiny_papers())

    assert str(path) in str(caught.value)


def test_a_path_that_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SetError, match="no such file"):
        read_questions(tmp_path / "gone.jsonl", tiny_papers())
    with pytest.raises(SetError, match="--beir"):
        read_questions(tmp_path, tiny_papers())


def test_before_labelling_the_relevant_papers_may_be_missing(
    rows: Rows, write_set: WriteSet
) -> None:
    del rows[0]["relevant"]

    read = read_questions(write_set(rows), tiny_papers(), labelled=False)

    assert read.questions[0].relevant == {}
