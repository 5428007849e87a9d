"""What each command does: from arguments to what is printed; `ragbot.service` does the work."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING

from ragbot.cli import arguments, fetch_arguments, kept_conversations
from ragbot.cli.collecting import started, uncollected
from ragbot.cli.output import Bar, complain, print_json, put
from ragbot.cli.read_files import embed, rebuilt, tell, vectors_of
from ragbot.errors import InputError, LlmError
from ragbot.text.english import counted

if TYPE_CHECKING:
    from ragbot.config import Settings
    from ragbot.service import LoadEmbedder, Service
    from ragbot.types import Filters, OnProgress

__all__ = ["COMMANDS", "Command"]


@dataclass(frozen=True)
class Command:
    """A command: what it takes, and what it does, which gives the exit code."""

    name: str
    help: str
    options: Callable[[arguments.Parser], None]
    run: Callable[[argparse.Namespace], int]


def _settings(args: argparse.Namespace) -> Settings:
    from ragbot.config import load_settings

    return load_settings(args.config, data_dir=args.data_dir)


@contextmanager
def _open(
    args: argparse.Namespace, load: LoadEmbedder | None = None
) -> Iterator[tuple[Service, OnProgress]]:
    """The collection, and where its long work tells how far it is."""
    settings = _settings(args)
    from ragbot.service import Service

    with (
        closing(Bar()) as progress,
        Service.open(settings, load=load, progress=progress) as service,
    ):
        yield service, progress


def _filters(args: argparse.Namespace) -> Filters:
    from ragbot.question.filters import parse_filters

    return parse_filters(args.date_from, args.date_to)


def _ingest(args: argparse.Namespace) -> int:
    if args.formats:
        from ragbot.cli.terminal import formats_text
        from ragbot.service import formats

        print(formats_text(formats()), end="")
        return 0
    if not args.paths and not args.bundled:
        raise InputError(
            "nothing to ingest", "name files or folders, or give --bundled"
        )
    vectors = vectors_of(args, _settings(args))
    with vectors as load, _open(args, load) as (service, progress):
        report = service.ingest(
            args.paths,
            bundled=args.bundled,
            dry_run=args.dry_run,
            format_=args.format,
            progress=progress,
        )
    report = replace(report, looked_up=load.looked_up)
    return tell(report, json=args.json, dry_run=args.dry_run)


def _embed(args: argparse.Namespace) -> int:
    return embed(args, _settings(args))


def _fetch(args: argparse.Namespace) -> int:
    from ragbot.question.filters import parse_filters

    since = parse_filters(args.since, None).date_from
    try:
        with _open(args) as (service, progress):
            if args.service == "arxiv":
                report = service.fetch_arxiv(args.query, since, args.max, progress)
            else:
                days = parse_filters(args.since or args.date, args.date)
                report = service.fetch_daily_papers(days, progress)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            "interrupted; what was fetched is kept, and the same command goes on there"
        ) from None
    return tell(report, json=args.json)


def _papers(args: argparse.Namespace) -> int:
    filters = _filters(args)
    with _open(args) as (service, _):
        total = service.count()
        papers = service.papers(filters, args.query, args.limit, args.offset)
    if args.json:
        from ragbot.serialise import paper_json

        print_json(list(map(paper_json, papers)))
    else:
        from ragbot.cli.terminal import papers_text

        print(papers_text(papers, total, sys.stdout), end="")
    return 0


@uncollected()
def _search(args: argparse.Namespace) -> int:
    filters = _filters(args)
    with _open(args) as (service, _):
        result = service.search(args.question, args.k, filters)
    if args.json:
        from ragbot.serialise import search_json

        print_json(search_json(result))
    else:
        from ragbot.cli.terminal import search_text

        print(search_text(result, sys.stdout), end="")
    return 0


@uncollected()
def _ask(args: argparse.Namespace) -> int:
    from ragbot.question.history import read_history

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
        if args.save:
            from ragbot.papers.export import write_file

            write_file(args.save, service.saved(answer, history, filters))
    if args.json:
        from ragbot.serialise import answer_json

        print_json(answer_json(answer))
    else:
        from ragbot.cli.terminal import answer_text

        print(answer_text(answer, sys.stdout), end="")
    return 0


def _verify(args: argparse.Namespace) -> int:
    with _open(args) as (service, _):
        verdict = service.verify(args.file)
    if args.json:
        print_json(
            {
                "holds": verdict.holds,
                "changes": list(verdict.changes),
                "since": list(verdict.since),
                "rewritten": verdict.rewritten,
            }
        )
    else:
        from ragbot.text.words import printable

        print(printable(verdict.told))
    return 0 if verdict.holds else 1


def _export(args: argparse.Namespace) -> int:
    with _open(args) as (service, _):
        text = service.export(args.format, args.query)
    put(text, args.output)
    return 0


def _matrix(args: argparse.Namespace) -> int:
    from ragbot.papers.export.side_by_side import write_table

    if args.ids and args.question is not None:
        raise InputError(
            "both a question and --ids choose papers", "give one of the two"
        )
    filters = _filters(args)
    with _open(args) as (service, _):
        rows = service.matrix(args.question, args.ids, filters)
    put(write_table(rows, args.format), args.output)
    if not rows:
        complain("no paper of the collection is on this")
    return 0


def _remove(args: argparse.Namespace) -> int:
    searched = args.query is not None or args.date_from or args.date_to
    if [bool(args.ids), args.source is not None, bool(searched)].count(True) != 1:
        raise InputError(
            "name the ids of papers, one --source PATH, or those of a --query or of dates",
            "see 'ragbot remove --help'",
        )
    filters = _filters(args)
    with _open(args) as (service, _):
        if searched:
            found = service.papers(filters, args.query)
            args.ids = list(map(attrgetter("id"), found))
        if args.dry_run:
            from ragbot.cli.terminal import papers_text

            papers = service.doomed(args.ids, args.source)
            print(papers_text(papers, service.count(), sys.stdout), end="")
            return 0
        gone = service.remove(args.ids, args.source)
        left = service.count()
    print(f"{counted(gone, 'paper')} removed, {left} left")
    return 0


def _rebuild(args: argparse.Namespace) -> int:
    vectors = vectors_of(args, _settings(args))
    with vectors as load, _open(args, load) as (service, progress):
        papers = service.rebuild(progress)
    return rebuilt(papers, load.looked_up)


def _doctor(args: argparse.Namespace) -> int:
    from ragbot.service import examine, mend

    settings = _settings(args)
    with closing(Bar()) as progress:
        mended = mend(settings, progress) if args.fix else []
    checks = [*mended, *examine(settings)]
    ok = all(map(attrgetter("ok"), checks))
    if args.json:
        from dataclasses import asdict

        print_json({"ok": ok, "checks": list(map(asdict, checks))})
    else:
        from ragbot.cli.terminal import checks_text

        print(checks_text(checks), end="")
    return 0 if ok else 1


def _eval(args: argparse.Namespace) -> int:
    from ragbot.cli.eval_commands import COMMANDS

    with closing(Bar()) as progress:
        result = COMMANDS[args.command](args, progress)
    if result.document is not None and args.json:
        print_json(result.document)
    else:
        from ragbot.text.words import printable

        print(printable(result.text))
    for failure in result.failures:
        complain(failure)
    return 1 if result.failures else 0


def _chat(args: argparse.Namespace) -> int:
    starting = ExitStack()

    def ready(url: str) -> None:
        starting.close()
        started()
        print(f"Ragbot is ready: {url}  (Ctrl-C stops it)", flush=True)
        if args.open:
            import webbrowser

            webbrowser.open(url)

    with starting, _open(args) as (service, progress):
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
        starting.enter_context(uncollected())
        from ragbot.guard import is_wildcard
        from ragbot.window.app import launch

        window = service.settings.window
        port = window.port if args.port is None else args.port
        host = args.host or window.host
        if is_wildcard(host) and not window.hosts:
            complain(
                "other machines are not answered yet: put the names and addresses by which they "
                "reach this one into window.hosts (RAGBOT_WINDOW__HOSTS)"
            )
        launch(service, host=host, port=port, on_ready=ready)
    return 0


def _fill(service: Service, progress: OnProgress) -> None:
    print(
        "Indexing the papers that come with Ragbot, once …", file=sys.stderr, flush=True
    )
    report = service.fill(progress)
    print(
        f"{report.papers} papers indexed in {report.seconds:.0f} s",
        file=sys.stderr,
        flush=True,
    )


COMMANDS = (
    Command(
        "ingest",
        "Read files and folders into the collection.",
        arguments.ingest,
        _ingest,
    ),
    Command(
        "embed",
        "Make the vectors of files, for 'ragbot ingest --embeddings'.",
        arguments.embed,
        _embed,
    ),
    Command(
        "fetch",
        "Fetch papers from the internet into the collection.",
        fetch_arguments.fetch,
        _fetch,
    ),
    Command("papers", "List the papers of the collection.", arguments.papers, _papers),
    Command(
        "search", "Find the papers that fit a question.", arguments.search, _search
    ),
    Command("ask", "Answer a question, with citations.", arguments.ask, _ask),
    Command(
        "verify",
        "Tell whether a saved answer still holds.",
        arguments.verify,
        _verify,
    ),
    Command(
        "conversations",
        "List, show, export, rename or delete kept conversations.",
        kept_conversations.options,
        kept_conversations.run,
    ),
    Command(
        "matrix",
        "Set papers side by side: problem, method, result, numbers, data, code.",
        arguments.matrix,
        _matrix,
    ),
    Command("export", "Write papers for other programs.", arguments.export, _export),
    Command("remove", "Forget papers.", arguments.remove, _remove),
    Command("rebuild", "Index every paper anew.", arguments.rebuild, _rebuild),
    Command("doctor", "Check that everything works.", arguments.doctor, _doctor),
    Command("eval", "Score search and answers on a set.", arguments.eval_, _eval),
    Command("eval compare", "Tell whether runs differ.", arguments.eval_compare, _eval),
    Command("eval pool", "Write papers to be labelled.", arguments.eval_pool, _eval),
    Command("eval merge", "Take labels into a set.", arguments.eval_merge, _eval),
    Command(
        "eval draft",
        "Have a language model draft questions.",
        arguments.eval_draft,
        _eval,
    ),
    Command("chat", "Open the chat window.", arguments.chat, _chat),
)
