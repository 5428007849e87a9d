"""A set of ask cases is read whole or refused with file, line, field and check."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ragbot.evaluation.scores.matching import title_form, title_forms
from ragbot.evaluation.sets.cases import CaseSet, read_cases, read_set
from ragbot.evaluation.sets.checks import Earlier, Share, sentences_of, titles_of
from ragbot.evaluation.sets.questions import QuestionSet, read_questions
from ragbot.evaluation.sets.rows import SetError
from ragbot.pipeline import Ragbot
from ragbot.resources import bundled_questions
from ragbot.testing import tiny_papers

Rows = list[dict[str, Any]]
WriteSet = Callable[..., Path]

EVERY_CHECK: dict[str, Any] = {
    "first_quote": ["A sentence."],
    "any_quote": ["Another one."],
    "any_quotes": [["One side."], ["The other."]],
    "cited": ["A title"],
    "cited_first": "A title",
    "not_cited": ["Some title"],
    "cited_precision": {"relevant": ["A title"], "least": 0.5},
    "cited_recall": {"relevant": ["B title"], "least": 1},
    "max_papers": 0,
    "abstained": False,
    "answer_matches": [r"\bseven\b"],
    "answer_lacks": ["eight"],
    "says_matches": ["nine"],
    "cites_turn": {"turn": 1, "n": 2, "golds": {"C title": ["A sentence of C."]}},
    "any_of": [{"abstained": True}, {"cited": ["D title"], "max_papers": 1}],
}


def case(**changes: Any) -> dict[str, Any]:
    row = {
        "id": "c1",
        "kind": "count",
        "turns": ["How many?", "And now?"],
        "checks": EVERY_CHECK,
        "why": "seven",
        **changes,
    }
    return {name: value for name, value in row.items() if value is not ...}


def test_every_check_is_read(write_set: WriteSet) -> None:
    read = read_cases(write_set([case(), case(id="c2", why=...)], "asked.jsonl"))

    assert (read.name, read.ids) == ("asked", ["c1", "c2"])
    first, second = read.cases
    assert (first.kind, first.turns[1], first.why) == ("count", "And now?", "seven")
    assert second.why == ""
    checks = first.checks
    assert checks.keys() == EVERY_CHECK.keys()
    assert checks["cited_first"] == ("A title",)
    assert checks["cited_recall"] == Share(("B title",), 1.0)
    assert checks["cites_turn"] == Earlier(1, 2, {"C title": ("A sentence of C.",)})
    assert checks["any_of"][1] == {"cited": ("D title",), "max_papers": 1}
    assert checks["answer_matches"][0].search("SEVEN papers")
    assert sentences_of(checks) == [
        *("A sentence.", "Another one."),
        *("One side.", "The other."),
    ]
    letters = {title.split()[0] for title in titles_of(checks)}
    assert letters == {"A", "B", "C", "D", "Some"}


def test_the_bundled_cases_fit_the_bundled_papers(full_collection: Ragbot) -> None:
    read = read_set(bundled_questions() / "cases.jsonl", full_collection.papers())

    assert isinstance(read, CaseSet)
    assert len(read.cases) == 140
    assert len({c.kind for c in read.cases}) == 22
    titles = set().union(*(titles_of(c.checks) for c in read.cases))
    known = title_forms(p.title for p in full_collection.papers())
    assert not [title for title in titles if title_form(title) not in known]


def test_turns_tell_cases_from_questions(rows: Rows, write_set: WriteSet) -> None:
    papers = tiny_papers()
    assert isinstance(read_set(write_set(rows), papers), QuestionSet)
    assert isinstance(read_set(write_set([case()]), papers), CaseSet)


def test_cases_and_questions_in_one_file_are_refused(
    rows: Rows, write_set: WriteSet
) -> None:
    mixed = write_set([case(), rows[0]])
    with pytest.raises(SetError, match=r"line 2, question: .* among ask cases"):
        read_set(mixed, tiny_papers())
    mixed = write_set([rows[0], case()])
    with pytest.raises(SetError, match=r"line 2, turns: .* among questions"):
        read_set(mixed, tiny_papers())
    cases = write_set([case()])
    with pytest.raises(SetError, match=r"line 1, turns: .*'ragbot eval'"):
        read_questions(cases, tiny_papers(), labelled=False)


BROKEN: list[tuple[dict[str, Any], str, str]] = [
    ({"id": ...}, "id", "missing"),
    ({"id": 7}, "id", "must be text, not a number"),
    ({"kind": " "}, "kind", "is blank: fill it in"),
    ({"turns": []}, "turns", "is empty"),
    ({"turns": "How many?"}, "turns", "must be a list of texts, not text"),
    ({"turns": ["How many?", " "]}, "turns", "is blank"),
    ({"why": 3}, "why", "must be text"),
    ({"checks": ...}, "checks", "missing"),
    ({"checks": {}}, "checks", "must be an object, not an empty one"),
    ({"checks": ["cited"]}, "checks", "must be an object, not a list"),
    ({"checks": {"frist_quote": ["A"]}}, "checks", "no check: choose from first_quote"),
    ({"checks": {"first_quote": []}}, "checks", "first_quote: must be a list, not an"),
    ({"checks": {"first_quote": "A"}}, "checks", "first_quote: must be a list, not te"),
    ({"checks": {"any_quote": [" – "]}}, "checks", "any_quote: ' – ' has no letter"),
    ({"checks": {"any_quotes": ["A"]}}, "checks", "any_quotes: must be a list, not te"),
    ({"checks": {"cited_first": 1}}, "checks", "cited_first: must be a list, not a nu"),
    ({"checks": {"max_papers": -1}}, "checks", "must be a whole number, not -1: write"),
    ({"checks": {"max_papers": True}}, "checks", "must be a whole number, not True"),
    ({"checks": {"abstained": "no"}}, "checks", "abstained: must be true or false"),
    (
        {"checks": {"cited_recall": {"relevant": ["A"]}}},
        "checks",
        "cited_recall: missing or unknown: least",
    ),
    (
        {"checks": {"cited_recall": {"relevant": ["A"], "least": 80}}},
        "checks",
        "least must be from 0 to 1, not 80",
    ),
    (
        {"checks": {"cites_turn": {"turn": 2, "n": 1}}},
        "checks",
        "cites_turn: turn 2 is not before the last",
    ),
    ({"checks": {"cites_turn": {"turn": 0, "n": 1}}}, "checks", "whole number, not 0"),
    (
        {"checks": {"any_of": [{"cites_turn": {"turn": 9, "n": 1, "golds": {}}}]}},
        "checks",
        "cites_turn: turn 9 is not before the last",
    ),
    (
        {"checks": {"cites_turn": {"turn": 1, "n": 1, "golds": {"A": "B"}}}},
        "checks",
        "cites_turn: must be a list, not text",
    ),
    (
        {"checks": {"any_of": [{"max_papers": 1}, {"papers": 1}]}},
        "checks",
        "any_of: 'papers' is no check: choose from max_papers",
    ),
    (
        {"checks": {"says_matches": ["(a"]}},
        "checks",
        "says_matches: '(a' is no pattern",
    ),
    ({"checks": {"says_matches": ["(?R)"]}}, "checks", "is no pattern"),
    ({"checks": {"answer_lacks": ["(" * 1000]}}, "checks", "is no pattern"),
    ({"checks": {"answer_lacks": ["a" * 3000]}}, "checks", "is too large a pattern"),
    (
        {"checks": {"answer_lacks": ["(?:(?:a{1000}){1000}){1000}"]}},
        "checks",
        "is too large a pattern",
    ),
]


@pytest.mark.parametrize(("change", "field", "problem"), BROKEN)
def test_a_broken_field_is_named(
    write_set: WriteSet, change: dict[str, Any], field: str, problem: str
) -> None:
    path = write_set([case(id="fine"), case(**change)])
    start = time.monotonic()
    with pytest.raises(SetError) as caught:
        read_cases(path)

    assert time.monotonic() - start < 5
    assert str(caught.value).startswith(f"{path} line 2, {field}: ")
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


def test_two_cases_of_one_id_are_refused(write_set: WriteSet) -> None:
    with pytest.raises(SetError, match=r"line 3, id: another case is called 'c1' too"):
        read_cases(write_set([case(), case(id="c2"), case()]))


def test_any_json_is_read_or_refused(tmp_path: Path) -> None:
    """Whatever stands where a check's value is due: a case, or an error that is ours."""
    values = [None, True, 0, -1, 1.5, "", "x", [], {}, [[]], [{}], [None], [["x"]]]
    values += [{"relevant": v, "least": w} for v in values for w in (1, "x", None)]
    path = tmp_path / "any.jsonl"
    read = 0
    for name in EVERY_CHECK:
        for value in values:
            path.write_text(json.dumps(case(checks={name: value})), encoding="utf-8")
            with contextlib.suppress(SetError):
                read += len(read_cases(path).cases)
    assert read
