"""What sentences show by their words."""

from __future__ import annotations

import re

from ragbot.reading.cues import CUES, cues_of
from ragbot.testing import tiny_papers
from ragbot.text.sentences import split_sentences

# Phrases whose words stand apart, glued to others, or in capitals
_ODD = [
    "In this, as in: the x. mygithub.io/a, xhttps://a, b.com/ and WWW.c",
    "At the expense of 3.5% (5ms, ~7 FPS, v2.0 and 10 \\times), it is, THE one.",
    "CIFAR10, MNIST / GLUE and UNet++; coco and Glue, KANs, MLPs",
    "Its work; This paper: a trade-off, under-explored, test sets, testsuites, data  sets",
    "_we_ we_ our-own So-called i.e. that is, a b, the, an c",
    "They fail, since existing code is available, but lacks what we built by a new method.",
    "Specifically, current ones are worse than this: we propose to lead to better results.",
    "",
]


def test_cues_are_what_their_patterns_find() -> None:
    patterns = {name: re.compile(pattern) for name, pattern in CUES.items()}
    sentences = [*_ODD, *map(str.upper, _ODD)]
    for paper in tiny_papers():
        sentences += split_sentences(paper.abstract)
    shown = set[str]()
    for sentence in sentences:
        small = dict.fromkeys(CUES, sentence.lower()) | {"named_data": sentence}
        found = [p.search(small[name]) is not None for name, p in patterns.items()]
        assert cues_of(sentence) == list(map(float, found)), sentence
        shown |= {name for name, is_shown in zip(CUES, found, strict=True) if is_shown}
    assert shown == set(CUES)
