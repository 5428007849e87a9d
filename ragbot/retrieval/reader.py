"""Papers as they read: as the index keeps it, afresh where it does not keep just this text.

What was read last stays in memory, by the texts themselves: a changed paper is read again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import filterfalse
from operator import attrgetter
from typing import Generic, TypeVar

from ragbot.index.cache import Memo
from ragbot.index.stores import View
from ragbot.reading import OwnNames, Reading, called, read_paper
from ragbot.types import Paper

__all__ = ["PaperReader"]

# Papers whose readings stay in memory, as the same come up again, some 20 kB each; and names.
_READ = 1000
_NAMED = 4096

T = TypeVar("T")
_Text = tuple[str, str]
_text = attrgetter("title", "abstract")


class PaperReader:
    """Reads the papers of one view; those of a call are looked up together."""

    def __init__(self, view: View) -> None:
        stored = view.sentences
        afresh = partial(read_paper, analyser=view.lexical)
        self._readings = _Known(stored.kept_readings, afresh, Memo(_READ))
        self._names = _Known(stored.kept_names, called, Memo(_NAMED))

    def readings(self, papers: Sequence[Paper]) -> list[Reading]:
        """Terms and sentences of each of the papers."""
        return self._readings.of(papers)

    def names(self, papers: Sequence[Paper]) -> list[OwnNames]:
        """What each of the papers may be called by."""
        return self._names.of(papers)


@dataclass(frozen=True, slots=True)
class _Known(Generic[T]):
    """What is known of papers: what of it is ``kept``, by their ids, is not read ``afresh``."""

    kept: Callable[[Sequence[Paper]], Mapping[str, T]]
    afresh: Callable[[Paper], T]
    memo: Memo[_Text, T]

    def of(self, papers: Sequence[Paper]) -> list[T]:
        """In the order of the papers."""
        texts = list(map(_text, papers))
        by_text = dict(zip(texts, papers, strict=True))
        look_up = partial(self._look_up, by_text)
        found = self.memo.get(texts, look_up)
        return list(map(found.__getitem__, texts))

    def _look_up(
        self, papers: Mapping[_Text, Paper], texts: Sequence[_Text]
    ) -> dict[_Text, T]:
        wanted = list(map(papers.__getitem__, texts))
        # Of one id with two texts only one can be kept.
        by_id = {paper.id: paper for paper in wanted}
        known = {_text(by_id[id_]): one for id_, one in self.kept(wanted).items()}
        unknown = filterfalse(known.__contains__, texts)
        return known | {text: self.afresh(papers[text]) for text in unknown}
