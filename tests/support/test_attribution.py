"""ragbot/support/attribution.py: what a paper says of others is not said of its own work."""

from __future__ import annotations

import re

import pytest

from ragbot.support.attribution import of_others, other_basis, unrelated
from ragbot.support.dossier import Evidence
from ragbot.text.words import STOPWORDS, words
from ragbot.types import Paper


def stems(text: str) -> list[str]:
    parts = [p for w in words(text) for p in w.split("-") if p not in STOPWORDS]
    return [re.sub(r"(?:ing|ed|es|s|e)$", "", part) for part in parts]


def evidence(title: str, abstract: str) -> Evidence:
    return Evidence(Paper(title, title, abstract), None, stems, lambda _: 1.0)


RIVERNET = evidence(
    "RiverNet: A Graph Model for Flood Forecasting in Wavelet Space",
    "Flood forecasting saves lives. Existing models typically work in the frequency space, and "
    "most forecasters rely on dense rain gauges. We present RiverNet, a graph-based model that "
    "works in the wavelet space and uses sparse rain gauges. As a preprocessor, it enhances "
    "transformer-based forecasters.",
)
SEDIMENT = evidence(
    "SedimentGPT: Language Models Read River Beds",
    "Geologists describe sediments in words. We train SedimentGPT on their notes.",
)


@pytest.mark.parametrize(
    ("sentence", "what"),
    [
        ("RiverNet works in the frequency space.", "the frequency space"),
        ("RiverNet relies on dense rain gauges.", "dense rain gauges"),
        ("RiverNet mainly uses dense rain gauges, as others do.", "dense rain gauges"),
    ],
)
def test_what_others_use_is_not_what_a_work_uses(sentence: str, what: str) -> None:
    assert of_others(sentence, RIVERNET) == what


@pytest.mark.parametrize(
    "sentence",
    [
        "RiverNet works in the wavelet space.",
        "RiverNet uses sparse rain gauges.",
        "RiverNet does not work in the frequency space.",
        "RiverNet uses sparse instead of dense rain gauges.",
        "Existing models work in the frequency space.",
        "RiverNet uses satellites and radar.",
        "RiverNet improves forecasts in the frequency space.",
    ],
)
def test_what_a_work_uses_or_leaves_is_its_own(sentence: str) -> None:
    assert of_others(sentence, RIVERNET) is None


def test_another_basis_than_the_paper_gives() -> None:
    assert other_basis("RiverNet is based on a transformer.", RIVERNET) == "transformer"
    assert other_basis("RiverNet is a transformer-based model.", RIVERNET) is not None
    for sentence in (
        "RiverNet is based on a graph.",
        "RiverNet is a graph-based model.",
        "RiverNet is based on observations of rivers.",  # the paper knows no such word
        "RiverNet enhances forecasters based on a transformer.",
    ):
        assert other_basis(sentence, RIVERNET) is None


@pytest.mark.parametrize(
    ("sentence", "related"),
    [
        ("SedimentGPT was used to train RiverNet.", ("SedimentGPT", "RiverNet")),
        ("RiverNet extends SedimentGPT.", ("RiverNet", "SedimentGPT")),
        ("Both RiverNet and SedimentGPT deal with rivers.", None),
        ("RiverNet forecasts floods; SedimentGPT reads notes.", None),
        ("We train SedimentGPT.", None),
    ],
)
def test_works_whose_papers_do_not_know_each_other_are_not_related(
    sentence: str, related: tuple[str, str] | None
) -> None:
    assert unrelated(sentence, [RIVERNET, SEDIMENT]) == related


def test_works_that_one_paper_knows_are_related() -> None:
    successor = evidence("RiverNet2: Faster", "RiverNet2 extends SedimentGPT.")
    assert unrelated("RiverNet2 extends SedimentGPT.", [successor, SEDIMENT]) is None
