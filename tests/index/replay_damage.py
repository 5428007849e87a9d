"""Damages files of collections one by one and says what a process that asks then does.

Run by test_damage.py, as a program: a damaged graph may end the process, so each case is a child of
its own, forked from this one, which has imported everything once.

    python replay_damage.py FOLDER COLLECTION… < cases.json > outcomes.json

A case is [collection, file, damage, whether to rebuild]; an outcome is [what asking did, what
rebuilding and asking again did], each "right", "wrong: …", "told: …" or what ended it.
"""

from __future__ import annotations

import importlib
import json
import os
import random
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from ragbot.config import load_settings
from ragbot.errors import CatalogError, EmptyCollection, RagbotError
from ragbot.pipeline import Ragbot
from ragbot.testing import HashEmbedder

for _name in ("chromadb", "chromadb.api.rust", "tantivy"):
    importlib.import_module(_name)


def _flip(content: bytes, places: list[int]) -> bytes:
    changed = bytearray(content)
    for place in places:
        changed[place] ^= 0xFF
    return bytes(changed)


def _some(content: bytes) -> list[int]:
    return random.Random(5).sample(range(len(content)), len(content) // 20)


def _last(content: bytes) -> list[int]:
    return list(range(len(content) - len(content) // 10, len(content)))


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "emptied": lambda content: b"",
    "halved": lambda content: content[: len(content) // 2],
    "zeroed": lambda content: bytes(len(content)),
    "5 % flipped": lambda content: _flip(content, _some(content)),
    "end flipped": lambda content: _flip(content, _last(content)),
}


def damage(path: Path, kind: str) -> None:
    """Do to a file what is in `DAMAGES`, or take it away, or make it a folder."""
    content = path.read_bytes()
    path.unlink()
    if kind in DAMAGES:
        path.write_bytes(DAMAGES[kind](content))
    elif kind == "a folder":
        path.mkdir()


def opened(folder: Path) -> Ragbot:
    """The collection, embedded by `HashEmbedder`."""
    environ = {"RAGBOT_ANSWER__ABSTAIN_BELOW": "0.1"}
    return Ragbot.open(
        load_settings(data_dir=folder, environ=environ), load=HashEmbedder
    )


def said(folder: Path) -> object:
    """What a reader gets: how many papers, and answers about three of them, with evidence."""
    shown: list[object] = []
    with opened(folder) as bot:
        papers = bot.papers()
        shown.append(len(papers))
        for title in TITLES[folder.name]:
            hit = bot.search(title, 1).hits[0]
            quotes = [quote.text for quote in bot.ask(title).quotes]
            shown.append([hit.paper.title, list(hit.evidence), quotes])
    return shown


def looked_through(folder: Path) -> None:
    """What `ragbot doctor` does with the index."""
    with opened(folder) as bot:
        bot.retriever()
        bot.stores.check()


def ask(folder: Path) -> str:
    """Ask, and, where the answer is an error, make sure that the doctor finds it as well."""
    try:
        answers = said(folder)
    except (CatalogError, EmptyCollection) as error:
        try:
            looked_through(folder)
        except RagbotError:
            verdict = "told" if error.remedy else "no remedy"
            return f"{verdict}: {error}"
        return f"the doctor finds nothing: {error}"
    return "right" if answers == RIGHT[folder.name] else f"wrong: {answers}"


def rebuild(folder: Path) -> str:
    """Rebuild, and ask again."""
    with opened(folder) as bot:
        bot.rebuild()
    return ask(folder)


def in_a_child(work: Callable[[Path], str], folder: Path) -> str:
    """What ``work`` returns, or what ended it."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        try:
            told = work(folder)
        except BaseException as error:  # noqa: BLE001  # it is what is looked for
            told = f"ended by {type(error).__module__}.{type(error).__name__}: {error}"
        os.write(writer, told[:2000].encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return f"signal {os.WTERMSIG(status)}"
    return told


TITLES: dict[str, list[str]] = {}
RIGHT: dict[str, object] = {}


def main() -> None:
    scratch, *collections = map(Path, sys.argv[1:])
    for collection in collections:
        TITLES[collection.name] = json.loads(
            (collection.parent / "titles.json").read_text()
        )
        copied = scratch / collection.name
        shutil.copytree(collection, copied)
        reader, writer = os.pipe()
        # Not in this process: what Chroma starts does not survive forking.
        child = os.fork()
        if not child:
            os.write(writer, json.dumps(said(copied)).encode())
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader, encoding="utf-8") as pipe:
            RIGHT[collection.name] = json.load(pipe)
        os.waitpid(child, 0)
    by_name = {collection.name: collection for collection in collections}
    outcomes = []
    for name, file, kind, rebuilt in json.load(sys.stdin):
        copied = scratch / name
        shutil.rmtree(copied)
        shutil.copytree(by_name[name], copied)
        damage(copied / file, kind)
        outcome = [in_a_child(ask, copied)]
        if rebuilt:
            outcome.append(in_a_child(rebuild, copied))
        outcomes.append(outcome)
    json.dump(outcomes, sys.stdout)


if __name__ == "__main__":
    main()
