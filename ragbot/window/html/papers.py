"""The pane of papers beside the chat, as HTML: a section an answer, a card a paper. Pure.

Anchors carry the answer: `#a3-p1` is the first paper of the third answer. Whatever a paper or a
question says is escaped here.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from ragbot.text.latex import readable
from ragbot.types import Answer, Citation, Hit, Paper
from ragbot.window.html.conversation import Turn

__all__ = ["EXPORTS", "abstract_html", "pane_html", "plain"]

# Formats of `ragbot.papers.export` that the window offers: name → (label, suffix, media type).
EXPORTS = {
    "bibtex": ("BibTeX", "bib", "application/x-bibtex"),
    "ris": ("RIS", "ris", "application/x-research-info-systems"),
    "csv": ("CSV", "csv", "text/csv"),
    "md": ("Markdown", "md", "text/markdown"),
}

_EMPTY = """<div class="pane-empty">
<h2>Papers</h2>
<p>Each statement of an answer carries a number, <span class="citation">[1]</span>, that leads here:
to the paper that makes it, with the quoted sentences <mark>highlighted</mark> in its abstract.</p>
<p>Keep them as BibTeX, RIS, CSV or Markdown.</p>
</div>"""

# Text between two quotations that is longer than this folds away until asked for.
_FOLD = 140


def plain(text: str) -> str:
    """Foreign text for HTML: LaTeX made readable, every special character escaped."""
    return html.escape(readable(text))


def pane_html(turns: Sequence[Turn]) -> str:
    """The pane for a conversation; the last answer is the one shown."""
    answered = [(n, turn.answer) for n, turn in enumerate(turns, 1) if turn.answer]
    if not answered:
        return _EMPTY
    last = answered[-1][0]
    return "".join(_section(number, answer, number == last) for number, answer in answered)


def abstract_html(abstract: str, evidence: Sequence[str]) -> str:
    """An abstract, its evidence marked; long stretches between are folded, the evidence never."""
    parts, at = [], 0
    for start, end in _spans(abstract, evidence):
        parts += [_between(abstract[at:start]), f"<mark>{plain(abstract[start:end])}</mark>"]
        at = end
    return "".join([*parts, _between(abstract[at:])])


def _spans(abstract: str, evidence: Sequence[str]) -> list[tuple[int, int]]:
    """Where the evidence stands in the abstract, in order, overlaps merged."""
    spans: list[tuple[int, int]] = []
    for sentence in evidence:
        words = sentence.split()
        found = re.search(r"\s+".join(map(re.escape, words)), abstract) if words else None
        if found:
            spans.append(found.span())
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _between(text: str) -> str:
    if len(text) <= _FOLD:
        return plain(text)
    return f'<span class="fold">{plain(text)}</span><span class="gap" aria-hidden="true"> … </span>'


def _section(number: int, answer: Answer, shown: bool) -> str:
    hidden = "" if shown else " hidden"
    return (
        f'<section class="papers" id="a{number}" data-answer="{number}"{hidden} '
        f'aria-label="Papers of answer {number}">'
        f"{_head(number, answer)}{_cards(number, answer.papers)}{_others(answer)}</section>"
    )


def _head(number: int, answer: Answer) -> str:
    count = len(answer.papers)
    title = f"{count} paper{'s' * (count != 1)} cited" if count else "No paper cited"
    asked = plain(" ".join(answer.question.split()))
    return (
        f'<header><h2>{title}<span class="of">answer {number}</span></h2>'
        f'<p class="asked">{asked}</p>{_downloads(answer.papers)}</header>'
    )


def _downloads(papers: Sequence[Citation]) -> str:
    if not papers:
        return ""
    ids = html.escape(" ".join(c.paper.id for c in papers))
    buttons = "".join(
        f'<button type="button" data-format="{name}" data-suffix="{suffix}" data-type="{media}" '
        f'aria-label="Download as {label}">{label}</button>'
        for name, (label, suffix, media) in EXPORTS.items()
    )
    return f'<div class="downloads" data-ids="{ids}"><span>Download</span>{buttons}</div>'


def _cards(number: int, papers: Sequence[Citation]) -> str:
    cards = "".join(
        f'<li class="card" id="a{number}-p{c.n}" tabindex="-1"><span class="number">{c.n}</span>'
        f"<h3>{_title(c.paper)}</h3>{_facts(c.paper, c.score)}{_abstract(c)}</li>"
        for c in papers
    )
    return f'<ol class="cards">{cards}</ol>' if cards else ""


def _abstract(citation: Citation) -> str:
    body = abstract_html(citation.paper.abstract, citation.evidence)
    if not body:
        return '<p class="abstract missing">No abstract in the collection.</p>'
    toggle = (
        '<button type="button" class="unfold" aria-expanded="false">Whole abstract</button>'
        if 'class="fold"' in body
        else ""
    )
    return f'<p class="abstract">{body}</p>{toggle}'


def _others(answer: Answer) -> str:
    if not answer.also_retrieved:
        return ""
    summary = "Nearest papers" if answer.abstained else "Also retrieved"
    items = "".join(_other(hit, rated=not answer.abstained) for hit in answer.also_retrieved)
    opened = " open" if answer.abstained else ""
    return (
        f'<details class="others"{opened}><summary>{summary} '
        f'<span class="of">{len(answer.also_retrieved)}</span></summary><ul>{items}</ul></details>'
    )


def _other(hit: Hit, *, rated: bool) -> str:
    quote = f'<p class="quote">{plain(hit.evidence[0])}</p>' if hit.evidence else ""
    facts = _facts(hit.paper, hit.score if rated else None)
    return f"<li><h3>{_title(hit.paper)}</h3>{facts}{quote}</li>"


def _title(paper: Paper) -> str:
    title = plain(paper.title)
    if paper.url and re.match(r"https?://[^\s]+\Z", paper.url):
        href = html.escape(paper.url)
        return f'<a href="{href}" target="_blank" rel="noopener noreferrer">{title}</a>'
    return title


def _facts(paper: Paper, score: float | None) -> str:
    """Date, who, relevance; after an abstention none, for scores compare papers, not questions."""
    facts = []
    if paper.date:
        inferred = (
            ' <abbr title="The page gave no year; it was worked out from the page\'s own date.">'
            "year inferred</abbr>"
            if paper.date_inferred
            else ""
        )
        date = html.escape(paper.date)
        facts.append(f'<time datetime="{date}">{date}</time>{inferred}')
    else:
        facts.append("undated")
    if who := _who(paper):
        facts.append(plain(who))
    if score is not None:
        percent = round(100 * min(max(score, 0.0), 1.0))
        facts.append(_relevance(percent))
    return '<p class="facts">' + "".join(f"<span>{fact}</span>" for fact in facts) + "</p>"


def _relevance(percent: int) -> str:
    return (
        f'relevance <span class="relevance" role="meter" aria-label="Relevance" aria-valuemin="0" '
        f'aria-valuemax="100" aria-valuenow="{percent}" title="Relevance {percent} %">'
        f'<i style="width:{percent}%"></i></span>'
    )


def _who(paper: Paper) -> str:
    """Authors as far as known: up to three names, else their number, else the organisation."""
    if paper.authors:
        named = ", ".join(paper.authors[:3])
        return f"{named} and {len(paper.authors) - 3} more" if len(paper.authors) > 3 else named
    if paper.author_count:
        return f"{paper.author_count} author{'s' * (paper.author_count != 1)}"
    return paper.organisation or ""
