"""ragbot/question/dates.py: which words of a question are dates of papers, which only look so."""

from __future__ import annotations

import datetime

import pytest

from ragbot.question.dates import read_dates
from ragbot.types import Filters

TODAY = datetime.date(2025, 8, 14)
YEAR = ("2024-01-01", "2024-12-31")


@pytest.mark.parametrize(
    ("words", "low", "high"),
    [
        # a period
        ("from 2024", *YEAR),
        ("of 2024", *YEAR),
        ("in the year 2024", *YEAR),
        ("dated 2024", *YEAR),
        ("with a date of 2024", *YEAR),
        ("that were published in 2024", *YEAR),
        ("published 2024", *YEAR),
        ("(2024)", *YEAR),
        ("in March 2024", "2024-03-01", "2024-03-31"),
        ("posted in Feb. 2024", "2024-02-01", "2024-02-29"),
        ("in Sept 2024", "2024-09-01", "2024-09-30"),
        ("dated 2023-02", "2023-02-01", "2023-02-28"),
        ("dated 5 March 2024", "2024-03-05", "2024-03-05"),
        ("published on March 5th, 2024", "2024-03-05", "2024-03-05"),
        ("released on 2024-03-05", "2024-03-05", "2024-03-05"),
        ("from the first half of 2024", "2024-01-01", "2024-06-30"),
        ("in the last half of the year 2024", "2024-07-01", "2024-12-31"),
        ("of the second half of 2024", "2024-07-01", "2024-12-31"),
        ("from H2 2024", "2024-07-01", "2024-12-31"),
        ("in the third quarter of 2023", "2023-07-01", "2023-09-30"),
        ("in the last quarter of 2023", "2023-10-01", "2023-12-31"),
        ("from Q1 of 2024", "2024-01-01", "2024-03-31"),
        ("from early 2024", "2024-01-01", "2024-06-30"),
        ("from late 2023", "2023-07-01", "2023-12-31"),
        # a range
        ("between 2022 and 2024", "2022-01-01", "2024-12-31"),
        ("from 2022 to 2024", "2022-01-01", "2024-12-31"),
        ("from 2020 through March 2022", "2020-01-01", "2022-03-31"),
        ("2022-2024", "2022-01-01", "2024-12-31"),
        ("from 2022–2024", "2022-01-01", "2024-12-31"),
        ("between March and June 2024", "2024-03-01", "2024-06-30"),
        ("dated between September and December 2023", "2023-09-01", "2023-12-31"),
        ("since 2020 until 2022", "2020-01-01", "2022-12-31"),
        # several dates: the range that holds them
        ("from 2022 or 2024", "2022-01-01", "2024-12-31"),
        ("from 2022, 2023 and 2024", "2022-01-01", "2024-12-31"),
        ("in May 2024 and June 2024", "2024-05-01", "2024-06-30"),
        # an open end
        ("since 2024", "2024-01-01", None),
        ("since September 2024", "2024-09-01", None),
        ("since mid-2023", "2023-04-01", None),
        ("since the beginning of 2024", "2024-01-01", None),
        ("starting in 2022", "2022-01-01", None),
        ("from 2019 onwards", "2019-01-01", None),
        ("dated 2019 or later", "2019-01-01", None),
        ("in or after 2024", "2024-01-01", None),
        ("no earlier than 2024", "2024-01-01", None),
        ("not before March 2024", "2024-03-01", None),
        ("after 2020", "2021-01-01", None),
        ("after June 2020", "2020-07-01", None),
        ("later than 2024-02-28", "2024-02-29", None),
        ("newer than 2019", "2020-01-01", None),
        ("until June 2022", None, "2022-06-30"),
        ("up to and including 2022", None, "2022-12-31"),
        ("no later than 2020", None, "2020-12-31"),
        ("published by 2022", None, "2022-12-31"),
        ("by the end of 2022", None, "2022-12-31"),
        ("in or before 2024", None, "2024-12-31"),
        ("with a date before 2024", None, "2023-12-31"),
        ("prior to March 2024", None, "2024-02-29"),
        ("older than 2019", None, "2018-12-31"),
        ("dated 2022 or earlier", None, "2022-12-31"),
        ("from 2022 and before", None, "2022-12-31"),
        # two that meet
        ("after 2019 and before 2022", "2020-01-01", "2021-12-31"),
        ("before 2022 and after 2019", "2020-01-01", "2021-12-31"),
    ],
)
def test_a_range_in_words(words: str, low: str | None, high: str | None) -> None:
    topic, filters = read_dates(f"Which papers {words} prune channels?")
    assert filters == Filters(low, high)
    assert not any(c.isdigit() for c in topic)
    assert topic.startswith("Which papers")
    assert topic.endswith("prune channels?")


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        (
            "Which papers since 2020 report on BraTS 2021?",
            "Which papers report on BraTS 2021?",
        ),
        ("List the model merging papers from 2025.", "List the model merging papers."),
        ("Which 2024 papers are about Mamba?", "Which papers are about Mamba?"),
        ("Any 2024 medical imaging papers?", "Any medical imaging papers?"),
        ("What does the 2024 paper on Mamba say?", "What does the paper on Mamba say?"),
        ("In 2024, which papers were about Mamba?", "which papers were about Mamba?"),
        ("I need papers since Sept. 2024 on agents.", "I need papers on agents."),
        ("papers about COCO 2017 dated 2020 or newer", "papers about COCO 2017"),
        (
            "Which methods from 2023 compress KV caches?",
            "Which methods compress KV caches?",
        ),
        ("list diffusion models of 2022", "list diffusion models"),
        ("papers from 2019 on pruning", "papers on pruning"),
        ("papers from 2019 on?", "papers?"),
    ],
)
def test_what_is_left_is_what_is_searched_for(question: str, topic: str) -> None:
    left, filters = read_dates(question)
    assert left == topic
    assert filters


