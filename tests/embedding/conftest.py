"""Tiny random models, and their conversion without a process for each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ragbot.embedding import conversion, ways

MakeModel = Callable[..., Path]


@pytest.fixture
def converting_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Models are converted and measured by this process: one of its own takes seconds to start."""
    monkeypatch.setattr(conversion, "_convert_apart", conversion._convert)
    monkeypatch.setattr(ways, "run_apart", lambda _, *args, doing: ways._measure(*args))


@pytest.fixture(scope="package")
def make_model(tmp_path_factory: pytest.TempPathFactory) -> MakeModel:
    """A folder with a random two-layer BERT as a sentence-transformers model."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import (
        Dense,
        Normalize,
        Pooling,
        Transformer,
    )
    from transformers import BertConfig, BertModel, BertTokenizerFast

    words = sorted(
        set(
            "query passage channel pruning the channels of deep networks layer by kv".split()
        )
    )
    root = tmp_path_factory.mktemp("bert")
    (root / "vocab.txt").write_text(
        "\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ",", ":", *words])
    )
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=7 + len(words),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(root)
    BertTokenizerFast(str(root / "vocab.txt"), do_lower_case=True).save_pretrained(root)

    def make(
        pooling: str = "mean",
        *,
        dense: bool = False,
        normalize: bool = False,
        prompts: dict[str, str] | None = None,
        default_prompt: str | None = None,
        max_length: int = 64,
    ) -> Path:
        modules = [
            Transformer(str(root), max_seq_length=max_length),
            Pooling(32, pooling_mode=pooling),
        ]
        if dense:
            modules.append(Dense(32, 16))
        if normalize:
            modules.append(Normalize())
        folder = tmp_path_factory.mktemp("model") / "tiny"
        SentenceTransformer(
            modules=modules,
            prompts=prompts,
            default_prompt_name=default_prompt,
            device="cpu",
        ).save(str(folder), create_model_card=False)
        return folder

    return make
