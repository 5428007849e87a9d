"""Which named works a question is about, and whether a paper bears their names."""

from __future__ import annotations

from ragbot.text.names import names_in, stands_in
from ragbot.types import Lexicon, Paper

__all__ = ["mentions", "rare_names"]

# A name is rare when so few papers, or this share of the collection, bear it: then they are what
# the question is about. "GPU" is not, "KiloNeRF" is.
_RARE_COUNT = 3
_RARE_SHARE = 0.025


def rare_names(question: str, lexicon: Lexicon) -> list[str]:
    """The names of a question that few papers bear, none included."""
    most = max(_RARE_COUNT, _RARE_SHARE * lexicon.size())
    return [n for n in names_in(question) if lexicon.frequency(n) <= most]


def mentions(paper: Paper, name: str) -> bool:
    """Whether a name stands in a title or an abstract."""
    return stands_in(name, paper.title) or stands_in(name, paper.abstract)
