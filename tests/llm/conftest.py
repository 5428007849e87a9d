"""Language models to test with: a scripted server, and a tiny model of random weights."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ragbot.config import LlmSettings, load_settings
from ragbot.embedding.torch_engine import quiet
from ragbot.llm import Llm, load_llm
from ragbot.testing import ScriptedServer
from ragbot.types import Message

# Enough for a tokenizer to learn from.
TEXT = (Path(__file__).parent.parent / "fixtures" / "daily_papers.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def question() -> list[Message]:
    return [
        Message("system", "Answer from the abstracts."),
        Message("user", "What does OLinear forecast?"),
    ]


@pytest.fixture(scope="session")
def configured() -> Callable[..., LlmSettings]:
    """Makes the default settings under [llm] with some changed."""
    default = load_settings(environ={}).llm
    return lambda **told: dataclasses.replace(default, **told)


@pytest.fixture(scope="session")
def connected(configured: Callable[..., LlmSettings]) -> Callable[..., Llm]:
    """Makes the language model that a scripted server plays; of little patience."""

    def connect(server: ScriptedServer, **told: object) -> Llm:
        told = {"timeout": 0.4, "retries": 0, "base_url": server.base_url, **told}
        llm = load_llm(configured(provider="openai", model="scripted", **told))
        assert llm is not None
        return llm

    return connect


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer("OLinear forecasts time series [1].") as running:
        yield running


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a chat model of 100,000 random weights and its tokenizer, always the same."""
    import torch
    from tokenizers import ByteLevelBPETokenizer
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("model") / "tiny-chat"
    bpe = ByteLevelBPETokenizer()
    bpe.train_from_iterator(
        [TEXT],
        vocab_size=600,
        special_tokens=["<|end|>", "<|user|>", "<|system|>", "<|assistant|>"],
        show_progress=False,
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bpe._tokenizer, eos_token="<|end|>", pad_token="<|end|>"
    )
    tokenizer.chat_template = (
        "{% for m in messages %}{{ '<|' + m['role'] + '|>' + m['content'] + '<|end|>' }}"
        "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
    )
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=100_000,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
    )
    model = LlamaForCausalLM(config)
    # What many models bring along, and no setting of ours must trip over.
    model.generation_config.update(do_sample=True, temperature=0.6, top_p=0.95, top_k=20)
    with quiet():
        model.save_pretrained(folder)
    return folder
