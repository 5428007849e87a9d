"""The Evaluate tab: a set from drop to comparison in a browser."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ragbot.config import load_settings
from ragbot.evaluation.sets.rows import read_lines
from ragbot.papers.identity import title_key
from ragbot.pipeline import Ragbot
from ragbot.resources import bundled_listings, bundled_questions

if TYPE_CHECKING:
    from playwright.sync_api import Page

Row = dict[str, Any]


def write_set(path: Path, rows: Sequence[Row]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


PLANTED = (
    '<img src="http://tracker.invalid/q.png" onerror="top.planted=1"><script>top.planted=1</script>'
    "</iframe><b>{{7*7}} ${7*7}</b> @children"
)


@pytest.fixture(scope="module")
def window(serve: Callable[..., Any]) -> Any:
    return serve(sorted(bundled_listings().glob("00[02]_*.txt")))


def rows_over(data: Path) -> list[Row]:
    """Five real questions that this collection answers, and one that plants tags in the report."""
    with Ragbot.open(load_settings(data_dir=data, environ={})) as bot:
        titles = {title_key(p.title) for p in bot.papers()}
    known = [
        row
        for _, row in read_lines(bundled_questions() / "dev.jsonl")
        if row["relevant"] and {title_key(t) for t in row["relevant"]} <= titles
    ][:5]
    missed = {"evidence": ["No abstract says so."], "type": "single", "id": "planted"}
    return [
        *known,
        {**known[0], **missed, "question": f"{PLANTED} {known[0]['question']}"},
    ]


@pytest.mark.browser
@pytest.mark.slow
def test_a_set_from_drop_to_comparison(
    open_page: Callable[..., Page], window: Any, tmp_path: Path
) -> None:
    expect = pytest.importorskip("playwright.sync_api").expect
    rows = rows_over(window.data)
    dropped = write_set(tmp_path / "six.jsonl", rows)
    drop = """([name, text]) => {
      const files = new DataTransfer();
      files.items.add(new File([text], name, { type: "text/plain" }));
      document.querySelector("#bench").dispatchEvent(
        new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }));
    }"""
    page = open_page()
    page.get_by_role("tab", name="Evaluate").click()
    expect(page.locator("#set input")).to_have_value("dev (bundled)")

    broken = json.dumps(rows[0] | {"relevant": {"No such paper": 2}})
    page.evaluate(drop, ["broken.jsonl", broken])
    alert = page.locator("#run-notice").get_by_role("alert")
    expect(alert).to_contain_text("broken.jsonl line 1, relevant: no paper")

    page.evaluate(drop, [dropped.name, dropped.read_text(encoding="utf-8")])
    expect(page.locator("#set input")).to_have_value("six")
    expect(alert).to_have_count(0)

    # An earlier run, from a terminal and with another setting.
    done = subprocess.run(
        [sys.executable, "-m", "ragbot", "--data-dir", window.data, "eval", dropped],
        env={**os.environ, "RAGBOT_RETRIEVAL__LEXICAL_WEIGHT_MAX": "0.1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr

    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("#run-notice")).to_contain_text(
        "6 questions asked", timeout=60_000
    )
    expect(page.locator("#figures tbody tr").first).to_contain_text("ndcg@10_topical")
    values = page.locator("#figures tbody tr").first.locator("td").all_inner_texts()
    frame = page.frame_locator("#sheet iframe")
    expect(frame.locator(".card.first b")).to_have_text(values[0])
    assert PLANTED in str(frame.locator("body").text_content())
    assert frame.locator("img, script, iframe").count() == 0
    assert page.evaluate("window.planted") is None
    assert page.locator("#sheet iframe").get_attribute("sandbox") == ""

    with page.expect_download() as download:
        page.get_by_role("button", name="Download the report").click()
    (report,) = window.data.glob(
        f"runs/{download.value.suggested_filename.removesuffix('.html')}"
    )
    assert (
        Path(download.value.path()).read_bytes()
        == (report / "report.html").read_bytes()
    )

    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("#run-notice")).to_contain_text(
        "Nothing has changed since this run"
    )
    page.get_by_role("button", name="Run it anew").click()
    expect(page.locator("#run-notice")).to_contain_text(
        "6 questions asked", timeout=60_000
    )
    assert len(list(window.data.glob("runs/six-*"))) == 2

    page.locator("#against label", has_text="20").click()
    expect(page.locator("#figures")).to_contain_text(
        "retrieval.lexical_weight_max: 0.1 → 0.5"
    )
    expect(frame.locator("h1")).to_have_text("six")
    expect(frame.locator(".kicker")).to_contain_text("comparison")

    # Another visitor finds it all, on a phone.
    phone = open_page(390, 844)
    phone.get_by_role("tab", name="Evaluate").click()
    phone.locator("#set input").click()
    phone.get_by_role("option", name="six").click()
    expect(phone.locator("#figures tbody tr").first.locator("td").first).to_have_text(
        values[0]
    )
    phone.locator("#against label").first.click()
    expect(phone.locator("#figures")).to_contain_text("retrieval.lexical_weight_max")
    for part in ("#setup", "#figures table", "#sheet iframe"):
        box = phone.locator(part).bounding_box()
        assert box
        assert box["x"] >= 12
        assert box["x"] + box["width"] <= 390 - 12, part


@pytest.mark.browser
@pytest.mark.slow
def test_a_run_is_watched_from_another_window_which_asks_meanwhile(
    open_page: Callable[..., Page], window: Any
) -> None:
    expect = pytest.importorskip("playwright.sync_api").expect
    rows = rows_over(window.data)
    many = [{**row, "id": f"{row['id']}-{n}"} for n in range(100) for row in rows]
    write_set(window.data / "questions" / "many.jsonl", many)
    one, two = open_page(), open_page()
    one.get_by_role("tab", name="Evaluate").click()
    one.locator("#set input").click()
    one.get_by_role("option", name="many").click()
    one.get_by_role("button", name="Run", exact=True).click()
    expect(one.locator("#status")).to_contain_text("of 600 questions", timeout=30_000)
    expect(one.locator("#status progress")).to_be_visible()

    two.locator("#question textarea").fill("How can the KV cache be compressed?")
    two.locator("#question textarea").press("Enter")
    expect(two.locator("#a1")).to_be_visible(timeout=30_000)
    two.get_by_role("tab", name="Evaluate").click()
    expect(two.locator("#set input")).to_have_value("many")
    expect(two.locator("#status")).to_contain_text("left", timeout=30_000)
    two.get_by_role("button", name="Stop", exact=True).click()
    for page in (one, two):
        expect(page.locator("#run-notice")).to_contain_text(
            "of 600 questions", timeout=30_000
        )
        expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible()
