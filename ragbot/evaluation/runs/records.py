"""A run as it lies in its folder: plain values, readable without the collection they came from.

<run>/run.json        set, settings, fingerprints, versions, seed, figures
      results.jsonl   one `Outcome` a line
      report.html     for people
"""

from __future__ import annotations

import dataclasses
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import Any

from ragbot.errors import InputError
from ragbot.evaluation.scores.metrics import FILTER_DATED
from ragbot.evaluation.sets.questions import Question
from ragbot.types import Answer, Hit

__all__ = [
    "RESULTS",
    "RUN",
    "Found",
    "Outcome",
    "Run",
    "answered",
    "by_type",
    "found",
    "having",
    "in_overall",
    "known",
    "prepare_folder",
    "read_run",
    "times",
    "wanted",
    "write_told",
]

RUN, RESULTS = "run.json", "results.jsonl"


@dataclass(frozen=True, slots=True)
class Found:
    """A paper that was found or wanted; ``grade`` is 0 for one that is not relevant."""

    id: str
    title: str
    grade: int
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question, or its second pass with dates, as it went.

    ``type`` is the question's, or ``filter_dated``. ``found`` are up to fifty papers, best first.
    What only an answer has is ``None`` or empty where none was asked for (BEIR), or where the
    question was refused with ``error``. ``unjudged`` are figures that a language model was
    asked for and failed to give. Times are milliseconds.

    Of an ask case, ``type`` is its kind, ``question`` the last of its ``turns``, ``answers`` the
    texts of the answers to them, and ``found`` what the last cites; ``failed`` says what is wrong
    by each check that does not hold. A question has no turns and no checks.
    """

    id: str
    type: str
    question: str
    wanted: tuple[Found, ...]
    found: tuple[Found, ...]
    evidence: tuple[str, ...]
    quotes: tuple[str, ...]
    abstained: bool | None
    reason: str | None
    confidence: float | None
    answerable: bool
    error: str | None
    search_ms: float | None
    ask_ms: float | None
    figures: Mapping[str, float] = field(default_factory=dict)
    unjudged: tuple[str, ...] = ()
    turns: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    why: str = ""
    failed: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        """Tells the two passes of a filter question apart."""
        return self.id, self.type

    def failure(self) -> dict[str, Any]:
        """What is wrong with the answer to an ask case, and what was asked."""
        return {
            "id": self.id,
            "kind": self.type,
            "turns": list(self.turns),
            "failed": self.failed,
        }

    def to_json(self) -> str:
        """One line."""
        return json.dumps(dataclasses.asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, line: str) -> Outcome:
        """The outcome that `to_json` wrote."""
        row: dict[str, Any] = json.loads(line)
        for name in ("wanted", "found"):
            row[name] = tuple(Found(**f) for f in row[name])
        for name in ("evidence", "quotes", "unjudged", "turns", "answers"):
            row[name] = tuple(row.get(name, ()))
        return cls(**row)


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run: its folder, what run.json tells, and its outcomes in the set's order."""

    folder: Path
    told: Mapping[str, Any]
    outcomes: tuple[Outcome, ...]

    @property
    def name(self) -> str:
        """What tables and reports call it: its settings in a grid, else its folder."""
        return str(self.told["label"] or self.folder.name)

    @property
    def summary(self) -> dict[str, Any]:
        """The JSON document of ``ragbot eval``."""
        keys = ("questions", "overall", "by_type", "latency_ms")
        told = {key: self.told[key] for key in keys}
        return {**self.passes, **told, "run": str(self.folder)}

    @property
    def passes(self) -> dict[str, Any]:
        """How many of the ask cases passed, and what failed; nothing for a question set."""
        if "by_kind" not in self.told:
            return {}
        told = {key: self.told[key] for key in ("passed", "cases", "by_kind", "notes")}
        return {**told, "failures": list(map(Outcome.failure, self.failures))}

    @property
    def failures(self) -> list[Outcome]:
        """The ask cases that did not pass."""
        return list(filter(attrgetter("failed"), self.outcomes))


