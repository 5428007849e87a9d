"""What is asked of a bot in a run, and what came of it: questions, and the turns of ask cases."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from operator import attrgetter
from typing import TypeVar

from ragbot.errors import EmptyCollection, InputError
from ragbot.evaluation.runs.records import Found, Outcome, answered, found, wanted
from ragbot.evaluation.scores.metrics import (
    CASES_PASSED,
    FILTER_DATED,
    answer_figures,
    paper_figures,
)
from ragbot.evaluation.scores.verdicts import failed_checks, measures, seen
from ragbot.evaluation.sets.cases import AnySet, AskCase, CaseSet
from ragbot.evaluation.sets.questions import Question
from ragbot.llm import LanguageModel
from ragbot.pipeline import Ragbot
from ragbot.question import read
from ragbot.types import Answer, Filters, Hit, Message

__all__ = ["DEPTH", "Judge", "Task", "tasks"]

# How far down the ranking recall is drawn.
DEPTH = 50
_TOP = 10

Judge = Callable[[Question, Answer], Mapping[str, float | None]]
T = TypeVar("T")


@dataclasses.dataclass(frozen=True, slots=True)
class Task:
    """One outcome to come: its key, the question that it opens with, and how it is got."""

    key: tuple[str, str]
    opening: str
    outcome: Callable[[], Outcome]


def tasks(
    bot: Ragbot,
    model: LanguageModel,
    asked: AnySet,
    *,
    answers: Collection[str],
    judge: Judge | None = None,
) -> list[Task]:
    """What is to be asked of a set, in its order.

    Questions whose ids are not among ``answers`` are only searched for.
    """
    if isinstance(asked, CaseSet):
        case = _Cases(bot, model).outcome
        return [Task((c.id, c.kind), c.turns[0], partial(case, c)) for c in asked.cases]
    question = _Questions(bot, model, answers, judge).outcome
    return [
        Task((q.id, type_), q.question, partial(question, q, type_, filters))
        for each in asked.questions
        for q, type_, filters in _passes(each)
    ]


def _passes(question: Question) -> list[tuple[Question, str, Filters | None]]:
    """The question without its dates, and a filter question again with them."""
    plain: tuple[Question, str, Filters | None] = question, question.type, None
    if question.type != "filter":
        return [plain]
    return [plain, (question, FILTER_DATED, question.filters)]


def _unless_refused(ask: Callable[[], T]) -> tuple[T | None, str | None]:
    """What was asked for, or why it was refused."""
    try:
        return ask(), None
    except EmptyCollection:
        raise
    except InputError as refused:
        return None, str(refused)


class _Cases:
    """Asks the turns of a case and judges the last answer."""

    def __init__(self, bot: Ragbot, model: LanguageModel) -> None:
        self._bot = bot
        self._model = model

    def outcome(self, case: AskCase) -> Outcome:
        last: Answer | None = None
        ask_ms, figures = None, {}
        answers, error = _unless_refused(partial(self._answers, case.turns))
        failed = {"answer": f"refused: {error}"}
        if answers:
            last, ask_ms = answers[-1]
            *earlier, judged = [seen(answer) for answer, _ in answers]
            failed = failed_checks(case.checks, judged, earlier)
            figures = measures(case.checks, judged)
        return Outcome(
            id=case.id,
            type=case.kind,
            question=case.turns[-1],
            wanted=(),
            found=_cited(last),
            evidence=(),
            answerable=False,
            error=error,
            search_ms=None,
            ask_ms=ask_ms,
            figures={CASES_PASSED: float(not failed), **figures},
            turns=case.turns,
            answers=tuple(answer.text for answer, _ in answers or ()),
            why=case.why,
            failed=failed,
            **answered(last),
        )

    def _answers(self, turns: Sequence[str]) -> list[tuple[Answer, float]]:
        """The answer to each turn, asked with those before it, and its time in milliseconds.

        Raises:
            InputError: a question is refused.
        """
        history: list[Message] = []
        answers = []
        for question in turns:
            start = time.perf_counter()
            answer = self._bot.ask(question, tuple(history), model=self._model)
            answers.append((answer, _since(start)))
            history.append(Message("user", question))
            history.append(Message("assistant", answer.text))
        return answers


def _cited(answer: Answer | None) -> tuple[Found, ...]:
    if answer is None:
        return ()
    return tuple(Found(c.paper.id, c.paper.title, 0) for c in answer.papers)


class _Questions:
    """Asks the questions of a set; ``asked`` are those to be answered, too."""

    def __init__(
        self,
        bot: Ragbot,
        model: LanguageModel,
        asked: Collection[str],
        judge: Judge | None,
    ) -> None:
        self._bot = bot
        self._model = model
        self._asked = asked
        self._judge = judge
        self._titles = dict(map(attrgetter("id", "title"), bot.papers()))

    def outcome(
        self, question: Question, type_: str, filters: Filters | None
    ) -> Outcome:
        given, error = _unless_refused(partial(self._reply, question, filters))
        reply = given or _Reply()
        answer, hits = reply.answer, reply.hits
        figures = paper_figures(question, list(map(attrgetter("paper.id"), hits)))
        if question.id in self._asked:
            figures |= answer_figures(question, answer)
        judged: Mapping[str, float | None] = {}
        if self._judge and answer:
            judged = self._judge(question, answer)
        figures |= {name: value for name, value in judged.items() if value is not None}
        return Outcome(
            id=question.id,
            type=type_,
            question=question.question,
            wanted=wanted(question, self._titles),
            found=found(question, hits),
            evidence=question.evidence,
            answerable=question.answerable,
            error=error,
            search_ms=reply.search_ms,
            ask_ms=reply.ask_ms,
            figures=figures,
            unjudged=tuple(name for name, value in judged.items() if value is None),
            **answered(answer),
        )

    def _reply(self, question: Question, filters: Filters | None) -> _Reply:
        """The answer, if it is asked for, and the papers found.

        A search has no conversation: it gets the question that the answer goes by.

        Raises:
            InputError: the question is refused.
        """
        answer, ask_ms = None, None
        standalone = read(question.question, question.history).standalone
        if question.id in self._asked:
            start = time.perf_counter()
            answer = self._bot.ask(
                question.question, question.history, filters, model=self._model
            )
            ask_ms = _since(start)
            standalone = answer.standalone_question
        start = time.perf_counter()
        top = self._bot.search(standalone, _TOP, filters).hits
        search_ms = _since(start)
        seen_ids = {h.paper.id for h in top}
        deep = self._bot.search(standalone, DEPTH, filters).hits
        hits = [*top, *(h for h in deep if h.paper.id not in seen_ids)]
        return _Reply(answer, hits, ask_ms, search_ms)


@dataclasses.dataclass(frozen=True, slots=True)
class _Reply:
    """What came of a question; times in milliseconds."""

    answer: Answer | None = None
    hits: Sequence[Hit] = ()
    ask_ms: float | None = None
    search_ms: float | None = None


def _since(start: float) -> float:
    return round((time.perf_counter() - start) * 1e3, 3)
