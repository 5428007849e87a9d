"""Answers, and what searches find, as JSON objects and back.

Of a paper in them the JSON has what a reader needs; the rest comes from whoever has the papers: the
collection, or the file that keeps conversations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, cast

from ragbot.json_object import JsonObject
from ragbot.types import (
    Answer,
    Citation,
    Filters,
    Hit,
    Paper,
    Quote,
    SearchResult,
    Sentence,
)

__all__ = [
    "answer_json",
    "answer_of",
    "filters_json",
    "hit_json",
    "papers_of",
    "read_answer",
    "read_filters",
    "read_search",
    "search_json",
]


@dataclass(frozen=True, slots=True)
class _Form:
    """How figures are written, and how many sentences of a paper at most."""

    rounded: Callable[[float, int], float]
    evidence: int | None


def _unrounded(figure: float, digits: int) -> float:
    return figure


# For readers, to whom the last digits mean nothing; and to be read back as it was.
_FORMS = {False: _Form(round, 3), True: _Form(_unrounded, None)}


def hit_json(hit: Hit, *, exact: bool = False) -> dict[str, Any]:
    """A retrieved paper; ``exact`` with every digit, and all of its evidence."""
    form = _FORMS[exact]
    return {
        "id": hit.paper.id,
        "title": hit.paper.title,
        "date": hit.paper.date,
        "score": form.rounded(hit.score, 6),
        "dense": form.rounded(hit.dense, 6),
        "lexical": form.rounded(hit.lexical, 6),
        "evidence": list(hit.evidence[: form.evidence]),
    }


def search_json(result: SearchResult) -> dict[str, Any]:
    """What a search found."""
    return {
        "question": result.question,
        "filters": filters_json(result.filters),
        "papers": list(map(hit_json, result.hits)),
        "undated_left_out": result.undated_left_out,
        "seconds": round(result.seconds, 6),
    }


def answer_json(answer: Answer, *, exact: bool = False) -> dict[str, Any]:
    """An answer with everything needed to check it.

    ``exact`` is for `read_answer` to give the very same: every digit, and all evidence.
    """
    form = _FORMS[exact]
    hits = [hit_json(hit, exact=exact) for hit in answer.also_retrieved]
    timings = answer.timings_ms.items()
    return {
        "question": answer.question,
        "standalone_question": answer.standalone_question,
        "filters": filters_json(answer.filters),
        "kind": answer.kind,
        "mode": answer.mode,
        "answer": answer.text,
        "abstained": answer.abstained,
        "reason": answer.reason,
        "sentences": list(map(_sentence_json, answer.sentences)),
        "quotes": list(map(_quote_json, answer.quotes)),
        "papers": [_citation_json(cited, form) for cited in answer.papers],
        "also_retrieved": hits,
        "invalid_citations_removed": answer.invalid_citations_removed,
        "confidence": form.rounded(answer.confidence, 6),
        "reasoning": answer.reasoning,
        "failure": answer.failure,
        "fingerprint": dict(answer.fingerprint),
        "timings_ms": {stage: form.rounded(ms, 3) for stage, ms in timings},
    }


def _sentence_json(sentence: Sentence) -> dict[str, Any]:
    return {
        "text": sentence.text,
        "citations": list(sentence.citations),
        "states": sentence.states,
        "support": sentence.support,
        "reason": sentence.reason,
        "evidence": list(map(_quote_json, sentence.evidence)),
    }


def _quote_json(quote: Quote) -> dict[str, Any]:
    return {"n": quote.n, "text": quote.text}


def _citation_json(cited: Citation, form: _Form) -> dict[str, Any]:
    return {
        "n": cited.n,
        "id": cited.paper.id,
        "title": cited.paper.title,
        "date": cited.paper.date,
        "url": cited.paper.url,
        "score": form.rounded(cited.score, 6),
        "evidence": list(cited.evidence[: form.evidence]),
    }


def papers_of(answer: Answer) -> list[Paper]:
    """All papers that an answer has: those that it cites, then those also retrieved."""
    return list(map(attrgetter("paper"), [*answer.papers, *answer.also_retrieved]))


def filters_json(filters: Filters) -> dict[str, Any]:
    """A range of dates; an open end is null."""
    return {"date_from": filters.date_from, "date_to": filters.date_to}


# -- and back -----------------------------------------------------------------------------------


_MODES = ("extractive", "llm", "catalog")
_SUPPORT = ("supported", "unsupported", "uncited", "not_checked")
_REASONS = ("nothing_close", "not_stated")


def read_search(document: object, papers: Mapping[str, Paper]) -> SearchResult:
    """What `search_json` wrote; ``papers`` are those of the collection, by id.

    A paper that is no longer there has but its title and date.

    Raises:
        InputError: a field is missing or of another kind.
    """
    fields = JsonObject(document, "")
    return SearchResult(
        question=fields.take("question", str),
        filters=read_filters(fields.object("filters")),
        hits=tuple(_read_hit(hit, papers) for hit in fields.objects("papers")),
        undated_left_out=fields.maybe("undated_left_out", int, 0),
        seconds=fields.take("seconds", float),
    )


def read_answer(document: object, papers: Mapping[str, Paper]) -> Answer:
    """The answer that `answer_json` wrote; ``papers`` are those of the collection, by id.

    A paper that is no longer there has but its title, date and address.

    Raises:
        InputError: a field is missing or of another kind.
    """
    return answer_of(JsonObject(document, ""), papers)


def answer_of(fields: JsonObject, papers: Mapping[str, Paper]) -> Answer:
    """As `read_answer`, of an object in a document, whose place errors name."""
    reason = (
        fields.one_of("reason", _REASONS) if fields.maybe("reason", str, None) else None
    )
    return Answer(
        question=fields.take("question", str),
        standalone_question=fields.take("standalone_question", str),
        mode=cast(Any, fields.one_of("mode", _MODES)),
        text=fields.take("answer", str),
        abstained=fields.take("abstained", bool),
        reason=cast(Any, reason),
        sentences=tuple(map(_read_sentence, fields.objects("sentences"))),
        quotes=tuple(map(_read_quote, fields.objects("quotes"))),
        papers=tuple(
            _read_citation(cited, papers) for cited in fields.objects("papers")
        ),
        also_retrieved=tuple(
            _read_hit(hit, papers) for hit in fields.objects("also_retrieved")
        ),
        invalid_citations_removed=fields.take("invalid_citations_removed", int),
        confidence=fields.maybe("confidence", float, 0.0),
        fingerprint=fields.mapping("fingerprint", str),
        reasoning=fields.maybe("reasoning", str, ""),
        failure=fields.maybe("failure", str, None),
        filters=read_filters(fields.object("filters")),
        # Answers of older versions have none.
        kind=cast(Any, fields.maybe("kind", str, "other")),
        timings_ms=fields.mapping("timings_ms", float),
    )


def _read_sentence(fields: JsonObject) -> Sentence:
    return Sentence(
        text=fields.take("text", str),
        citations=fields.integers("citations"),
        states=fields.take("states", bool),
        support=cast(Any, fields.one_of("support", _SUPPORT)),
        reason=fields.maybe("reason", str, None),
        evidence=tuple(map(_read_quote, fields.objects("evidence"))),
    )


def _read_quote(fields: JsonObject) -> Quote:
    return Quote(fields.take("n", int), fields.take("text", str))


def _read_citation(fields: JsonObject, papers: Mapping[str, Paper]) -> Citation:
    return Citation(
        n=fields.take("n", int),
        paper=_read_known(fields, papers),
        score=fields.maybe("score", float, 0.0),
        evidence=fields.texts("evidence"),
    )


def _read_hit(fields: JsonObject, papers: Mapping[str, Paper]) -> Hit:
    return Hit(
        paper=_read_known(fields, papers),
        score=fields.take("score", float),
        dense=fields.maybe("dense", float, 0.0),
        lexical=fields.maybe("lexical", float, 0.0),
        evidence=fields.texts("evidence"),
    )


def _read_known(fields: JsonObject, papers: Mapping[str, Paper]) -> Paper:
    id_ = fields.take("id", str)
    if id_ in papers:
        return papers[id_]
    return Paper(
        id=id_,
        title=fields.take("title", str),
        abstract="",
        date=fields.maybe("date", str, None),
        url=fields.maybe("url", str, None),
    )


def read_filters(fields: JsonObject) -> Filters:
    """What `filters_json` wrote.

    Raises:
        InputError: an end is no text.
    """
    return Filters(
        fields.maybe("date_from", str, None), fields.maybe("date_to", str, None)
    )
