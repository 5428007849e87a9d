"""Whether this Ragbot can work: each check with what it found and, where it failed, the remedy."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from operator import attrgetter
from pathlib import Path

from ragbot.config import LlmSettings, Settings
from ragbot.conversations import FILE, Conversations
from ragbot.embedding import load_embedder
from ragbot.errors import EmptyCollection, LlmError, Locked, RagbotError
from ragbot.llm import PROVIDERS, Llm, load_llm
from ragbot.papers.date_gaps import date_gaps
from ragbot.papers.describe import web_address
from ragbot.papers.likeness import near_duplicates
from ragbot.pipeline import Ragbot
from ragbot.text.english import counted
from ragbot.types import Message, Paper

__all__ = ["Check", "answers", "examine", "first_word"]

_PACKAGES = """
    chromadb tantivy openvino tokenizers torch sentence-transformers transformers llama-index gradio
""".split()
_LEAST_FREE = (
    500_000_000  # bytes; the converted model and the bundled papers take a tenth of it
)

_LIKE = "{one.id} and {other.id} may be one paper: {one.title}"
_MOST_PAIRS = 10


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at; ``detail`` may have several lines, and ``remedy`` is empty where nothing
    needs to be done.
    """

    name: str
    ok: bool
    detail: str
    remedy: str = ""


def examine(settings: Settings) -> Iterator[Check]:
    """The checks in order, each made when asked for. Makes the data folder if it is not there."""
    yield Check("python", True, f"{platform.python_version()} at {sys.executable}")
    yield _packages()
    try:
        bot = Ragbot.open(settings)
    except RagbotError as error:
        yield _failed("data folder", error)
        return
    with bot:
        yield _folder(settings.data_dir)
        yield _papers(bot)
        yield _facts(bot)
        yield _embedding(settings)
        yield _index(bot)
        yield _conversations(settings.data_dir / FILE)
        yield answers(settings.llm)
        yield _lock(bot)


def _failed(name: str, error: RagbotError) -> Check:
    """A check out of an error."""
    return Check(name, False, error.message, error.remedy)


def _packages() -> Check:
    found, missing = [], []
    for package in _PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            missing.append(package)
    if missing:
        remedy = f"pip install {' '.join(missing)}"
        return Check("packages", False, f"not installed: {', '.join(missing)}", remedy)
    return Check("packages", True, ", ".join(found))


def _folder(folder: Path) -> Check:
    size = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
    free = shutil.disk_usage(folder).free
    detail = f"{folder}, {size / 1e6:.0f} MB used, {free / 1e9:.1f} GB free"
    if not os.access(folder, os.W_OK):
        return Check(
            "data folder",
            False,
            f"{detail}; not writable",
            "make it writable or name another with --data-dir",
        )
    if free < _LEAST_FREE:
        return Check("data folder", False, detail, "free some space on this disk")
    return Check("data folder", True, detail)


def _papers(bot: Ragbot) -> Check:
    catalog = bot.stores.catalog
    papers = catalog.count()
    if not papers:
        return Check(
            "papers", True, "none yet: 'ragbot ingest PATH' or '--bundled' adds some"
        )
    first, last, undated = catalog.date_span()
    span = f", {first} to {last}" if first else ""
    return Check("papers", True, f"{papers}{span}, {undated} undated")


_FACTS: tuple[tuple[str, Callable[[Paper], object]], ...] = (
    ("abstract", lambda paper: paper.abstract),
    ("authors", lambda paper: paper.authors or paper.author_count),
    ("address", web_address),
)
"""What a paper should have, and how one tells that it has it."""


def _facts(bot: Ragbot) -> Check:
    """What papers lack, and which may be one: nothing of it keeps Ragbot from working."""
    papers = bot.papers()
    lacking = Counter(
        what for what, has in _FACTS for paper in papers if not has(paper)
    )
    told = [f"{counted(n, 'paper')} without {what}" for what, n in lacking.items()]
    told += [
        f"no paper of {' to '.join(dict.fromkeys(gap))}, though there are many before and behind"
        for gap in date_gaps(map(attrgetter("date"), papers))[:_MOST_PAIRS]
    ]
    pairs = near_duplicates(papers)
    told += [_LIKE.format(one=one, other=other) for one, other in pairs[:_MOST_PAIRS]]
    told += [f"and {len(pairs) - _MOST_PAIRS} such pairs more"] * (
        len(pairs) > _MOST_PAIRS
    )
    return Check("facts", True, "\n".join(told) or "nothing is missing")


def _embedding(settings: Settings) -> Check:
    try:
        start = time.perf_counter()
        embedder = load_embedder(settings.embedding, settings.data_dir / "models")
        embedder.embed_queries(["Which papers prune channels?"])
    except RagbotError as error:
        return _failed("embedding", error)
    seconds = time.perf_counter() - start
    return Check(
        "embedding",
        True,
        f"{embedder.name}, {embedder.dimension} dimensions, by {embedder.engine}; "
        f"ready in {seconds:.1f} s",
    )


def _index(bot: Ragbot) -> Check:
    """Reads every file of the index; a collection of 200,000 papers takes a minute."""
    stores = bot.stores
    try:
        bot.retriever()
        stores.check()
        words, chunks = stores.lexical.count(), stores.vectors.count()
        place = stores.edition.place
    except EmptyCollection:
        return Check("index", True, "nothing to index yet")
    except RagbotError as error:
        return _failed("index", error)
    if waiting := stores.catalog.unfinished():
        remedy = "wait for the process that is writing"
        return Check("index", False, f"{waiting} papers wait to be indexed", remedy)
    detail = f"fingerprint fits the settings; {words} papers by words, {chunks} chunks by vectors"
    return Check("index", True, f"{detail} {place}; every file is whole")


def _conversations(path: Path) -> Check:
    if not path.exists():
        return Check("conversations", True, "none are kept yet")
    try:
        with closing(Conversations.open(path)) as conversations:
            count = conversations.check()
    except RagbotError as error:
        return _failed("conversations", error)
    return Check("conversations", True, f"{count:,} kept; the file is whole")


def answers(settings: LlmSettings) -> Check:
    """Who writes the answers, asked for a word if it is a language model; and who else could."""
    others = [
        f"{name}: {how}" for name, how in PROVIDERS.items() if name != settings.provider
    ]
    try:
        llm = load_llm(settings)
        if llm is None:
            how = "quotes only, no language model"
        else:
            how = f"written by {llm.name}, first word after {first_word(llm):.1f} s"
    except RagbotError as error:
        return _failed("answers", error)
    return Check(
        "answers", True, "\n".join([f"{how}; llm.provider can also be", *others])
    )


def first_word(llm: Llm) -> float:
    """Seconds until a model begins to answer; one that only reasons shows as well that it works.

    Raises:
        LlmError: it does not.
    """
    start = time.perf_counter()
    try:
        with closing(
            llm.stream([Message("user", "Say: ready.")], max_tokens=16)
        ) as pieces:
            next(pieces)
    except LlmError as error:
        if error.kind not in ("length", "empty"):
            raise
    return time.perf_counter() - start


def _lock(bot: Ragbot) -> Check:
    from ragbot.index.writer import Writer

    try:
        with Writer.locked(bot.stores, bot.settings):
            return Check("lock", True, "free")
    except Locked:
        return Check("lock", True, "another process is writing at this moment")
    except RagbotError as error:
        return _failed("lock", error)
