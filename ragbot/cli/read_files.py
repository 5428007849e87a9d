"""What commands share that read files or make vectors, and `ragbot embed`."""

from __future__ import annotations

import argparse
from contextlib import AbstractContextManager, closing
from operator import attrgetter
from typing import TYPE_CHECKING

from ragbot.cli.output import Bar, print_json
from ragbot.errors import InputError
from ragbot.text.english import counted

if TYPE_CHECKING:
    from ragbot.config import Settings
    from ragbot.service.precompute import VectorSource
    from ragbot.types import IngestReport, LookedUp

__all__ = ["embed", "rebuilt", "tell", "vectors_of"]


def tell(report: IngestReport, *, json: bool, dry_run: bool = False) -> int:
    """Print what was read; 1 if some of it gave no paper."""
    if json:
        from ragbot.serialise import ingest_json

        print_json(ingest_json(report))
    else:
        from ragbot.cli.terminal import ingest_text

        print(ingest_text(report, dry_run=dry_run), end="")
    return _code(report)


def _code(report: IngestReport) -> int:
    return 0 if all(map(attrgetter("records"), report.files)) else 1


def rebuilt(papers: int, looked_up: LookedUp | None) -> int:
    """Print what was indexed anew."""
    from ragbot.cli.terminal import looked_up_text

    print(f"{looked_up_text(looked_up)}{counted(papers, 'paper')} indexed anew")
    return 0


def vectors_of(
    args: argparse.Namespace, settings: Settings
) -> AbstractContextManager[VectorSource]:
    """Where the options say that vectors come from."""
    from ragbot.service.precompute import vector_source

    return vector_source(settings, args.embeddings, args.engine)


def embed(args: argparse.Namespace, settings: Settings) -> int:
    """Make a file of vectors; 1 if some of what was named gave no paper."""
    from ragbot.resources import bundled_listings
    from ragbot.service.precompute import embed_files, vector_source

    paths = [*args.paths, *[bundled_listings()] * args.bundled]
    if not paths:
        raise InputError("nothing to embed", "name files or folders, or give --bundled")
    try:
        with (
            closing(Bar()) as progress,
            vector_source(settings, engine=args.engine) as load,
        ):
            made = embed_files(
                settings,
                paths,
                args.output,
                load,
                format_=args.format,
                progress=progress,
            )
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            "interrupted; what was embedded is kept, and the same command goes on there"
        ) from None
    if args.json:
        from ragbot.serialise import ingest_json

        own = {"file": str(made.file), "passages": made.passages, "bytes": made.size}
        print_json(ingest_json(made.read) | own)
    else:
        from ragbot.cli.terminal import embed_text

        print(embed_text(made), end="")
    return _code(made.read)
