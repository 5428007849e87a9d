"""ragbot/adapters.py in a real llama-index pipeline; its embedder is in the embedders' contract."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from llama_index.core.llms import MockLLM
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.schema import MetadataMode

from ragbot.adapters import as_llama_index_llm, as_llama_index_retriever
from ragbot.config import load_settings
from ragbot.errors import EmptyCollection, LlmError
from ragbot.llm import Llm, load_llm
from ragbot.pipeline import Ragbot
from ragbot.testing import FAULTS, Script, ScriptedServer, tiny_collection
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
    retriever = as_llama_index_retriever(
        tiny, k=1, filters=Filters("2023-01-01", "2023-12-31")
    )
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


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def llm(server: ScriptedServer) -> Llm:
    environ = {
        "RAGBOT_LLM__PROVIDER": "openai",
        "RAGBOT_LLM__MODEL": "scripted",
        "RAGBOT_LLM__BASE_URL": server.base_url,
        "RAGBOT_LLM__RETRIES": "0",
    }
    found = load_llm(load_settings(environ=environ).llm)
    assert found
    return found


def test_a_query_engine_is_answered_by_a_model_of_ours(
    tiny: Ragbot, server: ScriptedServer, llm: Llm
) -> None:
    server.then("<think>Bases are vectors.</think>Equiangular ones.")
    retriever = as_llama_index_retriever(tiny, k=1)
    engine = RetrieverQueryEngine.from_args(retriever, llm=as_llama_index_llm(llm))
    assert (
        str(engine.query("Which basis vectors classify images?")) == "Equiangular ones."
    )
    assert "Equiangular Basis Vectors" in server.chats[0].messages[-1].content


def test_a_model_of_ours_fails_inside_llama_index_as_it_does_outside(
    server: ScriptedServer, llm: Llm
) -> None:
    server.then(FAULTS["key"])
    with pytest.raises(LlmError):
        as_llama_index_llm(llm).complete("Say something.")


def test_a_cancelled_call_ends_the_writing(server: ScriptedServer, llm: Llm) -> None:
    server.then(Script("word " * 400, delay=0.05))

    async def impatient() -> None:
        await asyncio.wait_for(as_llama_index_llm(llm).acomplete("Count."), 0.5)

    with pytest.raises(TimeoutError):
        asyncio.run(impatient())
    assert server.chats[0].hung_up.wait(5), "the model went on writing for nobody"
