"""How well Ragbot finds papers beside retrieval stacks in use: same model, papers and machine.

    pip install -c constraints.txt -r benchmarks/requirements-peers.txt
    python benchmarks/peers.py data/questions/dev.jsonl       over the papers of the collection
    python benchmarks/peers.py BEIR_FOLDER [--split test]

Each peer is set up as its own documentation does it, with all-MiniLM-L6-v2 as the embedder and no
language model, and gets the title and the abstract of a paper as one text. Of a question set the
topical types count (single, known_item, follow_up, list, compare); the earlier turns of a follow-up
stand in front of its question, for every peer alike.

nDCG@10 (linear gain) with its 95 % bootstrap interval, recall@10, the median time of one query, the
time from texts in memory to the first search (loading libraries and model included, and Ragbot's
once-only conversion of the model), and p: how probable a difference as large as that to Ragbot is
by chance (paired randomisation test, Holm's correction).
A peer that cannot be imported is listed as missing, with the reason.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

os.environ.update(
    HF_HUB_OFFLINE="1", ANONYMIZED_TELEMETRY="False", TOKENIZERS_PARALLELISM="false"
)
warnings.simplefilter("ignore")  # of the peers

from ragbot.config import load_settings  # noqa: E402  # after the environment is set
from ragbot.embedding import load_embedder  # noqa: E402
from ragbot.embedding.spec import DEFAULT_MODEL, model_folder  # noqa: E402
from ragbot.errors import RagbotError  # noqa: E402
from ragbot.evaluation.runs.workbench import own_papers  # noqa: E402
from ragbot.evaluation.scores.metrics import paper_figures  # noqa: E402
from ragbot.evaluation.scores.statistics import holm, interval, randomisation_test  # noqa: E402
from ragbot.evaluation.sets.beir import read_beir  # noqa: E402
from ragbot.evaluation.sets.questions import TOPICAL, Question, read_questions  # noqa: E402
from ragbot.pipeline import Ragbot  # noqa: E402
from ragbot.types import Paper  # noqa: E402

MODEL = str(model_folder(DEFAULT_MODEL))
TOP = 10

Search = Callable[[str], Sequence[str]]
"""A query to the ids of papers, best first."""
Index = Callable[[Sequence[Paper], Path], Search]
"""Papers into an index of their own; where it is kept in files, they lie in the folder."""
SetUp = Callable[[Path], Index]
"""Load libraries and the model; the folder is for what is made of the model once."""


def chroma(_: Path) -> Index:
    import chromadb
    from chromadb.utils.embedding_functions import SentenceTransformerEmbeddingFunction

    model = SentenceTransformerEmbeddingFunction(model_name=MODEL)

    def index(papers: Sequence[Paper], folder: Path) -> Search:
        client = chromadb.PersistentClient(str(folder))
        collection = client.create_collection("papers", embedding_function=model)
        at_once = client.get_max_batch_size()
        for i in range(0, len(papers), at_once):
            batch = papers[i : i + at_once]
            collection.add(ids=[p.id for p in batch], documents=[*map(text, batch)])
        return lambda query: collection.query(query_texts=[query], n_results=TOP)[
            "ids"
        ][0]

    return index


def bm25(_: Path) -> Index:
    import bm25s
    import Stemmer

    stemmer = Stemmer.Stemmer("english")

    def tokens(texts: Sequence[str]) -> Any:
        return bm25s.tokenize(
            texts, stopwords="en", stemmer=stemmer, show_progress=False
        )

    def index(papers: Sequence[Paper], _: Path) -> Search:
        made = bm25s.BM25()
        made.index(tokens([*map(text, papers)]), show_progress=False)

        def search(query: str) -> Sequence[str]:
            found, _ = made.retrieve(tokens([query]), k=TOP, show_progress=False)
            return [papers[i].id for i in found[0]]

        return search

    return index


def llama_index_vector(_: Path) -> Index:
    from_papers = _llama_index()

    def index(papers: Sequence[Paper], _: Path) -> Search:
        return _nodes(from_papers(papers).as_retriever(similarity_top_k=TOP))

    return index


def llama_index_fusion(_: Path) -> Index:
    from llama_index.core.llms import MockLLM
    from llama_index.core.retrievers import QueryFusionRetriever
    from llama_index.retrievers.bm25 import BM25Retriever

    from_papers = _llama_index()

    def index(papers: Sequence[Paper], _: Path) -> Search:
        made = from_papers(papers)
        lexical = BM25Retriever.from_defaults(
            docstore=made.docstore, similarity_top_k=TOP
        )
        return _nodes(
            QueryFusionRetriever(
                [made.as_retriever(similarity_top_k=TOP), lexical],
                llm=MockLLM(),  # not asked, with one query; without any it wants OpenAI's
                num_queries=1,
                mode="reciprocal_rerank",
                similarity_top_k=TOP,
                use_async=False,
            )
        )

    return index


def _llama_index() -> Callable[[Sequence[Paper]], Any]:
    from llama_index.core import Document, VectorStoreIndex
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding

    model = HuggingFaceEmbedding(model_name=MODEL)

    def from_papers(papers: Sequence[Paper]) -> Any:
        documents = [Document(text=text(p), doc_id=p.id) for p in papers]
        return VectorStoreIndex.from_documents(documents, embed_model=model)

    return from_papers


def _nodes(retriever: Any) -> Search:
    """A paper longer than a chunk can be found twice: its first place counts."""
    return lambda query: list(
        dict.fromkeys(n.node.ref_doc_id for n in retriever.retrieve(query))
    )


def txtai_hybrid(_: Path) -> Index:
    from txtai import Embeddings

    embeddings = Embeddings(path=MODEL, hybrid=True)

    def index(papers: Sequence[Paper], folder: Path) -> Search:
        embeddings.index([(p.id, text(p), None) for p in papers])
        embeddings.save(str(folder))
        return lambda query: [id_ for id_, _ in embeddings.search(query, TOP)]

    return index


def langchain_ensemble(_: Path) -> Index:
    from langchain_chroma import Chroma
    from langchain_classic.retrievers import EnsembleRetriever
    from langchain_community.embeddings import HuggingFaceEmbeddings
    from langchain_community.retrievers import BM25Retriever

    model = HuggingFaceEmbeddings(model_name=MODEL)

    def index(papers: Sequence[Paper], folder: Path) -> Search:
        texts, ids = [text(p) for p in papers], [{"id": p.id} for p in papers]
        store = Chroma(embedding_function=model, persist_directory=str(folder))
        for i in range(0, len(papers), 5_000):  # Chroma takes no more at once
            store.add_texts(texts[i : i + 5_000], ids[i : i + 5_000])
        lexical = BM25Retriever.from_texts(texts, ids, k=TOP)
        ensemble = EnsembleRetriever(
            retrievers=[lexical, store.as_retriever(search_kwargs={"k": TOP})],
            weights=[0.5, 0.5],
            id_key="id",
        )
        return lambda query: [d.metadata["id"] for d in ensemble.invoke(query)][:TOP]

    return index


def ragbot(models: Path, environ: Mapping[str, str] | None = None) -> Index:
    """``environ`` has settings other than the usual."""
    chosen = environ or {}
    embedder = load_embedder(load_settings(environ=chosen).embedding, models)

    def index(papers: Sequence[Paper], folder: Path) -> Search:
        settings = load_settings(data_dir=folder, environ=chosen)
        bot = Ragbot.open(settings, load=lambda: embedder)
        bot.add(papers, source="peers")
        return lambda query: [hit.paper.id for hit in bot.search(query, TOP).hits]

    return index


PEERS: dict[str, SetUp] = {
    "Ragbot": ragbot,
    "Chroma": chroma,
    "BM25 (bm25s)": bm25,
    "llama-index vector": llama_index_vector,
    "llama-index QueryFusionRetriever": llama_index_fusion,
    "txtai hybrid": txtai_hybrid,
    "LangChain EnsembleRetriever": langchain_ensemble,
}


@dataclasses.dataclass(frozen=True)
class Result:
    """nDCG@10 and recall@10 of each question, times, or why there are none."""

    peer: str
    ndcg: list[float] = dataclasses.field(default_factory=list)
    recall: list[float] = dataclasses.field(default_factory=list)
    query_ms: float = 0.0
    index_seconds: float = 0.0
    missing: str = ""


def text(paper: Paper) -> str:
    """What a peer gets to read."""
    return f"{paper.title}\n{paper.abstract}"


def measure(
    peer: str, papers: Sequence[Paper], questions: Sequence[Question]
) -> Result:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        start = time.perf_counter()
        try:
            index = PEERS[peer](Path(folder) / "models")
            search = index(papers, Path(folder))
        except ImportError as error:
            return Result(peer, missing=str(error))
        search(asked(questions[0]))
        index_seconds = time.perf_counter() - start
        ndcg, recall, times = [], [], []
        for question in questions:
            start = time.perf_counter()
            found = search(asked(question))
            times.append((time.perf_counter() - start) * 1e3)
            figures = paper_figures(question, found)
            ndcg.append(figures["ndcg@10"])
            recall.append(figures["recall@10"])
    return Result(peer, ndcg, recall, statistics.median(times), index_seconds)


def asked(question: Question) -> str:
    """The question behind what the same person said before it."""
    turns = [m.content for m in question.history if m.role == "user"]
    return " ".join([*turns, question.question])


def table(results: Sequence[Result]) -> str:
    """Markdown, the best first."""
    done = sorted(
        (r for r in results if r.ndcg), key=lambda r: -statistics.fmean(r.ndcg)
    )
    base = next((r for r in done if r.peer == "Ragbot"), None)
    others = [r for r in done if r is not base] if base else []
    p_values = holm(
        [
            randomisation_test([a - b for a, b in zip(base.ndcg, r.ndcg, strict=True)])
            for r in others
        ]
    )
    p = {r.peer: f"{value:.4f}" for r, value in zip(others, p_values, strict=True)}
    lines = [
        "| | nDCG@10 | 95 % interval | recall@10 | ms a query | index s | p |",
        "|---|---|---|---|---|---|---|",
    ]
    for r in done:
        low, high = interval(r.ndcg)
        lines.append(
            f"| {r.peer} | {statistics.fmean(r.ndcg):.3f} | {low:.3f} to {high:.3f} "
            f"| {statistics.fmean(r.recall):.3f} | {r.query_ms:.1f} | {r.index_seconds:.0f} "
            f"| {p.get(r.peer, '')} |"
        )
    lines += [
        f"| {r.peer} | missing: {r.missing} |||||| " for r in results if not r.ndcg
    ]
    return "\n".join(lines)


def read(
    source: Path, split: str, data_dir: Path | None
) -> tuple[Sequence[Paper], list[Question]]:
    if source.is_dir():
        beir = read_beir(source, split)
        return beir.papers, list(beir.questions.questions)
    papers = own_papers(load_settings(data_dir=data_dir))
    topical = [q for q in read_questions(source, papers).questions if q.type in TOPICAL]
    return papers, topical


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "source", type=Path, help="a question set (.jsonl) or a BEIR folder"
    )
    parser.add_argument(
        "--split", default="test", help="of the BEIR folder; default: test"
    )
    parser.add_argument(
        "--data-dir", type=Path, help="the collection a question set is about"
    )
    parser.add_argument(
        "--only", choices=PEERS, nargs="+", default=list(PEERS), metavar="PEER"
    )
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="figures of every question"
    )
    args = parser.parse_args()
    try:
        papers, questions = read(args.source, args.split, args.data_dir)
    except RagbotError as error:
        sys.exit(str(error))
    results = []
    # A process for each, so that none finds a library loaded by the one before.
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as fresh:
        for peer in args.only:
            results.append(fresh.submit(measure, peer, papers, questions).result())
            print(f"{peer}: done", file=sys.stderr, flush=True)
            if args.json:
                told = [dataclasses.asdict(r) for r in results]
                args.json.write_text(json.dumps(told) + "\n", encoding="utf-8")
    print(f"{args.source.name}: {len(papers)} papers, {len(questions)} questions\n")
    print(table(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
