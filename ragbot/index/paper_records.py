"""Which records in the catalog are of one paper, and the paper that they make together."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, filterfalse
from operator import attrgetter, itemgetter

from ragbot.errors import CatalogError
from ragbot.index.catalog_reader import CatalogReader
from ragbot.index.database import translated
from ragbot.index.paper_text import decode, encode, hash_of
from ragbot.papers.identity import Alias, aliases, conflict, grouped, paper_id
from ragbot.papers.merge import merge_records
from ragbot.types import Paper

__all__ = ["PUT", "PaperRecords"]


class PaperRecords(CatalogReader):
    """Brings papers up to their records, for the holder of the writer's lock."""

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
            list(chain.from_iterable(map(attrgetter("kind", "value"), known))),
        )
        owners = {Alias(str(kind), str(value)): str(id_) for kind, value, id_ in rows}
        return {alias: owners[alias] for alias in known if alias in owners}

    def _aliases_of(self, id_: str) -> list[Alias]:
        rows = self._rows("SELECT kind, value FROM aliases WHERE paper_id = ?", (id_,))
        return [Alias(str(kind), str(value)) for kind, value in rows]

    def _join(self, keep: str, other: str) -> None:
        """Make one paper of two; what one source said of both is put together."""
        self._move(keep, self._rows(_RECORDS, (other,)))
        self._merge(other, [])
        self._merge(keep, self._records(keep))

    def _move(self, id_: str, rows: Iterable[tuple[int, str, str]]) -> None:
        """Have records, their numbers, sources and texts, be of this paper."""
        for seq, source, text in rows:
            same = self._rows(
                "SELECT seq, record FROM records WHERE paper_id = ? AND source = ?",
                (id_, source),
            )
            both = sorted([*same, (seq, text)])
            texts = map(itemgetter(1), both)
            records = [dataclasses.replace(one, id=id_) for one in map(decode, texts)]
            hashes = " ".join(map(hash_of, map(encode, records)))
            self._db.executemany(
                "DELETE FROM records WHERE seq = ?", [r[:1] for r in same]
            )
            self._db.execute(
                "UPDATE records SET seq = ?, paper_id = ?, hash = ?, record = ? WHERE seq = ?",
                (both[-1][0], id_, hashes, encode(merge_records(records)), seq),
            )

    def _part(self, id_: str) -> list[str]:
        """Make papers of their own of records that nothing shows to be of one; all their ids."""
        rows = self._rows(_RECORDS, (id_,))
        known = [aliases(decode(text)) for _, _, text in rows]
        _first, *others = grouped(known) or [[]]
        ids = [id_]
        for places in others:
            title = decode(rows[places[0]][2]).title
            beside = known[places[0]][0].value
            free = self._rows("SELECT 1 FROM papers WHERE id = ?", (paper_id(title),))
            ids.append(paper_id(title, beside if free else ""))
            self._move(ids[-1], [rows[place] for place in places])
        return ids

    def derive(self) -> list[str]:
        """Derive anew the papers that are not what their records say, or not known by it; their
        ids. What has no record, or a damaged one, stays as it is."""
        stored = dict(
            self._rows("SELECT id, paper FROM papers WHERE state <> 'removing'")
        )
        said = self._rows(
            "SELECT DISTINCT paper_id FROM records "
            "WHERE paper_id NOT IN (SELECT id FROM updates)"
        )
        texts = {id_: stored.get(id_, "") for (id_,) in said}
        ids = list(filterfalse(lambda id_: self._is_whole(id_, texts[id_]), texts))
        with self.transaction():
            self._db.execute("REINDEX")
            for id_ in ids:
                self._merge(id_, self._records(id_))
        return ids

    def _is_whole(self, id_: str, text: str) -> bool:
        """Whether a paper is stored as its records say it, and is known by all that they say."""
        try:
            records = self._records(id_)
        except CatalogError:
            return True  # there is nothing to derive it from
        known = set(chain.from_iterable(map(aliases, records)))
        if len(self._owners(list(known))) < len(known):
            return False
        try:
            return decode(text) == merge_records(records)
        except CatalogError:
            return False

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
        hash_ = hash_of(encode(paper))
        row = (id_, paper.date, hash_, encode(paper, paper.sources))
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
        self._db.execute(PUT, row)
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


PUT = (
    "INSERT INTO papers (id, date, hash, paper, state) VALUES (?, ?, ?, ?, 'pending') "
    "ON CONFLICT (id) DO UPDATE SET date = excluded.date, hash = excluded.hash, "
    "paper = excluded.paper, "
    "state = CASE state WHEN 'committed' THEN state ELSE 'pending' END"
)
"""Writes a paper, which waits to be indexed unless it was so before."""
_RECORDS = "SELECT seq, source, record FROM records WHERE paper_id = ? ORDER BY seq"
