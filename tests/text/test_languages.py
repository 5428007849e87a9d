"""Which texts are taken for English."""

from __future__ import annotations

import pytest

from ragbot.readers import read_file
from ragbot.resources import bundled_listings
from ragbot.text.languages import is_english, parted
from ragbot.text.sentences import split_sentences


@pytest.mark.parametrize(
    "text",
    [
        "MatryoshkaKV usa matrices de proyección de bajo rango para reducir la memoria.",
        "MatryoshkaKV reduziert den Speicher.",
        "MatryoshkaKV verwendet Projektionsmatrizen.",
        "MLKV réduit la mémoire.",
        "MatryoshkaKV använder projektionsmatriser för att minska minnet.",
        "MatryoshkaKV używa macierzy rzutowania o niskim rzędzie.",
        "MatryoshkaKV bellek kullanımını azaltmak için düşük dereceli matrisler kullanır.",
        "MatryoshkaKV sử dụng ma trận chiếu hạng thấp để giảm bộ nhớ.",
        "MatryoshkaKV menggunakan matriks proyeksi untuk mengurangi memori.",
        "MatryoshkaKV usa matrizes de projeção para reduzir a memória.",
        "MatryoshkaKV gebruikt projectiematrices om het geheugen te verkleinen.",
        "MLKV相比MQA将KV缓存缩小6倍。",
        "MLKV уменьшает память.",
        "Το MLKV μειώνει τη μνήμη.",
        "يقلل MLKV الذاكرة.",
    ],
)
def test_other_languages(text: str) -> None:
    assert not is_english(text)


def test_the_bundled_abstracts_are_english() -> None:
    sentences = [
        sentence
        for path in sorted(bundled_listings().glob("*.txt"))
        for record in read_file(path)[1]
        for sentence in split_sentences(record.abstract)
    ]
    foreign = [s for s in sentences if not is_english(s)]
    assert len(foreign) <= len(sentences) / 1000, foreign


def test_scripts_are_parted() -> None:
    assert (
        parted("MLKV相比MQA将缓存缩小6倍、60%的")
        == "MLKV 相比 MQA 将缓存缩小 6 倍、 60% 的"
    )
    assert parted("MLKV shares 6 heads.") == "MLKV shares 6 heads."
