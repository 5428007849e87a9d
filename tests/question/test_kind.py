"""ragbot/question/kind.py: what kind of answer a question asks for, and the names in it."""

import pytest

from ragbot.question.kind import Kind, asked_fact, kind_of
from ragbot.text.names import names_in, phrases_in


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
        (
            "Papers published in the second half of 2024 about vision transformers",
            "list",
        ),
        ("recent papers using Mamba", "list"),
        ("Which datasets does OLinear use?", "single"),
        ("What benchmarks was it tested on?", "single"),
        ("Which datasets do people use?", "list"),
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
        (
            "Is α-NeRF better than C4.5, k-NN or NeRF++?",
            ["α-NeRF", "C4.5", "k-NN", "NeRF++"],
        ),
        ("What's new in 3D since 2024?", []),
        ("", []),
    ],
)
def test_names(question: str, names: list[str]) -> None:
    assert names_in(question) == names


@pytest.mark.parametrize(
    ("question", "phrases"),
    [
        ("What AUC does Deep Interest Network reach?", ["Deep Interest Network"]),
        # A sentence begins with a capital
        (
            "Deep Interest Network or Wide Net",
            ["Wide Net"],
        ),
        ("What is U-Net?", []),
        ("Does the Channel-Pruning Method work?", ["Channel-Pruning Method"]),
        ("what is deep learning?", []),
        ("", []),
    ],
)
def test_phrases(question: str, phrases: list[str]) -> None:
    assert phrases_in(question) == phrases


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        ("Which learning-rate schedule does OLinear use?", "learning-rate schedule"),
        ("How many GPU hours does it need?", "GPU hours"),
        ("What AUC was reached?", "AUC"),
        ("How does OLinear work?", None),
        ("Compare OLinear and SampleRNN", None),
        ("What is pruning?", None),
    ],
)
def test_the_fact_that_is_asked_for(question: str, fact: str | None) -> None:
    assert asked_fact(question) == fact
