"""ragbot/retrieval/retriever.py: date ranges on both paths, the share of words, odd questions."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

import pytest

from ragbot.index.chunks import paper_of
from ragbot.papers.identity import paper_id
from ragbot.pipeline import Ragbot
from ragbot.question.filters import parse_filters
from ragbot.retrieval import nearest
from ragbot.retrieval.retriever import Retriever
from ragbot.testing import tiny_collection, tiny_papers
from ragbot.types import Filters, Hit, Paper

OLINEAR, MATRYOSHKA, EQUIANGULAR, STYLE, PRUNING = tiny_papers()
BARE = Paper(
    paper_id("Deep Residual Learning"), "Deep Residual Learning", "", "2015-12-10"
)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ragbot]:
    """Five papers and one of which only the title is known."""
    with tiny_collection(tmp_path_factory.mktemp("tiny")) as bot:
        bot.add([BARE], source="bare")
        yield bot


@pytest.fixture(scope="module")
def retriever(tiny: Ragbot) -> Retriever:
    return tiny.retriever()


def with_settings(bot: Ragbot, **settings: float) -> Retriever:
    changed = dataclasses.replace(bot.settings.retrieval, **settings)  # type: ignore[arg-type]
    return Retriever(bot.stores.view(), bot._embedder(), changed)


@pytest.fixture(params=["compared", "sifted"])
def path(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The chunks of a range are compared, or sifted out of the nearest of all."""
    if request.param == "sifted":
        monkeypatch.setattr(nearest, "_COMPARED", math.inf)
    return str(request.param)


# -- dates --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        ("2024", "2024", {MATRYOSHKA}),
        (None, "2024-10-16", {MATRYOSHKA, EQUIANGULAR, BARE}),
        (None, "2024-10-15", {EQUIANGULAR, BARE}),
        ("2023-03-21", None, {OLINEAR, MATRYOSHKA, EQUIANGULAR}),
        ("2023-03-22", None, {OLINEAR, MATRYOSHKA}),
        ("2026", None, set()),
    ],
)
def test_a_range_has_its_papers_and_no_others(
    retriever: Retriever,
    path: str,
    low: str | None,
    high: str | None,
    expected: set[Paper],
) -> None:
    found = retriever.search(
        "deep networks and their models", 10, parse_filters(low, high)
    )
    assert {h.paper.id for h in found.hits} == {p.id for p in expected}
    assert found.undated_left_out == 2


def test_without_a_range_the_undated_are_found_too(retriever: Retriever) -> None:
    found = retriever.search("deep networks and their models", 10)
    assert {STYLE.id, PRUNING.id} < {h.paper.id for h in found.hits}
    assert found.undated_left_out == 0


def test_a_range_is_searched_not_sieved(tiny: Ragbot, path: str) -> None:
    """What is asked for lies beyond the first candidates of the whole collection."""
    narrow = with_settings(tiny, candidates=1)
    assert narrow.search(PRUNING.title, 1).hits[0].paper.id == PRUNING.id
    (hit,) = narrow.search(PRUNING.title, 5, Filters("2024-01-01", "2024-12-31")).hits
    assert hit.paper.id == MATRYOSHKA.id
    assert hit.evidence


