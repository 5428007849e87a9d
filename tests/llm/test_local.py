"""ragbot/llm/local.py: a model in this process, tiny and with random weights."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ragbot.config import LlmSettings
from ragbot.errors import ConfigError, LlmError
from ragbot.llm import Llm, Piece, load_llm
from ragbot.types import Message

Changed = Callable[..., Llm]


@pytest.fixture(scope="session")
def local(configured: Callable[..., LlmSettings]) -> Changed:
    """Loads a folder or a name."""

    def load(model: Path | str, **told: object) -> Llm:
        llm = load_llm(
            configured(provider="local", model=str(model), device="cpu", **told)
        )
        assert llm is not None
        return llm

    return load


@pytest.fixture
def copy(tiny_model: Path, tmp_path: Path) -> Path:
    """The tiny model, to be changed."""
    return Path(shutil.copytree(tiny_model, tmp_path / "copy"))


def change(file: Path, **told: object) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **told}))


def heard(llm: Llm, messages: list[Message], max_tokens: int = 12) -> list[Piece]:
    """The pieces as far as they go; weights without sense come to no end."""
    pieces = []
    with contextlib.suppress(LlmError):
        for piece in llm.stream(messages, max_tokens=max_tokens):
            pieces.append(piece)  # noqa: PERF402  # those before the error count
    return pieces


def answer(llm: Llm, messages: list[Message], max_tokens: int = 12) -> str:
    text = "".join(piece.text for piece in heard(llm, messages, max_tokens))
    assert text
    return text


def test_it_stops_at_its_most_tokens_and_says_so(
    tiny_model: Path, local: Changed, question: list[Message]
) -> None:
    with pytest.raises(
        LlmError, match=r"cut at 7 tokens: raise llm\.max_tokens"
    ) as caught:
        list(local(tiny_model, max_tokens=7).stream(question, max_tokens=7))
    assert (caught.value.kind, caught.value.partial) == ("length", True)


def test_an_answer_that_ends_is_no_error(
    copy: Path, local: Changed, question: list[Message]
) -> None:
    """Here half of all tokens end an answer."""
    change(copy / "generation_config.json", eos_token_id=list(range(0, 600, 2)))
    assert list(local(copy).stream(question, max_tokens=500))


def test_it_is_the_same_each_time_unless_heated(
    tiny_model: Path, local: Changed, question: list[Message]
) -> None:
    cold, hot = local(tiny_model), local(tiny_model, temperature=1.5)
    assert answer(cold, question) == answer(cold, question)
    assert len({answer(hot, question) for _ in range(4)}) > 1


def test_every_turn_reaches_the_model(
    tiny_model: Path, local: Changed, question: list[Message]
) -> None:
    """With weights as they are, another word anywhere makes another answer."""
    llm = local(tiny_model)
    before: list[list[Message]] = [
        [],
        [Message("system", "Answer from the abstracts.")],
        [Message("system", "Answer in French.")],
        [Message("user", "Hello."), Message("assistant", "Good day.")],
    ]
    assert len({answer(llm, [*turns, question[-1]]) for turns in before}) == len(before)


def test_the_text_is_the_tokens_own(
    tiny_model: Path, local: Changed, question: list[Message]
) -> None:
    """Streamed token by token, it is what decoding all of them at once gives."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    model = AutoModelForCausalLM.from_pretrained(tiny_model)
    prompt = tokenizer.apply_chat_template(
        [{"role": m.role, "content": m.content} for m in question],
        add_generation_prompt=True,
        return_tensors="pt",
        return_dict=True,
    )
    tokens = model.generate(
        **prompt,
        do_sample=False,
        max_new_tokens=80,
        temperature=None,
        top_p=None,
        top_k=None,
    )
    whole = tokenizer.decode(
        tokens[0, prompt["input_ids"].shape[1] :], skip_special_tokens=True
    )
    assert "\N{REPLACEMENT CHARACTER}" in whole, (
        "no token that is a part of a character"
    )
    assert answer(local(tiny_model), question, 80) == whole.lstrip()


def test_a_template_without_a_system_role(
    copy: Path, local: Changed, question: list[Message]
) -> None:
    """What the system would say opens the first turn."""
    (copy / "chat_template.jinja").write_text(
        "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
        "{% for m in messages %}{{ m['content'] }}{% endfor %}"
    )
    llm = local(copy)
    system, user = question
    joined = [Message("user", f"{system.content}\n\n{user.content}")]
    assert answer(llm, question) == answer(llm, joined) != answer(llm, [user])


