"""The numbers of a text with their units, so that "40 %" and "forty percent" are one. Pure text."""

from __future__ import annotations

import operator
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain, pairwise

from ragbot.text.latex import readable

__all__ = ["Quantity", "claimed", "quantities"]

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS = {w: Decimal(i) for i, w in enumerate(_ONES)} | {
    w: Decimal(20 + 10 * i) for i, w in enumerate(_TENS)
}
_SCALES = {
    "hundred": Decimal(100),
    "thousand": Decimal(1000),
    "million": Decimal(10**6),
    "billion": Decimal(10**9),
    "trillion": Decimal(10**12),
    "dozen": Decimal(12),
    "k": Decimal(1000),
    "m": Decimal(10**6),
    "b": Decimal(10**9),
    "bn": Decimal(10**9),
    "t": Decimal(10**12),
}
# Words that are a number with its unit; "one" alone counts nothing ("one of the first").
_WHOLE_FORMS = {
    (50, "%"): "half halve halves halved halving",
    (2, "×"): "twice double doubles doubled doubling twofold",
    (3, "×"): "thrice triple triples tripled tripling threefold",
    (4, "×"): "fourfold",
    (5, "×"): "fivefold",
    (10, "×"): "tenfold",
}
_WHOLE = {
    form: (Decimal(value), unit)
    for (value, unit), forms in _WHOLE_FORMS.items()
    for form in forms.split()
}
_UNITS = {
    "%": "% percent pct prozent procent procento",
    "points": "points point pp pts percentagepoints percentagepoint %points %point",
    "orders": "orders",
    "×": "× x fold -fold times folds fach -fach fache -fache mal fois veces volte vezes keer "
    "gånger ganger razy раз kat kali lần 倍 배",
    "ms": "ms millisecond milliseconds",
    "s": "s sec secs second seconds",
    "min": "min mins minute minutes",
    "h": "h hr hrs hour hours",
    "d": "day days",
    "week": "week weeks",
    "month": "month months",
    "year": "year years",
    "ns": "ns nanosecond nanoseconds",
    "µs": "µs μs us microsecond microseconds",
    "kb": "kb kib",
    "mb": "mb mib megabytes megabyte",
    "gb": "gb gib gigabytes gigabyte",
    "tb": "tb tib",
    "hz": "hz",
    "khz": "khz",
    "mhz": "mhz",
    "ghz": "ghz",
    "fps": "fps",
    "mj": "mj",
    "nj": "nj",
    "pj": "pj",
    "w": "w watt watts",
    "mw": "mw",
    "db": "db",
    "mm": "mm",
    "cm": "cm",
    "nm": "nm",
    "km": "km",
    "bit": "bit bits -bit",
}
_UNIT_OF = {form: unit for unit, forms in _UNITS.items() for form in forms.split()}

_NOT_LISTED = r"(?!(?<=\()\d\))"  # "(1)"
# "99,9 %" is a decimal as half of the world writes it.
_COMMA = r"\d+,\d{1,2}(?=\s?(?:%|×|x\b|per\s?cent))"
_DECIMAL_COMMA = re.compile(r"^(\d+),(\d{1,2})$")
_NUMBER = rf"{_COMMA}|\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+"
_WORD_NUMBER = (
    rf"(?:{'|'.join(_TENS)})(?:[-\s](?:{'|'.join(_ONES[1:10])}))?|{'|'.join(_ONES[2:])}"
)
_UNIT_WORDS = "|".join(sorted(map(re.escape, _UNIT_OF), key=len, reverse=True))
_QUANTITY = re.compile(
    rf"(?<![\w.]){_NOT_LISTED}"
    rf"(?:(?P<digits>{_NUMBER})|(?P<words>{_WORD_NUMBER}|one(?=[- ](?:hundred|thousand|"
    r"million|billion|trillion|third|quarter))|a(?=\s(?:hundred|thousand|million|billion|dozen)\b)))"
    r"(?:\s?-?(?P<scale>hundred|thousand|million|billion|trillion|dozen)s?\b|"
    r"(?P<suffix>[kKMBT]|bn)\b(?!\w)|\s(?P<spaced>(?-i:[KMBT]))(?=\s[a-z]))?"
    r"(?:\s?(?P<unit>percentage[- ]points?|%\s?points?|per\s?cent\b|"
    rf"(?:{_UNIT_WORDS})(?![\w²³])))?",
    re.IGNORECASE,
)
_PRODUCT = re.compile(r"(?<=\d)\s?[x×]\s?(?=\d)")
_RANGE = re.compile(r"(?<=[\d%x×])\s?[-–—−~]\s?(?=\d)")
_WHOLE_WORD = re.compile(rf"\b(?:{'|'.join(_WHOLE)})\b", re.I)
_FACTOR = re.compile(r"\bfactors? of (?:about |around |up to |over )?$", re.I)
# Numbers that count nothing: of a figure, of a list, a part of a word ("CIFAR-10", "GPT-4o").
_LABEL = (
    r"\b(?:fig(?:ure|\.)?|tab(?:le|\.)?|eq(?:uation|\.|n\.)?|sec(?:tion|\.)?|step|stage|phase|"
    r"appendix|algorithm|theorem|lemma|paper|source|top|version)[-\s]*\(?$"
)
_LABELS = re.compile(rf"(?i:{_LABEL})|[A-Za-z][\w.]*-$|[A-Z][\w-]*-[\w.]*$")
_GOES_ON = re.compile(r"(?!(?:th|st|nd|rd)\b)[A-Za-z]")
_JOINS = re.compile(r"\s*(?:–|to|and|or|by|,)\s*")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_ASTRONOMICAL = 30  # digits
_POWER = re.compile(r"\b10([⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)|\b10\^\(?(-?\d+)\)?")
# "two methods" may count what is cited rather than what an abstract counts.
_COUNTED = re.compile(
    rf"\b({'|'.join(_ONES[2:])})\b(?:\W+\w+){{0,2}}?\W+"
    r"(?:papers?|works|studies|approaches|methods|abstracts|articles|of (?:them|these)|ideas|"
    r"ways)\b",
    re.I,
)


