"""LaTeX of BibTeX's fields as text, and text as LaTeX."""

from __future__ import annotations

import time

import pytest

from ragbot.text.tex_fields import tex, untexed


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (r"Rockt{\"a}schel and {\L}ukasz", "Rocktäschel and Łukasz"),
        (r"S\o ren, \'{\i}, \c{c}, \c c", "Søren, í, ç, ç"),
        (r"Erd\H{o}s, \v{S}ahin, Nguy{\~{\^e}}n, {\aa}, \ss{} x", "Erdős, Šahin, Nguyễn, å, ß x"),
        (r"20{\%} of {BERT} \& \$5", "20% of BERT & $5"),
        (r"$\alpha_{i} \~ {x}$ and \(\{y\}\) stay", r"$\alpha_{i} \~ {x}$ and \(\{y\}\) stay"),
        (r"\emph{not} {\em so} \textbf{\textit{x}}", "not so x"),
        (r"a~b -- c --- d ``q'' it's", "a b – c — d “q” it's"),
        (r"\url{https://a.b/c\_d} \href{http://x}{this}", "https://a.b/c_d this"),
        (r"10\textsuperscript{th}, x\textsuperscript{2}", "10th, x²"),
        (r"as shown~\cite[p.~3]{foo} in \ref{a}", "as shown in "),
        (r"\unknown{x} and \sqrtx stay", r"\unknown{x} and \sqrtx stay"),
        (r"50% of C# costs $5 and a_b", "50% of C# costs $5 and a_b"),
        ("a\\", "a\\"),
    ],
)  # fmt: skip
def test_latex_is_read(told: str, text: str) -> None:
    assert untexed(told) == text


@pytest.mark.parametrize(
    "text",
    [
        r"R&D_Bench #1: 100% a < b > c ~ d^e {f} | g \ h",
        r"\emph{x} \'e \textbf -- --- ``q'' `` ' ''' - -",
        r"$\alpha$ is $5 to $10 and $x}{y$ or $x % y$, 50\% \$ \\ \{",
        "x²³⁻¹ₙ₂ αβΩ ∞ √2 ∑ “q” – — …",
        "a\\",
        "$",
        "",
    ],
)
def test_what_is_written_comes_back(text: str) -> None:
    assert untexed(tex(text)) == text


@pytest.mark.parametrize(
    "piece", ["\\cite[", "{", "\\href{", "$", "$a", "\\(", "\\'{", "~\\ref", "\\a{b"]
)
def test_hostile_latex_takes_no_time(piece: str) -> None:
    begin = time.thread_time()
    untexed(piece * 50_000)
    assert time.thread_time() - begin < 5
