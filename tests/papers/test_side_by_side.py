"""ragbot/papers/export/side_by_side.py: rows of sentences for spreadsheets, notes and programs."""

from __future__ import annotations

import csv
import io
import json

import pytest
from markdown_it import MarkdownIt

from ragbot.errors import InputError
from ragbot.papers.export.side_by_side import write_table
from ragbot.types import Paper, Row

PLANTED = Paper("p1", "=HYPERLINK(1) | <b>Bold</b>", "", date="2024-02-29")
CELLS = {
    "problem": "Costs $5 | or [more](http://x.org).",
    "method": "+1 is\nadded to x_i.",
    "result": None,
    "numbers": None,
    "data": None,
    "code": "See https://example.org/code.",
}
ROWS = [Row(PLANTED, CELLS)]  # type: ignore[arg-type]  # a literal's keys are strings


def test_csv_is_read_back_and_runs_no_formula() -> None:
    (row,) = csv.DictReader(io.StringIO(write_table(ROWS, "csv")[1:], newline=""))
    assert row["id"] == "p1"
    assert row["title"] == "'=HYPERLINK(1) | <b>Bold</b>"
    assert row["problem"] == CELLS["problem"]
    assert row["method"] == "'+1 is added to x_i."
    assert row["result"] == ""


def test_markdown_is_one_table_that_shows_markup_as_text() -> None:
    html = MarkdownIt("commonmark").enable("table").render(write_table(ROWS, "md"))
    assert html.count("<tr>") == 2
    assert html.count("<td>") == html.count("<th>") == 8
    assert "<b>" not in html
    assert "<a" not in html
    assert "Costs $5 | or [more](http://x.org)." in html


def test_json_has_a_row_a_paper() -> None:
    (row,) = json.loads(write_table(ROWS, "json"))
    assert row == {
        "id": "p1",
        "title": PLANTED.title,
        "date": "2024-02-29",
        **CELLS,
    }


def test_no_rows_are_a_head() -> None:
    assert write_table([], "json") == "[]\n"
    assert write_table([], "csv").startswith("\ufeffid,title,date,problem,method")
    assert len(write_table([], "md").splitlines()) == 2


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(InputError, match="choose from md, csv, json"):
        write_table(ROWS, "docx")
