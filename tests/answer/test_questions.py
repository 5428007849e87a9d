"""ragbot/answer/questions.py: what kind of answer a question asks for, and the names in it."""

import pytest

from ragbot.answer.questions import Kind, kind_of, names_in


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How does MatryoshkaKV compress the KV cache?", "single"),
        ("What does OLinear forecast?", "single"),
        ("Which paper proposes equiangular basis vectors?", "single"),
        ("Is there a paper on brain tumor detection?", "single"),
        ("Which papers prune channels?", "list"),
        ("List works on neural fields", "list"),
        ("What methods are there for KV cache compression?", "list"),
        ("Are there any surveys of Mamba?", "list"),
        ("Show me papers about spiking networks", "list"),
        ("Compare OLinear and SampleRNN", "compare"),
        ("How does KiloNeRF differ from NeRF?", "compare"),
        ("MLKV versus MatryoshkaKV", "compare"),
    ],
)
def test_kinds(question: str, kind: Kind) -> None:
    assert kind_of(question) == kind


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("How does KiloNeRF differ from NeRF?", ["KiloNeRF", "NeRF"]),
        (
            "Does PVD-AL beat Meta-SpikeFormer on CIFAR-100?",
            ["PVD-AL", "Meta-SpikeFormer", "CIFAR-100"],
        ),
        ("Which state-of-the-art method is it?", []),
        ("WHICH PAPERS ARE ABOUT PRUNING CHANNELS?", []),
        ("NeRF or NeRF?", ["NeRF"]),
        ("", []),
    ],
)
def test_names(question: str, names: list[str]) -> None:
    assert names_in(question) == names
