"""ragbot/text/quotable.py, on sentences as abstracts have them."""

from collections.abc import Callable
from itertools import chain

import pytest

from ragbot.readers import read_file
from ragbot.resources import bundled_listings
from ragbot.text.quotable import is_quotable, opens_with_reference
from ragbot.text.sentences import split_sentences

Growth = Callable[[Callable[[str], object], str, int], bool]


@pytest.fixture(scope="module")
def sentences() -> list[str]:
    records = chain.from_iterable(
        read_file(path)[1] for path in sorted(bundled_listings().glob("*.txt"))
    )
    return [s for record in records for s in split_sentences(record.abstract)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "...",
        "2025.",
        "46.7%).",
        "moments?",
        "Results.",
        "(S2) Group KAN.",
        "(C2) Parameter and Computation Inefficiency.",
        "2) Optimisation challenges.",
        "(3) Multiple difficulty-based scheduling.",
        "and Transition Modeling (“what comes next?”)",
        "Keywords: online learning, regret bounds, resource allocation, and networks.",
        "Key words and phrases: trees; we; graphs that are sparse; random walks; bounds",
        "Index Terms - Electric vehicles, perception, segmentation, prompt engineering.",
        "**Keywords**: causality, networks",
        "Mots-clés : apprentissage, réseaux, graphes",
        "关键词：深度学习；剪枝",
        "Warning: this paper contains examples of harmful text.",
        "Accepted at ICLR 2024 (oral).",
        "12 pages, 5 figures.",
        "* Equal contribution.",
    ],
)
def test_labels_remarks_and_scraps_are_not_quoted(text: str) -> None:
    assert not is_quotable(text)


@pytest.mark.parametrize(
    "text",
    [
        "It follows three stages.",
        "Transformer-based models excel in speech recognition.",
        "Attentional mechanisms are order-invariant.",
        "Three findings emerge.",
        "Respect demands reciprocity.",
        "Sensitivity and specificity both exceeded 0.90.",
        "wav2vec 2.0 outperforms them.",
        "Topic-controlled summarisation enables short texts.",
        "Published in 2019, BERT was trained on two objectives and a large corpus.",
        "Code: https://github.com/someone/something.",
        "Code available at: someone/something",
        "Do they transfer at all?",
        "El modelo es rápido.",
        "模型更小。",
    ],
)
def test_what_says_something_is_quoted(text: str) -> None:
    assert is_quotable(text)


def test_of_real_sentences_few_say_nothing(sentences: list[str]) -> None:
    left_out = [s for s in sentences if not is_quotable(s)]
    assert 0 < len(left_out) < len(sentences) / 250
    assert max(map(len, split_words(left_out))) < 40


def split_words(texts: list[str]) -> list[list[str]]:
    return [text.split() for text in texts]


@pytest.mark.parametrize(
    "text",
    [
        "This phenomenon is known as grokking.",
        "This allows the model to attend to all layers.",
        "These features are merged.",
        "These results have never been published.",
        "It learns a mask.",
        "It is able to learn a mask.",
        "It is fast.",
        "They fail on long inputs.",
        "However, they fail on long inputs.",
        "(ii) Its gain is large.",
        "Such methods need labels.",
        "The latter is faster.",
        "Those layers are skipped.",
        "Both methods need labels.",
        "All of them need labels.",
        "In this framework, the channel is estimated first.",
        "While this works well, labels are needed.",
        "As a result, it achieves more.",
        "That is, the loss falls.",
        "Under these assumptions, a bound holds.",
    ],
)
def test_what_needs_its_neighbour(text: str) -> None:
    assert opens_with_reference(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "This paper introduces a mask.",
        "This technical report describes a mask.",
        "This comprehensive survey covers masks.",
        "In this paper, we introduce a mask.",
        "In this work, a mask is learnt.",
        "These results show that masks help.",
        "These findings strongly suggest that masks help.",
        "It is well known that masks help.",
        "It remains unclear whether masks help.",
        "It has been shown that masks help.",
        "Both masks and labels are learnt.",
        "Items are ranked.",
        "Thesis and theory differ.",
        "To address these issues, we introduce a mask.",
        "Existing methods, such as masks, need labels.",
        "Unlike existing methods, such as masks, labels are cheap.",
        "The model is small, and it is fast.",
        "We learn both of them.",
    ],
)
def test_what_stands_alone(text: str) -> None:
    assert not opens_with_reference(text)


def test_a_good_share_of_real_sentences_refer_back(sentences: list[str]) -> None:
    """Some 8 % do; an opening never does."""
    share = sum(map(opens_with_reference, sentences)) / len(sentences)
    assert 0.05 < share < 0.12


@pytest.mark.parametrize(
    "start", ["a, ", "it is ", "This ", "Key-", "(i) ", "These a "]
)
@pytest.mark.parametrize("function", [is_quotable, opens_with_reference])
def test_twice_the_text_takes_twice_the_time(
    start: str, function: Callable[[str], object], grows_linearly: Growth
) -> None:
    assert grows_linearly(function, start, 16000)
