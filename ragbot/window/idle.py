"""A window at rest sleeps: what Gradio and uvicorn look for many times a second, they are told.

Each look wakes a thread, which takes 0.1 ms and keeps a laptop's processor from its deeper sleep.
"""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import gradio as gr
    import uvicorn

__all__ = ["let_queue_sleep", "let_server_sleep"]

# Seconds between two looks of the queue at whether there is room for what waits in it.
_LOOK = 0.02
# Seconds between two looks of the server at whether it is to end. Each notes the date, too.
_TICK = 0.5


class _Pause(float):
    """The seconds that a queue sleeps between two looks; while it is empty, until something comes.

    Gradio hands the number to `asyncio.sleep` in each round of its loop.
    """

    queue: Any
    come: asyncio.Event

    @classmethod
    def of(cls, queue: Any) -> _Pause:
        pause = cls(_LOOK)
        pause.queue, pause.come = queue, asyncio.Event()
        return pause

    async def over(self) -> None:
        if len(self.queue):  # it waits for room
            await asyncio.sleep(self)
            return
        self.come.clear()
        await self.come.wait()


def let_queue_sleep(window: gr.Blocks) -> None:
    """Have the queue of a window, which is not served yet, wait for events instead of looking."""
    from gradio import queueing

    queue: Any = window._queue
    push, pause = queue.push, _Pause.of(queue)

    async def pushed(*args: Any, **named: Any) -> Any:
        told = await push(*args, **named)
        pause.come.set()
        return told

    queue.push = pushed
    queue.sleep_when_free = pause
    # No event of ours has a progress bar of Gradio's.
    queue.start_progress_updates = _nothing
    ours: Any = SimpleNamespace(**{**vars(asyncio), "sleep": _sleep})
    queueing.asyncio = ours  # type: ignore[attr-defined]


def let_server_sleep(server: uvicorn.Server) -> None:
    """Have a server, which does not run yet, look twice a second at whether it is to end."""

    async def main_loop() -> None:
        while not await server.on_tick(
            0
        ):  # every tenth notes the date, and so does the first
            await asyncio.sleep(_TICK)

    server.main_loop = main_loop  # type: ignore[method-assign]


async def _sleep(delay: float) -> None:
    if isinstance(delay, _Pause):
        await delay.over()
    else:
        await asyncio.sleep(delay)


async def _nothing() -> None:
    """In the place of a loop that is not needed."""
