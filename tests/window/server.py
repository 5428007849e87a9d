"""The chat window as a program for the browser tests: prints its address and serves until killed.

    python server.py DATA_DIR

A question with "slowly" in it is answered piece by piece, with pauses in which to stop it.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator, Sequence

from ragbot.config import load_settings
from ragbot.llm import LanguageModel
from ragbot.pipeline import Ragbot
from ragbot.service import Service
from ragbot.types import Answer, Filters, Message, Partial
from ragbot.window.app import launch


class Unhurried(Ragbot):
    """Takes its time when asked to."""

    def stream(
        self,
        question: str,
        history: Sequence[Message] = (),
        filters: Filters | None = None,
        *,
        dates_in_words: bool = True,
        model: LanguageModel | None = None,
        stop: threading.Event | None = None,
    ) -> Iterator[Partial | Answer]:
        """See `Ragbot.stream`."""
        for piece in super().stream(
            question,
            history,
            filters,
            dates_in_words=dates_in_words,
            model=model,
            stop=stop,
        ):
            yield piece
            if "slowly" in question:
                time.sleep(1)


def told(url: str) -> None:
    print(url, flush=True)  # noqa: T201


if __name__ == "__main__":
    with Unhurried.open(load_settings(data_dir=sys.argv[1])) as bot:
        launch(Service(bot), host="127.0.0.1", port=0, on_ready=told)
