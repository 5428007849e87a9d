"""Answers made of quotations: what Ragbot says without a language model.

Everything such an answer states about a paper is a verbatim sentence of its abstract, cited. Leads
are titles and neutral words. Knows retrieval's values, no store and no model.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from ragbot.question.subjects import mentions, rare_names
from ragbot.question.turns import ALSO
from ragbot.text.english import counted
from ragbot.text.markdown import as_text
from ragbot.text.names import stands_in
from ragbot.types import (
    Citation,
    Draft,
    Hit,
    Kind,
    Lexicon,
    Paper,
    Quote,
    Reason,
    Sentence,
    Source,
)

__all__ = ["compose", "decline", "remark", "sides"]

# A paper joins a list while its score is at least this share of the best one's, or while it bears
# the name that the list is about.
_LIST_SHARE = 0.68
_LEAST_LISTED = 3
# A single answer names a further paper whose score has this share, or whose cosine is high.
_ALSO_SHARE = 0.9


class _Page:
    """Collects blocks, numbers papers in order of first use."""

    def __init__(
        self, cited: Sequence[Citation] = (), *, follows: bool = False
    ) -> None:
        self._blocks: list[str] = []
        self._sentences: list[Sentence] = []
        self._quotes: list[Quote] = []
        self._cited = {c.paper.id: (c, list(c.evidence)) for c in cited}
        self._follows = follows

    def lead(self, text: str) -> None:
        self._blocks.append(text)
        self._sentences.append(Sentence(text, (), False, "not_checked"))

    def paper(self, source: Source, quotes: Sequence[str], prefix: str = "") -> None:
        paper = source.hit.paper
        new = Citation(
            len(self._cited) + 1, paper, source.hit.score, source.hit.evidence
        )
        citation, quoted = self._cited.setdefault(paper.id, (new, []))
        n = citation.n
        dated = f" · {_date(paper)}" if prefix[:1].isdigit() and paper.date else ""
        indent = " " * len(prefix) if prefix[:1].isdigit() else ""
        bare = "" if paper.abstract else " · no abstract"
        lines = [f"{prefix}**{as_text(paper.title)}** [{n}]{dated}{bare}"]
        self._sentences.append(Sentence(paper.title, (n,), False, "not_checked"))
        for i, quote in enumerate(quotes):
            lines += [f"{indent}>"] if i else [""] if indent else []
            lines.append(f"{indent}> {as_text(quote)} [{n}]")
            if quote not in quoted:
                quoted.append(quote)
            self._quotes.append(Quote(n, quote))
            self._sentences.append(Sentence(quote, (n,), True, "supported"))
        self._blocks.append("\n".join(lines))

    def finish(self, collection: int, note: str) -> Draft:
        used = len({q.n for q in self._quotes})
        how = _how(self._follows)
        searched = counted(collection, "abstract")
        self._blocks.append(f"*Quoted from {used} of {searched}{how}.{note}*")
        return Draft(
            "\n\n".join(self._blocks),
            tuple(self._sentences),
            tuple(self._quotes),
            tuple(
                replace(citation, evidence=tuple(quoted) or citation.evidence)
                for citation, quoted in self._cited.values()
            ),
        )


def compose(
    kind: Kind,
    sources: Sequence[Source],
    *,
    quotes: int,
    most_listed: int,
    also_above: float,
    named: Collection[str] = (),
    by_date: bool = False,
    collection: int,
    note: str = "",
    cited: Sequence[Citation] = (),
    follows: bool = False,
) -> Draft:
    """The answer from its sources, best first.

    ``quotes`` is the number of sentences of the best paper for a question about one thing, which
    names up to two more papers that score nearly as high or whose cosine is ``also_above``;
    ``named`` are the ids of the papers that bear a name which the question gives; ``by_date`` says
    that the sources are the newest of the ``collection``, not the closest;
    ``collection`` the number of papers there are; ``note`` is added to the closing line.
    ``cited`` are papers that have numbers already, from text of a language model that this answer
    ``follows``.
    """
    page = _Page(cited, follows=follows)
    if kind == "list":
        least = _LIST_SHARE * sources[0].hit.score
        listed = [s for s in sources if s.hit.score >= least or s.hit.paper.id in named]
        listed = listed[:most_listed]
        listed = (
            listed if len(listed) >= _LEAST_LISTED else list(sources[:_LEAST_LISTED])
        )
        page.lead(_list_lead(len(listed), collection if by_date else None))
        for i, source in enumerate(listed, 1):
            page.paper(source, _texts(source, 1), f"{i}. ")
    elif kind == "compare" and len(sources) > 1:
        page.lead("Side by side:")
        for source in sources[:most_listed]:
            page.paper(source, _texts(source, 2))
    else:
        least = _ALSO_SHARE * sources[0].hit.score
        also = [
            s for s in sources[1:3] if s.hit.score >= least or s.hit.dense >= also_above
        ]
        # Where others come as close, breadth is worth more than a last sentence of the best.
        page.paper(
            sources[0], _texts(sources[0], max(1, quotes - 1) if also else quotes)
        )
        for i, source in enumerate(also):
            page.paper(source, _texts(source, 1), "" if i else ALSO)
    return page.finish(collection, note)


def _list_lead(listed: int, dated: int | None) -> str:
    if dated is None:
        return (
            f"{listed} papers on this, the closest first:"
            if listed > 1
            else "One paper on this:"
        )
    if dated == 1:
        return "One paper is dated within this range:"
    which = "the newest first" if listed == dated else f"the newest {listed}"
    return f"{dated} papers are dated within this range, {which}:"


def decline(
    reason: Reason,
    nearest: Sequence[Hit],
    collection: int,
    note: str = "",
    *,
    follows: bool = False,
) -> Draft:
    """What is said instead of an answer: the nearest papers are named, nothing stated of them.

    ``follows`` is whether words of a language model stand above it.
    """
    if not collection:  # an empty collection is an error before it is asked
        lead = "No paper of the collection is dated within this range."
    elif reason == "nothing_close":
        lead = f"Nothing in the {counted(collection, 'abstract')} comes close to this question."
    else:
        lead = "The abstracts do not state this, though some are on the topic."
    blocks = [lead]
    if nearest:
        names = [
            f"- **{as_text(h.paper.title)}**"
            + (f" · {_date(h.paper)}" if h.paper.date else "")
            for h in nearest
        ]
        blocks += ["The nearest papers are:", "\n".join(names)]
    blocks.append(f"*Searched {counted(collection, 'abstract')}{_how(follows)}.{note}*")
    said = tuple(Sentence(b, (), False, "not_checked") for b in blocks[:2])
    return Draft("\n\n".join(blocks), said, (), ())


def remark(what: str) -> Draft:
    """One thing said instead of an answer, which rests on no abstract."""
    text = as_text(what)
    return Draft(text, (Sentence(text, (), False, "not_checked"),), (), ())


def _how(follows: bool) -> str:
    """That nobody wrote this, which is not so where it follows what a language model wrote."""
    return "" if follows else "; no language model was used"


def _texts(source: Source, n: int) -> list[str]:
    """The best ``n`` sentences, best first; none of a paper without an abstract."""
    return [s.text for s in source.ranked[:n]]


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
