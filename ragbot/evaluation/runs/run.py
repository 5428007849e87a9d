"""One run of a set: every question or ask case asked of a bot, a folder of what came of it.

An interrupted run goes on where it stopped if it is started again with the same set, settings and
collection. The same seed gives the same figures, times apart.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import platform
import random
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ragbot.config import Settings
from ragbot.errors import InputError
from ragbot.evaluation.report.page import write_report
from ragbot.evaluation.runs.records import (
    RESULTS,
    Outcome,
    Run,
    prepare_folder,
    write_told,
)
from ragbot.evaluation.runs.tasks import Judge, Task, tasks
from ragbot.evaluation.runs.totals import figures, notes
from ragbot.evaluation.sets.cases import AnySet
from ragbot.llm import LanguageModel
from ragbot.pipeline import Ragbot
from ragbot.types import OnProgress, Progress

__all__ = ["run_mark", "run_questions"]

_PACKAGES = (
    "ragbot",
    "chromadb",
    "tantivy",
    "openvino",
    "torch",
    "ir-measures",
    "numpy",
)


def run_questions(
    bot: Ragbot,
    questions: AnySet,
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
    answers = _answered(questions.ids, seed, ask_only)
    every = tasks(bot, model, questions, answers=answers, judge=judge)
    todo = [task for task in every if task.key not in done]
    if todo:
        _warm_up(bot, model, todo[0])
    outcomes = _ask_the_rest(todo, [*done.values()], folder / RESULTS, progress)
    told = {
        **head,
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        **figures(outcomes, seed),
        "notes": notes(questions, bot.papers()),
    }
    write_told(folder, told)
    run = Run(folder, told, tuple(outcomes))
    write_report(run)
    return run


def run_mark(bot: Ragbot, questions: AnySet, *, seed: int = 0) -> str:
    """The mark that a run of these would bear now: 12 hexadecimal digits, in its run.json.

    Two runs with the same mark differ in their times alone, if no language model has a say.
    """
    identity = _identity(
        bot, bot.model, questions, seed=seed, ask_only=None, judged=False
    )
    return _mark(identity)


def _ask_the_rest(
    todo: Sequence[Task],
    done: Sequence[Outcome],
    results: Path,
    progress: OnProgress | None,
) -> list[Outcome]:
    """Do what has not been done yet, each outcome written as it comes; all outcomes."""
    outcomes = [*done]
    start = time.monotonic()
    total = len(todo) + len(done)

    def tell(number: int) -> None:
        if progress:
            progress(Progress("questions", number, total, time.monotonic() - start))

    with results.open("a", encoding="utf-8") as file:
        for task in todo:
            tell(len(outcomes))
            outcome = task.outcome()
            file.write(outcome.to_json() + "\n")
            file.flush()
            outcomes.append(outcome)
    tell(total)
    return outcomes


def _warm_up(bot: Ragbot, model: LanguageModel, task: Task) -> None:
    """Load the model and the indexes, so that the first question is timed like the others."""
    with contextlib.suppress(InputError):  # the run itself records it
        bot.search(task.opening)
        bot.ask(task.opening, model=model)


def _mark(identity: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[
        :12
    ]


def _told_settings(settings: Settings) -> dict[str, Any]:
    """The settings without where the collection lies and where the window listens."""
    told = dataclasses.asdict(settings)
    del told["data"], told["window"]
    return told


def _identity(
    bot: Ragbot, model: LanguageModel, questions: AnySet, **options: Any
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
    with suppress(PackageNotFoundError):
        return version(package)
    return "not installed"  # Ragbot itself, run from a clone


def _answered(ids: Sequence[str], seed: int, ask_only: int | None) -> set[str]:
    """The questions to be answered: all, or so many of them."""
    if ask_only is None:
        return set(ids)
    most = min(ask_only, len(ids))
    return set(random.Random(seed).sample(ids, most))
