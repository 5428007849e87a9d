"""ragbot/answer/quote.py: what is quoted of which papers, and how it is numbered."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from ragbot.answer.quote import Lengths, Section, compose
from ragbot.testing import tiny_papers
from ragbot.text.sentences import split_sentences
from ragbot.types import (
    Citation,
    Draft,
    Hit,
    Kind,
    Paper,
    RankedSentence,
    Reason,
    Source,
)

OLINEAR, MATRYOSHKA, EQUIANGULAR, STYLE, PRUNING = PAPERS = tiny_papers()
BARE = Paper("bare", "Deep Residual Learning", "")
NOTE = " Dates 2024-01-01 to the last; 2 undated papers left out."


def source(paper: Paper, score: float = 1.0, cosine: float = 0.0) -> Source:
    """A hit, its sentences ranked as they stand."""
    sentences = split_sentences(paper.abstract)
    ranked = [RankedSentence(s, i, 0.5, 1 - i / 10) for i, s in enumerate(sentences)]
    return Source(Hit(paper, score, cosine, 0.0, tuple(sentences[:3])), ranked)


def composed(
    kind: Kind,
    *sources: Source,
    quotes: int = 3,
    most_listed: int = 10,
    named: Sequence[Paper] = (),
    by_date: bool = False,
    collection: int = 451,
    cited: Sequence[Citation] = (),
    follows: bool = False,
) -> Draft:
    draft = compose(
        [Section(kind, sources, {p.id for p in named}, by_date)],
        Lengths(quotes, most_listed, also_above=0.4),
        collection=collection,
        note=NOTE,
        cited=cited,
        follows=follows,
    )
    assert_kept(draft)
    return draft


def declined(
    reason: Reason,
    *sources: Source,
    collection: int = 451,
    note: str = "",
    follows: bool = False,
) -> Draft:
    return compose(
        [Section("single", sources, reason=reason)],
        Lengths(3, 10, also_above=0.4),
        collection=collection,
        note=note,
        follows=follows,
    )


def assert_kept(draft: Draft) -> None:
    """What every answer made of quotations promises."""
    papers = {c.n: c.paper for c in draft.papers}
    assert list(papers) == list(range(1, len(papers) + 1))
    assert len({p.id for p in papers.values()}) == len(papers)
    for quote in draft.quotes:
        assert quote.text in split_sentences(papers[quote.n].abstract)
        assert f"[{quote.n}]" in draft.text
    for sentence in draft.sentences:
        assert sentence.states == (sentence.support == "supported")
        if sentence.states:
            (n,) = sentence.citations
            assert sentence.text in split_sentences(papers[n].abstract)
    assert [(q.n, q.text) for q in draft.quotes] == [
        (s.citations[0], s.text) for s in draft.sentences if s.states
    ]
    shown = {int(n) for n in re.findall(r"(?<!\\)\[(\d+)\]", draft.text)}
    assert shown <= set(papers)
    assert draft.text.endswith(f"{NOTE}*")


def titles(draft: Draft) -> list[str]:
    return [c.paper.title for c in draft.papers]


# -- one thing ----------------------------------------------------------------------------------


def test_one_paper_is_quoted_best_first() -> None:
    draft = composed("single", source(OLINEAR, 1.0), source(STYLE, 0.5), quotes=2)
    assert titles(draft) == [OLINEAR.title]
    assert [q.text for q in draft.quotes] == split_sentences(OLINEAR.abstract)[:2]
    assert draft.papers[0].evidence == tuple(q.text for q in draft.quotes)
    assert draft.text.startswith(
        f"**{OLINEAR.title}** [1]\n> This paper presents OLinear"
    )
    assert "Quoted from 1 of 451 abstracts; no language model was used." in draft.text


def test_others_that_come_as_close_are_named_for_one_sentence_less() -> None:
    draft = composed(
        "single",
        source(OLINEAR, 1.0),
        source(MATRYOSHKA, 0.95),
        source(STYLE, 0.94),
        source(PRUNING),
    )
    assert titles(draft) == [OLINEAR.title, MATRYOSHKA.title, STYLE.title]
    assert [q.n for q in draft.quotes] == [1, 1, 2, 3]
    assert draft.text.count("Also on this: ") == 1


def test_a_paper_with_a_close_sentence_is_named_whatever_its_score() -> None:
    far, near = source(MATRYOSHKA, 0.3, cosine=0.39), source(STYLE, 0.2, cosine=0.41)
    assert titles(composed("single", source(OLINEAR), far, near)) == [
        OLINEAR.title,
        STYLE.title,
    ]


def test_the_best_paper_keeps_a_sentence_beside_others() -> None:
    draft = composed("single", source(OLINEAR), source(MATRYOSHKA), quotes=1)
    assert [q.n for q in draft.quotes] == [1, 2]


# -- lists --------------------------------------------------------------------------------------


def test_a_list_has_one_sentence_each_and_dates() -> None:
    draft = composed("list", *(source(p, 1 - i / 20) for i, p in enumerate(PAPERS)))
    assert titles(draft) == [p.title for p in PAPERS]
    assert [q.n for q in draft.quotes] == [1, 2, 3, 4, 5]
    assert draft.text.startswith("5 papers on this, the closest first:\n\n1. **OLinear")
    assert "[1] · 2025-05-12 (year inferred)\n\n   > This paper" in draft.text
    assert f"4. **{STYLE.title}** [4]\n" in draft.text  # nobody knows its date


@pytest.mark.parametrize(
    ("listed", "dated", "lead"),
    [
        (1, 1, "One paper is dated within this range:"),
        (3, 3, "3 papers are dated within this range, the newest first:"),
        (3, 40, "40 papers are dated within this range, the newest 3:"),
    ],
)
def test_a_list_by_date_says_how_many_there_are(
    listed: int, dated: int, lead: str
) -> None:
    sources = [source(p, 1.0) for p in PAPERS[:listed]]
    draft = composed("list", *sources, by_date=True, collection=dated)
    assert draft.text.startswith(f"{lead}\n\n1. **")
    assert titles(draft) == [p.title for p in PAPERS[:listed]]


def test_a_list_ends_where_papers_are_far_behind_but_not_before_three() -> None:
    scores = [1.0, 0.7, 0.6, 0.5, 0.4]
    draft = composed("list", *map(source, PAPERS, scores))
    assert len(draft.papers) == 3
    scores = [1.0, 0.9, 0.8, 0.7, 0.4]
    assert len(composed("list", *map(source, PAPERS, scores)).papers) == 4


def test_a_list_about_a_name_has_all_that_bear_it() -> None:
    scores = [1.0, 0.9, 0.8, 0.7, 0.1]
    draft = composed("list", *map(source, PAPERS, scores), named=[PRUNING])
    assert titles(draft)[-1] == PRUNING.title


def test_a_list_is_no_longer_than_asked_for() -> None:
    assert len(composed("list", *map(source, PAPERS), most_listed=4).papers) == 4


def test_a_list_of_one() -> None:
    draft = composed("list", source(OLINEAR))
    assert draft.text.startswith("One paper on this:\n\n1. **OLinear")


def test_a_list_of_ten_stays_one_list() -> None:
    papers = [
        Paper(str(i), f"Paper {i}", f"It prunes channel {i}. Other.") for i in range(11)
    ]
    draft = composed("list", *map(source, papers), most_listed=11)
    assert "\n\n9. **Paper 8** [9]\n\n   > It" in draft.text
    assert "\n\n10. **Paper 9** [10]\n\n    > It" in draft.text


# -- side by side -------------------------------------------------------------------------------


def test_two_are_set_side_by_side() -> None:
    draft = composed("compare", source(OLINEAR), source(MATRYOSHKA, 0.2))
    assert draft.text.startswith("Side by side:\n\n**OLinear")
    assert [q.n for q in draft.quotes] == [1, 1, 2, 2]


def test_one_alone_is_not_compared() -> None:
    draft = composed("compare", source(OLINEAR))
    assert "Side by side" not in draft.text
    assert len(draft.quotes) == 3


# -- what is missing ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["single", "list", "compare"])
def test_a_paper_without_an_abstract_is_named_as_such(kind: Kind) -> None:
    draft = composed(kind, source(BARE), source(OLINEAR, 0.95))
    assert f"**{BARE.title}** [1] · no abstract\n" in draft.text
    assert draft.papers[0].evidence == ()
    assert {q.n for q in draft.quotes} == {2}
    assert "Quoted from 1 of 451" in draft.text


def test_one_abstract_is_one_abstract() -> None:
    draft = composed("single", source(OLINEAR), collection=1)
    assert "Quoted from 1 of 1 abstract; " in draft.text


# -- behind text that cites ----------------------------------------------------------------------


def test_papers_that_have_numbers_keep_them() -> None:
    cited = [Citation(1, MATRYOSHKA, 0.9, ("The KV cache can become a bottleneck.",))]
    draft = composed(
        "single", source(OLINEAR), source(MATRYOSHKA, 0.95), cited=cited, follows=True
    )
    assert titles(draft) == [MATRYOSHKA.title, OLINEAR.title]
    assert [q.n for q in draft.quotes] == [2, 2, 1]
    assert draft.papers[0].evidence[0] == "The KV cache can become a bottleneck."
    assert "no language model" not in draft.text


# -- declining ----------------------------------------------------------------------------------


def test_declining_names_the_nearest_and_states_nothing() -> None:
    draft = declined("nothing_close", *map(source, PAPERS), note=NOTE)
    assert draft.papers == draft.quotes == ()
    assert not any(s.states or s.citations for s in draft.sentences)
    assert draft.text.startswith("Nothing in the 451 abstracts comes close")
    assert f"- **{OLINEAR.title}** · 2025-05-12 (year inferred)\n" in draft.text
    assert draft.text.endswith(f"no language model was used.{NOTE}*")


def test_nothing_denies_the_language_model_above_it() -> None:
    draft = declined("not_stated", source(OLINEAR), follows=True)
    assert "no language model" not in draft.text


def test_declining_for_want_of_a_detail_says_so() -> None:
    draft = declined("not_stated", source(OLINEAR))
    assert draft.text.startswith("The abstracts do not state this")


def test_declining_with_nothing_near_names_nothing() -> None:
    draft = declined("nothing_close", collection=0)
    assert "nearest" not in draft.text
    assert draft.text.startswith(
        "No paper of the collection is dated within this range."
    )
    assert "Searched 0 abstracts" in draft.text
