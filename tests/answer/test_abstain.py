"""ragbot/answer/abstain.py: when a question is not covered, and when a detail is not stated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from ragbot.answer.abstain import reason_to
from ragbot.pipeline import Ragbot
from ragbot.question import read
from ragbot.testing import tiny_collection, tiny_papers
from ragbot.types import Paper, Reason

OLINEAR, MATRYOSHKA, EQUIANGULAR, STYLE, PRUNING = PAPERS = tiny_papers()


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ragbot]:
    with tiny_collection(tmp_path_factory.mktemp("tiny")) as bot:
        yield bot


def reason(
    bot: Ragbot,
    question: str,
    papers: Sequence[Paper] = PAPERS,
    *,
    nearest: float = 0.9,
    standalone: str | None = None,
) -> Reason | None:
    retriever = bot.retriever()
    query = retriever.prepare(standalone or question)
    return reason_to(read(question), query, papers, retriever, nearest, 0.4)


# -- nothing close ------------------------------------------------------------------------------


def test_without_papers_nothing_is_close(tiny: Ragbot) -> None:
    assert reason(tiny, "What does OLinear forecast?", []) == "nothing_close"


@pytest.mark.parametrize("question", ["?!", "…", "\0"])
def test_without_a_letter_nothing_is_close(tiny: Ragbot, question: str) -> None:
    assert reason(tiny, question) == "nothing_close"


def test_the_threshold_parts_close_from_far(tiny: Ragbot) -> None:
    question = "How does one accelerate forecasts?"
    assert reason(tiny, question, nearest=0.39) == "nothing_close"
    assert reason(tiny, question, nearest=0.41) is None


@pytest.mark.parametrize(
    "question",
    ["Tell me about OLinear", "Tell me about matryoshka KV: MatryoshkaKV", "EBVs?"],
)
def test_a_rare_name_is_close_whatever_the_cosine(tiny: Ragbot, question: str) -> None:
    assert reason(tiny, question, nearest=0.0) is None


def test_a_name_that_nobody_bears_is_not_close(tiny: Ragbot) -> None:
    assert reason(tiny, "Tell me about NoSuchNet", nearest=0.0) == "nothing_close"
    assert (
        reason(tiny, "Tell me about OLinear", [STYLE], nearest=0.0) == "nothing_close"
    )


@pytest.mark.parametrize(
    "question",
    [
        "What are Equiangular Basis Vectors?",
        "what are equiangular basis vectors?",
        "papers on matryoshkakv",
        "Which papers study equiangular vectors?",
        "pruning channels",
    ],
)
def test_what_the_words_of_a_title_ask_is_close(tiny: Ragbot, question: str) -> None:
    assert reason(tiny, question, nearest=0.0) is None


def test_some_words_of_a_title_are_not_enough(tiny: Ragbot) -> None:
    asked = "Which networks classify basis functions of molecules?"
    assert reason(tiny, asked, nearest=0.0) == "nothing_close"


def test_a_follow_up_is_close_by_what_it_refers_to(tiny: Ragbot) -> None:
    standalone = "What does OLinear forecast? And how well?"
    assert reason(tiny, "And how well?", nearest=0.0, standalone=standalone) is None


# -- not stated ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        "Which optimizer does OLinear use?",
        "What learning rate schedule was OLinear trained with?",
        "How many GPU hours does MatryoshkaKV need?",
        "What PSNR does OLinear reach?",
        "How does OLinear compare with ConvNeXt-V2?",
        "Does MatryoshkaKV beat PyramidKV-7?",
        "Who are the authors of OLinear?",
        "Who wrote it?",
    ],
)
def test_a_detail_that_a_named_work_does_not_give(tiny: Ragbot, question: str) -> None:
    assert reason(tiny, question) == "not_stated"


@pytest.mark.parametrize(
    "question",
    [
        "How many benchmarks and forecasting tasks does OLinear use?",
        "Which axis does MatryoshkaKV focus on for cache compression?",
        "What does OLinear forecast?",
        "How does OLinear work?",
        "Compare OLinear and MatryoshkaKV",
        "How does MatryoshkaKV, or Matryoshka-KW, compress?",  # misspelt, no other work
        # about no named work: the papers are asked for, or the topic
        "Which papers use an optimizer beside OLinear?",
        "Which optimizer do people use?",
        "Who forecasts with OLinear?",
    ],
)
def test_what_the_abstracts_may_well_say(tiny: Ragbot, question: str) -> None:
    assert reason(tiny, question) is None


def test_what_is_asked_for_is_no_work_that_is_asked(tiny: Ragbot) -> None:
    """Another paper's F1 is not OLinear's, though the question names both."""
    other = Paper("other", "Recognizing Image Style", "It reaches an F1 of 0.9.")
    assert (
        reason(tiny, "What F1 score does OLinear reach?", [OLINEAR, other])
        == "not_stated"
    )
    said = Paper("said", OLINEAR.title, "OLinear reaches an F1 of 0.9.")
    assert reason(tiny, "What F1 score does OLinear reach?", [said, other]) is None


def test_only_the_named_work_is_asked(tiny: Ragbot) -> None:
    """Another paper's speed-up is not OLinear's."""
    assert "speed-up" in PRUNING.abstract
    assert reason(tiny, "What speed-up does OLinear reach?") == "not_stated"
    assert reason(tiny, "What speed-up does channel pruning reach?") is None


def test_the_longest_name_says_which_work_is_asked(tiny: Ragbot) -> None:
    """OLinear's address is not that of the "OLinear Transformer"."""
    other = Paper("other", "OLinear Transformer", "OLinear is carried over.")
    question = "Where is the code of the OLinear Transformer?"
    own = Paper("own", OLINEAR.title, "The code of OLinear is available at github.com.")
    assert reason(tiny, question, [other, own]) == "not_stated"
    assert reason(tiny, "Where is the code of OLinear?", [other, own]) is None


def test_an_implementation_in_something_is_no_code_to_be_had(tiny: Ragbot) -> None:
    made = Paper("made", "OLinear", "By implementing OLinear in CUDA, we are fast.")
    question = "Is there code for OLinear?"
    assert reason(tiny, question, [made]) == "not_stated"
    had = Paper("had", "OLinear", f"{made.abstract} Our code is publicly available.")
    assert reason(tiny, question, [had]) is None


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Was leistet Equiangular für die Klassifikation?", None),
        ("Comment fonctionne la Multivariate-Prognose ?", "nothing_close"),
        ("Wie backe ich ein Sauerteigbrot?", "nothing_close"),
    ],
)
def test_a_word_of_a_title_in_another_language(
    tiny: Ragbot, question: str, expected: Reason | None
) -> None:
    assert reason(tiny, question, nearest=0.0) == expected
