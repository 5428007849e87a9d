"""Question sets and their runs as the window deals with them. Knows no layout.

One run at a time for all windows of a server; it goes on when the window that began it is closed.
"""

from __future__ import annotations

import itertools
import json
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ragbot.errors import EmptyCollection, InputError, RagbotError
from ragbot.evaluation.report.report import REPORT, write_comparison
from ragbot.evaluation.runs.records import RUN, Run, read_run
from ragbot.evaluation.runs.run import run_mark, run_questions
from ragbot.evaluation.scores.compare import Comparison, compare
from ragbot.evaluation.scores.metrics import HEADLINE
from ragbot.evaluation.sets.questions import (
    QuestionSet,
    SetError,
    read_questions,
    set_digest,
)
from ragbot.llm import LanguageModel
from ragbot.papers.export import write_file
from ragbot.pipeline import Ragbot
from ragbot.resources import bundled_questions
from ragbot.types import Progress

__all__ = [
    "Job",
    "Runner",
    "comparison_report",
    "finished_runs",
    "keep_set",
    "question_sets",
    "read_set",
    "run_name",
    "run_report",
    "run_title",
    "same_run",
]


def question_sets(bot: Ragbot) -> dict[str, Path]:
    """The files of the sets that can be run, by what the window calls them."""
    own = {path.stem: path for path in sorted(_own_sets(bot).glob("*.jsonl"))}
    return own | {
        f"{p.stem} (bundled)": p for p in sorted(bundled_questions().glob("*.jsonl"))
    }


def _own_sets(bot: Ragbot) -> Path:
    return bot.settings.data_dir / "questions"


def read_set(bot: Ragbot, path: Path) -> QuestionSet:
    """The set as the collection can be asked it.

    Raises:
        InputError: the set cannot be used; the line names the file without its folder.
        EmptyCollection: nothing has been ingested.
    """
    papers = bot.papers()
    if not papers:
        raise EmptyCollection(bot.settings.data_dir)
    try:
        return read_questions(path, papers)
    except SetError as error:
        raise InputError(str(error).replace(str(path), path.name, 1)) from None


def keep_set(bot: Ragbot, path: Path) -> str:
    """Keep a copy of a set that can be used; what the window calls it.

    A set of other questions under the same name stays: the new one is numbered.

    Raises:
        InputError: the set cannot be used or not be kept.
        EmptyCollection: nothing has been ingested.
    """
    read_set(bot, path)
    try:
        _own_sets(bot).mkdir(exist_ok=True)
        return _kept(path.read_bytes(), _own_sets(bot), path.stem)
    except OSError as error:
        raise InputError(
            f"{path.name}: cannot be kept in {_own_sets(bot)} ({error.strerror})"
        ) from None


def _kept(content: bytes, folder: Path, name: str) -> str:
    """The name under which the folder holds the content, written unless it was there."""
    for number in itertools.count(1):
        stem = name if number == 1 else f"{name} ({number})"
        file = folder / f"{stem}.jsonl"
        if not file.exists():
            write_file(file, content.decode())
            break
        if file.read_bytes() == content:
            break
    return stem


def finished_runs(bot: Ragbot, path: Path) -> dict[str, Mapping[str, Any]]:
    """What run.json tells of each finished run of a set, by the name of its folder, newest first.

    What is no run, or was written by another version, is passed over.
    """
    digest, runs = set_digest(path), {}
    for file in _folder(bot).glob(f"*/{RUN}"):
        try:
            told = json.loads(file.read_text(encoding="utf-8"))
            if told["finished"] and told["set"]["digest"] == digest and run_title(told):
                runs[file.parent.name] = told
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return dict(
        sorted(runs.items(), key=lambda item: str(item[1]["finished"]), reverse=True)
    )


def _folder(bot: Ragbot) -> Path:
    return bot.settings.data_dir / "runs"


def run_title(told: Mapping[str, Any]) -> str:
    """A run in a list: when it finished, the figure to tell it by, and what it is called."""
    overall = told["overall"]
    figure = HEADLINE if HEADLINE in overall else next(iter(overall), None)
    shown = [f"{figure} {overall[figure]:.3f}"] if figure else []
    return " · ".join([_finished(told), *shown, _mark(told)])


def run_name(told: Mapping[str, Any]) -> str:
    """When a run finished, and its label or the mark of what it depends on."""
    return f"{_finished(told)} ({_mark(told)})"


