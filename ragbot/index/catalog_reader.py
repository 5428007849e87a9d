"""What papers exist, as readers see it: the truth, in SQLite.

Readers see committed papers only: of a paper that has changed its old version, as long as the new
one waits among the updates. The generation goes up with each commit, so that a reader notices one.
How papers get there is `ragbot.index.catalog`'s.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from ragbot.errors import CatalogError, InputError
from ragbot.index.cache import Memo
from ragbot.index.database import open_database, translated
from ragbot.index.migrations import STEPS, NewerSchema, migrate, quicken
from ragbot.index.paper_text import decode
from ragbot.index.ranges import UNTIL, count_within, within
from ragbot.index.selection import Heading, restricted, stands_by
from ragbot.papers.identity import Alias
from ragbot.papers.person import family_of, goes_by
from ragbot.papers.provenance import chosen_sources
from ragbot.text.words import folded
from ragbot.types import Filters, Paper, Traits

__all__ = ["CatalogReader"]

# Has all that a heading has, so that the abstracts need not be read.
_HEADINGS = "papers INDEXED BY papers_by_facts"

_DATED = "FROM papers WHERE state = 'committed'"
# Undated ones are last.
_NEWEST_FIRST = "ORDER BY date DESC, place"

# Queries whose rows are kept: a range of dates is asked for again and again.
_ANSWERS = 100
_Query = tuple[str, tuple[object, ...]]

_WAITING = "(SELECT paper FROM papers WHERE state = 'pending' UNION ALL SELECT paper FROM updates)"
_PAGE_OF_KEPT = (
    "SELECT papers.rowid, coalesce(updates.paper, papers.paper) "
    "FROM papers NOT INDEXED LEFT JOIN updates USING (id) "
    "WHERE papers.rowid > ? AND state <> 'removing' ORDER BY papers.rowid LIMIT 500"
)


class CatalogReader:
    """Reads the catalog in one SQLite file. Safe to share between threads.

    Raises:
        CatalogError: the folder cannot be written, or the file is no catalog of this version.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._authors: tuple[int, list[str]] = (-1, [])
        self._answers: Memo[_Query, list[tuple[Any, ...]]] = Memo(_ANSWERS)
        self._as_of = (-1, -1)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CatalogError(
                f"{error.filename or path.parent}: cannot be written ({error.strerror})",
                "make it writable or name another folder with --data-dir",
            ) from None
        with translated(path):
            self._db = open_database(path)
            try:
                migrate(self._db)
                quicken(self._db)
            except NewerSchema as error:
                self._db.close()
                raise CatalogError(
                    f"{path}: written by a newer version of Ragbot (schema {error.version}, "
                    f"this one knows {len(STEPS)})",
                    "install that version, or name another folder with --data-dir",
                ) from None
            except BaseException:
                self._db.close()
                raise

    def close(self) -> None:
        """Close the file; the object is of no use afterwards."""
        with self._lock:
            self._db.close()

    # -- meta -------------------------------------------------------------------------------

    def get_meta(self, key: str) -> str | None:
        """A stored property of the collection."""
        rows = self._rows("SELECT value FROM meta WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else None

    def generation(self) -> int:
        """How many commits there have been; readers reopen their indexes when it has moved."""
        return int(self.get_meta("generation") or 0)

    # -- reading ----------------------------------------------------------------------------

    def count(self, filters: Filters | None = None) -> int:
        """How many committed papers pass the filters."""
        if filters:
            return count_within(self._kept(UNTIL), filters)
        sql = "SELECT count(*) FROM papers WHERE state = 'committed'"
        return int(self._kept(sql)[0][0])

    def is_empty(self) -> bool:
        """Whether no paper is committed."""
        return not self.dates(most=1)

    def dates(self, most: int = -1) -> dict[str, str | None]:
        """The dates of the committed papers by their ids, in no order.

        ``most`` is how many at most, all if negative.
        """
        sql = f"SELECT id, date FROM {_HEADINGS} WHERE state = 'committed' LIMIT ?"
        return dict(self._rows(sql, [most]))

    def dates_of(self, ids: Sequence[str]) -> dict[str, str | None]:
        """The dates of those of the papers that are committed."""
        found: dict[str, str | None] = {}
        for part in _parts(ids):
            rows = self._rows(
                "SELECT id, date FROM papers INDEXED BY papers_by_id "
                f"WHERE state = 'committed' AND id IN ({_marks(part)})",
                part,
            )
            found.update(rows)
        return found

    def get(self, ids: Sequence[str]) -> dict[str, Paper]:
        """The committed papers among ``ids``; the others are simply not there."""
        found: dict[str, Paper] = {}
        for part in _parts(ids):
            rows = self._rows(
                "SELECT paper FROM papers "
                f"WHERE state = 'committed' AND id IN ({_marks(part)})",
                part,
            )
            found.update((p.id, p) for p in map(decode, (r[0] for r in rows)))
        return found

    def named(self, ids: Sequence[str]) -> list[Paper]:
        """The papers of these ids, in their order, each once.

        Raises:
            InputError: an id that is not in the collection.
        """
        known = self.get(list(ids))
        unknown = sorted(set(ids) - known.keys())
        if unknown:
            raise InputError(
                f"no paper has the id {unknown[0]}", "'ragbot papers' lists them"
            )
        return [known[id_] for id_ in dict.fromkeys(ids)]

    def known_by(self, known: Sequence[Alias]) -> list[str]:
        """The papers known by any of these, in their order, each once."""
        owners: dict[str, None] = {}
        for alias in known:
            rows = self._rows(
                "SELECT paper_id FROM aliases WHERE kind = ? AND value = ?",
                (alias.kind, alias.value),
            )
            owners.update((str(row[0]), None) for row in rows)
        return list(owners)

    def papers(
        self, filters: Filters | None = None, most: int = -1, skip: int = 0
    ) -> list[Paper]:
        """The committed papers, newest first, undated last, then in the order they came.

        ``most`` is how many at most, all if negative, after the first ``skip``.
        """
        sql, values = within("date", filters or Filters())
        rows = self._rows(
            f"SELECT paper FROM ({sql} {_NEWEST_FIRST} LIMIT ? OFFSET ?) AS page "
            "JOIN papers ON papers.rowid = place ORDER BY page.date DESC, place",
            [*values, most, skip],
        )
        return [decode(r[0]) for r in rows]

    def headings(
        self, filters: Filters | None = None, traits: Traits | None = None
    ) -> list[Heading]:
        """What stands over each committed paper of these dates and traits, newest first."""
        wanted = traits or Traits()
        return stands_by(wanted, self._chosen(*restricted(wanted), filters))

    def organisations(self) -> list[tuple[str, int]]:
        """Organisations and how many committed papers name each, the most first."""
        return self._numbers("organisation", "count(*) DESC, organisation")

    def years(self) -> list[tuple[str, int]]:
        """The years of the dated committed papers in turn, and how many there are of each."""
        return self._numbers("substr(date, 1, 4)", "1")

    def _numbers(self, what: str, order: str) -> list[tuple[str, int]]:
        rows = self._kept(
            f"SELECT {what}, count(*) FROM {_HEADINGS} "
            f"WHERE state = 'committed' AND {what} IS NOT NULL GROUP BY 1 ORDER BY {order}"
        )
        return [(str(value), int(number)) for value, number in rows]

    def entitled(
        self, pieces: Sequence[Sequence[str]], most: int = -1
    ) -> list[Heading]:
        """The committed papers whose titles have of each group one of its pieces, in any case;
        the newest first, all or at most so many."""
        clauses = [
            f"({' OR '.join(['title LIKE ?'] * len(group))})" for group in pieces
        ]
        values = [f"%{piece}%" for group in pieces for piece in group]
        return self._chosen(clauses, values, most=most)

    def titles(self, most: int) -> list[str]:
        """The titles of the committed papers; of very many every second, third …"""
        step = self.count() // most + 1
        rows = self._rows(
            f"SELECT title FROM {_HEADINGS} WHERE state = 'committed' AND rowid % ? = 0",
            (step,),
        )
        return [str(title) for (title,) in rows]

    def count_stating_authors(self) -> int:
        """How many committed papers state how many authors they have."""
        rows = self._kept(
            f"SELECT count(author_count) FROM {_HEADINGS} WHERE state = 'committed'"
        )
        return int(rows[0][0])

    def is_author(self, name: str) -> bool:
        """Whether the name, or each of several with "and" between, is an author's of a paper."""
        return all(map(self._is_author, re.split(r"\s+(?:and|&)\s+", name)))

    def _is_author(self, name: str) -> bool:
        family = family_of(name)
        lists = [people for people in self._author_lists() if family in people]
        # Folded as they are, they are names still.
        authors = chain.from_iterable(map(json.loads, lists))
        return family != "" and any(map(partial(goes_by, name), authors))

    def _author_lists(self) -> list[str]:
        """The names of authors of each paper as JSON, in small letters without accents."""
        generation = self.generation()
        if self._authors[0] != generation:
            rows = self._rows(
                f"SELECT DISTINCT authors FROM {_HEADINGS} "
                "WHERE state = 'committed' AND authors <> '[]'"
            )
            self._authors = generation, [folded(people) for (people,) in rows]
        return self._authors[1]

    def papers_by(self, name: str, filters: Filters) -> list[Paper]:
        """The papers of an author or an organisation of these dates, newest first."""
        known = self.headings(filters, Traits(by=name))
        return list(self.get([heading.id for heading in known]).values())

    def count_unsigned(self) -> int:
        """How many committed papers name neither an organisation nor an author."""
        rows = self._kept(
            f"SELECT count(*) FROM {_HEADINGS} WHERE state = 'committed' "
            "AND organisation IS NULL AND authors = '[]'"
        )
        return int(rows[0][0])

    def spelled(self, form: str) -> list[Heading]:
        """The committed papers whose titles hold these letters, spaces and signs apart."""
        ids = "(SELECT paper_id FROM aliases WHERE kind = 'title' AND value LIKE ?)"
        return self._chosen([f"id IN {ids}"], [f"%{form}%"])

    def _chosen(
        self,
        clauses: Sequence[str],
        values: Sequence[object],
        filters: Filters | None = None,
        most: int = -1,
    ) -> list[Heading]:
        columns = ", ".join(Heading._fields)
        sql, values = within(columns, filters or Filters(), _HEADINGS, clauses, values)
        rows = self._rows(f"{sql} {_NEWEST_FIRST} LIMIT ?", [*values, most])
        return [Heading(*row[:-1]) for row in rows]

    def waiting(self, most: int = -1) -> list[Paper]:
        """The papers to be indexed: new ones and the new versions of changed ones.

        ``most`` is how many at most, all if negative.
        """
        rows = self._rows(f"SELECT paper FROM {_WAITING} LIMIT ?", (most,))
        return [decode(r[0]) for r in rows]

    def count_waiting(self) -> int:
        """How many papers are to be indexed."""
        return int(self._rows(f"SELECT count(*) FROM {_WAITING}")[0][0])

    def kept(self) -> Iterator[Paper]:
        """Every paper but those to be removed, in its newest version, in the order they came.

        A page of them is in memory at a time; they are not to be changed meanwhile.
        """
        rows: list[tuple[Any, ...]] = [(0, "")]
        while rows := self._rows(_PAGE_OF_KEPT, (rows[-1][0],)):
            yield from (decode(text) for _, text in rows)

    def count_kept(self) -> int:
        """How many papers are not to be removed."""
        sql = "SELECT count(*) FROM papers WHERE state <> 'removing'"
        return int(self._rows(sql)[0][0])

    def removing(self) -> list[str]:
        """Ids of the papers that the indexes are to forget."""
        return [
            str(r[0])
            for r in self._rows("SELECT id FROM papers WHERE state = 'removing'")
        ]

    def unfinished(self) -> int:
        """How many papers a writer has yet to index or to forget."""
        return self.count_waiting() + len(self.removing())

    def date_span(self) -> tuple[str | None, str | None, int]:
        """First and last date, and how many committed papers have none."""
        first, last, undated = self._kept(
            f"SELECT (SELECT min(date) {_DATED}), (SELECT max(date) {_DATED}), "
            f"(SELECT count(*) {_DATED} AND date IS NULL)"
        )[0]
        return first, last, int(undated)

    def sources(self) -> list[tuple[str, int]]:
        """Paths of files and how many papers each is a source of, in the order they came."""
        return [
            (str(source), int(n))
            for source, n in self._rows(
                "SELECT source, count(*) FROM records GROUP BY source ORDER BY min(seq)"
            )
        ]

    def sources_at(self, path: str) -> list[str]:
        """The sources that a path names (`ragbot.papers.provenance.chosen_sources`).

        Raises:
            InputError: there is none, or several end so.
        """
        return chosen_sources(path, [name for name, _ in self.sources()])

    def content_hash(self) -> str:
        """12 hexadecimal digits over the committed papers, whatever the order they came in."""
        digest = hashlib.sha256()
        for id_, hash_ in self._rows(
            "SELECT id, hash FROM papers WHERE state = 'committed' ORDER BY id"
        ):
            digest.update(f"{id_}{hash_}".encode())
        return digest.hexdigest()[:12]

    def _kept(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query that reads many, kept until the catalog changes."""
        with self._lock, translated(self._path):
            if self._db.in_transaction:  # it may be rolled back
                return self._rows(sql, values)
            # Moves with what other connections commit, and with what this one writes.
            ((others,),) = self._db.execute("PRAGMA data_version")
            now = others, self._db.total_changes
            if now != self._as_of:
                self._answers.clear()
                self._as_of = now
            asked = sql, tuple(values)
            return self._answers.get([asked], self._read)[asked]

    def _read(self, asked: Sequence[_Query]) -> dict[_Query, list[tuple[Any, ...]]]:
        return {one: self._rows(*one) for one in asked}

    def _rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self._lock, translated(self._path):
            return self._db.execute(sql, values).fetchall()


def _parts(ids: Sequence[str], size: int = 500) -> Iterator[list[str]]:
    for start in range(0, len(ids), size):
        yield list(ids[start : start + size])


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
