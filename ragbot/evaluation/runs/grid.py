"""Runs of one set under one or several settings, each over a collection that fits them.

A question set runs on the collection in force. A BEIR folder, and a variant that needs another
index than the collection has, get a throw-away one below the data folder, gone after the runs.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ragbot.config import Settings, load_settings
from ragbot.errors import InputError
from ragbot.evaluation.runs.records import Run
from ragbot.evaluation.runs.run import run_questions
from ragbot.evaluation.runs.tasks import Judge
from ragbot.evaluation.runs.workbench import Load, Workbench, own_papers
from ragbot.evaluation.sets.beir import read_beir
from ragbot.evaluation.sets.cases import AnySet, CaseSet, read_set
from ragbot.types import OnProgress, Paper

__all__ = ["Variant", "evaluate", "grid"]

# Answers asked of a BEIR folder: enough for their times; its judgements are of papers alone.
_BEIR_ANSWERS = 50
_OPTION = re.compile(
    r"\s*(?P<name>[^.=\s][^.=]*\.[^=\s]+)\s*=(?P<values>[^,]+(?:,[^,]+)*)"
)


@dataclass(frozen=True, slots=True)
class Variant:
    """Settings and what tells them from others, ``retrieval.k=20``; empty for the plain ones."""

    label: str
    settings: Settings


def grid(
    options: Sequence[str],
    *,
    config: Path | None = None,
    data_dir: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> list[Variant]:
    """The settings for every combination of ``section.key=value,value`` options.

    Raises:
        InputError: an option of another form.
        ConfigError: a setting that does not exist or a value that it cannot have.
    """
    axes = map(_axis, options)
    base = dict(os.environ)
    if environ is not None:
        base = dict(environ)
    variants = []
    for chosen in itertools.product(*axes):
        label = " ".join(f"{name}={value}" for name, value in chosen)
        set_so = {_variable(name): value for name, value in chosen}
        settings = load_settings(config, data_dir=data_dir, environ=base | set_so)
        variants.append(Variant(label, settings))
    return variants


def _axis(option: str) -> list[tuple[str, str]]:
    """A setting's name, ``retrieval.k``, with each of the values that an option gives it."""
    read = _OPTION.fullmatch(option)
    if read is None:
        raise InputError(
            f"'{option}' is no --grid option",
            "write it like retrieval.candidates=100,300",
        )
    values = map(str.strip, read["values"].split(","))
    return list(zip(itertools.repeat(read["name"]), values))


def _variable(name: str) -> str:
    """The environment's name of a setting: RAGBOT_RETRIEVAL__K."""
    section, _, setting = name.partition(".")
    return f"RAGBOT_{section}__{setting}".upper()


def evaluate(
    settings: Settings,
    source: Path,
    *,
    split: str | None = None,
    variants: Sequence[Variant] = (),
    out: Path | None = None,
    seed: int = 0,
    judge: Judge | None = None,
    load: Load | None = None,
    progress: OnProgress | None = None,
) -> list[Run]:
    """One run for each variant, in their order, or for ``settings`` if there are none.

    ``split`` makes ``source`` a BEIR folder. ``out`` is the run's folder, or with several variants
    the folder of theirs; ``load`` replaces the embedders of the settings.

    Raises:
        RagbotError: the set or the settings cannot be used, the collection is empty or does not
            fit them.
    """
    variants = variants or (Variant("", settings),)
    papers: Sequence[Paper]
    questions: AnySet
    if split is None:
        papers = own_papers(settings)
        questions = read_set(source, papers)
        ask_only = None
    else:
        beir = read_beir(source, split)
        papers, questions = beir.papers, beir.questions
        ask_only = _BEIR_ANSWERS
    if judge and isinstance(questions, CaseSet):
        raise InputError(
            f"{source}: ask cases are judged by their checks", "leave out --judge"
        )
    runs = []
    with Workbench(
        settings, papers, built=split is None, load=load, progress=progress
    ) as bench:
        for variant in variants:
            with bench.open(variant.settings) as bot:
                runs.append(
                    run_questions(
                        bot,
                        questions,
                        _folder(out, variant, alone=len(variants) == 1),
                        runs=settings.data_dir / "runs",
                        label=variant.label,
                        seed=seed,
                        ask_only=ask_only,
                        judge=judge,
                        progress=progress,
                    )
                )
    return runs


def _folder(out: Path | None, variant: Variant, *, alone: bool) -> Path | None:
    if out is None or alone:
        return out
    return out / re.sub(r"[^\w.=-]+", "_", variant.label)
