"""Sentences that only say what the papers lack, and those that claim something besides."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

import ragbot
from ragbot.support.refusals import declines

Growth = Callable[[Callable[[str], object], str, int], bool]

WORDS = Path(ragbot.__file__).parent / "support" / "refusals.toml"


@pytest.mark.parametrize(
    "refusal",
    [
        "There is no information about this in the given papers.",
        "I don't have enough information to answer this.",
        "It is unclear.",
        "The abstracts do not mention GPUs and TPUs.",
        "The abstracts do not state how it was trained, nor which GPUs it uses.",
        "Unfortunately, the abstracts do not provide this detail.",
        "The FID isn’t given.",
        "The authors do not specify the hardware.",
        "Nothing in the abstracts suggests this.",
        "There is no evidence in the abstracts that it was trained on TPUs.",
        "The abstracts do not state the rate, the batch size, or the hardware that was used.",
        "No paper in the collection mentions quantum computing.",
        "As the abstracts do not mention this, I cannot say.",
        "提供的摘要中没有相关信息。",
        "제공된 초록에는 관련 정보가 없습니다.",
        "Die Abstracts nennen die Lernrate von MatryoshkaKV nicht.",
        "Dazu gibt es keine Angaben in den Zusammenfassungen.",
        "Les résumés ne mentionnent pas les GPU.",
        "Los resúmenes no mencionan GPUs.",
        "Gli abstract non menzionano le GPU.",
        "Os resumos não mencionam GPUs.",
        "De samenvattingen vermelden geen GPU's.",
        "Sammanfattningarna nämner inga GPU:er.",
        "摘要中没有提到所用的GPU。",
        "要旨にはGPUについての記載がありません。",
        "초록에는 GPU에 대한 언급이 없습니다.",
        "В аннотациях не указано, какие GPU использовались.",
        "В анотаціях не вказано, які GPU використано.",
        "لا تذكر الملخصات وحدات معالجة الرسومات.",
        "सारांश में इसका कोई उल्लेख नहीं है।",
        "Özetlerde GPU'lardan bahsedilmiyor.",
        "Streszczenia nie podają czasu treningu.",
        "Abstrakty neuvádějí dobu trénování.",
        "Các bản tóm tắt không đề cập đến GPU.",
        "Abstrak tidak menyebutkan GPU.",
    ],
)
def test_refusals_of_many_languages(refusal: str) -> None:
    assert declines(refusal)


@pytest.mark.parametrize(
    "claim",
    [
        "The abstracts do not mention GPUs and MatryoshkaKV was trained on TPUs for three weeks.",
        "While the abstracts do not state the size, MatryoshkaKV uses TPUs.",
        "The abstracts do not state the size; it is small.",
        "The abstract does not state the size, but it reaches 90%.",
        "The method does not need labels.",
        "No information is lost by MatryoshkaKV.",
        "The text encoder is not included.",
        "The abstract says that no fine-tuning is needed.",
        "The paper reports no loss in accuracy.",
        "Not all papers report gains: MLKV loses accuracy.",
        "Although no paper mentions TPUs, MatryoshkaKV was trained on them.",
        "Das Paper braucht keine Labels.",
        "Los resúmenes no mencionan GPUs y MatryoshkaKV fue entrenado en TPUs durante semanas.",
        "Die Abstracts nennen keine GPUs und MatryoshkaKV wurde drei Wochen auf TPUs trainiert.",
        "摘要中没有提到GPU，但MatryoshkaKV在TPU上训练了三周。",
        "该方法不需要标签。",
        "La méthode n'a pas besoin d'étiquettes.",
    ],
)
def test_a_denial_with_a_claim_is_no_refusal(claim: str) -> None:
    assert not declines(claim)


OPTIONAL = {"spaceless", "denies_first", "clause", "affirms"}


def test_every_language_has_every_list() -> None:
    lists = {"denies", "papers", "tells", "whole", "joins", "asks"}
    table = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    assert len(table) >= 16
    for name, words in table.items():
        assert set(words) - OPTIONAL == lists, name
        assert all(words[listed] for listed in lists), name


@pytest.mark.parametrize(
    "start", ["the abstract not ", "not stated ", ", ", "and ", "没有", "n't", "a"]
)
def test_twice_the_text_takes_twice_the_time(
    start: str, grows_linearly: Growth
) -> None:
    assert grows_linearly(declines, start, 16000)
