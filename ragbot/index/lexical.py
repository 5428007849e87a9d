"""Words in tantivy: the only module that knows tantivy. BM25 over titles and abstracts.

Questions are analysed into terms here and never parsed as a query language, so nothing in a
question is an operator.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from pathlib import Path

import tantivy

from ragbot.errors import CatalogError
from ragbot.text import STOPWORDS, readable
from ragbot.types import Paper

__all__ = ["LEXICAL_VERSION", "LexicalIndex"]

# Raised when the schema or the analysis changes; part of the index's fingerprint.
LEXICAL_VERSION = 1

_ANALYZER = "ragbot_english"
# A word in the title counts as often as this many in the abstract.
_TITLE_WEIGHT = 2
# A pasted page is no question; its first different words say what it is about.
_MOST_TERMS = 64


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


def _schema() -> tantivy.Schema:
    return (
        tantivy.SchemaBuilder()
        .add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        .add_text_field("text", tokenizer_name=_ANALYZER, index_option="freq")
        .add_integer_field("date", indexed=True, fast=True)
        .build()
    )


class LexicalIndex:
    """BM25 search over papers."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._analyse = _analyzer()
        self._lock = threading.Lock()
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._index = tantivy.Index(_schema(), path=str(path), reuse=True)
            self._index.register_tokenizer(_ANALYZER, self._analyse)
        except (OSError, ValueError) as error:
            raise CatalogError(
                f"{path}: the lexical index cannot be opened ({error}): run 'ragbot rebuild'"
            ) from None

    def reopen(self) -> None:
        """See what another process has written since."""
        self._index.reload()

    def count(self) -> int:
        """How many papers there are."""
        return self._index.searcher().num_docs

    def terms(self, text: str) -> list[str]:
        """The different stems of the words that carry meaning, in order."""
        with self._lock:
            return list(dict.fromkeys(self._analyse.analyze(readable(text))))

    def idf(self, term: str) -> float:
        """Inverse document frequency of a term of `terms` among papers, as in BM25; 0 if unknown.

        log(1 + (N - n + 0.5) / (n + 0.5)), Robertson and Zaragoza, The Probabilistic Relevance
        Framework, 2009.
        """
        searcher = self._index.searcher()
        n, total = searcher.doc_freq("text", term), searcher.num_docs
        return math.log(1 + (total - n + 0.5) / (n + 0.5)) if n else 0.0

    def replace(self, papers: Sequence[Paper], remove: Sequence[str] = ()) -> None:
        """Put papers in, whatever was known of them before, and forget ``remove``."""
        writer = self._index.writer(heap_size=32_000_000, num_threads=1)
        for id_ in [*remove, *(p.id for p in papers)]:
            writer.delete_documents_by_term("id", id_)
        for paper in papers:
            writer.add_document(
                tantivy.Document(
                    id=paper.id,
                    text=readable(f"{paper.title} " * _TITLE_WEIGHT + paper.abstract),
                    date=date_number(paper.date),
                )
            )
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()

    def reset(self) -> None:
        """Forget every paper."""
        writer = self._index.writer(heap_size=32_000_000, num_threads=1)
        writer.delete_all_documents()
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()

    def search(
        self,
        text: str,
        n: int,
        dates: tuple[int, int] | None = None,
    ) -> list[tuple[str, float]]:
        """The best ``n`` papers that share a word with ``text`` and their BM25 scores, best first."""
        query = tantivy.Query
        schema = self._index.schema
        occur = tantivy.Occur
        should = [
            (occur.Should, query.term_query(schema, "text", term))
            for term in self.terms(text)[:_MOST_TERMS]
        ]
        if not should:
            return []
        wanted = query.boolean_query(should)
        if dates is not None:
            within = query.range_query(schema, "date", tantivy.FieldType.Integer, *dates)
            wanted = query.boolean_query(
                [(occur.Must, wanted), (occur.Must, query.const_score_query(within, 0.0))]
            )
        searcher = self._index.searcher()
        hits = searcher.search(wanted, limit=n, count=False).hits
        return [(str(searcher.doc(at)["id"][0]), float(score)) for score, at in hits]


def date_number(date: str | None) -> int:
    """A date as 20250301, 0 if unknown: Chroma and tantivy compare numbers."""
    return int(date.replace("-", "")) if date else 0
