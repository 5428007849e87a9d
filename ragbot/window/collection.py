"""The Collection tab: where files are dropped, what came of them, and which files are there.

Gradio looks at the annotations of functions it calls, so those are not postponed here.
"""

import queue
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from ragbot.errors import RagbotError, ReadError
from ragbot.pipeline import Ragbot
from ragbot.types import FileReport, Progress, Skipped
from ragbot.window.events import QUIET, Updates
from ragbot.window.html.files import report_html, sources_html

__all__ = ["CollectionTab", "ingest"]

_ADD_PAPERS = """<h2>Add papers</h2>
<p>Drop saved <i>Daily Papers</i> listings (text files) here, or anywhere on this window.
Papers that are in the collection already are not added twice.</p>"""


class CollectionTab:
    """Lays the tab out when made, inside a `gr.Blocks`."""

    def __init__(self, bot: Ragbot) -> None:
        import gradio as gr

        self._bot = bot
        with gr.Tab("Collection", id="collection") as tab, gr.Row(elem_id="stock"):
            with gr.Column(scale=7, min_width=320):
                gr.HTML(_ADD_PAPERS)
                self._files = gr.File(
                    elem_id="drop",
                    label="Listings",
                    show_label=False,
                    file_count="multiple",
                    height=150,
                )
                self._report = gr.HTML(elem_id="report")
            with gr.Column(scale=4, min_width=280):
                self._sources = gr.HTML(self._table(), elem_id="sources")
        self._files.upload(
            self._take,
            self._files,
            [self._report, self._sources, self._files],
            concurrency_id="ingest",
            concurrency_limit=1,
            **QUIET,
        )
        tab.select(self._table, outputs=self._sources, **QUIET)

    def _take(self, paths: Sequence[str] | None) -> Iterator[Updates]:
        yield {self._files: None}
        for table in ingest(self._bot, [Path(path) for path in paths or ()]):
            yield {self._report: table}
        yield {self._sources: self._table()}

    def _table(self) -> str:
        return sources_html(self._bot.stores.catalog.sources())


def ingest(bot: Ragbot, files: Sequence[Path]) -> Iterator[str]:
    """Take files in one after the other; the table so far as HTML, again and again.

    A file that cannot be read is a row with its reason; the others are taken.
    """
    reports: list[FileReport] = []
    for path in files:
        for step in _one(bot, path):
            if isinstance(step, Progress):
                yield report_html(reports, reading=path.name, step=step, of=len(files))
            elif isinstance(step, FileReport):
                reports.append(step)
            else:
                yield report_html(reports, problem=str(step))
                return
        yield report_html(reports)


def _one(bot: Ragbot, path: Path) -> Iterator[Progress | FileReport | RagbotError]:
    """One file's progress and, last, its report, or what stopped the whole ingest."""
    told: queue.SimpleQueue[Progress | FileReport | RagbotError | None] = (
        queue.SimpleQueue()
    )

    def work() -> None:
        try:
            told.put(bot.ingest([path], progress=told.put).files[0])
        except ReadError as error:
            told.put(
                FileReport(path.name, None, 0, 0, 0, (Skipped("", error.problem),))
            )
        except RagbotError as error:
            told.put(error)
        finally:
            told.put(None)

    yield Progress("read", 0, 0, 0.0)
    threading.Thread(target=work, daemon=True).start()
    while (step := told.get()) is not None:
        yield step
