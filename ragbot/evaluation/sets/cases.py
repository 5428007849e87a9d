"""Ask cases: conversations whose last answer must pass checks. Reads JSON Lines; knows no bot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

from ragbot.evaluation.sets.checks import Checks, every, read_checks
from ragbot.evaluation.sets.questions import QuestionSet, read_questions
from ragbot.evaluation.sets.rows import (
    Row,
    filled,
    read_lines,
    require,
    set_digest,
    text,
    texts,
)
from ragbot.types import Paper

__all__ = ["AnySet", "AskCase", "CaseSet", "read_cases", "read_set"]


@dataclass(frozen=True, slots=True)
class AskCase:
    """Questions asked in turn, each after those before it; the answer to the last is judged.

    ``kind`` is what the set calls questions of this sort, ``why`` says what a person expects.
    """

    id: str
    kind: str
    turns: tuple[str, ...]
    checks: Checks
    why: str = ""


@dataclass(frozen=True, slots=True)
class CaseSet:
    """Cases with a name and a digest that tells two sets apart whatever they are called."""

    name: str
    path: Path
    digest: str
    cases: tuple[AskCase, ...]

    @property
    def ids(self) -> list[str]:
        """The ids of its cases, in their order."""
        return list(map(attrgetter("id"), self.cases))


AnySet = QuestionSet | CaseSet


def read_set(path: Path, papers: Iterable[Paper]) -> AnySet:
    """The set of a file: ask cases if its first line has ``turns``, else questions.

    Raises:
        SetError: the file, a line or a field cannot be used.
    """
    _, first = next(read_lines(path))
    if "turns" in first:
        return read_cases(path)
    return read_questions(path, papers)


def read_cases(path: Path) -> CaseSet:
    """A set of ask cases.

    Raises:
        SetError: the file, a line or a field cannot be used.
    """
    cases: dict[str, AskCase] = {}
    for line, fields in read_lines(path):
        row = Row(path, line, fields)
        case = _case(row)
        problem = f"another case is called '{case.id}' too"
        is_new = case.id not in cases
        row.require(is_new, "id", problem, "give each an id of its own")
        cases[case.id] = case
    return CaseSet(path.stem, path, set_digest(path), tuple(cases.values()))


def _case(row: Row) -> AskCase:
    is_question = "question" in row.fields and "turns" not in row.fields
    problem = "makes it a question among ask cases"
    remedy = "keep questions in a file of their own"
    row.require(not is_question, "question", problem, remedy)
    case = AskCase(
        id=row.read("id", filled),
        kind=row.read("kind", filled),
        turns=row.read("turns", _turns),
        checks=row.read("checks", read_checks),
        why=row.maybe("why", text, ""),
    )
    earlier = [wanted for name, wanted in every(case.checks) if name == "cites_turn"]
    last = max(map(attrgetter("turn"), earlier), default=0)
    problem = f"cites_turn: turn {last} is not before the last"
    row.require(last < len(case.turns), "checks", problem, "name an earlier turn")
    return case


def _turns(value: Any) -> tuple[str, ...]:
    turns = tuple(map(filled, texts(value)))
    require(bool(turns), "is empty", 'write ["question", "question after it"]')
    return turns
