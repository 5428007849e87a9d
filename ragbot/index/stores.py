"""The stores of a collection: its catalog, and the edition of its index that is in force.

    <data dir>/catalog.sqlite     what papers exist: the truth
               chroma/ …          the first edition of the index, see `edition`
               index-<n>/         a later one, made by a rebuild
               models/            converted embedding models
               write.lock         held by the one writer

The catalog says which edition is in force. Readers ask for a `view` before a question: when another
process has committed, the stores are reopened; whoever still works with an edition that a rebuild
has replaced keeps it until done.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ragbot.config import ChunkingSettings, VectorsSettings
from ragbot.errors import CatalogError
from ragbot.index import edition as editions
from ragbot.index.catalog import Catalog
from ragbot.index.database import DAMAGED, check_database
from ragbot.index.edition import Edition, Holdings
from ragbot.index.lexical import LexicalIndex
from ragbot.index.sentence_vectors import SentenceVectors
from ragbot.index.vectors import VectorPlaces, VectorStore

__all__ = ["Begun", "Stores", "View"]

_CATALOG = "catalog.sqlite"
_LOCK = "write.lock"
_KEY = "edition"
_WRITING = "writing"
_REBUILD = "rebuild"
_FOLDER = re.compile(r"index-([0-9]+)")
# A writer may commit while an index is opened, checked or replaced.
_ATTEMPTS = 20
# Up to so many papers, all ids are compared at every opening: some 10 milliseconds.
_FEW_PAPERS = 2000


@dataclass(frozen=True)
class View:
    """What one question is answered from: an edition stays usable as long as a view of it lives."""

    catalog: Catalog
    edition: Edition

    @property
    def vectors(self) -> VectorStore:
        """Chunk vectors."""
        return self.edition.vectors

    @property
    def lexical(self) -> LexicalIndex:
        """Words."""
        return self.edition.lexical

    @property
    def sentences(self) -> SentenceVectors:
        """Sentence vectors."""
        return self.edition.sentences


class Begun:
    """An edition in the making: ``done`` papers of those it is to hold are in it."""

    def __init__(
        self, catalog: Catalog, edition: Edition, noted: dict[str, Any]
    ) -> None:
        self.edition = edition
        self._catalog = catalog
        self._noted = noted

    @property
    def done(self) -> int:
        """How many papers, from the first on."""
        return int(self._noted["done"])

    def advance(self, papers: int) -> None:
        """Take note that so many more are in all its stores, whatever happens next."""
        self._noted["done"] += papers
        self._catalog.set_meta(_REBUILD, json.dumps(self._noted))


class Stores:
    """The stores of one folder. The catalog opens at once, the others when first asked for.

    Args:
        data_dir: the folder.
        chunking: how papers are cut, to know how many chunks there must be, if that is looked at.
        vectors: which server has the chunk vectors, if one has.

    Raises:
        CatalogError: the folder cannot be used, or the catalog is damaged.
    """

    def __init__(
        self,
        data_dir: Path,
        chunking: ChunkingSettings | None = None,
        vectors: VectorsSettings | None = None,
    ) -> None:
        self.data_dir = data_dir
        if data_dir.exists() and not data_dir.is_dir():
            raise CatalogError(
                f"{data_dir}: is a file, not a folder", "name another with --data-dir"
            )
        path = data_dir / _CATALOG
        if path.exists() and path.stat().st_size:
            check_database(path, DAMAGED, thorough=False)
        self.catalog = Catalog(path)
        self._chunking = chunking
        self._places = VectorPlaces(vectors, data_dir, self.catalog)
        self._lock = threading.RLock()
        self._view: View | None = None
        self._thorough = False
        self._number = -1
        self._generation = -1

    def _folder(self, number: int) -> Path:
        return self.data_dir / f"index-{number}" if number else self.data_dir

    def _in_force(self) -> int:
        return int(self.catalog.get_meta(_KEY) or 0)

    def holdings(self) -> Holdings:
        """What the index must hold."""
        catalog = self.catalog
        return Holdings(catalog.generation(), catalog.count(), catalog.unfinished())

    def is_empty(self) -> bool:
        """Whether there is nothing to search.

        Raises:
            CatalogError: the catalog has nothing, but the index has.
        """
        if not self.catalog.is_empty():
            return False
        if editions.exists(self._folder(self._in_force())):
            _ = self.edition
        return True

    @property
    def edition(self) -> Edition:
        """The index in force, opened when first asked for.

        Raises:
            CatalogError: it is damaged, or does not fit the catalog.
        """
        return self._opened_view().edition

    def _opened_view(self) -> View:
        with self._lock:
            if self._view is None:
                self._view = View(self.catalog, self._open())
            return self._view

    def view(self) -> View:
        """The collection as it is now, with what other processes have committed since.

        Raises:
            CatalogError: the index is damaged, or does not fit the catalog.
        """
        with self._lock:
            opened = self._opened_view()
            generation = self.catalog.generation()
            if generation == self._generation:
                return opened
            if self._in_force() == self._number:
                opened.edition.reopen()
                self._generation = generation
                return opened
            # The old edition is closed when the last view of it is gone.
            self._view = View(self.catalog, self._open())
            return self._view

    def _open(self) -> Edition:
        """Open and compare with the catalog; again, if a writer has committed meanwhile."""
        for _ in range(_ATTEMPTS):
            before = self._in_force(), self.holdings()
            fault: CatalogError | None = None
            try:
                opened = self._opened(*before)
            except CatalogError as error:
                fault = error
            if fault is None:
                self._number, self._generation = before[0], before[1].generation
                return opened
            if (self._in_force(), self.holdings()) == before:
                raise fault
        raise CatalogError(
            f"{self.data_dir}: another process writes without a pause",
            "try again later",
        )

    def _edition(self, number: int, *, create: bool, thorough: bool) -> Edition:
        folder = self._folder(number)
        place = self._places.of(folder)
        return Edition(folder, place, create=create, thorough=thorough)

    def _opened(self, number: int, held: Holdings) -> Edition:
        thorough = self._thorough or self.interrupted()
        opened = self._edition(number, create=not held.papers, thorough=thorough)
        try:
            self.compare(opened, held)
        except CatalogError:
            opened.close()
            raise
        return opened

    def compare(
        self, edition: Edition, held: Holdings, *, thorough: bool = False
    ) -> None:
        """Make sure that an edition fits the catalog: in numbers, and in ids if ``thorough`` or if
        the collection is small.

        Raises:
            CatalogError: it does not.
        """
        most = -1 if thorough or held.papers <= _FEW_PAPERS else 0
        told = edition.fault(held, self._chunking, self.catalog.dates(most))
        if told:
            raise editions.unfit(edition.folder, told)

    @property
    def vectors(self) -> VectorStore:
        """Chunk vectors."""
        return self.edition.vectors

    @property
    def lexical(self) -> LexicalIndex:
        """Words."""
        return self.edition.lexical

    @property
    def sentences(self) -> SentenceVectors:
        """Sentence vectors."""
        return self.edition.sentences

    def check(self) -> None:
        """Read every file and every paper, and compare all that the stores hold.

        Raises:
            CatalogError: something is damaged, gone, or in one store only.
        """
        check_database(self.data_dir / _CATALOG, DAMAGED, thorough=True)
        self.catalog.papers()
        for _ in range(_ATTEMPTS):
            edition, held = self.view().edition, self.holdings()
            edition.check()
            try:
                self.compare(edition, held, thorough=True)
                return
            except CatalogError:
                if self.holdings() == held:
                    raise

    @property
    def lock_file(self) -> Path:
        """What the one writer holds."""
        return self.data_dir / _LOCK

    def interrupted(self) -> bool:
        """Whether the last writer ended before it was done, and nobody has looked after it since.

        Its files may be torn, so they are then read entirely when they are opened.
        """
        return self.is_unclean() and not editions.is_held(self.lock_file)

    def is_unclean(self) -> bool:
        """Whether a writer is at work, or ended before it was done."""
        return self.catalog.get_meta(_WRITING) is not None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Around everything that changes the index in force; for the writer only."""
        if self.is_unclean():  # another writer was interrupted
            self._open_thoroughly()
        else:
            self.catalog.set_meta(_WRITING, "")
        yield
        self.catalog.delete_meta(_WRITING)

    def _open_thoroughly(self) -> None:
        """Open anew, having read every file; questions under way keep the view they have."""
        with self._lock:
            self._view, self._thorough = None, True
            try:
                self._opened_view()
            finally:
                self._thorough = False

    def written(self) -> None:
        """Take note that this process itself has committed: its stores are up to date."""
        with self._lock:
            self._generation = self.catalog.generation()

    @contextmanager
    def beside(self, of: str) -> Iterator[Begun]:
        """An edition in the making, of what ``of`` stands for; `put_in_force` takes it over.

        Nothing of the one in force is needed or changed. Interrupted, it stays for the next that
        makes one of the same, unless a store has failed.
        """
        begun = self._begun(of) or self._begin(of)
        try:
            yield begun
        except BaseException as error:
            if self._folder(self._in_force()) != begun.edition.folder:
                begun.edition.close()
            if isinstance(error, CatalogError):
                self._give_up()
            raise

    def _begun(self, of: str) -> Begun | None:
        """What an interrupted rebuild has left, if it is whole and of the same."""
        noted = self._noted()
        if noted.get("of") == of:
            with suppress(CatalogError):
                edition = self._edition(noted["edition"], create=False, thorough=True)
                return Begun(self.catalog, edition, noted)
        self._give_up()
        return None

    def _begin(self, of: str) -> Begun:
        taken = [self._in_force(), *(number for number, _ in self._others())]
        number = max(taken) + 1
        self._places.of(self._folder(number)).wipe()  # a server may still have it
        edition = self._edition(number, create=True, thorough=False)
        begun = Begun(self.catalog, edition, {"edition": number, "of": of, "done": 0})
        begun.advance(0)
        return begun

    def _noted(self) -> dict[str, Any]:
        """What a rebuild that is not done has noted, or nothing."""
        noted: dict[str, Any] = json.loads(self.catalog.get_meta(_REBUILD) or "{}")
        return noted

    def _give_up(self) -> None:
        self.catalog.delete_meta(_REBUILD)
        self.tidy()

    def put_in_force(self, edition: Edition) -> None:
        """Make an edition that `beside` made the one in force; in the transaction that commits."""
        self.catalog.set_meta(_KEY, edition.folder.name.removeprefix("index-"))
        self.catalog.delete_meta(_WRITING)
        self.catalog.delete_meta(_REBUILD)

    def exchange(self, edition: Edition) -> None:
        """Use the edition that was put in force, and delete those that nobody uses."""
        with self._lock:
            self._view, self._number = View(self.catalog, edition), self._in_force()
            self._generation = self.catalog.generation()
        self.tidy()

    def clear(self) -> list[str]:
        """Delete what dead processes left; for the writer only. The names of what is gone."""
        here = self._folder(self._in_force())
        left = {
            folder.name: folder
            for _, folder in self._others()
            if folder != self.data_dir
        }
        cleared = editions.clear_leases(here)
        self.tidy()
        return [*cleared, *(name for name, path in left.items() if not path.exists())]

    def tidy(self) -> None:
        """Delete editions that are neither in force nor in use nor in the making; for the writer
        only."""
        begun = self._noted().get("edition")
        for number, folder in self._others():
            if number != begun and not editions.in_use(folder):
                editions.wipe(folder, self._places.of(folder))

    def _others(self) -> list[tuple[int, Path]]:
        """Number and folder of every edition that is not in force, be it half made."""
        found = {0: self.data_dir}
        for path in self.data_dir.iterdir():
            number = _FOLDER.fullmatch(path.name)
            if number is not None:
                found[int(number[1])] = path
        found.pop(self._in_force(), None)
        return list(found.items())

    def close(self) -> None:
        """Let go of all files."""
        with self._lock:
            if self._view is not None:
                self._view.edition.close()
                self._view = None
            self.catalog.close()
