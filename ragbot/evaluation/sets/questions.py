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
from typing import Any

from ragbot.errors import InputError
from ragbot.papers.identity import title_key
from ragbot.question.filters import parse_filters
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
_NO_OBJECT = 'must be an object, {"id": …, "question": …}'
EXPECTATIONS = ("refuse_or_abstain", "no_crash", "answer_from_corpus")


class SetError(InputError):
    """A question set that cannot be used, at a line and a field of it."""

    def __init__(
        self, path: Path, line: int | None, field: str | None, problem: str
    ) -> None:
        where = (
            f"{path}"
            + (f" line {line}" if line else "")
            + (f", {field}" if field else "")
        )
        super().__init__(f"{where}: {problem}")
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
        raise SetError(path, None, None, "no such file") from None
    except IsADirectoryError:
        raise SetError(
            path,
            None,
            None,
            "is a folder: name a .jsonl file, or pass a BEIR folder with --beir",
        ) from None
    except OSError as error:
        raise SetError(path, None, None, f"cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise SetError(path, None, None, "is not UTF-8 text") from None
    if not text.strip():
        raise SetError(path, None, None, "is empty")
    # Not splitlines(): JSON strings may hold U+2028 and the like as they are.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            what = (
                f"broken JSON ({error})"
                if line.lstrip().startswith("{")
                else _NO_OBJECT
            )
            raise SetError(path, number, None, what) from None
        if not isinstance(row, dict):
            raise SetError(path, number, None, _NO_OBJECT)
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
            raise SetError(
                path, line, "id", f"another question is called '{question.id}' too"
            )
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
        id_ = self._text("id", filled=True)
        type_ = self._choice("type", TYPES)
        asked = self._text("question", filled=True) * self._repeat()
        unlabelled = not labelled and "relevant" not in self._row
        relevant = {} if unlabelled else self._relevant()
        miss = self._choice("miss", MISSES) if type_ == "unanswerable" else None
        expect = (
            self._choice("expect", EXPECTATIONS) if type_ == "adversarial" else None
        )
        if labelled:
            if type_ in ANSWERABLE and not relevant:
                raise self._error(
                    "relevant",
                    f"names no paper, which a question of type {type_} needs",
                )
            if expect == "answer_from_corpus" and 2 not in relevant.values():
                raise self._error(
                    "relevant", "names no paper of grade 2 for answer_from_corpus"
                )
        history = self._history()
        if type_ == "follow_up" and not history:
            raise self._error("history", "is empty, but a follow_up follows a turn")
        filters = self._filters()
        if type_ == "filter" and not filters:
            raise self._error(
                "date_from", "missing, and so is date_to: a filter question needs one"
            )
        return Question(
            id=id_,
            type=type_,
            question=asked,
            relevant=relevant,
            history=history,
            evidence=self._evidence(),
            answer=self._text("answer") if "answer" in self._row else "",
            filters=filters,
            miss=miss,
            expect=expect,
            nearest=tuple(self._paper("nearest", t) for t in self._texts("nearest")),
        )

    def _error(self, field: str, problem: str) -> SetError:
        return SetError(self._path, self._line, field, problem)

    def _value(self, field: str) -> Any:
        if field not in self._row:
            raise self._error(field, "missing")
        return self._row[field]

    def _text(self, field: str, *, filled: bool = False) -> str:
        value = self._value(field)
        if not isinstance(value, str):
            raise self._error(field, f"must be text, not {_kind(value)}")
        if filled and not value.strip():
            raise self._error(field, "is blank")
        return value

    def _texts(self, field: str) -> list[str]:
        value = self._row.get(field, [])
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise self._error(field, f"must be a list of texts, not {_kind(value)}")
        return value

    def _choice(self, field: str, choices: tuple[str, ...]) -> str:
        value = self._text(field)
        if value not in choices:
            raise self._error(field, f"'{value}' is none of {', '.join(choices)}")
        return value

    def _repeat(self) -> int:
        value = self._row.get("repeat", 1)
        if type(value) is not int or not 1 <= value <= 100_000:
            raise self._error(
                "repeat", f"must be a whole number from 1 to 100000, not {value!r}"
            )
        return value

    def _relevant(self) -> dict[str, int]:
        value = self._value("relevant")
        if not isinstance(value, dict):
            raise self._error(
                "relevant", f"must map titles to grades, not be {_kind(value)}"
            )
        graded: dict[str, int] = {}
        for title, grade in value.items():
            if type(grade) is not int or grade not in (1, 2):
                raise self._error(
                    "relevant", f"the grade of '{title}' must be 2 or 1, not {grade!r}"
                )
            id_ = self._paper("relevant", title)
            if graded.setdefault(id_, grade) != grade:
                raise self._error(
                    "relevant", f"'{title}' is there twice with two grades"
                )
        return graded

    def _paper(self, field: str, title: str) -> str:
        key = title_key(title)
        if paper := self._titles.get(key):
            return paper.id
        close = difflib.get_close_matches(key, self._titles, 1)
        hint = f": did you mean '{self._titles[close[0]].title}'?" if close else ""
        raise self._error(
            field, f"no paper of the collection has the title '{title}'{hint}"
        )

    def _history(self) -> tuple[Message, ...]:
        value = self._row.get("history", [])
        if not isinstance(value, list):
            raise self._error("history", f"must be a list of turns, not {_kind(value)}")
        turns = []
        for i, turn in enumerate(value, 1):
            if not isinstance(turn, dict) or not isinstance(turn.get("content"), str):
                raise self._error("history", f"turn {i} has no text under 'content'")
            if turn.get("role") not in ("user", "assistant"):
                raise self._error(
                    "history", f"turn {i}: 'role' must be user or assistant"
                )
            turns.append(Message(turn["role"], turn["content"]))
        return tuple(turns)

    def _evidence(self) -> tuple[str, ...]:
        texts = self._texts("evidence")
        if blank := [t for t in texts if not match_form(t)]:
            raise self._error(
                "evidence", f"{blank[0]!r} has no letter and no digit to look for"
            )
        return tuple(texts)

    def _filters(self) -> Filters:
        ends = {
            f: self._text(f)
            for f in ("date_from", "date_to")
            if self._row.get(f) is not None
        }
        for name, end in ends.items():
            try:
                parse_filters(end, end)
            except InputError:
                raise self._error(
                    name, f"'{end}' is no date: write YYYY, YYYY-MM or YYYY-MM-DD"
                ) from None
        try:
            return parse_filters(ends.get("date_from"), ends.get("date_to"))
        except InputError as error:
            raise self._error("date_to", str(error)) from None


def _kind(value: object) -> str:
    names = {
        dict: "an object",
        list: "a list",
        str: "text",
        bool: "true or false",
        type(None): "null",
    }
    return names.get(type(value), "a number")
