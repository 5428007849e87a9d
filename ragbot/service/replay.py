"""Answers saved to be asked again: whether the collection still gives them, and if not, why.

A quoted answer is made anew and compared letter by letter. What a language model wrote cannot be
had twice: of such an answer it is checked that its papers are there and that what it rests on
still stands in their abstracts.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import filterfalse
from operator import attrgetter
from pathlib import Path
from typing import Any

from ragbot.errors import InputError
from ragbot.json_object import JsonObject
from ragbot.llm import LanguageModel
from ragbot.pipeline import Ragbot
from ragbot.question.history import read_turns
from ragbot.serialise import (
    answer_json,
    filters_json,
    json_text,
    read_answer,
    read_filters,
)
from ragbot.types import Answer, Filters, Message

__all__ = ["Saved", "Verdict", "read_saved", "replayed", "saved_text"]

_FORM = 1
_SAME = "The collection gives the same answer."
_KEPT = (
    "The papers are there, and what the answer rests on stands in their abstracts.\n"
    "A language model wrote it: its text cannot be had twice, and was not compared."
)
_OTHER = "The collection no longer gives this answer:"
# Whether it holds, and whether a language model wrote it.
_TOLD = {
    (True, False): _SAME,
    (True, True): _KEPT,
    (False, False): _OTHER,
    (False, True): _OTHER,
}
_REMEDY = "name a file that 'ragbot ask --save FILE' wrote"


@dataclass(frozen=True, slots=True)
class Saved:
    """An answer with what it was an answer to; ``filters`` are those given beside the question."""

    history: tuple[Message, ...]
    filters: Filters | None
    answer: Answer


@dataclass(frozen=True, slots=True)
class Verdict:
    """What has changed about an answer, and what about the collection and the settings since.

    ``rewritten`` says that a language model wrote it, so that its text was not compared.
    """

    changes: tuple[str, ...]
    since: tuple[str, ...]
    rewritten: bool

    @property
    def holds(self) -> bool:
        """Whether the collection still gives the answer."""
        return not self.changes

    @property
    def told(self) -> str:
        """All of it in words, a line each."""
        changed = map("- {}".format, self.changes)
        since = map("({})".format, self.since)
        return "\n".join([_TOLD[self.holds, self.rewritten], *changed, *since])


def saved_text(
    answer: Answer, history: Sequence[Message], filters: Filters | None
) -> str:
    """The answer as a file's text, for `read_saved`."""
    given = filters_json(filters) if filters else None
    document = {
        "saved_answer": _FORM,
        "history": list(map(dataclasses.asdict, history)),
        "filters": given,
        "answer": answer_json(answer),
    }
    return json_text(document, indent=1) + "\n"


def read_saved(path: Path) -> Saved:
    """What `saved_text` wrote.

    Raises:
        InputError: the file is missing, or is none of that form; names the field.
    """
    try:
        document: Any = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError(f"{path}: no such file", _REMEDY) from None
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: not a JSON file ({error})", _REMEDY) from None
    try:
        return _read(JsonObject(document, ""))
    except InputError as error:
        raise InputError(f"{path}: {error.message}", _REMEDY) from None


def _read(fields: JsonObject) -> Saved:
    form = fields.take("saved_answer", int)
    if form != _FORM:
        raise InputError(f"saved_answer: form {form} is not known", _REMEDY)
    return Saved(
        tuple(read_turns(fields.take("history", list))),
        read_filters(fields.object("filters")) or None,
        # What it says of its papers: what the collection has of them now is looked up later.
        read_answer(fields.take("answer", dict), {}),
    )


def replayed(saved: Saved, bot: Ragbot) -> Verdict:
    """Whether the collection still gives a saved answer.

    Raises:
        EmptyCollection: nothing has been ingested.
    """
    before = saved.answer
    rewritten = before.mode == "llm"
    quoting = LanguageModel(dataclasses.replace(bot.settings.llm, provider="none"))
    now = bot.ask(before.question, saved.history, saved.filters, model=quoting)
    changes = list(_lost(before, bot))
    if not rewritten:
        changes += _differences(before, now)
    changed = before.fingerprint.items() - now.fingerprint.items()
    since = [
        f"{name} was {was}, is {now.fingerprint.get(name)}"
        for name, was in sorted(changed)
        if name != "config"
    ]
    return Verdict(tuple(changes), tuple(since), rewritten)


def _lost(before: Answer, bot: Ragbot) -> Iterator[str]:
    """Cited papers that are gone, and sentences that no longer stand in their abstracts."""
    ids = list(map(attrgetter("paper.id"), before.papers))
    papers = bot.stores.catalog.get(ids).values()
    abstracts = dict(map(attrgetter("id", "abstract"), papers))
    for cited in before.papers:
        if cited.paper.id not in abstracts:
            yield f"[{cited.n}] is gone: {cited.paper.title}"
            continue
        quoted = [quote.text for quote in before.quotes if quote.n == cited.n]
        said = dict.fromkeys([*quoted, *cited.evidence])
        stands = abstracts[cited.paper.id].__contains__
        for text in filterfalse(stands, said):
            yield f"[{cited.n}] says no longer: {text}"


def _differences(before: Answer, now: Answer) -> Iterator[str]:
    """What a quoted answer says that the one made now does not, or the other way round."""
    if before.text == now.text:
        return
    was, are = _titles(before), _titles(now)
    yield from map("no longer cited: {}".format, _without(was, are))
    yield from map("newly cited: {}".format, _without(are, was))
    if before.abstained != now.abstained:
        yield "declined now" if now.abstained else "answered now"
    elif was.keys() == are.keys():
        yield "the same papers are cited, in another text"


def _titles(answer: Answer) -> dict[str, str]:
    """The titles of the cited papers, by their ids."""
    return dict(map(attrgetter("paper.id", "paper.title"), answer.papers))


def _without(titles: Mapping[str, str], others: Container[str]) -> list[str]:
    return list(map(titles.__getitem__, filterfalse(others.__contains__, titles)))
