"""Words, and LaTeX made readable."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import pytest

from ragbot.papers.identity import paper_id, title_key
from ragbot.readers import read_file
from ragbot.resources import bundled_listings
from ragbot.text.latex import readable
from ragbot.text.markdown import as_text
from ragbot.text.words import folded, match_form, words

Growth = Callable[[Callable[[str], object], str, int], bool]


@pytest.mark.parametrize(
    ("latex", "shown"),
    [
        ("up to $100\\times$ faster", "up to 100× faster"),
        ("\\textbf{\\textit{x}} and \\emph{y}", "x and y"),
        ('Schr\\"odinger and M\\"{o}bius', "Schrödinger and Möbius"),
        ("$O(n^2)$, $n^{-1}$, $x_1$ and \\(y\\)", "O(n²), n⁻¹, x₁ and y"),
        ("$x_{ij}$ in $\\mathbb{R}^d$", "x_(ij) in R^d"),
        ("\\frac{a}{b}", "a/b"),
        ("Q\\&A at 5\\%", "Q&A at 5%"),
        ("$O(n \\log n)$ at 30\\deg, \\eg here", "O(n log n) at 30°, e.g. here"),
        ("very {\\em good}~\\cite{foo,bar}.", "very good."),
        ("\\href{https://a.org}{our \\textbf{code}}", "our code"),
        ("HyperZ$\\cdot$Z$\\cdot$W", "HyperZ·Z·W"),  # no command \cdotZ
    ],
)
def test_latex_becomes_readable(latex: str, shown: str) -> None:
    assert readable(latex) == shown


@pytest.mark.parametrize(
    "text",
    [
        "costs $5 and $6 or $7.50 a month",
        "saves $2 million of $10",
        "a_b, file_name.py and 2^n",
        "an \\unknown{command}",
        "5 $",
        "",
    ],
)
def test_what_is_no_latex_stays(text: str) -> None:
    assert readable(text) == text


def test_readable_leaves_no_formula_marks_in_the_bundled_abstracts() -> None:
    left = [
        record.title
        for path in sorted(bundled_listings().glob("*.txt"))
        for record in read_file(path)[1]
        for text in (record.title, record.abstract)
        if "$" in readable(text) or "\\times" in readable(text)
    ]
    assert left == []


def test_two_spellings_of_a_title_are_one_paper() -> None:
    latex = "HyperZ$\\cdot$Z$\\cdot$W Operator Connects Slow-Fast Networks"
    plain = "HyperZcdotZcdotW Operator Connects Slow-Fast Networks"
    assert title_key(latex) == title_key(plain)
    assert paper_id(latex) == paper_id(plain)
    assert paper_id(latex) != paper_id(plain + " II")


def test_paper_id_never_changes() -> None:
    """Ids are stored, exported and cited: another normal form would orphan them all."""
    assert paper_id("Equiangular Basis Vectors") == "fb22d51ab0c6"


def test_a_title_without_letters_is_its_own_key() -> None:
    assert title_key("???") != title_key("!!!")


def test_match_form_is_nfkc_lower_case_letters_and_digits() -> None:
    assert match_form("ﬁne-Tuning ½ “KV”") == "finetuning12kv"


@pytest.mark.parametrize("function", [match_form, folded])
@pytest.mark.parametrize("part", ["\u0301", "a\u0301", "\u0301\u0323", "é"])
def test_marks_take_no_more_than_linear_time(
    function: Callable[[str], str], part: str, grows_linearly: Growth
) -> None:
    assert grows_linearly(function, part, 16000)


LATEX = r"\( \[ $ $$ \$ $5 \text \text{ {\em \cite \frac{ ^ _{ \a \' $1 \\ { }".split()


@pytest.mark.parametrize("part", LATEX)
@pytest.mark.parametrize("function", [readable, as_text])
def test_latex_takes_no_more_than_linear_time(
    function: Callable[[str], str], part: str, grows_linearly: Growth
) -> None:
    assert grows_linearly(function, part + " ", 16000)


@pytest.mark.parametrize("seed", range(30))
def test_any_mixture_of_latex_becomes_inert_markdown(seed: int) -> None:
    rng = random.Random(seed)
    text = "".join(
        rng.choice(LATEX) + rng.choice(["", " ", "a", "}", "[1]"]) for _ in range(60)
    )
    assert not re.search(r"(?<!\\)(?:\\\\)*[\[\]<>*_`$]", as_text(text))


def test_words_keep_hyphens_and_apostrophes_and_drop_signs() -> None:
    text = "Low-rank KV-caches, don’t C++ (5x) _x_"
    assert words(text) == ["low-rank", "kv-caches", "don't", "c++", "5x", "x"]
