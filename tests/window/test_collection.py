"""What the window says of the collection and of files that come in."""

from __future__ import annotations

from pathlib import Path

from ragbot.testing import tiny_collection, tiny_listing
from ragbot.types import FileReport, Progress, Skipped
from ragbot.window.collection import ingest
from ragbot.window.html.files import report_html, sources_html


def test_files_come_in_one_by_one_and_a_bad_one_does_not_stop_the_rest(
    tmp_path: Path,
) -> None:
    pdf, fresh = tmp_path / "paper.txt", tmp_path / "<b>new.txt"
    pdf.write_bytes(b"%PDF-1.7 and so on")
    fresh.write_text(
        tiny_listing().replace("Equiangular Basis Vectors", "Equiangular Vectors"),
        encoding="utf-8",
    )
    with tiny_collection(tmp_path / "collection") as bot:
        *_, table = ingest(bot, [pdf, fresh])
        assert bot.stores.catalog.count() == 6
        sources = sources_html(bot.stores.catalog.sources())
    assert "<li><b></b> this is a PDF, not text" in table, (
        "it is of the whole file, of no line"
    )
    assert str(tmp_path) not in table
    assert "&lt;b&gt;new.txt</th>" in table
    assert '<td class="">1</td><td class="none">0</td><td class="">4</td>' in table
    assert "&lt;b&gt;new.txt</th><td>5</td>" in sources


def test_another_writer_is_one_clear_line(tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.txt"
    fresh.write_text(tiny_listing(), encoding="utf-8")
    with tiny_collection(tmp_path / "collection") as bot, bot._writer():
        other = type(bot)(bot.settings, bot.stores, bot._load)
        *_, table = ingest(other, [fresh])
    assert '<p class="problem" role="alert">another Ragbot process is writing' in table


def test_reasons_beyond_the_first_few_are_counted() -> None:
    skipped = [Skipped(f"line {n}", "no abstract") for n in range(20)]
    html = report_html([FileReport("a/b.txt", "listing", 1, 0, 0, skipped)])
    assert html.count("no abstract") == 8
    assert "and 12 more" in html


def test_progress_tells_papers_a_second_and_time_left() -> None:
    html = report_html([], reading="a.txt", step=Progress("index", 64, 256, 2.0), of=3)
    assert "64 of 256 papers · 32 papers/s · 6 s left" in html
    assert "file 1 of 3" in html
    assert '<progress value="64" max="256"' in html
