"""Labelling: the papers that several settings find as CSV, and the labels back into a set.

A spreadsheet takes cells that begin like a formula for one, so such cells go out behind an
apostrophe, which is taken off when they come back.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import filterfalse
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import Any

from ragbot.config import Settings
from ragbot.errors import InputError
from ragbot.evaluation.runs.grid import Variant
from ragbot.evaluation.runs.workbench import Load, Workbench, own_papers
from ragbot.evaluation.sets.questions import ANSWERABLE, Question, read_questions
from ragbot.evaluation.sets.rows import Row, SetError, content, read_lines, require
from ragbot.pipeline import Ragbot
from ragbot.question import read
from ragbot.types import OnProgress, Paper

__all__ = [
    "COLUMNS",
    "Candidate",
    "Merged",
    "merge",
    "pool",
    "read_labels",
    "write_pool",
]

COLUMNS = (
    "question_id",
    "question",
    "paper_id",
    "title",
    "abstract",
    "best_rank",
    "label",
)
_NEEDED = ("question_id", "paper_id", "label")
_FORMULA = re.compile(r"\A(?=[-=+@\t\r'])")
_GUARDED = re.compile(r"\A'(?=[-=+@\t\r'])")
_LABELS = {"": None, "0": 0, "1": 1, "2": 2}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper to be labelled for a question, with the best rank that any setting gave it."""

    question: Question
    paper: Paper
    best_rank: int


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of the labels: questions written, labels used, rows without one, and the ids of
    questions left out because no paper answers them."""

    questions: int
    labels: int
    unlabelled: int
    left_out: tuple[str, ...]


def pool(
    settings: Settings,
    path: Path,
    *,
    variants: Sequence[Variant] = (),
    depth: int = 10,
    load: Load | None = None,
    progress: OnProgress | None = None,
) -> list[Candidate]:
    """The first ``depth`` papers of every variant for each question, the best ranked first.

    The set's ``relevant`` may be missing.

    Raises:
        RagbotError: the set or the settings cannot be used, or the collection is empty.
    """
    papers = own_papers(settings)
    questions = read_questions(path, papers, labelled=False).questions
    ranks: dict[str, dict[str, int]] = {question.id: {} for question in questions}
    with Workbench(settings, papers, built=True, load=load, progress=progress) as bench:
        for variant in variants or (Variant("", settings),):
            with bench.open(variant.settings) as bot:
                for question in questions:
                    own = ranks[question.id]
                    for rank, id_ in enumerate(_found(bot, question, depth), 1):
                        own[id_] = min(rank, own.get(id_, rank))
    by_id = {p.id: p for p in papers}
    candidates: list[Candidate] = []
    for question in questions:
        best_first = sorted(ranks[question.id].items(), key=itemgetter(1, 0))
        candidates += [
            Candidate(question, by_id[id_], rank) for id_, rank in best_first
        ]
    return candidates


def _found(bot: Ragbot, question: Question, depth: int) -> list[str]:
    asked = read(question.question, question.history).standalone
    hits = bot.search(asked, depth, question.filters).hits
    return list(map(attrgetter("paper.id"), hits))


def write_pool(candidates: Iterable[Candidate], path: Path) -> None:
    """Write the CSV to be labelled: one row a candidate, ``label`` empty.

    Raises:
        InputError: the file cannot be written.
    """
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for c in candidates:
        cells = (
            c.question.id,
            c.question.question,
            c.paper.id,
            c.paper.title,
            c.paper.abstract,
        )
        rows.writerow([*map(_guarded, cells), c.best_rank, ""])
    # Without the mark Excel reads another encoding
    _write(path, text.getvalue(), "utf-8-sig")


def read_labels(
    path: Path, questions: Iterable[str], papers: Iterable[Paper]
) -> tuple[dict[tuple[str, str], int], int]:
    """Labels by question id and paper id, and how many rows have none.

    Raises:
        SetError: the file, a column or a cell cannot be used; names line and column.
    """
    rows = list(_label_rows(path))
    own, ours = set(questions), set(map(attrgetter("id"), papers))
    labels: dict[tuple[str, str], int] = {}
    for row in rows:
        question = row.read("question_id", partial(_known, own))
        paper = row.read("paper_id", partial(_known, ours))
        grade = row.read("label", _grade)
        if grade is None:
            continue
        alike = labels.setdefault((question, paper), grade) == grade
        problem = "the same paper has another label further up"
        row.require(alike, "label", problem, "keep one of them")
    return labels, sum(not row.fields["label"] for row in rows)


def _label_rows(path: Path) -> Iterator[Row]:
    """The rows of a CSV that pool wrote, in whatever way a spreadsheet has kept it."""
    text = content(path)
    heading = text.partition("\n")[0]
    # Where the decimal point is a comma, spreadsheets write semicolons.
    delimiter = max(",;\t", key=heading.count)
    lines = io.StringIO(text, newline="")
    reader = csv.DictReader(lines, delimiter=delimiter, restval="")
    there = reader.fieldnames or ()
    missing = list(filterfalse(there.__contains__, _NEEDED))
    if missing:
        remedy = "keep the heading that pool wrote"
        raise SetError(path, 1, missing[0], "no such column", remedy)
    for row in reader:
        cells = {column: _unguarded(row[column].strip()) for column in _NEEDED}
        yield Row(path, reader.line_num, cells)


def _known(ids: Collection[str], cell: str) -> str:
    require(cell in ids, f"'{cell}' is unknown", "leave it as pool wrote it")
    return cell


def _grade(cell: str) -> int | None:
    """The label of a cell, ``None`` if it has none yet."""
    remedy = "2 answers the question, 1 in part, 0 not at all"
    require(cell in _LABELS, f"must be 0, 1 or 2, not '{cell}'", remedy)
    return _LABELS[cell]


def merge(path: Path, labels: Path, papers: Sequence[Paper], out: Path) -> Merged:
    """Write the set with the labels taken in to ``out``, which may be the set itself.

    A label of 0 takes a paper off; relevant papers that were not labelled stay.

    Raises:
        SetError: the set or the labels cannot be used.
        InputError: nothing is labelled, or ``out`` cannot be written.
    """
    asked = read_questions(path, papers, labelled=False).questions
    questions = {question.id: question for question in asked}
    told, unlabelled = read_labels(labels, questions, papers)
    if not told:
        raise InputError(
            f"{labels}: no row has a label", "write 0, 1 or 2 into the last column"
        )
    titles = dict(map(attrgetter("id", "title"), papers))
    lines, left_out = [], []
    for _, row in read_lines(path):
        question = questions[row["id"]]
        grades = _graded(question, told)
        if not grades and question.type in ANSWERABLE:
            left_out.append(question.id)
            continue
        relevant = {titles[id_]: grade for id_, grade in grades.items()}
        lines.append(_line({**row, "relevant": relevant}))
    _write(out, "".join(lines), "utf-8")
    return Merged(len(lines), len(told), unlabelled, tuple(left_out))


def _graded(
    question: Question, labels: Mapping[tuple[str, str], int]
) -> dict[str, int]:
    """Paper ids to grades, the best first, those of grade 0 left out."""
    grades = dict(question.relevant)
    for (asked, paper), grade in labels.items():
        if asked == question.id:
            grades[paper] = grade
    kept = filter(grades.__getitem__, grades)
    best_first = sorted(kept, key=grades.__getitem__, reverse=True)
    return {id_: grades[id_] for id_ in best_first}


def _line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


def _guarded(text: str) -> str:
    in_one_line = " ".join(text.split()) or text
    return _FORMULA.sub("'", in_one_line)


def _unguarded(text: str) -> str:
    return _GUARDED.sub("", text)


def _write(path: Path, text: str, encoding: str) -> None:
    try:
        path.write_text(text, encoding=encoding, newline="\n")
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written ({error.strerror})",
            "name a file you can write to",
        ) from None
