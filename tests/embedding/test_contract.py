"""One suite over every implementation of `Embedder`."""

from __future__ import annotations

from concurrent.futures import CancelledError, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from ragbot.adapters import LlamaIndexEmbedder
from ragbot.ahead import thread_ahead
from ragbot.config import load_settings
from ragbot.embedding import Embedder, Vectors, load_embedder
from ragbot.embedding.embedder import by_length, padded
from ragbot.embedding.ways import EXACT
from ragbot.readers import read_file
from ragbot.resources import bundled_listings
from ragbot.testing import HashEmbedder
from ragbot.text.sentences import split_sentences

TEXTS = [
    "Channel pruning accelerates very deep convolutional neural networks.",
    "KV cache",
    "",
    "Schrödinger's ½ 🐈 \0 <b>$x^2$</b>",
]


@pytest.fixture(scope="module")
def torch_embedder(tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    told = load_settings(environ={"RAGBOT_EMBEDDING__BACKEND": "torch"}).embedding
    return load_embedder(told, tmp_path_factory.mktemp("unused"))


@pytest.fixture(scope="module", params=["openvino", "torch", "hash", "llama-index"])
def implementation(request: pytest.FixtureRequest) -> Embedder:
    """Each in turn; llama-index's is its own base class around hashed words."""
    if request.param == "openvino":
        return request.getfixturevalue("embedder")
    if request.param == "torch":
        return request.getfixturevalue("torch_embedder")
    if request.param == "hash":
        return HashEmbedder()

    from llama_index.core.base.embeddings.base import BaseEmbedding

    class HashedWords(BaseEmbedding):
        def _get_text_embedding(self, text: str) -> list[float]:
            return HashEmbedder(64).embed_queries([text])[0].tolist()

        _get_query_embedding = _get_text_embedding

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_query_embedding(query)

    return LlamaIndexEmbedder(HashedWords(model_name="hashed words"))


def lengths(vectors: Vectors) -> Vectors:
    return np.linalg.norm(vectors, axis=-1)


def test_it_says_what_it_is(implementation: Embedder) -> None:
    assert implementation.name
    assert implementation.digest
    assert "\n" not in implementation.name + implementation.digest
    assert implementation.dimension == implementation.embed_queries(["x"]).shape[1]


def test_queries_have_shape_type_and_length_one(implementation: Embedder) -> None:
    vectors = implementation.embed_queries(TEXTS)
    assert vectors.shape == (len(TEXTS), implementation.dimension)
    assert vectors.dtype == np.float32
    assert lengths(vectors) == pytest.approx(1, abs=1e-4)


def test_passages_and_their_parts(implementation: Embedder) -> None:
    text = "Equiangular Basis Vectors. We propose EBVs. They classify images."
    spans = [(27, 43), (44, 65), (0, 0)]
    vectors, parts = implementation.embed_passages([text, "KV cache"], [spans, []])
    assert vectors.shape == (2, implementation.dimension)
    assert vectors.dtype == np.float32
    assert lengths(vectors) == pytest.approx(1, abs=1e-4)
    assert [p.shape for p in parts] == [
        (3, implementation.dimension),
        (0, implementation.dimension),
    ]
    assert parts[0].dtype == np.float32
    assert lengths(parts[0])[:2] == pytest.approx(1, abs=1e-4)
    # A part is about its own words.
    own = implementation.embed_queries(["They classify images."])[0]
    assert parts[0][1] @ own > parts[0][0] @ own


def test_nothing_gives_nothing(implementation: Embedder) -> None:
    empty = (0, implementation.dimension)
    assert implementation.embed_queries([]).shape == empty
    vectors, parts = implementation.embed_passages([], [])
    assert vectors.shape == empty
    assert parts == []


def test_the_same_text_has_the_same_vector(implementation: Embedder) -> None:
    first, second = (implementation.embed_queries(TEXTS) for _ in range(2))
    assert np.array_equal(first, second)


def test_neither_order_nor_company_matters(implementation: Embedder) -> None:
    together = implementation.embed_queries(
        [*TEXTS, *["A longer neighbour. " * 20] * 8]
    )
    for text, row in zip(TEXTS, together, strict=False):
        alone = implementation.embed_queries([text])[0]
        assert row @ alone == pytest.approx(1, abs=1e-3)
    backwards = implementation.embed_queries(TEXTS[::-1])[::-1]
    assert (together[: len(TEXTS)] * backwards).sum(axis=1) == pytest.approx(
        1, abs=1e-3
    )


def test_a_long_text_is_taken(implementation: Embedder) -> None:
    text = "Neural fields represent scenes. " * 2000
    assert lengths(implementation.embed_queries([text])) == pytest.approx(1, abs=1e-4)
    vectors, parts = implementation.embed_passages(
        [text], [[(0, 31), (len(text) - 32, len(text))]]
    )
    assert np.isfinite(vectors).all()
    assert np.isfinite(parts[0]).all()


def test_like_texts_are_near(implementation: Embedder) -> None:
    question, near, far = implementation.embed_queries(
        [
            "pruning channels of networks",
            "a method for pruning the channels of deep networks",
            "estimating the age of oceanic rocks",
        ]
    )
    assert question @ near > question @ far + 0.2


def test_threads_may_share_it(implementation: Embedder) -> None:
    texts = [f"{text} {i}" for i, text in enumerate(TEXTS * 4)]
    with ThreadPoolExecutor(8) as pool:
        rows = list(
            pool.map(lambda text: implementation.embed_queries([text])[0], texts)
        )
    expected = np.stack([implementation.embed_queries([text])[0] for text in texts])
    assert (np.stack(rows) * expected).sum(axis=1) == pytest.approx(1, abs=1e-3)


def test_openvino_agrees_with_the_reference(
    embedder: Embedder, torch_embedder: Embedder
) -> None:
    """On bundled sentences as questions, and on their abstracts as passages with parts."""
    paths = sorted(bundled_listings().glob("*.txt"))
    abstracts = [r.abstract for path in paths for r in read_file(path)[1][:2]]
    spans = [
        [(at, at + len(s)) for s in split_sentences(a)[:3] for at in [a.index(s)]]
        for a in abstracts
    ]
    sentences = [
        a[low:high]
        for a, own in zip(abstracts, spans, strict=True)
        for low, high in own
    ]
    fast, slow = (e.embed_queries(sentences) for e in (embedder, torch_embedder))
    assert (fast * slow).sum(axis=1).min() >= EXACT

    (fast, fast_parts), (slow, slow_parts) = (
        e.embed_passages(abstracts, spans) for e in (embedder, torch_embedder)
    )
    assert (fast * slow).sum(axis=1).min() >= EXACT
    assert (np.vstack(fast_parts) * np.vstack(slow_parts)).sum(axis=1).min() >= 0.995
    assert embedder.digest == torch_embedder.digest


def test_a_pass_takes_so_many_tokens_of_texts_of_like_length() -> None:
    lengths = [5, 250, 7, 100, 8, 300, 9]
    passes = list(by_length(lengths, 256))
    assert sorted(at for places in passes for at in places) == list(range(7))
    assert passes == [[5], [1], [3, 6], [4, 2, 0]]
    for places in passes:
        batch = padded([[1] * lengths[at] for at in places], 300)
        assert len(places) == 1 or batch["input_ids"].size <= 256
        assert batch["attention_mask"].sum(1).tolist() == [lengths[at] for at in places]
    assert padded([[1] * 300], 300)["input_ids"].shape == (1, 300)


def test_what_fails_in_a_pass_is_told(
    embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the next texts are embedded as if nothing had been."""
    expected = embedder.embed_queries(TEXTS)
    with monkeypatch.context() as broken:
        broken.setattr(embedder, "_pool", lambda tokens: tokens[len(tokens)])
        with pytest.raises(Exception, match="out of bounds"):
            embedder.embed_queries(TEXTS)
    assert (embedder.embed_queries(TEXTS) * expected).sum(axis=1).min() >= 0.999


def test_the_models_leave_between_two_passes(embedder: Embedder) -> None:
    with thread_ahead("embedding") as thread:
        made = thread.submit(embedder.embed_queries, ["Channel pruning."] * 5_000)
    assert isinstance(made.exception(), CancelledError)
    assert embedder.embed_queries(["KV cache"]).shape == (1, embedder.dimension)


def test_hashed_words_are_the_same_on_every_machine() -> None:
    row = HashEmbedder(16).embed_queries(["orthogonal"])[0]
    assert (row > 0).astype(int).tolist() == [
        1,
        1,
        1,
        0,
        0,
        1,
        1,
        0,
        1,
        0,
        0,
        0,
        0,
        0,
        0,
        1,
    ]


def test_the_models_folder_is_all_that_conversion_writes(models: Path) -> None:
    (folder,) = models.glob("all-MiniLM-L6-v2-*")
    assert {"model.xml", "model.bin", "model.json"} <= {
        p.name for p in folder.iterdir()
    }
