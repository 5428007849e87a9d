"""Text of papers as the fields of any format want it: on one line, and addresses quoted."""

from __future__ import annotations

from urllib.parse import quote

from ragbot.papers.describe import remarks
from ragbot.text.words import printable
from ragbot.types import Paper

__all__ = ["address", "line", "notes"]


def line(text: str | None) -> str:
    """Text on one line, without control characters; nothing of what is not known."""
    return " ".join(printable(text or "").split())


def address(url: str | None) -> str:
    """A URL without characters that would end a field or a link; nothing if there is none."""
    return quote(line(url), safe="%/:?#[]@!$&'()*+,;=~-._")


def notes(paper: Paper) -> list[str]:
    """The organisation and the remarks, for formats that have no field for either."""
    if not paper.organisation:
        return remarks(paper)
    return [f"Organisation: {paper.organisation}", *remarks(paper)]
