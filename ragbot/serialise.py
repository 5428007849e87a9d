"""Values of `ragbot.types` as JSON objects and back: the one place of the shapes others rely on.

Keys and their meanings are a contract; floats are rounded, as their last digits mean nothing. What
is read back may come from anywhere: a field that is missing or of another kind is an `InputError`
that names it. Of the papers in an answer the JSON holds what a reader needs; the rest is looked up
in the collection.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, cast

from ragbot.json_object import JsonObject
from ragbot.types import (
    Answer,
    Citation,
    FileReport,
    Filters,
    Hit,
    IngestReport,
    LookedUp,
    Paper,
    Quote,
    SearchResult,
    Sentence,
    Skipped,
)

__all__ = [
    "answer_json",
    "hit_json",
    "ingest_json",
    "json_text",
    "paper_json",
    "read_answer",
    "read_ingest",
    "read_paper",
    "read_search",
    "search_json",
]

_EVIDENCE = 3
# What a terminal obeys and JSON leaves as it is.
_CONTROLS = re.compile("[\x7f-\x9f]")


def json_text(document: object, *, indent: int | None = None) -> str:
    """JSON with every letter as it is and every control character escaped; no line end."""
    text = json.dumps(document, ensure_ascii=False, indent=indent)
    return _CONTROLS.sub(lambda m: f"\\u{ord(m.group()):04x}", text)


def paper_json(paper: Paper) -> dict[str, Any]:
    """Everything known of a paper."""
    return {
        "id": paper.id,
        "title": paper.title,
        "abstract": paper.abstract,
        "date": paper.date,
        "date_inferred": paper.date_inferred,
        "authors": list(paper.authors),
        "author_count": paper.author_count,
        "organisation": paper.organisation,
        "comments": paper.comments,
        "url": paper.url,
        "arxiv_id": paper.arxiv_id,
        "doi": paper.doi,
        "venue": paper.venue,
        "keywords": list(paper.keywords),
        "sources": list(paper.sources),
    }


def hit_json(hit: Hit) -> dict[str, Any]:
    """A retrieved paper."""
    return {
        "id": hit.paper.id,
        "title": hit.paper.title,
        "date": hit.paper.date,
        "score": round(hit.score, 6),
        "dense": round(hit.dense, 6),
        "lexical": round(hit.lexical, 6),
        "evidence": list(hit.evidence[:_EVIDENCE]),
    }


def search_json(result: SearchResult) -> dict[str, Any]:
    """What a search found."""
    return {
        "question": result.question,
        "filters": _filters_json(result.filters),
        "papers": list(map(hit_json, result.hits)),
        "undated_left_out": result.undated_left_out,
        "seconds": round(result.seconds, 6),
    }


def answer_json(answer: Answer) -> dict[str, Any]:
    """An answer with everything needed to check it."""
    return {
        "question": answer.question,
        "standalone_question": answer.standalone_question,
        "filters": _filters_json(answer.filters),
        "kind": answer.kind,
        "mode": answer.mode,
        "answer": answer.text,
        "abstained": answer.abstained,
        "reason": answer.reason,
        "sentences": [
            {
                "text": s.text,
                "citations": list(s.citations),
                "states": s.states,
                "support": s.support,
                "reason": s.reason,
                "evidence": [{"n": q.n, "text": q.text} for q in s.evidence],
            }
            for s in answer.sentences
        ],
        "quotes": [{"n": q.n, "text": q.text} for q in answer.quotes],
        "papers": [
            {
                "n": c.n,
                "id": c.paper.id,
                "title": c.paper.title,
                "date": c.paper.date,
                "url": c.paper.url,
                "score": round(c.score, 6),
                "evidence": list(c.evidence[:_EVIDENCE]),
            }
            for c in answer.papers
        ],
        "also_retrieved": list(map(hit_json, answer.also_retrieved)),
        "invalid_citations_removed": answer.invalid_citations_removed,
        "confidence": round(answer.confidence, 6),
        "reasoning": answer.reasoning,
        "failure": answer.failure,
        "fingerprint": dict(answer.fingerprint),
        "timings_ms": {stage: round(ms, 3) for stage, ms in answer.timings_ms.items()},
    }


def ingest_json(report: IngestReport) -> dict[str, Any]:
    """An ingest, file by file."""
    return {
        "files": list(map(_file_json, report.files)),
        "unread": [{"path": u.where, "reason": u.reason} for u in report.unread],
        "papers": report.papers,
        "seconds": round(report.seconds, 6),
        **_looked_up_json(report.looked_up),
    }


def _looked_up_json(done: LookedUp | None) -> dict[str, Any]:
    return {"embeddings": asdict(done)} if done else {}


def _file_json(file: FileReport) -> dict[str, Any]:
    return {
        "path": file.path,
        "format": file.format,
        "records": file.records,
        "new": file.new,
        "updated": file.updated,
        "duplicates": file.duplicates,
        "undated": file.undated,
        "skipped": [{"where": s.where, "reason": s.reason} for s in file.skipped],
    }


def _filters_json(filters: Filters) -> dict[str, Any]:
    return {"date_from": filters.date_from, "date_to": filters.date_to}


# -- and back -----------------------------------------------------------------------------------


_MODES = ("extractive", "llm", "catalog")
_SUPPORT = ("supported", "unsupported", "uncited", "not_checked")
_REASONS = ("nothing_close", "not_stated")


def read_paper(document: object) -> Paper:
    """The paper that `paper_json` wrote.

    Raises:
        InputError: a field is missing or of another kind.
    """
    fields = JsonObject(document, "", later={"keywords": []})
    return Paper(
        id=fields.take("id", str),
        title=fields.take("title", str),
        abstract=fields.take("abstract", str),
        date=fields.maybe("date", str, None),
        date_inferred=fields.maybe("date_inferred", bool, False),
        authors=fields.texts("authors"),
        author_count=fields.maybe("author_count", int, None),
        organisation=fields.maybe("organisation", str, None),
        comments=fields.maybe("comments", int, None),
        url=fields.maybe("url", str, None),
        sources=fields.texts("sources"),
        arxiv_id=fields.maybe("arxiv_id", str, None),
        doi=fields.maybe("doi", str, None),
        venue=fields.maybe("venue", str, None),
        keywords=fields.texts("keywords"),
    )


def read_search(document: object, papers: Mapping[str, Paper]) -> SearchResult:
    """What `search_json` wrote; ``papers`` are those of the collection, by id.

    A paper that is no longer there has but its title and date.

    Raises:
        InputError: a field is missing or of another kind.
    """
    fields = JsonObject(document, "")
    return SearchResult(
        question=fields.take("question", str),
        filters=_read_filters(fields.object("filters")),
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
    fields = JsonObject(document, "")
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
        filters=_read_filters(fields.object("filters")),
        # Answers of older versions have none.
        kind=cast(Any, fields.maybe("kind", str, "other")),
        timings_ms=fields.mapping("timings_ms", float),
    )


def read_ingest(document: object) -> IngestReport:
    """The report that `ingest_json` wrote.

    Raises:
        InputError: a field is missing or of another kind.
    """
    fields = JsonObject(document, "", later={"unread": []})
    return IngestReport(
        files=tuple(map(_read_file, fields.objects("files"))),
        papers=fields.take("papers", int),
        seconds=fields.take("seconds", float),
        unread=tuple(
            Skipped(unread.take("path", str), unread.take("reason", str))
            for unread in fields.objects("unread")
        ),
        looked_up=_read_looked_up(fields.object("embeddings")),
    )


def _read_looked_up(fields: JsonObject) -> LookedUp | None:
    if not fields.maybe("file", str, ""):
        return None
    return LookedUp(
        file=fields.take("file", str),
        passages=fields.take("passages", int),
        missing=fields.take("missing", int),
    )


def _read_file(fields: JsonObject) -> FileReport:
    return FileReport(
        path=fields.take("path", str),
        format=fields.maybe("format", str, None),
        new=fields.take("new", int),
        updated=fields.take("updated", int),
        duplicates=fields.take("duplicates", int),
        skipped=tuple(
            Skipped(skipped.take("where", str), skipped.take("reason", str))
            for skipped in fields.objects("skipped")
        ),
        undated=fields.maybe("undated", int, 0),
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


def _read_filters(fields: JsonObject) -> Filters:
    return Filters(
        fields.maybe("date_from", str, None), fields.maybe("date_to", str, None)
    )