def test_a_template_that_opens_the_reasoning(
    copy: Path, local: Changed, question: list[Message]
) -> None:
    (copy / "chat_template.jinja").write_text("{{ messages[0]['content'] }}<think>\n")
    llm = local(copy)
    pieces = heard(llm, question)
    assert pieces
    assert all(piece.reasoning for piece in pieces)
    with pytest.raises(LlmError) as caught:
        list(llm.stream(question, max_tokens=9))
    assert (caught.value.kind, caught.value.partial) == ("length", False)


def test_a_request_that_is_too_long(
    tiny_model: Path, local: Changed, question: list[Message]
) -> None:
    llm = local(tiny_model, context_window=16)
    assert llm.context_window == 16
    with pytest.raises(LlmError, match="the model reads 16") as caught:
        next(llm.stream(question, max_tokens=8))
    assert caught.value.kind == "context"
    room = local(tiny_model, context_window=60)
    with pytest.raises(LlmError, match=r"raise llm\.context_window"):
        list(room.stream(question, max_tokens=500))


def test_the_window_is_the_models_own(tiny_model: Path, local: Changed) -> None:
    assert local(tiny_model).context_window == 100_000
    assert local(tiny_model, context_window=200_000).context_window == 100_000


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("/no/such/folder", r"/no/such/folder: no such folder: check llm\.model"),
        ("Qwen/Qwen3-0.6B", "download it with 'hf download Qwen/Qwen3-0.6B'"),
    ],
)
def test_a_model_that_is_not_here(local: Changed, model: str, says: str) -> None:
    with pytest.raises(LlmError, match=says) as caught:
        local(model)
    assert caught.value.kind == "model"


def test_a_folder_that_is_no_model(tmp_path: Path, local: Changed) -> None:
    with pytest.raises(LlmError, match=r"llm\.model"):
        local(tmp_path)


def test_a_model_that_does_not_chat(copy: Path, local: Changed) -> None:
    (copy / "chat_template.jinja").unlink()
    with pytest.raises(LlmError, match="has no chat template"):
        local(copy)


def test_no_model_named(local: Changed) -> None:
    with pytest.raises(ConfigError, match=r"llm\.model is empty"):
        local("")


def test_a_device_that_is_not_there(
    tiny_model: Path, configured: Callable[..., LlmSettings]
) -> None:
    import torch

    missing = "mps" if torch.cuda.is_available() else "cuda"
    settings = configured(provider="local", model=str(tiny_model), device=missing)
    with pytest.raises(LlmError, match=f"llm.device is '{missing}'") as caught:
        load_llm(settings)
    assert caught.value.kind == "setup"


PRIVATE = """
import dataclasses, sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.gethostbyname"):
        print(event, arguments)
        raise PermissionError("no network")

sys.addaudithook(refuse)
from ragbot.config import load_settings
from ragbot.errors import LlmError
from ragbot.llm import load_llm
from ragbot.types import Message

plain = load_settings(environ={}).llm
for model in sys.argv[1:]:
    heard = 0
    try:
        llm = load_llm(dataclasses.replace(plain, provider="local", model=model, device="cpu"))
        for _ in llm.stream([Message("user", "What does OLinear forecast?")], max_tokens=9):
            heard += 1
    except LlmError as error:
        print(error.kind, heard > 0)
"""


def test_nothing_is_looked_up_and_nothing_is_written_at_home(
    tiny_model: Path, tmp_path: Path
) -> None:
    """Neither for a folder, nor for a name that the hub's cache has, nor for one that it lacks."""
    home = tmp_path / "home"
    home.mkdir()
    cached = tmp_path / "cache" / "models--tests--tiny-chat"
    shutil.copytree(tiny_model, cached / "snapshots" / "0a")
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text("0a")
    environ = {k: v for k, v in os.environ.items() if not k.endswith("_OFFLINE")}
    environ |= {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "HF_HUB_CACHE": str(cached.parent),
    }
    told = subprocess.run(
        [
            sys.executable,
            "-B",
            "-c",
            PRIVATE,
            str(tiny_model),
            "tests/tiny-chat",
            "tests/other",
        ],
        env=environ,
        capture_output=True,
        text=True,
    )
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.splitlines() == ["length True", "length True", "model False"]
    assert list(home.rglob("*")) == []
