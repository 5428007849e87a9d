"""What reading a question needs to know of the collection's words."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Lexicon"]


class Lexicon(Protocol):
    """What the words of a collection tell: how many papers there are, and how many bear a name."""

    def size(self) -> int:
        """How many papers can be found."""
        ...

    def frequency(self, name: str) -> int:
        """How many papers have a name, a compound in any spelling: "U-Net", "UNet"."""
        ...

    def is_author(self, name: str) -> bool:
        """Whether an author of a paper goes by a name: "Y. Bengio", "Bengio", "yoshua bengio"."""
        ...

    def title(self, identifier: str) -> str | None:
        """The title of the paper whose arXiv id or DOI a word gives."""
        ...

    def spelled(self, word: str) -> str | None:
        """The word of the papers that is spelled most like one that none of them has."""
        ...
