"""Question sets and their runs: which there are, running one, and the reports.

One run at a time for all who use a service; it goes on when whoever began it has gone.
"""

from __future__ import annotations

import itertools
import json
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ragbot.errors import EmptyCollection, InputError
from ragbot.evaluation.report.page import REPORT, write_comparison
from ragbot.evaluation.runs.records import RUN, Run, read_run
from ragbot.evaluation.runs.run import run_mark, run_questions
from ragbot.evaluation.scores.compare import Comparison, compare
from ragbot.evaluation.scores.metrics import HEADLINE
from ragbot.evaluation.sets.cases import AnySet, read_set
from ragbot.evaluation.sets.rows import SetError, set_digest
from ragbot.jobs import Job, Jobs
from ragbot.papers.export import write_file
from ragbot.pipeline import Ragbot
from ragbot.resources import bundled_questions

__all__ = ["Evaluation", "Trials", "run_name", "run_title"]


class Evaluation(Job):
    """A question set being run; ``run`` is what came of it, and ``name`` what the set is called.

    The language model that is in force when it is begun answers to its end. When stopped, a run of
    the same goes on there.
    """

    def __init__(self, bot: Ragbot, name: str, questions: AnySet) -> None:
        super().__init__()
        self.name = name
        self.questions = questions
        self.run: Run | None = None
        self._bot = bot
        self._model = bot.model

    def work(self) -> None:
        """Ask what has not been asked yet, and write the report.

        Raises:
            RagbotError: the collection cannot be asked, or the run not be written.
        """
        self.run = run_questions(
            self._bot, self.questions, model=self._model, progress=self.report
        )


class Trials:
    """The question sets of a collection and their runs, which are named by their folders."""

    def __init__(self, bot: Ragbot, jobs: Jobs) -> None:
        self._bot = bot
        self._jobs = jobs
        self._own = bot.settings.data_dir / "questions"
        self._runs = bot.settings.data_dir / "runs"

    # -- sets -------------------------------------------------------------------------------

    def sets(self) -> list[str]:
        """What the sets that can be run are called; those that come with Ragbot are last."""
        return list(self._files())

    def _files(self) -> dict[str, Path]:
        own = {path.stem: path for path in sorted(self._own.glob("*.jsonl"))}
        bundled = sorted(bundled_questions().glob("*.jsonl"))
        return own | {f"{path.stem} (bundled)": path for path in bundled}

    def _file(self, name: str) -> Path:
        try:
            return self._files()[name]
        except KeyError:
            raise InputError(f"the set {name} is gone", "add it again") from None

    def read(self, name: str) -> AnySet:
        """A set as the collection can be asked it.

        Raises:
            InputError: the set is gone or cannot be used.
            EmptyCollection: nothing has been ingested.
        """
        return self._usable(self._file(name))

    def _usable(self, path: Path) -> AnySet:
        """The set of a file; an error names the file without its folder."""
        papers = self._bot.papers()
        if not papers:
            raise EmptyCollection(self._bot.settings.data_dir)
        try:
            return read_set(path, papers)
        except SetError as error:
            message = error.message.replace(str(path), path.name, 1)
            raise InputError(message, error.remedy) from None

    def keep(self, path: Path) -> str:
        """Keep a copy of a set that can be used; what it is called.

        A set of other questions under the same name stays: the new one is numbered.

        Raises:
            InputError: the set cannot be used or not be kept.
            EmptyCollection: nothing has been ingested.
        """
        self._usable(path)
        try:
            self._own.mkdir(exist_ok=True)
            return _kept(path.read_bytes(), self._own, path.stem)
        except OSError as error:
            raise InputError(
                f"{path.name}: cannot be kept in {self._own} ({error.strerror})",
                "make room there, or make the folder writable",
            ) from None

    # -- runs -------------------------------------------------------------------------------

    def begin(self, name: str, questions: AnySet) -> tuple[Evaluation, bool]:
        """Run a set, or else give the run under way; whether the set is being run."""
        job = Evaluation(self._bot, name, questions)
        given = self._jobs.begin_alone(job)
        return given, given is job

    @property
    def current(self) -> Evaluation | None:
        """The run under way."""
        return self._jobs.current(Evaluation)

    def finished(self, name: str) -> dict[str, Mapping[str, Any]]:
        """What run.json tells of each finished run of a set, newest first.

        What is no run, or was written by another version, is passed over.

        Raises:
            InputError: the set is gone.
        """
        return self._finished(set_digest(self._file(name)))

    def _finished(self, digest: str) -> dict[str, Mapping[str, Any]]:
        runs = {}
        for file in self._runs.glob(f"*/{RUN}"):
            if record := _finished_run(file, digest):
                runs[file.parent.name] = record
        newest = sorted(runs, key=lambda run: str(runs[run]["finished"]), reverse=True)
        return dict(zip(newest, map(runs.__getitem__, newest), strict=True))

    def same_run(self, questions: AnySet) -> str | None:
        """The finished run that running the set now would repeat.

        Raises:
            RagbotError: the collection cannot be asked.
        """
        self._bot.retriever()  # can the collection be asked at all?
        mark = run_mark(self._bot, questions)
        runs = self._finished(set_digest(questions.path))
        return next(
            (run for run, record in runs.items() if record["mark"] == mark), None
        )

    def report(self, run: str) -> tuple[Run, str]:
        """A finished run, and its report as HTML.

        Raises:
            InputError: either cannot be read.
        """
        made = read_run(self._runs / run)
        file = made.folder / REPORT
        try:
            return made, file.read_text(encoding="utf-8")
        except OSError as error:
            raise InputError(
                f"{file}: cannot be read ({error.strerror})", "run the set anew"
            ) from None

    def comparison(self, runs: Sequence[str]) -> tuple[Comparison, str]:
        """Finished runs against the first of them in time, and the comparison's report as HTML.

        Raises:
            InputError: one of them cannot be read.
        """
        made = [read_run(self._runs / run) for run in runs]
        made.sort(key=lambda run: str(run.told["finished"]))
        named = [replace(r, told={**r.told, "label": run_name(r.told)}) for r in made]
        comparison = compare(named)
        data_dir = self._bot.settings.data_dir
        with tempfile.TemporaryDirectory(prefix="comparison-", dir=data_dir) as folder:
            file = write_comparison(comparison, Path(folder) / REPORT)
            return comparison, file.read_text(encoding="utf-8")


def _finished_run(file: Path, digest: str) -> dict[str, Any]:
    """What run.json tells of a finished run of that set; nothing if it is another, or none."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        record: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if record["finished"] and record["set"]["digest"] == digest:
            run_title(record)  # can it be shown?
            return record
    return {}


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


def run_title(record: Mapping[str, Any]) -> str:
    """A run in a list: when it finished, the figure to tell it by, and what it is called."""
    overall = record["overall"]
    telling = list(filter(overall.__contains__, [HEADLINE, *overall]))[:1]
    shown = [f"{figure} {overall[figure]:.3f}" for figure in telling]
    return " · ".join([_finished_at(record), *shown, _label(record)])


def run_name(record: Mapping[str, Any]) -> str:
    """When a run finished, and its label or the mark of what it depends on."""
    return f"{_finished_at(record)} ({_label(record)})"


def _finished_at(record: Mapping[str, Any]) -> str:
    """By this machine's clock."""
    return f"{datetime.fromisoformat(record['finished']).astimezone():%Y-%m-%d %H:%M}"


def _label(record: Mapping[str, Any]) -> str:
    return str(record["label"] or record["mark"][:6])