# A number belongs to what stands beside it, up to the next number or clause.
_THING_ENDS = re.compile(
    r"[,;:()\d]|\.(?:\s|$)|\b(?:and|but|while|or|with|compared|than|from|to|over)\b"
)
_THING_BEGINS = re.compile(r"[,;:()\d]|\.\s|\b(?:and|but|while|or)\b")
_WORD_BEGINS = re.compile(r"(?<!\S)[^\W_]")
_THING = 4  # words of it
_REACH = 200  # characters on either side in which those words are looked for
_WINDOW = 9  # words on either side of a number that tell what it is of
# Words in front of a number that make it a bound, or a rough figure.
_HEDGE = re.compile(
    r"(?:(?P<at_least>over|above|more than|at least|exceed(?:s|ing)?|greater than|>|≥)|"
    r"(?P<at_most>under|below|less than|fewer than|at most|no more than|<|≤)|"
    r"(?P<roughly>about|around|roughly|approximately|some|nearly|almost|close to|circa|ca\.|~|≈)"
    r")\s*$",
    re.I,
)
_ROUGH = Decimal("0.05")  # "about 4x" of 4.2x: as far as two figures are rounded
_BOUND = 2  # "over 100" of 140, and not of 1,000: a bound tells the order of the number it bounds
# By the hedge of a claim, whether a number bears it out.
_HOLDS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "": operator.eq,
    "at_least": lambda mine, theirs: mine <= theirs <= _BOUND * mine,
    "at_most": lambda mine, theirs: theirs <= mine <= _BOUND * theirs,
    "roughly": lambda mine, theirs: abs(mine - theirs) <= _ROUGH * abs(theirs),
}
_NEED_DECIMALS = ({"", "%"}, {"", "×"})
_EXACT = 99  # larger numbers hardly stand somewhere by chance
_LEAST_ROUNDED = 10  # a single digit is the rounding of too many numbers


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number, its unit in one spelling ("" if none is known), as written.

    ``start`` and ``end`` are where it stands in ``text``, the text as it was read for it.
    """

    value: Decimal
    unit: str
    written: str
    start: int
    end: int
    text: str

    @property
    def _before(self) -> str:
        return self.text[max(0, self.start - _REACH) : self.start]

    @property
    def _behind(self) -> str:
        return self.text[self.end : self.end + _REACH]

    @property
    def around(self) -> tuple[str, str]:
        """A few words before it and behind it, within its clause."""
        before = re.split(r"[;:]", self._before)[-1].split()[-_WINDOW:]
        behind = re.split(r"[;:]", self._behind)[0].split()[:_WINDOW]
        return " ".join(before), " ".join(behind)

    @property
    def thing(self) -> str:
        """What it is of: the words behind it, as far as the next number, "and" or comma; if there
        are none, those in front."""
        behind = _THING_ENDS.split(self._behind, maxsplit=1)[0]
        if _WORD_BEGINS.search(behind):
            return " ".join(behind.split()[:_THING])
        before = _THING_BEGINS.split(self._before)[-1]
        return " ".join(before.split()[-_THING:])

    @property
    def rest(self) -> str:
        """The text without it, and without what makes it a bound."""
        return _HEDGE.sub("", self.text[: self.start]) + self.text[self.end :]

    @property
    def is_exact(self) -> bool:
        """Whether it is as good as a name: with decimals, or large."""
        has_decimals = self.value % 1 != 0
        return has_decimals or self.value > _EXACT

    @property
    def _hedge(self) -> str:
        hedge = _HEDGE.search(self._before)
        if hedge is None:
            return ""
        return str(hedge.lastgroup)

    def fits(self, other: Quantity) -> bool:
        """Whether a claim of this number is borne out by the other: it, rounded, or bounded by it.

        A bare number fits any unit, but a percentage or a factor only where it has decimals:
        scores are often given without their sign, counts are whole.
        """
        if self._same_value(other):
            return self._same_unit(other)
        return self.completes(other)

    def _same_value(self, other: Quantity) -> bool:
        if self.value == other.value:
            return True
        if self._rounds(other):
            return True
        hedge = self._hedge
        # Where both hedge alike, the source's figure is to be given.
        if hedge == other._hedge:
            return False
        return _HOLDS[hedge](self.value, other.value)

    def _rounds(self, other: Quantity) -> bool:
        """Whether this is the other, perhaps without some of its decimals."""
        if self.unit != other.unit:
            return False
        if self.value < _LEAST_ROUNDED:
            return False
        return round(other.value, _decimals(self.value)) == self.value

    def _same_unit(self, other: Quantity) -> bool:
        if self.unit == other.unit:
            return True
        if {self.unit, other.unit} in _NEED_DECIMALS:
            return self.value % 1 != 0
        return "" in (self.unit, other.unit)

    def completes(self, other: Quantity) -> bool:
        """Whether one is what the other leaves: "less than 0.1 %" of "more than 99.9 %"."""
        if not self.unit == other.unit == "%":
            return False
        low, high = sorted((self, other), key=operator.attrgetter("value"))
        if low.value + high.value != 100:
            return False
        return (low._hedge, high._hedge) == ("at_most", "at_least")


def _decimals(value: Decimal) -> int:
    exponent = int(value.normalize().as_tuple().exponent)
    return max(0, -exponent)


def quantities(text: str) -> list[Quantity]:
    """The numbers of ``text``; digits inside names (GPT-4, ResNet50, 3D) and labels are none."""
    text = unicodedata.normalize("NFKC", _POWER.sub(_power, readable(text)))
    text = _RANGE.sub(" – ", _PRODUCT.sub(" by ", text))
    # By their ends: "twofold" is "two" with its unit rather than a word of its own.
    every = chain(_whole_words(text), _numbers(text))
    by_end = {quantity.end: quantity for quantity in every}
    found = sorted(by_end.values(), key=operator.attrgetter("end"))
    return _ranged(found, text)


def _power(match: re.Match[str]) -> str:
    """ "10³" written out, if it is no astronomical number."""
    written = "".join(match.groups(""))
    exponent = int(written.translate(_RAISED))
    if abs(exponent) >= _ASTRONOMICAL:
        return match.group()
    return f"{Decimal(10) ** exponent:f}"


def _whole_words(text: str) -> Iterator[Quantity]:
    """Those that are one word with their unit: "twice"."""
    for match in _WHOLE_WORD.finditer(text):
        value, unit = _WHOLE[match.group().lower()]
        yield Quantity(value, unit, match.group(), *match.span(), text)


def _numbers(text: str) -> Iterator[Quantity]:
    """Those in digits or words that stand alone, or with their unit."""
    for match in _QUANTITY.finditer(text):
        start, end = match.span()
        before = text[max(0, start - _REACH) : start]
        if _LABELS.search(before):
            continue
        if _GOES_ON.match(text, end):
            continue
        parts = match.groupdict("")
        unit = _unit(parts["unit"], before)
        yield Quantity(_value(parts), unit, match.group().strip(), start, end, text)


def _value(parts: Mapping[str, str]) -> Decimal:
    scale = parts["scale"] + parts["suffix"] + parts["spaced"]
    value = _of_words(parts["words"])
    if parts["digits"]:
        value = _of_digits(parts["digits"])
    return (value * _SCALES.get(scale.lower(), Decimal(1))).normalize()


def _of_digits(digits: str) -> Decimal:
    """A comma parts the decimals where one or two digits follow it, else the thousands."""
    pointed = _DECIMAL_COMMA.sub(r"\1.\2", digits)
    return Decimal(pointed.replace(",", ""))


def _of_words(words: str) -> Decimal:
    """ "Twenty-four"; "a" and "one" count one."""
    parts = re.split(r"[-\s]", words.lower())
    return sum((_WORDS.get(part, Decimal(1)) for part in parts), Decimal(0))


def _unit(written: str, before: str) -> str:
    if not written and _FACTOR.search(before):
        return "×"
    return _UNIT_OF.get(re.sub(r"[\s-]+", "", written).lower(), "")


def _ranged(found: Sequence[Quantity], text: str) -> list[Quantity]:
    """The first number of "20 – 30 %" or "10 to 20 ms" takes the unit of the second."""
    result = []
    for quantity, following in pairwise(found):
        gap = text[quantity.end : following.end].removesuffix(following.written)
        takes_unit = not quantity.unit and _JOINS.fullmatch(gap) is not None
        unit = following.unit if takes_unit else quantity.unit
        result.append(replace(quantity, unit=unit))
    return [*result, *found[-1:]]


def claimed(text: str, papers: int) -> list[Quantity]:
    """The numbers a sentence that cites so many papers claims: not "two" in "the two methods"."""
    normal = unicodedata.normalize("NFKC", readable(text))
    counted = set(_COUNTED.findall(normal.lower()))
    claims = []
    for quantity in quantities(text):
        counts_papers = quantity.written.lower() in counted
        if quantity.value != papers or not counts_papers:
            claims.append(quantity)
    return claims
