"""The Ask tab: the conversation, and beside it the papers it cites.

Gradio looks at the annotations of functions it calls, so those are not postponed here.
"""

import itertools
import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal

from ragbot.errors import InputError, RagbotError
from ragbot.papers.export.side_by_side import write_table
from ragbot.question.filters import parse_filters
from ragbot.service import Service
from ragbot.types import Filters
from ragbot.window.html.conversation import Turn, chatbot_messages, cut_short, follow
from ragbot.window.html.matrix_page import TABLES, matrix_html
from ragbot.window.html.notes import problem_html
from ragbot.window.html.pane import EXPORTS, pane_html
from ragbot.window.wiring import QUIET, Updates

if TYPE_CHECKING:
    import gradio as gr

__all__ = ["AskTab", "Wanted", "what_was_asked"]

EXAMPLES = (
    "How can the KV cache be compressed?",
    "Which papers prune channels or filters?",
    "What is a Kolmogorov-Arnold network?",
    "Which papers report a speed-up on GPUs?",
)

_WELCOME = """<div class="welcome"><h2>What do the papers say?</h2>
<p>Ask a question. Each statement of the answer leads to the abstract that makes it, and you are
told when there is none.</p></div>"""
_MOST_EXPORTED = 1000
# Seconds between two looks at whether a stopped answer has come to its end.
_LOOK = 0.2

