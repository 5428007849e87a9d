"""Citations: every form that language models write, at once, by the character and in pieces."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from ragbot.citing.stream import CitationStream

Growth = Callable[[Callable[[str], object], str, int], bool]

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
each_case = pytest.mark.parametrize(
    "case",
    [pytest.param(c, id=f"{i} {c.written[:40]}") for i, c in enumerate(CASES, 1)],
)


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


@each_case
def test_a_form_is_read(case: Case) -> None:
    assert result(case.papers, [case.written]) == (case.shown, case.invalid)


@each_case
def test_pieces_make_no_difference(case: Case) -> None:
    rng = random.Random(case.written)
    whole = result(case.papers, [case.written])
    assert result(case.papers, list(case.written)) == whole
    for _ in range(10):
        assert result(case.papers, pieces_of(case.written, rng)) == whole


def test_numbers_are_consecutive_in_order_of_use() -> None:
    stream = CitationStream(9)
    shown = stream.feed("A [7]. B [3, 7]. C [1].") + stream.finish()
    assert shown == "A [1]. B [2][1]. C [3]."
    assert stream.numbers == {7: 1, 3: 2, 1: 3}


@each_case
def test_no_unknown_number_is_shown_as_a_citation(case: Case) -> None:
    shown = re.sub(
        r"(?s)```.*?(?:```|\Z)|~~~.*?~~~|`+[^`\n]*`+|\\.",
        "",
        result(*case[:1], [case.written])[0],
    )
    numbers = [int(n) for n in re.findall(r"\[(\d+)\]", shown)]
    assert all(1 <= n <= case.papers for n in numbers)
    assert sorted(set(numbers)) == list(range(1, len(set(numbers)) + 1))


WORDS = (
    "pruning halves the cost, of KiloNeRF (fast) *and* **small** `x[1]` 40% $x^2$ 2.5x\n\n- item "
    "https://a.org/x \\[7\\] | a < b & c; ## ~~~ $5 [v2] 10³ m² ``` _so_ [0, 1] [ ( ` $ \\ ! 中文"
).split(" ")


@pytest.mark.parametrize("seed", range(60))
def test_what_is_no_marker_is_kept(seed: int) -> None:
    """Text of any pieces: markers between them change nothing of what is shown of the pieces."""
    rng = random.Random(seed)
    words = [rng.choice(WORDS) for _ in range(rng.randrange(1, 30))]
    text = " ".join(words)
    whole = result(5, [text])
    assert result(5, list(text)) == whole
    assert result(5, pieces_of(text, rng)) == whole
    assert [w for w in re.findall(r"[a-z中文]{3,}", text) if w not in whole[0]] == []


def test_nothing_waits_longer_than_it_must() -> None:
    stream = CitationStream(5)
    assert stream.feed("It works") == "It works"
    assert stream.feed(" well") == " well"
    assert stream.feed(" [") == ""
    assert stream.feed("Figure") == " "  # what it opens may be a link
    assert stream.feed(" 1] and [2") == "\\[Figure 1] and"
    assert stream.feed("]") == ""  # a link target may follow
    assert stream.feed(",") == " [1]"
    assert stream.finish() == ","


@pytest.mark.parametrize(
    ("foreign", "safe"),
    [
        ("<img src=x onerror=alert(1)>", "\\<img src=x onerror=alert(1)>"),
        ("![p](https://a.org/p.png)", "p"),
        ("[t](javascript:alert(1))", "t"),
        ("[t][r]\n\n[r]: https://a.org", "\\[t]\\[r]\n\n\\[r]: https\u200b://a.org"),
        ("**kept** `x[1]` ## too", "**kept** `x[1]` ## too"),
    ],
)
def test_foreign_markdown_is_disarmed(foreign: str, safe: str) -> None:
    assert result(0, [foreign]) == (safe, 0)


@pytest.mark.parametrize(
    "opening", ["[", "([1],", "[1,", "`", "$", "![", "[a](", "<sup>", "\\[", "**["]
)
def test_long_hostile_text_comes_through(opening: str) -> None:
    text = opening * 400
    assert result(5, [text]) == result(5, list(text))


# What begins a token that the scanner may have to look ahead for, and what such tokens hold.
STARTS = (
    "[ [1 [1, ([1], (1 (1, ` `` $ $a $$ ![ [a]( [a](< [a](x( <sup> <sup>[1] \\[ \\( **[ ** _ ^ ^{ "
    "¹ ¹, http:// http://a( http://a[b &# ~~~ ```\n [Paper [Paper:1: Paper 论文 1- [1-[1]- "
    "\\cite{1, <paper:number= [9] [9], [1]: x_ f(x)[1 [1†a"
).split(" ")


@pytest.mark.parametrize("start", STARTS)
def test_twice_the_text_takes_twice_the_time(
    start: str, grows_linearly: Growth
) -> None:
    def read(text: str) -> object:
        return result(5, [text[at : at + 500] for at in range(0, len(text), 500)])

    assert grows_linearly(read, start, 2000)


@pytest.mark.parametrize("seed", range(40))
def test_any_mixture_of_starts_reads_the_same_in_pieces(seed: int) -> None:
    rng = random.Random(seed)
    text = "".join(
        rng.choice(STARTS) + rng.choice(["", " ", "1", "]", ")"]) for _ in range(40)
    )
    whole = result(5, [text])
    assert result(5, list(text)) == whole
    assert result(5, pieces_of(text, rng)) == whole
