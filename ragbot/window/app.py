"""The chat window: its layout, what each control does, and its server. Answers nothing itself.

A tab is a function that lays out its part and wires it; `build` lists them.
"""

from __future__ import annotations

import errno
import ipaddress
import os
import signal
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ragbot.errors import RagbotError
from ragbot.pipeline import Ragbot
from ragbot.window.runs import Runner

if TYPE_CHECKING:
    import gradio as gr

__all__ = ["build", "launch"]

_ASSETS = Path(__file__).with_name("assets")
_LARGEST_FILE = "50mb"
# Uploads are looked through every ten minutes and kept for an hour; all go when the window closes.
_KEEP_UPLOADS = (600, 3600)


def build(bot: Ragbot, runner: Runner, *, shared: bool = False) -> gr.Blocks:
    """The window for one collection, ready to be launched; ``runner`` is to be closed after it.

    ``shared`` is whether others than the owner of this machine can open it.
    """
    _keep_private()
    import gradio as gr

    from ragbot.window import ask as tabs
    from ragbot.window.collection import masthead_html
    from ragbot.window.evaluate import evaluate
    from ragbot.window.models import models

    window = gr.Blocks(
        title="Ragbot", analytics_enabled=False, fill_width=True, delete_cache=_KEEP_UPLOADS
    )
    with window:
        masthead = gr.HTML(masthead_html(bot), elem_id="masthead")
        with gr.Tabs(elem_id="tabs"):
            tabs.ask(bot, masthead)
            tabs.collection(bot, masthead)
            models(bot, masthead, shared=shared)
            evaluate(bot, runner)
        # Another process may have ingested since the server started.
        window.load(lambda: masthead_html(bot), outputs=masthead, **tabs.QUIET)
    window.queue(default_concurrency_limit=bot.settings.window.concurrency)
    return window


def launch(bot: Ragbot, *, host: str, port: int, on_ready: Callable[[str], None]) -> None:
    """Serve the window until interrupted or told to end. Port 0: any free one.

    ``on_ready`` is given the window's address.

    Raises:
        RagbotError: the address cannot be listened on.
    """
    port = _free_port(host, port)
    bot.settings.data_dir.mkdir(parents=True, exist_ok=True)
    with _writing_below(bot.settings.data_dir), _told_to_end() as ended:
        runner = Runner()
        window = build(bot, runner, shared=not _is_loopback(host))
        try:
            _, address, _ = window.launch(
                server_name=host,
                server_port=port,
                theme=_theme(),
                css_paths=[_ASSETS / "ragbot.css"],
                head=f"<script>{(_ASSETS / 'ragbot.js').read_text(encoding='utf-8')}</script>",
                favicon_path=_ASSETS / "favicon.svg",
                footer_links=[],
                quiet=True,
                share=False,
                inbrowser=False,
                prevent_thread_lock=True,
                run_history=False,
                enable_monitoring=False,
                ssr_mode=False,
                pwa=False,
                mcp_server=False,
                max_file_size=_LARGEST_FILE,
                # One thread an answer, and some for uploads and for what comes in between.
                max_threads=max(40, 2 * bot.settings.window.concurrency),
            )
            on_ready(address)
            ended.wait()
        finally:
            runner.close()
            window.close(verbose=False)


def _keep_private() -> None:
    """Nothing is reported, looked up or sent through a proxy. Gradio reads these when imported."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["GRADIO_ALLOWED_PATHS"] = ""
    direct = {"127.0.0.1", "localhost", *filter(None, os.environ.get("NO_PROXY", "").split(","))}
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(sorted(direct))


@contextmanager
def _writing_below(data_dir: Path) -> Iterator[None]:
    """Uploads and the caches of Gradio and of what it brings go below a folder that goes away."""
    before, folder_before = dict(os.environ), tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix="window-", dir=data_dir) as folder:
        os.environ["GRADIO_TEMP_DIR"] = str(Path(folder) / "uploads")
        os.environ["MPLCONFIGDIR"] = str(Path(folder) / "matplotlib")
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        os.environ.setdefault("HF_HOME", str(Path(folder) / "huggingface"))
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)
            tempfile.tempdir = folder_before


@contextmanager
def _told_to_end() -> Iterator[threading.Event]:
    """Set when a service manager, or a terminal that is closed, ends the program.

    Without it that would leave the uploads behind. What is ignored, as under nohup, stays so.
    """
    ended, before = threading.Event(), {}
    if threading.current_thread() is threading.main_thread():  # no other may take signals
        for told in (getattr(signal, name, None) for name in ("SIGTERM", "SIGHUP")):
            if told and signal.getsignal(told) != signal.SIG_IGN:
                before[told] = signal.signal(told, lambda *_: ended.set())
    try:
        yield ended
    finally:
        for told, handler in before.items():
            signal.signal(told, handler)


def _is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _free_port(host: str, port: int) -> int:
    """The port to listen on, found to be free.

    Raises:
        RagbotError: it is taken, or the address is not this machine's.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind) as probe:
            # A port that only waits for old connections to fade is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            return int(probe.getsockname()[1])
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise RagbotError(
                f"port {port} on {host} is in use: stop the program that has it, "
                f"or choose another with --port, such as --port {port + 1 if port < 65535 else 0}"
            ) from None
        raise RagbotError(
            f"cannot listen on {host}, port {port} ({error.strerror}): "
            "choose others with --host and --port"
        ) from None


def _theme() -> gr.themes.Base:
    """Gradio's plain theme with fonts that every system has: its own come from a CDN."""
    import gradio as gr

    return gr.themes.Base(
        primary_hue=gr.themes.colors.indigo,
        neutral_hue=gr.themes.colors.slate,
        radius_size=gr.themes.sizes.radius_md,
        font=["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"],
        font_mono=["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"],
    )
