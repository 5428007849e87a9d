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
from ragbot.evaluation.report.report import write_report
from ragbot.evaluation.runs.records import (
    RESULTS,
    Outcome,
    Run,
    answered,
    found,
    prepare_folder,
    wanted,
    write_told,
)
from ragbot.evaluation.scores.metrics import (
    FILTER_DATED,
    answer_figures,
    averages,
    counts_in_overall,
    paper_figures,
)
from ragbot.evaluation.scores.statistics import interval, percentile
from ragbot.evaluation.sets.questions import ANSWERABLE, Question, QuestionSet
from ragbot.pipeline import Ragbot
from ragbot.question.followup import standalone_question
from ragbot.types import Answer, Filters, Hit, Progress

__all__ = ["DEPTH", "Judge", "run_mark", "run_questions"]

# How far down the ranking recall is drawn.
DEPTH = 50
_TOP = 10
_PACKAGES = ("ragbot", "chromadb", "tantivy", "openvino", "torch", "ir-measures", "numpy")

OnProgress = Callable[[Progress], None]
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
    progress: OnProgress | None = None,
) -> Run:
    """Ask every question and write the run's folder: ``folder``, or one named after the set and
    what the run depends on in ``runs``, which by default lies below the data folder.

    ``ask_only`` asks for answers to so many questions only, drawn by the seed: the others are but
    searched for. ``judge`` gives further figures of an answer; those it cannot give are ``None``.

    Raises:
        EmptyCollection: nothing has been ingested.
        InputError: the folder holds something that is no run.
    """
    bot.retriever()
    identity = _identity(bot, questions, seed=seed, ask_only=ask_only, judged=judge is not None)
    mark = _mark(identity)
    folder = folder or (runs or bot.settings.data_dir / "runs") / f"{questions.name}-{mark}"
    done = prepare_folder(folder, mark)
    head = {
        "label": label,
        "mark": mark,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        **identity,
        "settings": _told_settings(bot.settings),
    }
    write_told(folder, {**head, "finished": None})
    outcomes = [*done.values()]
    passes = [p for p in _passes(questions) if (p[0].id, p[1]) not in done]
    asked = _asked(questions, seed, ask_only)
    titles = {p.id: p.title for p in bot.papers()}
    if passes:
        _warm_up(bot, passes[0][0])
    start, total = time.monotonic(), len(passes) + len(done)
    with (folder / RESULTS).open("a", encoding="utf-8") as results:
        for question, type_, filters in passes:
            if progress:
                progress(Progress("questions", len(outcomes), total, time.monotonic() - start))
            outcome = _ask(
                bot, question, type_, filters, titles, ask=question.id in asked, judge=judge
            )
            results.write(outcome.to_json() + "\n")
            results.flush()
            outcomes.append(outcome)
    if progress:
        progress(Progress("questions", total, total, time.monotonic() - start))
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
    return _mark(_identity(bot, questions, seed=seed, ask_only=None, judged=False))


def _mark(identity: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:12]


def _told_settings(settings: Settings) -> dict[str, Any]:
    """The settings without where the collection lies and where the window listens."""
    told = dataclasses.asdict(settings)
    return {section: told[section] for section in told if section not in {"data", "window"}}


def _identity(bot: Ragbot, questions: QuestionSet, **options: Any) -> dict[str, Any]:
    """What a run's figures depend on; two runs with equal ones are one run."""
    code = hashlib.sha256()
    for path in sorted(Path(__file__).parents[2].rglob("*.py")):
        code.update(path.read_bytes())
    return {
        "set": {"name": questions.name, "path": str(questions.path), "digest": questions.digest},
        "fingerprint": bot.fingerprint(),
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


def _warm_up(bot: Ragbot, question: Question) -> None:
    """Load the model and the indexes, so that the first question is timed like the others."""
    try:
        bot.search(question.question)
        bot.ask(question.question)
    except InputError:
        pass  # the run itself records it


def _ask(
    bot: Ragbot,
    question: Question,
    type_: str,
    filters: Filters | None,
    titles: Mapping[str, str],
    *,
    ask: bool,
    judge: Judge | None,
) -> Outcome:
    answer, error, ask_ms, search_ms = None, None, None, 0.0
    hits: Sequence[Hit] = ()
    try:
        # A search has no conversation: it gets the question that the answer goes by.
        standalone = standalone_question(question.question, question.history)
        if ask:
            start = time.perf_counter()
            answer = bot.ask(question.question, question.history, filters)
            ask_ms = _since(start)
            standalone = answer.standalone_question
        start = time.perf_counter()
        top = bot.search(standalone, _TOP, filters).hits
        search_ms = _since(start)
        seen = {h.paper.id for h in top}
        deep = bot.search(standalone, DEPTH, filters).hits
        hits = [*top, *(h for h in deep if h.paper.id not in seen)]
    except EmptyCollection:
        raise
    except InputError as refused:
        error = str(refused)
    figures = paper_figures(question, [h.paper.id for h in hits])
    if ask:
        figures |= answer_figures(question, answer)
    judged = judge(question, answer) if judge and answer else {}
    figures |= {name: value for name, value in judged.items() if value is not None}
    return Outcome(
        id=question.id,
        type=type_,
        question=question.question,
        wanted=wanted(question, titles),
        found=found(question, hits),
        evidence=question.evidence,
        answerable=question.type in ANSWERABLE or question.expect == "answer_from_corpus",
        error=error,
        search_ms=search_ms,
        ask_ms=ask_ms,
        figures=figures,
        unjudged=tuple(name for name, value in judged.items() if value is None),
        **answered(answer),
    )


def _since(start: float) -> float:
    return round((time.perf_counter() - start) * 1e3, 3)


def _figures(outcomes: Sequence[Outcome], seed: int) -> dict[str, Any]:
    counted = [o for o in outcomes if counts_in_overall(o.type)]
    overall = averages(o.figures for o in counted)
    types = list(dict.fromkeys(o.type for o in outcomes))
    searches = [o.search_ms for o in outcomes if o.error is None]
    asks = [o.ask_ms for o in outcomes if o.ask_ms is not None]
    return {
        "questions": len(counted),
        "overall": overall,
        "ci": {
            name: list(interval([o.figures[name] for o in counted if name in o.figures], seed=seed))
            for name in overall
        },
        "by_type": {t: averages(o.figures for o in outcomes if o.type == t) for t in types},
        "errors": sum(o.error is not None for o in counted),
        "unjudged": dict(Counter(name for o in counted for name in o.unjudged)),
        "latency_ms": {
            "search_p50": percentile(searches, 50),
            "search_p95": percentile(searches, 95),
            "ask_p50": percentile(asks, 50),
            "ask_p95": percentile(asks, 95),
        },
    }
