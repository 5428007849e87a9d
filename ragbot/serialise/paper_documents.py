"""Papers, and what files brought, as JSON objects and back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ragbot.json_object import JsonObject
from ragbot.types import FileReport, IngestReport, LookedUp, Paper, Skipped

__all__ = ["ingest_json", "paper_json", "read_ingest", "read_paper"]


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
