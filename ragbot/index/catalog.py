"""Records of papers into the catalog, from which vectors and words can be rebuilt.

A paper is the merge of its records, one a source. It is *pending* until all indexes hold it and
*committed* from then on; one to be removed is *removing* until all have forgotten it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter

from ragbot.index.catalog_reader import CatalogReader, decode
from ragbot.index.database import translated
from ragbot.papers.identity import Alias, aliases, conflict, paper_id
from ragbot.papers.merge import merge_records
from ragbot.types import Paper

__all__ = ["Catalog"]


class Catalog(CatalogReader):
    """The catalog, with what only the holder of the writer's lock may do to it."""

    def set_meta(self, key: str, value: str) -> None:
        """Store a property of the collection."""
        with self.transaction():
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

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
        text = _encode(own, ())
        hash_ = _hash(text)
        said = self._said(own.id, source, once)
        if said.get(source) == hash_:
            return "duplicate"
        self._db.execute(_SAY, (own.id, source, hash_, text))
        if not said:
            self._learn([(own.id, known)])
            row = (own.id, own.date, hash_, _with_source(text, source))
            self._db.execute(_PUT, row)
            return "new"
        changed = self._merge(own.id, self._records(own.id))
        return "updated" if changed else "duplicate"

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
        return {(str(kind), str(value)) for kind, value in rows}

    def _put_down(self, fresh: Sequence[_Draft]) -> None:
        """Put in records of papers of which nothing is known, each the first of its paper."""
        texts = [_encode(draft.record, ()) for draft in fresh]
        rows = [
            (draft.record.id, draft.source, _hash(text), text)
            for draft, text in zip(fresh, texts, strict=True)
        ]
        self._db.executemany(_SAY, rows)
        self._learn((draft.record.id, draft.known) for draft in fresh)
        self._db.executemany(
            _PUT,
            [
                (id_, draft.record.date, hash_, _with_source(text, source))
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

    def identify(self, record: Paper, known: Sequence[Alias] = ()) -> str:
        """The id of the paper that a record is of: a known one's, or one that is free.

        Two papers that the record shows to be one become one: the later known loses its id.
        ``known`` are the aliases of the record, if they are known.
        """
        known = known or aliases(record)
        owners = self._owners(known)
        sure = [owners[alias] for alias in owners if alias.identifies]
        if sure:
            keep, *others = dict.fromkeys(sure)
            for other in others:
                self._join(keep, other)
            return keep
        namesakes = dict.fromkeys(owners.values())
        for id_ in namesakes:
            if not conflict(known, self._aliases_of(id_)):
                return id_
        if namesakes or self._rows(
            "SELECT 1 FROM papers WHERE id = ? AND state <> 'removing'", (record.id,)
        ):
            return paper_id(record.title, beside=known[0].value)
        return record.id

    def _owners(self, known: Sequence[Alias]) -> dict[Alias, str]:
        """Which papers are known by these, in their order."""
        any_ = " OR ".join(["(kind = ? AND value = ?)"] * len(known))
        rows = self._rows(
            f"SELECT kind, value, paper_id FROM aliases WHERE {any_}",
            [text for alias in known for text in (alias.kind, alias.value)],
        )
        owners = {Alias(str(kind), str(value)): str(id_) for kind, value, id_ in rows}
        return {alias: owners[alias] for alias in known if alias in owners}

    def _aliases_of(self, id_: str) -> list[Alias]:
        rows = self._rows("SELECT kind, value FROM aliases WHERE paper_id = ?", (id_,))
        return [Alias(str(kind), str(value)) for kind, value in rows]

    def _join(self, keep: str, other: str) -> None:
        """Make one paper of two; of two records of one source the newer stays."""
        rows = self._rows(
            "SELECT seq, record FROM records WHERE paper_id = ?", (other,)
        )
        for seq, record in rows:
            text = _encode(dataclasses.replace(decode(record), id=keep), ())
            self._db.execute(
                "UPDATE OR REPLACE records SET paper_id = ?, hash = ?, record = ? WHERE seq = ?",
                (keep, _hash(text), text, seq),
            )
        self._merge(other, self._records(other))
        self._merge(keep, self._records(keep))

    def drop_source(self, source: str) -> list[str]:
        """Forget what one file said; ids of the papers that this leaves or changes."""
        with self.transaction():
            ids = [
                str(r[0])
                for r in self._rows(
                    "SELECT paper_id FROM records WHERE source = ?", (source,)
                )
            ]
            self._db.execute("DELETE FROM records WHERE source = ?", (source,))
            for id_ in ids:
                self._merge(id_, self._records(id_))
            return ids

    def drop_papers(self, ids: Iterable[str]) -> None:
        """Forget papers and all records of them."""
        with self.transaction():
            for id_ in ids:
                self._db.execute("DELETE FROM records WHERE paper_id = ?", (id_,))
                self._merge(id_, self._records(id_))

    def mark_all_pending(self) -> None:
        """Have every paper indexed anew."""
        with self.transaction():
            self.take_up([str(r[0]) for r in self._rows("SELECT id FROM updates")])
            self._db.execute(
                "UPDATE papers SET state = 'pending' WHERE state = 'committed'"
            )

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
            self.set_meta("generation", str(self.generation() + 1))

    def _records(self, id_: str) -> list[Paper]:
        """What its sources say of a paper, the oldest first."""
        rows = self._rows(
            "SELECT record, source FROM records WHERE paper_id = ? ORDER BY seq", (id_,)
        )
        return [
            dataclasses.replace(decode(record), id=id_, sources=(str(source),))
            for record, source in rows
        ]

    def _merge(self, id_: str, records: Sequence[Paper]) -> bool:
        """Bring the paper up to its records; whether what is searched or shown has changed."""
        self._know(id_, records)
        if not records:
            self._db.execute(
                "UPDATE papers SET state = 'removing' WHERE id = ?", (id_,)
            )
            self._db.execute("DELETE FROM updates WHERE id = ?", (id_,))
            return True
        paper = merge_records(records)
        hash_ = _hash(_encode(paper, ()))
        row = (id_, paper.date, hash_, _encode(paper, paper.sources))
        known = self._rows(
            "SELECT papers.state, papers.hash, updates.hash "
            "FROM papers LEFT JOIN updates USING (id) WHERE id = ?",
            (id_,),
        )
        state, indexed, update = known[0] if known else ("pending", None, None)
        if state == "committed" and indexed != hash_:
            self._db.execute("INSERT OR REPLACE INTO updates VALUES (?, ?, ?, ?)", row)
            return bool(update != hash_)
        self._db.execute("DELETE FROM updates WHERE id = ?", (id_,))
        self._db.execute(_PUT, row)
        return bool(state == "removing" or (update or indexed) != hash_)

    def _know(self, id_: str, records: Sequence[Paper]) -> None:
        """Bring the aliases of a paper up to its records."""
        self._db.execute("DELETE FROM aliases WHERE paper_id = ?", (id_,))
        self._learn([(id_, chain.from_iterable(map(aliases, records)))])

    def _learn(self, known: Iterable[tuple[str, Iterable[Alias]]]) -> None:
        """Add aliases of papers; one that another paper has stays its own."""
        self._db.executemany(
            "INSERT OR IGNORE INTO aliases VALUES (?, ?, ?)",
            [(alias.kind, alias.value, id_) for id_, own in known for alias in own],
        )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; nested ones join the outermost."""
        with self._lock:
            if self._db.in_transaction:
                yield
                return
            with translated(self._path):
                try:
                    self._db.execute("BEGIN IMMEDIATE")
                    yield
                    self._db.execute("COMMIT")
                except BaseException:
                    self._rollback()
                    raise

    def _rollback(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")


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


_SAY = (
    "INSERT OR REPLACE INTO records (paper_id, source, hash, record, by_path) "
    "VALUES (?, ?, ?, ?, 1)"
)
# Writes a paper, which waits to be indexed unless it was so before.
_PUT = (
    "INSERT INTO papers (id, date, hash, paper, state) VALUES (?, ?, ?, ?, 'pending') "
    "ON CONFLICT (id) DO UPDATE SET date = excluded.date, hash = excluded.hash, "
    "paper = excluded.paper, "
    "state = CASE state WHEN 'committed' THEN state ELSE 'pending' END"
)
# What older versions did not know: where it is empty a record reads as theirs do, so that a file
# that has not changed is no update.
_LATER = ("arxiv_id", "doi", "venue", "keywords")


_FACTS = sorted(one.name for one in dataclasses.fields(Paper))
_TO_JSON = json.JSONEncoder(ensure_ascii=False).encode


def _encode(paper: Paper, sources: tuple[str, ...]) -> str:
    """A paper as JSON, its facts by name; ``sources`` stand in place of its own."""
    facts = {name: getattr(paper, name) for name in _FACTS}
    facts["sources"] = sources
    for name in _LATER:
        facts[name] or facts.pop(name)
    return _TO_JSON(facts)


def _with_source(text: str, source: str) -> str:
    """A record as the paper that it makes alone. No text in it has a quotation mark unescaped."""
    return text.replace('"sources": []', f'"sources": {_TO_JSON([source])}')


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
