"""What the abstracts bear out and what they do not, on real papers, vectors and stems."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest

from ragbot.embedding import Embedder
from ragbot.support.numbers import quantities
from ragbot.support.statements import sentences_of
from ragbot.support.verify import Evidence, check, check_all
from ragbot.text.sentences import split_sentences
from ragbot.text.words import STOPWORDS, words
from ragbot.types import Paper

EASYSPEC = Paper(
    "a",
    "EasySpec: Layer-Parallel Speculative Decoding for Efficient Multi-GPU Utilization",
    "Speculative decoding is an effective and lossless method for Large Language Model inference "
    "acceleration. We propose EasySpec, a layer-parallel speculation strategy that optimizes the "
    "efficiency of multi-GPU utilization. The results demonstrate that EasySpec can achieve a peak "
    "speedup of 4.17x compared to vanilla decoding, while preserving the original distribution of "
    "the base LLMs. Specifically, the drafting stage can be accelerated by up to 1.62x with a "
    "maximum accuracy drop of only 7%, requiring no training or fine-tuning on the draft models.",
    date="2025-02-12",
)
RANK = Paper(
    "b",
    "Attention is Not All You Need: Pure Attention Loses Rank Doubly Exponentially with Depth",
    "This work proposes a new way to understand self-attention networks. Using this decomposition, "
    "we prove that self-attention possesses a strong inductive bias towards token uniformity. "
    "Specifically, without skip connections or multi-layer perceptrons (MLPs), the output "
    "converges doubly exponentially to a rank-1 matrix. On the other hand, skip connections and "
    "MLPs stop the output from degeneration.",
)


def stems(text: str) -> list[str]:
    """Plural and the like cut off: enough for these sentences, and no index is needed."""
    parts = [p for w in words(text) for p in w.split("-") if p not in STOPWORDS]
    return list(
        dict.fromkeys(re.sub(r"(?:ing|ed|es|s|e)$", "", p) for p in parts if len(p) > 1)
    )


class Judge:
    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.evidence = {
            n: self._taken_apart(p) for n, p in enumerate([EASYSPEC, RANK], 1)
        }

    def _taken_apart(self, paper: Paper) -> Evidence:
        vectors = self._embedder.embed_queries(split_sentences(paper.abstract))
        return Evidence(paper, vectors, stems, lambda _: 1.0)

    def __call__(self, sentence: str, *cited: int) -> tuple[str, str | None]:
        vector = self._embedder.embed_queries([sentence])[0]
        others = [e for n, e in self.evidence.items() if n not in cited]
        verdict = check(sentence, vector, {n: self.evidence[n] for n in cited}, others)
        return verdict.support, verdict.reason


@pytest.fixture(scope="module")
def judge(embedder: Embedder) -> Iterator[Judge]:
    return Judge(embedder)


@pytest.mark.parametrize("paper", [1, 2])
def test_what_an_abstract_says_is_supported_by_it_alone(
    judge: Judge, paper: int
) -> None:
    for sentence in judge.evidence[paper].sentences:
        assert judge(sentence, paper) == ("supported", None)
        assert judge(sentence, 3 - paper)[0] == "unsupported"


@pytest.mark.parametrize(
    "sentence",
    [
        "EasySpec reaches a peak speed-up of 4.17× over vanilla decoding.",
        "It speeds decoding up 4.17 times and keeps the original distribution of the base LLMs.",
        "Drafting becomes up to 1.62-fold faster, and accuracy drops by at most seven percent.",
        "The draft models need no fine-tuning or training.",
        "In 2025, EasySpec proposed layer-parallel speculation for multi-GPU decoding.",
    ],
)
def test_a_paraphrase_is_supported(judge: Judge, sentence: str) -> None:
    assert judge(sentence, 1) == ("supported", None)


@pytest.mark.parametrize(
    ("sentence", "cited", "reason"),
    [
        (
            "EasySpec reaches a peak speed-up of 4.71x over vanilla decoding.",
            1,
            "4.71x does not occur in [1]",
        ),
        (
            "The drafting stage is accelerated with a maximum accuracy drop of 40 %.",
            1,
            "40 % does not occur in [1]",
        ),
        (
            "The drafting stage is accelerated with a maximum accuracy drop of 7 points.",
            1,
            "7 points does not occur in [1]",
        ),
        (
            "In 2021, EasySpec proposed layer-parallel speculation for multi-GPU decoding.",
            1,
            "2021 does not occur in [1]",
        ),
        (
            "KiloNeRF achieves a peak speedup of 4.17x compared to vanilla decoding.",
            1,
            "KiloNeRF does not occur in [1]",
        ),
        (
            "Bananas are rich in potassium and easy to peel.",
            1,
            "[1] says nothing close to this",
        ),
        (
            "Skip connections and MLPs stop the output from degeneration.",
            1,
            "MLPs does not occur in [1]",
        ),
        (
            "Skip connections and multi-layer perceptrons stop the output from degeneration.",
            1,
            f"“{RANK.title}” says this rather than [1]",
        ),
        (
            "Skip connections and MLPs do not stop the output from degeneration.",
            2,
            "[2] seems to say the opposite (“not”)",
        ),
        (
            "The drafting stage can be slowed by up to 1.62x with a maximum accuracy drop of only "
            "7%, requiring training or fine-tuning on the draft models.",
            1,
            "[1] seems to say the opposite (“no”)",
        ),
        (
            "Self-attention possesses a weak inductive bias towards token uniformity.",
            2,
            "[2] seems to say the opposite (“weak”)",
        ),
    ],
)
def test_the_reason_says_what_is_wrong(
    judge: Judge, sentence: str, cited: int, reason: str
) -> None:
    assert judge(sentence, cited) == ("unsupported", reason)


def test_another_language_is_not_passed_off_as_checked(judge: Judge) -> None:
    german = "EasySpec beschleunigt die Dekodierung um das {}-Fache und ist nicht verlustbehaftet."
    assert judge(german.format("4.17"), 1)[0] == "not_checked"
    assert judge(german.format("4.71"), 1)[0] == "unsupported"
    assert judge("EasySpec 将解码加速4.17倍。", 1)[0] == "not_checked"
    assert judge("EasySpec 将解码加速8倍。", 1)[0] == "unsupported"
    assert (
        judge(german.replace("EasySpec", "KiloNeRF").format("4.17"), 1)[0]
        == "unsupported"
    )


def test_an_answer_is_checked_sentence_by_sentence(
    judge: Judge, embedder: Embedder
) -> None:
    markdown = (
        "Here is what the papers say:\n\n"
        "- EasySpec can achieve a peak speedup of 4.17x compared to vanilla decoding [1].\n"
        "- Skip connections stop the output from degeneration.\n"
        "- It drops 9% of accuracy [1].\n"
    )
    statements = sentences_of(markdown)
    vectors = embedder.embed_queries([s.text for s in statements])
    found = check_all(statements, vectors, judge.evidence)
    assert [s.support for s in found] == [
        "not_checked",
        "supported",
        "uncited",
        "unsupported",
    ]
    assert [s.citations for s in found] == [(), (1,), (), (1,)]


def test_without_vectors_the_words_decide(embedder: Embedder) -> None:
    evidence = {1: Evidence(EASYSPEC, None, stems, lambda _: 1.0)}
    nothing = np.zeros(embedder.dimension, np.float32)
    sentence = split_sentences(EASYSPEC.abstract)[1]
    assert check(sentence, nothing, evidence).support == "supported"
    assert (
        check("Bananas are easy to peel.", nothing, evidence).support == "unsupported"
    )


def test_a_paper_without_an_abstract_supports_its_title_at_most() -> None:
    bare = Evidence(Paper("c", "KiloNeRF renders fast", ""), None, stems, lambda _: 1.0)
    nothing = np.zeros(4, np.float32)
    assert check("KiloNeRF renders fast.", nothing, {1: bare}).support == "supported"
    assert (
        check("KiloNeRF renders 9 scenes.", nothing, {1: bare}).support == "unsupported"
    )


def test_the_rest_of_a_share_is_of_what_the_share_is_not() -> None:
    abstract = (
        "More than 97.5 % of weights are stored in 4-bit, outliers as 16-bit numbers."
    )
    source = Evidence(Paper("d", "Weights", abstract), None, stems, lambda _: 1.0)
    nothing = np.zeros(4, np.float32)
    rest = "Less than 2.5 % of weights are stored in 16-bit."
    assert check(rest, nothing, {1: source}).support == "supported"
    swapped = "More than 97.5 % of weights are stored in 16-bit."
    assert check(swapped, nothing, {1: source}).support == "unsupported"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("40%", "40 %"),
        ("40%", "forty percent"),
        ("40\\%", "40 per cent"),
        ("2.5x", "2.5×"),
        ("2.5-fold", "2.5 times"),
        ("$100\\times$", "100x"),
        ("1,000", "1k"),
        ("1,000", "1000"),
        ("175B", "175 billion"),
        ("half", "50%"),
        ("twice", "2x"),
        ("a factor of 3", "3×"),
        ("0.12 ms", "0.12 milliseconds"),
        ("$10^{6}$", "1 million"),
        ("five", "5"),
        ("two percentage points", "2 points"),
        ("7.50", "7.5"),
    ],
)
def test_two_spellings_of_a_number_are_one(one: str, other: str) -> None:
    (a,), (b,) = quantities(f"It is {one} here"), quantities(f"It is {other} here")
    assert a.fits(b)
    assert b.fits(a)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("40%", "40 points"),
        ("2x", "2%"),
        ("5 ms", "5 s"),
        ("1.5", "15"),
        ("40%", "40"),
        ("1k", "1M"),
    ],
)
def test_other_numbers_and_units_are_not(one: str, other: str) -> None:
    (a,), (b,) = quantities(f"It is {one} here"), quantities(f"It is {other} here")
    assert not a.fits(b)


@pytest.mark.parametrize(
    "text",
    [
        "GPT-4",
        "CIFAR-10",
        "ResNet50",
        "3D",
        "Figure 3",
        "Table 2",
        "top-1",
        "(1) it works",
    ],
)
def test_digits_that_count_nothing(text: str) -> None:
    assert quantities(f"See {text} here") == []
