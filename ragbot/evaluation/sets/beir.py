"""BEIR folders: a corpus, queries and judgements. Reads files; knows no bot.

    <folder>/corpus.jsonl       {"_id", "title", "text"}
             queries.jsonl      {"_id", "text"}
             qrels/<split>.tsv  query-id, corpus-id, score, with a heading

The format of Thakur et al., *BEIR* (2021).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ragbot.evaluation.sets.questions import Question, QuestionSet
from ragbot.evaluation.sets.rows import SetError, read_lines
from ragbot.types import Paper

__all__ = ["Beir", "read_beir"]

_READABLE = "make it a readable file of UTF-8 text"


@dataclass(frozen=True, slots=True)
class Beir:
    """A corpus as papers, and its judged queries as questions of type ``query``."""

    papers: tuple[Paper, ...]
    questions: QuestionSet


def read_beir(folder: Path, split: str = "test") -> Beir:
    """The folder's corpus and the queries that the split judges.

    Titles may be empty or alike: a paper's id comes from its ``_id``.

    Raises:
        SetError: a file, line or field that cannot be used, or a judgement of what is not there.
    """
    if not folder.is_dir():
        raise SetError(folder, None, None, "no such BEIR folder", "check --beir")
    corpus, queries = folder / "corpus.jsonl", folder / "queries.jsonl"
    papers = {
        id_: Paper(
            id=_paper_id(id_),
            title=_text(corpus, line, row, "title", optional=True),
            abstract=_text(corpus, line, row, "text"),
        )
        for line, id_, row in _rows(corpus)
    }
    asked = {
        id_: _text(queries, line, row, "text") for line, id_, row in _rows(queries)
    }
    judged: dict[str, dict[str, int]] = {}
    qrels = folder / "qrels" / f"{split}.tsv"
    for line, query, document, grade in _judgements(qrels):
        for field, id_, known in (
            ("query-id", query, asked),
            ("corpus-id", document, papers),
        ):
            if id_ not in known:
                file = queries if known is asked else corpus
                problem = f"'{id_}' is not in {file.name}"
                raise SetError(qrels, line, field, problem, "take the line out")
        if grade > 0:
            judged.setdefault(query, {})[papers[document].id] = grade
    if not judged:
        raise SetError(
            qrels, None, "score", "judges no document relevant", "give some a 1"
        )
    digest = hashlib.sha256()
    for path in (corpus, queries, qrels):
        digest.update(path.read_bytes())
    questions = tuple(
        Question(q, "query", asked[q], judged[q]) for q in asked if q in judged
    )
    name = f"{folder.resolve().name}-{split}"
    return Beir(
        tuple(papers.values()),
        QuestionSet(name, folder, digest.hexdigest()[:12], questions),
    )


def _rows(path: Path) -> Iterator[tuple[int, str, dict[str, Any]]]:
    seen: set[str] = set()
    for line, row in read_lines(path):
        id_ = row.get("_id")
        if isinstance(id_, int) and not isinstance(id_, bool):
            id_ = str(id_)
        if not isinstance(id_, str) or not id_:
            problem = "missing" if id_ is None else "must be text"
            raise SetError(path, line, "_id", problem, 'write "_id": "…"')
        if id_ in seen:
            problem = f"'{id_}' is already the id of another line"
            raise SetError(path, line, "_id", problem, "give each line one of its own")
        seen.add(id_)
        yield line, id_, row


def _text(
    path: Path, line: int, row: dict[str, Any], field: str, *, optional: bool = False
) -> str:
    value = row.get(field)
    if value is None and optional:
        return ""
    if not isinstance(value, str):
        problem = "missing" if value is None else "must be text"
        raise SetError(path, line, field, problem, f'write "{field}": "…"')
    return value


def _judgements(path: Path) -> Iterator[tuple[int, str, str, int]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError:
        there = sorted(p.stem for p in path.parent.glob("*.tsv"))
        remedy = f"choose from {', '.join(there) or 'none'}"
        raise SetError(path, None, None, "no such split", remedy) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SetError(
            path, None, None, f"cannot be read ({error})", _READABLE
        ) from None
    for number, line in enumerate(lines, 1):
        cells = line.rstrip("\r").split("\t")
        if cells == [""] or (number == 1 and cells[0] == "query-id"):
            continue
        if len(cells) != 3:
            raise SetError(
                path,
                number,
                None,
                f"has {len(cells)} columns, not query-id, corpus-id, score",
                "separate the three by tabs",
            )
        try:
            grade = int(cells[2])
        except ValueError:
            problem = f"must be a whole number, not '{cells[2]}'"
            raise SetError(path, number, "score", problem, "write 0, 1 or 2") from None
        yield number, cells[0], cells[1], grade


def _paper_id(id_: str) -> str:
    """Ids of the corpus may hold anything; ours are hexadecimal."""
    return hashlib.sha256(id_.encode()).hexdigest()[:16]
