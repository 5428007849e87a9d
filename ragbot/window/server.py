"""The server of the window: where it listens, whom it answers, what it leaves behind. No layout."""

from __future__ import annotations

import errno
import ipaddress
import os
import signal
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ragbot.errors import RagbotError
from ragbot.guard import Guard, allowed_hosts, is_wildcard
from ragbot.window.idle import let_queue_sleep, let_server_sleep

if TYPE_CHECKING:
    import fastapi
    import gradio as gr

__all__ = [
    "address_of",
    "is_loopback",
    "keep_private",
    "listen",
    "serve",
    "told_to_end",
    "writing",
]

_ASSETS = Path(__file__).with_name("assets")
_LARGEST_FILE = "50mb"
# Seconds that answers under way are waited for at the end.
_PATIENCE = 1


def keep_private() -> None:
    """Nothing is reported or looked up. Gradio and what it brings read these when imported."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"


@contextmanager
def writing(data_dir: Path) -> Iterator[None]:
    """Uploads and the caches of Gradio and of what it brings go below a folder that goes away."""
    with tempfile.TemporaryDirectory(prefix="window-", dir=data_dir) as folder:
        below = Path(folder)
        ours = {
            "GRADIO_TEMP_DIR": str(below / "uploads"),
            "MPLCONFIGDIR": str(below / "matplotlib"),
            "HF_HOME": os.environ.get("HF_HOME", str(below / "huggingface")),
        }
        before = {name: os.environ.get(name) for name in ours}
        os.environ.update(ours)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


@contextmanager
def told_to_end() -> Iterator[threading.Event]:
    """Set when a service manager, or a terminal that is closed, ends the program.

    Without it that would leave the uploads behind. What is ignored, as under nohup, stays so.
    """
    ended = threading.Event()
    with ExitStack() as after:
        # No other may take signals
        if threading.current_thread() is threading.main_thread():
            for name in ("SIGTERM", "SIGHUP"):
                number = getattr(signal, name, None)
                if number and signal.getsignal(number) != signal.SIG_IGN:
                    before = signal.signal(number, lambda *_: ended.set())
                    after.callback(signal.signal, number, before)
        yield ended


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 is any free one.

    Raises:
        RagbotError: the port is taken, or the address is not this machine's.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM
        )[0]
        listening = socket.socket(family, kind)
        try:
            # A port that only waits for old connections to fade is free.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen(128)
        except OSError:
            listening.close()
            raise
        return listening
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            another = port + 1 if port < 65535 else 0
            raise RagbotError(
                f"port {port} on {host} is in use",
                "stop the program that has it, or choose another with --port, such as "
                f"--port {another}",
            ) from None
        raise RagbotError(
            f"cannot listen on {host}, port {port} ({error.strerror})",
            "choose others with --host and --port",
        ) from None


def address_of(host: str, listening: socket.socket) -> str:
    """What a browser is to open."""
    name = "localhost" if is_wildcard(host) else host.strip("[]")
    shown = f"[{name}]" if ":" in name else name
    return f"http://{shown}:{listening.getsockname()[1]}/"


@contextmanager
def serve(
    window: gr.Blocks,
    listening: socket.socket,
    *,
    host: str,
    hosts: str,
    theme: gr.themes.Base,
    pages: Mapping[str, Callable[[], str]],
) -> Iterator[None]:
    """Answer requests in a thread of its own, until left.

    ``host`` is the address as it was given, ``hosts`` further names to answer to
    (`ragbot.guard.allowed_hosts`), ``pages`` what makes the HTML at further paths.
    """
    import uvicorn

    script = (_ASSETS / "ragbot.js").read_text(encoding="utf-8")
    app = _application(window, theme, script, pages)
    mounted: Any = app.routes[-1]
    guarded: Any = Guard(app, allowed_hosts(host, hosts), [script])
    server = uvicorn.Server(
        uvicorn.Config(
            guarded,
            log_level="error",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_PATIENCE,
        )
    )
    queue: Any = window._queue
    let_queue_sleep(window)
    let_server_sleep(server)
    thread = threading.Thread(target=server.run, args=[[listening]], daemon=True)
    thread.start()
    try:
        yield
    finally:
        # Pages that are open are let go first; the server would wait for them.
        queue.close()
        window.is_running = False
        server.should_exit = True
        mounted.app.stop_event.set()
        thread.join()


def _application(
    window: gr.Blocks,
    theme: gr.themes.Base,
    script: str,
    pages: Mapping[str, Callable[[], str]],
) -> fastapi.FastAPI:
    """What answers requests: the pages, then Gradio's own."""
    import fastapi
    import gradio as gr
    from fastapi.responses import HTMLResponse

    app = fastapi.FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    for path, page in pages.items():
        app.add_api_route(path, page, response_class=HTMLResponse)
    gr.mount_gradio_app(
        app,
        window,
        "/",
        theme=theme,
        css_paths=[_ASSETS / "ragbot.css"],
        head=f"<script>{script}</script>",
        favicon_path=str(_ASSETS / "favicon.svg"),
        footer_links=[],
        show_error=False,
        run_history=False,
        enable_monitoring=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        max_file_size=_LARGEST_FILE,
    )
    return app
