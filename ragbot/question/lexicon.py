"""What reading a question needs to know of the collection's words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

__all__ = ["NO_PAPERS", "Lexicon"]


class Lexicon(Protocol):
    """What the words of a collection tell: how many papers there are, and how many bear a name.

    The answers that stand here are those of a collection without papers.
    """

    def size(self) -> int:
        """How many papers can be found."""
        return 0

    def frequency(self, name: str) -> int:
        """How many papers have a name, a compound in any spelling: "U-Net", "UNet"."""
        return 0

    def is_author(self, name: str) -> bool:
        """Whether an author of a paper goes by a name: "Y. Bengio", "Bengio", "yoshua bengio"."""
        return False

    def title(self, identifier: str) -> str | None:
        """The title of the paper whose arXiv id or DOI a word gives."""
        return None

    def spelled(self, ways: Sequence[str]) -> str:
        """The spelling of a word that most papers have, of the ``ways`` to spell it; where none
        has it the word of the papers that is spelled most like it, or the first way if none is."""
        return ways[0]


class _NoPapers(Lexicon):
    """That of a collection without papers."""


NO_PAPERS = _NoPapers()
"""What is known where there is no collection."""
