"""The report in a real browser: drawn, self-contained, and foreign text as text."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from ragbot.evaluation.report.charts import Mark, histogram
from ragbot.evaluation.report.page import write_report
from ragbot.evaluation.report.tables import run_table
from ragbot.evaluation.runs.records import Found, Run

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

OpenPage = Callable[[Path, int, Literal["light", "dark"]], "Page"]

HOSTILE = (
    '<img src=x onerror="document.title=1"><script>alert(1)</script></style>{{ 7*7 }}'
)


def test_every_part_is_there(tiny_run: Run) -> None:
    page = (tiny_run.folder / "report.html").read_text(encoding="utf-8")

    assert page.count('<svg class="bar') == len(tiny_run.told["overall"])
    for heading in (
        "By type of question",
        "How far down one has to look",
        "When it would decline",
        "Time to search",
        "Time to an answer",
        "What went wrong",
    ):
        assert f"<h2>{heading}</h2>" in page
    assert page.count('<svg class="chart"') == 4
    assert tiny_run.told["fingerprint"]["collection"] in page


def test_it_loads_nothing(tiny_run: Run) -> None:
    page = (tiny_run.folder / "report.html").read_text(encoding="utf-8")

    assert not re.search(r"<[^>]*https?:|<script|<link|<img|@import|url\(|\bsrc=", page)


def test_foreign_text_is_text(tiny_run: Run) -> None:
    planted = tuple(
        dataclasses.replace(
            o,
            question=HOSTILE,
            wanted=(Found("w", HOSTILE, 2),),
            found=(Found("f", HOSTILE, 0),),
            quotes=(HOSTILE,),
            evidence=(HOSTILE,),
            error=HOSTILE,
            figures={**o.figures, "ndcg@10": 0.0},
        )
        for o in tiny_run.outcomes
    )
    run = dataclasses.replace(
        tiny_run, outcomes=planted, told={**tiny_run.told, "label": HOSTILE}
    )

    page = write_report(run).read_text(encoding="utf-8")

    assert "<img" not in page
    assert "<script" not in page
    assert page.count("</style>") == 1
    assert "&lt;script&gt;" in page
    assert "{{ 7*7 }}" in page


def test_a_run_without_answers_has_a_report_too(tiny_run: Run) -> None:
    outcomes = tuple(
        dataclasses.replace(
            o, ask_ms=None, confidence=None, abstained=None, quotes=(), figures={}
        )
        for o in tiny_run.outcomes
    )
    told = {
        **tiny_run.told,
        "overall": {},
        "ci": {},
        "by_type": {},
        "latency_ms": {**tiny_run.told["latency_ms"], "ask_p50": None, "ask_p95": None},
    }

    page = write_report(
        dataclasses.replace(tiny_run, told=told, outcomes=outcomes)
    ).read_text()

    assert "When it would decline" not in page
    assert "Time to an answer" not in page


def test_slow_ones_stand_in_the_last_column_of_a_histogram() -> None:
    svg = histogram(
        [10.0] * 150 + [5000.0],
        title="t",
        x_label="ms",
        marks=[Mark("median 10", 10)],
        style="ask",
    )

    assert "0.333333 ms: " not in svg
    assert re.findall(r"<title>([^<]*)</title>", svg) == [
        "9.66667 to 10 ms: 151",
    ]


def test_the_terminal_table_has_the_same_figures(tiny_run: Run) -> None:
    table = run_table(tiny_run)

    for metric, value in tiny_run.told["overall"].items():
        assert re.search(rf"^  {re.escape(metric)} +{value:.4f}  \[", table, re.M)
    assert str(tiny_run.folder / "report.html") in table


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[OpenPage]:
    """Opens a file in headless Chromium at a width, in a colour scheme."""
    pages = []

    def show(path: Path, width: int, scheme: Literal["light", "dark"]) -> Page:
        page = chromium.new_page(
            viewport={"width": width, "height": 800}, color_scheme=scheme
        )
        pages.append(page)
        page.goto(path.as_uri())
        return page

    yield show
    for page in pages:
        page.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_the_window(tiny_run: Run, open_page: OpenPage, width: int) -> None:
    page = open_page(tiny_run.folder / "report.html", width, "light")

    assert page.evaluate("document.documentElement.scrollWidth") == width
    box = page.locator("svg.bar").first.bounding_box()
    assert box is not None
    assert box["width"] > 150
    page.get_by_text("How to get these figures again").click()
    assert page.get_by_text("retrieval.candidates").is_visible()


@pytest.mark.browser
def test_it_follows_the_colour_scheme(tiny_run: Run, open_page: OpenPage) -> None:
    report, shown = (
        tiny_run.folder / "report.html",
        "getComputedStyle(document.body).backgroundColor",
    )

    assert open_page(report, 800, "light").evaluate(shown) == "rgb(246, 247, 249)"
    assert open_page(report, 800, "dark").evaluate(shown) == "rgb(16, 21, 27)"
