"""The pane of papers beside the chat, as HTML: a section an answer, a card a paper. Pure.

Anchors carry the answer: `#a3-p1` is the first paper of the third answer. Whatever a paper or a
question says is escaped here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from operator import attrgetter

from ragbot.papers.describe import INFERRED, names_of, web_address, who
from ragbot.text.english import counted, framed
from ragbot.types import Answer, Citation, Hit, Paper
from ragbot.window.html.buttons import buttons
from ragbot.window.html.conversation import Turn
from ragbot.window.html.escaped import escaped, plain

__all__ = ["EXPORTS", "abstract_html", "pane_html"]

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
<p>Keep them as BibTeX, RIS, CSV or Markdown, or see them side by side as a table.</p>
</div>"""

_UNFOLD = (
    '<button type="button" class="unfold" aria-expanded="false">Whole abstract</button>'
)
# Text between two quotations that is longer than this folds away until asked for.
_FOLD = 140


def pane_html(turns: Sequence[Turn], *, made: int = 0) -> str:
    """The pane for a conversation: a section an answer. The page shows one of them at a time.

    ``made`` differs from pane to pane, so that the page can tell a new one that looks like the old.
    """
    answered = {n: turn for n, turn in enumerate(turns, 1) if turn.answer}
    if not answered:
        return _EMPTY
    numbers = list(answered)
    sections = "".join(
        _section(number, turn, numbers) for number, turn in answered.items()
    )
    return f'<div class="pane" data-made="{made}" data-latest="a{numbers[-1]}">{sections}</div>'


def abstract_html(abstract: str, evidence: Sequence[str]) -> str:
    """An abstract, its evidence marked; long stretches between are folded, the evidence never.

    A mark bears the places of its sentences among the evidence: ``data-e="0 2"``.
    """
    parts, at = [], 0
    for start, end, places in _spans(abstract, evidence):
        numbers = " ".join(map(str, places))
        marked = f'<mark data-e="{numbers}">{plain(abstract[start:end])}</mark>'
        parts += [_between(abstract[at:start]), marked]
        at = end
    return "".join([*parts, _between(abstract[at:])])


def _spans(abstract: str, evidence: Sequence[str]) -> list[tuple[int, int, list[int]]]:
    """Where the evidence stands in the abstract and its places, in order, overlaps merged."""
    spans = []
    for place, sentence in enumerate(evidence):
        words = map(re.escape, sentence.split())
        found = re.search(r"\s+".join(words), abstract)
        if found and found[0]:
            spans.append((*found.span(), [place]))
    merged: list[tuple[int, int, list[int]]] = []
    for start, end, places in sorted(spans):
        if merged and start <= merged[-1][1]:
            first, last, others = merged[-1]
            merged[-1] = (first, max(end, last), [*others, *places])
        else:
            merged.append((start, end, places))
    return merged


def _between(text: str) -> str:
    if len(text) <= _FOLD:
        return plain(text)
    return f'<span class="fold">{plain(text)}</span><span class="gap" aria-hidden="true"> … </span>'


def _section(number: int, turn: Turn, numbers: Sequence[int]) -> str:
    answer = turn.answer
    assert answer is not None  # only those are asked for
    return (
        f'<section class="papers" id="a{number}" data-answer="{number}" '
        f'aria-label="Papers of answer {number}">'
        f"{_head(number, turn, answer, numbers)}{_cards(number, answer.papers)}{_others(answer)}"
        "</section>"
    )


def _head(number: int, turn: Turn, answer: Answer, numbers: Sequence[int]) -> str:
    count = len(answer.papers)
    title = f"{counted(count, 'paper')} cited" if count else "No paper cited"
    asked = plain(" ".join(answer.question.split()))
    stopped = ", stopped" if turn.stopped else ""
    return (
        f'<header><h2>{title}<span class="of">answer {number}{stopped}</span></h2>'
        f"{_steps(number, numbers)}"
        f'<p class="asked">{asked}</p>{_downloads(answer.papers)}</header>'
    )