def _finished(told: Mapping[str, Any]) -> str:
    """By this machine's clock."""
    return f"{datetime.fromisoformat(told['finished']).astimezone():%Y-%m-%d %H:%M}"


def _mark(told: Mapping[str, Any]) -> str:
    return str(told["label"] or told["mark"][:6])


def same_run(bot: Ragbot, questions: QuestionSet) -> str | None:
    """The folder of the finished run that running the set now would repeat.

    Raises:
        RagbotError: the collection cannot be asked.
    """
    bot.retriever()  # can the collection be asked at all?
    mark = run_mark(bot, questions)
    runs = finished_runs(bot, questions.path)
    return next((name for name, told in runs.items() if told["mark"] == mark), None)


def run_report(bot: Ragbot, name: str) -> tuple[Run, str]:
    """A finished run by the name of its folder, and its report as HTML.

    Raises:
        InputError: either cannot be read.
    """
    run = read_run(_folder(bot) / name)
    try:
        return run, (run.folder / REPORT).read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"{run.folder / REPORT}: cannot be read ({error.strerror})"
        ) from None


def comparison_report(bot: Ragbot, names: Sequence[str]) -> tuple[Comparison, str]:
    """Finished runs against the first of them in time, and the comparison's report as HTML.

    Raises:
        InputError: one of them cannot be read.
    """
    runs = [read_run(_folder(bot) / name) for name in names]
    runs.sort(key=lambda run: str(run.told["finished"]))
    comparison = compare(
        [replace(r, told={**r.told, "label": run_name(r.told)}) for r in runs]
    )
    with tempfile.TemporaryDirectory(
        prefix="comparison-", dir=bot.settings.data_dir
    ) as folder:
        page = write_comparison(comparison, Path(folder) / REPORT).read_text(
            encoding="utf-8"
        )
    return comparison, page


# Seconds that closing the window waits for the question being asked.
_PATIENCE = 10


class Job:
    """A set being run in a thread of its own, for any window to watch and to stop.

    ``first`` is how far an interrupted run had come. Once ``over`` is set, there is a ``run``, or a
    ``problem``, or it was stopped.
    """

    def __init__(self, bot: Ragbot, label: str, questions: QuestionSet) -> None:
        self.label = label
        self.questions = questions
        self.first: Progress | None = None
        self.progress: Progress | None = None
        self.stopping = False
        self.over = threading.Event()
        self.run: Run | None = None
        self.problem: str | None = None
        # The window may be given another language model meanwhile.
        threading.Thread(target=self._work, args=[bot, bot.model], daemon=True).start()

    def stop(self) -> None:
        """Leave after the question being asked; a run of the same goes on there."""
        self.stopping = True

    @property
    def seconds_left(self) -> float | None:
        """An estimate from what this job has asked; ``None`` before its first question is done."""
        first, now = self.first, self.progress
        if first is None or now is None or now.done == first.done:
            return None
        return now.seconds / (now.done - first.done) * (now.total - now.done)

    def _work(self, bot: Ragbot, model: LanguageModel) -> None:
        try:
            self.run = run_questions(
                bot, self.questions, model=model, progress=self._look
            )
        except _Stopped:
            pass
        except RagbotError as error:
            self.problem = str(error)
        except BaseException:
            self.problem = (
                "the run broke off: the terminal of this window's server says why"
            )
            raise
        finally:
            self.over.set()

    def _look(self, step: Progress) -> None:
        self.first = self.first or step
        self.progress = step
        if self.stopping and step.done < step.total:
            raise _Stopped


class _Stopped(Exception):
    """Leaves a run between two questions."""


class Runner:
    """Begins runs, one at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._job: Job | None = None

    @property
    def current(self) -> Job | None:
        """The run under way."""
        return self._job if self._job and not self._job.over.is_set() else None

    def begin(
        self, bot: Ragbot, label: str, questions: QuestionSet
    ) -> tuple[Job, bool]:
        """Run the set, or else give the run under way; whether the set is being run."""
        with self._lock:
            if job := self.current:
                return job, False
            self._job = Job(bot, label, questions)
            return self._job, True

    def close(self) -> None:
        """Stop the run under way and wait for its question, but not for a slow language model."""
        if job := self.current:
            job.stop()
            job.over.wait(_PATIENCE)
