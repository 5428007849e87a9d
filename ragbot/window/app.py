"""The chat window: its layout, what each control does, and its start. Answers nothing itself.

A tab is a class that lays out its part and wires it; `build` lists them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ragbot.service import Service
from ragbot.window.masthead import Masthead
from ragbot.window.server import (
    address_of,
    is_loopback,
    keep_private,
    listen,
    serve,
    told_to_end,
    writing,
)

if TYPE_CHECKING:
    import gradio as gr

__all__ = ["build", "launch", "opened"]

# Uploads are looked through every ten minutes and kept for an hour; all go when the window closes.
_KEEP_UPLOADS = (600, 3600)
_MASTHEAD = '<h1>Ragbot</h1><div class="now"></div>'


def build(service: Service, *, shared: bool = False) -> gr.Blocks:
    """The window over one service, ready to be served.

    ``shared`` is whether others than the owner of this machine can open it.
    """
    keep_private()
    import gradio as gr

    from ragbot.window.ask import AskTab
    from ragbot.window.collection import CollectionTab
    from ragbot.window.evaluate import EvaluateTab
    from ragbot.window.models import ModelTab

    window = gr.Blocks(
        title="Ragbot",
        analytics_enabled=False,
        fill_width=True,
        delete_cache=_KEEP_UPLOADS,
    )
    with window:
        # Filled by the page itself, in every window alike (`ragbot.window.masthead`).
        gr.HTML(_MASTHEAD, elem_id="masthead")
        with gr.Tabs(elem_id="tabs"):
            AskTab(service)
            CollectionTab(service)
            ModelTab(service, shared=shared)
            EvaluateTab(service)
    # One thread an answer, and some for uploads and for what comes in between.
    at_once = service.settings.window.concurrency
    window.max_threads = max(40, 2 * at_once)
    window.queue(default_concurrency_limit=at_once)
    return window


def launch(
    service: Service, *, host: str, port: int, on_ready: Callable[[str], None]
) -> None:
    """Serve the window until interrupted or told to end. Port 0: any free one.

    ``on_ready`` is given the window's address.

    Raises:
        RagbotError: the address cannot be listened on.
    """
    with told_to_end() as ended, opened(service, host=host, port=port) as address:
        on_ready(address)
        ended.wait()


@contextmanager
def opened(service: Service, *, host: str, port: int) -> Iterator[str]:
    """The window over a service, served in a thread until left; its address.

    Raises:
        RagbotError: the address cannot be listened on.
    """
    hosts, data_dir = service.settings.window.hosts, service.settings.data_dir
    data_dir.mkdir(parents=True, exist_ok=True)
    with listen(host, port) as listening, writing(data_dir):
        # A window that answers to other names is there for others, whatever it listens on.
        shared = bool(hosts.strip()) or not is_loopback(host)
        window = build(service, shared=shared)
        pages = {"/masthead": Masthead(service).html}
        with serve(
            window, listening, host=host, hosts=hosts, theme=_theme(), pages=pages
        ):
            try:
                yield address_of(host, listening)
            finally:
                service.jobs.close()


def _theme() -> gr.themes.Base:
    """Gradio's plain theme with fonts that every system has: its own come from a CDN."""
    import gradio as gr

    return gr.themes.Base(
        primary_hue=gr.themes.colors.indigo,
        neutral_hue=gr.themes.colors.slate,
        radius_size=gr.themes.sizes.radius_md,
        font=[
            "system-ui",
            "-apple-system",
            "Segoe UI",
            "Roboto",
            "Noto Sans",
            "sans-serif",
        ],
        font_mono=["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"],
    )
