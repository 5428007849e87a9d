"""Differences between runs, with what chance could do."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from ragbot.errors import InputError
from ragbot.evaluation.report.page import write_comparison
from ragbot.evaluation.report.tables import comparison_table
from ragbot.evaluation.runs.records import Outcome, Run
from ragbot.evaluation.scores.compare import compare


def run(folder: str, figures: Iterable[dict[str, float]], **told: object) -> Run:
    """A run as `read_run` gives it, one question a row of figures."""
    outcomes = tuple(
        Outcome(
            id=f"q{i}",
            type="single",
            question=f"Question {i}?",
            wanted=(),
            found=(),
            evidence=(),
            quotes=(),
            abstained=False,
            reason=None,
            confidence=0.5,
            answerable=True,
            error=None,
            search_ms=1.0,
            ask_ms=1.0,
            figures=row,
        )
        for i, row in enumerate(figures)
    )
    defaults = {
        "label": "",
        "set": {"name": "set", "digest": "1"},
        "fingerprint": {"collection": "c", "index": "i", "config": "s"},
        "versions": {"code": "v"},
        "questions": len(outcomes),
    }
    return Run(Path(folder), defaults | told, outcomes)


def test_a_difference_by_hand() -> None:
    base = run(
        "a", [{"ndcg@10": v, "false_abstention": 0.0} for v in (0.2, 0.5, 0.5, 0.8)]
    )
    other = run(
        "b", [{"ndcg@10": v, "false_abstention": 1.0} for v in (0.4, 0.5, 0.9, 0.7)]
    )

    ndcg, false = compare([base, other]).differences

    assert (ndcg.run, ndcg.metric, ndcg.questions) == ("b", "ndcg@10", 4)
    assert (ndcg.base_value, ndcg.value) == pytest.approx((0.5, 0.625))
    assert ndcg.difference == pytest.approx(0.125)
    assert (ndcg.wins, ndcg.losses, ndcg.ties) == (2, 1, 1)
    assert ndcg.low < 0.125 < ndcg.high
    # ±.2 ±.4 ±.1: four of eight reach .5
    assert ndcg.p == pytest.approx(4 / 8, abs=0.02)
    # More abstentions are four losses.
    assert (false.difference, false.wins, false.losses) == (1.0, 0, 4)
    assert false.p == pytest.approx(2 / 16, abs=0.01)


def test_a_clear_difference_is_told_from_chance() -> None:
    base = run(
        "a",
        [{"ndcg@10": 0.5, "hit@1": i % 2, "false_abstention": 0} for i in range(40)],
    )
    other = run(
        "b",
        [
            {"ndcg@10": 0.6, "hit@1": (i + 1) % 2, "false_abstention": 1}
            for i in range(40)
        ],
    )

    verdicts = {d.metric: d.verdict for d in compare([base, other]).differences}

    assert verdicts == {
        "ndcg@10": "better",
        "hit@1": "even",
        "false_abstention": "worse",
    }


def test_p_is_corrected_for_the_tests_that_could_have_come_out() -> None:
    still = {"mrr@10": 1.0}
    base = run("a", [{"ndcg@10": 0.1, "hit@1": 0.0, **still} for _ in range(5)])
    other = run("b", [{"ndcg@10": 0.2, "hit@1": 1.0, **still} for _ in range(5)])

    ndcg, mrr, hit = compare([base, other]).differences

    assert ndcg.p_corrected == pytest.approx(2 * ndcg.p)
    assert hit.p_corrected == pytest.approx(2 * hit.p)
    assert (mrr.p, mrr.p_corrected, mrr.ties) == (1.0, 1.0, 5)


def test_only_questions_with_the_figure_in_both_count() -> None:
    base = run("a", [{"ndcg@10": 0.1}, {"ndcg@10": 0.3}, {}])
    other = run("b", [{"ndcg@10": 0.2}, {}, {"ndcg@10": 0.9}])

    (only,) = compare([base, other]).differences

    assert (only.questions, only.base_value, only.value) == (1, 0.1, 0.2)


def test_several_runs_stand_against_the_first() -> None:
    runs = [
        run(name, [{"ndcg@10": v}] * 3)
        for name, v in (("a", 0.1), ("b", 0.2), ("c", 0.05))
    ]

    found = compare(runs)

    assert [(d.run, round(d.difference, 2)) for d in found.differences] == [
        ("b", 0.1),
        ("c", -0.05),
    ]
    assert [c.gain for c in found.changes(runs[2])] == pytest.approx([-0.05] * 3)
    assert json.loads(json.dumps(found.to_json()))["base"]["name"] == "a"


def test_runs_of_one_name_are_told_apart() -> None:
    figures = [{"ndcg@10": 0.1}]

    found = compare([run("x/run", figures), run("y/run", figures)])

    assert (found.base.name, found.differences[0].run) == ("x/run", "y/run")


def test_runs_over_different_sets_are_refused() -> None:
    figures = [{"ndcg@10": 0.1}]
    other = run("b", figures, set={"name": "other", "digest": "2"})

    with pytest.raises(
        InputError, match=r"b: is over another set \(other\) than a \(set\)"
    ):
        compare([run("a", figures), other])
    with pytest.raises(InputError, match="needs two runs"):
        compare([run("a", figures)])


def test_what_else_differs_is_said() -> None:
    figures = [{"ndcg@10": 0.1}]
    other = run(
        "b",
        figures,
        fingerprint={"collection": "d", "index": "i", "config": "s"},
        versions={"code": "w"},
    )

    assert compare([run("a", figures), other]).notes == (
        "b ran over another collection than a.",
        "b ran with other code than a.",
    )


def test_the_table_has_every_metric_and_a_verdict() -> None:
    base = run("a", [{"ndcg@10": 0.5, "hit@1": 1.0}] * 40)
    other = run("b", [{"ndcg@10": 0.6, "hit@1": 1.0}] * 40)

    lines = comparison_table(compare([base, other])).splitlines()

    (ndcg,) = [line for line in lines if "ndcg@10" in line]
    assert ndcg.split()[:4] == ["ndcg@10", "0.500", "0.600", "+0.100"]
    assert ndcg.endswith("40/0/0  better")
    assert any(line.endswith("0/0/40") for line in lines)


def test_the_report_shows_both_sides(tiny_run: Run, tmp_path: Path) -> None:
    reversed_ = dataclasses.replace(
        tiny_run,
        folder=Path("reversed"),
        outcomes=tuple(
            dataclasses.replace(
                o,
                found=o.found[::-1],
                figures={
                    **o.figures,
                    **({"ndcg@10": 0.1} if "ndcg@10" in o.figures else {}),
                },
            )
            for o in tiny_run.outcomes
        ),
    )

    path = write_comparison(compare([tiny_run, reversed_]), tmp_path / "compare.html")

    page = path.read_text(encoding="utf-8")
    assert "Largest losses" in page
    assert "Largest gains" not in page
    assert page.count('<svg class="forest') == len(
        compare([tiny_run, reversed_]).differences
    )
