"""Question sets: what is asked and which papers answer it. Reads JSON Lines; knows no bot.

A broken set is an error that names file, line and field: a number over half a set would be a lie.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeGuard

from ragbot.errors import InputError
from ragbot.papers.identity import title_key
from ragbot.question.filters import parse_filters
from ragbot.question.history import HISTORY_FORM, read_turns
from ragbot.text.words import match_form
from ragbot.types import Filters, Message, Paper

__all__ = [
    "ANSWERABLE",
    "EXPECTATIONS",
    "TOPICAL",
    "TYPES",
    "Question",
    "QuestionSet",
    "SetError",
    "read_lines",
    "read_questions",
    "set_digest",
]

TOPICAL = ("single", "known_item", "follow_up", "list", "compare")
ANSWERABLE = (*TOPICAL, "filter")
TYPES = (*ANSWERABLE, "unanswerable", "adversarial")
MISSES = ("near", "far")
_ONE_A_LINE = 'write an object a line, {"id": …, "question": …}'
EXPECTATIONS = ("refuse_or_abstain", "no_crash", "answer_from_corpus")


class SetError(InputError):
    """A question set that cannot be used, at a line and a field of it."""

    def __init__(
        self,
        path: Path,
        line: int | None,
        field: str | None,
        problem: str,
        remedy: str,
    ) -> None:
        where = str(path)
        if line:
            where += f" line {line}"
        if field:
            where += f", {field}"
        super().__init__(f"{where}: {problem}", remedy)
        self.path = path
        self.line = line
        self.field = field


@dataclass(frozen=True, slots=True)
class Question:
    """One question. ``relevant`` maps paper ids to 2 (answers it) or 1 (partly).

    ``type`` is one of `TYPES`, or ``query`` for one of a BEIR folder; ``nearest`` are ids of papers
    on topic that do not answer.
    """

    id: str
    type: str
    question: str
    relevant: Mapping[str, int]
    history: tuple[Message, ...] = ()
    evidence: tuple[str, ...] = ()
    answer: str = ""
    filters: Filters = field(default_factory=Filters)
    miss: str | None = None
    expect: str | None = None
    nearest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions with a name and a digest that tells two sets apart whatever they are called."""

    name: str
    path: Path
    digest: str
    questions: tuple[Question, ...]