def test_both_paths_agree_on_real_papers(
    full_collection: Ragbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    filters, retriever = parse_filters("2024", "2025-06"), full_collection.retriever()

    def found() -> list[tuple[str, float]]:
        hits = retriever.search("efficient language models", 200, filters).hits
        return [(h.paper.id, pytest.approx(h.score, abs=1e-4)) for h in hits]

    by_papers = found()
    monkeypatch.setattr(nearest, "_COMPARED", math.inf)
    assert found() == by_papers
    assert len(by_papers) == full_collection.stores.catalog.count(filters) > 50


# -- words and vectors --------------------------------------------------------------------------


def lexical_share(hits: list[Hit], dense_minimum: float) -> float:
    """The share of the words in the scores, from a paper that has none of the question's."""
    top = max(h.dense for h in hits)
    without = next(h for h in hits if not h.lexical and h.dense > dense_minimum + 0.01)
    return 1 - without.score * (top - dense_minimum) / (without.dense - dense_minimum)


def test_words_count_the_more_of_them_the_papers_have(tiny: Ragbot) -> None:
    retriever = with_settings(tiny, dense_minimum=-1.0)
    shares = [
        lexical_share(retriever.find(retriever.prepare(question), 6, Filters()), -1.0)
        for question in (
            "bread sourdough oven",
            "equiangular bread sourdough oven flour",
            "equiangular basis bread",
            "equiangular basis vectors",
        )
    ]
    settings = tiny.settings.retrieval
    assert shares == sorted(shares)
    assert shares[0] == pytest.approx(settings.lexical_weight_min, abs=1e-3)
    assert shares[-1] == pytest.approx(settings.lexical_weight_max, abs=1e-3)
    assert settings.lexical_weight_min < shares[2] < settings.lexical_weight_max


def test_a_fixed_share_is_kept(tiny: Ragbot) -> None:
    settings = {
        "lexical_weight_min": 0.25,
        "lexical_weight_max": 0.25,
        "dense_minimum": -1.0,
    }
    retriever = with_settings(tiny, **settings)
    for question in ("bread sourdough", "equiangular basis vectors"):
        hits = retriever.find(retriever.prepare(question), 6, Filters())
        assert lexical_share(hits, -1.0) == pytest.approx(0.25, abs=1e-3)


def test_a_paper_found_by_words_alone_goes_by_its_best_sentence(
    full_collection: Ragbot,
) -> None:
    """Its chunks are taken to be as close as the last one found, which they are at most."""
    narrow = with_settings(full_collection, candidates=1)
    query = narrow.prepare("graph MatryoshkaKV")
    by_words = narrow.find(query, 5, Filters())[0]
    assert by_words.paper.title.startswith("MatryoshkaKV")
    ((chunk, least),) = full_collection.stores.vectors.query(query.vector, 1)
    assert paper_of(chunk) != by_words.paper.id
    best = (
        narrow.sentence_vectors([by_words.paper.id])[by_words.paper.id] @ query.vector
    ).max()
    assert by_words.dense == pytest.approx((least + best) / 2, abs=1e-5)


def test_unknown_words_have_no_weight(retriever: Retriever) -> None:
    weights = retriever.prepare("Which zebra prunes the channels of networks?").weights
    assert set(weights) == set(retriever.terms("prunes channels networks"))
    assert (
        weights[retriever.terms("pruning")[0]] > weights[retriever.terms("network")[0]]
    )


# -- odd questions and papers -------------------------------------------------------------------


@pytest.mark.parametrize(
    "question", ["", " ", "?!", "\0", "a", "the of and", "\udcff 🐈", "İ" * 9]
)
@pytest.mark.parametrize("filters", [Filters(), Filters("2024-01-01", None)])
def test_any_text_can_be_searched_for(
    retriever: Retriever, question: str, filters: Filters
) -> None:
    hits = retriever.search(question, 3, filters).hits
    assert 1 <= len(hits) <= 3
    assert all(h.lexical == 0 for h in hits)
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)


def test_a_paper_called_by_its_name_comes_first(full_collection: Ragbot) -> None:
    """The other words of the question are those of other papers."""
    hits = (
        full_collection.retriever()
        .search("How many GPUs does MatryoshkaKV need?", 3)
        .hits
    )
    assert hits[0].paper.title.startswith("MatryoshkaKV: ")
    assert hits[0].score >= hits[1].score >= hits[2].score


def test_the_real_model_takes_any_text(full_collection: Ragbot) -> None:
    retriever = full_collection.retriever()
    for question in ("", "\udcff", "\0", "🐈" * 3000):
        assert len(retriever.search(question, 3).hits) == 3


def test_a_lone_surrogate_costs_the_rest_nothing(retriever: Retriever) -> None:
    query = retriever.prepare("channel \udcff pruning")
    assert set(query.weights) == set(retriever.terms("channel pruning"))


def test_only_the_beginning_of_a_pasted_page_counts(retriever: Retriever) -> None:
    query = retriever.prepare("channel pruning " * 1000 + "equiangular")
    assert len(query.text) == 2000
    assert set(query.weights) == set(retriever.terms("channel pruning"))


def test_a_paper_without_an_abstract_is_found_by_its_title(
    retriever: Retriever,
) -> None:
    hit = retriever.search("deep residual learning", 6).hits[0]
    assert hit.paper.id == BARE.id
    assert hit.evidence == ()
    assert retriever.rank(hit.paper, retriever.prepare("residual")) == []


def test_sentences_stored_with_other_bounds_are_read_anew(retriever: Retriever) -> None:
    """A collection of a version that parted sentences elsewhere opens and is answered from."""
    query = retriever.prepare("equiangular basis vectors")
    stored = retriever.view.sentences.get([EQUIANGULAR.id])[EQUIANGULAR.id]
    expected = retriever.rank(EQUIANGULAR, query)
    retriever.view.sentences.put({EQUIANGULAR.id: stored[:-1]})
    ranked = retriever.rank(EQUIANGULAR, query)
    retriever.view.sentences.put({EQUIANGULAR.id: stored})
    assert {s.text for s in ranked} == {s.text for s in expected}


def test_nearest_sentence_looks_at_sentences(retriever: Retriever) -> None:
    query = retriever.prepare(EQUIANGULAR.abstract.split(". ")[0])
    assert retriever.nearest_sentence([EQUIANGULAR], query) > 0.95
    assert retriever.nearest_sentence([STYLE], query) < 0.5
    assert retriever.nearest_sentence([STYLE, EQUIANGULAR], query) > 0.95
    assert retriever.nearest_sentence([BARE], query) == -1.0
    assert retriever.nearest_sentence([], query) == -1.0
