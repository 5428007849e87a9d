"""What looks like the name of a method, a model or a data set, and where it stands. Words only."""

from __future__ import annotations

import re

from ragbot.text.latex import readable
from ragbot.text.words import STOPWORDS, match_form

__all__ = ["names_in", "phrases_in", "stands_in"]

_NAME = re.compile(r"(?<![\w-])[^\W\d_][\w+.-]*\w\+{0,2}(?![\w])")
_PHRASE = re.compile(r"\b[A-Z][\w-]*\w(?: [A-Z][\w-]*\w)+")


def names_in(question: str) -> list[str]:
    """Words that look like names of methods, models or data sets: inner or all capitals, a digit.

    ``KiloNeRF``, ``OTFusion``, ``PVD-AL``, ``Meta-SpikeFormer``; not ``Which`` or ``end-to-end``.
    """
    names = []
    for match in _NAME.finditer(question):
        word = match.group()
        marked = any(c.isupper() for c in word[1:]) or any(c.isdigit() for c in word)
        if marked and word.lower() not in STOPWORDS and not _shouting(question):
            names.append(word)
    return list(dict.fromkeys(names))


def _shouting(question: str) -> bool:
    letters = [c for c in question if c.isalpha()]
    return len(letters) > 12 and sum(c.isupper() for c in letters) > 0.7 * len(letters)


def phrases_in(question: str) -> list[str]:
    """Runs of two or more capitalised words after the first word: "Deep Interest Network"."""
    return [m.group().strip() for m in _PHRASE.finditer(question) if m.start() > 0]


def stands_in(name: str, text: str) -> bool:
    """Whether a name stands in a text as a word of its own, however it is spelled."""
    pattern = r"[\W_]*".join(map(re.escape, match_form(name)))
    return bool(re.search(rf"(?<![^\W_]){pattern}(?![^\W_])", readable(text), re.I))