@pytest.mark.parametrize(
    "question",
    [
        # the date is part of a name
        "Which papers segment tumours of BraTS 2021?",
        "Which papers use COCO 2017 or later?",
        "papers that won the ILSVRC 2015 challenge",
        "papers from ICLR 2024 about pruning",
        "Which papers evaluate on ImageNet-2012?",
        "Which papers use the 2017 version of COCO?",
        "papers with version 2.2024",
        "papers of 2023/24",
        # the date is of something else
        "Who won the election in 2018?",
        "How many cases of cancer are predicted by 2030?",
        "Which papers predict how many cases there are by 2030?",
        "papers on carbon neutrality by 2040",
        "How well did GPT-4 do on the bar exam in 2023?",
        "Which papers evaluate GPT-4 as it was in 2023?",
        "papers about models trained before 2022",
        "Which datasets were collected in 2018?",
        "papers on the 2008 financial crisis",
        # a number that is no year
        "papers with up to 2048 tokens",
        "papers with between 1980 and 2000 samples",
        "papers that scale from 2000 to 2020 nodes",
        "papers with 1 + 2024 layers",
        # what one range cannot say
        "papers not from 2024",
        "papers other than 2024",
        "papers excluding those from 2024",
        # no such day, half or quarter; an empty range
        "papers dated 31 June 2023",
        "papers since 30 February 2024",
        "papers from 29 February 2023",
        "papers from Q5 2024",
        "papers from the fourth half of 2024",
        "papers from 2024 to 2022",
        "papers since 2024 and before 2023",
        # no year
        "papers that may 2024",
        "",
    ],
)
def test_what_only_looks_like_a_range(question: str) -> None:
    assert read_dates(question) == (question, Filters())


@pytest.mark.parametrize("question", ["2024", "since 2024", "March 2024?", "in 2024"])
def test_a_question_that_is_only_a_date_is_searched_for(question: str) -> None:
    assert read_dates(question) == (question, Filters())


