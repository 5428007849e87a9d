"""The optional cross-encoder, with a tiny random one of the real class."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from ragbot.errors import EmbeddingError
from ragbot.retrieval import retriever
from ragbot.retrieval.rerank import Reranker
from ragbot.testing import HashEmbedder, tiny_collection
from ragbot.types import Filters, Hit


@pytest.fixture(scope="module")
def cross_encoder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with a random BERT of one layer that scores pairs of texts."""
    from tokenizers import BertWordPieceTokenizer
    from transformers import (
        BertConfig,
        BertForSequenceClassification,
        BertTokenizerFast,
    )

    folder = tmp_path_factory.mktemp("cross-encoder")
    letters = [chr(c) for c in range(ord("a"), ord("z") + 1)]
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters]
    vocabulary += [f"##{letter}" for letter in letters]
    words = BertWordPieceTokenizer({word: i for i, word in enumerate(vocabulary)})
    BertTokenizerFast(tokenizer_object=words._tokenizer).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        num_labels=1,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    return str(folder)


def test_papers_come_in_the_order_of_the_cross_encoder(
    tmp_path: Path, cross_encoder: str
) -> None:
    from sentence_transformers import CrossEncoder

    with tiny_collection(tmp_path) as bot:
        searching = bot.retriever()
        question = "Which papers prune channels?"
        hits = searching.find(searching.prepare(question), 5, Filters())
    reranked = Reranker(cross_encoder).rerank(question, hits)
    pairs = [(question, f"{h.paper.title}. {h.paper.abstract}") for h in reranked]
    scores = list(CrossEncoder(cross_encoder).predict(pairs, show_progress_bar=False))
    assert scores == sorted(scores, reverse=True)
    assert {h.paper.id for h in reranked} == {h.paper.id for h in hits}
    assert [h.score for h in reranked] == sorted((h.score for h in hits), reverse=True)


def test_a_missing_cross_encoder_is_named_with_the_remedy(tmp_path: Path) -> None:
    with tiny_collection(tmp_path) as bot:
        retriever = bot.retriever()
        hits = retriever.find(retriever.prepare("pruning channels"), 5, Filters())
    with pytest.raises(
        EmbeddingError, match=r"retrieval\.reranker.*name a cross-encoder's folder"
    ):
        Reranker(str(tmp_path / "nowhere")).rerank("pruning channels", hits)


def test_as_many_are_read_as_the_settings_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However few are looked at without a cross-encoder."""
    read: list[int] = []

    class Reading:
        def rerank(self, question: str, hits: list[Hit]) -> list[Hit]:
            read.append(len(hits))
            return hits

    monkeypatch.setattr(retriever, "_REFINED", 1)
    with tiny_collection(tmp_path) as bot:
        how = replace(bot.settings.retrieval, reranked=4)
        searching = retriever.Retriever(
            bot.stores.view(), HashEmbedder(), how, cast("Reranker", Reading())
        )
        searching.find(searching.prepare("networks"), 1, Filters())
    assert read == [4]
