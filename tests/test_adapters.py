"""ragbot/adapters.py in a real llama-index pipeline; its embedder is in the embedders' contract."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from llama_index.core.llms import MockLLM
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.schema import MetadataMode

from ragbot.adapters import as_llama_index_retriever
from ragbot.errors import EmptyCollection
from ragbot.pipeline import Ragbot
from ragbot.testing import tiny_collection
from ragbot.types import Filters


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Ragbot]:
    with tiny_collection(tmp_path) as bot:
        yield bot


def test_nodes_are_the_papers_that_search_finds(tiny: Ragbot) -> None:
    question = "compressing the KV cache"
    nodes = as_llama_index_retriever(tiny, k=3).retrieve(question)
    hits = tiny.search(question, 3).hits
    assert [n.node.node_id for n in nodes] == [h.paper.id for h in hits]
    assert [n.score for n in nodes] == [h.score for h in hits]
    assert [n.text for n in nodes] == [h.paper.abstract for h in hits]
    assert nodes[0].metadata == {
        "title": "MatryoshkaKV: Adaptive KV Compression via Trainable Orthogonal Projection",
        "date": "2024-10-16",
        "url": None,
        "id": hits[0].paper.id,
    }


def test_a_query_engine_answers_from_them(tiny: Ragbot) -> None:
    retriever = as_llama_index_retriever(tiny, k=1, filters=Filters("2023-01-01", "2023-12-31"))
    engine = RetrieverQueryEngine.from_args(retriever, llm=MockLLM())
    response = engine.query("Which basis vectors classify images?")
    (node,) = response.source_nodes
    assert node.metadata["title"] == "Equiangular Basis Vectors"
    assert node.text in str(response), "the LLM was not shown the abstract"
    shown = node.get_content(MetadataMode.LLM)
    assert "title: Equiangular Basis Vectors" in shown
    assert node.metadata["id"] not in shown


def test_it_raises_what_search_raises(tiny: Ragbot) -> None:
    tiny.remove([p.id for p in tiny.papers()])
    with pytest.raises(EmptyCollection):
        as_llama_index_retriever(tiny).retrieve("anything")
