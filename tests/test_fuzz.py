"""Hostile strings at every door: each call ends soon, and in nothing but a `RagbotError`.

FUZZ is how many there are in all; a release is checked with 20,000.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ragbot.config import default_config, load_settings
from ragbot.errors import RagbotError
from ragbot.evaluation.scores.verdicts import Seen, failed_checks
from ragbot.evaluation.sets.cases import read_cases
from ragbot.evaluation.sets.rows import read_lines
from ragbot.llm import LanguageModel
from ragbot.pipeline import Ragbot
from ragbot.question.history import read_history
from ragbot.readers import read_file
from ragbot.resources import bundled_questions
from ragbot.testing import ScriptedServer, tiny_collection, tiny_listing
from ragbot.types import Message

IN_ALL = 4_000
# Seconds of this process's time; the slowest take a third of it. Counting which lines ran takes
# several times as long.
LIMIT = 6.0 if "coverage" in sys.modules else 2.0

# What breaks parsers, queries, paths, terminals, prompts and pages; and what, many times over,
# makes expressions over text backtrack.
HOSTILE = json.loads((Path(__file__).parent / "fixtures/hostile.json").read_text())
FRAGMENTS, REPEATED = HOSTILE["fragments"], HOSTILE["repeated"]


def hostile(seed: int) -> Iterator[str]:
    """Strings without end, the same for a seed."""
    rng = random.Random(seed)
    real = [tiny_listing()]
    real += [
        row["question"] for _, row in read_lines(bundled_questions() / "dev.jsonl")
    ]

    def one() -> str:
        kind = rng.random()
        if kind < 0.35:
            return "".join(rng.choices(FRAGMENTS, k=rng.randint(1, 12)))
        if kind < 0.45:
            return "".join(chr(rng.randrange(sys.maxunicode + 1)) for _ in range(20))
        if kind < 0.55:
            return "".join(map(chr, rng.choices(range(32, 127), k=rng.randint(1, 80))))
        if kind < 0.58:
            return rng.choice(REPEATED) * rng.choice((100, 1_000, 3_000))
        text = rng.choice(real)
        for _ in range(rng.randint(1, 6)):
            at, end = sorted(rng.randrange(len(text) + 1) for _ in range(2))
            middle = rng.choice(
                (
                    text[end:at],
                    text[at:end][::-1],
                    rng.choice(FRAGMENTS),
                    text[at:end] * 2,
                )
            )
            text = (text[:at] + middle + text[end:])[:5_000]
        return text

    while True:
        yield one()


def mutated(document: str, seed: int) -> Iterator[str]:
    """A document with hostile strings in place of some of its parts."""
    rng = random.Random(seed)
    for text in hostile(seed):
        at, end = sorted(rng.randrange(len(document) + 1) for _ in range(2))
        yield document[:at] + text + document[min(end, at + rng.randint(0, 40)) :]


class Doors:
    """Where strings from outside come in."""

    def __init__(self, bot: Ragbot, server: ScriptedServer, folder: Path) -> None:
        self._bot = bot
        self._server = server
        self._folder = folder
        named = {"provider": "openai", "model": "hostile", "base_url": server.base_url}
        self._model = LanguageModel(dataclasses.replace(bot.settings.llm, **named))

    def ask(self, text: str) -> None:
        self._bot.ask(text)

    def search(self, text: str) -> None:
        self._bot.search(text)

    def written(self, text: str) -> None:
        """As what a language model writes."""
        self._server.then(text.encode("utf-8", "ignore").decode())
        self._bot.ask("What does OLinear forecast?", model=self._model)

    def history(self, text: str) -> None:
        """As an earlier question and answer, and as a file of them."""
        turns = [Message("user", text), Message("assistant", text)]
        self._bot.ask("What does the second one say about it?", turns)
        read_history(self._written("history.json", text))

    def readers(self, text: str) -> None:
        """As a file of papers and one of questions, with any ending."""
        suffix = (".txt", ".md", ".html", ".bib", ".json")[len(text) % 5]
        read_file(self._written(f"papers{suffix}", text))

    def questions(self, text: str) -> None:
        list(read_lines(self._written("set.jsonl", text)))

    def cases(self, text: str) -> None:
        """As ask cases, patterns among them, each matched with a long answer."""
        path = self._written("cases.jsonl", text)
        answer = Seen("a" * 2_000 + "b")
        for case in read_cases(path).cases:
            failed_checks(case.checks, answer, [answer])

    def settings(self, text: str) -> None:
        """As a settings file and as variables of the environment."""
        environ = {"RAGBOT_RETRIEVAL__K": text, "RAGBOT_LLM__BASE_URL": text}
        for name, value in environ.items():
            with contextlib.suppress(RagbotError):
                load_settings(environ={name: value})
        load_settings(self._written("ragbot.toml", text), environ={})

    def _written(self, name: str, text: str) -> Path:
        path = self._folder / name
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        return path


DOCUMENTS = {
    "history": json.dumps([{"role": "user", "content": "What is OLinear?"}] * 2),
    "readers": tiny_listing(),
    "questions": '{"id": "a", "type": "single", "question": "b", "relevant": {"c": 2}}\n',
    "cases": json.dumps(
        {
            "id": "a",
            "kind": "b",
            "turns": ["c", "d"],
            "checks": {
                "answer_matches": ["(a|b)+"],
                "cites_turn": {"turn": 1, "n": 1, "golds": {"e": ["f"]}},
                "any_of": [{"cited_recall": {"relevant": ["g"], "least": 0.5}}],
            },
        }
    ),
    "settings": default_config().read_text(encoding="utf-8"),
}
NAMES = (
    "ask",
    "search",
    "written",
    "history",
    "readers",
    "questions",
    "cases",
    "settings",
)


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    folder = tmp_path_factory.mktemp("fuzz")
    with tiny_collection(folder) as bot, ScriptedServer() as server:
        doors = Doors(bot, server, folder)
        doors.written("Ready.")  # loads what is loaded once
        yield doors


def is_refused(door: Callable[[str], None], text: str) -> bool:
    """Whether a door does not let a string in; any other error than ours shows the string."""
    try:
        door(text)
    except RagbotError as error:
        return bool(error.message)
    except Exception as error:
        raise AssertionError(repr(text)) from error
    return False


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_hostile_strings_end_soon_and_in_our_errors(doors: Doors, name: str) -> None:
    door: Callable[[str], None] = getattr(doors, name)
    count = 1 + int(os.environ.get("FUZZ", IN_ALL)) // len(NAMES)
    texts = mutated(DOCUMENTS[name], 1) if name in DOCUMENTS else hostile(1)
    refused = 0
    for number in range(count):
        text = next(texts)
        start = time.process_time()
        refused += is_refused(door, text)
        took = time.process_time() - start
        assert took < LIMIT, (
            f"{name}, string {number} took {took:.1f} s: {text[:200]!r}"
        )
    # Both ways were gone.
    assert 0 < refused < count or name in ("ask", "search", "written")
