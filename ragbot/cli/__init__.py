"""The commands of `ragbot`, and the only place that prints.

Owns exit codes and what goes to which stream; the work is done by `ragbot.service`, the
texts are made by `ragbot.cli.terminal`, `ragbot.serialise` and `ragbot.papers.export`. A command
is one entry of `ragbot.cli.commands`: what it takes, a function of `ragbot.cli.arguments`, and
what it does.

Exit codes: 0 done (an abstention is an answer), 1 a gate or a check failed, 2 bad usage or input
or anything else that kept the command from being done, 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from operator import attrgetter
from pathlib import Path
from typing import NoReturn

from ragbot.cli import arguments
from ragbot.cli.collecting import end_at_once
from ragbot.cli.commands import COMMANDS
from ragbot.cli.output import complain
from ragbot.errors import InputError, RagbotError

__all__ = ["main"]


def main(argv: list[str] | None = None) -> int:
    """Run one command; ``argv`` without the program's name. Returns the exit code."""
    _open_streams()
    end_at_once()
    args = argparse.Namespace(config=None, data_dir=None, debug=False)
    try:
        _parse(argv, args)
        code: int = args.run(args)
        sys.stdout.flush()
    except SystemExit as done:  # --help, --version
        return int(done.code or 0)
    except KeyboardInterrupt as stopped:
        complain(str(stopped) or "interrupted")
        return 130
    except BrokenPipeError:  # the reader has seen enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (RagbotError, OSError) as error:
        if args.debug:
            traceback.print_exc()
        else:
            complain(str(error))
        return 2
    return code


def _open_streams() -> None:
    for name in ("stdout", "stderr"):
        # It may be closed: what is for stderr must not go to stdout then
        stream = getattr(sys, name) or Path(os.devnull).open("w")  # noqa: SIM115
        setattr(sys, name, stream)
        # UTF-8 wherever it goes; what is no text becomes "?"
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


def _parse(argv: list[str] | None, args: argparse.Namespace) -> None:
    parser = arguments.Parser(
        prog="ragbot", description="Answers from paper abstracts, with citations."
    )
    parser.add_argument(
        "--version", action=_Version, nargs=0, help="print the version and exit"
    )
    arguments.global_options(parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in COMMANDS:
        sub = commands.add_parser(
            command.name, help=command.help, description=command.help
        )
        command.options(sub)
        arguments.global_options(sub)
        sub.set_defaults(run=command.run)
    _, unknown = parser.parse_known_args(
        _joined(sys.argv[1:] if argv is None else argv), args
    )
    if unknown:
        raise InputError(
            f"unknown arguments: {' '.join(unknown)}",
            f"see 'ragbot {args.command} --help'",
        )


def _joined(argv: list[str]) -> list[str]:
    """``eval compare`` as one argument: argparse knows commands of one word only.

    Where the command stands, that is: files may bear the names of commands.
    """
    at = _place_of_command(argv)
    name = " ".join(argv[at : at + 2])
    if name in map(attrgetter("name"), COMMANDS):
        return [*argv[:at], name, *argv[at + 2 :]]
    return argv


def _place_of_command(argv: list[str]) -> int:
    """How many arguments are global options and what those take."""
    at = 0
    while at < len(argv) and argv[at].startswith("-"):
        at += 2 if argv[at] in arguments.TAKE_A_VALUE else 1
    return at


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        import ragbot

        print(f"ragbot {ragbot.__version__}")
        parser.exit()
