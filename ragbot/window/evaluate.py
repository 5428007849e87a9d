"""The Evaluate tab: pick a question set, run it, see the report, compare with earlier runs.

Gradio looks at the annotations of functions it calls, so those are not postponed here.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ragbot.errors import RagbotError
from ragbot.service import Service
from ragbot.service.trials import Evaluation, run_title
from ragbot.window.html.measures import (
    EMPTY,
    comparison_html,
    ending_html,
    figures_html,
    progress_html,
    report_html,
)
from ragbot.window.html.notes import problem_html, said_html
from ragbot.window.wiring import QUIET, Updates

if TYPE_CHECKING:
    import gradio as gr

__all__ = ["EvaluateTab"]

_INTRO = """<h2>Evaluate</h2>
<p>A set of questions whose answers are known tells how well the collection is searched and quoted.
Drop a set of your own (<i>.jsonl</i>) here.</p>"""
_BUSY = (
    "One run at a time: the one below is under way already. "
    "Wait until it has finished, or stop it."
)
_UNCHANGED = "Nothing has changed since this run: the same questions, papers, settings and program."
# Seconds between two looks at a run under way.
_LOOK = 0.3


class EvaluateTab:
    """Sets and runs on the left, the report beside them.

    Lays the tab out when made, inside a `gr.Blocks`.
    """

    def __init__(self, service: Service) -> None:
        import gradio as gr

        self._trials = service.trials
        self._most_watching = service.settings.window.concurrency
        with gr.Tab("Evaluate", id="evaluate") as tab, gr.Row(elem_id="bench"):
            with gr.Column(scale=5, min_width=320, elem_id="setup"):
                self._lay_out_setup()
            with gr.Column(scale=7, min_width=320, elem_id="reading"):
                self._sheet = gr.HTML(
                    EMPTY, elem_id="sheet", js_on_load="ragbot.sheet(element)"
                )
        self._wire(tab)

    def _lay_out_setup(self) -> None:
        import gradio as gr

        sets = self._trials.sets()
        gr.HTML(_INTRO)
        with gr.Row(elem_id="choose"):
            self._set = gr.Dropdown(
                sets, value=sets[-1], label="Question set", elem_id="set"
            )
            self._added = gr.UploadButton("Add a set", size="sm", elem_id="add-set")
            self._run = gr.Button("Run", variant="primary", size="sm", elem_id="run")
            self._stop = gr.Button("Stop", size="sm", elem_id="stop", visible=False)
        self._notice = gr.HTML(elem_id="run-notice")
        self._status = gr.HTML(elem_id="status")
        self._anew = gr.Button("Run it anew", size="sm", elem_id="anew", visible=False)
        with gr.Row(elem_id="earlier"):
            self._shown = gr.Dropdown([], label="Run", elem_id="shown", visible=False)
            self._against = gr.CheckboxGroup(
                [], label="Compare with", elem_id="against", visible=False
            )
        self._figures = gr.HTML(elem_id="figures")

    def _wire(self, tab: "gr.Tab") -> None:
        picks = [self._set, self._shown, self._against]
        buttons = [self._run, self._stop, self._anew]
        seen = [
            *picks,
            *buttons,
            self._notice,
            self._status,
            self._figures,
            self._sheet,
        ]
        watching: dict[str, Any] = {
            "concurrency_id": "runs",
            "concurrency_limit": self._most_watching,
            **QUIET,
        }
        self._run.click(self._start, self._set, seen, **watching)
        self._anew.click(self._restart, self._set, seen, **watching)
        tab.select(self._arrive, picks, seen, **watching)
        self._stop.click(self._halt, **QUIET)
        self._added.upload(self._add, self._added, seen, **QUIET)
        self._set.input(self._pick, self._set, seen, **QUIET)
        for box in (self._shown, self._against):
            box.input(self._pick, picks, seen, **QUIET)

    # -- what the controls do ---------------------------------------------------------------

    def _start(self, label: str) -> Iterator[Updates]:
        yield from self._begin(label, again=False)

    def _restart(self, label: str) -> Iterator[Updates]:
        yield from self._begin(label, again=True)

    def _begin(self, label: str, *, again: bool) -> Iterator[Updates]:
        import gradio as gr

        yield {self._notice: ""}
        try:
            questions = self._trials.read(label)
            repeats = not again and self._trials.current is None
            same = self._trials.same_run(questions) if repeats else None
        except RagbotError as error:
            yield {self._notice: problem_html(error)}
            return
        if same:
            shown = self._show(label, same)
            anew = gr.Button(visible=True)
            yield {**shown, self._notice: said_html(_UNCHANGED), self._anew: anew}
            return
        job, begun = self._trials.begin(label, questions)
        if not begun:
            yield {self._notice: problem_html(_BUSY)}
        yield from self._watch(job)

    def _watch(self, job: Evaluation) -> Iterator[Updates]:
        """Follow a run to its end, whichever window began it."""
        import gradio as gr

        yield {
            self._set: job.name,
            self._run: gr.Button(visible=False),
            self._stop: gr.Button(visible=True),
            self._anew: gr.Button(visible=False),
        }
        for _ in job.watch(_LOOK):
            yield {self._status: progress_html(job)}
        result = self._show(job.name, job.run.folder.name) if job.run else {}
        yield {
            self._run: gr.Button(visible=True),
            self._stop: gr.Button(visible=False),
            self._status: "",
            self._notice: ending_html(job),
            **result,
        }

    def _halt(self) -> None:
        if job := self._trials.current:
            job.stop()

    def _add(self, path: str) -> Updates:
        try:
            label = self._trials.keep(Path(path))
        except RagbotError as error:
            return {self._notice: problem_html(error)}
        return self._pick(label)

    def _arrive(
        self, label: str, name: str | None, others: list[str]
    ) -> Iterator[Updates]:
        """What other windows and the command line have done since the tab was seen last."""
        sets = self._trials.sets()
        label = label if label in sets else sets[-1]
        picked, offered = self._offer(label, name, others)
        yield offered if picked == [name, *others] else self._show(label, name, others)
        if job := self._trials.current:
            yield from self._watch(job)

    def _pick(
        self, label: str, name: str | None = None, others: Sequence[str] = ()
    ) -> Updates:
        import gradio as gr

        shown = self._show(label, name, others)
        return {self._notice: "", self._anew: gr.Button(visible=False), **shown}

    def _show(
        self, label: str, name: str | None = None, others: Sequence[str] = ()
    ) -> Updates:
        """A run, alone or compared with others."""
        try:
            picked, offered = self._offer(label, name, others)
            table, page = self._pages(picked)
        except RagbotError as error:
            return {
                self._notice: problem_html(error),
                self._figures: "",
                self._sheet: EMPTY,
            }
        return {**offered, self._figures: table, self._sheet: page}

    def _offer(
        self, label: str, name: str | None, others: Sequence[str]
    ) -> tuple[list[str], Updates]:
        """The runs of a set to choose from, and which of them to show: the latest by default."""
        import gradio as gr

        runs = self._trials.finished(label)
        every = {folder: run_title(record) for folder, record in runs.items()}
        name = name if name in every else next(iter(every), None)
        rest = {folder: title for folder, title in every.items() if folder != name}
        others = list(filter(rest.__contains__, others))
        return [name, *others] if name else [], {
            self._set: gr.Dropdown(self._trials.sets(), value=label),
            self._shown: gr.Dropdown(_choices(every), value=name, visible=bool(every)),
            self._against: gr.CheckboxGroup(
                _choices(rest), value=others, visible=bool(rest)
            ),
        }

    def _pages(self, names: Sequence[str]) -> tuple[str, str]:
        """The table and the report of a run, or of the comparison of several."""
        if not names:
            return "", EMPTY
        if len(names) == 1:
            run, page = self._trials.report(names[0])
            return figures_html(run.told), report_html(page, f"{run.folder.name}.html")
        comparison, page = self._trials.comparison(names)
        name = f"{comparison.base.told['set']['name']}-comparison.html"
        return comparison_html(comparison), report_html(page, name)


def _choices(titles: Mapping[str, str]) -> list[tuple[str, str]]:
    """Runs as lists of choices take them: what is shown, then the folder."""
    return [(title, folder) for folder, title in titles.items()]
