"""Words in tantivy: the only module that knows tantivy. BM25 over titles and abstracts.

Questions are analysed into terms here and never parsed as a query language, so nothing in a
question is an operator.
"""

from __future__ import annotations

import json
import math
import re
import shutil
import struct
import threading
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import tantivy

from ragbot.errors import CatalogError
from ragbot.index.ranges import date_number
from ragbot.index.snapshot import Snapshot
from ragbot.index.store_errors import REBUILD, Translating, damaged, patiently
from ragbot.text.latex import readable
from ragbot.text.words import STOPWORDS
from ragbot.types import Paper

__all__ = ["FOLDER", "LEXICAL_VERSION", "LexicalIndex"]

# Where the index lies in the folder of its edition.
FOLDER = "lexical"

# Raised when the schema changes, or the analysis so that stored words are not met any more; part
# of the index's fingerprint. Formulas read better are some words of few papers: no rebuild.
LEXICAL_VERSION = 2

_TERMS = "ragbot_terms"
# A word in the title counts as often as this many in the abstract.
_TITLE_WEIGHT = 2
# Two neighbouring words found as neighbours count this much beside the words themselves.
_PAIR_WEIGHT = 0.2
# Texts whose stems are kept, up to 10 kB each.
_STEMMED = 2000
# A pasted page is no question; its first words say what it is about.
_MOST_TERMS = 128
# tantivy's BM25: a term adds at most its idf times this.
_MOST_PER_IDF = 1.2 + 1
# `LexicalIndex.ceiling` looks at this many of the rarest terms: a long question is never all met.
_RAREST = 5
# Two letters of a word so long may be wrong.
_LONG = 8
# Bytes that are read entirely at every opening: some 10,000 papers, 10 milliseconds.
_SMALL = 20_000_000
# The files of a segment, a piece of the index that is never changed once it is written.
_PARTS = ("fast", "fieldnorm", "idx", "pos", "store", "term")
# At the end of every file of tantivy's: how long its note is, which has the checksum, and 1337.
_FOOTER = struct.Struct("<II")
_HYPHEN = re.compile(r"[-‑–]")
_COMPOUND = re.compile(rf"(?<![^\W_])[^\W_]++(?:{_HYPHEN.pattern}[^\W_]++)++")


def _analyzer() -> tantivy.TextAnalyzer:
    f = tantivy.Filter
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(f.remove_long(60))
        .filter(f.lowercase())
        .filter(f.ascii_fold())
        .filter(f.custom_stopword(sorted(STOPWORDS)))
        .filter(f.stemmer("english"))
        .build()
    )


class _Analysis:
    """Texts into stems. What was read last is kept: a question's words are looked at again and
    again, and so are the papers that it finds."""

    def __init__(self) -> None:
        analyzer, lock = _analyzer(), threading.Lock()

        def analysed(text: str) -> tuple[str, ...]:
            with lock:
                found = analyzer.analyze(text)
            return tuple([stem for stem in found if len(stem) > 1])

        @lru_cache(_STEMMED)
        def stems(text: str) -> tuple[str, ...]:
            return analysed(readable(text))

        @lru_cache(_STEMMED)
        def joined(text: str) -> tuple[str, ...]:
            return stems(text) + analysed(_compounds(readable(text)))

        def fresh(text: str) -> tuple[str, ...]:
            plain = readable(text)
            return analysed(f"{plain} {_compounds(plain)}")

        self.stems = stems
        """Stems in order."""
        self.joined = joined
        """Stems in order, behind them compounds such as "U-Net" as one word: "unet"."""
        self.fresh = fresh
        """As `joined`, of a text that is not read again: nothing of it is kept."""


def _compounds(text: str) -> str:
    """The compounds of a text as one word each."""
    # Most words have no hyphen: to look for one takes half the time.
    hyphened = " ".join(filter(_HYPHEN.search, text.split()))
    return " ".join([re.sub(r"\W", "", part) for part in _COMPOUND.findall(hyphened)])


def _schema() -> tantivy.Schema:
    return (
        tantivy.SchemaBuilder()
        .add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        .add_text_field("text", tokenizer_name=_TERMS, index_option="freq")
        .add_text_field("pairs", tokenizer_name=_TERMS, index_option="freq")
        .add_integer_field("date", indexed=True, fast=True)
        .build()
    )


