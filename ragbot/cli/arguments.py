"""What each command takes: the names and meanings of its arguments. Does none of the work."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, NoReturn

from ragbot.cli.values import gate, given, path, text, whole
from ragbot.errors import InputError

__all__ = [
    "TAKE_A_VALUE",
    "Parser",
    "ask",
    "chat",
    "doctor",
    "embed",
    "eval_",
    "eval_compare",
    "eval_draft",
    "eval_merge",
    "eval_pool",
    "export",
    "global_options",
    "ingest",
    "matrix",
    "papers",
    "rebuild",
    "remove",
    "search",
    "verify",
]


class Parser(argparse.ArgumentParser):
    """Usage errors become ours: one line, with the command's own help as the remedy."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            **settings,
        )

    def error(self, message: str) -> NoReturn:
        raise InputError(message, f"see '{self.prog} --help'")


TAKE_A_VALUE = ("--config", "--data-dir")
"""The global options that are followed by a value."""


def global_options(parser: Parser) -> None:
    """Taken before and after the command; what is not given must not undo what was given before."""
    group = parser.add_argument_group(
        "global options", argument_default=argparse.SUPPRESS
    )
    group.add_argument(
        "--config",
        type=path,
        metavar="FILE",
        help="settings that replace the defaults",
    )
    group.add_argument(
        "--data-dir", type=path, metavar="DIR", help="the folder everything is kept in"
    )
    group.add_argument("--debug", action="store_true", help="show tracebacks of errors")


def ingest(parser: Parser) -> None:
    """Arguments of `ragbot ingest`."""
    _files_arguments(parser)
    parser.add_argument(
        "--formats", action="store_true", help="list the formats that are read"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="only say what would be done"
    )
    _vector_options(parser)
    _json_option(parser)


def embed(parser: Parser) -> None:
    """Arguments of `ragbot embed`."""
    _files_arguments(parser)
    names = "FILE.npy|FILE.parquet"
    parser.add_argument("-o", "--output", type=path, metavar=names, required=True)
    _engine_option(parser)
    _json_option(parser)


def _files_arguments(parser: Parser) -> None:
    parser.add_argument(
        "paths",
        nargs="*",
        type=path,
        metavar="PATH",
        help="a file, an archive or a folder; - is standard input",
    )
    parser.add_argument(
        "--format", metavar="NAME", help="of all files, if it is not to be found out"
    )
    parser.add_argument(
        "--bundled", action="store_true", help="the listings that come with Ragbot"
    )


def papers(parser: Parser) -> None:
    """Arguments of `ragbot papers`."""
    _query_option(parser)
    _date_options(parser)
    most = 1_000_000_000
    parser.add_argument(
        "--limit", type=whole(1, most), default=-1, metavar="N", help="list so many"
    )
    parser.add_argument(
        "--offset",
        type=whole(0, most),
        default=0,
        metavar="N",
        help="pass over so many",
    )
    _json_option(parser)


def search(parser: Parser) -> None:
    """Arguments of `ragbot search`."""
    parser.add_argument("question", type=text, metavar="QUESTION")
    parser.add_argument("-k", type=whole(1, 1000), metavar="N", help="papers to find")
    _date_options(parser)
    _json_option(parser)


def ask(parser: Parser) -> None:
    """Arguments of `ragbot ask`."""
    parser.add_argument("question", type=text, metavar="QUESTION")
    parser.add_argument(
        "--history",
        type=path,
        metavar="FILE",
        help='earlier turns: JSON [{"role", "content"}, …], or a conversation',
    )
    parser.add_argument(
        "--save",
        type=path,
        metavar="FILE",
        help="keep the answer there, for 'ragbot verify'",
    )
    _date_options(parser)
    _json_option(parser)


def verify(parser: Parser) -> None:
    """Arguments of `ragbot verify`."""
    parser.add_argument(
        "file", type=path, metavar="FILE", help="what 'ragbot ask --save' wrote"
    )
    _json_option(parser)


def export(parser: Parser) -> None:
    """Arguments of `ragbot export`."""
    from ragbot.papers.export import FORMATS

    parser.add_argument(
        "--format", choices=FORMATS, default="jsonl", help="default: jsonl"
    )
    _query_option(parser)
    _output_option(parser)


def matrix(parser: Parser) -> None:
    """Arguments of `ragbot matrix`."""
    from ragbot.papers.export.side_by_side import TABLE_FORMATS

    parser.add_argument(
        "question",
        nargs="?",
        type=text,
        metavar="QUESTION",
        help="papers on this; default: all",
    )
    parser.add_argument(
        "--ids", nargs="+", metavar="ID", default=[], help="these papers, in this order"
    )
    _date_options(parser)
    parser.add_argument(
        "--format", choices=[*TABLE_FORMATS], default="md", help="default: md"
    )
    parser.add_argument(
        "--json",
        dest="format",
        action="store_const",
        const="json",
        help="the same as --format json",
    )
    _output_option(parser)


def remove(parser: Parser) -> None:
    """Arguments of `ragbot remove`."""
    parser.add_argument(
        "ids", nargs="*", metavar="ID", help="ids, as 'ragbot papers' lists them"
    )
    parser.add_argument("--source", metavar="PATH", help="what only these files told")
    _query_option(parser)
    _date_options(parser)
    parser.add_argument(
        "--dry-run", action="store_true", help="only list the papers that would go"
    )


