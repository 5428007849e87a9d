"""Ask cases over the real stores: turn by turn, the run's folder, its report, comparisons."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ragbot.errors import InputError
from ragbot.evaluation.report.page import write_comparison
from ragbot.evaluation.report.tables import comparison_table, run_table
from ragbot.evaluation.runs.grid import evaluate
from ragbot.evaluation.runs.records import Run, read_run
from ragbot.evaluation.runs.run import run_questions
from ragbot.evaluation.scores.compare import compare
from ragbot.evaluation.sets.cases import CaseSet, read_cases
from ragbot.pipeline import Ragbot
from ragbot.types import Answer, Progress

WriteSet = Callable[..., Path]

PRUNING = "Channel Pruning for Accelerating Very Deep Neural Networks"
HOSTILE = '<img src=x onerror="alert(1)"><script>alert(1)</script></style>{{ 7*7 }}'
CASES: list[dict[str, Any]] = [
    {
        "id": "p1",
        "kind": "name",
        "turns": ["Is there a channel pruning method?"],
        "checks": {
            "cited_first": PRUNING,
            "first_quote": ["5x speed-up"],
            "cited_recall": {"relevant": [PRUNING], "least": 1},
        },
        "why": "one paper is about it",
    },
    {
        "id": "p2",
        "kind": "conversation",
        "turns": ["Is there a channel pruning method?", "What speed-up is reported?"],
        "checks": {"cites_turn": {"turn": 1, "n": 1}, "answer_matches": ["5x"]},
        "why": "the paper of the answer before",
    },
    {
        "id": "p3",
        "kind": "name",
        "turns": [f"What is channel pruning? {HOSTILE}"],
        "checks": {"cited": ["Gone with the Wind"], "answer_lacks": ["zzz"]},
        "why": HOSTILE,
    },
    {"id": "p4", "kind": "name", "turns": ["?" * 3], "checks": {"max_papers": 0}},
]


@pytest.fixture
def cases(write_set: WriteSet) -> CaseSet:
    """Four cases of two kinds, one of which cannot pass."""
    return read_cases(write_set(CASES, "asked.jsonl"))


@pytest.fixture
def case_run(tiny: Ragbot, cases: CaseSet, tmp_path: Path) -> Run:
    """A finished run of them."""
    return run_questions(tiny, cases, tmp_path / "cases")


def test_a_run_is_a_folder_that_reads_back(case_run: Run) -> None:
    assert read_run(case_run.folder) == case_run
    assert [o.key for o in case_run.outcomes] == [(c["id"], c["kind"]) for c in CASES]


def test_every_turn_is_asked_with_those_before_it(
    case_run: Run,
    tiny: Ragbot,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    cases: CaseSet,
) -> None:
    asked: list[tuple[str, list[str]]] = []
    ask = tiny.ask

    def watched(question: str, history: Any = (), *args: Any, **named: Any) -> Answer:
        asked.append((question, [m.role for m in history]))
        return ask(question, history, *args, **named)

    monkeypatch.setattr(tiny, "ask", watched)
    run = run_questions(tiny, cases, tmp_path / "watched")

    first, second = CASES[1]["turns"]
    at = asked.index((second, ["user", "assistant"]))
    assert asked[at - 1] == (first, [])
    outcome = case_run.outcomes[1]
    assert outcome.failed == {}
    assert (outcome.question, outcome.turns) == (second, (first, second))
    assert PRUNING in outcome.answers[0]
    assert "5x" in outcome.answers[1]
    assert outcome.found[0].title == PRUNING
    assert run.told["overall"] == case_run.told["overall"]


def test_the_summary_counts_by_kind(case_run: Run) -> None:
    told = case_run.summary
    failed = {o.id for o in case_run.outcomes if o.failed}

    assert "p3" in failed
    assert "p2" not in failed
    assert (told["cases"], told["questions"]) == (4, 4)
    assert told["passed"] == 4 - len(failed)
    name = told["by_kind"]["name"]
    assert told["by_kind"]["conversation"] == {"passed": 1, "cases": 1}
    assert name == {"passed": told["passed"] - 1, "cases": 3}
    overall = told["overall"]
    assert overall["cases_passed"] == pytest.approx(told["passed"] / 4)
    assert overall["cases_passed_macro"] == pytest.approx((1 + name["passed"] / 3) / 2)
    assert overall["cited_recall"] == 1.0
    assert told["by_type"]["conversation"] == {"cases_passed": 1.0}
    assert told["latency_ms"]["search_p50"] is None
    assert told["latency_ms"]["ask_p50"] > 0
    assert told["notes"] == [
        "1 title of the checks, which no paper of the collection has: "
        "“Gone with the Wind” (p3)"
    ]
    (wind,) = (f for f in told["failures"] if f["id"] == "p3")
    assert wind["failed"] == {"cited": "lacks “Gone with the Wind”"}
    assert wind["turns"] == CASES[2]["turns"]
    assert json.loads(json.dumps(told)) == told


def test_the_table_names_kinds_and_what_failed(case_run: Run) -> None:
    lines = run_table(case_run).splitlines()
    passed = case_run.told["passed"]

    mean = case_run.told["overall"]["cases_passed_macro"]
    assert lines[0] == (
        f"asked: {passed} of 4 ask cases pass, mean over 2 kinds {mean:.3f}"
    )
    assert lines[1].split()[0] == "cases_passed_macro"
    assert ["conversation", "1/1", "1.00"] in [line.split() for line in lines]
    at = lines.index(f"failed: p3  {CASES[2]['turns'][0]}")
    assert lines[at + 1] == "  cited: lacks “Gone with the Wind”"
    assert lines[-1] == f"report: {case_run.folder / 'report.html'}"


def test_the_report_shows_failed_cases_with_the_answer_as_text(case_run: Run) -> None:
    page = (case_run.folder / "report.html").read_text(encoding="utf-8")

    assert "Cases that failed" in page
    assert "4 ask cases" in page
    assert "<b>cited</b> lacks “Gone with the Wind”" in page
    shown = case_run.outcomes[2].answers[0].splitlines()[0]
    assert shown.split("&")[0][:20] in page
    assert "<img" not in page
    assert "<script" not in page
    assert page.count("</style>") == 1
    assert "{{ 7*7 }}" in page


def test_two_runs_are_compared(case_run: Run, tmp_path: Path) -> None:
    rows = (case_run.folder / "results.jsonl").read_text(encoding="utf-8").splitlines()
    changed = json.loads(rows[1])
    changed["figures"]["cases_passed"] = 0.0
    changed["failed"] = {"answer_matches": "does not match 5x"}
    other = tmp_path / "other"
    other.mkdir()
    (other / "run.json").write_text((case_run.folder / "run.json").read_text())
    (other / "results.jsonl").write_text("\n".join([rows[0], json.dumps(changed)]))

    comparison = compare([case_run, read_run(other)])

    (passed,) = (d for d in comparison.differences if d.metric == "cases_passed")
    assert (passed.wins, passed.losses, passed.ties) == (0, 1, 1)
    (change,) = comparison.changes(comparison.others[0])
    assert (change.metric, change.gain) == ("cases_passed", -1.0)
    assert "cases_passed" in comparison_table(comparison)
    page = write_comparison(comparison, tmp_path / "c.html").read_text(encoding="utf-8")
    assert "does not match 5x" in page
    assert "Largest losses" in page


def test_an_interrupted_run_goes_on_where_it_stopped(
    tiny: Ragbot, cases: CaseSet, case_run: Run, tmp_path: Path
) -> None:
    def interrupt(progress: Progress) -> None:
        if progress.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_questions(tiny, cases, tmp_path / "cut", progress=interrupt)
    steps: list[int] = []
    again = run_questions(
        tiny, cases, tmp_path / "cut", progress=lambda p: steps.append(p.done)
    )

    assert steps == [2, 3, 4]
    assert again.told["overall"] == case_run.told["overall"]


def test_a_refused_turn_is_a_failed_case(
    tiny: Ragbot, cases: CaseSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> Answer:
        raise InputError("the question is too long", "shorten it")

    monkeypatch.setattr(tiny, "ask", refuse)
    run = run_questions(tiny, cases, tmp_path / "refused")

    assert run.told["errors"] == 4
    assert run.told["passed"] == 0
    assert run.told["overall"] == {"cases_passed_macro": 0.0, "cases_passed": 0.0}
    assert run.outcomes[0].failed["answer"].startswith("refused: the question is too")


def test_no_model_judges_what_checks_judge(
    tiny: Ragbot, cases: CaseSet, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="ask cases are judged by their checks"):
        evaluate(tiny.settings, cases.path, judge=lambda *_: {})
