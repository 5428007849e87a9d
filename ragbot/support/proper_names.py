"""The numbers and names of a sentence that its papers do not have.

What is no number or name of a sentence is none of this module's business: see
`ragbot.support.verify`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ragbot.support.dossier import Evidence, Place, Terms
from ragbot.support.numbers import Quantity, claimed, quantities
from ragbot.text.english import MONTHS
from ragbot.text.names import names_in, stands_in
from ragbot.text.words import STOPWORDS, match_form

__all__ = ["is_exact", "unknown_name", "unknown_number"]

# A count this small stands in many abstracts; what it counts must be there, too.
_SMALL = 20
# Beyond this, or with decimals, a number is as good as a name.
_EXACT = 99
# Units in which many things are given: the words around the number have to agree as well.
_COMMON = frozenset({"", "%", "×", "bit", "orders"})
_OF = re.compile(r"\s*(?:top-\d\s)?(?:on|for|in|at|with)\s(?:the\s)?(\S+)")


def unknown_number(
    text: str, sources: Sequence[Evidence], *, by_words: bool
) -> str | None:
    """The first number that the papers do not give, of the same thing as far as words tell."""
    said = claimed(text, len(sources))
    if not said:
        return None
    known = [place for source in sources for place in source.numbers]
    dated = _dated(text, sources)
    for number in said:
        if any(number.fits(date) for date in dated):
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
    found = [place for place in known if number.fits(place.number)]
    if not found:
        found = [place for place in known if _reciprocal(number, place.number)]
    if not found:
        return number.written
    if not by_words:
        return None
    thing = frozenset(stems_of(number.thing))
    if _swapped(number, thing, found, known):
        return f"{number.written} {number.thing}"
    if any(number.unit == place.number.unit not in _COMMON for place in found):
        return None
    # "3 datasets and 3 architectures" needs two threes.
    wanted = sum(number.fits(other) for other in said)
    if wanted > len(found) or not _about_the_same(
        number, [p.near for p in found], stems_of
    ):
        return number.written
    return _of_another(number, found, stems_of)


def _swapped(
    number: Quantity,
    thing: frozenset[str],
    found: Sequence[Place],
    known: Sequence[Place],
) -> bool:
    """Whether the papers give another number of this thing, and this number of other things."""
    if not thing or any(thing & place.thing for place in found):
        return False
    if not all(place.thing for place in found):
        return False
    return any(
        thing & place.thing
        for place in known
        if place.number.unit == number.unit and not number.fits(place.number)
    )


def _of_another(
    number: Quantity, found: Sequence[Place], stems_of: Terms
) -> str | None:
    """The number with the name behind it ("on ImageNet"), if the papers give it of other names."""
    about = _OF.match(number.text, number.end)
    if about is None:
        return None
    names = _names(f"a {about[1].rstrip('.,;:)')}")
    name = stems_of(names[0]) if names else []
    if not name or any(place.near.intersection(name) for place in found):
        return None
    return f"{number.written} {about.group().strip().rstrip('.,;:)')}"


_LESSENS = re.compile(
    r"\b(?:reduc|cut|less\b|fewer|lower|decreas|smaller|compress|sav(?:e|ing)|shr[iu]nk|lighter)",
    re.I,
)


def _reciprocal(number: Quantity, other: Quantity) -> bool:
    """Whether "reduced fourfold" and "75 % less", or "to 25 %", are one thing said in two ways."""
    factor, share = (number, other) if number.unit == "×" else (other, number)
    if (factor.unit, share.unit) != ("×", "%") or factor.value <= 1:
        return False
    if not _LESSENS.search(factor.text):
        return False
    left = 100 / factor.value
    return min(abs(share.value - left), abs(share.value - (100 - left))) < 1


def _about_the_same(
    number: Quantity, places: Sequence[frozenset[str]], stems_of: Terms
) -> bool:
    """Whether the words around a number are those around one of its places."""
    before, behind = number.around
    counted = set(stems_of(behind)[:2])
    here = {*stems_of(before), *stems_of(behind)}
    if not here:
        return bool(places)
    if number.value <= _SMALL and not number.unit:
        return any(near & counted or len(near & here) > 2 for near in places)
    return any(near & here for near in places)


_MONTH = re.compile(
    rf"\b(?:{'|'.join(m.title() for m in MONTHS if m != 'may')})\b|\bMay \d|\d May\b"
)
_ISO_DATE = re.compile(r"\b\d{4}-\d\d")


def _dated(text: str, sources: Sequence[Evidence]) -> list[Quantity]:
    """The numbers of the papers' dates: the year, and the day where a sentence names a month."""
    dates = [s.paper.date.split("-") for s in sources if s.paper.date]
    if not _ISO_DATE.search(text):
        dates = [[d[0], *d[2:]] if _MONTH.search(text) else d[:1] for d in dates]
    return quantities(" ; ".join(str(int(part)) for date in dates for part in date))