class LexicalIndex:
    """BM25 search over papers. Every method raises `CatalogError` where the files are damaged.

    Args:
        path: the folder.
        create: whether to make it, if it is not there.

    Raises:
        CatalogError: it is not there, is damaged or cannot be made.
    """

    def __init__(self, path: Path, *, create: bool = True) -> None:
        self._path = path
        self._analysis = _Analysis()
        self._translating = Translating(partial(damaged, path, "the lexical index"))
        if create:
            with self._translating:
                path.mkdir(parents=True, exist_ok=True)
        else:
            self.check(thorough=False)
        with self._translating:
            self._index = self._open()
            # Text is analysed before it is handed over, a document's as a question's.
            spaces = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
            self._index.register_tokenizer(_TERMS, spaces)
            self._snapshot = Snapshot(self._index.searcher())

    @staticmethod
    def wipe(path: Path) -> None:
        """Delete the folder, in whatever state it is."""
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

    def _open(self) -> tantivy.Index:
        return patiently(
            lambda: tantivy.Index(_schema(), path=str(self._path), reuse=True)
        )

    def reopen(self) -> None:
        """See what another process has written since."""
        with self._translating:
            patiently(self._look_again)

    def _look_again(self) -> None:
        self._index.reload()
        self._snapshot = Snapshot(self._index.searcher())

    def check(self, *, thorough: bool) -> None:
        """Compare files with the checksums in them; without ``thorough``, in a small index only.

        Raises:
            CatalogError: one is damaged or gone.
        """
        # tantivy would make an empty index where this file is missing.
        if not (self._path / "meta.json").is_file():
            raise CatalogError(f"{self._path}: a part of the index is gone", REBUILD)
        with self._translating:
            patiently(lambda: self._check_files(thorough))

    def _check_files(self, thorough: bool) -> None:
        meta = json.loads((self._path / "meta.json").read_text(encoding="utf-8"))
        names = chain.from_iterable(map(_files_of, meta["segments"]))
        files = list(map(self._path.joinpath, names))
        size = sum(path.stat().st_size for path in files)
        if not thorough and size > _SMALL:
            return
        for path in files:
            if not _is_whole(path.read_bytes()):
                raise OSError(f"{path.name} does not fit its checksum")

    def count(self) -> int:
        """How many papers there are."""
        return self._snapshot.count

    def ids(self) -> list[str]:
        """The ids of all papers, in no order."""
        query = tantivy.Query.all_query()
        with self._translating:
            found = self._snapshot.search(query, max(1, self._snapshot.count))
        return [id_ for id_, _ in found]

    def terms(self, text: str) -> list[str]:
        """The different stems of the words that carry meaning, in order."""
        return list(dict.fromkeys(self._analysis.joined(text)))

    def fresh_terms(self, text: str) -> frozenset[str]:
        """The terms of a text that is not read again: nothing of it is kept in memory."""
        return frozenset(self._analysis.fresh(text))

    def pairs(self, text: str) -> list[str]:
        """Each two neighbouring stems of a text as one term."""
        stems = self._analysis.stems(text)
        return [f"{a}_{b}" for a, b in pairwise(stems)]

    def idf(self, term: str) -> float:
        """Inverse document frequency of a term of `terms` among papers, as in BM25.

        log(1 + (N - n + 0.5) / (n + 0.5)), Robertson and Zaragoza, The Probabilistic Relevance
        Framework, 2009.
        """
        with self._translating:
            snapshot = self._snapshot
            n, total = snapshot.frequency("text", term), snapshot.count
        return math.log(1 + (total - n + 0.5) / (n + 0.5))

    def frequency(self, word: str) -> int:
        """How many papers have a word or a compound, in any spelling; 0 for a stop word."""
        stems = self._analysis.joined(word)
        if not stems:
            return 0
        with self._translating:
            return self._snapshot.frequency("text", stems[-1])

    def phrase_frequency(self, phrase: str) -> int:
        """How many papers have a word or, of several, the two neighbours that fewest have."""
        pairs = self.pairs(phrase)
        if not pairs:
            return self.frequency(phrase)
        with self._translating:
            frequency = self._snapshot.frequency
            return min(frequency("pairs", pair) for pair in pairs)

    def alike(self, word: str, n: int) -> list[str]:
        """The ids of ``n`` papers that have a word spelled like this one, or that begins so."""
        stems = self._analysis.joined(word)
        if not stems:
            return []
        distance = 1 if len(stems[0]) < _LONG else 2
        query = tantivy.Query
        schema = self._index.schema
        found: list[tuple[str, float]] = []
        for begins in (False, True):
            fuzzy = query.fuzzy_term_query(
                schema, "text", stems[0], distance=distance, prefix=begins
            )
            with self._translating:
                found += self._snapshot.search(fuzzy, n)
        return [id_ for id_, _ in found]

    def ceiling(self, text: str) -> float:
        """The BM25 score of a paper full of the rarest words of a text, known ones or not.

        A best score near it says that the papers use the question's own words.
        """
        terms = self._analysis.joined(text)[:_MOST_TERMS]
        rarest = sorted(map(self.idf, terms), reverse=True)
        return _MOST_PER_IDF * sum(rarest[:_RAREST])

    def replace(self, papers: Sequence[Paper], remove: Sequence[str] = ()) -> None:
        """Put papers in, whatever was known of them before, and forget ``remove``."""
        documents = list(map(self._document, papers))
        with self._translating:
            writer = self._index.writer(heap_size=32_000_000, num_threads=1)
            for id_ in [*remove, *(p.id for p in papers)]:
                writer.delete_documents_by_term("id", id_)
            for document in documents:
                writer.add_document(document)
            writer.commit()
            writer.wait_merging_threads()
            self._look_again()

    def _document(self, paper: Paper) -> tantivy.Document:
        title = self._analysis.joined(paper.title)
        words = [*_TITLE_WEIGHT * title, *self._analysis.joined(paper.abstract)]
        pairs = _TITLE_WEIGHT * self.pairs(paper.title) + self.pairs(paper.abstract)
        return tantivy.Document(
            id=paper.id,
            text=" ".join(words),
            pairs=" ".join(pairs),
            date=date_number(paper.date),
        )

    def search(
        self,
        text: str,
        n: int,
        dates: Sequence[tuple[int, int]] = (),
    ) -> list[tuple[str, float]]:
        """The best ``n`` papers that share a word with ``text``, and their BM25 scores."""
        query = tantivy.Query
        schema = self._index.schema
        occur = tantivy.Occur
        # A word said twice counts twice.
        terms = Counter(self._analysis.joined(text)[:_MOST_TERMS])
        pairs = Counter(self.pairs(text)[:_MOST_TERMS])
        weighted = [("text", t, float(n)) for t, n in terms.items()]
        weighted += [("pairs", p, n * _PAIR_WEIGHT) for p, n in pairs.items()]
        should = [
            (
                occur.Should,
                query.boost_query(query.term_query(schema, field, term), weight),
            )
            for field, term, weight in weighted
        ]
        if not should:
            return []
        wanted = query.boolean_query(should)
        if dates:
            ranges = [
                query.range_query(schema, "date", tantivy.FieldType.Integer, *span)
                for span in dates
            ]
            within = query.boolean_query([(occur.Should, one) for one in ranges])
            wanted = query.boolean_query(
                [
                    (occur.Must, wanted),
                    (occur.Must, query.const_score_query(within, 0.0)),
                ]
            )
        with self._translating:
            return self._snapshot.search(wanted, n)


def _files_of(segment: Mapping[str, Any]) -> list[str]:
    """The names of the files of a segment, as tantivy's ``meta.json`` tells of it."""
    name = str(segment["segment_id"]).replace("-", "")
    deletes = segment["deletes"]
    parts = [*_PARTS, f"{deletes['opstamp']}.del"] if deletes else _PARTS
    return [f"{name}.{part}" for part in parts]


def _is_whole(content: bytes) -> bool:
    """Whether a file of tantivy's fits the checksum in its last bytes."""
    if len(content) < _FOOTER.size:
        return False
    length, magic = _FOOTER.unpack(content[-_FOOTER.size :])
    body = content[: -_FOOTER.size - length]
    if magic != 1337 or length > len(content):
        return False
    note = json.loads(content[len(body) : -_FOOTER.size])
    return bool(note["crc"] == zlib.crc32(body))
