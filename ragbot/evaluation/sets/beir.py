"""BEIR folders: a corpus, queries and judgements. Reads files; knows no bot.

    <folder>/corpus.jsonl       {"_id", "title", "text"}
             queries.jsonl      {"_id", "text"}
             qrels/<split>.tsv  query-id, corpus-id, score, with a heading

The format of Thakur et al., *BEIR* (2021).
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any

from ragbot.errors import InputError
from ragbot.evaluation.sets.questions import Question, QuestionSet
from ragbot.evaluation.sets.rows import (
    Row,
    SetError,
    content,
    filled,
    read_lines,
    require,
    text,
)
from ragbot.types import Paper

__all__ = ["Beir", "read_beir"]

_COLUMNS = ("query-id", "corpus-id", "score")
_HEADING = re.compile(rf"\A{_COLUMNS[0]}(?=[\t\r\n]|\Z)[^\n]*")


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
    for row in _judgements(qrels):
        query = row.read("query-id", partial(_known, asked, queries))
        document = row.read("corpus-id", partial(_known, papers, corpus))
        grade = row.read("score", _grade)
        if grade > 0:
            judged[query][papers[document].id] = grade
    if not judged:
        raise SetError(
            qrels, None, "score", "judges no document relevant", "give some a 1"
        )
    digest = hashlib.sha256()
    for path in (corpus, queries, qrels):
        digest.update(path.read_bytes())
    kept = filter(judged.__contains__, asked)
    questions = tuple(Question(id_, "query", asked[id_], judged[id_]) for id_ in kept)
    name = f"{folder.resolve().name}-{split}"
    return Beir(
        tuple(papers.values()),
        QuestionSet(name, folder, digest.hexdigest()[:12], questions),
    )


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
    if type(value) is int:
        return str(value)
    return filled(value)


def _title(value: Any) -> str:
    if value is None:
        return ""
    return text(value)


def _judgements(path: Path) -> Iterator[Row]:
    if not path.is_file():
        there = sorted(map(attrgetter("stem"), path.parent.glob("*.tsv")))
        remedy = f"choose from {', '.join(there) or 'none'}"
        raise SetError(path, None, None, "no such split", remedy)
    judged = _HEADING.sub("", content(path))
    for number, line in enumerate(judged.split("\n"), 1):
        cells = line.rstrip("\r").split("\t")
        if cells == [""]:
            continue
        if len(cells) != len(_COLUMNS):
            problem = f"has {len(cells)} columns, not {', '.join(_COLUMNS)}"
            remedy = "separate the three by tabs"
            raise SetError(path, number, None, problem, remedy)
        yield Row(path, number, dict(zip(_COLUMNS, cells, strict=True)))


def _known(ids: Container[str], file: Path, id_: str) -> str:
    require(id_ in ids, f"'{id_}' is not in {file.name}", "take the line out")
    return id_


def _grade(written: str) -> int:
    try:
        return int(written)
    except ValueError:
        problem = f"must be a whole number, not '{written}'"
        raise InputError(problem, "write 0, 1 or 2") from None


def _paper_id(id_: str) -> str:
    """Ids of the corpus may hold anything; ours are hexadecimal."""
    return hashlib.sha256(id_.encode()).hexdigest()[:16]
