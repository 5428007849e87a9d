"""The tabs of the window: what stands where, and which function each control calls.

Gradio looks at the annotations of functions it calls, so those are not postponed here.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ragbot.errors import InputError, RagbotError
from ragbot.papers.export import export_papers
from ragbot.pipeline import Ragbot
from ragbot.question.filters import parse_filters
from ragbot.types import Filters
from ragbot.window.collection import ingest, masthead_html, sources_html
from ragbot.window.html.conversation import Turn, chatbot_messages, follow
from ragbot.window.html.papers import EXPORTS, pane_html, plain

if TYPE_CHECKING:
    import gradio as gr

__all__ = ["QUIET", "ask", "collection"]

# How every event is wired: no entry in an API page, no overlay over what is being read.
QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}

EXAMPLES = (
    "How can the KV cache be compressed?",
    "Which papers prune channels or filters?",
    "Compare Kolmogorov-Arnold networks with MLPs",
    "How do spiking networks save energy?",
)

_WELCOME = """<div class="welcome"><h2>What do the papers say?</h2>
<p>Ask a question. Each statement of the answer leads to the abstract that makes it, and you are
told when there is none.</p></div>"""
_ADD_PAPERS = """<h2>Add papers</h2>
<p>Drop saved <i>Daily Papers</i> listings (text files) here, or anywhere on this window.
Papers that are in the collection already are not added twice.</p>"""
_MOST_EXPORTED = 1000


@dataclass(slots=True)
class Asking:
    """A question being answered in one window; ``over`` once it is answered, stopped or cleared.

    Gradio's own way to cancel is not used: it waits for the piece in the making, and then cancels
    what has been asked since.
    """

    over: bool = False
    stop: threading.Event = field(default_factory=threading.Event)

    def end(self) -> None:
        """Let the answer go; a language model stops writing."""
        self.over = True
        self.stop.set()


def ask(bot: Ragbot, masthead: "gr.HTML") -> None:
    """The conversation, and beside it the papers it cites."""
    import gradio as gr

    with gr.Tab("Ask", id="ask"):
        turns, asking = gr.State([]), gr.State(None)
        with gr.Row(elem_id="desk"):
            with gr.Column(scale=7, min_width=340, elem_id="talk"):
                chat = gr.Chatbot(
                    elem_id="chat",
                    label="Conversation",
                    show_label=False,
                    placeholder=_WELCOME,
                    examples=[{"text": text} for text in EXAMPLES],
                    buttons=["copy"],
                    # Formulas have been made readable; any dollar sign left is a dollar sign.
                    latex_delimiters=[],
                    allow_tags=False,
                    autoscroll=False,
                    layout="panel",
                )
                notice = gr.HTML(elem_id="notice")
                box = gr.Textbox(
                    elem_id="question",
                    label="Question",
                    show_label=False,
                    container=False,
                    placeholder="Ask about the papers",
                    max_lines=6,
                    submit_btn=True,
                    autofocus=True,
                )
                with gr.Row(elem_id="dates"):
                    first = _date_box("Papers from", "e.g. 2024")
                    last = _date_box("to", "e.g. 2025")
                    spoken = gr.Button(visible=False, size="sm", elem_id="spoken-dates")
            with gr.Column(scale=5, min_width=320, elem_id="shelf"):
                papers = gr.HTML(
                    pane_html([]),
                    elem_id="papers",
                    js_on_load="ragbot.pane(element, server)",
                    server_functions=[_exporter(bot)],
                )

    def answer(
        event: gr.EventData,
        typed: str,
        so_far: list[Turn],
        current: Asking | None,
        date_from: str,
        date_to: str,
    ) -> Iterator[dict[Any, Any]]:
        question, earlier, read_dates = typed, so_far, True
        if isinstance(event.target, gr.Chatbot):
            if isinstance(event.value, dict):
                question = str(event.value["text"])  # an example
            elif so_far:
                question, earlier = so_far[-1].question, so_far[:-1]  # retry
        elif isinstance(event.target, gr.Button) and so_far:  # the same without its dates
            question, earlier, read_dates = so_far[-1].question, so_far[:-1], False
        if not question.strip() or (current and not current.over):
            # Gradio empties all that it was promised if it is given nothing at all.
            yield dict.fromkeys(shown, gr.skip())
            return
        try:
            filters = parse_filters(date_from.strip(), date_to.strip())
        except RagbotError as error:
            yield {notice: _notice(str(error))}
            return
        mine = Asking()
        try:
            yield {asking: mine, box: gr.Textbox("", submit_btn=False, stop_btn=True), notice: ""}
            for grown in follow(
                bot, question.strip(), earlier, filters, dates_in_words=read_dates, stop=mine.stop
            ):
                if mine.over:
                    # Gradio shows what was yielded last once more at the end.
                    yield dict.fromkeys(shown, gr.skip())
                    return
                yield {turns: grown, chat: chatbot_messages(grown)}
            yield {
                papers: pane_html(grown),
                masthead: masthead_html(bot),
                box: ready(),
                spoken: gr.Button(**_spoken_dates(grown[-1], filters)),
            }
        finally:
            mine.end()

    def stop(so_far: list[Turn], current: Asking | None) -> dict[Any, Any]:
        if current is None or current.over:
            return {box: ready()}
        current.end()
        stopped = [*so_far[:-1], replace(so_far[-1], stopped=True)]
        return {turns: stopped, chat: chatbot_messages(stopped), box: ready()}

    def clear(current: Asking | None) -> dict[Any, Any]:
        if current is not None:
            current.end()
        return {
            turns: [],
            chat: [],
            papers: pane_html([]),
            notice: "",
            box: ready(),
            spoken: gr.Button(visible=False),
        }

    def ready() -> gr.Textbox:
        return gr.Textbox(submit_btn=True, stop_btn=False)

    shown = [turns, asking, chat, papers, box, notice, masthead, spoken]
    gr.on(
        [box.submit, first.submit, last.submit, chat.example_select, chat.retry, spoken.click],
        answer,
        [box, turns, asking, first, last],
        shown,
        concurrency_limit=bot.settings.window.concurrency,
        # What was stopped may still be waiting for its next piece when the next question comes.
        trigger_mode="multiple",
        api_visibility="private",
        show_progress_on=chat,
    )
    box.stop(stop, [turns, asking], shown, **QUIET)
    chat.clear(clear, asking, shown, **QUIET)


def collection(bot: Ragbot, masthead: "gr.HTML") -> None:
    """Where files are dropped, what came of them, and which files are there."""
    import gradio as gr

    with gr.Tab("Collection", id="collection") as tab, gr.Row(elem_id="stock"):
        with gr.Column(scale=7, min_width=320):
            gr.HTML(_ADD_PAPERS)
            files = gr.File(
                elem_id="drop",
                label="Listings",
                show_label=False,
                file_count="multiple",
                height=150,
            )
            report = gr.HTML(elem_id="report")
        with gr.Column(scale=4, min_width=280):
            sources = gr.HTML(sources_html(bot), elem_id="sources")

    def take(paths: Sequence[str] | None) -> Iterator[dict[Any, Any]]:
        yield {files: None}
        for table in ingest(bot, [Path(path) for path in paths or ()]):
            yield {report: table, masthead: masthead_html(bot)}
        yield {sources: sources_html(bot)}

    files.upload(
        take,
        files,
        [report, masthead, sources, files],
        concurrency_id="ingest",
        concurrency_limit=1,
        **QUIET,
    )
    tab.select(lambda: sources_html(bot), outputs=sources, **QUIET)


def _date_box(label: str, placeholder: str) -> "gr.Textbox":
    import gradio as gr

    return gr.Textbox(
        label=label,
        placeholder=placeholder,
        max_lines=1,
        min_width=120,
        elem_classes="date",
    )


def _notice(problem: str) -> str:
    return f'<p class="problem" role="alert">{plain(problem)}</p>'


def _exporter(bot: Ragbot) -> Any:
    def export_cited(asked: dict[str, Any]) -> str:
        """Papers by id in one of the offered formats; comes from a browser, so it is checked."""
        ids, name = asked.get("ids"), asked.get("format")
        if name not in EXPORTS or not isinstance(ids, list) or len(ids) > _MOST_EXPORTED:
            raise InputError("this download is not offered: use the buttons of the window")
        known = bot.stores.catalog.get([str(id_) for id_ in ids])
        return export_papers([known[id_] for id_ in ids if id_ in known], name)

    return export_cited


def _spoken_dates(turn: Turn, given: Filters) -> dict[str, Any]:
    """The button that takes back the dates read from a question; hidden where there are none."""
    read = turn.answer.filters if turn.answer else Filters()
    if not read or given:
        return {"visible": False}
    span = f"{read.date_from or 'the first'} to {read.date_to or 'the last'}"
    return {"value": f"Dates from your question: {span}  ✕ ask without", "visible": True}
