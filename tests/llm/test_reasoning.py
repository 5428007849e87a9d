"""ragbot/llm/reasoning.py: what is reasoning and what is answer, however the text is cut."""

import time

import pytest

from ragbot.llm.reasoning import ReasoningFilter

CASES = {
    "plain": ("OLinear [1] < MLKV [2]", "", "OLinear [1] < MLKV [2]"),
    "usual": (
        "<think>\nWhich one?\n</think>\n\nOLinear [1].",
        "\nWhich one?\n",
        "OLinear [1].",
    ),
    "long name": ("<thinking>Hm.</thinking>OLinear [1].", "Hm.", "OLinear [1]."),
    "empty": ("<think>\n\n</think>\n\nOLinear.", "\n\n", "OLinear."),
    "twice": ("<think>a</think>\n<think>b</think>OLinear.", "ab", "OLinear."),
    "in between": ("First. <think>[9]</think>Then [1].", "[9]", "First. Then [1]."),
    "no end": ("<think>So many papers", "So many papers", ""),
    "no beginning": (
        "Which one?\n</think>\n\nOLinear [1].",
        "Which one?\n",
        "OLinear [1].",
    ),
    "quoted": (
        "It emits `<think>` and `</think>`.",
        "",
        "It emits `<think>` and `</think>`.",
    ),
    "named": (
        "It adds <think> to R1 [2].",
        " to R1 [2].",
        "It adds <think> to R1 [2].",
    ),
    "no tag": ("a <thin b </thinker> <b>", "", "a <thin b </thinker> <b>"),
    "half a tag at the end": ("so x <thi", "", "so x <thi"),
    "end after an end": ("<think>a</think>b</think>c", "a", "b</think>c"),
    "Mistral": ("[THINK]Which?[/THINK]OLinear [1].", "Which?", "OLinear [1]."),
    "Kimi": ("◁think▷Which?◁/think▷OLinear [1].", "Which?", "OLinear [1]."),
    "Seed": ("<seed:think>Which?</seed:think>OLinear.", "Which?", "OLinear."),
    "Cohere": (
        "<|START_THINKING|>Which?<|END_THINKING|><|START_RESPONSE|>OLinear.<|END_RESPONSE|>",
        "Which?",
        "OLinear.",
    ),
    "Harmony": (
        "<|channel|>analysis<|message|>Which?<|end|>"
        "<|start|>assistant<|channel|>final<|message|>OLinear [1].<|return|>",
        "Which?",
        "OLinear [1].",
    ),
    "Harmony without its tokens": (
        "analysisWe look.assistantfinalOLinear.",
        "We look.",
        "OLinear.",
    ),
    "Granite": (
        "Here is my thought process:\nWhich?\nHere is my response:\nOLinear.",
        "\nWhich?\n",
        "OLinear.",
    ),
    "an analysis": ("analysis of OLinear [1].", "", "analysis of OLinear [1]."),
    "ChatML": ("<|im_start|>assistant\nOLinear [1].<|im_end|>", "", "OLinear [1]."),
    "Llama": (
        "<|start_header_id|>assistant<|end_header_id|>\n\nOLinear.<|eot_id|>",
        "",
        "OLinear.",
    ),
    "Gemma": ("OLinear [1].<end_of_turn>\n", "", "OLinear [1]."),
    "DeepSeek": ("OLinear [1].<｜end▁of▁sentence｜>", "", "OLinear [1]."),
    "Phi": ("OLinear.<|end|><|user|>And MLKV?<|end|><|assistant|>No.", "", "OLinear."),
    "the user's turn, too": (
        "OLinear.<|im_end|>\n<|im_start|>user\nWhich?<|im_end|>\n<|im_start|>assistant\nMLKV.",
        "",
        "OLinear.",
    ),
    "an echo first": (
        "<|im_start|>user\nWhich?<|im_end|>\n<|im_start|>assistant\nMLKV.<|im_end|>",
        "",
        "MLKV.",
    ),
    "an echo alone": ("<|im_start|>user", "", ""),
    "sentence marks": ("<s>OLinear [1].</s>", "", "OLinear [1]."),
    "tokens in the middle": (
        "OLinear <|extra_0|>[1].<|endoftext|>",
        "",
        "OLinear [1].",
    ),
    "a token that is quoted": (
        "It ends with `<|im_end|>` always.",
        "",
        "It ends with `<|im_end|>` always.",
    ),
    "bars": ("P(a<|b|c) and |x|<|y|", "", "P(a<|b|c) and |x|<|y|"),
}


def heard(pieces: list[str]) -> tuple[str, str]:
    """The reasoning and the answer that somebody who follows the pieces has at the end."""
    parts = ReasoningFilter()
    reasoning = answer = ""
    for piece in [*(p for text in pieces for p in parts.feed(text)), *parts.finish()]:
        if piece.retracts:
            reasoning, answer = reasoning + answer, ""
        elif piece.reasoning:
            reasoning += piece.text
        else:
            answer += piece.text
    return reasoning, answer


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 1000])
@pytest.mark.parametrize("case", CASES)
def test_it_does_not_matter_how_the_text_is_cut(case: str, size: int) -> None:
    text, reasoning, answer = CASES[case]
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    told = heard(pieces)
    assert told[1] == answer
    assert told[0] == reasoning


def test_nothing_is_held_back_that_can_be_no_tag() -> None:
    parts = ReasoningFilter()
    assert [p.text for p in parts.feed("OLinear <")] == ["OLinear "]
    assert [p.text for p in parts.feed("5 % (")] == ["<5 % ("]


@pytest.mark.parametrize(
    "text", ["<", "<|", "[", "analysis", "<|channel|>a", "<think>", "◁"]
)
def test_time_grows_with_the_length(text: str) -> None:
    def steps(n: int) -> float:
        start = time.thread_time()
        parts = ReasoningFilter()
        for _ in range(n):
            parts.feed(text)
        parts.finish()
        return time.thread_time() - start

    steps(200)
    assert steps(8_000) < 8 * max(steps(2_000), 0.01)
