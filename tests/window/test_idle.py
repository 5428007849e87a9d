"""A window at rest: its queue and its server look for nothing while there is nothing."""

from __future__ import annotations

import asyncio
import socket
import threading
import urllib.request
from typing import Any

import gradio as gr
import pytest
import uvicorn
from gradio.queueing import Queue

from ragbot.window.idle import let_queue_sleep, let_server_sleep

# How often ours looks before it sleeps; more rounds of the loop than Gradio's needs for that.
TWICE, ROUNDS = 2, 3000


def looks(window: gr.Blocks, monkeypatch: pytest.MonkeyPatch, rounds: int) -> int:
    """How often a window's queue looked whether there is something in it; ends when too often."""
    seen: list[int] = []
    monkeypatch.setattr(Queue, "__len__", lambda _: seen.append(1) or 0)

    async def wait() -> None:
        window._queue.start()
        for _ in range(rounds):
            await asyncio.sleep(0.01)
            if len(seen) > TWICE:
                break

    asyncio.run(wait())
    return len(seen)


def test_an_empty_queue_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    window = gr.Blocks().queue()
    let_queue_sleep(window)
    assert looks(window, monkeypatch, 30) <= TWICE


def test_without_that_gradio_looks_all_the_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """When this fails Gradio waits by itself, and ours can go."""
    assert looks(gr.Blocks().queue(), monkeypatch, ROUNDS) > TWICE


async def hello(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


def test_a_server_looks_seldom_whether_it_is_to_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = uvicorn.Server(uvicorn.Config(hello))
    let_server_sleep(server)
    slept: list[float] = []

    async def sleep(delay: float) -> None:
        slept.append(delay)
        server.should_exit = len(slept) == 3

    monkeypatch.setattr(asyncio, "sleep", sleep)
    asyncio.run(server.main_loop())
    assert slept == [0.5] * 3


def test_a_server_that_sleeps_answers_and_ends() -> None:
    server = uvicorn.Server(uvicorn.Config(hello, lifespan="off", log_level="error"))
    let_server_sleep(server)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, args=[[listening]])
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        with urllib.request.urlopen(url, timeout=30) as told:
            assert told.read() == b"hello"
            assert told.headers["Date"]
        server.should_exit = True
        thread.join(30)
    assert not thread.is_alive()
