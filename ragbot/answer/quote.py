"""Answers made of quotations: what Ragbot says without a language model.

Everything such an answer states about a paper is a verbatim sentence of its abstract, cited. Leads
are titles and neutral words. Knows retrieval's values, no store and no model.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from ragbot.question.subjects import mentions, rare_names
from ragbot.question.turns import ALSO
from ragbot.text.english import counted
from ragbot.text.markdown import as_text
from ragbot.text.names import stands_in
from ragbot.types import (
    Citation,
    Draft,
    Kind,
    Lexicon,
    Paper,
    Quote,
    Reason,
    Sentence,
    Source,
)

__all__ = ["Lengths", "Section", "compose", "remark", "sides"]

# A paper joins a list while its score is at least this share of the best one's, or while it bears
# the name that the list is about.
_LIST_SHARE = 0.68
_LEAST_LISTED = 3
# A single answer names a further paper whose score has this share, or whose cosine is high.
_ALSO_SHARE = 0.9
_MOST_ALSO = 2
_SIDE_QUOTES = 2
_NEAREST = 3


@dataclass(frozen=True, slots=True)
class Section:
    """What one question is answered with: its sources, best first, set out as its kind asks.

    ``named`` are the ids of the papers that bear a name which the question gives; ``by_date`` says
    that the sources are the newest, not the closest. ``reason`` is why there is no answer: then the
    nearest are named and nothing is stated of them. ``lead`` stands above instead of the usual
    words; under it a list has all its sources. ``heading`` is the question, if one of several.
    """

    kind: Kind
    sources: Sequence[Source]
    named: Collection[str] = ()
    by_date: bool = False
    reason: Reason | None = None
    lead: str = ""
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Lengths:
    """How much is quoted.

    ``quotes`` is the number of sentences of the best paper for a question about one thing, which
    names up to two more papers that score nearly as high or whose cosine is ``also_above``.
    """

    quotes: int
    most_listed: int
    also_above: float


class _Page:
    """Collects blocks, numbers papers in order of first use."""

    def __init__(self, cited: Sequence[Citation], *, follows: bool) -> None:
        self._blocks: list[str] = []
        self._sentences: list[Sentence] = []
        self._quotes: list[Quote] = []
        self._cited = {c.paper.id: (c, list(c.evidence)) for c in cited}
        self._follows = follows
        self._names_papers = False

    def lead(self, text: str) -> None:
        self._blocks.append(text)
        self._sentences.append(Sentence(text, (), False, "not_checked"))

    def block(self, text: str) -> None:
        self._blocks.append(text)

    def paper(self, source: Source, quotes: int, prefix: str = "") -> None:
        """A paper with the best of its sentences; none of a paper without an abstract."""
        self._names_papers = True
        paper = source.hit.paper
        new = Citation(
            len(self._cited) + 1, paper, source.hit.score, source.hit.evidence
        )
        citation, quoted = self._cited.setdefault(paper.id, (new, []))
        n = citation.n
        is_entry = prefix[:1].isdigit()
        dated = f" · {_date(paper)}" if is_entry and paper.date else ""
        bare = "" if paper.abstract else " · no abstract"
        self._sentences.append(Sentence(paper.title, (n,), False, "not_checked"))
        lines = [f"{prefix}**{as_text(paper.title)}** [{n}]{dated}{bare}"]
        indent = " " * len(prefix) if is_entry else ""
        between = ""
        if source.ranked and is_entry:
            lines.append("")
        for sentence in source.ranked[:quotes]:
            quote = sentence.text
            if between:
                lines.append(between)
            between = f"{indent}>"
            lines.append(f"{indent}> {as_text(quote)} [{n}]")
            if quote not in quoted:
                quoted.append(quote)
            self._quotes.append(Quote(n, quote))
            self._sentences.append(Sentence(quote, (n,), True, "supported"))
        self._blocks.append("\n".join(lines))

    def finish(self, collection: int, note: str) -> Draft:
        used = len({q.n for q in self._quotes})
        # Nobody wrote this, which is not so where it follows what a language model wrote.
        how = "" if self._follows else "; no language model was used"
        searched = counted(collection, "abstract")
        did = f"Quoted from {used} of" if self._names_papers else "Searched"
        self._blocks.append(f"*{did} {searched}{how}.{note}*")
        papers = []
        for citation, quoted in self._cited.values():
            evidence = tuple(quoted) or citation.evidence
            papers.append(replace(citation, evidence=evidence))
        return Draft(
            "\n\n".join(self._blocks),
            tuple(self._sentences),
            tuple(self._quotes),
            tuple(papers) if self._names_papers else (),
        )


def compose(
    sections: Sequence[Section],
    lengths: Lengths,
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
    page = _Page(cited, follows=follows)
    for section in sections:
        if section.heading:
            page.lead(f"**{as_text(section.heading)}**")
        if section.reason:
            _decline(page, section, collection)
        elif section.kind == "list":
            _list(page, section, lengths.most_listed, collection)
        elif section.kind == "compare" and len(section.sources) > 1:
            page.lead("Side by side:")
            for source in section.sources[: lengths.most_listed]:
                page.paper(source, _SIDE_QUOTES)
        else:
            _one(page, section.sources, lengths)
    return page.finish(collection, note)


def _one(page: _Page, sources: Sequence[Source], lengths: Lengths) -> None:
    best, *others = sources
    least = _ALSO_SHARE * best.hit.score
    high = lengths.also_above
    also = [
        source
        for source in others[:_MOST_ALSO]
        if source.hit.score >= least or source.hit.dense >= high
    ]
    # Where others come as close, breadth is worth more than a last sentence of the best.
    page.paper(best, max(1, lengths.quotes - 1) if also else lengths.quotes)
    prefix = ALSO
    for source in also:
        page.paper(source, 1, prefix)
        prefix = ""


def _list(page: _Page, section: Section, most: int, collection: int) -> None:
    listed = section.sources
    if not section.lead:
        listed = _close(section.sources, section.named)
    listed = listed[:most]
    dated = collection if section.by_date else None
    page.lead(section.lead or _list_lead(len(listed), dated))
    for i, source in enumerate(listed, 1):
        page.paper(source, 1, f"{i}. ")


def _close(sources: Sequence[Source], named: Collection[str]) -> Sequence[Source]:
    """Those that come near the best, or bear a name of the question; three in any case."""
    least = _LIST_SHARE * sources[0].hit.score
    close = [s for s in sources if s.hit.score >= least or s.hit.paper.id in named]
    return close if len(close) >= _LEAST_LISTED else sources[:_LEAST_LISTED]


def _list_lead(listed: int, dated: int | None) -> str:
    if dated == 1:
        return "One paper is dated within this range:"
    if dated is not None:
        which = "the newest first" if listed == dated else f"the newest {listed}"
        return f"{dated} papers are dated within this range, {which}:"
    if listed == 1:
        return "One paper on this:"
    return f"{listed} papers on this, the closest first:"


def _decline(page: _Page, section: Section, collection: int) -> None:
    """What is said instead of an answer: the nearest papers are named, nothing stated of them."""
    lead = section.lead
    if not collection:  # an empty collection is an error before it is asked
        lead = "No paper of the collection is dated within this range."
    elif not lead and section.reason == "nothing_close":
        lead = f"Nothing in the {counted(collection, 'abstract')} comes close to this question."
    elif not lead:
        lead = "The abstracts do not state this, though some are on the topic."
    page.lead(lead)
    if not section.sources:
        return
    page.lead("The nearest papers are:")
    names = []
    for source in section.sources[:_NEAREST]:
        paper = source.hit.paper
        dated = f" · {_date(paper)}" if paper.date else ""
        names.append(f"- **{as_text(paper.title)}**{dated}")
    page.block("\n".join(names))


def remark(what: str) -> Draft:
    """One thing said instead of an answer, which rests on no abstract."""
    text = as_text(what)
    return Draft(text, (Sentence(text, (), False, "not_checked"),), (), ())


def _date(paper: Paper) -> str:
    return f"{paper.date} (year inferred)" if paper.date_inferred else str(paper.date)


def sides(sources: Sequence[Source], question: str, lexicon: Lexicon) -> list[Source]:
    """The papers a comparison sets side by side: for each rare name the best paper that bears it,
    in the order of the question; the two best papers if fewer than two are found."""
    chosen: list[Source] = []
    for name in rare_names(question, lexicon):
        titled = [s for s in sources if stands_in(name, s.hit.paper.title)]
        inside = [s for s in sources if mentions(s.hit.paper, name)]
        best = next((s for s in [*titled, *inside] if s not in chosen), None)
        if best and not any(s in chosen for s in titled):
            chosen.append(best)
    rest = [s for s in sources if s not in chosen]
    return [*chosen, *rest[: max(0, 2 - len(chosen))]]
