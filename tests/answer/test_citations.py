"""Citations: every form that language models write, at once, by the character and in pieces."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from ragbot.answer.citations import CitationStream, clean_markdown

FIXTURE = Path(__file__).parents[1] / "fixtures" / "citations" / "forms.txt"
SECTION_PAPERS = {"twelve papers": 12, "no papers": 0}


class Case(NamedTuple):
    """One scripted answer."""

    papers: int
    written: str
    shown: str
    invalid: int


def cases() -> list[Case]:
    papers, found = 5, []
    for line in FIXTURE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            papers = SECTION_PAPERS.get(line[3:], 5)
        elif match := re.fullmatch(r"(\d+)\| (.*) => (.*)", line):
            invalid, written, shown = match.groups()
            shown = written if shown == "=" else shown
            plain = [t.replace("⏎", "\n").replace("∅", "") for t in (written, shown)]
            found.append(Case(papers, plain[0], plain[1], int(invalid)))
    return found


CASES = cases()


def result(papers: int, pieces: list[str]) -> tuple[str, int]:
    stream = CitationStream(papers)
    shown = "".join(stream.feed(piece) for piece in pieces) + stream.finish()
    return shown, stream.invalid


def pieces_of(text: str, rng: random.Random) -> list[str]:
    cuts = sorted(rng.sample(range(len(text) + 1), min(len(text), rng.randrange(1, 9))))
    return [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]


def test_there_are_many() -> None:
    assert len(CASES) >= 300
    assert len({(c.papers, c.written) for c in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.written[:50])
def test_a_form_is_read(case: Case) -> None:
    assert result(case.papers, [case.written]) == (case.shown, case.invalid)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.written[:50])
def test_pieces_make_no_difference(case: Case) -> None:
    rng = random.Random(case.written)
    whole = result(case.papers, [case.written])
    assert result(case.papers, list(case.written)) == whole
    for _ in range(10):
        assert result(case.papers, pieces_of(case.written, rng)) == whole
