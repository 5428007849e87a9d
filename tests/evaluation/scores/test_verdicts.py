"""Each check holds where it should and says what is wrong where it does not."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ragbot.evaluation.scores.plain_text import plain
from ragbot.evaluation.scores.verdicts import JUDGES, Seen, failed_checks, measures
from ragbot.evaluation.sets.checks import FORMS, read_checks

KAN = "KAN: Kolmogorov-Arnold Networks"
OLINEAR = "OLinear: A Linear Model for Time Series Forecasting"
MATH = r"$O(n^2)$: \textit{Fast} Attention"
SPEED_UP = "We report the state-of-the-art results by $5\\times$ speed-up along with 0.3 % error."
TEXT = f"""**{KAN}** [1]
> {SPEED_UP} [1]
>
> It runs on 3 GPUs\\*.

“Seven” papers [are](https://x.invalid) here\u200b: R&amp;D \\[4\\]

*Quoted from 1 of 451 abstracts.*"""
ANSWER = Seen(TEXT, (SPEED_UP, "It runs on 3 GPUs."), (KAN, OLINEAR))
EARLIER = [Seen(cited=(OLINEAR, KAN)), Seen(cited=(MATH,))]
DECLINED = Seen("Nothing in the 451 abstracts comes close to this.", abstained=True)

# What a check wants, and what is wrong with ANSWER then: nothing where it holds.
CASES: list[tuple[str, Any, str]] = [
    ("first_quote", ["by 5× speed-up along"], ""),
    ("first_quote", ["So: " + SPEED_UP + " And more."], ""),
    ("first_quote", ["runs on 3 GPUs"], "the first is “We report the state-of-the-art"),
    ("any_quote", ["no", "runs on 3 GPUs"], ""),
    ("any_quote", ["As the first: it runs on 3 GPUs."], "none of 2 answers"),
    ("any_quotes", [["runs on 3"], ["5× speed-up"]], ""),
    ("any_quotes", [["runs on 3"], ["A100"]], "none answers part 2 of 2"),
    ("cited", ["olinear - a linear model for time series forecasting"], ""),
    ("cited", [KAN, MATH, "Nought"], "lacks “$O(n^2)$: \\textit{Fast} Attention”, “No"),
    ("cited_first", KAN, ""),
    ("cited_first", [OLINEAR, KAN], ""),
    ("cited_first", OLINEAR, f"number 1 is “{KAN}”"),
    ("not_cited", [MATH], ""),
    ("not_cited", [OLINEAR], f"has “{OLINEAR}”"),
    ("cited_precision", {"relevant": [KAN], "least": 0.5}, ""),
    ("cited_precision", {"relevant": [KAN], "least": 0.51}, "0.50, below 0.51"),
    ("cited_recall", {"relevant": [KAN, MATH, "C"], "least": 0.333333333334}, ""),
    ("cited_recall", {"relevant": [KAN, MATH, "C"], "least": 0.34}, "0.33, below 0.34"),
    ("max_papers", 2, ""),
    ("max_papers", 1, "it cites 2, more than 1"),
    ("abstained", False, ""),
    ("abstained", True, "it answered"),
    ("answer_matches", ["speed-up along with", '\n"SEVEN" papers'], ""),
    ("answer_matches", ["seven", "R&D \\[4\\]$", "R&amp;D"], "does not match R&amp;D"),
    ("answer_matches", ["Quoted from"], "does not match Quoted from"),
    ("answer_matches", ["3 GPUs\\*"], ""),
    ("answer_lacks", ["\\[1\\]", "\\*\\*", "abstracts", "^>"], ""),
    ("answer_lacks", ["eight", "seven"], "matches seven"),
    ("says_matches", ["Kolmogorov", "papers are|papers \\[are"], ""),
    ("says_matches", ["speed-up"], "does not match speed-up"),
    ("cites_turn", {"turn": 1, "n": 2}, ""),
    ("cites_turn", {"turn": 1, "n": 2, "golds": {KAN: ["5× speed-up"]}}, ""),
    ("cites_turn", {"turn": 1, "n": 2, "golds": {OLINEAR: ["5 GPUs"]}}, ""),
    ("cites_turn", {"turn": 1, "n": 2, "golds": {KAN: ["GPUs"]}}, "the first is “We"),
    ("cites_turn", {"turn": 1, "n": 1}, f"“{OLINEAR}” was meant, number 1 is “{KAN}”"),
    ("cites_turn", {"turn": 2, "n": 2}, "turn 2 cited only 1"),
    ("any_of", [{"abstained": True}, {"cited_first": KAN, "max_papers": 2}], ""),
    (
        "any_of",
        [{"abstained": True}, {"max_papers": 0, "says_matches": ["seven"]}],
        "abstained: it answered / max_papers: it cites 2, more than 0",
    ),
]


@pytest.mark.parametrize(("name", "wanted", "problem"), CASES)
def test_a_check(name: str, wanted: Any, problem: str) -> None:
    failed = failed_checks(read_checks({name: wanted}), ANSWER, EARLIER)

    assert failed.keys() == ({name} if problem else set())
    assert failed.get(name, "").startswith(problem)


def test_every_check_that_can_be_written_can_be_judged_and_is_tried() -> None:
    assert FORMS.keys() == JUDGES.keys()
    for holds in (True, False):
        assert {name for name, _, problem in CASES if (problem == "") is holds} == (
            JUDGES.keys()
        )


@pytest.mark.parametrize(
    ("name", "wanted", "problem"),
    [
        ("first_quote", ["x"], "the first is nothing"),
        ("cited_first", KAN, "number 1 is nothing"),
        ("cited_precision", {"relevant": [KAN], "least": 0.1}, "0.00, below 0.1"),
        ("abstained", False, "it declined"),
    ],
)
def test_an_answer_without_papers(name: str, wanted: Any, problem: str) -> None:
    assert failed_checks(read_checks({name: wanted}), DECLINED) == {name: problem}


def test_a_reference_needs_no_quote_unless_its_sentences_are_named() -> None:
    unquoted = Seen(cited=(KAN,))
    checks = read_checks({"cites_turn": {"turn": 1, "n": 2, "golds": {MATH: ["x"]}}})

    assert failed_checks(checks, unquoted, EARLIER) == {}


def test_titles_are_compared_as_latex_is_read() -> None:
    answer = Seen(cited=("O(n²): Fast Attention",))

    assert failed_checks(read_checks({"cited": [MATH]}), answer) == {}


def test_every_check_must_hold() -> None:
    checks = {"cited": [KAN], "max_papers": 1, "abstained": True}

    assert list(failed_checks(read_checks(checks), ANSWER)) == [
        "max_papers",
        "abstained",
    ]


def test_a_pattern_has_a_time_limit() -> None:
    text = Seen("a" * 5000 + "b")
    for check in ("answer_matches", "answer_lacks"):
        start = time.monotonic()
        failed = failed_checks(read_checks({check: ["(a|aa)+$"]}), text)
        assert failed[check] == "takes too long to match: (a|aa)+$"
        assert time.monotonic() - start < 5


def test_measures_are_of_the_checks_that_a_case_has() -> None:
    assert measures(read_checks({"abstained": True}), ANSWER) == {}
    assert measures(read_checks({"any_quote": ["runs"]}), ANSWER) == {}
    assert measures(read_checks({"first_quote": ["on 3 GPUs"]}), ANSWER) == {
        "first_quote_answers": 0.0,
        "any_quote_answers": 1.0,
    }
    relevant = [KAN, MATH, "Nought", "More"]
    wanted = {"relevant": relevant, "least": 1}
    checks = read_checks({"cited_precision": wanted, "cited_recall": wanted})
    assert measures(checks, ANSWER) == {"cited_precision": 0.5, "cited_recall": 0.25}
    assert measures(checks, DECLINED) == {"cited_precision": 0, "cited_recall": 0}


def test_an_answer_is_read_without_its_markdown() -> None:
    assert plain(TEXT) == (
        f"{KAN} \n{SPEED_UP} \n\nIt runs on 3 GPUs*.\n\n"
        '"Seven" papers [are](https://x.invalid) here: R&D [4]'
    )
    assert plain(TEXT, quotes=False) == (
        f'{KAN} \n\n"Seven" papers [are](https://x.invalid) here: R&D [4]'
    )
    assert plain("*All there is*") == "All there is"
