"""ragbot/question/kind.py: what kind of answer a question asks for, and the names in it."""

import pytest

from ragbot.question.kind import Kind, asked_fact, kind_of
from ragbot.text.names import names_in, phrases_in


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How does MatryoshkaKV compress the KV cache?", "method"),
        ("What is new about it?", "method"),
        ("What does OLinear forecast?", "other"),
        ("Which paper proposes equiangular basis vectors?", "other"),
        ("Is there a paper on brain tumor detection?", "other"),
        ("Which papers prune channels?", "list"),
        ("Which papers speed up rendering?", "list"),
        ("List works on neural fields", "list"),
        ("What methods are there for KV cache compression?", "list"),
        ("Are there any surveys of Mamba?", "list"),
        ("Show me papers about spiking networks", "list"),
        (
            "Papers published in the second half of 2024 about vision transformers",
            "list",
        ),
        ("recent papers using Mamba", "list"),
        ("vision architectures without attention", "list"),
        ("kv cache low rank", "list"),
        ("IDS FPGA automotive CAN", "list"),
        ("How many papers study grokking?", "count"),
        ("Which datasets does OLinear use?", "dataset"),
        ("What benchmarks was it tested on?", "dataset"),
        ("What was it evaluated on?", "dataset"),
        ("Which datasets do people use?", "list"),
        ("Compare OLinear and SampleRNN", "comparison"),
        ("How does KiloNeRF differ from NeRF?", "comparison"),
        ("MLKV versus MatryoshkaKV", "comparison"),
        ("What does PVD-AL add to PVD?", "comparison"),
        ("Does KiloNeRF beat NeRF?", "superiority"),
        ("faster than NeRF?", "superiority"),
        ("and less accurate than NeRF?", "superiority"),
        ("KAN vs MLP: which one is better?", "superiority"),
        ("How much better is KiloNeRF than NeRF?", "result"),
        ("By how much does OLinear cut the error?", "result"),
        ("What speedup does MatrixKAN reach?", "result"),
        ("What is the lowest FID reported on ImageNet?", "superlative"),
        ("Which model has the highest accuracy on CIFAR-10?", "superlative"),
        ("What is neural collapse?", "definition"),
        ("what does NALSM stand for", "definition"),
        ("What is meant by mixup?", "definition"),
        ("What is the effect of depth on accuracy?", "other"),
        ("Where is the code of OLinear?", "availability"),
        ("Have the weights been released?", "availability"),
        ("What are the limitations of OLinear?", "limitation"),
        ("What can OLinear not do?", "limitation"),
        ("What limitation of RNNs does OLinear address?", "reason"),
        ("Why do deep networks forget?", "reason"),
        ("What problem does OLinear solve?", "reason"),
        ("Summarise the OLinear paper", "summary"),
        ("What is the OLinear paper about?", "summary"),
        ("Tell me about OLinear", "summary"),
        ("Is there anything similar to OLinear?", "similar"),
        ("Does OLinear need a GPU?", "polar"),
        ("Where are they?", "other"),
        ("", "other"),
        ("What is task arithmetic?", "definition"),
        ("What is the accuracy?", "result"),
        ("What are configurable foundation models?", "definition"),
        ("What are the models for tabular data?", "list"),
        ("How many tokens was Yuan 2.0-M32 trained on?", "result"),
        ("What was Yuan 2.0-M32 trained on?", "dataset"),
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
        ("How does OLinear work?", ""),
        ("Compare OLinear and SampleRNN", ""),
        ("What is pruning?", ""),
    ],
)
def test_the_fact_that_is_asked_for(question: str, fact: str) -> None:
    assert asked_fact(question) == fact
