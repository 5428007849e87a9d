"""Settings measured with question sets: runs, comparisons, and sets made of pools and drafts.

Not over one collection that is open, as `Service` is: each setting has its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from pathlib import Path

from ragbot.adapters import as_llama_index_llm
from ragbot.config import Settings
from ragbot.evaluation.report.page import write_comparison
from ragbot.evaluation.runs.grid import Variant, evaluate, grid
from ragbot.evaluation.runs.records import Run, read_run
from ragbot.evaluation.runs.workbench import own_papers
from ragbot.evaluation.scores.compare import Comparison, compare
from ragbot.evaluation.scores.judge import LlmJudge
from ragbot.evaluation.sets.draft import Drafted, draft
from ragbot.evaluation.sets.pool import Merged, merge, pool, write_pool
from ragbot.llm import load_llm, required
from ragbot.pipeline import Ragbot
from ragbot.types import OnProgress

__all__ = [
    "compare_runs",
    "draft_questions",
    "evaluate_set",
    "grid",
    "merge_labels",
    "pool_papers",
    "read_run",
]

_COMPARISON = "comparison.html"


def evaluate_set(
    settings: Settings,
    source: Path,
    *,
    split: str | None = None,
    variants: Sequence[Variant] = (),
    out: Path | None = None,
    seed: int = 0,
    judged: bool = False,
    progress: OnProgress | None = None,
) -> list[Run]:
    """One run for each variant (`ragbot.evaluation.runs.grid.evaluate`).

    With ``judged``, the language model of the settings judges the answers.

    Raises:
        InputError: the set or the folder for the run cannot be used.
        EmptyCollection: there are no papers.
        ConfigError: answers are to be judged and no language model is set.
    """
    judge = None
    if judged:
        llm = required(load_llm(settings.llm), "--judge")
        judge = LlmJudge(as_llama_index_llm(llm, max_tokens=settings.llm.max_tokens))
    return evaluate(
        settings,
        source,
        split=split,
        variants=variants,
        out=out,
        seed=seed,
        judge=judge,
        progress=progress,
    )


def compare_runs(
    runs: Sequence[Run], report: Path | None = None, *, seed: int = 0
) -> tuple[Comparison, Path]:
    """Runs against the first of them, and the file of the report.

    It is beside that of the last run, if ``report`` names no other.

    Raises:
        InputError: the runs cannot be compared, or the report not be written.
    """
    comparison = compare(runs, seed=seed)
    path = report or runs[-1].folder / _COMPARISON
    return comparison, write_comparison(comparison, path)


def pool_papers(
    settings: Settings,
    questions: Path,
    output: Path,
    *,
    variants: Sequence[Variant] = (),
    progress: OnProgress | None = None,
) -> tuple[int, int]:
    """Write the papers that settings find, to be labelled; how many, and for how many questions.

    Raises:
        InputError: the set cannot be read, or the file not be written.
        EmptyCollection: there are no papers.
    """
    candidates = pool(settings, questions, variants=variants, progress=progress)
    write_pool(candidates, output)
    return len(candidates), len(set(map(attrgetter("question.id"), candidates)))


def merge_labels(
    settings: Settings, questions: Path, labels: Path, output: Path
) -> Merged:
    """Write the set with the labels that people gave (`ragbot.evaluation.sets.pool.merge`).

    Raises:
        InputError: a file cannot be read or written.
        EmptyCollection: there are no papers.
    """
    return merge(questions, labels, own_papers(settings), output)


def draft_questions(
    settings: Settings,
    out: Path,
    wanted: int,
    *,
    seed: int = 0,
    progress: OnProgress | None = None,
) -> Drafted:
    """Have the language model draft questions (`ragbot.evaluation.sets.draft.draft`).

    Raises:
        InputError: the file cannot be used.
        ConfigError: no language model is set.
        LlmError: it does not answer.
    """
    with Ragbot.open(settings, progress=progress) as bot:
        return draft(bot, out, wanted, seed=seed, progress=progress)
