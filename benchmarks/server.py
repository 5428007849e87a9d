"""What a Chroma server costs and saves beside the folder: one collection, its vectors in both.

    python benchmarks/server.py DATA_DIR [--json FILE]

A copy of the collection in DATA_DIR is used; its vectors are copied into a server that is started
for this, on loopback. A process each opens the collection with them in the folder and on the
server, three times each, and searches titles from all over it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import chromadb
import numpy as np
from figures import add_json_option, tell
from scale import QUESTIONS, Figures, apart, peak_memory, timed

from ragbot.config import VectorsSettings, load_settings
from ragbot.errors import RagbotError
from ragbot.evaluation.scores.statistics import percentile
from ragbot.index.catalog import Catalog
from ragbot.index.vectors import VectorPlace, VectorPlaces, VectorStore
from ragbot.pipeline import Ragbot

RUN = 2_000  # chunks copied at once
ROUNDS = 3


@contextmanager
def server(folder: Path) -> Iterator[tuple[str, int]]:
    """The address of a Chroma server and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = Path(sys.executable).with_name("chroma")
    command = [program, "run", "--path", folder, "--host", "127.0.0.1"]
    process = subprocess.Popen(
        [*command, "--port", str(port)], stdout=subprocess.DEVNULL
    )
    try:
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait()


def made(place: VectorPlace) -> VectorStore:
    """The store, as soon as its server answers."""
    for _ in range(100):
        try:
            return place.open(create=True)
        except RagbotError:
            time.sleep(0.1)
    return place.open(create=True)


def copied(data: Path, url: str) -> Figures:
    """What it takes to put the vectors of a collection onto a server."""
    catalog = Catalog(data / "catalog.sqlite")
    place = VectorPlaces(VectorsSettings(url, 600.0), data, catalog).of(data)
    chunks = chromadb.PersistentClient(str(data / "chroma")).get_collection(
        "chunks", embedding_function=None
    )

    def copy() -> None:
        for start in range(0, chunks.count(), RUN):
            part = chunks.get(limit=RUN, offset=start, include=["embeddings"])
            vectors = np.array(part["embeddings"], np.float32)
            store.upsert(part["ids"], vectors, [0] * len(vectors))

    with closing(catalog), closing(made(place)) as store:
        seconds = timed(copy)
        return {
            "chunks": store.count(),
            "copied (chunks a second)": store.count() / seconds,
        }


def ask(data: Path, url: str) -> Figures:
    """What opening and searches take, and the most that the process had in memory."""
    environ = {"RAGBOT_VECTORS__URL": url}
    settings = load_settings(data_dir=data, environ=environ)
    with Ragbot.open(settings) as bot:
        began = time.process_time()
        opened = timed(bot.retriever)
        spent_opening = time.process_time() - began
        papers = bot.papers()
        titles = [paper.title for paper in papers[:: len(papers) // QUESTIONS + 1]]
        bot.search("warm up")
        began = time.process_time()
        times = [1e3 * timed(lambda: bot.search(title)) for title in titles]  # noqa: B023
        spent = 1e3 * (time.process_time() - began) / len(titles)
    return {
        "open (s)": opened,
        "open [s of CPU]": spent_opening,
        "search (ms)": percentile(times, 50),
        "search, mean [ms of CPU]": spent,
        "peak memory (MB)": peak_memory(),
    }


def resident(pid: int) -> float:
    """What a process has in memory, in MB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1e3


def spent_by(pid: int) -> float:
    """Seconds of CPU that a process has taken."""
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data_dir", type=Path)
    add_json_option(parser)
    args = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        server(Path(folder) / "served") as (url, pid),
    ):
        data = shutil.copytree(args.data_dir, Path(folder) / "data")
        figures = apart(copied, data, url)
        for place, at in {"folder": "", "server": url}.items():
            before = spent_by(pid)
            rounds = [apart(ask, data, at) for _ in range(ROUNDS)]
            for name in rounds[0]:
                each = [found[name] or 0.0 for found in rounds]
                figures[f"{place}: {name}"] = percentile(each, 50)
        searches = ROUNDS * (QUESTIONS + 1)
        figures["the server's own, a search [ms of CPU]"] = (
            1e3 * (spent_by(pid) - before) / searches
        )
        figures["the server's own memory (MB)"] = resident(pid)
    tell(figures, args.json, digits=2)
    return 0


if __name__ == "__main__":
    sys.exit(main())
