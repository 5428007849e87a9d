"""What questions in other languages ask for, told from their words."""

from __future__ import annotations

import pytest

from ragbot.question import read
from ragbot.types import Kind


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Welche Arbeiten beschäftigen sich mit Mischungen von Experten?", "list"),
        ("Quels articles traitent de la fusion de modèles ?", "list"),
        ("¿Qué artículos tratan sobre redes neuronales?", "list"),
        ("有哪些论文研究混合专家模型?", "list"),
        ("Какие статьи посвящены обучению?", "list"),
        ("Wie viele Arbeiten handeln von Mamba?", "count"),
        ("Combien d'articles parlent de Mamba ?", "count"),
        ("Was ist ein Hypernetzwerk?", "definition"),
        ("Qu'est-ce que le grokking ?", "definition"),
        ("¿Qué es una hiperred?", "definition"),
        ("什么是混合专家模型？", "definition"),
        ("KANとは何ですか？", "definition"),
        ("Warum verliert reine Aufmerksamkeit an Rang?", "reason"),
        ("Pourquoi les réseaux sont-ils lents ?", "reason"),
        ("Vergleiche KiloNeRF und KiloNeuS mit der Zeit", "comparison"),
        ("Wie funktioniert DenseNet mit der Zeit?", "method"),
        ("Как работает DenseNet?", "method"),
        ("Wie viel schneller ist es als die anderen?", "result"),
        ("Wo ist der Quellcode für das Netz?", "availability"),
        ("Wofür wird Mamba in der Bildsegmentierung benutzt?", "other"),
    ],
)
def test_kinds(question: str, kind: Kind) -> None:
    asked = read(question)
    assert asked.language != "en"
    assert asked.kind == kind


def test_english_is_read_as_english() -> None:
    assert read("Which papers compare code?").kind == "list"
