"""The values of `ragbot.types` as JSON objects: the one place of the shapes others rely on.

Keys and their meanings are a contract; floats are rounded, as their last digits mean nothing.
"""

from __future__ import annotations

import json
import re
from typing import Any

from ragbot.types import Answer, FileReport, Hit, IngestReport, Paper, SearchResult

__all__ = ["answer_json", "hit_json", "ingest_json", "json_text", "paper_json", "search_json"]

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
        "sources": list(paper.sources),
    }


def hit_json(hit: Hit) -> dict[str, Any]:
    """A retrieved paper."""
    return {
        "id": hit.paper.id,
        "title": hit.paper.title,
        "date": hit.paper.date,
        "score": round(hit.score, 6),
        "evidence": list(hit.evidence[:_EVIDENCE]),
    }


def search_json(result: SearchResult) -> dict[str, Any]:
    """What a search found."""
    return {
        "question": result.question,
        "filters": {"date_from": result.filters.date_from, "date_to": result.filters.date_to},
        "papers": [hit_json(hit) for hit in result.hits],
        "seconds": round(result.seconds, 6),
    }


def answer_json(answer: Answer) -> dict[str, Any]:
    """An answer with everything needed to check it."""
    return {
        "question": answer.question,
        "standalone_question": answer.standalone_question,
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
                "evidence": list(c.evidence[:_EVIDENCE]),
            }
            for c in answer.papers
        ],
        "also_retrieved": [hit_json(hit) for hit in answer.also_retrieved],
        "invalid_citations_removed": answer.invalid_citations_removed,
        "fingerprint": dict(answer.fingerprint),
        "timings_ms": {stage: round(ms, 3) for stage, ms in answer.timings_ms.items()},
    }


def ingest_json(report: IngestReport) -> dict[str, Any]:
    """An ingest, file by file."""
    return {
        "files": [_file_json(file) for file in report.files],
        "papers": report.papers,
        "seconds": round(report.seconds, 6),
    }


def _file_json(file: FileReport) -> dict[str, Any]:
    return {
        "path": file.path,
        "format": file.format,
        "records": file.records,
        "new": file.new,
        "updated": file.updated,
        "duplicates": file.duplicates,
        "skipped": [{"where": s.where, "reason": s.reason} for s in file.skipped],
    }
