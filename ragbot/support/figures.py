"""The numbers of a sentence that its papers do not give, or give of other things.

How numbers are read is `ragbot.support.numbers`'s; what a paper says, `ragbot.support.dossier`'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, compress, filterfalse
from operator import attrgetter

from ragbot.support.dossier import Evidence, Place, Terms
from ragbot.support.numbers import Quantity, claimed, quantities
from ragbot.support.proper_names import names_of
from ragbot.text.english import MONTHS

__all__ = ["is_exact", "unknown_number", "without_remainder"]

# A count this small stands in many abstracts; what it counts must be there, too.
_SMALL = 20
_ALIKE = 3  # words around a small count that are enough without what it counts
# Units in which many things are given: the words around the number have to agree as well.
_COMMON = frozenset({"", "%", "×", "bit", "orders"})
_OF = re.compile(
    r"\s*(?P<all>(?:top-\d\s)?(?:on|for|in|at|with)\s(?:the\s)?(?P<what>(?:\S*[^\s.,;:)])?))"
)
_LESSENS = re.compile(
    r"\b(?:reduc|cut|less\b|fewer|lower|decreas|smaller|compress|sav(?:e|ing)|shr[iu]nk|lighter)",
    re.I,
)
_MONTH = re.compile(
    rf"\b(?:{'|'.join(m.title() for m in MONTHS if m != 'may')})\b|\bMay \d|\d May\b"
)
_ISO_DATE = re.compile(r"\b\d{4}-\d\d")


def is_exact(text: str) -> bool:
    """Whether a number of the text is hardly found by chance: decimals, or large."""
    return any(map(attrgetter("is_exact"), quantities(text)))


def without_remainder(text: str, sources: Sequence[Evidence]) -> str:
    """A sentence without the share that is what the papers' leaves: its "less" is their "more"."""
    known = _known(sources)
    shares = filter(known.is_completed_by, quantities(text))
    rests = map(attrgetter("rest"), shares)
    return next(rests, text)


def unknown_number(
    text: str, sources: Sequence[Evidence], *, by_words: bool
) -> str | None:
    """The first number that the papers do not give, of the same thing as far as words tell."""
    said = claimed(text, len(sources))
    known = _known(sources)
    dated = _dated(text, sources)
    for number in said:
        if any(map(number.fits, dated)):
            continue
        claim = _Claim(number, said, known, known.giving(number), sources[0].stems_of)
        reason = next(claim.faults(by_words=by_words), None)
        if reason:
            return reason
    return None


@dataclass(frozen=True, slots=True)
class _Known:
    """The numbers that some papers give, and where each of them stands."""

    places: Sequence[Place]
    numbers: Sequence[Quantity]

    def giving(self, number: Quantity) -> list[Place]:
        """Where a number is given, or, if it is not, the same thing said in another way."""
        fitting = map(number.fits, self.numbers)
        restating = map(partial(_reciprocal, number), self.numbers)
        given = list(compress(self.places, fitting))
        return given or list(compress(self.places, restating))

    def is_completed_by(self, share: Quantity) -> bool:
        """Whether a share is what a share of the papers leaves."""
        return any(map(share.completes, self.numbers))


def _known(sources: Sequence[Evidence]) -> _Known:
    places = list(chain.from_iterable(map(attrgetter("numbers"), sources)))
    return _Known(places, list(map(attrgetter("number"), places)))


def _reciprocal(number: Quantity, other: Quantity) -> bool:
    """Whether "reduced fourfold" and "75 % less", or "to 25 %", are one thing said in two ways."""
    by_unit = {number.unit: number, other.unit: other}
    if by_unit.keys() != {"×", "%"}:
        return False
    factor, share = by_unit["×"], by_unit["%"]
    if factor.value <= 1:
        return False
    if not _LESSENS.search(factor.text):
        return False
    left = 100 / factor.value
    gone = 100 - left
    return min(abs(share.value - left), abs(share.value - gone)) < 1


@dataclass(frozen=True, slots=True)
class _Claim:
    """A number of a sentence, all that it says, and where the papers give this one."""

    number: Quantity
    said: Sequence[Quantity]
    known: _Known
    found: Sequence[Place]
    stems_of: Terms

    def faults(self, *, by_words: bool) -> Iterator[str]:
        """The number, with what it is said to be of, if the papers do not give it of that."""
        if not self.found:
            yield self.number.written
        elif by_words:
            yield from self._faults_by_words()

    def _faults_by_words(self) -> Iterator[str]:
        number = self.number
        # Where a sentence tells of what the papers' share leaves, other numbers are of that.
        tells_the_rest = any(map(self.known.is_completed_by, self.said))
        if not tells_the_rest and self._is_swapped():
            yield f"{number.written} {number.thing}"
        units = set(map(attrgetter("number.unit"), self.found))
        if number.unit in units - _COMMON:
            return
        # "3 datasets and 3 architectures" needs two threes.
        wanted = sum(map(number.fits, self.said))
        are_enough = wanted <= len(self.found)
        if not (are_enough and self._is_about_the_same()):
            yield number.written
        yield from self._of_another()

    def _is_swapped(self) -> bool:
        """Whether the papers give another number of its thing, and it of other things."""
        thing = frozenset(self.stems_of(self.number.thing))
        of_it = list(map(attrgetter("thing"), self.found))
        if not all(of_it):
            return False
        if not thing.isdisjoint(chain.from_iterable(of_it)):
            return False
        of_others = map(attrgetter("thing"), self._others())
        return not thing.isdisjoint(chain.from_iterable(of_others))

    def _others(self) -> Iterator[Place]:
        """Where the papers give other numbers of its unit."""
        for place in filterfalse(self.found.__contains__, self.known.places):
            if place.number.unit == self.number.unit:
                yield place

    def _is_about_the_same(self) -> bool:
        """Whether the words around it are those around one of its places."""
        before, behind = self.number.around
        here = {*self.stems_of(before), *self.stems_of(behind)}
        if not here:
            return True
        if self.number.unit or self.number.value > _SMALL:
            return not self._near.isdisjoint(here)
        counted = self.stems_of(behind)[:2]
        if not self._near.isdisjoint(counted):
            return True
        nears = map(attrgetter("near"), self.found)
        alike = map(len, map(here.intersection, nears))
        return max(alike) >= _ALIKE

    def _of_another(self) -> Iterator[str]:
        """It with the name behind it ("on ImageNet"), if the papers give it of other names."""
        about = _OF.match(self.number.text, self.number.end)
        if about is None:
            return
        names = names_of(f"a {about['what']}")
        stems = self.stems_of(" ".join(names[:1]))
        if stems and self._near.isdisjoint(stems):
            yield f"{self.number.written} {about['all'].strip()}"

    @property
    def _near(self) -> frozenset[str]:
        """The stems around any of its places."""
        return frozenset(chain.from_iterable(map(attrgetter("near"), self.found)))


def _dated(text: str, sources: Sequence[Evidence]) -> list[Quantity]:
    """The numbers of the papers' dates that a sentence may give."""
    named = _named_of_dates(text)
    dates = filter(None, map(attrgetter("paper.date"), sources))
    parts = chain.from_iterable(date.split("-")[named] for date in dates)
    return quantities(" ; ".join(map(str, map(int, parts))))


def _named_of_dates(text: str) -> slice:
    """Which of year, month and day a sentence gives as numbers: all, no month, the year alone."""
    if _ISO_DATE.search(text):
        return slice(None)
    if _MONTH.search(text):
        return slice(None, None, 2)
    return slice(1)