# -- names ----------------------------------------------------------------------------------------

_ENDING = re.compile(r"(?:['’]s?|-[a-z]+)$")
_PROPER = re.compile(r"(?<=[a-z,)] )[A-Z][a-zà-ÿ]{2,}\b")
# Abbreviations of the field, and what in an abstract amounts to them.
_WRITTEN_OUT = {
    "LLM": ("language model",),
    "LM": ("language model",),
    "NLP": ("natural language",),
    "CNN": ("convolution",),
    "DNN": ("deep neural", "deep network", "deep learning"),
    "NN": ("neural net",),
    "ANN": ("neural net",),
    "GNN": ("graph neural",),
    "RNN": ("recurrent",),
    "MLP": ("perceptron",),
    "RL": ("reinforcement",),
    "VIT": ("vision transformer",),
    "ASR": ("speech recognition",),
    "NAS": ("architecture search",),
    "SOTA": ("state-of-the-art", "state of the art"),
    "KD": ("distill",),
    "GPU": ("cuda",),
    "MOE": ("mixture of experts", "mixture-of-experts"),
}


def _names(text: str, *, proper: bool = True) -> list[str]:
    """Names of methods, data and people: marked words, capitalised ones within the sentence."""
    names = [_ENDING.sub("", n) for n in names_in(text)]
    marked = [n for n in names if any(c.isupper() or c.isdigit() for c in n)]
    plain = [
        w for w in _PROPER.findall(text) if w.lower() not in STOPWORDS | MONTHS.keys()
    ]
    return list(dict.fromkeys([*marked, *(plain if proper else ())]))


def _bears(source: Evidence, name: str) -> bool:
    """Whether a paper has a name, in any spelling, in the plural, or written out."""
    form = match_form(name)
    if name.istitle():  # "Bayesian", "Bayes"
        return form[: max(4, len(form) - 3)] in source.form
    singular = form.removesuffix("s") if name.endswith("s") else form
    if singular in source.form and stands_in(singular, source.text, inflected=True):
        return True
    parts = [p for p in re.split(r"[-/]", name) if p]
    if len(parts) > 1 and not any(p.isdigit() for p in parts):
        return all(_bears(source, p) for p in parts)
    letters = name.removesuffix("s")
    if any(w in source.text.lower() for w in _WRITTEN_OUT.get(letters.upper(), ())):
        return True
    if not (letters.isupper() and letters.isalpha()):
        return False
    return letters.lower() in (source.pairs if len(letters) == 2 else source.initials)


def unknown_name(text: str, sources: Sequence[Evidence], *, proper: bool) -> str | None:
    """The first name that no paper has; ``proper`` looks at capitalised words, too."""
    for name in _names(text, proper=proper):
        if not any(_bears(source, name) for source in sources):
            return name
    return None


def is_exact(text: str) -> bool:
    """Whether a number of the text is hardly found by chance: decimals, or large."""
    return any(q.value % 1 or q.value > _EXACT for q in quantities(text))
