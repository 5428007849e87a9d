"""Text of papers as the fields of any format want it: on one line, and addresses quoted."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal
from urllib.parse import quote

from ragbot.text.english import framed
from ragbot.text.markdown import as_text
from ragbot.text.words import printable, whole
from ragbot.types import Paper

__all__ = [
    "SOURCE",
    "Published",
    "address",
    "csv_text",
    "line",
    "linked",
    "marked",
    "on_arxiv",
    "published",
]

Published = Literal["preprint", "conference", "journal"]
_BYTE_ORDER_MARK = "\ufeff"
"""What tells spreadsheets that a text is UTF-8."""
SOURCE = "Ragbot"
"""Where a record says it is from: what is read back as it stands, not as markup."""

# Also what looks like a guarded one, so that taking the guard away gives back what was there.
_FORMULA = re.compile("^(?='*[=+@-])")
_CONFERENCE = re.compile(
    r"\b(?:(?i:proceedings|proc|conference|workshop|symposium|meeting|congress|findings)|NeurIPS|NIPS|"
    r"ICML|ICLR|AISTATS|UAI|COLT|AAAI|IJCAI|ACL|EMNLP|NAACL|EACL|COLING|CVPR|ICCV|ECCV|WACV|BMVC|KDD|"
    r"SIGIR|WWW|CHI|SOSP|OSDI|ICASSP|INTERSPEECH|CoRL|ICRA|IROS|MICCAI)\b"
)


def line(text: str | None) -> str:
    """Text on one line that any file can hold, no control character in it; nothing if not known."""
    return " ".join(printable(whole(text or "")).split())


def address(url: str | None) -> str:
    """A URL without characters that would end a field or a link; nothing if there is none."""
    return quote(line(url), safe="%/:?#[]@!$&'()*+,;=~-._")


def _guarded(text: str) -> str:
    """Text for CSV that no spreadsheet takes for a formula."""
    return _FORMULA.sub("'", line(text))


def _listed(texts: Sequence[str]) -> str:
    return _guarded("; ".join(texts))


_CELLS: Mapping[type, Callable[[Any], str]] = {
    str: _guarded,
    list: _listed,
    int: str,
    bool: json.dumps,
    type(None): line,
}
"""What values become in CSV, by their type."""


def _cell(value: Any) -> str:
    return _CELLS[type(value)](value)


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows under the names of their columns, behind the mark of UTF-8.

    Without the mark Excel takes the file for one of its own code page and garbles every accent;
    what else reads CSV passes over it, or is told so ("utf-8-sig").
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows(map(_cell, map(row.__getitem__, columns)) for row in rows)
    return _BYTE_ORDER_MARK + out.getvalue()


def on_arxiv(paper: Paper) -> str:
    """ "arXiv:2309.06180"; nothing if it is not known to be there."""
    return framed("arXiv:{}", line(paper.arxiv_id))


def published(paper: Paper) -> Published:
    """In what kind of venue; one that is not known for a conference is taken for a journal."""
    if not paper.venue:
        return "preprint"
    if _CONFERENCE.search(paper.venue):
        return "conference"
    return "journal"


def marked(text: str | None) -> str:
    """Text as Markdown shows it; its addresses are to be copied, so nothing stands within them."""
    return as_text(line(text)).replace("\u200b", "")


def linked(url: str | None) -> str:
    """An address as a link of Markdown where it is one of the web; else it is shown."""
    quoted = address(url)
    if re.match(r"https?://", quoted):
        return f"<{quoted}>"
    return as_text(quoted)