def set_digest(path: Path) -> str:
    """What `QuestionSet.digest` is for this file, which must be there."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def read_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSON Lines file with their line numbers; blank lines are passed over.

    Raises:
        SetError: no such file, not text, empty, or a line that is no JSON object.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise SetError(path, None, None, "no such file", "check the path") from None
    except IsADirectoryError:
        raise SetError(
            path,
            None,
            None,
            "is a folder",
            "name a .jsonl file, or pass a BEIR folder with --beir",
        ) from None
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
        raise SetError(path, None, None, problem, "make it readable") from None
    except UnicodeDecodeError:
        raise SetError(
            path, None, None, "is not UTF-8 text", "save it as UTF-8"
        ) from None
    if not text.strip():
        raise SetError(path, None, None, "is empty", _ONE_A_LINE)
    # Not splitlines(): JSON strings may hold U+2028 and the like as they are.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            what = "is no object"
            if line.lstrip().startswith("{"):
                what = f"broken JSON ({error})"
            raise SetError(path, number, None, what, _ONE_A_LINE) from None
        if not isinstance(row, dict):
            raise SetError(path, number, None, "is no object", _ONE_A_LINE)
        yield number, row


def read_questions(
    path: Path, papers: Iterable[Paper], *, labelled: bool = True
) -> QuestionSet:
    """A set whose titles are those of ``papers``, spelled as one likes.

    With ``labelled=False`` the relevant papers may be missing, as before labelling.

    Raises:
        SetError: the file, a line or a field cannot be used; a title that no paper has.
    """
    titles = {title_key(p.title): p for p in papers}
    questions: dict[str, Question] = {}
    for line, row in read_lines(path):
        question = _Row(path, line, row, titles).question(labelled=labelled)
        if question.id in questions:
            problem = f"another question is called '{question.id}' too"
            raise SetError(path, line, "id", problem, "give each an id of its own")
        questions[question.id] = question
    digest = set_digest(path)
    return QuestionSet(path.stem, path, digest, tuple(questions.values()))


class _Row:
    """One line of a set, its fields checked one by one."""

    def __init__(
        self, path: Path, line: int, row: Mapping[str, Any], titles: Mapping[str, Paper]
    ) -> None:
        self._path, self._line, self._row, self._titles = path, line, row, titles

    def question(self, *, labelled: bool) -> Question:
        type_ = self._choice("type", TYPES)
        relevant: Mapping[str, int] = {}
        if labelled or "relevant" in self._row:
            relevant = self._relevant()
        question = Question(
            id=self._text("id", filled=True),
            type=type_,
            question=self._text("question", filled=True) * self._repeat(),
            relevant=relevant,
            history=self._history(),
            evidence=self._evidence(),
            answer=self._text("answer") if "answer" in self._row else "",
            filters=self._filters(),
            miss=self._choice("miss", MISSES) if type_ == "unanswerable" else None,
            expect=self._expectation() if type_ == "adversarial" else None,
            nearest=tuple(self._paper("nearest", t) for t in self._texts("nearest")),
        )
        self._check(question, labelled=labelled)
        return question

    def _expectation(self) -> str:
        return self._choice("expect", EXPECTATIONS)

    def _check(self, question: Question, *, labelled: bool) -> None:
        """Whether a question has what its type needs."""
        type_, grades = question.type, question.relevant.values()
        if labelled and type_ in ANSWERABLE and not grades:
            problem = f"names no paper, which a question of type {type_} needs"
            raise self._error("relevant", problem, "name one, or change the type")
        wants_best = labelled and question.expect == "answer_from_corpus"
        if wants_best and 2 not in grades:
            problem = "names no paper of grade 2 for answer_from_corpus"
            raise self._error("relevant", problem, "name one")
        if type_ == "follow_up" and not question.history:
            problem = "is empty, but a follow_up follows a turn"
            raise self._error("history", problem, "write the turns before it")
        if type_ == "filter" and not question.filters:
            problem = "missing, and so is date_to"
            raise self._error("date_from", problem, "a filter question needs one")

    def _error(self, field: str, problem: str, remedy: str) -> SetError:
        return SetError(self._path, self._line, field, problem, remedy)

    def _value(self, field: str) -> Any:
        if field not in self._row:
            raise self._error(field, "missing", "every question has it")
        return self._row[field]

    def _text(self, field: str, *, filled: bool = False) -> str:
        value = self._value(field)
        if not isinstance(value, str):
            raise self._error(field, f"must be text, not {_kind(value)}", "quote it")
        if filled and not value.strip():
            raise self._error(field, "is blank", "fill it in")
        return value

    def _texts(self, field: str) -> list[str]:
        value = self._row.get(field, [])
        if not _is_list_of_texts(value):
            problem = f"must be a list of texts, not {_kind(value)}"
            raise self._error(field, problem, 'write ["…", "…"]')
        return value

    def _choice(self, field: str, choices: tuple[str, ...]) -> str:
        value = self._text(field)
        if value not in choices:
            problem = f"'{value}' is none of {', '.join(choices)}"
            raise self._error(field, problem, "choose one of them")
        return value

    def _repeat(self) -> int:
        value = self._row.get("repeat", 1)
        if type(value) is not int or not 1 <= value <= 100_000:
            problem = f"must be a whole number from 1 to 100000, not {value!r}"
            raise self._error("repeat", problem, "leave it out for once")
        return value

    def _relevant(self) -> dict[str, int]:
        value = self._value("relevant")
        if not isinstance(value, dict):
            problem = f"must map titles to grades, not be {_kind(value)}"
            raise self._error("relevant", problem, 'write {"title": 2}')
        graded: dict[str, int] = {}
        for title, grade in value.items():
            if type(grade) is not int or grade not in (1, 2):
                problem = f"the grade of '{title}' must be 2 or 1, not {grade!r}"
                raise self._error(
                    "relevant", problem, "2 answers the question, 1 in part"
                )
            id_ = self._paper("relevant", title)
            if graded.setdefault(id_, grade) != grade:
                problem = f"'{title}' is there twice with two grades"
                raise self._error("relevant", problem, "keep one of them")
        return graded

    def _paper(self, field: str, title: str) -> str:
        key = title_key(title)
        if paper := self._titles.get(key):
            return paper.id
        close = difflib.get_close_matches(key, self._titles, 1)
        remedy = "'ragbot papers' lists them"
        if close:
            remedy = f"did you mean '{self._titles[close[0]].title}'?"
        problem = f"no paper of the collection has the title '{title}'"
        raise self._error(field, problem, remedy)

    def _history(self) -> tuple[Message, ...]:
        value = self._row.get("history", [])
        if not isinstance(value, list):
            problem = f"must be a list of turns, not {_kind(value)}"
            raise self._error("history", problem, HISTORY_FORM)
        try:
            return tuple(read_turns(value))
        except InputError as error:
            raise self._error("history", error.message, error.remedy) from None

    def _evidence(self) -> tuple[str, ...]:
        texts = self._texts("evidence")
        for text in texts:
            if not match_form(text):
                problem = f"{text!r} has no letter and no digit to look for"
                raise self._error("evidence", problem, "quote a sentence that answers")
        return tuple(texts)

    def _filters(self) -> Filters:
        given = [f for f in _ENDS if self._row.get(f) is not None]
        ends = {field: self._text(field) for field in given}
        for field_, end in ends.items():
            try:
                parse_filters(end, end)
            except InputError:
                remedy = "write YYYY, YYYY-MM or YYYY-MM-DD"
                raise self._error(field_, f"'{end}' is no date", remedy) from None
        try:
            return parse_filters(ends.get("date_from"), ends.get("date_to"))
        except InputError as error:
            raise self._error("date_to", error.message, error.remedy) from None


_ENDS = ("date_from", "date_to")


def _is_list_of_texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(v, str) for v in value)


def _kind(value: object) -> str:
    names = {
        dict: "an object",
        list: "a list",
        str: "text",
        bool: "true or false",
        type(None): "null",
    }
    return names.get(type(value), "a number")
