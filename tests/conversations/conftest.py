"""A file of conversations, and answers to keep in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ragbot.conversation_types import SavedTurn
from ragbot.conversations import FILE, Conversations
from ragbot.types import Answer, Citation, Hit, Paper, Quote, Sentence

RESNET = Paper(
    "resnet",
    "Deep Residual Learning for Image Recognition",
    "Deeper neural networks are more difficult to train.",
    date="2015-12",
    authors=("Kaiming He", "Xiangyu Zhang"),
    arxiv_id="1512.03385",
)
VGG = Paper("vgg", "Very Deep Convolutional Networks", "Depth matters.", doi="10.1/x")


def answered(question: str, text: str = "Depth helps [1].") -> SavedTurn:
    """A question with an answer of a language model."""
    said = Quote(1, RESNET.abstract)
    answer = Answer(
        question=question,
        standalone_question=question,
        mode="llm",
        text=text,
        abstained=False,
        reason=None,
        sentences=(Sentence(text, (1,), True, "supported", None, (said,)),),
        quotes=(said,),
        papers=(Citation(1, RESNET, 1 / 3, (RESNET.abstract,)),),
        also_retrieved=(Hit(VGG, 0.1, 0.2, 0.3),),
        invalid_citations_removed=0,
        confidence=2 / 3,
        fingerprint={"collection": "0123"},
    )
    return SavedTurn(question, answer=answer, shown=text)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / FILE


@pytest.fixture
def conversations(path: Path) -> Iterator[Conversations]:
    kept = Conversations.open(path)
    yield kept
    kept.close()


@pytest.fixture
def answer() -> Callable[..., SavedTurn]:
    return answered
