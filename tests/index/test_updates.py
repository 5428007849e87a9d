"""What each source said of a paper is kept: a source can go, come again, or say something else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ragbot.config import load_settings
from ragbot.errors import EmptyCollection
from ragbot.papers.identity import paper_id
from ragbot.pipeline import Ragbot
from ragbot.testing import HashEmbedder
from ragbot.types import Paper

TITLE = "Deep Residual Learning for Image Recognition"
ARXIV = "archiveprefix={arXiv}, eprint={1512.03385}"
DOI = "doi={10.1109/CVPR.2016.90}, booktitle={CVPR}, year=2016"


def entry(abstract: str, facts: str = ARXIV, title: str = TITLE) -> str:
    return f"@misc{{he, title={{{title}}}, {facts}, abstract={{{abstract}}}}}\n"


@pytest.fixture
def bot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ragbot]:
    monkeypatch.chdir(tmp_path)
    settings = load_settings(data_dir=tmp_path / "data", environ={})
    with Ragbot.open(settings, load=HashEmbedder) as bot:
        yield bot


def ingest(bot: Ragbot, name: str, entries: Sequence[str] = ()) -> tuple[int, int, int]:
    """New, updated and duplicates of a file, which holds these entries now, or what it held."""
    if entries:
        Path(name).write_text("\n".join(entries), encoding="utf-8")
    (report,) = bot.ingest([Path(name)]).files
    assert bot.stores.catalog.unfinished() == 0
    return report.new, report.updated, report.duplicates


def only(bot: Ragbot) -> Paper:
    (paper,) = bot.papers()
    return paper


def test_what_is_left_is_what_the_others_said(bot: Ragbot) -> None:
    assert ingest(bot, "a.bib", [entry("Nets are hard to train.")]) == (1, 0, 0)
    richer = entry("Deep nets are harder to train.", f"{ARXIV}, {DOI}")
    assert ingest(bot, "b.bib", [richer]) == (0, 1, 0)
    paper = only(bot)
    assert (paper.abstract, paper.venue) == ("Deep nets are harder to train.", "CVPR")
    assert bot.search("harder").hits[0].evidence == (paper.abstract,)

    assert bot.remove(source="b.bib") == 0
    paper = only(bot)
    assert (paper.abstract, paper.venue) == ("Nets are hard to train.", None)
    assert (paper.doi, paper.sources) == (None, ("a.bib",))
    assert ingest(bot, "a.bib") == (0, 0, 1)


def test_a_file_that_says_something_else_takes_its_own_word_back(bot: Ragbot) -> None:
    ingest(bot, "a.bib", [entry("One.", f"{ARXIV}, note={{A note}}")])
    ingest(bot, "b.bib", [entry("Two.", f"{ARXIV}, {DOI}")])
    # Neither the venue nor the DOI stands in it any more.
    assert ingest(bot, "b.bib", [entry("Three.")]) == (0, 1, 0)
    assert (only(bot).abstract, only(bot).venue) == ("Three.", None)
    assert ingest(bot, "b.bib") == (0, 0, 1)
    # Of what the other says again nothing is newer for that.
    assert ingest(bot, "a.bib") == (0, 0, 1)
    assert only(bot).abstract == "Three."
    assert bot.remove(source="a.bib") == 0
    assert only(bot).sources == ("b.bib",)


def test_what_a_file_no_longer_holds_stays_until_the_file_is_removed(
    bot: Ragbot,
) -> None:
    other = entry(
        "Attention alone.", "eprint={1706.03762}", "Attention Is All You Need"
    )
    ingest(bot, "a.bib", [entry("One."), other])
    assert ingest(bot, "a.bib", [entry("Two.")]) == (0, 1, 0)
    assert {paper.abstract for paper in bot.papers()} == {"Two.", "Attention alone."}
    assert bot.remove(source="a.bib") == 2
    with pytest.raises(EmptyCollection):
        bot.search("attention")


def test_one_file_may_name_a_paper_twice(bot: Ragbot) -> None:
    twice = [
        entry("As a preprint.", f"{ARXIV}, keywords={{vision}}"),
        entry("At a conference.", DOI),
    ]
    ingest(bot, "a.bib", twice)
    paper = only(bot)
    assert (paper.arxiv_id, paper.doi) == ("1512.03385", "10.1109/CVPR.2016.90")
    assert (paper.keywords, paper.abstract) == (("vision",), "At a conference.")
    assert ingest(bot, "a.bib") == (0, 0, 2)
    assert only(bot) == paper
    # One of the two changes, then is gone.
    assert ingest(bot, "a.bib", [twice[0], entry("At CVPR.", DOI)]) == (0, 1, 1)
    assert (only(bot).arxiv_id, only(bot).abstract) == ("1512.03385", "At CVPR.")
    assert ingest(bot, "a.bib", [entry("Alone.", DOI)]) == (0, 1, 0)
    assert (only(bot).arxiv_id, only(bot).keywords) == (None, ())


def test_papers_part_that_only_a_removed_source_made_one(bot: Ragbot) -> None:
    ingest(bot, "a.bib", [entry("One.", ARXIV, "ResNet")])
    ingest(bot, "b.bib", [entry("Two.", DOI, "Residual Networks")])
    ingest(bot, "c.bib", [entry("Both.", f"{ARXIV}, {DOI}", "Deep Residual Learning")])
    assert only(bot).sources == ("a.bib", "b.bib", "c.bib")
    assert bot.remove(source="c.bib") == -1, "one more than before"
    papers = {paper.sources: paper for paper in bot.papers()}
    assert papers["a.bib",].id == paper_id("ResNet")
    assert papers["b.bib",].id == paper_id("Residual Networks")
    assert (papers["b.bib",].abstract, papers["b.bib",].arxiv_id) == ("Two.", None)
    assert bot.search("residual networks", 1).hits[0].paper == papers["b.bib",]
    assert [ingest(bot, name) for name in ("a.bib", "b.bib")] == [(0, 0, 1)] * 2


def test_what_one_file_said_of_two_is_kept_where_they_become_one(bot: Ragbot) -> None:
    ingest(
        bot,
        "a.bib",
        [
            entry("One.", f"{ARXIV}, keywords={{vision}}", "ResNet"),
            entry("Two.", DOI, "Residual Networks"),
        ],
    )
    ingest(bot, "b.bib", [entry("Both.", f"{ARXIV}, {DOI}", "Deep Residual Learning")])
    assert bot.remove(source="b.bib") == 0
    paper = only(bot)
    assert (paper.arxiv_id, paper.doi) == ("1512.03385", "10.1109/CVPR.2016.90")
    assert (paper.keywords, paper.abstract) == (("vision",), "Two.")