@pytest.mark.parametrize(
    "question", ["What came out in 2024?", "What has been published in 2024?"]
)
def test_a_question_about_nothing_but_a_date_is_about_papers(question: str) -> None:
    assert read_dates(question) == ("papers", Filters(*YEAR))


def test_what_is_new_asks_for_papers() -> None:
    assert read_dates("What's new in 2024?") == ("What's new?", Filters(*YEAR))


def test_what_is_excluded_does_not_narrow_what_is_asked_for() -> None:
    topic, filters = read_dates("papers on pruning from 2023, but not from March 2023")
    assert filters == Filters("2023-01-01", "2023-12-31")
    assert topic == "papers on pruning, but not from March 2023"


@pytest.mark.parametrize(
    "part", ["since 2024 ", "2024, ", "with a date of ", "March and ", "2024-"]
)
def test_a_pasted_page_comes_back_at_once(part: str) -> None:
    """Time in proportion to its length: in proportion to its square, these would take minutes."""
    topic, _ = read_dates("papers " + part * 5000)
    assert topic.startswith("papers")


@pytest.mark.parametrize(
    ("words", "low", "high"),
    [
        ("from last year", "2024-01-01", "2024-12-31"),
        ("of this year", "2025-01-01", "2025-12-31"),
        ("of last month", "2025-07-01", "2025-07-31"),
        ("from the previous month", "2025-07-01", "2025-07-31"),
        ("from two years ago", "2023-01-01", "2023-12-31"),
        ("from last week", "2025-08-04", "2025-08-10"),
        ("published yesterday", "2025-08-13", "2025-08-13"),
        ("from the past two years", "2023-08-14", None),
        ("in the last six months", "2025-02-14", None),
        ("from the last 12 months", "2024-08-14", None),
        ("in the last couple of years", "2023-08-14", None),
        ("of the last half year", "2025-02-14", None),
        ("released over the last three years", "2022-08-14", "2025-08-14"),
        ("older than two years", None, "2023-08-13"),
        ("before last year", None, "2023-12-31"),
        ("since last month", "2025-07-01", None),
        ("from summer 2024", "2024-06-01", "2024-08-31"),
        ("from the fall of 2022", "2022-09-01", "2022-11-30"),
        ("of winter 2023", "2023-12-01", "2024-02-29"),
        ("from last summer", "2024-06-01", "2024-08-31"),
        ("since June", "2025-06-01", None),
        ("since May", "2025-05-01", None),
        ("from last December", "2024-12-01", "2024-12-31"),
        ("between January and March", "2025-01-01", "2025-03-31"),
        ("from the 2010s", "2010-01-01", "2019-12-31"),
    ],
)
def test_a_range_that_is_said_from_today(
    words: str, low: str | None, high: str | None
) -> None:
    asked = f"Which papers {words} prune channels?"
    topic, filters = read_dates(asked, TODAY)
    assert filters == Filters(low, high)
    assert topic == "Which papers prune channels?"


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("surveys since 2023", "surveys"),
        ("reviews published since last year", "reviews"),
        ("last year's papers", "papers"),
        ("What is new this month?", "What is new?"),
        ("What came out this year?", "papers"),
        ("papers from last year on pruning", "papers on pruning"),
    ],
)
def test_lists_of_a_time(question: str, topic: str) -> None:
    left, filters = read_dates(question, TODAY)
    assert left == topic
    assert filters


@pytest.mark.parametrize(
    "question",
    [
        "Which papers use the last layer?",
        "Which papers forecast the demand of last year?",
        "papers that predict stock prices over the past 10 days",
        "Which methods are used today?",
        "Which papers may march in step?",
        "Which papers work in winter?",
    ],
)
def test_what_is_not_said_of_papers(question: str) -> None:
    assert read_dates(question, TODAY) == (question, Filters())
