"""BEIR folders: a corpus, queries and judgements. Reads files; knows no bot.

    <folder>/corpus.jsonl       {"_id", "title", "text"}
             queries.jsonl      {"_id", "text"}
             qrels/<split>.tsv  query-id, corpus-id, score, with a heading

The format of Thakur et al., *BEIR* (2021).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ragbot.evaluation.sets.questions import Question, QuestionSet
from ragbot.evaluation.sets.rows import (
    Row,
    SetError,
    content,
    filled,
    read_lines,
    text,
)
from ragbot.types import Paper

__all__ = ["Beir", "read_beir"]


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
            title=row.maybe("title", _title, ""),
            abstract=row.read("text", text),
        )
        for id_, row in _rows(corpus).items()
    }
    asked = {id_: row.read("text", text) for id_, row in _rows(queries).items()}
    qrels = folder / "qrels" / f"{split}.tsv"
    judged: dict[str, dict[str, int]] = defaultdict(dict)
    for line, query, document, grade in _judgements(qrels):
        if query not in asked:
            raise _unknown(qrels, line, "query-id", query, queries)
        if document not in papers:
            raise _unknown(qrels, line, "corpus-id", document, corpus)
        if grade > 0:
            judged[query][papers[document].id] = grade
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


def _unknown(qrels: Path, line: int, field: str, id_: str, file: Path) -> SetError:
    problem = f"'{id_}' is not in {file.name}"
    return SetError(qrels, line, field, problem, "take the line out")


def _rows(path: Path) -> dict[str, Row]:
    """The lines of a file by their ids."""
    rows: dict[str, Row] = {}
    for line, fields in read_lines(path):
        row = Row(path, line, fields)
        id_ = row.read("_id", _id)
        problem = f"'{id_}' is already the id of another line"
        row.require(id_ not in rows, "_id", problem, "give each line one of its own")
        rows[id_] = row
    return rows


def _id(value: Any) -> str:
    """An id, which may be written as a whole number."""
    return str(value) if type(value) is int else filled(value)


def _title(value: Any) -> str:
    return "" if value is None else text(value)


def _judgements(path: Path) -> Iterator[tuple[int, str, str, int]]:
    if not path.is_file():
        there = sorted(split.stem for split in path.parent.glob("*.tsv"))
        remedy = f"choose from {', '.join(there) or 'none'}"
        raise SetError(path, None, None, "no such split", remedy)
    for number, line in enumerate(content(path).split("\n"), 1):
        cells = line.rstrip("\r").split("\t")
        is_heading = number == 1 and cells[0] == "query-id"
        if is_heading or cells == [""]:
            continue
        if len(cells) != 3:
            problem = f"has {len(cells)} columns, not query-id, corpus-id, score"
            remedy = "separate the three by tabs"
            raise SetError(path, number, None, problem, remedy)
        query, document, score = cells
        try:
            grade = int(score)
        except ValueError:
            problem = f"must be a whole number, not '{score}'"
            raise SetError(path, number, "score", problem, "write 0, 1 or 2") from None
        yield number, query, document, grade


def _paper_id(id_: str) -> str:
    """Ids of the corpus may hold anything; ours are hexadecimal."""
    return hashlib.sha256(id_.encode()).hexdigest()[:16]
