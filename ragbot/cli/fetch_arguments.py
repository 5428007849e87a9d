"""What `ragbot fetch` takes: the service that is asked, and what of it."""

from __future__ import annotations

from ragbot.cli.arguments import Parser, global_options
from ragbot.cli.values import given, text, whole

__all__ = ["fetch"]

_FORM = "YYYY[-MM[-DD]]"


def fetch(parser: Parser) -> None:
    """Arguments of `ragbot fetch`, whose services take arguments of their own."""
    services = parser.add_subparsers(dest="service", metavar="SERVICE", required=True)
    daily = services.add_parser(
        "daily-papers",
        help="the papers of days at Hugging Face",
        description="Hugging Face's daily papers: of today, of a day, or since one.",
    )
    days = daily.add_mutually_exclusive_group()
    days.add_argument(
        "--date", type=given, metavar="DATE", help=f"{_FORM}; default: today"
    )
    days.add_argument("--since", type=given, metavar="DATE", help=f"from {_FORM} on")
    arxiv = services.add_parser(
        "arxiv",
        help="the newest papers of a query at arXiv",
        description="The newest papers of a query at arXiv.",
    )
    arxiv.add_argument(
        "query",
        type=_query,
        metavar="QUERY",
        help="words that all must occur, or fields: 'cat:cs.CL AND ti:pruning'",
    )
    arxiv.add_argument(
        "--since", type=given, metavar="DATE", help=f"none older than {_FORM}"
    )
    arxiv.add_argument(
        "--max",
        type=whole(1, 30_000),
        metavar="N",
        help="at most so many; default: 200, with --since all",
    )
    for service in (daily, arxiv):
        service.add_argument(
            "--json", action="store_true", help="print one JSON document"
        )
        global_options(service)


def _query(argument: str) -> str:
    return " ".join(text(given(argument)).split())