def _steps(number: int, numbers: Sequence[int]) -> str:
    """Buttons that lead to the papers of the answers before and after."""
    if len(numbers) < 2:
        return ""
    at = numbers.index(number)
    before, after = numbers[:at][-1:], numbers[at + 1 :][:1]
    return f'<span class="steps">{_step(before, "‹", "before")}{_step(after, "›", "after")}</span>'


def _step(to: Sequence[int], sign: str, where: str) -> str:
    target = f'data-show="a{to[0]}"' if to else "disabled"
    return f'<button type="button" {target} aria-label="Answer {where}">{sign}</button>'


def _downloads(papers: Sequence[Citation]) -> str:
    if not papers:
        return ""
    ids = escaped(" ".join(map(attrgetter("paper.id"), papers)))
    return (
        f'<div class="downloads" data-ids="{ids}"><span>Download</span>{buttons(EXPORTS)}'
        '<button type="button" data-matrix>As a table</button></div>'
    )


def _cards(number: int, papers: Sequence[Citation]) -> str:
    cards = "".join(
        f'<li class="card" id="a{number}-p{c.n}" tabindex="-1"><span class="number">{c.n}</span>'
        f"<h3>{_title(c.paper)}</h3>{_facts(c.paper, c.score)}{_abstract(c)}</li>"
        for c in papers
    )
    return framed('<ol class="cards">{}</ol>', cards)


def _abstract(citation: Citation) -> str:
    body = abstract_html(citation.paper.abstract, citation.evidence)
    if not body:
        return '<p class="abstract missing">No abstract in the collection.</p>'
    shown = f'<p class="abstract">{body}</p>'
    return shown + _UNFOLD if 'class="fold"' in body else shown


def _others(answer: Answer) -> str:
    if not answer.also_retrieved:
        return ""
    opened, summary = _ALSO[answer.abstained]
    rated = not answer.abstained
    items = "".join(_other(hit, rated=rated) for hit in answer.also_retrieved)
    return (
        f'<details class="others"{opened}><summary>{summary} '
        f'<span class="of">{len(answer.also_retrieved)}</span></summary><ul>{items}</ul></details>'
    )


# Whether they are seen at once, and what they are called: beside an answer, after an abstention.
_ALSO = {False: ("", "Also retrieved"), True: (" open", "Nearest papers")}


def _other(hit: Hit, *, rated: bool) -> str:
    quote = f'<p class="quote">{plain(hit.evidence[0])}</p>' if hit.evidence else ""
    facts = _facts(hit.paper, hit.score if rated else None)
    return f"<li><h3>{_title(hit.paper)}</h3>{facts}{quote}</li>"


def _title(paper: Paper) -> str:
    title = plain(paper.title)
    address = web_address(paper) or ""
    if re.match(r"https?://[^\s]+\Z", address):
        href = escaped(address)
        return f'<a href="{href}" target="_blank" rel="noopener noreferrer">{title}</a>'
    return title


def _facts(paper: Paper, score: float | None) -> str:
    """Date, who, relevance; after an abstention none, for scores compare papers, not questions."""
    facts = [_date(paper)]
    if known := who(paper):
        facts.append(plain(known))
    facts += map(plain, names_of(paper))
    if score is not None:
        percent = round(100 * min(max(score, 0.0), 1.0))
        facts.append(_relevance(percent))
    return (
        '<p class="facts">' + "".join(f"<span>{fact}</span>" for fact in facts) + "</p>"
    )


def _date(paper: Paper) -> str:
    if not paper.date:
        return "undated"
    date = escaped(paper.date)
    shown = f'<time datetime="{date}">{date}</time>'
    return shown + _WORKED_OUT if paper.date_inferred else shown


_WORKED_OUT = (
    ' <abbr title="The page gave no year; it was worked out from the page\'s own date.">'
    f"{INFERRED}</abbr>"
)


def _relevance(percent: int) -> str:
    return (
        f'relevance <span class="relevance" role="meter" aria-label="Relevance" aria-valuemin="0" '
        f'aria-valuemax="100" aria-valuenow="{percent}" title="Relevance {percent} %">'
        f'<i style="width:{percent}%"></i></span>'
    )
