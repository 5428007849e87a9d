"""What answers over the bundled papers may not fall below, by the ask cases that ship."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragbot.evaluation.report.tables import run_table
from ragbot.evaluation.runs.run import run_questions
from ragbot.evaluation.scores.metrics import failures
from ragbot.evaluation.sets.cases import read_cases
from ragbot.pipeline import Ragbot
from ragbot.resources import bundled_questions

FLOOR = {
    "cases_passed_macro": 0.85,
    "first_quote_answers": 0.85,
    "any_quote_answers": 0.9,
    "cited_precision": 0.85,
    "cited_recall": 0.8,
}


@pytest.mark.slow
def test_the_bundled_cases_hold_the_floor(
    full_collection: Ragbot, tmp_path: Path
) -> None:
    cases = read_cases(bundled_questions() / "cases.jsonl")

    run = run_questions(full_collection, cases, tmp_path / "run")

    assert not failures(run.told["overall"], FLOOR), run_table(run)
