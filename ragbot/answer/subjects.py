"""Which named works a question is about, and which papers bear their names."""

from __future__ import annotations

from collections.abc import Sequence

from ragbot.answer.extractive import Source
from ragbot.names import names_in, stands_in
from ragbot.retrieval.retriever import Retriever
from ragbot.types import Paper

__all__ = ["mentions", "rare_names", "sides"]

# A name is rare when so few papers, or this share of the collection, bear it: then they are what
# the question is about. "GPU" is not, "KiloNeRF" is.
_RARE_COUNT = 3
_RARE_SHARE = 0.025


def rare_names(question: str, retriever: Retriever) -> list[str]:
    """The names of a question that few papers bear, none included."""
    most = max(_RARE_COUNT, _RARE_SHARE * retriever.size())
    return [n for n in names_in(question) if retriever.frequency(n) <= most]


def sides(sources: Sequence[Source], question: str, retriever: Retriever) -> list[Source]:
    """The papers a comparison sets side by side: for each rare name the best paper that bears it,
    in the order of the question; the two best papers if fewer than two are found."""
    chosen: list[Source] = []
    for name in rare_names(question, retriever):
        titled = [s for s in sources if stands_in(name, s.hit.paper.title)]
        inside = [s for s in sources if mentions(s.hit.paper, name)]
        best = next((s for s in [*titled, *inside] if s not in chosen), None)
        if best and not any(s in chosen for s in titled):
            chosen.append(best)
    rest = [s for s in sources if s not in chosen]
    return [*chosen, *rest[: max(0, 2 - len(chosen))]]


def mentions(paper: Paper, name: str) -> bool:
    """Whether a name stands in a title or an abstract."""
    return stands_in(name, paper.title) or stands_in(name, paper.abstract)
