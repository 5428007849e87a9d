"""What papers call their own work. Words only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import dropwhile
from typing import NamedTuple

from ragbot.text.languages import parted
from ragbot.text.latex import readable
from ragbot.text.names import names_in
from ragbot.text.words import match_form

__all__ = ["MOST_WORDS", "Name", "forms_of", "names_of"]

MOST_WORDS = 5
"""A name has at most so many words: "Kolmogorov-Arnold Networks" has two."""

# "Reversible Column Network (RevCol)": a short form behind what it stands for.
_SHORT_FORM = re.compile(r"\((?:[^()]{1,40}, )?([A-Za-z][\w.+-]{1,20})\)")
_OWN = re.compile(
    r"\b(?:propos\w+|introduc\w+|present\w*|develop\w*|call(?:ed)?|nam(?:ed|ely)|dub(?:bed)?|"
    r"term(?:ed)?|describ\w+|creat\w+|design\w*|build|release)\b"
)
# "HyperNetworks" are such, "CodeS" are none.
_PLURAL = re.compile(r"(?<=[a-z]{3})s\Z")
_HYPHEN = re.compile(r"-(?=[^\W\d])")
_WORD = re.compile(r"\w[^\s(]*")
# What is proposed, as far as the sentence goes; what it is for stands behind a preposition.
_END = re.compile(r"[.!?]\s")
_MOST_CHARACTERS = 400
# ": A Survey" tells what kind of work it is.
_DESCRIBES = re.compile(
    r"\s*(?:an?\b|towards?\b|how\b|on\b|(?:surve[yi]|review|overview|tutorial|study)\w*\b)",
    re.I,
)
_PREPOSITION = re.compile(r"\b(?:for|with|on|in|of|to|by|using|that|which|based)\b")


class Name(NamedTuple):
    """A name as it is written, its letters, what it is short for or itself, and whether it stands
    in the title."""

    text: str
    form: str
    long_form: str
    is_title: bool


def names_of(title: str, abstract: str) -> tuple[Name, ...]:
    """What a paper may be called by; a single letter is no name."""
    found = [*_of_title(readable(title)), *_of_abstract(readable(abstract))]
    return tuple(name for name in found if len(name.form) > 1)


@lru_cache(4096)
def forms_of(text: str) -> tuple[str, ...]:
    """The words of a question or a title as `_form` has them."""
    return tuple(map(_form, _WORD.findall(_parted(readable(text)))))


def _of_title(title: str) -> Iterator[Name]:
    """What stands before the colon of a title, or behind it if that is short, a whole short title,
    and short forms in brackets."""
    for short in _SHORT_FORM.findall(title):
        yield _name(short, is_title=True)
    parts = _SHORT_FORM.sub(" ", title).split(":", 1)
    for part in parts:
        is_short = len(part.split()) <= MOST_WORDS
        if is_short and not _DESCRIBES.match(part):
            yield _name(part, is_title=len(parts) > 1)  # else it may be a topic


def _of_abstract(abstract: str) -> Iterator[Name]:
    """What an abstract marks as a name where it says what it proposes."""
    for own in _OWN.finditer(_small(abstract)):
        rest = abstract[own.end() : own.end() + _MOST_CHARACTERS + 1]
        proposed = _END.split(rest, 1)[0][:_MOST_CHARACTERS]
        for marked in names_in(_PREPOSITION.split(proposed, 1)[0])[:1]:
            yield _name(marked)
        short = _SHORT_FORM.search(proposed)
        if short:
            long_form = _long_form(proposed[: short.start()], short[1])
            yield _name(short[1])._replace(long_form=long_form)
            yield _name(long_form)


def _name(text: str, *, is_title: bool = False) -> Name:
    forms = map(_form, _parted(text).split())
    return Name(text.strip(), "".join(forms), text.strip(), is_title)


def _long_form(before: str, short: str) -> str:
    """The words before a short form in brackets of which it is made: from the last one that begins
    as it does, if there are no more of them than letters; the short form where there are none."""
    spoken = _parted(before).split()[-len(short) :]
    first = short[0].lower()
    words = list(dropwhile(lambda word: word[0].lower() != first, spoken))
    if len(words) < 2:
        return short
    return " ".join(words)


def _small(text: str) -> str:
    """A text in small letters, each at its place: of all capitals this one becomes two."""
    return text.replace("İ", "I").lower()


@lru_cache(20_000)
def _form(word: str) -> str:
    """A word in small letters, in the singular; "NeRF++" is another than "NeRF"."""
    bare = _PLURAL.sub("", word.rstrip(".,;:?!)"))
    return match_form(bare) + "+" * bare.count("+")


def _parted(text: str) -> str:
    """With compounds taken apart, but not "GPT-2", and names apart from Chinese around them."""
    return _HYPHEN.sub(" ", parted(text))
