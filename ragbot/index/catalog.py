"""Records of papers into the catalog, from which vectors and words can be rebuilt.

A paper is the merge of its records, one a source: what a file says of a paper in several places is
put together, and what it says later takes the place of what it said before. A paper is *pending*
until all indexes hold it and *committed* from then on; one to be removed is *removing* until all
have forgotten it.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from pathlib import Path

from ragbot.index.paper_records import PUT, PaperRecords
from ragbot.index.paper_text import decode, encode, hash_of, with_source
from ragbot.papers.identity import Alias, aliases
from ragbot.papers.merge import merge_records
from ragbot.types import Paper

__all__ = ["Catalog"]


class Catalog(PaperRecords):
    """The catalog, with what only the holder of the writer's lock may do to it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        # Records up to this number were there before the file that is being read; those of them
        # that it has stood in again are in a table of their own.
        self._before = sys.maxsize
        self._db.execute("CREATE TEMP TABLE again (seq INTEGER PRIMARY KEY)")

    def set_meta(self, key: str, value: str) -> None:
        """Store a property of the collection."""
        with self.transaction():
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def meta_once(self, key: str, value: str) -> str:
        """A property of the collection, which becomes ``value`` if there is none yet."""
        there = self.get_meta(key)
        if there is None:
            with self.transaction():
                self._db.execute(
                    "INSERT OR IGNORE INTO meta VALUES (?, ?)", (key, value)
                )
                there = self.get_meta(key)
        return there or value

    def delete_meta(self, key: str) -> None:
        """Forget a stored property of the collection."""
        with self.transaction():
            self._db.execute("DELETE FROM meta WHERE key = ?", (key,))

    def add_record(self, record: Paper, *, keep_id: bool = False) -> str:
        """Put in one record of one source: ``new``, ``updated`` or ``duplicate``.

        It goes to the paper that `identify` finds; with ``keep_id`` to the one whose id it bears. A
        new or changed paper then waits to be indexed. A record that only adds a source, or that its
        source has held before, changes nothing that is searched.
        """
        (source,) = record.sources
        with self.transaction():
            known = aliases(record)
            id_ = record.id if keep_id else self.identify(record, known)
            return self._add(dataclasses.replace(record, id=id_), source, known)

    def add_records(
        self, said: Sequence[tuple[Paper, str]], once: str = ""
    ) -> list[str]:
        """Put in records, each with its source, in turn; what `add_record` says of each.

        Of most of a long file nothing is known yet, and such records are put down together.
        ``once`` is what versions that knew no paths called the file of those that name no source of
        their own: a record that they have of it bears its path from now on.
        """
        if not said:
            return []
        with self.transaction():
            drafts = [
                _Draft(record, source, aliases(record)) for record, source in said
            ]
            taken = self._taken(drafts)
            outcomes = []
            fresh: list[_Draft] = []
            for draft in drafts:
                if taken.isdisjoint(draft.marks):
                    fresh.append(draft)
                    outcomes.append("new")
                else:
                    self._put_down(fresh)
                    fresh = []
                    id_ = self.identify(draft.record, draft.known)
                    taken.add(("id", id_))
                    own = dataclasses.replace(draft.record, id=id_)
                    old = "" if own.sources else once
                    outcomes.append(self._add(own, draft.source, draft.known, old))
                taken.update(draft.marks)
            self._put_down(fresh)
            return outcomes

    def _add(
        self, own: Paper, source: str, known: Sequence[Alias], once: str = ""
    ) -> str:
        """Put in what a source says of the paper whose id it bears."""
        text = encode(own)
        hash_ = hash_of(text)
        said = self._said(own.id, source, once)
        if hash_ in said.get(source, "").split():
            self._db.execute(_SAY_AGAIN, (own.id, source))
            return "duplicate"
        self._db.execute(_SAY, self._put_together(own, source, hash_))
        if not said:
            self._learn([(own.id, known)])
            row = (own.id, own.date, hash_, with_source(text, source))
            self._db.execute(PUT, row)
            return "new"
        changed = self._merge(own.id, self._records(own.id))
        return "updated" if changed else "duplicate"

    def begin_reading(self) -> None:
        """Take note that a file begins: what it says of one paper from here on belongs together."""
        self._db.execute("DELETE FROM again")
        ((self._before,),) = self._rows("SELECT coalesce(max(seq), 0) FROM records")

    def _put_together(
        self, own: Paper, source: str, hash_: str
    ) -> tuple[str, str, str, str]:
        """A record with what the same reading of its source has said of the paper before."""
        said = self._rows(
            "SELECT hash, record FROM records WHERE paper_id = ? AND source = ? "
            "AND (seq > ? OR seq IN again)",
            (own.id, source, self._before),
        )
        hashes = " ".join([*map(itemgetter(0), said), hash_])
        records = [*map(decode, map(itemgetter(1), said)), own]
        return own.id, source, hashes, encode(merge_records(records))

    def _taken(self, drafts: Sequence[_Draft]) -> set[tuple[str, str]]:
        """Those of the marks of records that papers have already."""
        known = [(alias.kind, alias.value) for draft in drafts for alias in draft.known]
        places = ", ".join(["(?, ?)"] * len(known))
        # A row value IN others would read all aliases.
        rows = self._rows(
            f"WITH asked (kind, value) AS (VALUES {places}) "
            "SELECT kind, value FROM asked CROSS JOIN aliases USING (kind, value)",
            list(chain.from_iterable(known)),
        )
        marks = ", ".join("?" * len(drafts))
        rows += self._rows(
            f"SELECT 'id', id FROM papers WHERE id IN ({marks})",
            [draft.record.id for draft in drafts],
        )
        return set(rows)

    def _put_down(self, fresh: Sequence[_Draft]) -> None:
        """Put in records of papers of which nothing is known, each the first of its paper."""
        texts = [encode(draft.record) for draft in fresh]
        rows = [
            (draft.record.id, draft.source, hash_of(text), text)
            for draft, text in zip(fresh, texts, strict=True)
        ]
        self._db.executemany(_SAY, rows)
        self._learn((draft.record.id, draft.known) for draft in fresh)
        self._db.executemany(
            PUT,
            [
                (id_, draft.record.date, hash_, with_source(text, source))
                for draft, (id_, source, hash_, text) in zip(fresh, rows, strict=True)
            ],
        )

    def _said(self, id_: str, source: str, once: str) -> dict[str, str]:
        """The hashes of a paper's records by their sources; the name of one becomes its path."""
        rows = self._rows(
            "SELECT source, hash, by_path = 0 AND source IN (?, ?) FROM records "
            "WHERE paper_id = ? ORDER BY source <> ?",
            (source, once, id_, source),
        )
        said = dict(map(itemgetter(0, 1), rows))
        old = next(map(itemgetter(0), filter(itemgetter(2), rows)), None)
        if old is not None:
            self._db.execute(
                "UPDATE OR IGNORE records SET source = ?, by_path = 1 "
                "WHERE paper_id = ? AND source = ?",
                (source, id_, old),
            )
            self._merge(id_, self._records(id_))
            said.setdefault(source, said[old])
        return said

    def drop_source(self, source: str) -> list[str]:
        """Forget what one file said; ids of the papers that this leaves, changes or parts."""
        with self.transaction():
            ids = [
                str(r[0])
                for r in self._rows(
                    "SELECT paper_id FROM records WHERE source = ?", (source,)
                )
            ]
            self._db.execute("DELETE FROM records WHERE source = ?", (source,))
            parted = list(chain.from_iterable(map(self._part, ids)))
            for id_ in parted:
                self._merge(id_, self._records(id_))
            return parted

    def drop_papers(self, ids: Iterable[str]) -> None:
        """Forget papers and all records of them."""
        with self.transaction():
            for id_ in ids:
                self._db.execute("DELETE FROM records WHERE paper_id = ?", (id_,))
                self._merge(id_, self._records(id_))

    def take_up(self, ids: Sequence[str]) -> None:
        """Hide the old versions of changed papers, whose place in the indexes the new ones take."""
        values = [(i,) for i in ids]
        with self.transaction():
            self._db.executemany(
                "UPDATE papers SET (state, date, hash, paper) = "
                "(SELECT 'pending', date, hash, paper FROM updates WHERE updates.id = papers.id) "
                "WHERE id = ? AND id IN (SELECT id FROM updates)",
                values,
            )
            self._db.executemany("DELETE FROM updates WHERE id = ?", values)

    def commit(self, indexed: Sequence[str] = (), removed: Sequence[str] = ()) -> None:
        """Make indexed papers visible and removed ones gone, and move the generation."""
        with self.transaction():
            self._db.executemany(
                "UPDATE papers SET state = 'committed' WHERE id = ? AND state = 'pending'",
                [(i,) for i in indexed],
            )
            self._db.executemany(
                "DELETE FROM papers WHERE id = ? AND state = 'removing'",
                [(i,) for i in removed],
            )
            self._move_generation()

    def commit_all(self) -> None:
        """Make every paper visible in its newest version, and those to be removed gone: all that
        was `kept` stands in an index made anew."""
        with self.transaction():
            self.take_up([str(r[0]) for r in self._rows("SELECT id FROM updates")])
            self._db.execute("DELETE FROM papers WHERE state = 'removing'")
            self._db.execute(
                "UPDATE papers SET state = 'committed' WHERE state = 'pending'"
            )
            self._move_generation()

    def _move_generation(self) -> None:
        self.set_meta("generation", str(self.generation() + 1))


@dataclass(frozen=True, slots=True)
class _Draft:
    """A record on its way in: what it says, who says it, and what it is ``known`` by."""

    record: Paper
    source: str
    known: Sequence[Alias]

    @property
    def marks(self) -> set[tuple[str, str]]:
        """What no other paper has if it is of a new one: what it is known by, and its id."""
        known = {(alias.kind, alias.value) for alias in self.known}
        return {*known, ("id", self.record.id)}


_SAY_AGAIN = (
    "INSERT OR IGNORE INTO again "
    "SELECT seq FROM records WHERE paper_id = ? AND source = ?"
)
_SAY = (
    "INSERT OR REPLACE INTO records (paper_id, source, hash, record, by_path) "
    "VALUES (?, ?, ?, ?, 1)"
)
