"""The numbers of a sentence that its papers do not give, or give of other things.

How numbers are read is `ragbot.support.numbers`'s; what a paper says, `ragbot.support.dossier`'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain

from ragbot.support.dossier import Evidence, Place, Terms
from ragbot.support.numbers import Quantity, claimed, quantities
from ragbot.support.proper_names import names_of
from ragbot.text.english import MONTHS

__all__ = ["is_exact", "unknown_number", "without_remainder"]

# A count this small stands in many abstracts; what it counts must be there, too.
_SMALL = 20
_ALIKE = 3  # words around a small count that are enough without what it counts
# Beyond this, or with decimals, a number is as good as a name.
_EXACT = 99
# Units in which many things are given: the words around the number have to agree as well.
_COMMON = frozenset({"", "%", "×", "bit", "orders"})
_OF = re.compile(r"\s*(?:top-\d\s)?(?:on|for|in|at|with)\s(?:the\s)?(\S+)")
_PUNCTUATION = ".,;:)"
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
    return any(q.value % 1 or q.value > _EXACT for q in quantities(text))


def without_remainder(text: str, sources: Sequence[Evidence]) -> str:
    """A sentence without the share that is what the papers' leaves: its "less" is their "more"."""
    known = list(chain.from_iterable(source.numbers for source in sources))
    for share in quantities(text):
        if _completes(share, known):
            return share.rest
    return text


def unknown_number(
    text: str, sources: Sequence[Evidence], *, by_words: bool
) -> str | None:
    """The first number that the papers do not give, of the same thing as far as words tell."""
    said = claimed(text, len(sources))
    known = list(chain.from_iterable(source.numbers for source in sources))
    dated = _dated(text, sources)
    for number in said:
        if any(map(number.fits, dated)):
            continue
        reason = _absent(number, said, known, sources[0].stems_of, by_words=by_words)
        if reason:
            return reason
    return None


def _absent(
    number: Quantity,
    said: Sequence[Quantity],
    known: Sequence[Place],
    stems_of: Terms,
    *,
    by_words: bool,
) -> str | None:
    """The number, with what it is said to be of, if the papers do not give it of that."""
    found = _places(number, known)
    if not found:
        return number.written
    if not by_words:
        return None
    thing = frozenset(stems_of(number.thing))
    tells_the_rest = any(_completes(share, known) for share in said)
    if not tells_the_rest and _swapped(number, thing, found, known):
        return f"{number.written} {number.thing}"
    units = {place.number.unit for place in found}
    if number.unit in units - _COMMON:
        return None
    # "3 datasets and 3 architectures" needs two threes.
    wanted = sum(map(number.fits, said))
    if wanted > len(found) or not _about_the_same(number, found, stems_of):
        return number.written
    return _of_another(number, found, stems_of)


def _places(number: Quantity, known: Sequence[Place]) -> list[Place]:
    """Where the papers give a number, or, if they do not, the same thing said in another way."""
    found = [place for place in known if number.fits(place.number)]
    if found:
        return found
    return [place for place in known if _reciprocal(number, place.number)]


def _reciprocal(number: Quantity, other: Quantity) -> bool:
    """Whether "reduced fourfold" and "75 % less", or "to 25 %", are one thing said in two ways."""
    by_unit = {number.unit: number, other.unit: other}
    if by_unit.keys() != {"×", "%"}:
        return False
    factor, share = by_unit["×"], by_unit["%"]
    if factor.value <= 1 or not _LESSENS.search(factor.text):
        return False
    left = 100 / factor.value
    return min(abs(share.value - left), abs(share.value - (100 - left))) < 1


def _swapped(
    number: Quantity,
    thing: frozenset[str],
    found: Sequence[Place],
    known: Sequence[Place],
) -> bool:
    """Whether the papers give another number of this thing, and this number of other things."""
    things = [place.thing for place in found]
    if not all(things) or not thing.isdisjoint(chain.from_iterable(things)):
        return False
    others = (
        place.thing
        for place in known
        if place.number.unit == number.unit and not number.fits(place.number)
    )
    return not thing.isdisjoint(chain.from_iterable(others))


def _completes(share: Quantity, known: Sequence[Place]) -> bool:
    """Whether a sentence tells of what the papers' share leaves: other numbers are of that."""
    return any(share.completes(place.number) for place in known)


def _about_the_same(number: Quantity, found: Sequence[Place], stems_of: Terms) -> bool:
    """Whether the words around a number are those around one of its places."""
    before, behind = number.around
    here = {*stems_of(before), *stems_of(behind)}
    if not here:
        return True
    near = _near(found)
    is_small_count = number.value <= _SMALL and not number.unit
    if not is_small_count:
        return not near.isdisjoint(here)
    counted = stems_of(behind)[:2]
    most_alike = max(len(place.near & here) for place in found)
    return most_alike >= _ALIKE or not near.isdisjoint(counted)


def _of_another(
    number: Quantity, found: Sequence[Place], stems_of: Terms
) -> str | None:
    """The number with the name behind it ("on ImageNet"), if the papers give it of other names."""
    about = _OF.match(number.text, number.end)
    if about is None:
        return None
    names = names_of(f"a {about[1].rstrip(_PUNCTUATION)}")
    stems = stems_of(" ".join(names[:1]))
    if not stems or not _near(found).isdisjoint(stems):
        return None
    return f"{number.written} {about.group().strip().rstrip(_PUNCTUATION)}"


def _near(places: Iterable[Place]) -> frozenset[str]:
    """The stems around any of the places."""
    return frozenset(chain.from_iterable(place.near for place in places))


def _dated(text: str, sources: Sequence[Evidence]) -> list[Quantity]:
    """The numbers of the papers' dates that a sentence may give."""
    named = _named_of_dates(text)
    parts: list[str] = []
    for source in sources:
        if source.paper.date:
            parts += source.paper.date.split("-")[named]
    return quantities(" ; ".join(map(str, map(int, parts))))


def _named_of_dates(text: str) -> slice:
    """Which of year, month and day a sentence gives as numbers: all, no month, the year alone."""
    if _ISO_DATE.search(text):
        return slice(None)
    if _MONTH.search(text):
        return slice(None, None, 2)
    return slice(1)
