"""How fast files are read into the catalog, and in how much memory, without embedding anything.

Reads a file of any format twice: its records alone, then with all that `ragbot ingest` does before
it embeds, into a throw-away folder. Each run is a process of its own, whose peak is its memory. Of
the two figures the second is free of what others do at the time. With ``--times N`` the file is
repeated, in a copy, to show that memory does not grow with it.

    python benchmarks/reading.py FILE [--times N]
"""

from __future__ import annotations

import argparse
import gzip
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from ragbot.config import load_settings
from ragbot.index.stores import Stores
from ragbot.index.writer import Writer
from ragbot.readers import SUFFIXES, Document, documents, read


def parse(path: Path) -> int:
    """Read the records of a file; how many there are."""
    found = (one for one in documents([path], SUFFIXES) if isinstance(one, Document))
    return sum(1 for document in found for _ in read(document)[1])


def catalogue(path: Path) -> int:
    """Put the records of a file into a fresh catalog; how many there are."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(data_dir=Path(folder), environ={})
        stores = Stores(settings.data_dir, settings.chunking)
        with Writer.locked(stores, settings) as writer:
            reports, _ = writer.add_files([path], lambda: None)  # type: ignore[arg-type,return-value]
        return sum(report.records for report in reports)


WAYS: dict[str, Callable[[Path], int]] = {"parse": parse, "catalog": catalogue}


@contextmanager
def repeated(path: Path, times: int) -> Iterator[Path]:
    """The file, or a copy with its content so many times."""
    if times == 1:
        yield path
        return
    opened = gzip.open if path.suffix == ".gz" else open
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        with opened(copy, "wb") as target:
            for _ in range(times):
                with opened(path, "rb") as source:
                    shutil.copyfileobj(source, target)
        yield copy


def measure(way: str, path: Path) -> None:
    began = time.monotonic()
    number = WAYS[way](path)
    seconds, busy = time.monotonic() - began, time.process_time()
    mebibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{way:8} {number} records, {number / seconds:.0f} a second, "
        f"{number / busy:.0f} a second of the processor, peak {mebibytes:.0f} MiB"
    )


def main() -> NoReturn:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--way", choices=WAYS)
    args = parser.parse_args()
    if args.way:
        measure(args.way, args.file)
        sys.exit()
    with repeated(args.file, args.times) as path:
        for way in WAYS:
            command = [sys.executable, __file__, str(path), "--way", way]
            subprocess.run(command, check=True)
    sys.exit()


if __name__ == "__main__":
    main()
