"""ragbot/index/chunks.py: chunk ids, made and taken apart in one place."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from ragbot.config import ChunkingSettings, load_settings
from ragbot.index.chunks import chunk_id, chunk_ids, chunk_paper, paper_of
from ragbot.pipeline import Ragbot
from ragbot.testing import HashEmbedder, tiny_papers

IDS = ["0f3a", "arxiv:2505.08550", "doi:10.1000/a:b", "a:", ":", ""]


@pytest.mark.parametrize("paper_id", IDS)
def test_a_chunk_id_leads_back_to_its_paper(paper_id: str) -> None:
    assert paper_of(chunk_id(paper_id, 12)) == paper_id


@pytest.mark.parametrize("sentences", [0, 1, 4, 9])
def test_the_ids_of_a_paper_are_those_of_its_chunks(sentences: int) -> None:
    settings = ChunkingSettings(4, 1)
    abstract = " ".join(f"Sentence number {i} is here." for i in range(sentences))
    paper = dataclasses.replace(tiny_papers()[0], id="arxiv:1", abstract=abstract)
    made = [chunk.id for chunk in chunk_paper(paper, settings)]
    assert chunk_ids(paper.id, sentences, settings) == made


def test_papers_with_colons_are_found_by_meaning_and_removed(tmp_path: Path) -> None:
    """As `Ragbot.add` promises: under the ids they bear, in every store."""
    papers = [
        dataclasses.replace(p, id=f"{scheme}:10.1000/{i}:{i}", sources=())
        for i, (p, scheme) in enumerate(
            zip(tiny_papers(), ["arxiv", "doi"] * 3, strict=False)
        )
    ]
    settings = load_settings(data_dir=tmp_path / "data", environ={})
    with Ragbot.open(settings, load=HashEmbedder) as bot:
        assert bot.add(papers, source="by hand") == len(papers)
        for paper in papers:
            assert bot.search(paper.title, 1).hits[0].paper.id == paper.id
            (vector,) = HashEmbedder().embed_queries([paper.title])
            ((chunk, _),) = bot.stores.vectors.query(vector, 1)
            assert paper_of(chunk) == paper.id
        assert bot.remove([papers[0].id]) == 1
        found = {h.paper.id for h in bot.search(papers[0].title, 10).hits}
        assert found == {p.id for p in papers[1:]}
        chunks = sum(len(chunk_paper(p, settings.chunking)) for p in papers[1:])
        assert bot.stores.vectors.count() == chunks
