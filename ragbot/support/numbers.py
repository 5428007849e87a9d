"""The numbers of a text with their units, so that "40 %" and "forty percent" are one. Pure text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from decimal import Decimal

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
_WHOLE = {
    "half": (Decimal(50), "%"),
    "halve": (Decimal(50), "%"),
    "halves": (Decimal(50), "%"),
    "halved": (Decimal(50), "%"),
    "halving": (Decimal(50), "%"),
    "twice": (Decimal(2), "×"),
    "double": (Decimal(2), "×"),
    "doubles": (Decimal(2), "×"),
    "doubled": (Decimal(2), "×"),
    "doubling": (Decimal(2), "×"),
    "twofold": (Decimal(2), "×"),
    "thrice": (Decimal(3), "×"),
    "triple": (Decimal(3), "×"),
    "triples": (Decimal(3), "×"),
    "tripled": (Decimal(3), "×"),
    "tripling": (Decimal(3), "×"),
    "threefold": (Decimal(3), "×"),
    "fourfold": (Decimal(4), "×"),
    "fivefold": (Decimal(5), "×"),
    "tenfold": (Decimal(10), "×"),
}
_UNITS = {
    "%": "% percent pct prozent procent procento",
    "points": "points point pp pts",
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

# "99,9 %" is a decimal as half of the world writes it.
_COMMA = r"\d+,\d{1,2}(?=\s?(?:%|×|x\b|per\s?cent))"
_NUMBER = rf"{_COMMA}|\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+"
_WORD_NUMBER = (
    rf"(?:{'|'.join(_TENS)})(?:[-\s](?:{'|'.join(_ONES[1:10])}))?|{'|'.join(_ONES[2:])}"
)
_UNIT_WORDS = "|".join(sorted(map(re.escape, _UNIT_OF), key=len, reverse=True))
_QUANTITY = re.compile(
    rf"(?<![\w.])(?:(?P<digits>{_NUMBER})|(?P<words>{_WORD_NUMBER}|one(?=[- ](?:hundred|thousand|"
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
# Numbers that count nothing: of a figure, a list, a part of a word.
_LABEL = re.compile(
    r"\b(?:fig(?:ure|\.)?|tab(?:le|\.)?|eq(?:uation|\.|n\.)?|sec(?:tion|\.)?|step|stage|phase|"
    r"appendix|algorithm|theorem|lemma|paper|source|top|version)[-\s]*\(?$",
    re.I,
)
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
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
_THING = 4  # words of it
_REACH = 200  # characters on either side in which those words are looked for
_WINDOW = 9  # words on either side of a number that tell what it is of
# Words in front of a number that make it a bound, or a rough figure.
_AT_LEAST = re.compile(
    r"(?:over|above|more than|at least|exceed(?:s|ing)?|greater than|>|≥)\s*$", re.I
)
_AT_MOST = re.compile(
    r"(?:under|below|less than|fewer than|at most|no more than|<|≤)\s*$", re.I
)
_ROUGHLY = re.compile(
    r"(?:about|around|roughly|approximately|some|nearly|almost|close to|circa|ca\.|~|≈)\s*$",
    re.I,
)
_ROUGH = Decimal("0.05")  # "about 4x" of 4.2x: as far as two figures are rounded
_BOUND = 2  # "over 100" of 140, and not of 1,000: a bound tells the order of the number it bounds


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
        behind = _THING_ENDS.split(self._behind, maxsplit=1)[0].split()
        if any(word[0].isalnum() for word in behind):
            return " ".join(behind[:_THING])
        before = _THING_BEGINS.split(self._before)[-1].split()
        return " ".join(before[-_THING:])

    def fits(self, other: Quantity) -> bool:
        """Whether a claim of this number is borne out by the other: it, rounded, or bounded by it.

        A bare number fits any unit, but a percentage or a factor only where it has decimals:
        scores are often given without their sign, counts are whole.
        """
        if self._same_value(other):
            return self._same_unit(other)
        return self.unit == other.unit == "%" and self._completes(other)

    def _same_value(self, other: Quantity) -> bool:
        mine, theirs = self.value, other.value
        if mine == theirs or self._rounds(other):
            return True
        for hedge, holds in (
            (_AT_LEAST, mine <= theirs <= _BOUND * mine),
            (_AT_MOST, theirs <= mine <= _BOUND * theirs),
            (_ROUGHLY, abs(mine - theirs) <= _ROUGH * abs(theirs)),
        ):
            # Where the source hedges alike, its figure is the one to give.
            if hedge.search(self._before) and not hedge.search(other._before):
                return holds
        return False

    def _rounds(self, other: Quantity) -> bool:
        """Whether the other has more decimals, and this one is it without some of them.

        A single digit is the rounding of too many numbers.
        """
        decimals = _decimals(self.value)
        if (
            self.unit != other.unit
            or _decimals(other.value) <= decimals
            or self.value < 10
        ):
            return False
        return round(other.value, decimals) == self.value

    def _same_unit(self, other: Quantity) -> bool:
        units = {self.unit, other.unit}
        if len(units) == 2 and "" in units and units & {"%", "×"}:
            return self.value % 1 != 0
        return len(units) == 1 or "" in units

    def _completes(self, other: Quantity) -> bool:
        """ "Less than 0.1 %" of what "more than 99.9 %" leaves."""
        if self.value + other.value != 100 or self.value == other.value:
            return False
        low, high = sorted((self, other), key=lambda quantity: quantity.value)
        return bool(_AT_MOST.search(low._before) and _AT_LEAST.search(high._before))


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def quantities(text: str) -> list[Quantity]:
    """The numbers of ``text``; digits inside names (GPT-4, ResNet50, 3D) and labels are none."""
    text = unicodedata.normalize("NFKC", _powers(readable(text)))
    text = _RANGE.sub(" – ", _PRODUCT.sub(" by ", text))
    found = []
    for match in _QUANTITY.finditer(text):
        before = text[max(0, match.start() - _REACH) : match.start()]
        after = text[match.end() : match.end() + _REACH]
        enumerates = (
            before.endswith("(") and after.startswith(")") and len(match.group()) == 1
        )
        if enumerates or _inside_name(before, after) or _LABEL.search(before):
            continue
        value = _value(match)
        unit = _unit(match, before)
        found.append(Quantity(value, unit, match.group().strip(), *match.span(), text))
    ends = {quantity.end for quantity in found}
    for match in _WHOLE_WORD.finditer(text):
        if match.end() in ends:  # "twofold" is "two" with a unit already
            continue
        value, unit = _WHOLE[match.group().lower()]
        found.append(Quantity(value, unit, match.group(), *match.span(), text))
    return _ranged(found, text)


def _powers(text: str) -> str:
    def power(match: re.Match[str]) -> str:
        exponent = int((match[1] or match[2]).translate(_RAISED))
        return f"{Decimal(10) ** exponent:f}" if abs(exponent) < 30 else match.group()

    return _POWER.sub(power, text)


def _value(match: re.Match[str]) -> Decimal:
    if match["digits"]:
        value = Decimal(_decimal(match["digits"]))
    else:
        parts = re.split(r"[-\s]", match["words"].lower())
        value = sum((_WORDS.get(p, Decimal(1)) for p in parts), Decimal(0))
    scale = (match["scale"] or match["suffix"] or match["spaced"] or "").lower()
    return (value * _SCALES.get(scale, Decimal(1))).normalize()


def _decimal(digits: str) -> str:
    """Digits with a point for the decimals and nothing between the thousands."""
    if re.fullmatch(r"\d+,\d{1,2}", digits):
        return digits.replace(",", ".")
    return digits.replace(",", "")


def _unit(match: re.Match[str], before: str) -> str:
    written = re.sub(r"\s+", " ", (match["unit"] or "").lower())
    if "point" in written:
        return "points"
    if written.startswith("per"):
        return "%"
    if not written and _FACTOR.search(before):
        return "×"
    return _UNIT_OF.get(written, "")


def _inside_name(before: str, after: str) -> bool:
    """Whether the digits belong to a word: "CIFAR-10", "GPT 4o", "3D", "Llama-2-7b"."""
    if re.search(r"[A-Za-z][\w.]*-$|[A-Z][\w-]*-[\w.]*$", before):
        return True
    return bool(re.match(r"[A-Za-z]", after)) and not re.match(
        r"(?:th|st|nd|rd)\b", after
    )


def _ranged(found: list[Quantity], text: str) -> list[Quantity]:
    """The first number of "20 – 30 %" or "10 to 20 ms" takes the unit of the second."""
    found.sort(key=lambda q: q.end)
    result = []
    for i, quantity in enumerate(found):
        unit = quantity.unit
        if not unit and i + 1 < len(found):
            gap = text[quantity.end : found[i + 1].end].removesuffix(
                found[i + 1].written
            )
            if re.fullmatch(r"\s*(?:–|to|and|or|by|,)\s*", gap) and found[i + 1].unit:
                unit = found[i + 1].unit
        result.append(replace(quantity, unit=unit))
    return result


def claimed(text: str, papers: int) -> list[Quantity]:
    """The numbers a sentence that cites so many papers claims: not "two" in "the two methods"."""
    normal = unicodedata.normalize("NFKC", readable(text))
    counted = {m.group(1).lower() for m in _COUNTED.finditer(normal)}
    return [
        q
        for q in quantities(text)
        if q.value != papers or q.unit or q.written.lower() not in counted
    ]
