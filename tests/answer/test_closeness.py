"""ragbot/answer/closeness.py: what a question is about, and how close papers come to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ragbot.answer.closeness import closeness, signals
from ragbot.answer.subject import subject_of, title_share
from ragbot.config import load_settings
from ragbot.embedding.embedder import Vectors
from ragbot.pipeline import Ragbot
from ragbot.testing import HashEmbedder, tiny_collection, tiny_papers
from ragbot.types import Filters, Paper

OLINEAR, MATRYOSHKA, EQUIANGULAR, STYLE, PRUNING = PAPERS = tiny_papers()


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ragbot]:
    with tiny_collection(tmp_path_factory.mktemp("tiny")) as bot:
        yield bot


@pytest.mark.parametrize(
    "question",
    [
        "grokking",
        "papers on grokking",
        "Which papers study grokking?",
        "Is there any research about grokking?",
        "list the works that deal with grokking, please",
    ],
)
def test_the_words_around_a_subject_are_no_part_of_it(question: str) -> None:
    assert subject_of(question) == "grokking"


@pytest.mark.parametrize("question", ["papers?", "what work is there", "?!"])
def test_a_question_of_nothing_else_stays(question: str) -> None:
    assert subject_of(question) == question


def test_words_within_a_subject_stay() -> None:
    asked = "Which papers study methods of pruning that need no data?"
    assert subject_of(asked) == "pruning that need no data"


def test_no_papers_are_not_close(tiny: Ragbot) -> None:
    retriever = tiny.retriever()
    query = retriever.prepare("pruning")
    assert closeness(query, [], retriever) == -1.0
    assert signals(query, [], retriever, Filters())["sentence"] == -1.0


def test_the_paper_that_is_asked_for_is_closer_than_another(tiny: Ragbot) -> None:
    retriever = tiny.retriever()
    query = retriever.prepare("a channel pruning method to accelerate networks")
    own = closeness(query, [PRUNING], retriever)
    assert own > closeness(query, [STYLE], retriever)


def test_framing_changes_no_closeness(tiny: Ragbot) -> None:
    retriever = tiny.retriever()
    bare = closeness(retriever.prepare("image style"), PAPERS, retriever)
    framed = retriever.prepare("Which papers are about image style?")
    assert closeness(framed, PAPERS, retriever) == pytest.approx(bare)


def test_signals_tell_an_unknown_name(tiny: Ragbot) -> None:
    retriever = tiny.retriever()
    known = signals(retriever.prepare("OLinear"), PAPERS, retriever, Filters())
    other = signals(retriever.prepare("NoSuchNet"), PAPERS, retriever, Filters())
    assert (known["unknown"], other["unknown"]) == (0.0, 1.0)
    assert known["overlap"] == 1.0
    assert other["overlap"] == 0.0


def test_signals_of_dates_are_of_the_papers_within(tiny: Ragbot) -> None:
    retriever = tiny.retriever()
    query = retriever.prepare("image style")
    within = Filters("2023-01-01", "2023-12-31")
    dated = signals(query, [EQUIANGULAR], retriever, within)
    assert dated["passage"] < signals(query, PAPERS, retriever, Filters())["passage"]


def test_a_title_without_abstract_has_signals(tmp_path: Path) -> None:
    with tiny_collection(tmp_path) as bot:
        bare = Paper("bare", "Folding proteins on a phone", "")
        bot.add([bare], source="bare")
        retriever = bot.retriever()
        query = retriever.prepare("folding proteins on a phone")
        measured = signals(query, [bare], retriever, Filters())
    assert measured["sentence"] == measured["passage"] > 0.9


class Counting(HashEmbedder):
    """Keeps how many texts went through it in each pass."""

    def __init__(self) -> None:
        super().__init__()
        self.passes: list[int] = []

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        self.passes.append(len(texts))
        return super().embed_queries(texts)


@pytest.mark.parametrize(
    "question",
    [
        "What is neural collapse?",
        "Which papers are about image style?",
        "How many papers study pruning?",
        "How does OLinear forecast time series?",
        "Are there papers on bees?",
    ],
)
def test_a_question_takes_one_pass_of_the_model(tmp_path: Path, question: str) -> None:
    embedder = Counting()
    settings = load_settings(data_dir=tmp_path, environ={})
    with Ragbot.open(settings, load=lambda: embedder) as bot:
        bot.add(PAPERS, source="tiny")
        embedder.passes.clear()
        bot.ask(question)
    assert len(embedder.passes) == 1


def test_the_share_of_a_subject_in_a_title(tiny: Ragbot) -> None:
    retriever = tiny.retriever()
    assert title_share("papers on image style", PAPERS, retriever) == 1.0
    assert title_share("image style of molecules", PAPERS, retriever) < 1.0
    assert title_share("molecules", PAPERS, retriever) == 0.0
