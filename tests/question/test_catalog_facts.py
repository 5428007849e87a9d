"""ragbot/question/catalog_facts.py and topic_request.py: what is asked of the catalog, what not."""

from __future__ import annotations

import time

import pytest

from ragbot.question import read
from ragbot.question.catalog_facts import catalog_question
from ragbot.question.topic_request import topic_request
from ragbot.types import CatalogFact, CatalogQuestion, TopicRequest, Traits

ONE = Traits(fewest=1, most=1)


@pytest.mark.parametrize(
    ("asks", "questions"),
    [
        (
            "hello",
            ["hi", "Hello!", "hey there", "Good morning", "how are you?", "你好"],
        ),
        (
            "thanks",
            ["Thanks!", "thank you very much", "ok, thanks", "that was helpful"],
        ),
        ("thanks", ["thanks, that was helpful", "Great answer, thank you!", "perfect"]),
        ("goodbye", ["bye", "see you later", "Good night!"]),
        ("ragbot", ["What can you do?", "who are you", "help", "How do I use this?"]),
        ("ragbot", ["what can I ask you?", "Are you an AI?", "how does this work"]),
        ("ragbot", ["hello, what can you do?", "Which language model do you use?"]),
        ("topics", ["which topics does this collection cover?", "main themes?"]),
        ("topics", ["What is this collection about?", "what kinds of papers are here"]),
        (
            "topics",
            ["Give me an overview of the collection", "What do you know about?"],
        ),
        (
            "years",
            ["which years does the collection cover?", "How many papers per year?"],
        ),
        ("years", ["how many papers do you have and from which years?"]),
        (
            "years",
            [
                "What time span do the papers cover?",
                "How far back does the collection go?",
            ],
        ),
        ("organisations", ["Which organisations are represented?"]),
        ("sources", ["Where do the papers come from?", "which files are indexed?"]),
        ("count", ["How many papers are there?", "how many abstracts do you have"]),
        (
            "count",
            ["What is the total number of papers?", "How large is the collection?"],
        ),
        (
            "list",
            ["list all papers", "Show me the titles", "which papers do you have?"],
        ),
        ("recent", ["What's new?", "recent papers", "any new papers?"]),
        ("newest", ["newest paper", "What is the most recent paper you have?"]),
        ("newest", ["Which paper was published last?", "the latest papers"]),
        ("oldest", ["What is the oldest paper?", "Which paper was published first?"]),
        ("oldest", ["When was the earliest paper published?"]),
        ("most authors", ["Which paper has the most authors?"]),
        ("fewest authors", ["which paper has the smallest number of authors"]),
    ],
)
def test_of_the_collection(asks: CatalogFact, questions: list[str]) -> None:
    for question in questions:
        found = catalog_question(question)
        assert found is not None, question
        assert (found.asks, found.traits) == (asks, Traits()), question


@pytest.mark.parametrize(
    ("question", "asks", "traits"),
    [
        (
            'How many papers have "transformer" in the title?',
            "count",
            Traits(("transformer",)),
        ),
        ("how many titles mention mamba?", "count", Traits(("mamba",))),
        ("In how many titles does 'graph' appear?", "count", Traits(("graph",))),
        ("How many papers have KAN in their titles", "count", Traits(("KAN",))),
        (
            "Which papers have “All You Need” in the title?",
            "list",
            Traits(("All You Need",)),
        ),
        (
            'papers with "graph" or "network" in the title',
            "list",
            Traits(("graph", "network"), either=True),
        ),
        (
            'papers with "graph" and "network" in the title',
            "list",
            Traits(("graph", "network")),
        ),
        ("How many papers have only one author?", "count", ONE),
        ("how many single-author papers are there?", "count", ONE),
        ("how many solo-authored papers?", "count", ONE),
        ("papers with under three authors", "list", Traits(most=2)),
        ("papers written by a single person", "list", ONE),
        ("Which papers have more than ten authors?", "list", Traits(fewest=11)),
        ("papers with at least 5 authors", "list", Traits(fewest=5)),
        ("papers with fewer than 3 authors", "list", Traits(most=2)),
        ("papers with between 2 and 4 authors", "list", Traits(fewest=2, most=4)),
        ("papers by three authors", "list", Traits(fewest=3, most=3)),
        ("How many papers have no date?", "count", Traits(dated=False)),
        ("Which papers are undated?", "list", Traits(dated=False)),
        ("how many papers lack a publication date", "count", Traits(dated=False)),
        ("How many papers are dated?", "count", Traits(dated=True)),
        ("papers by openbmb", "list", Traits(by="openbmb", surely_by=True)),
        ("anything from NexaAI?", "list", Traits(by="NexaAI", surely_by=True)),
        (
            "How many papers come from OpenBMB?",
            "count",
            Traits(by="OpenBMB", surely_by=True),
        ),
        ("What has OpenBMB published?", "list", Traits(by="OpenBMB")),
        (
            "Do you have anything by Meta AI?",
            "list",
            Traits(by="Meta AI", surely_by=True),
        ),
        ("OpenBMB papers", "list", Traits(by="OpenBMB")),
        ("the newest paper by Google", "newest", Traits(by="Google", surely_by=True)),
    ],
)
def test_of_papers_with_traits(
    question: str, asks: CatalogFact, traits: Traits
) -> None:
    assert catalog_question(question) == CatalogQuestion(asks, traits=traits)


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("the five newest papers", 5),
        ("What are the 3 latest papers?", 3),
        ("latest 12 papers", 12),
        ("a couple of recent papers", 2),
        ("Show me the most recent papers", 10),
        ("the newest paper", None),
    ],
)
def test_how_many_are_wanted(question: str, first: int | None) -> None:
    found = catalog_question(question)
    assert found is not None
    assert found.first == first


