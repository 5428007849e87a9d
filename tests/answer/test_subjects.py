"""ragbot/answer/subjects.py: the works a question names, and the papers that bear their names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ragbot.answer.arrange import sides
from ragbot.pipeline import Ragbot
from ragbot.question.subjects import mentions, rare_names
from ragbot.retrieval.retriever import Retriever
from ragbot.testing import tiny_collection, tiny_papers
from ragbot.text.names import stands_in
from ragbot.types import Hit, Paper, Source

OLINEAR, MATRYOSHKA, EQUIANGULAR, STYLE, PRUNING = PAPERS = tiny_papers()


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ragbot]:
    with tiny_collection(tmp_path_factory.mktemp("tiny")) as bot:
        bot.add(
            [
                Paper(f"unet{i}", f"U-Net {i}", f"A UNet of {i} layers on a GPU.")
                for i in range(4)
            ],
            source="more",
        )
        yield bot


@pytest.fixture(scope="module")
def retriever(tiny: Ragbot) -> Retriever:
    return tiny.retriever()


def source(paper: Paper, score: float = 1.0) -> Source:
    return Source(Hit(paper, score, 0.5, 0.0), ())


@pytest.mark.parametrize(
    ("name", "text", "stands"),
    [
        ("OLinear", "This paper presents OLinear, a model", True),
        ("olinear", "This paper presents OLinear", True),
        ("UNet", "a U-Net for images", True),
        ("U-Net", "the UNet", True),
        ("U-Net", "the U Net", True),
        ("KV", "the KV-cache", True),
        ("MLP", "MLP-KAN", True),
        ("NeRF", "KiloNeRF", False),
        ("NeRF", "NeRFs", False),
        ("NeRF", "InstantNeRF2", False),
        ("EBV", "Basis Vectors (EBV)", True),
        ("C4.5", "than C4.5.", True),
        ("100x", r"a $100\times$ speed-up by 100x", True),
        ("OLinear", "", False),
    ],
)
def test_a_name_stands_as_a_word_however_it_is_spelled(
    name: str, text: str, stands: bool
) -> None:
    assert stands_in(name, text) is stands


def test_a_paper_mentions_what_its_title_or_abstract_does() -> None:
    assert mentions(MATRYOSHKA, "MatryoshkaKV")
    assert mentions(OLINEAR, "TF")
    assert not mentions(OLINEAR, "MatryoshkaKV")


def test_a_name_is_rare_when_few_papers_bear_it(retriever: Retriever) -> None:
    question = "Does OLinear or NoSuchNet beat the U-Net on a GPU?"
    assert rare_names(question, retriever) == ["OLinear", "NoSuchNet"]


@pytest.mark.parametrize("spelling", ["U-Net", "UNet", "unet", "U-NET"])
def test_a_name_is_as_frequent_in_any_spelling(
    retriever: Retriever, spelling: str
) -> None:
    assert retriever.frequency(spelling) == 4


def test_sides_follow_the_question(retriever: Retriever) -> None:
    found = [source(p) for p in (STYLE, MATRYOSHKA, OLINEAR, PRUNING)]
    compared = sides(found, "How does OLinear differ from MatryoshkaKV?", retriever)
    assert [s.hit.paper.id for s in compared] == [OLINEAR.id, MATRYOSHKA.id]


def test_a_title_bears_a_name_before_an_abstract_does(retriever: Retriever) -> None:
    other = Paper("other", "A Survey of Forecasting", "It covers OLinear and others.")
    found = [source(other), source(OLINEAR), source(STYLE)]
    compared = sides(found, "Compare OLinear with images", retriever)
    assert [s.hit.paper.id for s in compared] == [OLINEAR.id, "other"]


def test_one_paper_is_not_both_sides(retriever: Retriever) -> None:
    found = [source(p) for p in (EQUIANGULAR, STYLE, PRUNING)]
    compared = sides(
        found, "Do EBVs differ from Equiangular-Vectors and EBVs?", retriever
    )
    assert len({s.hit.paper.id for s in compared}) == len(compared) == 2


@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_without_names_the_two_best_are_the_sides(retriever: Retriever, n: int) -> None:
    found = [source(p) for p in PAPERS[:n]]
    assert sides(found, "How do they differ?", retriever) == found[:2]
