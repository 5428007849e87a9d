"""Questions that the catalog answers: exact, complete, and honest about what it cannot know."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from ragbot.answer.called import called
from ragbot.answer.facts import fact_of
from ragbot.answer.greetings import examples
from ragbot.answer.overview import main_topics
from ragbot.index.catalog import Catalog
from ragbot.pipeline import Ragbot
from ragbot.question import read
from ragbot.types import Answer, Draft, FollowUp, Message, Paper

UNDATED = "the 298 papers without a date could not be considered"


def answered(bot: Ragbot, question: str) -> Answer:
    answer = bot.ask(question)
    assert (answer.mode, answer.abstained, answer.quotes) == ("catalog", False, ())
    assert [c.n for c in answer.papers] == list(range(1, len(answer.papers) + 1))
    return answer


def titles(answer: Answer) -> list[str]:
    return [citation.paper.title for citation in answer.papers]


# -- the bundled papers ------------------------------------------------------------------------


def test_how_many_there_are(full_collection: Ragbot) -> None:
    said = answered(full_collection, "How many papers are in this collection?").text
    assert said.startswith("There are 451 papers: 153 papers dated 2015-11-23 to")
    assert "298 papers without a date" in said
    since = answered(full_collection, "How many papers are there since 2025?").text
    expected = sum((p.date or "") >= "2025" for p in full_collection.papers())
    assert since.startswith(f"{expected} papers are dated 2025-01-01 or later.")
    assert UNDATED in since


def test_of_a_year_and_of_a_month(full_collection: Ragbot) -> None:
    year = answered(full_collection, "How many papers are from 2023?")
    expected = [p for p in full_collection.papers() if (p.date or "")[:4] == "2023"]
    assert year.text.startswith(f"{len(expected)} papers are dated 2023.")
    assert f"{len(expected) - 20} more are not named here" in year.text
    month = answered(full_collection, "What is new in March 2025?")
    assert month.text.startswith("4 papers are dated March 2025.")
    dates = [c.paper.date or "" for c in month.papers]
    assert dates == sorted(dates, reverse=True)
    assert len(dates) == 4


def test_none_of_that_time(full_collection: Ragbot) -> None:
    said = answered(full_collection, "papers from 1999").text
    assert said.startswith("No paper is dated 1999.")
    assert "The papers with a date are of 2015-11-23 to 2025-12-02." in said


def test_which_years(full_collection: Ragbot) -> None:
    asked = "how many papers do you have and from which years?"
    said = answered(full_collection, asked).text
    assert "451 papers" in said
    assert "2015: 2, 2016: 1" in said


@pytest.mark.parametrize("question", ["What is the newest paper?", "the newest paper"])
def test_the_newest(full_collection: Ragbot, question: str) -> None:
    answer = answered(full_collection, question)
    newest = max(p.date for p in full_collection.papers() if p.date)
    assert {c.paper.date for c in answer.papers} == {newest}
    assert UNDATED in answer.text


def test_the_oldest(full_collection: Ragbot) -> None:
    answer = answered(full_collection, "What is the oldest paper?")
    oldest = min(p.date for p in full_collection.papers() if p.date)
    assert {c.paper.date for c in answer.papers} == {oldest}


def test_so_many_of_the_newest(full_collection: Ragbot) -> None:
    answer = answered(full_collection, "the five newest papers")
    assert titles(answer) == [p.title for p in full_collection.papers()][:5]
    assert answer.text.startswith("The 5 newest papers:")
    assert len(answered(full_collection, "the latest papers").papers) == 10


def test_all_of_them(full_collection: Ragbot) -> None:
    answer = answered(full_collection, "List all papers")
    assert len(answer.papers) == 20
    assert "431 more are not named here" in answer.text


def test_words_of_the_title_in_both_numbers(full_collection: Ragbot) -> None:
    asked = 'How many papers have "transformer" in the title?'
    said = answered(full_collection, asked).text
    assert said.startswith("49 papers have “transformer” in the title.")
    assert "27 of these papers have exactly “transformer”" in said


def test_a_phrase_of_the_title(full_collection: Ragbot) -> None:
    asked = 'Which papers have "all you need" in the title?'
    answer = answered(full_collection, asked)
    assert len(answer.papers) == 5
    assert all("All You Need" in title for title in titles(answer))


def test_how_many_authors_they_have(full_collection: Ragbot) -> None:
    one = answered(full_collection, "How many papers have only one author?")
    assert one.text.startswith("6 papers have only one author.")
    assert {c.paper.author_count for c in one.papers} == {1}
    assert "299 papers do not state how many authors they have" in one.text
    most = answered(full_collection, "Which paper has the most authors?")
    counts = [p.author_count or 0 for p in full_collection.papers()]
    assert {c.paper.author_count for c in most.papers} == {max(counts)}


@pytest.mark.parametrize(
    "question",
    ["Which papers are from OpenBMB?", "papers by openbmb", "OpenBMB papers"],
)
def test_an_organisation(full_collection: Ragbot, question: str) -> None:
    answer = answered(full_collection, question)
    own = [
        p
        for p in full_collection.papers()
        if "openbmb" in (p.organisation or "").lower()
    ]
    assert [c.paper.id for c in answer.papers] == [p.id for p in own]
    assert "1 paper is by OpenBMB." in answer.text
    assert "449 papers name no organisation" in answer.text


def test_nobody_of_that_name(full_collection: Ragbot) -> None:
    said = answered(full_collection, "papers by Yann LeCun").text
    assert said.startswith("No paper is by Yann LeCun.")
    assert "449 name no organisation and no author" in said


def test_the_date_of_a_paper(full_collection: Ragbot) -> None:
    asked = "When was the Kolmogorov-Arnold Transformer published?"
    known = answered(full_collection, asked)
    assert known.text.startswith("It is dated 2024-09-16.")
    assert titles(known) == ["Kolmogorov-Arnold Transformer"]
    unknown = answered(full_collection, "when was kan published?")
    assert unknown.text.startswith("It is undated")
    inferred = answered(full_collection, "When was AutoNeural published?")
    assert "2025-12-02 (year inferred)" in inferred.text


def test_the_authors_of_a_paper(full_collection: Ragbot) -> None:
    for question in ("How many authors does OLinear have?", "who wrote OLinear"):
        said = answered(full_collection, question).text
        assert said.startswith("It has 8 authors; the collection does not name them.")
    none = answered(full_collection, "Who wrote KAN?").text
    assert none.startswith("The collection does not name its authors")


def test_the_organisation_of_a_paper(full_collection: Ragbot) -> None:
    said = answered(full_collection, "Which organisation is AutoNeural from?").text
    assert said.startswith("It is from Nexa AI.")
    said = answered(full_collection, "Who is OLinear from?").text
    assert said.startswith("The collection does not say which organisation")


def test_whether_a_paper_is_here(full_collection: Ragbot) -> None:
    assert answered(full_collection, "Is KAN in the collection?").text.startswith("Yes")
    absent = 'Is there a paper called "Attention Is All You Need"?'
    said = answered(full_collection, absent).text
    assert said.startswith("No paper of the collection is called")


def test_what_a_follow_up_points_at(full_collection: Ragbot) -> None:
    asked = read("when were they published?")
    about = ("Kolmogorov-Arnold Transformer", "KAN: Kolmogorov-Arnold Networks")
    follow_up = FollowUp(asked.question, asked.question, about=about)
    pointing = dataclasses.replace(asked, follow_up=follow_up)
    draft = fact_of(pointing, full_collection.stores.catalog)
    assert draft is not None
    assert [c.paper.title for c in draft.papers] == list(about)
    assert "2024-09-16" in draft.text
    assert "undated" in draft.text


def test_it_is_the_paper_of_the_last_answer(full_collection: Ragbot) -> None:
    first = full_collection.ask("papers by openbmb")
    history = [Message("user", first.question), Message("assistant", first.text)]
    answer = full_collection.ask("when was it published?", history)
    assert answer.mode == "catalog"
    assert titles(answer) == titles(first)
    assert answer.text.startswith("It is dated 2024-09-04.")


def test_of_two_papers(full_collection: Ragbot) -> None:
    answer = answered(full_collection, "When were KiloNeRF and KiloNeuS published?")
    assert [title.partition(":")[0] for title in titles(answer)] == [
        "KiloNeRF",
        "KiloNeuS",
    ]
    assert answer.text.count("undated") == 2


@pytest.mark.parametrize(
    "question", ["arXiv:2505.08550", "2505.08550v2", "10.1109/CVPR.2016.90"]
)
def test_an_identifier_that_nothing_bears(
    full_collection: Ragbot, question: str
) -> None:
    answer = answered(full_collection, question)
    assert answer.text.startswith("No paper of the collection is known by")
    assert "0 of 451 papers state an address or identifier" in answer.text


def test_an_overview_of_topics(full_collection: Ragbot) -> None:
    answer = answered(full_collection, "which topics does this collection cover?")
    assert not answer.papers
    assert "vision transformer" in answer.text
    assert "language models" in answer.text
    named = main_topics([p.title for p in full_collection.papers()])
    assert len(named) <= 12


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("hi", "Hello!"),
        ("Thanks!", "You are welcome"),
        ("thank you very much", "You are welcome"),
        ("bye", "Goodbye"),
        ("What can you do?", "Ragbot answers questions from the abstracts of 451"),
    ],
)
def test_manners(full_collection: Ragbot, question: str, said: str) -> None:
    answer = answered(full_collection, question)
    assert answer.text.startswith(said)
    assert not answer.papers


def test_the_examples_work_here(full_collection: Ragbot) -> None:
    given = examples(full_collection.stores.catalog)
    assert len(given) == 5
    for question in given:
        assert not full_collection.ask(question).abstained, question


@pytest.mark.parametrize(
    "question",
    [
        "Which papers prune channels?",
        "What is the newest paper on pruning?",
        "How many papers use reinforcement learning?",
        "Which papers come from a Bayesian view?",
        "List papers about diffusion",
        "vision papers",
        "hi, what is OLinear?",
        "When was BERT published?",
        "How many parameters does OLinear have?",
    ],
)
def test_what_abstracts_say_is_left_to_them(
    full_collection: Ragbot, question: str
) -> None:
    assert full_collection.ask(question).mode == "extractive"


# -- which paper is meant ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("OLinear", ["OLinear:"]),
        ("the AdaPT paper", ["Adaptive Precision Training (AdaPT)"]),
        ("adapt", ["Adaptive Precision Training", "ADAPT: Vision-Language"]),
        ("kan", ["KAN: Kolmogorov-Arnold Networks"]),
        ("the paper on Kolmogorov-Arnold Transformer", ["Kolmogorov-Arnold Transf"]),
        ("kolmogorov arnold transformr", ["Kolmogorov-Arnold Transformer"]),
        ("Matryoshka KV", ["MatryoshkaKV:"]),
        ("MatryoskaKV", ["MatryoshkaKV:"]),
        ("wave unet", ["Wave-U-Net:"]),
        ("Hopfield networks", ["Hopfield Networks is All You Need"]),
        ("JEI-DNN", ["Jointly-Learned Exit"]),
        ("the lung cancer detection paper", ["Optimizing Lung Cancer Detection"]),
        ("GPT-2", []),
        ("the GPT-2 paper", []),
        ("HNSW", ["Efficient and robust approximate nearest neighbor search"]),
        ("ResNet", []),
        ("ImageNet", []),
        ("Transformers", []),
        ("the paper", []),
        ("?", []),
    ],
)
def test_which_paper_a_name_means(
    full_collection: Ragbot, name: str, begins: list[str]
) -> None:
    found = called(full_collection.stores.catalog, name)
    assert len(found) == len(begins)
    for heading, beginning in zip(found, begins, strict=True):
        assert heading.title.startswith(beginning)


# -- a collection that states more -------------------------------------------------------------


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    """Papers whose authors and organisations are known, and such as have neither."""
    catalog = Catalog(tmp_path / "catalog.sqlite")
    alpha = Paper(
        "a",
        "Alpha: Nets",
        "An abstract.",
        "2024-05-01",
        authors=("Ada Lovelace", "Élise Noël"),
        organisation="Google DeepMind",
        url="https://example.org/alpha",
    )
    beta = Paper(
        "b",
        "Beta: Net and *Graph*",
        "An abstract.",
        "2024",
        authors=("Ada Lovelace",),
        organisation="acme Acme",
    )
    gamma = Paper("c", "Gamma: Studies of Graphs", "An abstract.", "2025-02")
    for paper in (alpha, beta, gamma, Paper("d", "Delta", "An abstract.")):
        catalog.add_record(dataclasses.replace(paper, sources=("a.txt",)))
    catalog.commit([paper.id for paper in catalog.waiting()])
    yield catalog
    catalog.close()


def fact(catalog: Catalog, question: str) -> Draft:
    draft = fact_of(read(question), catalog)
    assert draft is not None, question
    return draft


def test_papers_of_an_author(catalog: Catalog) -> None:
    draft = fact(catalog, "How many papers are by ada lovelace?")
    assert draft.text.startswith("2 papers are by ada lovelace.")
    assert [c.paper.id for c in draft.papers] == ["a", "b"]


def test_an_organisation_is_found_by_a_word_of_its_name(catalog: Catalog) -> None:
    assert len(fact(catalog, "papers from DeepMind").papers) == 1
    assert fact_of(read("papers from mind"), catalog) is None


def test_names_of_authors_and_addresses(catalog: Catalog) -> None:
    assert "Ada Lovelace, Élise Noël" in fact(catalog, "Who wrote Alpha?").text
    assert "example" in fact(catalog, "Where can I find the paper Alpha?").text
    assert "not give" in fact(catalog, "Where can I find the paper Beta?").text


def test_authors_that_are_named_are_counted(catalog: Catalog) -> None:
    draft = fact(catalog, "papers with two authors")
    assert [c.paper.id for c in draft.papers] == ["a"]


def test_organisations_and_sources(catalog: Catalog) -> None:
    said = fact(catalog, "Which organisations are there?").text
    assert "2 organisations are named" in said
    assert "- Acme: 1 paper" in said
    assert "4 papers" in fact(catalog, "Where do the papers come from?").text


def test_titles_are_text_in_an_answer(catalog: Catalog) -> None:
    assert "\\*Graph\\*" in fact(catalog, "List all papers").text


def test_singular_and_plural(catalog: Catalog) -> None:
    for question, number in (
        ("papers with net in the title", 2),
        ('papers with "graphs" in the title', 2),
        ('papers with "study" in the title', 1),
        ('papers with "study" or "net" in the title', 3),
        ('papers with "graph" and "net" in the title', 1),
        ('papers with "ets" in the title', 0),
    ):
        assert len(fact(catalog, question).papers) == number, question


def test_an_empty_collection_has_an_answer(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog.sqlite")
    for question in (
        "hi",
        "what can you do?",
        "which topics are there?",
        "how many papers are there?",
        "which years are covered?",
        "newest paper",
        "list all papers",
        "which organisations are there?",
        "which paper has the most authors?",
        "papers by Google",
    ):
        assert fact(catalog, question).text
    catalog.close()