@pytest.mark.parametrize(
    ("question", "asks", "about"),
    [
        ("When was KAN published?", "date", "KAN"),
        ("In which year was TimesNet released?", "date", "TimesNet"),
        ("What is the publication date of the KAN paper?", "date", "the KAN paper"),
        ("when did OLinear come out", "date", "OLinear"),
        ("How many authors does the AdaPT paper have?", "authors", "the AdaPT paper"),
        ("who wrote OLinear?", "authors", "OLinear"),
        ("Who are the authors of Network In Network?", "authors", "Network In Network"),
        ("How many people worked on DataMUX?", "authors", "DataMUX"),
        ("Which organisation is AutoNeural from?", "organisation", "AutoNeural"),
        ("Who is the AutoNeural paper from?", "organisation", "the AutoNeural paper"),
        ("Where can I find the paper on KAN?", "address", "the paper on KAN"),
        ("Is KAN in the collection?", "held", "KAN"),
        ("find papers titled Deep Nets", "held", "Deep Nets"),
        ("Is AutoNeural from NexaAI?", "organisation", "AutoNeural"),
        ("when were A-Net and B-Net published?", "date", "A-Net and B-Net"),
        ("when was it published?", "date", "it"),
        ("10.1109/CVPR.2016.90", "identifier", "10.1109/CVPR.2016.90"),
    ],
)
def test_of_one_paper(question: str, asks: CatalogFact, about: str) -> None:
    assert catalog_question(question) == CatalogQuestion(asks, about)


@pytest.mark.parametrize(
    "question",
    [
        "Which papers prune channels?",
        "How many papers use reinforcement learning?",
        "How many papers are about Kolmogorov-Arnold networks?",
        "most recent paper on vision transformers",
        "Which papers come from a Bayesian view?",
        "papers on it",
        "Which papers are these?",
        "hi, what is OLinear?",
        "thanks! And which datasets does it use?",
        "How many parameters does OLinear have?",
        "Where can I find the code of KAN?",
        "what do you know about transformers?",
        "Hi-res images?",
        "Summarise the LoRAP paper",
        "What is new about OLinear?",
        "How does KIND work?",
        "papers about KIND",
        "by having fixed-size layers",
        "when was it decided?",
    ],
)
def test_what_abstracts_say_is_left_to_them(question: str) -> None:
    assert catalog_question(question) is None


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "How many papers are about Kolmogorov-Arnold networks?",
            TopicRequest("count", "Kolmogorov-Arnold networks"),
        ),
        ("how many papers use pruning?", TopicRequest("count", "use pruning")),
        ("How many surveys are there?", TopicRequest("count", "surveys")),
        ("How many vision papers are there?", TopicRequest("count", "vision")),
        (
            "most recent paper on vision transformers",
            TopicRequest("newest", "vision transformers"),
        ),
        ("the 3 newest papers about Mamba", TopicRequest("newest", "Mamba", 3)),
        ("What is the newest diffusion paper?", TopicRequest("newest", "diffusion")),
        ("newest survey", TopicRequest("newest", "survey")),
        (
            "What is the earliest work on spiking networks?",
            TopicRequest("oldest", "spiking networks"),
        ),
        ("the newest paper", TopicRequest()),
        ("How many papers have one author?", TopicRequest()),
        ("How many parameters does OLinear have?", TopicRequest()),
        ("Which papers use the newest GPUs?", TopicRequest()),
        ("Which papers prune channels?", TopicRequest()),
    ],
)
def test_what_is_wanted_of_the_papers_on_a_topic(
    question: str, expected: TopicRequest
) -> None:
    assert topic_request(question) == expected


def test_dates_are_no_part_of_it() -> None:
    asked = read("How many papers by OpenBMB are from 2024?")
    expected = CatalogQuestion("count", traits=Traits(by="OpenBMB", surely_by=True))
    assert asked.catalog == expected
    assert asked.filters.date_from == "2024-01-01"


@pytest.mark.parametrize(
    "unit",
    [
        "how many papers ",
        "list all ",
        "hi ",
        "thanks, ",
        "which papers from ",
        "with one author ",
        "in the last ",
        "when was ",
        "1234.",
    ],
)
def test_they_are_read_in_linear_time(unit: str) -> None:
    def seconds(length: int) -> float:
        start = time.thread_time()
        read(unit * (length // len(unit)))
        return time.thread_time() - start

    seconds(500)
    assert seconds(16_000) < 10 * max(seconds(4_000), 0.05)
    start = time.thread_time()
    catalog_question((unit * 400)[:399])
    assert time.thread_time() - start < 0.2
