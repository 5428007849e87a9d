"""Who writes the answers, and whether they did when last asked: one for all front ends.

A light is green for what has answered, red for what has not, and neither until something is known.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Literal

from ragbot.config import LlmSettings
from ragbot.doctor import first_word
from ragbot.errors import RagbotError
from ragbot.jobs import Job, Jobs
from ragbot.pipeline import Ragbot
from ragbot.types import Answer

__all__ = ["FirstWord", "Loading", "ModelWatch", "Standing"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of the language model in force; ``failure`` is its last, in one line."""

    llm: LlmSettings
    light: Literal["quotes", "unheard", "answers", "fails"]
    failure: str = ""


class ModelWatch:
    """The language model in force, and how it stands. Safe to share between threads."""

    def __init__(self, bot: Ragbot, jobs: Jobs) -> None:
        self._bot = bot
        self._jobs = jobs
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
            self.note(llm, answer.failure)
        elif answer.mode == "llm":
            self.note(llm, "")

    def ask_for_a_word(self) -> FirstWord:
        """Begin to have the model in force say something."""
        return self._jobs.begin(FirstWord(self._bot, self))

    def look(self) -> None:
        """Find out how the model in force stands, in the background and once."""
        standing = self.standing
        with self._lock:
            if standing.light != "unheard" or self._asked == standing.llm:
                return
            self._asked = standing.llm
        self.ask_for_a_word()

    def note(self, llm: LlmSettings, failure: str) -> None:
        """Take note that a model answered, or of its failure in one line."""
        self._known = Standing(llm, "fails" if failure else "answers", failure)


class FirstWord(Job):
    """Has the model in force say something; ``heard`` is its name and its seconds, if any."""

    def __init__(self, bot: Ragbot, watch: ModelWatch) -> None:
        super().__init__()
        self.heard: tuple[str, float] | None = None
        self._bot = bot
        self._watch = watch

    def work(self) -> None:
        """Load the model if need be, and ask it.

        Raises:
            RagbotError: it does not answer.
        """
        model = self._bot.model
        try:
            llm = model.load()
            if llm is None:
                return
            self.heard = (llm.name, first_word(llm))
        except RagbotError as error:
            self._watch.note(model.settings, str(error))
            raise
        self._watch.note(model.settings, "")


class Loading(Job):
    """Loads another language model; the one in use stays if that fails."""

    def __init__(self, bot: Ragbot, settings: LlmSettings, *, keys: bool) -> None:
        super().__init__()
        self._bot = bot
        self._settings = settings
        self._keys = keys

    def work(self) -> None:
        """Load it, and have it write the answers from the next question on.

        Raises:
            ConfigError: the settings cannot be used.
            LlmError: its package, its key or its model is missing.
        """
        self._bot.use_language_model(self._settings, keys=self._keys)
