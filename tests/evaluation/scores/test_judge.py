"""llama-index's evaluators with a scripted model: what it fails to say is missing."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from ragbot.evaluation.scores.judge import LlmJudge
from ragbot.evaluation.sets.questions import Question
from ragbot.pipeline import Ragbot
from ragbot.types import Answer

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

FIGURES = ("judge_faithfulness", "judge_relevancy", "judge_correctness")
QUESTION = Question("q", "single", "What is style?", {}, answer="A look.")


def scripted(reply: Callable[[str], str]) -> LLM:
    """A llama-index LLM that answers a prompt by ``reply``."""
    from llama_index.core.llms import CompletionResponse, CustomLLM, LLMMetadata

    class Scripted(CustomLLM):
        @property
        def metadata(self) -> LLMMetadata:
            return LLMMetadata()

        def complete(
            self, prompt: str, formatted: bool = False, **_: Any
        ) -> CompletionResponse:
            return CompletionResponse(text=reply(prompt))

        def stream_complete(
            self, prompt: str, formatted: bool = False, **_: Any
        ) -> Any:
            raise NotImplementedError

        async def acomplete(
            self, prompt: str, formatted: bool = False, **_: Any
        ) -> CompletionResponse:
            import asyncio

            return CompletionResponse(text=await asyncio.to_thread(reply, prompt))

    return Scripted()


@pytest.fixture
def answer(tiny: Ragbot) -> Answer:
    found = tiny.ask("How is the style of images predicted?")
    assert found.papers
    return found


def judged(
    reply: str, answer: Answer, question: Question = QUESTION
) -> dict[str, float | None]:
    return dict(LlmJudge(scripted(lambda _: reply))(question, answer))


def test_verdicts_become_figures(answer: Answer) -> None:
    yes, no = judged("YES", answer), judged("No, it does not.", answer)

    assert (yes["judge_faithfulness"], yes["judge_relevancy"]) == (1.0, 1.0)
    assert (no["judge_faithfulness"], no["judge_relevancy"]) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("reply", "figure"),
    [
        ("5\nAll of it.", 1.0),
        ("4.0", 0.75),
        ("Score: 1\nNone of it.", 0.0),
        ("**3**\n", 0.5),
        ("I like it.", None),
        ("17", None),
        ("", None),
    ],
)
def test_marks_from_one_to_five(
    answer: Answer, reply: str, figure: float | None
) -> None:
    assert judged(reply, answer)["judge_correctness"] == figure


def test_a_verdict_that_is_none_is_missing_not_zero(answer: Answer) -> None:
    assert judged("Hard to tell.", answer) == dict.fromkeys(FIGURES)


def test_an_error_of_the_model_is_missing(
    answer: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(prompt: str) -> str:
        raise ConnectionError("the server is away")

    assert LlmJudge(scripted(fail))(QUESTION, answer) == dict.fromkeys(FIGURES)
    assert "the server is away" in caplog.text


def test_a_model_that_takes_too_long_is_missing(answer: Answer) -> None:
    def sleep(prompt: str) -> str:
        time.sleep(0.5)
        return "YES"

    assert LlmJudge(scripted(sleep), timeout=0.05)(QUESTION, answer) == dict.fromkeys(
        FIGURES
    )


def test_the_model_sees_question_answer_and_cited_abstracts(answer: Answer) -> None:
    prompts: list[str] = []

    def note(prompt: str) -> str:
        prompts.append(prompt)
        return "YES"

    LlmJudge(scripted(note))(QUESTION, answer)

    told = "\n".join(prompts)
    assert answer.standalone_question in told
    assert answer.papers[0].paper.abstract[:60] in told
    assert "A look." in told


def test_correctness_needs_a_reference(answer: Answer) -> None:
    question = Question("q", "single", "What is style?", {})

    assert judged("YES", answer, question).keys() == {
        "judge_faithfulness",
        "judge_relevancy",
    }


def test_an_abstention_is_not_judged(tiny: Ragbot) -> None:
    declined = tiny.ask("%%~")
    assert declined.abstained

    assert judged("YES", declined) == {}
