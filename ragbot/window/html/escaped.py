"""Foreign text for HTML: what papers, files, people and servers say, as text and nothing else."""

from __future__ import annotations

import html
import re

from ragbot.text.latex import readable
from ragbot.text.words import printable

__all__ = ["escaped", "plain", "undirected"]

_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def escaped(text: str) -> str:
    """Every special character escaped; none left that turns the direction of what follows."""
    return html.escape(printable(text))


def plain(text: str) -> str:
    """LaTeX made readable, then `escaped`."""
    return escaped(readable(text))


def undirected(text: str) -> str:
    """The text without marks that turn the direction of what follows."""
    return _TURNS.sub("", text)
