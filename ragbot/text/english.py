"""English that several packages need: the months, plurals, and what papers are called."""

from __future__ import annotations

__all__ = ["MONTHS", "MONTH_NAMES", "PAPERS", "agreeing", "counted", "framed", "plural"]

_FULL = (
    "January February March April May June July August September October November December"
).split()
MONTH_NAMES = tuple(_FULL)
"""In their order, as they are written out."""
MONTHS = {
    **{name.lower(): number for number, name in enumerate(_FULL, 1)},
    **{name[:3].lower(): number for number, name in enumerate(_FULL, 1)},
    "sept": 9,
}
"""The number of each month, by its name and its abbreviations in small letters, without a stop."""
PAPERS = (
    r"(?:papers?|works?|articles?|research|studies|publications?|literature|"
    r"preprints?|abstracts?)"
)
"""A pattern of the words by which questions name papers."""


def agreeing(number: int, one: str, many: str) -> str:
    """What is said of that number of things: of one "is", of many "are"."""
    if number == 1:
        return one
    return many


def plural(number: int, noun: str) -> str:
    """The noun as that number of things is called: "paper", "papers"; only such as take an "s"."""
    return agreeing(number, noun, f"{noun}s")


def counted(number: int, noun: str) -> str:
    """The number with its noun: "1 paper", "4,451 papers"."""
    return f"{number:,} {plural(number, noun)}"


def framed(frame: str, told: object) -> str:
    """What is told in its frame, "; {} undated papers left out"; nothing where nothing is told."""
    return frame.format(told) if told else ""