def rebuild(parser: Parser) -> None:
    """Arguments of `ragbot rebuild`."""
    _vector_options(parser)


def doctor(parser: Parser) -> None:
    """Arguments of `ragbot doctor`."""
    parser.add_argument(
        "--fix", action="store_true", help="mend what can be made again"
    )
    _json_option(parser)


def eval_(parser: Parser) -> None:
    """Arguments of `ragbot eval`."""
    parser.add_argument(
        "questions",
        nargs="?",
        type=path,
        metavar="QUESTIONS.jsonl",
        help="a question set, or ask cases",
    )
    parser.add_argument(
        "--bundled",
        nargs="?",
        const="dev",
        choices=("dev", "cases"),
        help="a set that comes with Ragbot: questions (dev), or ask cases; default: dev",
    )
    parser.add_argument(
        "--beir", type=path, metavar="DIR", help="a BEIR folder, indexed for it"
    )
    parser.add_argument(
        "--split", metavar="NAME", help="of the BEIR folder; default: test"
    )
    parser.add_argument(
        "--out", type=path, metavar="DIR", help="where the run is written"
    )
    parser.add_argument(
        "--fail-under",
        type=gate,
        action="append",
        default=[],
        metavar="METRIC=VALUE",
        help="exit 1 below it (above it: false_abstention); may be repeated",
    )
    parser.add_argument(
        "--judge",
        action="store_true",
        help="have the language model of the settings judge the answers, too",
    )
    _grid_option(parser)
    _seed_option(parser)
    _json_option(parser)


def eval_compare(parser: Parser) -> None:
    """Arguments of `ragbot eval compare`."""
    parser.add_argument(
        "runs", nargs="+", type=path, metavar="RUN", help="folders; base first"
    )
    parser.add_argument(
        "--out",
        type=path,
        metavar="HTML",
        help="the report; default: in the last run's folder",
    )
    _seed_option(parser)
    _json_option(parser)


def eval_pool(parser: Parser) -> None:
    """Arguments of `ragbot eval pool`."""
    parser.add_argument(
        "questions", type=path, metavar="QUESTIONS.jsonl", help="a question set"
    )
    _grid_option(parser)
    parser.add_argument("-o", "--output", type=path, metavar="CSV", required=True)


def eval_merge(parser: Parser) -> None:
    """Arguments of `ragbot eval merge`."""
    parser.add_argument(
        "questions", type=path, metavar="QUESTIONS.jsonl", help="a question set"
    )
    parser.add_argument(
        "labels", type=path, metavar="CSV", help="what pool wrote, labelled"
    )
    parser.add_argument("-o", "--output", type=path, metavar="FILE", required=True)


def eval_draft(parser: Parser) -> None:
    """Arguments of `ragbot eval draft`."""
    parser.add_argument(
        "-n",
        type=whole(1, 10_000),
        default=50,
        metavar="N",
        help="papers to ask about; default: 50",
    )
    parser.add_argument(
        "-o",
        "--out",
        type=path,
        metavar="FILE",
        default=Path("drafts.jsonl"),
        help="added to; papers asked about there are passed over; default: drafts.jsonl",
    )
    _seed_option(parser)
    _json_option(parser)


def chat(parser: Parser) -> None:
    """Arguments of `ragbot chat`."""
    parser.add_argument(
        "--host", metavar="ADDRESS", help="where to listen; default: this machine"
    )
    parser.add_argument(
        "--port", type=whole(0, 65535), metavar="N", help="default: 7860"
    )
    parser.add_argument("--open", action="store_true", help="open it in the browser")


def _vector_options(parser: Parser) -> None:
    parser.add_argument(
        "--embeddings",
        type=path,
        metavar="FILE",
        help="take vectors from what 'ragbot embed' wrote",
    )
    _engine_option(parser)


def _engine_option(parser: Parser) -> None:
    parser.add_argument(
        "--engine",
        choices=("local", "ray"),
        default="local",
        help="who embeds: this process, or a Ray cluster (RAY_ADDRESS)",
    )


def _json_option(parser: Parser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def _grid_option(parser: Parser) -> None:
    parser.add_argument(
        "--grid",
        action="append",
        default=[],
        metavar="KEY=V1,V2",
        help="each of these settings, as in retrieval.k=10,20; may be repeated",
    )


def _seed_option(parser: Parser) -> None:
    most = 2**32 - 1
    parser.add_argument(
        "--seed", type=whole(0, most), default=0, metavar="N", help="default: 0"
    )


def _date_options(parser: Parser) -> None:
    form = "YYYY[-MM[-DD]]"
    parser.add_argument(
        "--from", dest="date_from", type=given, metavar="DATE", help=f"from {form} on"
    )
    parser.add_argument(
        "--to",
        dest="date_to",
        type=given,
        metavar="DATE",
        help=f"up to and with {form}",
    )


def _output_option(parser: Parser) -> None:
    parser.add_argument(
        "-o", "--output", type=path, metavar="FILE", help="instead of stdout"
    )


def _query_option(parser: Parser) -> None:
    parser.add_argument(
        "--query", metavar="TEXT", help="whose title or abstract has these words"
    )
