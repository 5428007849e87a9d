"""The commands of `ragbot`, and the only place that prints.

Owns exit codes and what goes to which stream; the work is done by `ragbot.service`, the
texts are made by `ragbot.cli.terminal`, `ragbot.serialise` and `ragbot.papers.export`. A command
is one entry of `_COMMANDS`: what it takes, a function of `ragbot.cli.arguments`, and what it
does, one of here.

Exit codes: 0 done (an abstention is an answer), 1 a gate or a check failed, 2 bad usage or input
or anything else that kept the command from being done, 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from ragbot.cli import arguments
from ragbot.errors import InputError, LlmError, RagbotError
from ragbot.text.english import counted

if TYPE_CHECKING:
    from ragbot.config import Settings
    from ragbot.service import OnProgress, Service
    from ragbot.types import Filters, Progress

__all__ = ["main"]


def main(argv: list[str] | None = None) -> int:
    """Run one command; ``argv`` without the program's name. Returns the exit code."""
    for name in ("stdout", "stderr"):
        # It may be closed: what is for stderr must not go to stdout then
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        # UTF-8 wherever it goes; what is no text becomes "?"
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    args = argparse.Namespace(config=None, data_dir=None, debug=False)
    try:
        _parse(argv, args)
        code: int = args.run(args)
        sys.stdout.flush()
    except SystemExit as done:  # --help, --version
        return int(done.code or 0)
    except KeyboardInterrupt as stopped:
        _complain(str(stopped) or "interrupted")
        return 130
    except BrokenPipeError:  # the reader has seen enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (RagbotError, OSError) as error:
        if args.debug:
            traceback.print_exc()
        else:
            _complain(str(error))
        return 2
    return code


# -- output -----------------------------------------------------------------------------------


def _complain(message: str) -> None:
    from ragbot.text.words import printable

    print(f"ragbot: {printable(' '.join(message.split()))}", file=sys.stderr)


def _print_json(document: object) -> None:
    from ragbot.serialise import json_text

    print(json_text(document, indent=2))


