"""Questions drafted by a language model from sampled abstracts, each checked, for review by people.

The paper that answers is the one whose abstract was shown, whatever a reply says, and nobody looks
whether search finds it: a set of what is found anyway would flatter search. Knows no kind of model.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

from ragbot.answer.prompts import DRAFT, DRAFT_KINDS, PAPER
from ragbot.errors import EmptyCollection, InputError, LlmError
from ragbot.evaluation.sets.questions import Question, read_questions
from ragbot.evaluation.sets.replies import UnusableError, read_reply
from ragbot.llm import Llm, required, whole_reply
from ragbot.pipeline import Ragbot
from ragbot.text.words import match_form
from ragbot.types import Message, OnProgress, Paper, Progress

__all__ = ["SHORTEST", "Drafted", "Rejected", "draft"]

# Characters of an abstract that has enough in it to ask about.
SHORTEST = 200
# One question in so many looks for a paper again; the others for any paper that answers.
_KNOWN_ITEM_EVERY = 5
# Failures that another abstract may not meet; with any other there is no use in going on.
_OF_ONE_DRAFT = frozenset({"context", "filtered", "length", "empty"})


@dataclass(frozen=True, slots=True)
class Rejected:
    """A paper without a question, and why its draft is none."""

    paper: Paper
    reason: str


@dataclass(frozen=True, slots=True)
class Drafted:
    """What came of ``papers`` sampled ones: how many have a question from now, and from before."""

    papers: int
    drafted: int
    earlier: int
    rejected: tuple[Rejected, ...]


def draft(
    bot: Ragbot,
    path: Path,
    n: int,
    *,
    seed: int = 0,
    progress: OnProgress | None = None,
) -> Drafted:
    """Append a question for each of ``n`` sampled papers to the set at ``path``, as they come.

    The same seed draws the same papers in the same order, so that the same call goes on where
    another ended: papers that a question of the file is about are passed over.

    Raises:
        ConfigError: no language model is set.
        LlmError: it cannot be used, or fails for good; what was drafted before is in the file.
        InputError: the file is no question set or cannot be written; no abstract is long enough.
        EmptyCollection: nothing has been ingested.
        KeyboardInterrupt: as ever; what was drafted before is in the file.
    """
    papers = bot.papers()
    if not papers:
        raise EmptyCollection(bot.settings.data_dir)
    earlier = _read(path, papers)
    drawn = _drawn(papers, n, seed)
    if not drawn:
        raise InputError(
            f"no abstract has {SHORTEST} characters to ask about", "ingest longer ones"
        )
    llm = required(bot.language_model(), "drafting")
    taken = set(map(attrgetter("id"), earlier))
    taken.update(*map(attrgetter("relevant"), earlier))
    todo = [(p, type_) for p, type_ in drawn if taken.isdisjoint((p.id, _id(p)))]
    asked = set(map(match_form, map(attrgetter("question"), earlier)))
    max_tokens = min(bot.settings.llm.max_tokens, llm.context_window // 2)
    rejected: list[Rejected] = []
    drafted, start = 0, time.monotonic()

    def tell(done: int) -> None:
        if progress:
            seconds = time.monotonic() - start
            progress(Progress("questions", done, len(todo), seconds))

    try:
        for done, (paper, type_) in enumerate(todo):
            tell(done)
            try:
                fields = read_reply(_reply(llm, paper, type_, max_tokens), paper, asked)
            except UnusableError as why:
                rejected.append(Rejected(paper, str(why)))
                continue
            asked.add(match_form(fields["question"]))
            # The last two are for people; who reads a set passes over what it does not know.
            told = {
                "relevant": {paper.title: 2},
                "reviewed": False,
                "drafted_by": llm.name,
            }
            _append(path, {"id": _id(paper), "type": type_, **fields, **told})
            drafted += 1
    except LlmError as error:
        remedy = f"{error.remedy} ({_left(drafted, path)})".strip()
        raise LlmError(error.message, remedy, kind=error.kind) from error
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"interrupted: {_left(drafted, path)}") from None
    tell(len(todo))
    return Drafted(len(drawn), drafted, len(drawn) - len(todo), tuple(rejected))


def _left(drafted: int, path: Path) -> str:
    return f"{drafted} drafted into {path} before, the same command goes on from there"


def _drawn(papers: Iterable[Paper], n: int, seed: int) -> list[tuple[Paper, str]]:
    """Papers in an order of the seed, each with a type of question; a larger ``n`` only adds."""

    def lot(paper: Paper) -> str:
        return hashlib.sha256(f"{seed} {paper.id}".encode()).hexdigest()

    able = [paper for paper in papers if len(paper.abstract) >= SHORTEST]
    able.sort(key=lot)
    types = itertools.cycle([*["single"] * (_KNOWN_ITEM_EVERY - 1), "known_item"])
    return list(zip(able[:n], types, strict=False))


def _id(paper: Paper) -> str:
    return f"draft-{paper.id}"


def _read(path: Path, papers: Iterable[Paper]) -> Sequence[Question]:
    """The questions that are in the file, if it is there; else there must be room for it."""
    has_room = path.parent.is_dir() and not path.is_dir()
    if not has_room:
        problem = f"{path}: cannot be a file"
        raise InputError(problem, "name one in a folder that is there")
    if not path.is_file():
        return ()
    if path.stat().st_size == 0:
        return ()
    return read_questions(path, papers, labelled=False).questions


def _append(path: Path, row: Mapping[str, Any]) -> None:
    line = json.dumps(row, ensure_ascii=False).encode() + b"\n"
    try:
        with path.open("ab+") as file:
            if file.tell():
                file.seek(-1, os.SEEK_END)
                if file.read() != b"\n":  # as some editors leave it
                    line = b"\n" + line
            file.write(line)
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written ({error.strerror})",
            "name a file you can write to",
        ) from None


def _reply(llm: Llm, paper: Paper, type_: str, max_tokens: int) -> str:
    """What the model says to an abstract.

    Raises:
        UnusableError: it fails at this one.
        LlmError: it fails at any.
    """
    title, abstract = map(_fenced, (paper.title, paper.abstract))
    shown = PAPER.format(
        number=1, title=title, date=paper.date or "unknown", abstract=abstract
    )
    messages = (
        Message("system", DRAFT.format(kind=DRAFT_KINDS[type_])),
        Message("user", shown),
    )
    try:
        return whole_reply(llm, messages, max_tokens=max_tokens)
    except LlmError as error:
        if error.kind not in _OF_ONE_DRAFT:
            raise
        raise UnusableError(str(error)) from error


def _fenced(text: str) -> str:
    """Foreign text that cannot close the fence around it."""
    return text.replace("<", "‹").replace(">", "›")
