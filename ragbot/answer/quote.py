"""Answers made of quotations: what Ragbot says without a language model, shaped as the question
asks. Knows values, no store and no model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat

from ragbot.answer.sheet import Entry, Page, TableRow
from ragbot.papers.describe import dated
from ragbot.question.turns import ALSO
from ragbot.text.english import agreeing, counted
from ragbot.text.markdown import as_text
from ragbot.types import Citation, Draft, Hit, Kind, Reason, Sentence

__all__ = ["Section", "compose", "remark"]

_NEAREST = 3


@dataclass(frozen=True, slots=True)
class Section:
    """What one question is answered with: papers and what is quoted of each, in order.

    ``also`` are further papers that come close. ``reason`` is why there is no answer: then ``near``
    are named and nothing is stated of them. ``lead`` stands above instead of the usual words.
    Entries with ``rows`` stand in a table, side by side.
    ``heading`` is the question, if one of several; ``hint`` says how to ask it better.
    """

    kind: Kind
    entries: Sequence[Entry] = ()
    also: Sequence[Entry] = ()
    near: Sequence[Hit] = ()
    reason: Reason | None = None
    lead: str = ""
    heading: str = ""
    hint: str = ""
    rows: Sequence[TableRow] = ()


def compose(
    sections: Sequence[Section],
    *,
    collection: int,
    note: str = "",
    cited: Sequence[Citation] = (),
    follows: bool = False,
) -> Draft:
    """The answer to one question, or part by part to several.

    ``collection`` is the number of papers there are; ``note`` is added to the closing line.
    ``cited`` are papers that have numbers already, from text of a language model that this answer
    ``follows``.
    """
    page = Page(cited, follows=follows)
    for section in sections:
        if section.heading:
            page.lead(f"**{as_text(section.heading)}**")
        if section.hint:
            page.lead(f"*{as_text(section.hint)}*")
        if section.reason:
            _decline(page, section, collection)
        else:
            _SHAPES.get(section.kind, _one)(page, section)
    return page.finish(collection, note)


def _one(page: Page, section: Section) -> None:
    """What one paper says, or the papers that the question names; then others on it."""
    prefixes = chain(repeat("", len(section.entries)), [ALSO], repeat(""))
    for entry in chain(section.entries, section.also):
        page.paper(entry, next(prefixes))


def _side_by_side(page: Page, section: Section) -> None:
    if len(section.entries) > 1:
        page.lead("Side by side:")
    if section.rows:
        page.table(section.entries, section.rows)
    else:
        _one(page, section)


def _list(page: Page, section: Section) -> None:
    listed = len(section.entries)
    several = f"{listed} papers on this, the closest first:"
    page.lead(section.lead or agreeing(listed, "One paper on this:", several))
    for at, entry in enumerate(section.entries, 1):
        page.item(at, entry)


_SHAPES: Mapping[Kind, Callable[[Page, Section], None]] = {
    "comparison": _side_by_side,
    "list": _list,
    "count": _list,
    "similar": _list,
    "superlative": _list,
}


def _decline(page: Page, section: Section, collection: int) -> None:
    """What is said instead of an answer: the nearest papers are named, nothing stated of them."""
    page.lead(section.lead or _why(section.reason, collection))
    if not section.near:
        return
    page.lead("The nearest papers are:")
    page.block("\n".join(map(_named, section.near[:_NEAREST])))


def _why(reason: Reason | None, collection: int) -> str:
    if not collection:  # an empty collection is an error before it is asked
        return "No paper of the collection is dated within this range."
    if reason == "nothing_close":
        return f"Nothing in the {counted(collection, 'abstract')} comes close to this question."
    return "The abstracts do not state this, though some are on the topic."


def _named(hit: Hit) -> str:
    on = f" · {dated(hit.paper)}" if hit.paper.date else ""
    return f"- **{as_text(hit.paper.title)}**{on}"


def remark(what: str) -> Draft:
    """One thing said instead of an answer, which rests on no abstract."""
    text = as_text(what)
    return Draft(text, (Sentence(text, (), False, "not_checked"),), (), ())
