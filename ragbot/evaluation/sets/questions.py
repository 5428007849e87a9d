"""Question sets: what is asked and which papers answer it. Reads JSON Lines; knows no bot."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import Any

from ragbot.errors import InputError
from ragbot.evaluation.sets.rows import (
    Row,
    filled,
    kind_of,
    read_lines,
    require,
    set_digest,
    text,
    texts,
)
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
    "read_questions",
]

TOPICAL = ("single", "known_item", "follow_up", "list", "compare")
ANSWERABLE = (*TOPICAL, "filter")
TYPES = (*ANSWERABLE, "unanswerable", "adversarial")
MISSES = ("near", "far")
EXPECTATIONS = ("refuse_or_abstain", "no_crash", "answer_from_corpus")


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

    @property
    def answerable(self) -> bool:
        """Whether the collection has an answer."""
        return self.type in ANSWERABLE or self.expect == "answer_from_corpus"


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions with a name and a digest that tells two sets apart whatever they are called."""

    name: str
    path: Path
    digest: str
    questions: tuple[Question, ...]

    @property
    def ids(self) -> list[str]:
        """The ids of its questions, in their order."""
        return list(map(attrgetter("id"), self.questions))


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
    for line, fields in read_lines(path):
        row = _QuestionRow(path, line, fields, titles)
        question = row.question(labelled=labelled)
        problem = f"another question is called '{question.id}' too"
        is_new = question.id not in questions
        row.require(is_new, "id", problem, "give each an id of its own")
        questions[question.id] = question
    digest = set_digest(path)
    return QuestionSet(path.stem, path, digest, tuple(questions.values()))


class _QuestionRow(Row):
    """One line of a set; its titles are those of ``titles``, by their `title_key`."""

    def __init__(
        self,
        path: Path,
        line: int,
        fields: Mapping[str, Any],
        titles: Mapping[str, Paper],
    ) -> None:
        super().__init__(path, line, fields)
        self._titles = titles

    def question(self, *, labelled: bool) -> Question:
        problem = "makes it an ask case among questions"
        self.require("turns" not in self.fields, "turns", problem, _APART)
        type_ = self.read("type", _one_of(TYPES))
        relevant: dict[str, int] = {}
        if labelled or "relevant" in self.fields:
            relevant = self.read("relevant", self._relevant)
        question = Question(
            id=self.read("id", filled),
            type=type_,
            question=self.read("question", filled) * self.maybe("repeat", _repeat, 1),
            relevant=relevant,
            history=self.maybe("history", _history, ()),
            evidence=self.maybe("evidence", _evidence, ()),
            answer=self.maybe("answer", text, ""),
            filters=self._filters(),
            miss=self._only("unanswerable", "miss", MISSES),
            expect=self._only("adversarial", "expect", EXPECTATIONS),
            nearest=self.maybe("nearest", self._papers, ()),
        )
        self._check(question, labelled=labelled)
        return question

    def _only(self, type_: str, field: str, choices: tuple[str, ...]) -> str | None:
        """One of the choices, for questions of a type; others have none."""
        if self.fields["type"] != type_:
            return None
        return self.read(field, _one_of(choices))

    def _check(self, question: Question, *, labelled: bool) -> None:
        """Whether a question has what its type needs."""
        type_, grades = question.type, question.relevant.values()
        if labelled and type_ in ANSWERABLE:
            problem = f"names no paper, which a question of type {type_} needs"
            remedy = "name one, or change the type"
            self.require(len(grades) > 0, "relevant", problem, remedy)
        if labelled and question.expect == "answer_from_corpus":
            problem = "names no paper of grade 2 for answer_from_corpus"
            self.require(2 in grades, "relevant", problem, "name one")
        if type_ == "follow_up":
            problem = "is empty, but a follow_up follows a turn"
            remedy = "write the turns before it"
            self.require(question.history != (), "history", problem, remedy)
        if type_ == "filter":
            problem = "missing, and so is date_to"
            remedy = "a filter question needs one"
            self.require(bool(question.filters), "date_from", problem, remedy)

    def _relevant(self, value: Any) -> dict[str, int]:
        problem = f"must map titles to grades, not be {kind_of(value)}"
        require(isinstance(value, dict), problem, 'write {"title": 2}')
        graded: dict[str, int] = {}
        for title, grade in value.items():
            problem = f"the grade of '{title}' must be 2 or 1, not {grade!r}"
            require(type(grade) is int, problem, _GRADES)
            require(grade in (1, 2), problem, _GRADES)
            alike = graded.setdefault(self._paper(title), grade) == grade
            problem = f"'{title}' is there twice with two grades"
            require(alike, problem, "keep one of them")
        return graded

    def _papers(self, value: Any) -> tuple[str, ...]:
        return tuple(map(self._paper, texts(value)))

    def _paper(self, title: str) -> str:
        key = title_key(title)
        if paper := self._titles.get(key):
            return paper.id
        close = difflib.get_close_matches(key, self._titles, 1)
        remedy = "'ragbot papers' lists them"
        if close:
            remedy = f"did you mean '{self._titles[close[0]].title}'?"
        problem = f"no paper of the collection has the title '{title}'"
        raise InputError(problem, remedy)

    def _filters(self) -> Filters:
        ends = {end: self.maybe(end, _date, None) for end in _ENDS}
        try:
            return parse_filters(**ends)
        except InputError as error:
            raise self.error("date_to", error.message, error.remedy) from None


_GRADES = "2 answers the question, 1 in part"
_ENDS = ("date_from", "date_to")
_APART = "keep ask cases in a file of their own, and run it with 'ragbot eval'"


def _one_of(choices: tuple[str, ...]) -> Callable[[Any], str]:
    def choice(value: Any) -> str:
        problem = f"'{text(value)}' is none of {', '.join(choices)}"
        require(value in choices, problem, "choose one of them")
        return text(value)

    return choice


def _repeat(value: Any) -> int:
    problem = f"must be a whole number from 1 to 100000, not {value!r}"
    require(type(value) is int, problem, "leave it out for once")
    require(1 <= value <= 100_000, problem, "leave it out for once")
    return int(value)


def _history(value: Any) -> tuple[Message, ...]:
    problem = f"must be a list of turns, not {kind_of(value)}"
    require(isinstance(value, list), problem, HISTORY_FORM)
    return tuple(read_turns(value))


def _evidence(value: Any) -> tuple[str, ...]:
    for sentence in texts(value):
        problem = f"{sentence!r} has no letter and no digit to look for"
        require(bool(match_form(sentence)), problem, "quote a sentence that answers")
    return texts(value)


def _date(value: Any) -> str | None:
    if value is None:
        return None
    try:
        parse_filters(text(value), value)
    except InputError:
        remedy = "write YYYY, YYYY-MM or YYYY-MM-DD"
        raise InputError(f"'{value}' is no date", remedy) from None
    return text(value)
