"""The head of the window: what the collection covers, and a light that is true."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from ragbot.config import load_settings
from ragbot.jobs import Stopped
from ragbot.pipeline import Ragbot
from ragbot.service import Service
from ragbot.testing import HashEmbedder, tiny_collection, tiny_listing, tiny_papers
from ragbot.types import Progress
from ragbot.window.masthead import Masthead


def test_the_masthead_says_what_the_collection_covers(tmp_path: Path) -> None:
    with tiny_collection(tmp_path) as bot:
        html = Masthead(Service(bot)).html()
    assert "<b>5</b> papers" in html
    assert "2 undated" in html
    assert "index ready" in html
    assert "no language model is used" in html


def test_the_masthead_says_when_the_index_does_not_fit(tmp_path: Path) -> None:
    with tiny_collection(tmp_path) as bot:
        environ = {"RAGBOT_CHUNKING__SENTENCES": "7"}
        settings = load_settings(data_dir=bot.settings.data_dir, environ=environ)
    with Ragbot.open(settings, load=HashEmbedder) as bot:
        html = Masthead(Service(bot)).html()
        assert "<b>5</b> papers" in html
        assert "run <b>ragbot rebuild</b>" in html
        assert "chunking was 4/1" in html
        assert "index ready" not in html
        bot.rebuild()
        assert "index ready" in Masthead(Service(bot)).html()


def test_papers_that_come_in_are_counted(tmp_path: Path) -> None:
    with tiny_collection(tmp_path) as bot:
        masthead = Masthead(Service(bot))
        assert "<b>5</b> papers" in masthead.html()
        more = tmp_path / "more.txt"
        more.write_text(
            tiny_listing().replace("OLinear", "OQuadratic"), encoding="utf-8"
        )
        bot.ingest([more])
        assert "<b>6</b> papers" in masthead.html()


def test_papers_that_wait_are_not_said_to_be_in_the_index(tmp_path: Path) -> None:
    paper = tiny_papers()[0]
    more = [
        dataclasses.replace(paper, id=f"p{n}", title=f"Number {n} of a hundred")
        for n in range(100)
    ]

    def stop(step: Progress) -> None:
        if 0 < step.done < step.total:
            raise Stopped

    with tiny_collection(tmp_path) as bot:
        with pytest.raises(Stopped):
            bot.add(more, source="hundred", progress=stop)
        html = Masthead(Service(bot)).html()
        papers, waiting = bot.stores.catalog.count(), bot.stores.catalog.count_waiting()
        assert f"<b>{papers}</b> papers" in html
        assert f"{waiting} more to be indexed" in html
        assert 0 < waiting < len(more) == papers - 5 + waiting
