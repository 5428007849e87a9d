"""What a language model is to Ragbot: messages in, text out as it comes. Knows no papers."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Generator, Sequence
from contextlib import closing
from typing import Protocol

from ragbot.types import Message, Piece

__all__ = ["DEFAULT_WINDOW", "Llm", "estimate_tokens", "whole_reply"]

# Where neither the settings nor the model's server say more. Ollama's own default is no larger.
DEFAULT_WINDOW = 4096

_RUNS = re.compile(r"(?P<word>[A-Za-z]+)|(?P<number>\d+)|(?P<other>[^\sA-Za-z\d])")
_IN_ONE = {"word": 7, "number": 3, "other": 1}  # characters in a token


class Llm(Protocol):
    """A language model that chats. Safe to share between threads.

    ``name`` is for people: the model, and where it runs. ``context_window`` is the number of tokens
    that messages and answer may have together.
    """

    name: str

    @property
    def context_window(self) -> int: ...

    def count_tokens(self, text: str) -> int:
        """Tokens of a text: exact where the model is at hand, else rather too many than too few."""
        ...

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        stop: threading.Event | None = None,
    ) -> Generator[Piece, None, None]:
        """The answer to a conversation, whose roles are ``system``, ``user`` and ``assistant``.

        Work begins with the first piece asked for. When ``stop`` is set the stream ends, and when
        it is closed it is left; in both cases the connection is closed, or generation ended, within
        a second.

        Raises:
            LlmError: there is no answer, or no more of it; what came before stays good.
        """
        ...


def whole_reply(
    llm: Llm,
    messages: Sequence[Message],
    *,
    max_tokens: int,
    stop: threading.Event | None = None,
) -> str:
    """The answer of a model once it is there, its reasoning left out.

    Raises:
        LlmError: there is none, or not all of it.
    """
    said = ""
    with closing(llm.stream(messages, max_tokens=max_tokens, stop=stop)) as stream:
        for piece in stream:
            if piece.retracts:
                said = ""
            elif not piece.reasoning:
                said += piece.text
    return said


def estimate_tokens(text: str) -> int:
    """Tokens of a text for a model whose tokenizer is not at hand, on the safe side.

    A word has a token for every 7 letters, a number one for every 3 digits, everything else one a
    character. Over the bundled abstracts that is 1.00 to 1.35 times what GPT-4's tokenizer
    (cl100k_base) counts, 1.19 on average.
    """
    total = 0
    for run in _RUNS.finditer(text):
        in_one = _IN_ONE[str(run.lastgroup)]
        total += math.ceil(len(run[0]) / in_one)
    return total
