"""Months, plurals, and what papers are called."""

from __future__ import annotations

import calendar
import re

import pytest

from ragbot.text.english import MONTH_NAMES, MONTHS, PAPERS, counted, plural


def test_months_are_those_of_the_calendar() -> None:
    assert list(MONTH_NAMES) == list(calendar.month_name)[1:]
    assert {
        name.lower(): n for n, name in enumerate(calendar.month_abbr) if n
    }.items() <= (MONTHS.items())
    assert MONTHS["september"] == MONTHS["sept"] == MONTHS["sep"] == 9


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0 papers"), (1, "1 paper"), (2, "2 papers"), (4451, "4,451 papers")],
)
def test_nouns_are_counted(number: int, said: str) -> None:
    assert counted(number, "paper") == said
    assert said.endswith(plural(number, "paper"))


@pytest.mark.parametrize(
    "noun", ["paper", "papers", "research", "literature", "abstracts"]
)
def test_words_for_papers(noun: str) -> None:
    assert re.fullmatch(PAPERS, noun)