# What a question came from: the box or a date, an example, the button under the last answer, or the
# one that takes back the dates read from the last question.
Cause = Literal["box", "example", "retry", "undated"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question to be answered, its place among the turns, whether its words may hold dates."""

    question: str
    place: int
    dates_in_words: bool = True


@dataclass(slots=True)
class Asking:
    """A question being answered in one window; ``over`` once it is answered, stopped or cleared.

    ``done`` is set when nothing more comes of it, which after a stop takes a moment.

    Gradio's own way to cancel is not used: it waits for the piece in the making, and then cancels
    what has been asked since.
    """

    over: bool = False
    stop: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)

    def end(self) -> None:
        """Let the answer go; a language model stops writing."""
        self.over = True
        self.stop.set()


@dataclass(slots=True)
class Conversation:
    """One window's turns, and the question that is being answered or was last."""

    turns: list[Turn] = field(default_factory=list)
    asking: Asking | None = None

    @property
    def busy(self) -> bool:
        """Whether a question is being answered."""
        return self.asking is not None and not self.asking.over


def what_was_asked(cause: Cause, text: str, turns: Sequence[Turn]) -> Wanted | None:
    """The question behind an event; nothing where there is none."""
    if cause in ("retry", "undated"):
        if not turns:
            return None
        return Wanted(
            turns[-1].question, len(turns) - 1, dates_in_words=cause == "retry"
        )
    return Wanted(text.strip(), len(turns)) if text.strip() else None


class AskTab:
    """Lays the tab out when made, inside a `gr.Blocks`."""

    def __init__(self, service: Service) -> None:
        import gradio as gr

        self._service = service
        # Panes are told apart by it, those that look alike, too.
        self._panes = itertools.count(1)
        with gr.Tab("Ask", id="ask"):
            self._talk = gr.State(Conversation())
            with gr.Row(elem_id="desk"):
                with gr.Column(scale=7, min_width=340, elem_id="talk"):
                    self._lay_out_talk()
                with gr.Column(scale=5, min_width=320, elem_id="shelf"):
                    self._papers = gr.HTML(
                        self._pane([]),
                        elem_id="papers",
                        js_on_load="ragbot.pane(element, server)",
                        server_functions=_on_papers(service),
                    )
        self._wire()

    def _lay_out_talk(self) -> None:
        import gradio as gr

        self._chat = gr.Chatbot(
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
        self._notice = gr.HTML(elem_id="notice")
        self._box = gr.Textbox(
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
            self._first = _date_box("Papers from", "e.g. 2024")
            self._last = _date_box("to", "e.g. 2025")
            self._spoken = gr.Button(visible=False, size="sm", elem_id="spoken-dates")

    def _wire(self) -> None:
        import gradio as gr

        box, chat = self._box, self._chat
        self._shown = [chat, self._papers, box, self._notice, self._spoken]
        dates = [self._first, self._last]

        # Gradio looks the event up by its type.
        def answer(
            event: gr.EventData,
            typed: str,
            talk: Conversation,
            date_from: str,
            date_to: str,
        ) -> Iterator[Updates]:
            wanted = what_was_asked(*_cause_of(event, typed), talk.turns)
            yield from self._answer(wanted, talk, date_from, date_to)

        gr.on(
            [
                box.submit,
                *map(attrgetter("submit"), dates),
                chat.example_select,
                chat.retry,
                self._spoken.click,
            ],
            answer,
            [box, self._talk, *dates],
            self._shown,
            concurrency_limit=self._service.settings.window.concurrency,
            # What was stopped may still be waiting for its next piece when the next question comes.
            trigger_mode="multiple",
            api_visibility="private",
            show_progress_on=chat,
        )
        box.stop(self._stop, self._talk, self._shown, trigger_mode="multiple", **QUIET)
        chat.clear(self._clear, self._talk, self._shown, **QUIET)

    # -- what the controls do ---------------------------------------------------------------

    def _answer(
        self, wanted: Wanted | None, talk: Conversation, date_from: str, date_to: str
    ) -> Iterator[Updates]:
        import gradio as gr

        if wanted is None or talk.busy:
            yield self._unchanged()
            return
        try:
            filters = parse_filters(date_from.strip(), date_to.strip())
        except RagbotError as error:
            yield {self._notice: problem_html(error)}
            return
        talk.asking = mine = Asking()
        try:
            box = gr.Textbox("", submit_btn=False, stop_btn=True)
            yield {self._box: box, self._notice: ""}
            yield from self._grow(wanted, talk, mine, filters)
        finally:
            mine.end()
            mine.done.set()

    def _grow(
        self, wanted: Wanted, talk: Conversation, mine: Asking, filters: Filters
    ) -> Iterator[Updates]:
        """The answer as it comes; after a stop it goes on unseen, for what it cites."""
        import gradio as gr

        turns, place = talk.turns, wanted.place
        again = place < len(turns)
        turns[place:] = [Turn(wanted.question)]
        if again:  # its citations do not lead to the papers of the answer before
            yield {self._papers: self._pane(turns)}
        for turn in follow(
            self._service,
            wanted.question,
            turns[:place],
            filters,
            dates_in_words=wanted.dates_in_words,
            stop=mine.stop,
        ):
            if not mine.over:
                turns[place] = turn
                yield {self._chat: chatbot_messages(turns)}
            elif turn.answer:
                turns[place] = cut_short(turns[place], turn.answer)
        if not mine.over:
            spoken = gr.Button(**_spoken_dates(turns[place], filters))
            yield {
                self._papers: self._pane(turns),
                self._box: _ready(),
                self._spoken: spoken,
            }
        else:  # Gradio shows what was yielded last once more at the end.
            yield self._unchanged()

    def _stop(self, talk: Conversation) -> Iterator[Updates]:
        """What had come, at once; then what it cites, unless the conversation has gone on."""
        mine, turns = talk.asking, talk.turns
        if mine is None or mine.over:
            yield {self._box: _ready()}
            return
        mine.end()
        turns[-1] = replace(turns[-1], stopped=True)
        yield {self._chat: chatbot_messages(turns), self._box: _ready()}
        while talk.asking is mine and not mine.done.wait(_LOOK):
            pass
        if talk.asking is mine and talk.turns is turns:
            yield {self._papers: self._pane(turns), self._chat: chatbot_messages(turns)}
        yield self._unchanged()

    def _clear(self, talk: Conversation) -> Updates:
        import gradio as gr

        if talk.asking is not None:
            talk.asking.end()
        # A list of its own, for what is still being answered has the one before.
        talk.turns = []
        return {
            self._chat: [],
            self._papers: self._pane([]),
            self._notice: "",
            self._box: _ready(),
            self._spoken: gr.Button(visible=False),
        }

    def _unchanged(self) -> Updates:
        """Everything as it is: Gradio empties all that it was promised if it is given nothing."""
        import gradio as gr

        return dict.fromkeys(self._shown, gr.skip())

    def _pane(self, turns: Sequence[Turn]) -> str:
        return pane_html(turns, made=next(self._panes))


def _cause_of(event: "gr.EventData", typed: str) -> tuple[Cause, str]:
    """What a question came from, and its text where the event has one."""
    import gradio as gr

    if isinstance(event.target, gr.Button):
        return "undated", ""
    if not isinstance(event.target, gr.Chatbot):
        return "box", typed
    if isinstance(event.value, dict):
        return "example", str(event.value["text"])
    return "retry", ""


def _ready() -> "gr.Textbox":
    import gradio as gr

    return gr.Textbox(submit_btn=True, stop_btn=False)


def _date_box(label: str, placeholder: str) -> "gr.Textbox":
    import gradio as gr

    return gr.Textbox(
        label=label,
        placeholder=placeholder,
        max_lines=1,
        min_width=120,
        elem_classes="date",
    )


def _on_papers(service: Service) -> list[Any]:
    """What the page may ask for of the papers that an answer cites."""

    def export_cited(asked: dict[str, Any]) -> str:
        """Papers by id in one of the offered formats."""
        return service.export_by_id(_format(asked, EXPORTS), _ids(asked))

    def matrix_cited(asked: dict[str, Any]) -> str:
        """Papers by id side by side: as HTML to be shown, or in a format to be kept."""
        rows = service.matrix(ids=_ids(asked))
        name = _format(asked, {"html": "", **TABLES})
        return matrix_html(rows) if name == "html" else write_table(rows, name)

    return [export_cited, matrix_cited]


def _ids(asked: dict[str, Any]) -> list[str]:
    """The ids that a browser sends, which may be anything."""
    ids = asked.get("ids")
    if not isinstance(ids, list) or not 0 < len(ids) <= _MOST_EXPORTED:
        raise _not_offered()
    return list(map(str, ids))


def _not_offered() -> InputError:
    return InputError("this download is not offered", "use the buttons of the window")


def _format(asked: dict[str, Any], offered: Collection[str]) -> str:
    name = asked.get("format")
    if not isinstance(name, str) or name not in offered:
        raise _not_offered()
    return name


def _spoken_dates(turn: Turn, given: Filters) -> dict[str, Any]:
    """The button that takes back the dates read from a question; hidden where there are none."""
    read = turn.answer.filters if turn.answer else Filters()
    if not read or given:
        return {"visible": False}
    return {
        "value": f"Dates from your question: {read.words}  ✕ ask without",
        "visible": True,
    }
