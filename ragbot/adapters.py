"""Ragbot's search and language models inside llama-index, and its embedders inside Ragbot.

    engine = RetrieverQueryEngine.from_args(
        as_llama_index_retriever(bot), llm=as_llama_index_llm(bot.language_model())
    )
    Ragbot.open(settings, load=lambda: LlamaIndexEmbedder(OpenAIEmbedding()))

The only module that knows llama-index's retrievers and embedders.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ragbot.embedding import Span, Vectors
from ragbot.embedding.embedder import normalised
from ragbot.llm import Llm, whole_reply
from ragbot.pipeline import Ragbot
from ragbot.types import Filters, Hit, Message

if TYPE_CHECKING:
    from llama_index.core.base.base_retriever import BaseRetriever
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.llms import LLM, CompletionResponse, LLMMetadata
    from llama_index.core.schema import NodeWithScore, QueryBundle

__all__ = ["LlamaIndexEmbedder", "as_llama_index_llm", "as_llama_index_retriever"]


def as_llama_index_retriever(
    bot: Ragbot, *, k: int | None = None, filters: Filters | None = None
) -> BaseRetriever:
    """Ragbot's search as a retriever for any llama-index pipeline.

    A node is a paper: its id, its abstract as text, and title, date, url and id as metadata, of
    which an LLM is shown the first two. ``k`` is the settings' unless given. It raises what
    `Ragbot.search` raises.
    """
    from llama_index.core.base.base_retriever import BaseRetriever

    class RagbotRetriever(BaseRetriever):
        def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
            found = bot.search(query_bundle.query_str, k, filters)
            return list(map(_node, found.hits))

    return RagbotRetriever()


def _node(hit: Hit) -> NodeWithScore:
    from llama_index.core.schema import NodeWithScore, TextNode

    paper = hit.paper
    node = TextNode(
        id_=paper.id,
        text=paper.abstract,
        metadata={
            "title": paper.title,
            "date": paper.date,
            "url": paper.url,
            "id": paper.id,
        },
        excluded_llm_metadata_keys=["url", "id"],
    )
    return NodeWithScore(node=node, score=hit.score)


def as_llama_index_llm(llm: Llm, *, max_tokens: int = 1024) -> LLM:
    """A language model of Ragbot for whatever in llama-index asks for one. Its replies come whole.

    It raises `LlmError` as the model does; a call that is cancelled ends the model's writing.
    """
    from llama_index.core.llms import CompletionResponse, CustomLLM, LLMMetadata

    def completed(
        prompt: str, stop: threading.Event | None = None
    ) -> CompletionResponse:
        messages = [Message("user", prompt)]
        return CompletionResponse(
            text=whole_reply(llm, messages, max_tokens=max_tokens, stop=stop)
        )

    class RagbotLlm(CustomLLM):
        @property
        def metadata(self) -> LLMMetadata:
            return LLMMetadata(
                model_name=llm.name,
                context_window=llm.context_window,
                num_output=max_tokens,
            )

        def complete(
            self, prompt: str, formatted: bool = False, **_: Any
        ) -> CompletionResponse:
            return completed(prompt)

        def stream_complete(
            self, prompt: str, formatted: bool = False, **_: Any
        ) -> Any:
            yield completed(prompt)

        async def acomplete(
            self, prompt: str, formatted: bool = False, **_: Any
        ) -> CompletionResponse:
            stop = threading.Event()
            try:
                return await asyncio.to_thread(completed, prompt, stop)
            except asyncio.CancelledError:
                stop.set()
                raise

    return RagbotLlm()


class LlamaIndexEmbedder:
    """Any llama-index ``BaseEmbedding`` as an `Embedder`.

    It gives no token vectors, so the parts of a passage are embedded each on its own. Its digest
    covers its class, model name and dimension: a service that changes a model behind its name goes
    unnoticed.
    """

    def __init__(self, model: BaseEmbedding) -> None:
        self._model = model
        self.name = model.model_name
        self.engine = "llama-index"
        self.dimension = len(model.get_query_embedding("dimension"))
        identity = f"{model.class_name()}|{model.model_name}|{self.dimension}"
        self.digest = hashlib.sha256(identity.encode()).hexdigest()[:16]

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder.embed_queries`."""
        return self._vectors(list(map(self._model.get_query_embedding, texts)))

    def embed_passages(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        """See `Embedder.embed_passages`."""
        cut = [
            text[low:high]
            for text, own in zip(texts, spans, strict=True)
            for low, high in own
        ]
        vectors = self._vectors(self._model.get_text_embedding_batch([*texts, *cut]))
        ends = np.cumsum([len(texts), *map(len, spans)])
        passages, *parts = np.split(vectors, ends[:-1]) if len(texts) else [vectors]
        return passages, parts

    def _vectors(self, rows: Sequence[Sequence[float]]) -> Vectors:
        return normalised(np.array(rows, np.float32).reshape(-1, self.dimension))
