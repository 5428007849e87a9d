"""Names of methods and data, in English and beside other scripts, and where they stand."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from ragbot.text.names import names_in, phrases_in, stands_in

Growth = Callable[[Callable[[str], object], str, int], bool]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "How do KiloNeRF and PVD-AL differ from end-to-end ones?",
            ["KiloNeRF", "PVD-AL"],
        ),
        ("MatryoshkaKV在平均60%的压缩率下", ["MatryoshkaKV"]),
        ("MLKV相比MQA将KV缓存缩小6倍", ["MLKV", "MQA", "KV"]),
        ("MLKVはMQAより小さい", ["MLKV", "MQA"]),
        ("MLKV는 MQA보다 작다", ["MLKV", "MQA"]),
        ("GPT-4 and wav2vec, OTFusion.", ["GPT-4", "wav2vec", "OTFusion"]),
        ("M³AE and BT²", ["BT"]),
        ("WHY IS THIS ALL IN CAPITALS", []),
    ],
)
def test_names(text: str, names: list[str]) -> None:
    assert names_in(text) == names


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("What is the Deep Interest Network?", ["Deep Interest Network"]),
        ("Deep Interest Network and Basis Vectors", ["Basis Vectors"]),
        ("Is a Self-Supervised Model used", ["Self-Supervised Model"]),
        ("nothing here", []),
    ],
)
def test_phrases(text: str, phrases: list[str]) -> None:
    assert phrases_in(text) == phrases


@pytest.mark.parametrize(
    ("name", "text", "stands"),
    [
        ("PVD-AL", "we call it PVDAL here", True),
        ("KiloNeRF", "kilo-nerf is fast", True),
        ("NeRF", "KiloNeRF is fast", False),
        ("NeRF", "NeRFs are slow", False),
        ("RF", "of RFF, RFs and RF", True),
        ("BT^2", "by BT² it", True),
        ("BT2", "by BT^2 it", True),
        ("BT", "by BT² it", True),
        ("M3AE", "by M³AE it", True),
        ("AE", "by M³AE it", False),
        ("F1", "the F₁ score", True),
    ],
)
def test_a_name_stands_in_a_text_as_a_word(name: str, text: str, stands: bool) -> None:
    assert stands_in(name, text) == stands


@pytest.mark.parametrize(
    ("text", "stands"),
    [("NeRFs are", True), ("NeRFv2 is", True), ("NeRF-2", True), ("NeRFer is", False)],
)
def test_a_name_stands_there_with_an_ending(text: str, stands: bool) -> None:
    assert stands_in("NeRF", text, inflected=True) == stands


STARTS = ["Q1 ", "A-", "A.", "A+", "Ab ", "a-", "aQ", "无", "A1"]


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize(
    "function", [names_in, phrases_in, lambda text: stands_in("A1A1a", text)]
)
def test_twice_the_text_takes_twice_the_time(
    function: Callable[[str], object], start: str, grows_linearly: Growth
) -> None:
    assert grows_linearly(function, start, 16000)


@pytest.mark.parametrize("seed", range(30))
def test_every_name_stands_where_it_was_found(seed: int) -> None:
    rng = random.Random(seed)
    text = "".join(
        rng.choice(STARTS) + rng.choice(["", " ", "b", "2"]) for _ in range(40)
    )
    assert all(name in text and stands_in(name, text) for name in names_in(text))
    assert all(phrase in text for phrase in phrases_in(text))


@pytest.mark.parametrize("name", ["", " ", "…", "\u200b"])
def test_what_has_no_letter_and_no_digit_stands_nowhere(name: str) -> None:
    assert not stands_in(name, f"The name {name} is no name.")
