"""What Ragbot adds to a language model's own time, with a server that says what it is told.

    python benchmarks/llm.py [--tokens 2000] [--runs 5] [--data-dir DIR]

Over the bundled papers, in a throw-away data folder: milliseconds a token of an answer that comes
as fast as it can, through `Ragbot.stream` and from the client alone; from the moment at which the
server sends its first token to the first text of the answer; and from the last token to the
finished answer, every sentence of 500 words checked, where tokens come at 200 a second. Medians;
takes about two minutes.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ragbot.config import load_settings
from ragbot.pipeline import Ragbot
from ragbot.resources import bundled_listings
from ragbot.testing import Script, ScriptedServer
from ragbot.text.sentences import split_sentences
from ragbot.types import Answer, Message, Partial

QUESTION = "How can the KV cache be compressed?"
WORDS = 500
PACE = 0.005  # seconds a token, as a fast model has it


def answer_of(bot: Ragbot, words: int) -> str:
    """An answer that cites, of sentences of the papers found for the question."""
    said: list[str] = []
    count = 0
    hits = bot.search(QUESTION).hits
    for n, hit in itertools.cycle(enumerate(hits, 1)):
        for sentence in split_sentences(hit.paper.abstract):
            said.append(f"{sentence.removesuffix('.')} [{n}].")
            count += len(sentence.split())
            if count >= words:
                return " ".join(said)
    raise AssertionError("no paper was found")


def through_ragbot(bot: Ragbot) -> tuple[float, float]:
    """Milliseconds from first to last text, and from there to the finished answer."""
    first = last = 0.0
    for state in bot.stream(QUESTION):
        now = time.perf_counter()
        if isinstance(state, Answer):
            assert state.mode == "llm", state.text
            return (last - first) * 1e3, (now - last) * 1e3
        first, last = first or now, now
    raise AssertionError("there was no answer")


def alone(bot: Ragbot) -> float:
    """Milliseconds from the first to the last piece of what the client itself gives."""
    llm = bot.language_model()
    assert llm is not None
    first = last = 0.0
    for _ in llm.stream([Message("user", QUESTION)], max_tokens=4096):
        last = time.perf_counter()
        first = first or last
    return (last - first) * 1e3


def first_text(bot: Ragbot, server: ScriptedServer) -> float:
    """Milliseconds from the server's first token to the first text."""
    pause, asked = 0.5, 0.0

    def reply(_: object) -> Script:
        nonlocal asked
        asked = time.perf_counter()
        return Script("OLinear forecasts [1].", delay=pause)

    server.then(reply)
    for state in bot.stream(QUESTION):
        if isinstance(state, Partial):
            return (time.perf_counter() - asked - pause) * 1e3
    raise AssertionError("there was no text")


def median(measure: Callable[[], float], runs: int) -> float:
    return statistics.median(measure() for _ in range(runs))


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tokens", type=int, default=2000, help="of the long answer")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument(
        "--data-dir", type=Path, help="a collection that is there already"
    )
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder, ScriptedServer("") as server:
        settings = load_settings(
            data_dir=args.data_dir or Path(folder) / "data", environ={}
        )
        llm = dataclasses.replace(
            settings.llm,
            provider="openai",
            base_url=server.base_url,
            model="scripted",
            context_window=32_000,
            max_tokens=8000,
        )
        with Ragbot.open(dataclasses.replace(settings, llm=llm)) as bot:
            bot.ingest([bundled_listings()])
            sentence = answer_of(bot, 1)
            tokens = itertools.islice(
                itertools.cycle(f" {w}" for w in sentence.split()), args.tokens
            )
            server.then(Script(tokens=tuple(tokens)))
            through_ragbot(bot)  # loads what is loaded once
            ours = median(lambda: through_ragbot(bot)[0], args.runs)
            theirs = median(lambda: alone(bot), args.runs)
            begun = median(lambda: first_text(bot, server), args.runs)
            server.then(Script(answer_of(bot, WORDS), delay=PACE))
            checked = median(lambda: through_ragbot(bot)[1], args.runs)
    print("| | ms |\n|---|---:|")
    print(f"| a token of {args.tokens}, through Ragbot | {ours / args.tokens:.3f} |")
    print(f"| a token, from the client alone | {theirs / args.tokens:.3f} |")
    print(f"| a token, what Ragbot adds | {(ours - theirs) / args.tokens:.3f} |")
    print(f"| from the server's first token to the first text | {begun:.1f} |")
    print(
        f"| {WORDS} words checked, from the last token to the answer | {checked:.0f} |"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
