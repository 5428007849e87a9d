"""The chat window as people use it: headless Chromium, a server of its own, the real model."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ragbot.resources import bundled_listings
from ragbot.testing import tiny_listing

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
expect = pytest.importorskip(
    "playwright.sync_api", reason="NO PLAYWRIGHT: install it"
).expect

KV = "How can the KV cache be compressed?"
RANK = "Which papers use low-rank adaptation?"

# What somebody could plant in a page that is then saved and dropped here.
PLANTED_TITLE = (
    'Equiangular <img src="http://tracker.invalid/t.png" onerror="planted=1"> Vectors'
)
PLANTED = (
    '<script>planted=1</script> <form action="http://tracker.invalid/"><input name="q"></form> '
    '<style>body{display:none}</style> <div style="position:fixed;inset:0">Equiangular cover</div> '
    "![seen](http://tracker.invalid/m.png) [1] <iframe src=http://tracker.invalid></iframe> "
    "Equiangular planted vectors classify"
)


def planted_listing() -> str:
    return (
        "Daily Papers\n\nbyAK and the research community\n\nDec 4\n\n"
        f"{PLANTED_TITLE}\n\n{PLANTED}.\n\n  • 3 authors\n·\nMar 21, 2023\n\n"
        "Recognizing Image Style\n\nThe style of an image plays a significant role in how it is "
        "viewed.\n\n  • 8 authors\n·\nNov 15, 2013\n"
    )


@pytest.fixture(scope="module")
def window(serve: Callable[..., Any]) -> Any:
    return serve(sorted(bundled_listings().glob("00[02]_*.txt")))


def ask(page: Page, question: str) -> int:
    """Ask, wait for the whole answer, and give its number."""
    turns = page.locator("#chat .user-row").count()
    page.locator("#question textarea").fill(question)
    page.locator("#question textarea").press("Enter")
    expect(page.locator(f"#a{turns + 1}")).to_be_visible(timeout=30_000)
    expect(page.get_by_label("Send")).to_be_visible()
    return turns + 1


def answers(page: Page) -> list[str]:
    return page.locator("#chat .bot-row .prose").all_inner_texts()


def test_two_questions_a_follow_up_and_back_to_the_first_answer(
    open_page: Callable[..., Page],
) -> None:
    page = open_page()
    first = ask(page, KV)
    title = page.locator("#chat .bot-row strong").first.inner_text()
    assert "KV" in title
    ask(page, RANK)
    third = ask(page, "what speed-up does it report?")
    expect(page.locator("#a3")).to_be_visible()
    expect(page.locator("#a1")).to_be_hidden()

    page.locator(f'#chat a[href="#a{first}-p1"]').first.click()
    expect(page.locator("#a1")).to_be_visible()
    expect(page.locator(f"#a{third}")).to_be_hidden()
    card = page.locator("#a1-p1")
    expect(card).to_be_in_viewport()
    expect(card).to_be_focused()
    expect(card.locator("h3")).to_have_text(title)
    quoted = page.locator("#chat .bot-row blockquote p").first.inner_text()
    marked = [mark.strip() for mark in card.locator("mark").all_inner_texts()]
    assert re.sub(r"\s*\[1\]$", "", quoted) in marked

    expect(card.locator(".fold").first).to_be_hidden()
    card.get_by_role("button", name="Whole abstract").click()
    expect(card.locator(".fold").first).to_be_visible()


def test_a_follow_up_is_about_what_was_asked_before(
    open_page: Callable[..., Page],
) -> None:
    page = open_page()
    ask(page, KV)
    ask(page, "what compression rate does it report?")
    assert "MatryoshkaKV" in answers(page)[1]


def test_a_date_range_restricts_and_a_wrong_one_is_explained(
    open_page: Callable[..., Page],
) -> None:
    page = open_page()
    page.get_by_label("Papers from").fill("2024-13")
    page.locator("#question textarea").fill(RANK)
    page.locator("#question textarea").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("2024-13")
    expect(page.locator("#question textarea")).to_have_value(RANK)
    expect(page.locator("#chat .user-row")).to_have_count(0)

    page.get_by_label("Papers from").fill("2024-05")
    page.get_by_label("to", exact=True).fill("2024")
    ask(page, RANK)
    expect(page.get_by_role("alert")).to_have_count(0)
    dates = page.locator("#a1 time").all_text_contents()
    assert dates
    assert all("2024-05-01" <= date <= "2024-12-31" for date in dates)


def test_asking_nothing_changes_nothing(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.locator("#question textarea").press("Enter")
    ask(page, KV)
    expect(page.locator("#masthead .mode")).to_be_visible()
    seen = [
        page.locator(part).inner_text() for part in ("#masthead", "#chat", "#papers")
    ]
    with page.expect_response("**/queue/join*"):
        page.locator("#question textarea").fill("  ")
        page.locator("#question textarea").press("Enter")
    page.wait_for_timeout(500)
    assert seen == [
        page.locator(part).inner_text() for part in ("#masthead", "#chat", "#papers")
    ]
    page.locator("#question textarea").fill(RANK)
    page.get_by_label("Papers from").press("Enter")
    expect(page.locator("#a2")).to_be_visible(timeout=30_000)


def test_files_dropped_anywhere_come_in_and_what_they_planted_is_text(
    open_page: Callable[..., Page], window: Any
) -> None:
    page = open_page()
    ask(page, KV)
    before = page.locator("#masthead b").inner_text()
    drop = """([name, text]) => {
      const files = new DataTransfer();
      files.items.add(new File([text], name, { type: "text/plain" }));
      document.querySelector("#talk").dispatchEvent(
        new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }));
    }"""
    name = "saved page (1).txt"
    page.evaluate(drop, [name, planted_listing()])
    row = page.locator("#report tbody tr").first
    expect(row.locator("td")).to_have_text(["2", "0", "0", "0"], timeout=30_000)
    expect(row.locator("th")).to_have_text(name)
    expect(page.locator("#sources")).to_contain_text(name)
    expect(page.locator("#masthead b")).to_have_text(str(int(before) + 2))

    page.evaluate(drop, ["again.txt", planted_listing()[:-120]])
    expect(row.locator("th")).to_have_text("again.txt", timeout=30_000)
    expect(row.locator("td")).to_have_text(["0", "0", "1", "1"])
    expect(page.locator("#report .reasons")).to_contain_text("line ")

    page.evaluate(drop, ["paper.txt", "%PDF-1.7"])
    expect(row.locator("th")).to_have_text("paper.txt", timeout=30_000)
    expect(page.locator("#report .reasons")).to_contain_text("this is a PDF, not text")

    page.get_by_role("tab", name="Ask").click()
    expect(page.locator("#a1")).to_be_visible()
    ask(page, f"What do equiangular vectors classify? {PLANTED_TITLE} {PLANTED}")
    assert PLANTED_TITLE in answers(page)[1].replace("\u200b", "")
    asked = page.locator("#chat .user-row").nth(1).inner_text()
    assert '<div style="position:fixed;inset:0">' in asked
    expect(page.locator("#a2-p1 h3")).to_have_text(PLANTED_TITLE)
    for part in ("#chat .message-row", "#papers", "#report", "#sources"):
        for tag in ("img", "form", "input", "style", "script", "iframe"):
            assert page.locator(f"{part} {tag}").count() == 0
        assert page.locator(f"{part} [style*=fixed]").count() == 0
    assert page.evaluate("window.planted") is None


def test_the_cited_papers_are_downloaded(open_page: Callable[..., Page]) -> None:
    page = open_page()
    ask(page, RANK)
    titles = page.locator("#a1 .card h3").all_inner_texts()
    assert titles
    for label, suffix in (
        ("BibTeX", "bib"),
        ("RIS", "ris"),
        ("CSV", "csv"),
        ("Markdown", "md"),
    ):
        with page.expect_download() as download:
            page.get_by_role("button", name=f"Download as {label}").click()
        assert download.value.suggested_filename == f"ragbot-papers.{suffix}"
        text = Path(download.value.path()).read_text(encoding="utf-8")
        assert sum(title in text for title in titles) == len(titles), text


def test_the_cited_papers_are_seen_as_a_table(open_page: Callable[..., Page]) -> None:
    page = open_page()
    ask(page, RANK)
    titles = page.locator("#a1 .card h3").all_inner_texts()
    page.get_by_role("button", name="As a table").click()
    table = page.locator("#matrix")
    expect(table.locator("tbody tr")).to_have_count(len(titles))
    assert table.locator("thead th").all_inner_texts()[:3] == [
        "Paper",
        "Problem",
        "Method",
    ]
    with page.expect_download() as download:
        table.get_by_role("button", name="Download as CSV").click()
    assert download.value.suggested_filename == "ragbot-table.csv"
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert text.startswith("id,title,date,problem")
    assert all(title in text for title in titles)
    table.get_by_role("button", name="Close").click()
    expect(table).to_be_hidden()


def test_a_comparison_is_a_list_where_the_screen_is_narrow(
    open_page: Callable[..., Page],
) -> None:
    page = open_page()
    page.set_viewport_size({"width": 400, "height": 800})
    ask(page, "Compare MLKV and MatryoshkaKV")
    cells = page.locator("#chat .bot-row td").all()[1:3]
    upper, lower = (cell.bounding_box() for cell in cells)
    assert upper
    assert lower
    assert lower["y"] >= upper["y"] + upper["height"]
    assert lower["x"] == upper["x"]


def test_two_people_ask_at_once_and_see_their_own_conversation(
    open_page: Callable[..., Page],
) -> None:
    one, two = open_page(), open_page()
    for page, question in ((one, f"{KV} slowly"), (two, f"{RANK} slowly")):
        page.locator("#question textarea").fill(question)
        page.locator("#question textarea").press("Enter")
    # Both are being answered before either is done.
    expect(one.get_by_label("Stop")).to_be_visible()
    expect(two.get_by_label("Stop")).to_be_visible()
    expect(one.locator("#chat .bot-row .prose")).to_be_visible()
    expect(two.locator("#chat .bot-row .prose")).to_be_visible()
    for page, own, other in ((one, KV, RANK), (two, RANK, KV)):
        expect(page.locator("#a1")).to_be_visible(timeout=60_000)
        said = page.locator("#chat").inner_text() + page.locator("#papers").inner_text()
        assert own in said
        assert other not in said


def test_stop_retry_and_clear(open_page: Callable[..., Page]) -> None:
    page = open_page()
    ask(page, KV)
    page.locator("#question textarea").fill(f"{RANK} slowly")
    page.locator("#question textarea").press("Enter")
    last = page.locator("#chat .bot-row").nth(1)
    expect(last.locator("strong").first).to_be_visible(timeout=30_000)
    page.get_by_label("Stop").click()
    expect(last).to_contain_text("Stopped.")
    expect(page.get_by_label("Send")).to_be_visible()
    assert "Quoted from" not in last.inner_text()
    # What had come cites papers, and its citations lead to them.
    expect(page.locator("#a2")).to_contain_text("answer 2, stopped", timeout=60_000)
    expect(page.locator("#a2 .card")).to_have_count(1)
    last.locator("a").first.click()
    expect(page.locator("#a2-p1")).to_be_focused()

    page.get_by_role("button", name="Retry").click()
    expect(page.locator("#chat")).not_to_contain_text("Stopped.")
    expect(page.locator("#a2")).to_have_count(0)
    expect(page.locator("#a2")).to_be_visible(timeout=60_000)
    expect(page.locator("#chat .user-row")).to_have_count(2)
    expect(page.locator("#a2")).not_to_contain_text("stopped")

    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#chat .user-row")).to_have_count(0)
    expect(page.locator("#papers .pane-empty")).to_be_visible()
    assert ask(page, KV) == 1


def test_the_papers_of_every_answer_can_be_reached_again(
    open_page: Callable[..., Page],
) -> None:
    page = open_page()
    ask(page, KV)
    ask(page, "Who won the football match last night?")
    nearest = page.locator("#a2 .others")
    expect(nearest).to_be_visible()
    page.locator('#chat a[href^="#a1-p1"]').first.click()
    expect(page.locator("#a1")).to_be_visible()
    expect(nearest).to_be_hidden()
    page.locator("#a1").get_by_label("Answer after").click()
    expect(nearest).to_be_visible()
    page.locator("#a2").get_by_label("Answer before").click()
    expect(page.locator("#a1")).to_be_visible()

    page.get_by_role("button", name="Retry").click()
    expect(nearest).to_be_visible(timeout=30_000)
    expect(page.locator("#a1")).to_be_hidden()


def test_a_citation_leads_to_its_own_sentence(open_page: Callable[..., Page]) -> None:
    page = open_page()
    ask(page, KV)
    quotes = page.locator("#chat .bot-row blockquote p").all()
    assert len(quotes) > 1
    for quote in quotes:
        quote.locator("a").click()
        lit = page.locator("#papers mark.lit")
        expect(lit).to_have_count(1)
        expect(lit).to_be_in_viewport()
        said = re.sub(r"\s*\[\d\]$", "", quote.inner_text())
        assert lit.inner_text().strip() == said


def test_a_window_says_that_its_server_has_gone(
    open_page: Callable[..., Page],
) -> None:
    page = open_page()
    mode = page.locator("#masthead .mode")
    expect(mode).to_have_text("Answers by quoting; no language model is used.")
    page.route("**/masthead", lambda route: route.abort())
    expect(mode).to_have_text(
        "Ragbot has been stopped: start it again.", timeout=10_000
    )
    page.unroute("**/masthead")
    expect(mode).to_have_text(
        "Answers by quoting; no language model is used.", timeout=10_000
    )


def test_copy_gives_what_is_read(open_page: Callable[..., Page]) -> None:
    page = open_page()
    ask(page, KV)
    page.locator("#chat .bot-row").get_by_role("button", name="Copy message").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.split() == answers(page)[0].split()
    assert "[1]" in copied
    assert "#a1-p1" not in copied


def test_an_example_on_a_phone(open_page: Callable[..., Page]) -> None:
    page = open_page(390, 844)
    expect(page.locator("#question textarea")).to_be_in_viewport()
    page.locator("#chat .example").first.click()
    expect(page.locator("#a1")).to_be_visible(timeout=30_000)
    ask(page, f"{KV} {'And how far? ' * 200}")
    # What is wider is cut off, for the page itself never scrolls sideways.
    for part in ("#chat", "#question", "#papers"):
        box = page.locator(part).bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    expect(page.locator("#chat .bot-row").last).to_be_in_viewport()
    expect(page.locator("#a1-p1")).not_to_be_in_viewport()
    page.locator('#chat a[href="#a1-p1"]').first.click()
    expect(page.locator("#a1-p1")).to_be_in_viewport()


def test_the_first_view_needs_no_scrolling(open_page: Callable[..., Page]) -> None:
    page = open_page()
    for seen in (
        "#masthead",
        "#question",
        "#dates",
        "#papers",
        "#chat .example >> nth=3",
    ):
        expect(page.locator(seen)).to_be_in_viewport(ratio=1)


def test_an_open_window_finds_what_was_ingested_from_a_terminal(
    open_page: Callable[..., Page], window: Any, tmp_path: Path
) -> None:
    page = open_page()
    before = int(page.locator("#masthead b").inner_text())
    listing = tmp_path / "tiny.txt"
    listing.write_text(tiny_listing(), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "ragbot", "--data-dir", window.data, "ingest", listing],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    ask(page, "What does OLinear forecast?")
    assert "OLinear" in answers(page)[0]
    # One of the five is new. While they are put down, the head counts the others without them.
    expect(page.locator("#masthead b")).to_have_text(str(before + 1))


def test_nothing_is_written_outside_the_data_folder(
    open_page: Callable[..., Page], window: Any
) -> None:
    ask(open_page(), KV)
    assert list(window.home.rglob("*")) == []
    assert {path.name for path in window.data.parent.iterdir()} == {"data", "home"}
