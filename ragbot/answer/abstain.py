"""When not to answer, by the rules of the design; and which papers a comparison is about.

1. Nothing close: no sentence of the nearest papers is like the question, and none of them has the
   name that the question gives.
2. Not stated: the question names things, the nearest papers have some of them, and a data set or
   model that it asks about occurs in none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ragbot.answer.extractive import Source
from ragbot.answer.questions import names_in
from ragbot.text import match_form, readable
from ragbot.types import Paper, Reason

__all__ = ["reason_to", "sides"]


def reason_to(
    question: str, papers: Sequence[Paper], nearest: float, *, threshold: float
) -> Reason | None:
    """Why a question should not be answered from these papers, best first, or ``None``.

    ``nearest`` is the highest cosine between the question and a sentence of theirs.
    """
    if not any(c.isalnum() for c in question):
        return "nothing_close"
    names = names_in(question)
    known = [n for n in names if any(_mentions(p, n) for p in papers)]
    if nearest < threshold and not known:
        return "nothing_close"
    return None


def sides(sources: Sequence[Source], names: Sequence[str]) -> list[Source]:
    """The papers a comparison sets side by side: for each name the best paper that bears it, in the
    order of the question; the two best papers if fewer than two names are found."""
    chosen: list[Source] = []
    for name in names:
        titled = [s for s in sources if _in(name, s.hit.paper.title)]
        inside = [s for s in sources if _mentions(s.hit.paper, name)]
        best = next((s for s in [*titled, *inside] if s not in chosen), None)
        if best and not any(s in chosen for s in titled):
            chosen.append(best)
    rest = [s for s in sources if s not in chosen]
    return [*chosen, *rest[: max(0, 2 - len(chosen))]]


def _mentions(paper: Paper, name: str) -> bool:
    return _in(name, paper.title) or _in(name, paper.abstract)


def _in(name: str, text: str) -> bool:
    """Whether a name stands in a text as a word of its own, however it is spelled."""
    pattern = r"[\W_]*".join(map(re.escape, match_form(name)))
    return bool(re.search(rf"(?<![^\W_]){pattern}(?![^\W_])", readable(text), re.I))
