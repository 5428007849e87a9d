"""An answer's sentences, whose citations they carry, and which of them claim something."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from ragbot.support.statements import sentences_of

Growth = Callable[[Callable[[str], object], str, int], bool]


def read(markdown: str) -> list[tuple[str, tuple[int, ...], bool]]:
    return [(s.text, s.citations, s.states) for s in sentences_of(markdown)]


@pytest.mark.parametrize(
    ("markdown", "sentences"),
    [
        ("It works [1]. It is fast [2].", [("It works.", (1,)), ("It is fast.", (2,))]),
        ("It works. [1] It is fast.[2]", [("It works.", (1,)), ("It is fast.", (2,))]),
        ("It works. [1][2] The end.", [("It works.", (1, 2)), ("The end.", ())]),
        ("It works [1]. [2] extends it.", [("It works.", (1,)), ("extends it.", (2,))]),
        (
            "It works, e.g. on VGG [1]. Fine.",
            [("It works, e.g. on VGG.", (1,)), ("Fine.", ())],
        ),
        (
            "- It works [1]\n- It is fast [2]",
            [("It works", (1,)), ("It is fast", (2,))],
        ),
        ("It works\nwell [1].", [("It works well.", (1,))]),
        ("It works.\n\n[1]", [("It works.", (1,))]),
        ("[1] KiloNeRF.\n[2] MgNO.", [("KiloNeRF.", (1,)), ("MgNO.", (2,))]),
        ("**KiloNeRF** is _fast_ [1].", [("KiloNeRF is fast.", (1,))]),
        ("It reads x\\[1\\] first [2].", [("It reads x[1] first.", (2,))]),
        ("It works [1].\n\n```\na[2]. B\n```", [("It works.", (1,))]),
        ("| a | b |\n|---|---|\n| MgNO [1] | 3% [2] |", [("MgNO 3%", (1, 2))]),
        ("> It works [1].", [("It works.", (1,))]),
        ("**It works. It is fast [1].**", [("It works.", ()), ("It is fast.", (1,))]),
        (
            "1. It works [1]\n2. It is\n   fast",
            [("It works", (1,)), ("It is fast", ())],
        ),
        ("- Works\n- Is fast\n\n[2]", [("Works", (2,)), ("Is fast", (2,))]),
        ("It works. So it does.\n\n[2]", [("It works.", ()), ("So it does.", (2,))]),
        (
            "| a | b |\n|---|---|\n| A | 1 |\n| B | 2 |\n\n[1] [2]",
            [("A 1", (1, 2)), ("B 2", (1, 2))],
        ),
        ("| a |\n|---|\n| A [2] |\n| B |\n\nSources: [1]", [("A", (2,)), ("B", (1,))]),
        ("| | A [1] |\n|---|---|\n| size | 3 |", [("size 3", (1,))]),
        ("它有效。[2]它很快。[1]", [("它有效。", (2,)), ("它很快。", (1,))]),
        ("", []),
    ],
)
def test_each_sentence_has_its_citations(
    markdown: str, sentences: list[tuple[str, tuple[int, ...]]]
) -> None:
    assert [(text, citations) for text, citations, _ in read(markdown)] == sentences


@pytest.mark.parametrize(
    "quiet",
    [
        "## What helps",
        "**Summary**",
        "Here is what the papers say:",
        "Would you like more detail?",
        "The abstracts do not state the FID.",
        "The abstracts don't mention a learning rate [1].",
        "None of the papers reports the training time.",
        "This is not stated in the abstract [2].",
        "The FID is not given.",
        "I cannot answer this from the abstracts.",
        "I hope this helps!",
        "Yes.",
        "Sure!",
        "### 2. Related work",
        "**KiloNeRF:**",
        "## How it works",
        "## Literature\n\n- [1] KiloNeRF: Speeding up Neural Radiance Fields",
        "```\nx = model.fit(a[1], b) # see the text\n```",
    ],
)
def test_what_claims_nothing(quiet: str) -> None:
    assert not any(states for _, _, states in read(quiet))


@pytest.mark.parametrize(
    "claim",
    [
        "It works.",
        "Yes: clipping works [1].",
        "The abstract does not state the size, but it reaches 90% [1].",
        "The method does not need labels [1].",
        "No training is needed [1].",
        "Here is KiloNeRF with 3 stages [1].",
        "**KiloNeRF is 5000 times faster.**",
        "## KiloNeRF is faster than NeRF",
        "## Literature\n\nKiloNeRF is faster than NeRF.",
        "Literature:\n\n- [1] KiloNeRF is 9000 times faster",
        "```\nKiloNeRF is faster than every other network.\n```",
        "> KiloNeRF is fast",
        "| KiloNeRF | speed |\n|---|---|\n| it | 5 ms |",
        "KiloNeRF is 3x faster:",
        "| KiloNeRF is fast | speed |\n|---|---|",
    ],
)
def test_what_claims_something(claim: str) -> None:
    assert any(states for _, _, states in read(claim))


def test_a_sentence_beside_the_word_sources_may_claim() -> None:
    said = read("Sources. Skip connections stop the output from degeneration.")
    assert [states for _, _, states in said] == [False, True]


def test_a_list_of_sources_claims_nothing_until_the_next_heading() -> None:
    found = read(
        "It works [1].\n\n## Sources\n\n[1] KiloNeRF.\n\n## More\n\nIt is fast [1]."
    )
    assert [states for _, _, states in found] == [True, False, False, False, True]


STARTS = (
    "\\text|*|**|_a|`|[1]|[1],| [1] |- a\n|> |1. |```\n|\n|# |a. |not stated |and |, |é|。|"
    "Sources:\n|\\[1|[1] A.\n|    a\n|<|!"
).split("|")


@pytest.mark.parametrize("start", STARTS)
def test_twice_the_text_takes_twice_the_time(
    start: str, grows_linearly: Growth
) -> None:
    assert grows_linearly(sentences_of, start, 4000)


@pytest.mark.parametrize("seed", range(40))
def test_any_mixture_is_taken_apart_in_order(seed: int) -> None:
    rng = random.Random(seed)
    markdown = "".join(
        rng.choice(STARTS) + rng.choice(["", " ", "1", "\n"]) for _ in range(60)
    )
    found = sentences_of(markdown)
    assert all(0 <= s.start <= s.end <= len(markdown) and s.text for s in found)
    assert [s.start for s in found] == sorted(s.start for s in found)


def test_offsets_point_into_the_markdown() -> None:
    markdown = "It works [1]. It is *fast*. [2]\n\n- Third [3]\n"
    parts = [markdown[s.start : s.end] for s in sentences_of(markdown)]
    assert parts == ["It works [1].", "It is *fast*. [2]", "- Third [3]"]
