"""The `ragbot eval` commands: from arguments to what is to be told. Prints nothing."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from ragbot.config import Settings, load_settings
from ragbot.errors import InputError
from ragbot.evaluation.report.tables import comparison_table, run_table
from ragbot.evaluation.runs.grid import Variant
from ragbot.evaluation.runs.records import Run
from ragbot.evaluation.scores.metrics import failures
from ragbot.evaluation.sets.draft import SHORTEST
from ragbot.resources import bundled_questions
from ragbot.service.scoring import (
    compare_runs,
    draft_questions,
    evaluate_set,
    grid,
    merge_labels,
    pool_papers,
    read_run,
)
from ragbot.text.english import counted
from ragbot.types import OnProgress

__all__ = ["COMMANDS", "Result"]


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a command: for people, as JSON, and one line for each gate that failed."""

    text: str
    document: object = None
    failures: tuple[str, ...] = ()


def _score(args: argparse.Namespace, progress: OnProgress) -> Result:
    """``ragbot eval``: one run, or one for each setting of a grid and their comparison."""
    source, split = _source(args)
    variants = _variants(args)
    try:
        runs = evaluate_set(
            _settings(args),
            source,
            split=split,
            variants=variants,
            out=args.out,
            seed=args.seed,
            judged=args.judge,
            progress=progress,
        )
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            "interrupted: the same command takes the run up again"
        ) from None
    failed = tuple(_failed(runs, dict(args.fail_under)))
    if len(runs) == 1:
        return Result(run_table(runs[0]), runs[0].summary, failed)
    compared = _compared(runs, None, args.seed)
    tables = "\n\n".join([*map(run_table, runs), compared.text])
    summaries = list(map(attrgetter("summary"), runs))
    return Result(
        tables,
        {"runs": summaries, "comparison": compared.document},
        failed,
    )


def _settings(args: argparse.Namespace) -> Settings:
    return load_settings(args.config, data_dir=args.data_dir)


def _source(args: argparse.Namespace) -> tuple[Path, str | None]:
    """What is asked, and the split if it is a BEIR folder."""
    given = [
        args.questions is not None,
        args.beir is not None,
        args.bundled is not None,
    ]
    if sum(given) != 1:
        raise InputError(
            "name one set of questions: a .jsonl file, --beir DIR or --bundled",
            "see 'ragbot eval --help'",
        )
    if args.beir is not None:
        return args.beir, args.split or "test"
    if args.split is not None:
        raise InputError("only a BEIR folder has splits", "name it with --beir DIR")
    return args.questions or bundled_questions() / f"{args.bundled}.jsonl", None


def _variants(args: argparse.Namespace) -> list[Variant]:
    return grid(args.grid, config=args.config, data_dir=args.data_dir)


def _failed(runs: Sequence[Run], gates: dict[str, float]) -> list[str]:
    named = len(runs) > 1
    return [
        f"{run.name}: {failure}" if named else failure
        for run in runs
        for failure in failures(run.told["overall"], gates)
    ]


def _compare(args: argparse.Namespace, _: OnProgress) -> Result:
    """``ragbot eval compare``."""
    return _compared(list(map(read_run, args.runs)), args.out, args.seed)


def _compared(runs: Sequence[Run], report: Path | None, seed: int) -> Result:
    comparison, path = compare_runs(runs, report, seed=seed)
    return Result(
        f"{comparison_table(comparison)}\nreport: {path}",
        {**comparison.to_json(), "report": str(path)},
    )


def _pool(args: argparse.Namespace, progress: OnProgress) -> Result:
    """``ragbot eval pool``."""
    papers, asked = pool_papers(
        _settings(args),
        args.questions,
        args.output,
        variants=_variants(args),
        progress=progress,
    )
    return Result(
        f"{counted(papers, 'paper')} for {counted(asked, 'question')}: write 2 "
        f"(answers it), 1 (partly) or 0 into the last column of {args.output}, "
        "then run 'ragbot eval merge'"
    )


def _merge(args: argparse.Namespace, _: OnProgress) -> Result:
    """``ragbot eval merge``."""
    merged = merge_labels(_settings(args), args.questions, args.labels, args.output)
    questions, labels = (
        counted(merged.questions, "question"),
        counted(merged.labels, "label"),
    )
    text = f"{questions} with {labels} written to {args.output}"
    if merged.unlabelled:
        text += f"\n{counted(merged.unlabelled, 'row')} without a label"
    if merged.left_out:
        text += f"\nleft out, as no paper answers them: {', '.join(merged.left_out)}"
    return Result(text)


def _draft(args: argparse.Namespace, progress: OnProgress) -> Result:
    """``ragbot eval draft``."""
    made = draft_questions(
        _settings(args), args.out, args.n, seed=args.seed, progress=progress
    )
    lines = [f"{counted(made.drafted, 'question')} drafted into {args.out}"]
    if made.earlier:
        lines.append(
            f"{counted(made.earlier, 'paper')} passed over: the file asks about them"
        )
    if made.papers < args.n:
        lines.append(f"no more than {made.papers} abstracts have {SHORTEST} characters")
    if made.rejected:
        lines.append(f"{counted(len(made.rejected), 'draft')} rejected:")
        reasons = Counter(map(attrgetter("reason"), made.rejected))
        lines += [f"{times:5}  {reason}" for reason, times in reasons.most_common()]
    there = made.drafted + made.earlier
    if there:
        lines.append(
            f"Read them, mend or delete lines, then run 'ragbot eval {args.out}'. "
            "No question is known to be good before a person has read it."
        )
    document = {
        "papers": made.papers,
        "drafted": made.drafted,
        "earlier": made.earlier,
        "rejected": [
            {"id": r.paper.id, "title": r.paper.title, "reason": r.reason}
            for r in made.rejected
        ],
        "out": str(args.out),
    }
    return Result(
        "\n".join(lines), document, () if there else ("no draft could be kept",)
    )


COMMANDS = {
    "eval": _score,
    "eval compare": _compare,
    "eval pool": _pool,
    "eval merge": _merge,
    "eval draft": _draft,
}
