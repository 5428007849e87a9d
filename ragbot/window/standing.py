"""Who writes the answers, and whether they did when last asked: one for all windows of a server.

A light is green for what has answered, red for what has not, and neither until something is known.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from ragbot.config import LlmSettings
from ragbot.doctor import first_word
from ragbot.errors import RagbotError
from ragbot.llm import Llm
from ragbot.pipeline import Ragbot
from ragbot.types import Answer

__all__ = ["Standing", "Writer"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of the language model in force; ``failure`` is its last, in one line."""

    llm: LlmSettings
    light: Literal["quotes", "unheard", "answers", "fails"]
    failure: str = ""


class Writer:
    """The language model of a window, and how it stands. Safe to share between threads."""

    def __init__(self, bot: Ragbot) -> None:
        self._bot = bot
        self._lock = threading.Lock()
        self._known = Standing(bot.settings.llm, "unheard")
        self._asked: LlmSettings | None = None

    @property
    def standing(self) -> Standing:
        """How the model that is in force now stands."""
        now, known = self._bot.model.settings, self._known
        if now.provider == "none":
            return Standing(now, "quotes")
        return known if known.llm == now else Standing(now, "unheard")

    def answered(self, llm: LlmSettings, answer: Answer) -> None:
        """Take note of an answer that was asked for while ``llm`` was in force."""
        if answer.failure:
            self._note(llm, answer.failure)
        elif answer.mode == "llm":
            self._note(llm, "")

    def ask_for_a_word(self) -> tuple[Llm, float] | None:
        """Have the model in force say something: its name and its seconds; nothing without one.

        Raises:
            RagbotError: it does not.
        """
        model = self._bot.model
        try:
            llm = model.load()
            if llm is None:
                return None
            seconds = first_word(llm)
        except RagbotError as error:
            self._note(model.settings, str(error))
            raise
        self._note(model.settings, "")
        return llm, seconds

    def look(self) -> None:
        """Find out how the model in force stands, in the background and once."""
        standing = self.standing
        with self._lock:
            if standing.light != "unheard" or self._asked == standing.llm:
                return
            self._asked = standing.llm
        threading.Thread(target=self._try, daemon=True).start()

    def _try(self) -> None:
        with suppress(RagbotError):  # noted, and shown by the light
            self.ask_for_a_word()

    def _note(self, llm: LlmSettings, failure: str) -> None:
        self._known = Standing(llm, "fails" if failure else "answers", failure)
