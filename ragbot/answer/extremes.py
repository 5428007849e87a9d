"""Numbers that papers report for one thing, in order: "the best accuracy on ImageNet".

Which is the best is left to the reader: settings differ from paper to paper.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import filterfalse, product, takewhile
from operator import methodcaller

from ragbot.text.latex import readable
from ragbot.text.names import names_in, stands_in
from ragbot.text.words import STOPWORDS, words
from ragbot.types import RankedSentence, Source

__all__ = ["Reported", "extremes", "measured"]

# Where less is better.
_LESS = re.compile(
    r"\b(?:lowest|smallest|least|fewest|shortest|minimal|error|fid|perplexity|wer|cer|mse|mae|"
    r"rmse|loss|latency|cost|memory|parameters|flops|time|lpips|energy|consumption)\b",
    re.I,
)
# What is measured, and the unit in which it is given.
_MEASURES = (
    (
        r"accura\w+|precision|recall|dice|miou|iou|ap|map|auc|f1|percent\w*|rate|top-?\d",
        r"\s*\\?(?:%|percent)",
    ),
    (r"speed-?\s?ups?|faster|acceleration|times", r"\s*(?:×|x\b|times\b|-?fold\b)"),
    (r"fps|frames?", r"\s*(?:fps\b|frames?\b)"),
    (r"fid|perplexity|wer|cer|mse|mae|rmse|loss|bleu|rouge|psnr|ssim|lpips|ndcg", ""),
)
_UNITS = [(re.compile(what, re.IGNORECASE), unit) for what, unit in _MEASURES]
_NUMBER = r"(?<![\w.-])(?P<value>\d+(?:,\d{3})*(?:\.\d+)?)"
_FILLING = STOPWORDS | frozenset(
    """best highest lowest largest smallest biggest fastest greatest top strongest most least
    accurate reported report reports achieved reached known number value result results model
    method paper abstract abstracts collection overall ever far""".split()
)
# "A, B, C, and D, respectively": names in a row.
_LISTED = re.compile(
    r"(?:[\w.-]+,\s+){1,6}(?:and\s+)?[\w.-]+(?=,?.{0,40}\brespectively\b)"
)
_SEPARATOR = re.compile(r",\s+(?:and\s+)?|\s+and\s+")


@dataclass(frozen=True, slots=True)
class Reported:
    """A sentence of a paper that reports a number for what is asked."""

    source: Source
    sentence: RankedSentence
    value: float


def extremes(question: str, sources: Sequence[Source]) -> list[Reported]:
    """What the papers report, a number each, the best first as the question has it."""
    wanted = _Wanted.of(question)
    found = filter(None, map(partial(_best, wanted), sources))
    return sorted(found, key=wanted.place)


def measured(question: str) -> str:
    """What a superlative is on, in the words that a paper would use: "ImageNet accuracy"."""
    return " ".join(filterfalse(_is_filling, question.split())) or question


def _is_filling(word: str) -> bool:
    return word.lower().strip("?.,!") in _FILLING


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a superlative asks for: on what, or else of which measure, the number with its unit,
    and the sign that sorts the best first."""

    names: tuple[str, ...]
    measures: tuple[re.Pattern[str], ...]
    number: re.Pattern[str]
    sign: int

    @classmethod
    def of(cls, question: str) -> _Wanted:
        measures = _measures(words(question))
        named = filterfalse(lambda name: name.lower() in measures, names_in(question))
        unit = next(iter(measures.values()), "")
        return cls(
            tuple(named),
            tuple(map(_beginning, measures)),
            re.compile(_NUMBER + unit, re.IGNORECASE),
            1 if _LESS.search(question) else -1,
        )

    def place(self, reported: Reported) -> float:
        """Where a number stands among others: the least is first."""
        return self.sign * reported.value


def _measures(spoken: Iterable[str]) -> dict[str, str]:
    """The words that name a measure, with the pattern of its unit."""
    pairs = product(spoken, _UNITS)
    return {word: unit for word, (what, unit) in pairs if what.fullmatch(word)}


def _beginning(word: str) -> re.Pattern[str]:
    return re.compile(rf"\b{re.escape(word)}", re.IGNORECASE)


def _best(wanted: _Wanted, source: Source) -> Reported | None:
    reported = [
        Reported(source, sentence, value)
        for sentence in source.ranked
        for value in _values(readable(sentence.text), wanted)
    ]
    return min(reported, key=wanted.place, default=None)


def _values(sentence: str, wanted: _Wanted) -> list[float]:
    """The number that a sentence gives for each thing asked about that it names."""
    numbers = list(wanted.number.finditer(sentence))
    if not numbers:
        return []
    if wanted.names:
        named = filter(partial(stands_in, text=sentence), wanted.names)
        given = map(partial(_number_of, sentence, numbers), named)
    else:
        measured = map(methodcaller("search", sentence), wanted.measures)
        given = map(partial(_nearest, numbers), filter(None, measured))
    return [float(number["value"].replace(",", "")) for number in given]


def _number_of(
    sentence: str, numbers: Sequence[re.Match[str]], name: str
) -> re.Match[str]:
    """The number that goes with a name: the one in its place where they are said "respectively",
    else the last one before it ("90 % on X"), else the first behind it."""
    at = max(sentence.lower().find(name.lower()), 0)
    before = takewhile(lambda number: number.end() <= at, numbers)
    nearest = [numbers[0], *before][-1]
    return next(_in_its_place(at, sentence, numbers), nearest)


def _in_its_place(
    at: int, sentence: str, numbers: Sequence[re.Match[str]]
) -> Iterator[re.Match[str]]:
    """The number in the place that names said "respectively" have there, if they are."""
    lists = _LISTED.finditer(sentence)
    for listed in filter(lambda found: found.start() <= at < found.end(), lists):
        place = len(_SEPARATOR.findall(sentence, listed.start(), at))
        behind = [n for n in numbers if n.start() > listed.end()] or numbers
        yield from behind[place : place + 1]


def _nearest(numbers: Sequence[re.Match[str]], word: re.Match[str]) -> re.Match[str]:
    """The number that stands nearest to a word; behind it rather than before it."""

    def away(number: re.Match[str]) -> int:
        # One of them is behind the word, so that the other distance is below 0.
        return max(number.start() - word.end(), 2 * (word.start() - number.end()))

    return min(numbers, key=away)