class _Bar:
    """Progress on stderr if that is a terminal: how many a second and the time left."""

    def __init__(self) -> None:
        self._bar: Any = None

    def __call__(self, step: Progress) -> None:
        if self._bar is None and sys.stderr.isatty():
            from tqdm import tqdm

            unit = " questions" if step.stage == "questions" else " papers"
            self._bar = tqdm(
                desc=step.stage, total=step.total, unit=unit, file=sys.stderr
            )
        if self._bar is not None:
            self._bar.update(step.done - self._bar.n)
            if step.done == step.total:
                self.close()

    def close(self) -> None:
        """Leave the last state on the screen."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


# -- parsing ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Command:
    name: str
    help: str
    options: Callable[[arguments.Parser], None]
    run: Callable[[argparse.Namespace], int]


def _parse(argv: list[str] | None, args: argparse.Namespace) -> None:
    parser = arguments.Parser(
        prog="ragbot", description="Answers from paper abstracts, with citations."
    )
    parser.add_argument(
        "--version", action=_Version, nargs=0, help="print the version and exit"
    )
    arguments.global_options(parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in _COMMANDS:
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
            f"unknown arguments: {' '.join(unknown)}: see 'ragbot {args.command} --help'"
        )


def _joined(argv: list[str]) -> list[str]:
    """``eval compare`` as one argument: argparse knows commands of one word only.

    Where the command stands, that is: files may bear the names of commands.
    """
    at = _place_of_command(argv)
    name = " ".join(argv[at : at + 2])
    if any(command.name == name for command in _COMMANDS):
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


# -- what commands share ----------------------------------------------------------------------


def _settings(args: argparse.Namespace) -> Settings:
    from ragbot.config import load_settings

    return load_settings(args.config, data_dir=args.data_dir)


@contextmanager
def _open(args: argparse.Namespace) -> Iterator[tuple[Service, OnProgress]]:
    """The collection, and where its long work tells how far it is."""
    settings = _settings(args)
    from ragbot.service import Service

    with (
        closing(_Bar()) as progress,
        Service.open(settings, progress=progress) as service,
    ):
        yield service, progress


def _filters(args: argparse.Namespace) -> Filters:
    from ragbot.question.filters import parse_filters

    return parse_filters(args.date_from, args.date_to)


# -- the commands -----------------------------------------------------------------------------


def _ingest(args: argparse.Namespace) -> int:
    if not args.paths and not args.bundled:
        raise InputError("nothing to ingest: name files or folders, or give --bundled")
    with _open(args) as (service, progress):
        report = service.ingest(
            args.paths, bundled=args.bundled, dry_run=args.dry_run, progress=progress
        )
    if args.json:
        from ragbot.serialise import ingest_json

        _print_json(ingest_json(report))
    else:
        from ragbot.cli.terminal import ingest_text

        print(ingest_text(report, dry_run=args.dry_run), end="")
    return 0


def _papers(args: argparse.Namespace) -> int:
    filters = _filters(args)
    with _open(args) as (service, _):
        total, papers = service.count(), service.papers(filters, args.query)
    if args.json:
        from ragbot.serialise import paper_json

        _print_json([paper_json(p) for p in papers])
    else:
        from ragbot.cli.terminal import papers_text

        print(papers_text(papers, total, sys.stdout), end="")
    return 0


def _search(args: argparse.Namespace) -> int:
    filters = _filters(args)
    with _open(args) as (service, _):
        result = service.search(args.question, args.k, filters)
    if args.json:
        from ragbot.serialise import search_json

        _print_json(search_json(result))
    else:
        from ragbot.cli.terminal import search_text

        print(search_text(result, sys.stdout), end="")
    return 0


def _ask(args: argparse.Namespace) -> int:
    from ragbot.question.followup import read_history

    filters = _filters(args)
    history = read_history(args.history) if args.history else []
    with _open(args) as (service, _):
        written = service.settings.llm.provider != "none"
        if written and sys.stdout.isatty() and not args.json:
            from ragbot.cli.terminal import watch

            # Closed at once when interrupted: the model is not left writing.
            with closing(service.stream(args.question, history, filters)) as states:
                answer = watch(states, sys.stdout)
        else:
            answer = service.ask(args.question, history, filters)
    if args.json:
        from ragbot.serialise import answer_json

        _print_json(answer_json(answer))
    else:
        from ragbot.cli.terminal import answer_text

        print(answer_text(answer, sys.stdout), end="")
    return 0


def _export(args: argparse.Namespace) -> int:
    from ragbot.papers.export import write_file

    with _open(args) as (service, _):
        text = service.export(args.format, args.query)
    if args.output:
        write_file(args.output, text)
    else:
        print(text, end="")
    return 0


def _remove(args: argparse.Namespace) -> int:
    if bool(args.ids) == (args.source is not None):
        raise InputError(
            "name the ids of papers, or one --source FILE: see 'ragbot remove --help'"
        )
    with _open(args) as (service, _):
        gone = service.remove(
            args.ids, None if args.source is None else Path(args.source).name
        )
        left = service.count()
    print(f"{counted(gone, 'paper')} removed, {left} left")
    return 0


def _rebuild(args: argparse.Namespace) -> int:
    with _open(args) as (service, progress):
        papers = service.rebuild(progress)
    print(f"{counted(papers, 'paper')} indexed anew")
    return 0


def _doctor(args: argparse.Namespace) -> int:
    from ragbot.service import examine

    checks = list(examine(_settings(args)))
    ok = all(check.ok for check in checks)
    if args.json:
        from dataclasses import asdict

        _print_json({"ok": ok, "checks": [asdict(check) for check in checks]})
    else:
        from ragbot.cli.terminal import checks_text

        print(checks_text(checks), end="")
    return 0 if ok else 1


def _eval(args: argparse.Namespace) -> int:
    from ragbot.cli.scoring import COMMANDS

    with closing(_Bar()) as progress:
        told = COMMANDS[args.command](args, progress)
    if told.document is not None and args.json:
        _print_json(told.document)
    else:
        from ragbot.text.words import printable

        print(printable(told.text))
    for failure in told.failures:
        _complain(failure)
    return 1 if told.failures else 0


def _chat(args: argparse.Namespace) -> int:
    def ready(url: str) -> None:
        print(f"Ragbot is ready: {url}  (Ctrl-C stops it)", flush=True)
        if args.open:
            import webbrowser

            webbrowser.open(url)

    with _open(args) as (service, progress):
        # Once anything was put in or taken out, what is in the collection is its owner's choice.
        if service.is_untouched():
            _fill(service, progress)
        try:
            service.language_model()
        except LlmError as error:
            # What is missing may come; until then each answer says so and quotes.
            print(
                f"ragbot: {error}; until then answers are quotes",
                file=sys.stderr,
                flush=True,
            )
        from ragbot.guard import is_wildcard
        from ragbot.window.app import launch

        window = service.settings.window
        port = window.port if args.port is None else args.port
        host = args.host or window.host
        if is_wildcard(host) and not window.hosts:
            _complain(
                "other machines are not answered yet: put the names and addresses by which they "
                "reach this one into window.hosts (RAGBOT_WINDOW__HOSTS)"
            )
        launch(service, host=host, port=port, on_ready=ready)
    return 0


def _fill(service: Service, progress: OnProgress) -> None:
    print(
        "Indexing the papers that come with Ragbot, once …", file=sys.stderr, flush=True
    )
    report = service.ingest([], bundled=True, progress=progress)
    print(
        f"{report.papers} papers indexed in {report.seconds:.0f} s",
        file=sys.stderr,
        flush=True,
    )


_COMMANDS = (
    _Command(
        "ingest",
        "Read files and folders into the collection.",
        arguments.ingest,
        _ingest,
    ),
    _Command("papers", "List the papers of the collection.", arguments.papers, _papers),
    _Command(
        "search", "Find the papers that fit a question.", arguments.search, _search
    ),
    _Command("ask", "Answer a question, with citations.", arguments.ask, _ask),
    _Command("export", "Write papers for other programs.", arguments.export, _export),
    _Command("remove", "Forget papers.", arguments.remove, _remove),
    _Command("rebuild", "Index every paper anew.", arguments.rebuild, _rebuild),
    _Command("doctor", "Check that everything works.", arguments.doctor, _doctor),
    _Command("eval", "Score search and answers on a set.", arguments.eval_, _eval),
    _Command(
        "eval compare", "Tell whether runs differ.", arguments.eval_compare, _eval
    ),
    _Command("eval pool", "Write papers to be labelled.", arguments.eval_pool, _eval),
    _Command("eval merge", "Take labels into a set.", arguments.eval_merge, _eval),
    _Command(
        "eval draft",
        "Have a language model draft questions.",
        arguments.eval_draft,
        _eval,
    ),
    _Command("chat", "Open the chat window.", arguments.chat, _chat),
)
