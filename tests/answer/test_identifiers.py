"""Papers asked about by arXiv id or DOI, over a real index."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ragbot.pipeline import Ragbot
from ragbot.testing import tiny_collection
from ragbot.types import Filters, Paper

RESNET = Paper(
    "resnet",
    "Deep Residual Learning for Image Recognition",
    "Deeper neural networks are more difficult to train. We present a residual learning framework "
    "to ease the training of networks. An ensemble achieves 3.57% error on ImageNet.",
    date="2015-12",
    arxiv_id="1512.03385",
    doi="10.1109/CVPR.2016.90",
)


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ragbot]:
    with tiny_collection(tmp_path_factory.mktemp("tiny")) as bot:
        bot.add([RESNET], source="more")
        yield bot


@pytest.mark.parametrize(
    "question",
    [
        "What error does 1512.03385 reach?",
        "What error does 1512.03385v2 reach?",
        "What error does arXiv:1512.03385 reach?",
        "Which error is reported in https://arxiv.org/abs/1512.03385?",
        "What error does 10.1109/CVPR.2016.90 reach?",
        "What error is reported in https://doi.org/10.1109/cvpr.2016.90?",
    ],
)
def test_a_paper_is_asked_about_by_its_identifier(bot: Ragbot, question: str) -> None:
    answer = bot.ask(question)
    assert not answer.abstained
    assert answer.quotes[0].text == "An ensemble achieves 3.57% error on ImageNet."
    assert RESNET.title in answer.standalone_question


def test_search_by_identifier_finds_its_paper_first(bot: Ragbot) -> None:
    hit, *_ = bot.search("1512.03385", 3).hits
    assert hit.paper.id == "resnet"
    outside = bot.search("1512.03385", 3, Filters("2020-01-01", None)).hits
    assert "resnet" not in [hit.paper.id for hit in outside]


def test_other_numbers_are_no_identifiers(bot: Ragbot) -> None:
    for question in ("Why is 0.1512.03385 odd?", "What is 1512.03386 about?"):
        assert RESNET.title not in bot.ask(question).standalone_question
