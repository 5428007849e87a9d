"""The papers that have the traits a question names, and how an answer says which those are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import compress
from operator import attrgetter, itemgetter

from ragbot.answer.catalog_page import Remark, quoted, unremarked
from ragbot.index.catalog import Catalog
from ragbot.index.selection import Heading, exact_pattern, speaks_of
from ragbot.papers.describe import author_count, organisation_name
from ragbot.text.english import MONTH_NAMES, agreeing, counted
from ragbot.text.markdown import as_text
from ragbot.text.names import stands_in
from ragbot.types import Filters, Paper, Traits

__all__ = ["Selected", "selected"]


@dataclass(frozen=True, slots=True)
class Selected:
    """Papers, newest first, and the words for them.

    ``leads`` say how many there are, ``among`` which, behind a noun; ``left_out`` is what could
    not be considered, ``remark`` what is said of each.
    """

    headings: Sequence[Heading]
    leads: Sequence[str]
    among: str
    left_out: str
    remark: Remark


@dataclass(frozen=True, slots=True)
class _Clause:
    """A trait in words: of one paper ("has …"), of several ("have …"), and behind a noun."""

    one: str
    many: str
    behind: str

    @classmethod
    def having(cls, what: str) -> _Clause:
        return cls(f"has {what}", f"have {what}", f"with {what}")

    @classmethod
    def being(cls, what: str) -> _Clause:
        return cls(f"is {what}", f"are {what}", what)


def selected(catalog: Catalog, traits: Traits, filters: Filters) -> Selected | None:
    """The papers of these traits and dates; ``None`` where nothing is by whom a question may
    mean, and it may mean something else."""
    headings = catalog.headings(filters, traits)
    doubtful = bool(traits.by) and not (headings or traits.surely_by)
    if doubtful and not catalog.headings(traits=Traits(by=traits.by)):
        return None
    clauses = _clauses(traits, filters, headings)
    leads = [_lead(len(headings), clauses), *_forms(traits, headings)]
    if traits.on and headings:
        on_topic = _on(catalog, traits.on, headings)
        leads.append(_topic_lead(traits.on, len(on_topic)))
        headings = on_topic or headings
    if not headings:
        leads += _why_none(catalog, traits, filters)
    return Selected(
        headings,
        leads,
        among=" ".join(["", *map(attrgetter("behind"), clauses)]),
        left_out=_left_out(catalog, traits, filters),
        remark=_remark(traits),
    )


def _on(catalog: Catalog, topic: str, headings: Sequence[Heading]) -> list[Heading]:
    """Those whose papers have all words of a topic in title or abstract."""
    papers = catalog.get(list(map(attrgetter("id"), headings)))
    said = {id_: f"{paper.title} {paper.abstract}" for id_, paper in papers.items()}
    texts = (said.get(heading.id, "") for heading in headings)
    return list(compress(headings, map(partial(speaks_of, topic), texts)))


def _topic_lead(topic: str, number: int) -> str:
    if not number:
        return f"None of them has {quoted(topic)} in its title or abstract."
    one = f"1 of them has {quoted(topic)} in its title or abstract:"
    many = f"{number} of them have {quoted(topic)} in their titles or abstracts:"
    return agreeing(number, one, many)


def _lead(number: int, clauses: Sequence[_Clause]) -> str:
    if not clauses:
        return f"There are {counted(number, 'paper')}, the newest first:"
    form = agreeing(max(number, 1), "one", "many")
    said = " and ".join(map(attrgetter(form), clauses))
    amount = counted(number, "paper") if number else "No paper"
    return f"{amount} {said}."


def _clauses(
    traits: Traits, filters: Filters, headings: Sequence[Heading]
) -> list[_Clause]:
    """All that was asked for, in words."""
    together = " or " if traits.either else " and "
    phrases = together.join(map(quoted, traits.titled))
    number = _number(traits.fewest, traits.most)
    period = _period(filters.date_from, filters.date_to)
    name = as_text(_name_of(traits.by, headings))
    said = (
        (bool(phrases), _Clause.having(f"{phrases} in the title")),
        (bool(name), _Clause.being(f"by {name}")),
        (bool(number), _Clause.having(number)),
        (traits.dated is True, _Clause.having("a date")),
        (traits.dated is False, _Clause.having("no date")),
        (bool(period), _Clause.being(f"dated {period}")),
    )
    return list(map(itemgetter(1), filter(itemgetter(0), said)))


def _name_of(name: str, headings: Sequence[Heading]) -> str:
    """What an organisation calls itself, if it is one."""
    named = filter(None, map(attrgetter("organisation"), headings))
    called_so = filter(partial(stands_in, name), named)
    return organisation_name(next(called_so, name))


def _number(fewest: int | None, most: int | None) -> str:
    """How many authors, in words."""
    if (fewest, most) == (1, 1):
        return "only one author"
    number = _range(fewest, most, "fewer", "more")
    exactly = "exactly " * (fewest == most)
    return f"{exactly}{number} authors" if number else ""


def _period(first: str | None, last: str | None) -> str:
    """A range in words: "2023", "March 2025", "2024-01-05 to 2024-02-01", "2025-01-01 or later"."""
    days = _range(first, last, "earlier", "later")
    return _MONTH.sub(_month, _YEAR.sub(r"\g<year>", days))


def _month(days: re.Match[str]) -> str:
    return f"{MONTH_NAMES[int(days['month']) - 1]} {days['year']}"


def _range(low: object, high: object, less: str, more: str) -> str:
    """What lies between two ends, or on one side of the one that there is; "" if there is none."""
    if low == high:
        return str(low or "")
    if high is None:
        return f"{low} or {more}"
    if low is None:
        return f"{high} or {less}"
    return f"{low} to {high}"


# A year and a month from their first days to their last.
_YEAR = re.compile(r"(?P<year>\d{4})-01-01 to (?P=year)-12-31")
_MONTH = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d)-01 to (?P=year)-(?P=month)-(?:28|29|30|31)"
)


def _forms(traits: Traits, headings: Sequence[Heading]) -> list[str]:
    """In how many titles a phrase stands exactly so, where others have its plural."""
    if len(traits.titled) != 1:
        return []
    (phrase,) = traits.titled
    titles = map(attrgetter("title"), headings)
    exactly = len(list(filter(exact_pattern(phrase).search, titles)))
    if exactly == len(headings):
        return []
    verb = agreeing(exactly, "has", "have")
    return [
        f"{exactly:,} of these papers {verb} exactly {quoted(phrase)}, "
        "the others its plural or singular."
    ]


def _why_none(catalog: Catalog, traits: Traits, filters: Filters) -> list[str]:
    """What there is instead, where no paper has the traits asked for."""
    said = []
    first, last, _ = catalog.date_span()
    if filters and first:
        said.append(f"The papers with a date are of {first} to {last}.")
    if traits.by:
        total = counted(catalog.count(), "paper")
        nobody = catalog.count_unsigned()
        said.append(f"Of {total}, {nobody:,} name no organisation and no author.")
    return said


def _left_out(catalog: Catalog, traits: Traits, filters: Filters) -> str:
    """What the catalog does not say of papers that may belong to those."""
    undated = catalog.date_span()[2]
    if filters and undated:
        return f"the {counted(undated, 'paper')} without a date could not be considered"
    if (traits.fewest, traits.most) != (None, None):
        unknown = catalog.count() - catalog.count_stating_authors()
        return f"{counted(unknown, 'paper')} do not state how many authors they have"
    unsigned = catalog.count_unsigned() if traits.by else 0
    if unsigned:
        return f"{counted(unsigned, 'paper')} name no organisation and no author"
    return ""


def _remark(traits: Traits) -> Remark:
    """What is said of each paper, as it was asked for."""
    if traits.by:
        return _organisation
    if (traits.fewest, traits.most) != (None, None):
        return author_count
    return unremarked


def _organisation(paper: Paper) -> str:
    return as_text(organisation_name(paper.organisation or ""))
