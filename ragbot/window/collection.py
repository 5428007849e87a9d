"""The Collection tab: where files are dropped, what came of them, and which files are there.

Gradio looks at the annotations of functions it calls, so those are not postponed here.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from ragbot.service import Service
from ragbot.service.intake import Intake
from ragbot.window.html.files import intake_html, sources_html
from ragbot.window.wiring import QUIET, Updates

__all__ = ["CollectionTab"]

_ADD_PAPERS = """<h2>Add papers</h2>
<p>Drop files here, or anywhere on this window: saved <i>Daily Papers</i> pages, what a reference
manager or a search exports, a zip of them. What each file brought is told, and no paper is added
twice.</p>"""
# Seconds between two looks at files being read.
_LOOK = 0.2


class CollectionTab:
    """Lays the tab out when made, inside a `gr.Blocks`."""

    def __init__(self, service: Service) -> None:
        import gradio as gr

        self._service = service
        with gr.Tab("Collection", id="collection") as tab, gr.Row(elem_id="stock"):
            with gr.Column(scale=7, min_width=320):
                gr.HTML(_ADD_PAPERS)
                self._files = gr.File(
                    elem_id="drop",
                    label="Files",
                    show_label=False,
                    file_count="multiple",
                    height=150,
                )
                self._report = gr.HTML(elem_id="report")
                self._stop = gr.Button(
                    "Stop", size="sm", elem_id="stop-reading", visible=False
                )
            with gr.Column(scale=4, min_width=280):
                self._sources = gr.HTML(self._table(), elem_id="sources")
        seen = [self._report, self._stop, self._sources, self._files]
        watching = {
            "concurrency_id": "ingest",
            "concurrency_limit": service.settings.window.concurrency,
            **QUIET,
        }
        self._files.upload(self._take, self._files, seen, **watching)
        tab.select(self._arrive, outputs=seen, **watching)
        self._stop.click(self._halt, **QUIET)

    def _take(self, paths: Sequence[str] | None) -> Iterator[Updates]:
        job = self._service.take_in(list(map(Path, paths or ())))
        yield {self._files: None}
        yield from self._watch(job)

    def _arrive(self) -> Iterator[Updates]:
        """Which files there are now, and those that are being read for whatever window."""
        yield {self._sources: self._table()}
        if job := self._service.jobs.current(Intake):
            yield from self._watch(job)

    def _watch(self, job: Intake) -> Iterator[Updates]:
        import gradio as gr

        yield {self._report: intake_html(job), self._stop: gr.Button(visible=True)}
        for _ in job.watch(_LOOK):
            yield {self._report: intake_html(job)}
        yield {
            self._report: intake_html(job),
            self._stop: gr.Button(visible=False),
            self._sources: self._table(),
        }

    def _halt(self) -> None:
        if job := self._service.jobs.current(Intake):
            job.stop()

    def _table(self) -> str:
        return sources_html(self._service.sources())
