"""The Evaluate tab: pick a question set, run it, see the report, compare with earlier runs.

Gradio looks at the annotations of functions it calls, so those are not postponed here.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ragbot.errors import InputError, RagbotError
from ragbot.pipeline import Ragbot
from ragbot.window.events import QUIET, Updates
from ragbot.window.html.figures import (
    EMPTY,
    comparison_html,
    ending_html,
    figures_html,
    note_html,
    progress_html,
    report_html,
)
from ragbot.window.runs import (
    Job,
    Runner,
    comparison_report,
    finished_runs,
    keep_set,
    question_sets,
    read_set,
    run_report,
    run_title,
    same_run,
)

__all__ = ["evaluate"]

_INTRO = """<h2>Evaluate</h2>
<p>A set of questions whose answers are known tells how well the collection is searched and quoted.
Drop a set of your own (<i>.jsonl</i>) here.</p>"""
_BUSY = (
    "One run at a time: the one below is under way already. Wait until it has finished, or stop it."
)
_UNCHANGED = "Nothing has changed since this run: the same questions, papers, settings and program."
# Seconds between two looks at a run under way.
_LOOK = 0.3


def evaluate(bot: Ragbot, runner: Runner) -> None:
    """Sets and runs on the left, the report beside them."""
    import gradio as gr

    sets = list(question_sets(bot))
    with gr.Tab("Evaluate", id="evaluate") as tab, gr.Row(elem_id="bench"):
        with gr.Column(scale=5, min_width=320, elem_id="setup"):
            gr.HTML(_INTRO)
            with gr.Row(elem_id="choose"):
                chosen = gr.Dropdown(sets, value=sets[-1], label="Question set", elem_id="set")
                added = gr.UploadButton("Add a set", size="sm", elem_id="add-set")
                run = gr.Button("Run", variant="primary", size="sm", elem_id="run")
                stop = gr.Button("Stop", size="sm", elem_id="stop", visible=False)
            notice = gr.HTML(elem_id="run-notice")
            status = gr.HTML(elem_id="status")
            anew = gr.Button("Run it anew", size="sm", elem_id="anew", visible=False)
            with gr.Row(elem_id="earlier"):
                shown = gr.Dropdown([], label="Run", elem_id="shown", visible=False)
                against = gr.CheckboxGroup(
                    [], label="Compare with", elem_id="against", visible=False
                )
            figures = gr.HTML(elem_id="figures")
        with gr.Column(scale=7, min_width=320, elem_id="reading"):
            sheet = gr.HTML(EMPTY, elem_id="sheet", js_on_load="ragbot.sheet(element)")

    def offer(label: str, name: str | None, others: Sequence[str]) -> tuple[list[str], Updates]:
        """The runs of a set to choose from, and which of them to show: the latest by default."""
        runs = finished_runs(bot, _path(bot, label))
        name = name if name in runs else next(iter(runs), None)
        others = [other for other in others if other in runs and other != name]
        every = [(run_title(told), folder) for folder, told in runs.items()]
        rest = [choice for choice in every if choice[1] != name]
        return [name, *others] if name else [], {
            chosen: gr.Dropdown(list(question_sets(bot)), value=label),
            shown: gr.Dropdown(every, value=name, visible=bool(every)),
            against: gr.CheckboxGroup(rest, value=others, visible=bool(rest)),
        }

    def show(label: str, name: str | None = None, others: Sequence[str] = ()) -> Updates:
        """A run, alone or compared with others."""
        try:
            picked, offered = offer(label, name, others)
            table, page = _pages(bot, picked)
        except RagbotError as error:
            return {notice: note_html(str(error), problem=True), figures: "", sheet: EMPTY}
        return {**offered, figures: table, sheet: page}

    def pick(label: str, name: str | None = None, others: Sequence[str] = ()) -> Updates:
        return {notice: "", anew: gr.Button(visible=False), **show(label, name, others)}

    def watch(job: Job) -> Iterator[Updates]:
        """Follow a run to its end, whichever window began it."""
        yield {
            chosen: job.label,
            run: gr.Button(visible=False),
            stop: gr.Button(visible=True),
            anew: gr.Button(visible=False),
        }
        while not job.over.wait(_LOOK):
            yield {status: progress_html(job)}
        yield {
            run: gr.Button(visible=True),
            stop: gr.Button(visible=False),
            status: "",
            notice: ending_html(job),
            **(show(job.label, job.run.folder.name) if job.run else {}),
        }

    def start(label: str, *, again: bool = False) -> Iterator[Updates]:
        yield {notice: ""}
        try:
            questions = read_set(bot, _path(bot, label))
            same = None if again or runner.current else same_run(bot, questions)
        except RagbotError as error:
            yield {notice: note_html(str(error), problem=True)}
            return
        if same:
            told = {notice: note_html(_UNCHANGED), anew: gr.Button(visible=True)}
            yield {**show(label, same), **told}
            return
        job, begun = runner.begin(bot, label, questions)
        if not begun:
            yield {notice: note_html(_BUSY, problem=True)}
        yield from watch(job)

    def restart(label: str) -> Iterator[Updates]:
        yield from start(label, again=True)

    def halt() -> None:
        if job := runner.current:
            job.stop()

    def add(path: str) -> Updates:
        try:
            label = keep_set(bot, Path(path))
        except RagbotError as error:
            return {notice: note_html(str(error), problem=True)}
        return pick(label)

    def arrive(label: str, name: str | None, others: list[str]) -> Iterator[Updates]:
        """What other windows and the command line have done since the tab was seen last."""
        sets = question_sets(bot)
        label = label if label in sets else list(sets)[-1]
        picked, offered = offer(label, name, others)
        yield offered if picked == [name, *others] else show(label, name, others)
        if job := runner.current:
            yield from watch(job)

    picks = [chosen, shown, against]
    seen = [*picks, run, stop, anew, notice, status, figures, sheet]
    watching: dict[str, Any] = {
        "concurrency_id": "runs",
        "concurrency_limit": bot.settings.window.concurrency,
        **QUIET,
    }
    run.click(start, chosen, seen, **watching)
    anew.click(restart, chosen, seen, **watching)
    tab.select(arrive, picks, seen, **watching)
    stop.click(halt, **QUIET)
    added.upload(add, added, seen, **QUIET)
    chosen.input(pick, chosen, seen, **QUIET)
    for box in (shown, against):
        box.input(pick, picks, seen, **QUIET)


def _path(bot: Ragbot, label: str) -> Path:
    """The file of a set.

    Raises:
        InputError: it is gone.
    """
    try:
        return question_sets(bot)[label]
    except KeyError:
        raise InputError(f"the set {label} is gone: add it again") from None


def _pages(bot: Ragbot, names: Sequence[str]) -> tuple[str, str]:
    """The table and the report of a run, or of the comparison of several."""
    if not names:
        return "", EMPTY
    if len(names) == 1:
        run, page = run_report(bot, names[0])
        return figures_html(run.told), report_html(page, f"{run.folder.name}.html")
    comparison, page = comparison_report(bot, names)
    name = f"{comparison.base.told['set']['name']}-comparison.html"
    return comparison_html(comparison), report_html(page, name)
