"""How often the first sentences that Ragbot would quote of a paper are ones that answer.

    python benchmarks/sentences.py [QUESTIONS.jsonl]

Over every question of the set with evidence (the bundled set unless another is given) and every
relevant paper of the collection whose abstract holds some of it: the share whose best sentence, or
one of the best two or three, is evidence. By the ranking in use, by cosine alone, and by chance.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

os.environ["HF_HUB_OFFLINE"] = "1"

from ragbot.config import load_settings  # after the environment is set
from ragbot.evaluation.sets.questions import read_questions
from ragbot.pipeline import Ragbot
from ragbot.resources import bundled_questions

_DEPTHS = (1, 2, 3)


def letters(text: str) -> str:
    """What two spellings of a sentence share."""
    return "".join(c for c in text.lower() if c.isalnum())


def hits(answers: Sequence[bool]) -> list[float]:
    """Whether there is a True among the first one, two and three."""
    return [float(any(answers[:d])) for d in _DEPTHS]


def by_chance(answers: Sequence[bool]) -> list[float]:
    """How probable a True is among the first one, two and three in a random order."""
    wrong, n = len(answers) - sum(answers), len(answers)
    return [
        1.0 - float(np.prod([max(wrong - i, 0) / (n - i) for i in range(min(d, n))]))
        for d in _DEPTHS
    ]


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "questions", type=Path, nargs="?", default=bundled_questions() / "dev.jsonl"
    )
    parser.add_argument("--data-dir", type=Path)
    args = parser.parse_args()
    found: dict[str, list[list[float]]] = {
        "ranking": [],
        "cosine alone": [],
        "chance": [],
    }
    with Ragbot.open(load_settings(data_dir=args.data_dir)) as bot:
        retriever = bot.retriever()
        papers = {p.id: p for p in bot.papers()}
        for question in read_questions(args.questions, papers.values()).questions:
            evidence = [letters(e) for e in question.evidence]
            query = retriever.prepare(question.question)
            for paper_id in question.relevant:
                ranked = (
                    retriever.rank(papers[paper_id], query)
                    if paper_id in papers
                    else []
                )
                answers = {
                    s.position: any(
                        letters(s.text) in e or e in letters(s.text) for e in evidence
                    )
                    for s in ranked
                }
                if not any(answers.values()):
                    continue
                near = sorted(ranked, key=lambda s: -s.cosine)
                found["ranking"].append(hits([answers[s.position] for s in ranked]))
                found["cosine alone"].append(hits([answers[s.position] for s in near]))
                found["chance"].append(by_chance(list(answers.values())))
    print(f"{len(found['ranking'])} abstracts\n")
    print("| sentences by | the first answers | one of two | one of three |")
    print("|---|---:|---:|---:|")
    for name, rows in found.items():
        print(
            f"| {name} | "
            + " | ".join(f"{100 * x:.1f} %" for x in np.mean(rows, axis=0))
            + " |"
        )


if __name__ == "__main__":
    main()
