"""Judgements of answers by a language model, through llama-index's evaluators. Off by default.

Given a model always: left to themselves the evaluators turn to OpenAI. What a model fails to judge
(no reply in time, a verdict that is none) is missing, never a zero.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ragbot.evaluation.sets.questions import Question
from ragbot.types import Answer

if TYPE_CHECKING:
    from llama_index.core.evaluation import BaseEvaluator, EvaluationResult
    from llama_index.core.llms import LLM

__all__ = ["LlmJudge"]

_VERDICT = re.compile(r"\b(yes|no)\b", re.I)
_SCORE = re.compile(r"\W*(?:score\W*)?([1-4](?:\.\d+)?|5(?:\.0+)?)(?![\d.]*\d)", re.I)


class LlmJudge:
    """Judges answers with any llama-index LLM; a `ragbot.evaluation.runs.run.Judge`.

    ``timeout`` is in seconds, a judgement.
    """

    def __init__(self, llm: LLM, *, timeout: float = 120) -> None:
        from llama_index.core.evaluation import (
            CorrectnessEvaluator,
            FaithfulnessEvaluator,
            RelevancyEvaluator,
        )

        self._timeout = timeout
        self._evaluators: dict[str, BaseEvaluator] = {
            "judge_faithfulness": FaithfulnessEvaluator(llm=llm),
            "judge_relevancy": RelevancyEvaluator(llm=llm),
            "judge_correctness": CorrectnessEvaluator(llm=llm, parser_function=_score),
        }

    def __call__(
        self, question: Question, answer: Answer
    ) -> Mapping[str, float | None]:
        """Figures 0 to 1 of an answer that cites papers, ``None`` where the model failed.

        Faithfulness: it follows from the abstracts that it cites. Relevancy: these and it speak to
        the question. Correctness: it agrees with the reference, marks 1 to 5 mapped to 0 to 1; only
        where the set has a reference.
        """
        if answer.abstained:
            return {}
        if not answer.papers:
            return {}
        names = list(self._evaluators)
        if not question.answer:
            names.remove("judge_correctness")
        results = asyncio.run(self._judge(names, question, answer))
        return dict(zip(names, map(_figure, names, results), strict=True))

    async def _judge(
        self, names: Sequence[str], question: Question, answer: Answer
    ) -> list[EvaluationResult | BaseException]:
        """A verdict each, or what the model raised instead: every LLM class has its own errors."""
        papers = [f"{c.paper.title}\n{c.paper.abstract}" for c in answer.papers]
        judgings = []
        for name in names:
            judging = self._evaluators[name].aevaluate(
                query=answer.standalone_question,
                response=answer.text,
                contexts=papers,
                reference=question.answer,
            )
            judgings.append(asyncio.wait_for(judging, self._timeout))
        return await asyncio.gather(*judgings, return_exceptions=True)


def _figure(name: str, result: EvaluationResult | BaseException) -> float | None:
    if isinstance(result, BaseException):
        logging.getLogger(__name__).warning("%s: no verdict (%r)", name, result)
        return None
    if name != "judge_correctness":
        return _agreement(result.feedback or "")
    if result.score is None:
        return None
    return (result.score - 1) / 4


def _agreement(feedback: str) -> float | None:
    """1 for a "yes", 0 for a "no"; the evaluators take every reply without a "yes" for a no."""
    verdict = _VERDICT.search(feedback)
    if verdict is None:
        return None
    return float(verdict.group().lower() == "yes")


def _score(reply: str) -> tuple[float | None, str]:
    """The mark that a reply opens with; the evaluator's own parser fails on a single line."""
    match = _SCORE.match(reply.strip())
    if match is None:
        return None, reply
    return float(match.group(1)), reply
