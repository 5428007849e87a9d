"""A question into hits: vectors and words, fusion, papers, evidence. Reads, never writes."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, filterfalse, repeat
from operator import attrgetter

import numpy as np

from ragbot.config import RetrievalSettings
from ragbot.embedding.embedder import Embedder, Vectors
from ragbot.embedding.together import Together
from ragbot.index.cache import Memo
from ragbot.index.ranges import numbers
from ragbot.index.stores import View
from ragbot.papers.identity import identified
from ragbot.reading.abstracts import ReadSentences
from ragbot.retrieval.asking import Asking
from ragbot.retrieval.fusion import convex
from ragbot.retrieval.hits import best_by_paper, parted, scored
from ragbot.retrieval.misspelt import spelled_in
from ragbot.retrieval.naming import called_in
from ragbot.retrieval.nearest import nearest_chunks
from ragbot.retrieval.rank import (
    best_texts,
    features_of,
    rank_sentences,
)
from ragbot.retrieval.reader import PaperReader
from ragbot.retrieval.rerank import Reranker
from ragbot.text.latex import readable
from ragbot.types import Filters, Hit, Kind, Paper, RankedSentence, SearchResult

__all__ = ["Query", "Retriever"]

_MOST_CHARACTERS = 2000
# Papers found by words for each of the nearest chunks: 500 for 150. Of 200 chunks and 300, 500 or
# 1,000 papers the bundled questions' nDCG@10 at 60,451 papers is 0.442, 0.453, 0.459; of 150 chunks
# and 500 it is 0.455.
_WORDED = 10 / 3
# Papers whose best sentences are compared with the question, too: of 40, 60, 80 and 100 nDCG@10 and
# recall@10 are the same on five judged sets. More are looked at for those of one author.
_REFINED = 50
_BY_AUTHOR = 100
# The lexical weight over the coverage of the question's words; chosen on SciTLDR's train and dev
# splits and the bundled question set: see benchmarks/.
_COVERAGE_SLOPE = 0.8
_COVERAGE_OFFSET = 0.1
# A long question says the same in many words, of which some hit: more for each term beyond these.
_LONG = 12
_PER_LONG_TERM = 0.02
# Chunks that are looked at for each paper whose best passage is wanted.
_PASSAGES = 5
# Sentences whose own vectors are kept, some 2 kB each.
_EMBEDDED = 10_000
# Without an abstract there is no best sentence: it counts as this share of the title's cosine.
_BARE_TITLE = 0.8


@dataclass(frozen=True, slots=True)
class Query:
    """A question made ready: its vector (dimension,) and the idf of each of its terms.

    ``kind`` is what it asks for, ``asking`` how it asks for it; the sentences that answer it need
    not repeat the terms in ``said``.
    """

    text: str
    vector: Vectors
    weights: dict[str, float]
    kind: Kind = "other"
    asking: Asking = field(default_factory=Asking)
    said: frozenset[str] = frozenset()


class Retriever:
    """Hybrid search over one view of a collection, which it keeps whatever writers do."""

    def __init__(
        self,
        view: View,
        embedder: Embedder,
        settings: RetrievalSettings,
        reranker: Reranker | None = None,
    ) -> None:
        self.view = view
        self._together = Together(embedder.embed_queries)
        self._settings = settings
        self._reranker = reranker
        self._embedded: Memo[str, Vectors] = Memo(_EMBEDDED)
        self._reader = PaperReader(view)

    def prepare(
        self,
        text: str,
        kind: Kind = "other",
        subject: str = "",
        along: Sequence[str] = (),
    ) -> Query:
        """A question's vector and term weights; only its first 2,000 characters count.

        ``kind`` is what it asks for, ``subject`` what it asks the meaning of. The texts ``along``
        go through the model in the same pass: `embed` has their vectors then.
        """
        # A lone surrogate, as a broken history file may hold, is no text to a tokenizer.
        text = text[:_MOST_CHARACTERS].encode("utf-8", "replace").decode()
        lexical = self.view.lexical
        known = filter(lexical.frequency, lexical.terms(text))
        return Query(
            text,
            self.embed([text, *along])[0],
            {term: lexical.idf(term) for term in known},
            kind,
            Asking(text, subject),
        )

    def mixed(self, own: Query, before: Query) -> Query:
        """What a follow-up asks itself, in the light of what it refers to."""
        vector = own.vector + before.vector
        return replace(own, vector=vector / np.linalg.norm(vector))

    def about(self, query: Query, papers: Sequence[Paper]) -> Query:
        """The query asked of papers that it names: what their titles say, no sentence of theirs
        need repeat."""
        said = chain.from_iterable(self.terms(paper.title) for paper in papers)
        return replace(query, said=frozenset(said))

    def search(
        self,
        question: str,
        k: int | None = None,
        filters: Filters | None = None,
        by: str = "",
    ) -> SearchResult:
        """The ``k`` best papers with up to three sentences of evidence each; those of the author
        whom ``by`` names are first."""
        start = time.perf_counter()
        filters = filters or Filters()
        query = self.prepare(question)
        found = self._found(query, k or self._settings.k, filters, by)
        ranked = self.rank_all([hit.paper for hit in found], query)
        hits = tuple(
            replace(hit, evidence=best_texts(sentences, 3))
            for hit, sentences in zip(found, ranked, strict=True)
        )
        left_out = 0
        if filters:
            left_out = self.view.catalog.date_span()[2]
        return SearchResult(
            question, filters, hits, left_out, time.perf_counter() - start
        )

    def _found(self, query: Query, k: int, filters: Filters, by: str) -> list[Hit]:
        if not by:
            return self.find(query, k, filters)
        hits = self.find(query, max(k, _BY_AUTHOR), filters)
        best = max(map(attrgetter("score"), hits), default=1.0)
        papers = self.view.catalog.papers_by(by, filters)
        own = {paper.id: Hit(paper, best, 0.0, 0.0) for paper in papers}
        theirs, others = parted(hits, own)
        for hit in theirs:
            del own[hit.paper.id]
        return [*scored(theirs, best), *own.values(), *others][:k]

    def is_author(self, name: str) -> bool:
        """Whether an author of a paper goes by a name."""
        return self.view.catalog.is_author(name)

    def newest(self, k: int, filters: Filters) -> list[Hit]:
        """The ``k`` newest papers, without evidence: where nothing but dates is asked for."""
        return [Hit(p, 1.0, 0.0, 0.0) for p in self.view.catalog.papers(filters, k)]

    def find(self, query: Query, k: int, filters: Filters) -> list[Hit]:
        """The ``k`` best papers, without evidence."""
        view, settings = self.view, self._settings
        reranked = settings.reranked if self._reranker else 0
        dates = numbers(filters)
        found = self._chunks(query, settings.candidates, filters)
        words = int(_WORDED * settings.candidates)
        lexical = dict(view.lexical.search(query.text, words, dates))
        dense = best_by_paper(found)
        weight = self._lexical_weight(query, max(lexical.values(), default=0.0))
        minimum = settings.dense_minimum
        fuse = partial(convex, weight=weight, dense_minimum=minimum)
        near = [
            f.paper_id
            for f in fuse(dense, lexical, most=max(_REFINED, 2 * k, reranked))
        ]
        # The chunks of a paper found by words alone are at most as close as the last one found.
        least = min(dense.values(), default=minimum)
        named = filter(lexical.__contains__, near)
        fused = fuse(
            self._refined({i: dense.get(i, least) for i in near}, query),
            {i: lexical[i] for i in named},
        )
        # A few more than asked for: some may be about to be removed or not yet committed.
        most = max(2 * k + 20, reranked)
        papers = view.catalog.get([f.paper_id for f in fused[:most]])
        admitted = []
        for f in fused:
            paper = papers.get(f.paper_id)
            if paper is not None and filters.admits(paper.date):
                admitted.append(Hit(paper, f.score, f.dense, f.lexical))
        hits = self._named_first(query.text, admitted, filters)
        if self._reranker:
            read = self._reranker.rerank(query.text, hits[: settings.reranked])
            hits = read + hits[settings.reranked :]
        return hits[:k]

    def passages(self, query: Query, papers: int, filters: Filters) -> list[float]:
        """The cosines of the passages nearest to a question, one a paper, best first."""
        found = self._chunks(query, _PASSAGES * papers, filters)
        return list(best_by_paper(found).values())[:papers]

    def _chunks(
        self, query: Query, n: int, filters: Filters
    ) -> list[tuple[str, float]]:
        """The nearest chunks of the papers that the filters admit, best first."""
        return nearest_chunks(self.view, query.vector, n, filters)

    def _lexical_weight(self, query: Query, best: float) -> float:
        """How much the words count: the more, the nearer the best paper comes to having them all.

        A question in other words than the abstracts' is better left to the vectors.
        """
        settings = self._settings
        lexical = self.view.lexical
        weight = (
            _COVERAGE_SLOPE * best / max(lexical.ceiling(query.text), 1e-9)
            - _COVERAGE_OFFSET
        )
        weight += _PER_LONG_TERM * max(0, len(lexical.terms(query.text)) - _LONG)
        return min(
            max(weight, settings.lexical_weight_min), settings.lexical_weight_max
        )

    def _named_first(
        self, question: str, hits: list[Hit], filters: Filters
    ) -> list[Hit]:
        """Papers that the question calls by name before the others: whoever says "MatryoshkaKV"
        means "MatryoshkaKV: …", whatever else the question says. An identifier brings its paper."""
        known = {hit.paper.id for hit in hits}
        given = []
        for id_, paper in self._identified(question).items():
            if id_ not in known and filters.admits(paper.date):
                given.append(Hit(paper, 1.0, 1.0, 0.0))
        hits = [*given, *hits]
        called = self.called(question, hits)
        _, others = parted(hits, {hit.paper.id for hit in called})
        best = max(map(attrgetter("score"), hits), default=0.0)
        return [*scored(called, best), *others]

    def called(self, question: str, hits: Sequence[Hit]) -> list[Hit]:
        """The hits whose own work the question names, or whose arXiv id or DOI it gives."""
        identified = self._identified(question)
        if identified:
            return parted(hits, identified)[0]
        names = self._reader.names([hit.paper for hit in hits])
        return called_in(question, hits, names, self.view.lexical.phrase_frequency)

    def title(self, identifier: str) -> str | None:
        """The title of the paper whose arXiv id or DOI a word gives."""
        papers = self._identified(identifier).values()
        return next((readable(paper.title) for paper in papers), None)

    def _identified(self, question: str) -> dict[str, Paper]:
        """The papers whose arXiv id or DOI a question gives, by their own ids."""
        catalog = self.view.catalog
        return catalog.get(catalog.known_by(identified(question)))

    def _refined(self, dense: dict[str, float], query: Query) -> dict[str, float]:
        """Cosines of best chunks averaged with those of best sentences."""
        sentences = self.view.sentences.get(list(dense))
        best = {i: _best_cosine(rows, query) for i, rows in sentences.items()}
        return {
            i: (cosine + best.get(i, _BARE_TITLE * cosine)) / 2
            for i, cosine in dense.items()
        }

    def rank(self, paper: Paper, query: Query) -> list[RankedSentence]:
        """The sentences of a paper, best first, by their stored vectors."""
        return self.rank_all([paper], query)[0]

    def rank_all(
        self, papers: Sequence[Paper], query: Query
    ) -> list[list[RankedSentence]]:
        """The sentences of each of the papers, as `rank` gives them."""
        sentences = self.sentences(papers)
        features = self._features_of(papers, sentences, query)
        return list(map(_ranked, sentences, features, repeat(query.kind)))

    def sentences(self, papers: Sequence[Paper]) -> list[ReadSentences]:
        """The sentences of each of the papers, in reading order."""
        return list(map(attrgetter("sentences"), self._reader.readings(papers)))

    def features(self, papers: Sequence[Paper], query: Query) -> list[Vectors | None]:
        """What the scores of the sentences of each of the papers are made of (sentences,
        features); ``None`` where it has none in the index."""
        return self._features_of(papers, self.sentences(papers), query)

    def _features_of(
        self, papers: Sequence[Paper], sentences: Sequence[ReadSentences], query: Query
    ) -> list[Vectors | None]:
        stored = self.view.sentences.get([paper.id for paper in papers])
        unsaid = filterfalse(query.said.__contains__, query.weights)
        weights = {term: query.weights[term] for term in unsaid}
        return [
            self._features(own, stored.get(paper.id), query, weights)
            for paper, own in zip(papers, sentences, strict=True)
        ]

    def _features(
        self,
        sentences: ReadSentences,
        vectors: Vectors | None,
        query: Query,
        weights: Mapping[str, float],
    ) -> Vectors | None:
        if vectors is None or not sentences.texts:
            return None
        if len(vectors) != len(sentences.texts):
            # Stored by an older version, which parted them elsewhere
            vectors = self.embed(sentences.texts)
        return features_of(sentences, vectors, query.vector, weights, query.asking)

    def nearest_sentence(self, papers: Sequence[Paper], query: Query) -> float:
        """The highest cosine between the question and any sentence of the papers, each sentence
        taken alone and in its paper's light: what abstention goes by."""
        texts = map(attrgetter("texts"), self.sentences(papers))
        sentences = list(chain.from_iterable(texts))
        if not sentences:
            return -1.0
        ids = list(map(attrgetter("id"), papers))
        stored = self.view.sentences.get(ids)
        matrices = [self.embed(sentences), *stored.values()]
        return max(_best_cosine(rows, query) for rows in matrices)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors (n, dimension) of sentences that stand in no store."""
        known = self._embedded.get(map(readable, texts), self._embed)
        return np.array([known[readable(t)] for t in texts])

    def _embed(self, texts: Sequence[str]) -> dict[str, Vectors]:
        return dict(zip(texts, self._together(texts), strict=True))

    def sentence_vectors(self, paper_ids: Sequence[str]) -> dict[str, Vectors]:
        """Vectors (sentences, dimension) of each of the papers."""
        return self.view.sentences.get(paper_ids)

    def usual(self, vector: Vectors) -> float:
        """The mean cosine of a vector to the sentences of the collection."""
        return float(self.view.sentences.mean(len(vector)) @ vector)

    def size(self) -> int:
        """How many papers can be found."""
        return self.view.lexical.count()

    def paper_terms(self, papers: Sequence[Paper]) -> list[frozenset[str]]:
        """The terms of the title and the abstract of each of the papers."""
        return list(map(attrgetter("terms"), self._reader.readings(papers)))

    def terms(self, text: str) -> list[str]:
        """The different stems of the words that carry meaning, in order."""
        return self.view.lexical.terms(text)

    def pairs(self, text: str) -> list[str]:
        """Each two neighbouring stems of a text as one term."""
        return self.view.lexical.pairs(text)

    def idf(self, term: str) -> float:
        """How rare a term of `terms` is; an unknown one is the rarest."""
        return self.view.lexical.idf(term)

    def frequency(self, name: str) -> int:
        """How many papers have a name, a compound in any spelling: "U-Net", "UNet"."""
        return self.view.lexical.frequency(name)

    def spelled(self, ways: Sequence[str]) -> str:
        """The spelling of a word that most papers have, of the ``ways`` to spell it; where none
        has it the word of the papers that is spelled most like it, or the first way if none is."""
        return spelled_in(self.view, ways)


def _ranked(
    sentences: ReadSentences, features: Vectors | None, kind: Kind
) -> list[RankedSentence]:
    if features is None:
        return []
    return rank_sentences(sentences, features, kind)


def _best_cosine(rows: Vectors, query: Query) -> float:
    """The cosine of the nearest of some sentences (sentences, dimension)."""
    # Of so few numbers Python finds the largest sooner than numpy.
    return float(max((rows @ query.vector).tolist()))
