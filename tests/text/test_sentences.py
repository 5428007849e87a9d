"""ragbot/text/sentences.py, on made-up traps and on the bundled abstracts."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from ragbot.readers import read_file
from ragbot.resources import bundled_listings
from ragbot.text.sentences import split_sentences

Growth = Callable[[Callable[[str], object], str, int], bool]

# Abstracts whose splitting was read and found right; they hold every trap the listings have.
GOLDEN: dict[str, list[str]] = json.loads(
    (Path(__file__).parents[1] / "fixtures" / "sentences.json").read_text(
        encoding="utf-8"
    )
)


@pytest.fixture(scope="module")
def abstracts() -> dict[str, str]:
    return {
        record.title: record.abstract
        for path in sorted(bundled_listings().glob("*.txt"))
        for record in read_file(path)[1]
    }


@pytest.mark.parametrize("title", GOLDEN)
def test_golden(title: str, abstracts: dict[str, str]) -> None:
    assert split_sentences(abstracts[title]) == GOLDEN[title]


def test_sentences_are_verbatim_and_lose_nothing(abstracts: dict[str, str]) -> None:
    for text in abstracts.values():
        sentences = split_sentences(text)
        assert "".join("".join(sentences).split()) == "".join(text.split())
        assert all(s in text and s == s.strip() for s in sentences)


@pytest.mark.parametrize(
    "text",
    [
        "The loss w.r.t. The parameters falls.",
        "We follow Wang et al. (2020) here.",
        "See Fig. 3 and Eq. 4 for this.",
        "It is fast, i.e. Linear in n.",
        "It is proven by Wang et al. (ii) and shown in Fig. (a) below.",
        "Data such as text, e.g. Wikipedia, help.",
        "Accuracy is 80 vs. 24.37M parameters.",
        "It takes 3.5 hours with version 2.0.1 of it.",
        "Written by J. Schmidhuber and Y. LeCun.",
        "Code is at https://github.com/xinghaochen/SLAB.Git and works.",
        "Files such as node.js or model.safetensors load.",
        "Birds, cars ... and so on are seen.",
        "a text without an end",
    ],
)
def test_one_sentence_stays_one(text: str) -> None:
    assert split_sentences(text) == [text]


@pytest.mark.parametrize(
    "sentences",
    [
        ["We prune that.", "EasySpec is fast."],
        ["It wins by 5%.", "The rest loses."],
        ["Does it help?", "It does!", "We show how."],
        ["Images, text, etc.", "Two agents are trained."],
        ["It was defined by Wang et al.", "The model is small."],
        ["Learning from raw audio.", "wav2vec is trained on it."],
        ["It uses tpSGD.", "tpSGD generalizes it."],
        ['They call it "depth."', "We do not."],
        ["The weights come from G.", "We train G."],
        ["It has three parts.", "(i) The loss falls.", "(ii) we train."],
        ["It has two parts.", "a) The loss falls.", "iv) A bound holds."],
        ["Он работает.", "Мы показываем это."],
        ["¿Funciona?", "¡Sí!"],
        ["Funciona bien.", "El método usa matrices."],
    ],
)
@pytest.mark.parametrize("space", [" ", "  ", "\n"])
def test_sentences_are_parted(sentences: list[str], space: str) -> None:
    assert split_sentences(space.join(sentences)) == sentences


def test_a_full_stop_glued_to_the_next_sentence_parts_them() -> None:
    text = "the efficiency of multi-GPU use.EasySpec breaks the order."
    assert split_sentences(text) == [
        "the efficiency of multi-GPU use.",
        "EasySpec breaks the order.",
    ]


@pytest.mark.parametrize("text", ["", "  \n "])
def test_nothing_has_no_sentences(text: str) -> None:
    assert split_sentences(text) == []


@pytest.mark.parametrize(
    "sentences",
    [
        ["它有效。", "它很快！", "为什么？", "我们不知道。"],
        ["有効です。", "「速い。」", "と言う。"],
        ["यह काम करता है।", "यह तेज़ है।"],
        ["هل يعمل؟", "نعم يعمل."],
    ],
)
@pytest.mark.parametrize("space", ["", " "])
def test_scripts_that_part_sentences_without_a_space(
    sentences: list[str], space: str
) -> None:
    assert split_sentences(space.join(sentences)) == sentences


STARTS = "e.g. |a. |.|!|?) |... |A. |http://a.B |a.|a.Bc |。|。」|i.e.|et al. |J. |[.|é. |\n".split(
    "|"
)


@pytest.mark.parametrize("start", STARTS)
def test_twice_the_text_takes_twice_the_time(
    start: str, grows_linearly: Growth
) -> None:
    assert grows_linearly(split_sentences, start, 16000)


@pytest.mark.parametrize("seed", range(30))
def test_any_mixture_loses_nothing(seed: int) -> None:
    rng = random.Random(seed)
    text = "".join(
        rng.choice(STARTS) + rng.choice(["", " ", "A", "b"]) for _ in range(60)
    )
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())
