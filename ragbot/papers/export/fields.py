"""Text of papers as the fields of any format want it: on one line, and addresses quoted."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from ragbot.papers.describe import remarks
from ragbot.text.markdown import as_text
from ragbot.text.words import printable
from ragbot.types import Paper

__all__ = ["address", "cell", "line", "marked", "notes"]


def line(text: str | None) -> str:
    """Text on one line, without control characters; nothing of what is not known."""
    return " ".join(printable(text or "").split())


def address(url: str | None) -> str:
    """A URL without characters that would end a field or a link; nothing if there is none."""
    return quote(line(url), safe="%/:?#[]@!$&'()*+,;=~-._")


def cell(value: Any) -> str | int | None:
    """A value for CSV that no spreadsheet takes for a formula."""
    if isinstance(value, bool):
        return str(value).lower()
    if value is None or isinstance(value, int):
        return value
    text = line("; ".join(value) if isinstance(value, list) else value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def marked(text: str | None) -> str:
    """Text as Markdown shows it; its addresses are to be copied, so nothing stands within them."""
    return as_text(line(text)).replace("\u200b", "")


def notes(paper: Paper) -> list[str]:
    """The organisation and the remarks, for formats that have no field for either."""
    if not paper.organisation:
        return remarks(paper)
    return [f"Organisation: {paper.organisation}", *remarks(paper)]
