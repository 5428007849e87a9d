"""`ragbot conversations`: what it takes, and what it does with the conversations that are kept."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any

from ragbot.cli.arguments import Parser, global_options
from ragbot.cli.output import print_json, put
from ragbot.cli.values import given, path, text, whole
from ragbot.text.english import counted

if TYPE_CHECKING:
    from ragbot.conversation_types import ConversationHeading
    from ragbot.service.kept import Conversations

__all__ = ["options", "run"]

_ALL = 1_000_000_000
_DEEDS = {
    "list": "those there are, the last changed first",
    "show": "one with its answers",
    "export": "one as Markdown or JSON",
    "rename": "give one another title",
    "delete": "delete some; they can be had back for 30 days",
    "restore": "have deleted ones back",
}


def options(parser: Parser) -> None:
    """Arguments of `ragbot conversations`, whose deeds take arguments of their own."""
    parser.set_defaults(deed="list", query="", limit=_ALL)
    deeds = parser.add_subparsers(metavar="DEED", required=False)
    takes: dict[str, Callable[[Parser], None]] = {
        "list": _list_options,
        "export": _export_options,
        "rename": _rename_options,
        "delete": _ids,
        "restore": _ids,
    }
    for name, told in _DEEDS.items():
        deed = deeds.add_parser(
            name, help=told, description=f"{told[0].upper()}{told[1:]}."
        )
        takes.get(name, _show_options)(deed)
        global_options(deed)
        deed.set_defaults(deed=name)
    _json_option(parser)


def _list_options(parser: Parser) -> None:
    parser.add_argument(
        "--query",
        type=text,
        default="",
        metavar="TEXT",
        help="those with these words, or their beginnings",
    )
    parser.add_argument(
        "--limit", type=whole(1, _ALL), default=_ALL, metavar="N", help="so many"
    )
    _json_option(parser)


def _show_options(parser: Parser) -> None:
    _id(parser)
    _json_option(parser)


def _id(parser: Parser) -> None:
    parser.add_argument("id", type=text, metavar="ID", help="as the list has it")


def _ids(parser: Parser) -> None:
    parser.add_argument("ids", type=text, nargs="+", metavar="ID")
    _json_option(parser)


def _rename_options(parser: Parser) -> None:
    _id(parser)
    parser.add_argument("title", type=given, metavar="TITLE")
    _json_option(parser)


def _export_options(parser: Parser) -> None:
    _id(parser)
    parser.add_argument(
        "--format", choices=("md", "json"), default="md", help="default: md"
    )
    parser.add_argument(
        "--json",
        dest="format",
        action="store_const",
        const="json",
        help="the same as --format json",
    )
    parser.add_argument(
        "-o", "--output", type=path, metavar="FILE", help="instead of stdout"
    )


def _json_option(parser: Parser) -> None:
    parser.add_argument(
        "--json",
        action="store_true",
        default=argparse.SUPPRESS,
        help="print one JSON document",
    )


def run(args: argparse.Namespace) -> int:
    """Do what is asked for; the collection itself is not opened."""
    from ragbot.config import load_settings
    from ragbot.service.kept import open_conversations

    settings = load_settings(args.config, data_dir=args.data_dir)
    with closing(open_conversations(settings)) as conversations:
        document, told = _DO[args.deed](conversations, args)
    if "json" in args and document is not None:
        print_json(document)
    else:
        put(told, getattr(args, "output", None))
    return 0


def _list(kept: Conversations, args: argparse.Namespace) -> tuple[Any, str]:
    from ragbot.serialise import heading_json

    headings = kept.page(args.query, args.limit).headings
    lines = [*map(_line, headings), counted(len(headings), "conversation")]
    return list(map(heading_json, headings)), "".join(map("{}\n".format, lines))


def _line(heading: ConversationHeading) -> str:
    when = heading.changed.astimezone()
    turns = counted(heading.turns, "turn")
    return f"{heading.id}  {when:%Y-%m-%d %H:%M}  {turns:>8}  {heading.title}"


def _show(kept: Conversations, args: argparse.Namespace) -> tuple[Any, str]:
    from ragbot.cli.terminal import markdown_text
    from ragbot.serialise import conversation_json
    from ragbot.service.kept import write_conversation

    conversation = kept.get(args.id)
    told = markdown_text(write_conversation(conversation, "md"), sys.stdout)
    return conversation_json(conversation), told


def _export(kept: Conversations, args: argparse.Namespace) -> tuple[Any, str]:
    from ragbot.service.kept import write_conversation

    # Before the deed, --json is an option of all of them.
    format_ = "json" if "json" in args else args.format
    return None, write_conversation(kept.get(args.id), format_)


def _rename(kept: Conversations, args: argparse.Namespace) -> tuple[Any, str]:
    from ragbot.serialise import heading_json

    kept.rename(args.id, args.title)
    heading = kept.get(args.id).heading
    return heading_json(heading), f"it is called: {heading.title}\n"


def _delete(kept: Conversations, args: argparse.Namespace) -> tuple[Any, str]:
    from ragbot.service.kept import KEPT_DAYS

    ids = kept.delete(*args.ids)
    back = f"'ragbot conversations restore {' '.join(ids)}' within {KEPT_DAYS} days"
    told = f"{counted(len(ids), 'conversation')} deleted; had back by {back}\n"
    return {"deleted": list(ids)}, told


def _restore(kept: Conversations, args: argparse.Namespace) -> tuple[Any, str]:
    ids = kept.restore(*args.ids)
    return {"restored": list(ids)}, f"{counted(len(ids), 'conversation')} restored\n"


_DO: dict[str, Callable[[Conversations, argparse.Namespace], tuple[Any, str]]] = {
    "list": _list,
    "show": _show,
    "export": _export,
    "rename": _rename,
    "delete": _delete,
    "restore": _restore,
}