def times(outcomes: Sequence[Outcome]) -> dict[str, list[float]]:
    """Milliseconds of the searches and of the answers that there were."""
    return {
        "search": known(map(attrgetter("search_ms"), outcomes)),
        "ask": known(map(attrgetter("ask_ms"), outcomes)),
    }


def known(values: Iterable[float | None]) -> list[float]:
    """Those of the values that are known."""
    return [value for value in values if value is not None]


def having(figure: str, outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The outcomes that have a figure."""
    return [outcome for outcome in outcomes if figure in outcome.figures]


def by_type(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """The outcomes of each type, in the order of the set."""
    groups = defaultdict(list)
    for outcome in outcomes:
        groups[outcome.type].append(outcome)
    return groups


def in_overall(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Those that enter ``overall``: all but the second pass of the filters."""
    return [o for o in outcomes if o.type != FILTER_DATED]


def read_run(folder: Path) -> Run:
    """A finished run.

    Raises:
        InputError: the folder holds none, or one that was interrupted.
    """
    try:
        told = json.loads((folder / RUN).read_text(encoding="utf-8"))
        if not told["finished"]:
            raise InputError(
                f"{folder}: this run was interrupted",
                "the command that began it finishes it",
            )
        lines = filter(None, (folder / RESULTS).read_text("utf-8").split("\n"))
        return Run(folder, told, tuple(map(Outcome.from_json, lines)))
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            f"{folder}: holds no run", "name a folder that 'ragbot eval' wrote"
        ) from None


def prepare_folder(folder: Path, mark: str) -> dict[tuple[str, str], Outcome]:
    """Make the folder of a run; the outcomes that an interrupted run with this mark left in it.

    Raises:
        InputError: it holds something that is no run, or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        done = _left_in(folder, mark)
        kept = "".join(f"{outcome.to_json()}\n" for outcome in done)
        (folder / RESULTS).write_text(kept, encoding="utf-8")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{folder}: cannot hold a run ({error})", "name another with --out"
        ) from None
    return {outcome.key: outcome for outcome in done}


def _left_in(folder: Path, mark: str) -> list[Outcome]:
    """The outcomes of a run with this mark that was interrupted."""
    if not any(folder.iterdir()):
        return []
    if not (folder / RUN).exists():
        raise InputError(f"{folder}: holds other files", "name a new folder with --out")
    told = json.loads((folder / RUN).read_text(encoding="utf-8"))
    if told["mark"] != mark:
        return []
    if told["finished"]:
        return []
    # The last line may have been cut short.
    *whole, _ = (folder / RESULTS).read_text(encoding="utf-8").split("\n")
    return list(map(Outcome.from_json, whole))


def write_told(folder: Path, told: Mapping[str, Any]) -> None:
    """Write run.json."""
    (folder / RUN).write_text(
        json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8"
    )


def wanted(question: Question, titles: Mapping[str, str]) -> tuple[Found, ...]:
    """The relevant papers, those that answer first."""
    graded = sorted(question.relevant.items(), key=lambda item: -item[1])
    return tuple(Found(id_, titles.get(id_, ""), grade) for id_, grade in graded)


def found(question: Question, hits: Sequence[Hit]) -> tuple[Found, ...]:
    """The hits with the grades they have for this question."""
    grade = question.relevant.get
    return tuple(
        Found(
            hit.paper.id, hit.paper.title, grade(hit.paper.id, 0), round(hit.score, 6)
        )
        for hit in hits
    )


def answered(answer: Answer | None) -> dict[str, Any]:
    """The fields of an `Outcome` that come from the answer."""
    if answer is None:
        return {"quotes": (), "abstained": None, "reason": None, "confidence": None}
    return {
        "quotes": tuple(map(attrgetter("text"), answer.quotes)),
        "abstained": answer.abstained,
        "reason": answer.reason,
        "confidence": answer.confidence,
    }
