"""Values go into JSON and come back the same; what is not Ragbot's own is told, not taken."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ragbot.conversation_types import ConversationHeading, SavedConversation, SavedTurn
from ragbot.errors import InputError
from ragbot.evaluation.sets.cases import read_cases
from ragbot.pipeline import Ragbot
from ragbot.question.history import history_of
from ragbot.resources import bundled_questions
from ragbot.serialise import (
    answer_json,
    conversation_json,
    ingest_json,
    json_text,
    paper_json,
    papers_of,
    read_answer,
    read_conversation,
    read_ingest,
    read_paper,
    read_search,
    search_json,
)
from ragbot.types import (
    Answer,
    Citation,
    FileReport,
    Filters,
    Hit,
    IngestReport,
    LookedUp,
    Paper,
    Quote,
    SearchResult,
    Sentence,
    Skipped,
)

FULL = Paper(
    id="arxiv:1512.03385",
    title="Deep Residual Learning\u2028for Image Recognition",
    abstract='Deeper "networks" are\nmore difficult\x85 to train.',
    date="2015-12",
    date_inferred=True,
    authors=("Kaiming He", "Xiangyu Zhang"),
    author_count=4,
    organisation="Microsoft",
    comments=7,
    url="https://arxiv.org/abs/1512.03385",
    sources=("a.txt", "b.txt"),
)
BARE = Paper("b", "∇", "")
HIT = Hit(FULL, 0.75, 0.5, 12.25, ("Deeper networks are more difficult to train.",))
ANSWER = Answer(
    question="And the second?",
    standalone_question="What is the second paper?",
    mode="llm",
    text="Depth helps [1].",
    abstained=False,
    reason=None,
    sentences=(
        Sentence(
            "Depth helps [1].",
            (1,),
            True,
            "unsupported",
            "no such sentence",
            (Quote(1, "Deeper networks are more difficult to train."),),
        ),
    ),
    quotes=(Quote(1, "Deeper networks are more difficult to train."),),
    papers=(
        Citation(1, FULL, 0.75, ("Deeper networks are more difficult to train.",)),
    ),
    also_retrieved=(Hit(BARE, -0.25, 0.0, 0.0),),
    invalid_citations_removed=2,
    confidence=0.625,
    fingerprint={"collection": "0123456789ab"},
    reasoning="Let me see.",
    failure="the server is too busy: ask again",
    kind="summary",
    filters=Filters("2015", None),
    timings_ms={"retrieve": 1.5},
)
PAPERS = {paper.id: paper for paper in (FULL, BARE)}


def through(document: object) -> Any:
    return json.loads(json_text(document))


@pytest.mark.parametrize("paper", [FULL, BARE])
def test_a_paper_comes_back(paper: Paper) -> None:
    assert read_paper(through(paper_json(paper))) == paper


def test_an_answer_comes_back() -> None:
    assert read_answer(through(answer_json(ANSWER)), PAPERS) == ANSWER


def test_an_abstention_comes_back() -> None:
    answer = dataclasses.replace(
        ANSWER,
        abstained=True,
        reason="not_stated",
        mode="extractive",
        papers=(),
        reasoning="",
    )
    assert read_answer(through(answer_json(answer)), PAPERS) == answer


def test_an_answer_outlives_its_papers() -> None:
    answer = read_answer(through(answer_json(ANSWER)), {})
    (cited,) = answer.papers
    assert (cited.paper.id, cited.paper.title) == (FULL.id, FULL.title)
    assert cited.evidence == ANSWER.papers[0].evidence


def test_what_a_search_found_comes_back() -> None:
    result = SearchResult("depth", Filters(None, "2016"), (HIT,), 3, 0.25)
    assert read_search(through(search_json(result)), PAPERS) == result


def test_an_ingest_comes_back() -> None:
    file = FileReport("a.txt", "listing", 1, 2, 3, (Skipped("line 4", "no abstract"),))
    unread = FileReport("b.txt", None, 0, 0, 0, ())
    report = IngestReport((file, unread), 6, 1.25)
    assert read_ingest(through(ingest_json(report))) == report
    looked_up = LookedUp("vectors.npy", 9, 2)
    report = dataclasses.replace(report, looked_up=looked_up)
    assert read_ingest(through(ingest_json(report))) == report


def test_what_is_written_to_be_read_back_is_the_same_to_the_last_digit() -> None:
    many = tuple(map("Sentence {}.".format, range(5)))
    answer = dataclasses.replace(
        ANSWER,
        papers=(Citation(1, FULL, 1 / 3, many),),
        also_retrieved=(Hit(BARE, 2 / 3, 1e-9, 1 / 7, many),),
        confidence=1 / 3,
        timings_ms={"retrieve": 1 / 3},
    )
    told = through(answer_json(answer, exact=True))
    assert read_answer(told, PAPERS) == answer
    assert told.keys() == answer_json(answer).keys()
    assert len(answer_json(answer)["papers"][0]["evidence"]) == 3


CASES = read_cases(bundled_questions() / "cases.jsonl").cases
ASKED = [
    *(case.turns[0] for case in CASES[::6]),
    "hello",
    "How many papers are there?",
    "Which papers prune channels?",
    "papers on quantization since 2024",
    "Who won the 1998 world cup?",
    "Compare Kolmogorov-Arnold networks with MLPs",
]


def test_real_answers_come_back(full_collection: Ragbot) -> None:
    """With the papers as they were, whatever the collection has by then."""
    kinds = set()
    for question in ASKED:
        answer = full_collection.ask(question)
        papers = {paper.id: paper for paper in papers_of(answer)}
        assert read_answer(through(answer_json(answer, exact=True)), papers) == answer
        kinds.add((answer.mode, answer.kind, answer.abstained))
    assert len(kinds) >= 8


def test_a_conversation_comes_back(full_collection: Ragbot) -> None:
    noon = datetime(2026, 11, 30, 12, 0, 0, 123456, tzinfo=UTC)
    asked = ["Which papers prune channels?", "And what does the second one report?"]
    turns = [
        SavedTurn(asked[0], noon, answer=full_collection.ask(asked[0])),
        SavedTurn("", noon, Filters("2024"), dates_in_words=False, problem="no model"),
        SavedTurn("\ud800\x00\u202e<b>", noon, shown="Half", stopped=True),
    ]
    after = full_collection.ask(asked[1], history_of(turns[:1]))
    turns.append(SavedTurn(asked[1], noon, answer=after))
    heading = ConversationHeading("abc", "Pruning", noon, noon, len(turns))
    conversation = SavedConversation(heading, tuple(turns), branch_of="def")
    # As another process reads it: the halves of characters stay halves.
    document = json.loads(json.dumps(conversation_json(conversation)))
    assert read_conversation(document) == conversation


def without(document: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != key}


SOUND = answer_json(ANSWER)


@pytest.mark.parametrize(
    ("document", "names"),
    [
        ([], "no JSON object"),
        ("text", "no JSON object"),
        (without(SOUND, "question"), "question: missing"),
        ({**SOUND, "answer": 7}, "answer: 7 is no text"),
        ({**SOUND, "abstained": 1}, "abstained: 1 is no true or false"),
        ({**SOUND, "mode": "oracle"}, "mode: 'oracle' is none of"),
        ({**SOUND, "papers": [{"n": 1}]}, r"papers\[0\].id: missing"),
        (
            {**SOUND, "papers": [{**SOUND["papers"][0], "n": True}]},
            r"papers\[0\].n: true is no",
        ),
        ({**SOUND, "papers": {}}, "papers: {} is no list"),
        ({**SOUND, "quotes": ["Depth helps."]}, r"quotes\[0\]"),
        (
            {**SOUND, "sentences": [{**SOUND["sentences"][0], "citations": ["1"]}]},
            "citations",
        ),
        ({**SOUND, "timings_ms": {"retrieve": "long"}}, "timings_ms.retrieve"),
        ({**SOUND, "confidence": 10**400}, "confidence: 1000+… is too large"),
    ],
)
def test_what_is_no_answer_is_told_by_its_field(document: object, names: str) -> None:
    with pytest.raises(InputError, match=names) as caught:
        read_answer(document, PAPERS)
    assert caught.value.remedy
