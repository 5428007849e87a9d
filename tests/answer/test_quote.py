"""ragbot/answer/quote.py: what is quoted of which papers, and how it is numbered."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from ragbot.answer.quote import Section, compose
from ragbot.answer.sheet import Entry, Said
from ragbot.testing import tiny_papers
from ragbot.text.sentences import split_sentences
from ragbot.types import (
    Citation,
    Draft,
    Hit,
    Kind,
    Paper,
    Reason,
)

OLINEAR, MATRYOSHKA, EQUIANGULAR, STYLE, PRUNING = PAPERS = tiny_papers()
BARE = Paper("bare", "Deep Residual Learning", "")
NOTE = " Dates 2024-01-01 to the last; 2 undated papers left out."


def entry(paper: Paper, quotes: int = 2, score: float = 1.0) -> Entry:
    """A paper with its first sentences."""
    sentences = split_sentences(paper.abstract)
    hit = Hit(paper, score, 0.5, 0.0, tuple(sentences[:3]))
    return Entry(hit, tuple(map(Said, sentences[:quotes])))


def composed(
    kind: Kind,
    *entries: Entry,
    also: Sequence[Entry] = (),
    lead: str = "",
    collection: int = 451,
    cited: Sequence[Citation] = (),
    follows: bool = False,
) -> Draft:
    draft = compose(
        [Section(kind, entries, also, lead=lead)],
        collection=collection,
        note=NOTE,
        cited=cited,
        follows=follows,
    )
    assert_kept(draft)
    return draft


def declined(
    reason: Reason,
    *papers: Paper,
    collection: int = 451,
    note: str = "",
    follows: bool = False,
) -> Draft:
    near = [entry(paper).hit for paper in papers]
    return compose(
        [Section("other", near=near, reason=reason)],
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


def test_one_paper_is_quoted_in_order() -> None:
    draft = composed("other", entry(OLINEAR))
    assert titles(draft) == [OLINEAR.title]
    assert [q.text for q in draft.quotes] == split_sentences(OLINEAR.abstract)[:2]
    assert draft.papers[0].evidence == tuple(q.text for q in draft.quotes)
    assert draft.text.startswith(
        f"**{OLINEAR.title}** [1]\n> This paper presents OLinear"
    )
    assert "Quoted from 1 of 451 abstracts; no language model was used." in draft.text


def test_others_are_named_behind_it() -> None:
    also = [entry(MATRYOSHKA, 1), entry(STYLE, 1)]
    draft = composed("other", entry(OLINEAR, 3), also=also)
    assert titles(draft) == [OLINEAR.title, MATRYOSHKA.title, STYLE.title]
    assert [q.n for q in draft.quotes] == [1, 1, 1, 2, 3]
    assert draft.text.count("Also on this: ") == 1


def test_what_has_a_label_stands_behind_it() -> None:
    problem, method, *_ = split_sentences(OLINEAR.abstract)
    said = (Said(problem, "Problem"), Said(method, "Method"))
    draft = composed("summary", Entry(entry(OLINEAR).hit, said))
    assert "[1]\n\nProblem:\n\n> This paper presents" in draft.text
    assert "[1]\n\nMethod:\n\n> " in draft.text
    assert len(draft.quotes) == 2


# -- lists --------------------------------------------------------------------------------------


def test_a_list_has_dates() -> None:
    draft = composed("list", *(entry(p, 1) for p in PAPERS))
    assert titles(draft) == [p.title for p in PAPERS]
    assert [q.n for q in draft.quotes] == [1, 2, 3, 4, 5]
    assert draft.text.startswith("5 papers on this, the closest first:\n\n1. **OLinear")
    assert "[1] · 2025-05-12 (year inferred)\n\n   > This paper" in draft.text
    assert f"4. **{STYLE.title}** [4]\n" in draft.text  # nobody knows its date


def test_a_list_may_be_led_by_other_words() -> None:
    draft = composed("list", entry(OLINEAR), lead="2 more papers on this:")
    assert draft.text.startswith("2 more papers on this:\n\n1. **OLinear")


def test_a_list_of_one() -> None:
    draft = composed("list", entry(OLINEAR))
    assert draft.text.startswith("One paper on this:\n\n1. **OLinear")


def test_a_list_of_ten_stays_one_list() -> None:
    papers = [
        Paper(str(i), f"Paper {i}", f"It prunes channel {i}. Other.") for i in range(11)
    ]
    draft = composed("list", *(entry(p, 1) for p in papers))
    assert "\n\n9. **Paper 8** [9]\n\n   > It" in draft.text
    assert "\n\n10. **Paper 9** [10]\n\n    > It" in draft.text


# -- side by side -------------------------------------------------------------------------------


def test_two_are_set_side_by_side() -> None:
    draft = composed("comparison", entry(OLINEAR), entry(MATRYOSHKA))
    assert draft.text.startswith("Side by side:\n\n**OLinear")
    assert [q.n for q in draft.quotes] == [1, 1, 2, 2]


def test_one_alone_is_not_compared() -> None:
    draft = composed("comparison", entry(OLINEAR, 3))
    assert "Side by side" not in draft.text
    assert len(draft.quotes) == 3


# -- what is missing ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["other", "list", "comparison"])
def test_a_paper_without_an_abstract_is_named_as_such(kind: Kind) -> None:
    draft = composed(kind, entry(BARE), entry(OLINEAR))
    assert f"**{BARE.title}** [1] · no abstract\n" in draft.text
    assert draft.papers[0].evidence == ()
    assert {q.n for q in draft.quotes} == {2}
    assert "Quoted from 1 of 451" in draft.text


def test_one_abstract_is_one_abstract() -> None:
    draft = composed("other", entry(OLINEAR), collection=1)
    assert "Quoted from 1 of 1 abstract; " in draft.text


# -- behind text that cites ----------------------------------------------------------------------


def test_papers_that_have_numbers_keep_them() -> None:
    cited = [Citation(1, MATRYOSHKA, 0.9, ("The KV cache can become a bottleneck.",))]
    also = [entry(MATRYOSHKA, 1)]
    draft = composed("other", entry(OLINEAR), also=also, cited=cited, follows=True)
    assert titles(draft) == [MATRYOSHKA.title, OLINEAR.title]
    assert [q.n for q in draft.quotes] == [2, 2, 1]
    assert draft.papers[0].evidence[0] == "The KV cache can become a bottleneck."
    assert "no language model" not in draft.text


# -- declining ----------------------------------------------------------------------------------


def test_declining_names_the_nearest_and_states_nothing() -> None:
    draft = declined("nothing_close", *PAPERS, note=NOTE)
    assert draft.papers == draft.quotes == ()
    assert not any(s.states or s.citations for s in draft.sentences)
    assert draft.text.startswith("Nothing in the 451 abstracts comes close")
    assert f"- **{OLINEAR.title}** · 2025-05-12 (year inferred)\n" in draft.text
    assert draft.text.endswith(f"no language model was used.{NOTE}*")


def test_nothing_denies_the_language_model_above_it() -> None:
    draft = declined("not_stated", OLINEAR, follows=True)
    assert "no language model" not in draft.text


def test_declining_for_want_of_a_detail_says_so() -> None:
    draft = declined("not_stated", OLINEAR)
    assert draft.text.startswith("The abstracts do not state this")


def test_declining_with_nothing_near_names_nothing() -> None:
    draft = declined("nothing_close", collection=0)
    assert "nearest" not in draft.text
    assert draft.text.startswith(
        "No paper of the collection is dated within this range."
    )
    assert "Searched 0 abstracts" in draft.text
