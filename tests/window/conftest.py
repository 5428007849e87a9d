"""The chat window as a program of its own, and visitors to it in headless Chromium."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from ragbot.config import load_settings
from ragbot.embedding import Embedder
from ragbot.pipeline import Ragbot

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


class Window:
    """A running server and the folders it may and may not write."""

    def __init__(self, url: str, data: Path, home: Path) -> None:
        self.url = url
        self.data = data
        self.home = home


@pytest.fixture(scope="session")
def indexed(
    tmp_path_factory: pytest.TempPathFactory, models: Path, embedder: Embedder
) -> Callable[[Sequence[Path]], Path]:
    """The data folder of some listings, made once for all who ask for them; to be copied."""

    @functools.cache
    def made(listings: tuple[Path, ...]) -> Path:
        data = tmp_path_factory.mktemp("indexed") / "data"
        data.mkdir()
        (data / "models").symlink_to(models)
        with Ragbot.open(
            load_settings(data_dir=data, environ={}), load=lambda: embedder
        ) as bot:
            bot.ingest(listings)
        return data

    return lambda listings: made(tuple(listings))


@pytest.fixture(scope="module")
def serve(
    tmp_path_factory: pytest.TempPathFactory, indexed: Callable[[Sequence[Path]], Path]
) -> Iterator[Callable[..., Window]]:
    """Starts a window over some listings; further arguments are variables of its environment."""
    servers = []

    def started(listings: Sequence[Path], **environ: str) -> Window:
        root = tmp_path_factory.mktemp("window")
        data, home = root / "data", root / "home"
        shutil.copytree(indexed(listings), data, symlinks=True)
        home.mkdir()
        server = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("server.py")), str(data)],
            env={**os.environ, "HOME": str(home), "TMPDIR": str(home), **environ},
            cwd=root,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        servers.append(server)
        assert server.stdout is not None
        return Window(server.stdout.readline().strip(), data, home)

    yield started
    for server in servers:
        server.terminate()
        server.wait()
        server.stdout.close()


@pytest.fixture
def open_page(chromium: Browser, window: Window) -> Iterator[Callable[..., Page]]:
    """Opens the module's window, each with a session of its own; none may reach beyond this
    machine, nor ask for what its Content-Security-Policy forbids."""
    contexts, strangers, forbidden = [], [], []

    def said(text: str) -> None:
        if "Content Security Policy" in text:
            forbidden.append(text)

    def request_made(url: str) -> None:
        at = urlsplit(url)
        if at.scheme not in ("data", "blob") and at.hostname != "127.0.0.1":
            strangers.append(url)

    def opened(width: int = 1280, height: int = 800) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            permissions=["clipboard-read", "clipboard-write"],
        )
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: request_made(request.url))
        page.on("websocket", lambda socket: request_made(socket.url))
        page.on("console", lambda message: said(message.text))
        page.goto(window.url)
        page.locator("#question textarea").wait_for(timeout=30_000)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert strangers == []
    assert forbidden == []
