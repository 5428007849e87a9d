"""Papers side by side as HTML: a row a paper, in each cell a sentence of its abstract. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from ragbot.text.english import counted
from ragbot.types import Facet, Row
from ragbot.window.html.buttons import buttons
from ragbot.window.html.escaped import escaped, plain

__all__ = ["TABLES", "matrix_html"]

# Formats of a table that the window offers: name → (label, suffix, media type).
TABLES = {
    "csv": ("CSV", "csv", "text/csv"),
    "md": ("Markdown", "md", "text/markdown"),
}
_HEAD = "".join(f'<th scope="col">{name.capitalize()}</th>' for name in get_args(Facet))


def matrix_html(rows: Sequence[Row]) -> str:
    """The rows under the names of the columns, and how to keep them."""
    ids = escaped(" ".join(row.paper.id for row in rows))
    return (
        f'<header class="downloads" data-ids="{ids}">'
        f"<h2>{counted(len(rows), 'paper')} side by side</h2>{buttons(TABLES)}"
        '<button type="button" data-close>Close</button></header>'
        '<p class="told">Every cell is a sentence of the abstract, as it stands there.</p>'
        '<div class="rows" tabindex="0"><table><thead><tr><th scope="col">Paper</th>'
        f"{_HEAD}</tr></thead><tbody>{''.join(map(_row, rows))}</tbody></table></div>"
    )


def _row(row: Row) -> str:
    paper = row.paper
    date = escaped(paper.date or "")
    told = row.cells.items()
    # Where a sentence tells several things it stands under the first of them.
    first = {text: name for name, text in reversed(list(told))}
    cells = "".join(_cell(name, text, first[text]) for name, text in told)
    return (
        f'<tr><th scope="row">{plain(paper.title)}<time datetime="{date}">{date}</time></th>'
        f"{cells}</tr>"
    )


def _cell(name: Facet, text: str | None, first: Facet) -> str:
    if text is None:
        shown = '<span class="same">–</span>'
    elif name == first:
        shown = plain(text)
    else:
        shown = f'<span class="same">as under {first}</span>'
    return f'<td data-name="{name.capitalize()}">{shown}</td>'
