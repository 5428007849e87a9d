"""One run of a question set: every question asked of a bot, a folder of what came of it.

An interrupted run goes on where it stopped if it is started again with the same set, settings and
collection. The same seed gives the same figures, times apart.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import platform
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ragbot.config import Settings
from ragbot.errors import EmptyCollection, InputError
from ragbot.evaluation.report.page import write_report
from ragbot.evaluation.runs.records import (
    RESULTS,
    Outcome,
    Run,
    answered,
    found,
    in_overall,
    prepare_folder,
    wanted,
    write_told,
)
from ragbot.evaluation.scores.metrics import (
    FILTER_DATED,
    answer_figures,
    averages,
    paper_figures,
)
from ragbot.evaluation.scores.statistics import interval, percentile
from ragbot.evaluation.sets.questions import ANSWERABLE, Question, QuestionSet
from ragbot.llm import LanguageModel
from ragbot.pipeline import Ragbot
from ragbot.question import read
from ragbot.types import Answer, Filters, Hit, OnProgress, Progress

__all__ = ["DEPTH", "Judge", "run_mark", "run_questions"]

# How far down the ranking recall is drawn.
DEPTH = 50
_TOP = 10
_PACKAGES = (
    "ragbot",
    "chromadb",
    "tantivy",
    "openvino",
    "torch",
    "ir-measures",
    "numpy",
)

Judge = Callable[[Question, Answer], Mapping[str, float | None]]


def run_questions(
    bot: Ragbot,
    questions: QuestionSet,
    folder: Path | None = None,
    *,
    runs: Path | None = None,
    label: str = "",
    seed: int = 0,
    ask_only: int | None = None,
    judge: Judge | None = None,
    model: LanguageModel | None = None,
    progress: OnProgress | None = None,
) -> Run:
    """Ask every question and write the run's folder: ``folder``, or one named after the set and
    what the run depends on in ``runs``, which by default lies below the data folder.

    ``ask_only`` asks for answers to so many questions only, drawn by the seed: the others are but
    searched for. ``model`` writes the answers, the bot's own if there is none. ``judge`` gives
    further figures of an answer; those it cannot give are ``None``.

    Raises:
        EmptyCollection: nothing has been ingested.
        InputError: the folder holds something that is no run.
    """
    bot.retriever()
    model = model or bot.model
    asking = _Asking(bot, model, questions, _asked(questions, seed, ask_only), judge)
    identity = _identity(
        bot, model, questions, seed=seed, ask_only=ask_only, judged=judge is not None
    )
    mark = _mark(identity)
    folder = (
        folder or (runs or bot.settings.data_dir / "runs") / f"{questions.name}-{mark}"
    )
    done = prepare_folder(folder, mark)
    head = {
        "label": label,
        "mark": mark,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        **identity,
        "settings": _told_settings(
            dataclasses.replace(bot.settings, llm=model.settings)
        ),
    }
    write_told(folder, {**head, "finished": None})
    outcomes = asking.rest(done, folder / RESULTS, progress)
    told = {
        **head,
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        **_figures(outcomes, seed),
    }
    write_told(folder, told)
    run = Run(folder, told, tuple(outcomes))
    write_report(run)
    return run


def run_mark(bot: Ragbot, questions: QuestionSet, *, seed: int = 0) -> str:
    """The mark that a run of these would bear now: 12 hexadecimal digits, in its run.json.

    Two runs with the same mark differ in their times alone, if no language model has a say.
    """
    identity = _identity(
        bot, bot.model, questions, seed=seed, ask_only=None, judged=False
    )
    return _mark(identity)


class _Asking:
    """Asks the questions of a set, one after the other; ``asked`` are those to be answered, too."""

    def __init__(
        self,
        bot: Ragbot,
        model: LanguageModel,
        questions: QuestionSet,
        asked: set[str],
        judge: Judge | None,
    ) -> None:
        self._bot = bot
        self._model = model
        self._questions = questions
        self._asked = asked
        self._judge = judge
        self._titles = {p.id: p.title for p in bot.papers()}

    def rest(
        self,
        done: Mapping[tuple[str, str], Outcome],
        results: Path,
        progress: OnProgress | None,
    ) -> list[Outcome]:
        """Ask what has not been asked yet, each outcome written as it comes; all outcomes."""
        outcomes = [*done.values()]
        passes = [p for p in _passes(self._questions) if (p[0].id, p[1]) not in done]
        if passes:
            self._warm_up(passes[0][0])
        start = time.monotonic()
        total = len(passes) + len(done)

        def tell(number: int) -> None:
            if progress:
                progress(Progress("questions", number, total, time.monotonic() - start))

        with results.open("a", encoding="utf-8") as file:
            for question, type_, filters in passes:
                tell(len(outcomes))
                outcome = self._one(question, type_, filters)
                file.write(outcome.to_json() + "\n")
                file.flush()
                outcomes.append(outcome)
        tell(total)
        return outcomes

    def _warm_up(self, question: Question) -> None:
        """Load the model and the indexes, so that the first question is timed like the others."""
        try:
            self._bot.search(question.question)
            self._bot.ask(question.question, model=self._model)
        except InputError:
            pass  # the run itself records it

    def _one(self, question: Question, type_: str, filters: Filters | None) -> Outcome:
        try:
            reply, error = self._reply(question, filters), None
        except EmptyCollection:
            raise
        except InputError as refused:
            reply, error = _Reply(), str(refused)
        answer, hits = reply.answer, reply.hits
        figures = paper_figures(question, [h.paper.id for h in hits])
        if question.id in self._asked:
            figures |= answer_figures(question, answer)
        judged: Mapping[str, float | None] = {}
        if self._judge and answer:
            judged = self._judge(question, answer)
        figures |= {name: value for name, value in judged.items() if value is not None}
        return Outcome(
            id=question.id,
            type=type_,
            question=question.question,
            wanted=wanted(question, self._titles),
            found=found(question, hits),
            evidence=question.evidence,
            answerable=question.type in ANSWERABLE
            or question.expect == "answer_from_corpus",
            error=error,
            search_ms=reply.search_ms,
            ask_ms=reply.ask_ms,
            figures=figures,
            unjudged=tuple(name for name, value in judged.items() if value is None),
            **answered(answer),
        )

    def _reply(self, question: Question, filters: Filters | None) -> _Reply:
        """The answer, if it is asked for, and the papers found.

        A search has no conversation: it gets the question that the answer goes by.

        Raises:
            InputError: the question is refused.
        """
        answer, ask_ms = None, None
        standalone = read(question.question, question.history).standalone
        if question.id in self._asked:
            start = time.perf_counter()
            answer = self._bot.ask(
                question.question, question.history, filters, model=self._model
            )
            ask_ms = _since(start)
            standalone = answer.standalone_question
        start = time.perf_counter()
        top = self._bot.search(standalone, _TOP, filters).hits
        search_ms = _since(start)
        seen = {h.paper.id for h in top}
        deep = self._bot.search(standalone, DEPTH, filters).hits
        hits = [*top, *(h for h in deep if h.paper.id not in seen)]
        return _Reply(answer, hits, ask_ms, search_ms)


@dataclasses.dataclass(frozen=True, slots=True)
class _Reply:
    """What came of a question; times in milliseconds."""

    answer: Answer | None = None
    hits: Sequence[Hit] = ()
    ask_ms: float | None = None
    search_ms: float = 0.0


def _mark(identity: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[
        :12
    ]


def _told_settings(settings: Settings) -> dict[str, Any]:
    """The settings without where the collection lies and where the window listens."""
    told = dataclasses.asdict(settings)
    return {
        section: told[section] for section in told if section not in {"data", "window"}
    }


def _identity(
    bot: Ragbot, model: LanguageModel, questions: QuestionSet, **options: Any
) -> dict[str, Any]:
    """What a run's figures depend on; two runs with equal ones are one run."""
    code = hashlib.sha256()
    for path in sorted(Path(__file__).parents[2].rglob("*.py")):
        code.update(path.read_bytes())
    return {
        "set": {
            "name": questions.name,
            "path": str(questions.path),
            "digest": questions.digest,
        },
        "fingerprint": bot.fingerprint(model),
        "versions": {
            "python": platform.python_version(),
            "code": code.hexdigest()[:12],
            **{name: _version(name) for name in _PACKAGES},
        },
        **options,
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"  # Ragbot itself, run from a clone


def _passes(questions: QuestionSet) -> Iterator[tuple[Question, str, Filters | None]]:
    """Each question without its dates, and each filter question again with them."""
    for question in questions.questions:
        yield question, question.type, None
        if question.type == "filter":
            yield question, FILTER_DATED, question.filters


def _asked(questions: QuestionSet, seed: int, ask_only: int | None) -> set[str]:
    ids = [q.id for q in questions.questions]
    if ask_only is not None and ask_only < len(ids):
        ids = random.Random(seed).sample(ids, ask_only)
    return set(ids)


def _since(start: float) -> float:
    return round((time.perf_counter() - start) * 1e3, 3)


def _figures(outcomes: Sequence[Outcome], seed: int) -> dict[str, Any]:
    asked = in_overall(outcomes)
    overall = averages(o.figures for o in asked)
    types = list(dict.fromkeys(o.type for o in outcomes))
    intervals = {}
    for name in overall:
        values = [o.figures[name] for o in asked if name in o.figures]
        intervals[name] = list(interval(values, seed=seed))
    return {
        "questions": len(asked),
        "overall": overall,
        "ci": intervals,
        "by_type": {
            t: averages(o.figures for o in outcomes if o.type == t) for t in types
        },
        "errors": sum(o.error is not None for o in asked),
        "unjudged": dict(Counter(name for o in asked for name in o.unjudged)),
        "latency_ms": _latencies(outcomes),
    }


def _latencies(outcomes: Sequence[Outcome]) -> dict[str, float | None]:
    searches = [o.search_ms for o in outcomes if o.error is None]
    asks = [o.ask_ms for o in outcomes if o.ask_ms is not None]
    return {
        "search_p50": percentile(searches, 50),
        "search_p95": percentile(searches, 95),
        "ask_p50": percentile(asks, 50),
        "ask_p95": percentile(asks, 95),
    }
