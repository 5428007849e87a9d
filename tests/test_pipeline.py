"""The whole trip on the real parts: Chroma, tantivy, the real model, every bundled listing."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from ragbot.config import Settings, load_settings
from ragbot.embedding import Embedder
from ragbot.errors import (
    CatalogError,
    EmptyCollection,
    FingerprintMismatch,
    InputError,
    NothingRead,
)
from ragbot.index.chunks import count_chunks
from ragbot.index.stores import Stores
from ragbot.pipeline import Ragbot
from ragbot.question.filters import parse_filters
from ragbot.resources import bundled_listings
from ragbot.testing import HashEmbedder, tiny_collection, tiny_listing, tiny_papers
from ragbot.text.sentences import split_sentences
from ragbot.types import Answer, Filters, Hit, Message, Paper, Progress


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Ragbot]:
    with tiny_collection(tmp_path) as bot:
        yield bot


# -- the full collection, real model -----------------------------------------------------------


def test_the_bundled_papers_are_all_there(full_collection: Ragbot) -> None:
    stores = full_collection.stores
    papers = full_collection.papers()
    assert len(papers) == len({p.id for p in papers}) == 451
    assert stores.catalog.unfinished() == 0
    chunking = full_collection.settings.chunking
    assert stores.vectors.count() == sum(count_chunks(p, chunking) for p in papers)
    assert stores.lexical.count() == stores.sentences.count() == 451


def test_every_title_finds_its_own_paper_first(full_collection: Ragbot) -> None:
    papers = full_collection.papers()
    missed = [
        p.title
        for p in papers
        if full_collection.search(p.title, 1, dates_in_words=False).hits[0].paper.id
        != p.id
    ]
    assert len(missed) <= 0.005 * len(papers), missed


def test_hits_come_best_first_with_verbatim_evidence(full_collection: Ragbot) -> None:
    hits = full_collection.search("orthogonal convolution layers", 20).hits
    assert len(hits) == 20
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
    assert all(0 <= h.score <= 1.0001 for h in hits)
    for hit in hits:
        sentences = split_sentences(hit.paper.abstract)
        assert 1 <= len(hit.evidence) <= 3
        assert set(hit.evidence) <= set(sentences)


def test_a_question_for_dates_alone_lists_the_newest(full_collection: Ragbot) -> None:
    within = [p for p in full_collection.papers() if p.date and p.date[:7] == "2025-03"]
    answer = full_collection.ask("What's new in March 2025?")
    assert [c.paper.title for c in answer.papers] == [p.title for p in within]
    assert answer.text.startswith(f"{len(within)} papers are dated March 2025.")


def test_a_date_range_leaves_out_undated_papers_and_says_how_many(
    full_collection: Ragbot,
) -> None:
    filters = parse_filters("2024", "2024-06")
    found = full_collection.search("language models", 300, filters)
    expected = {
        p.id
        for p in full_collection.papers()
        if p.date and "2024-01-01" <= p.date <= "2024-06-30"
    }
    assert {h.paper.id for h in found.hits} == expected
    undated = sum(p.date is None for p in full_collection.papers())
    assert found.undated_left_out == undated > 250
    answer = full_collection.ask(
        "Which papers are about language models?", filters=filters
    )
    assert f"{undated} undated papers left out" in answer.text
    assert all(c.paper.id in expected for c in answer.papers)
    assert all(h.paper.id in expected for h in answer.also_retrieved)


def test_a_range_without_papers_is_an_abstention(full_collection: Ragbot) -> None:
    nobody = Filters("1990-01-01", "1990-12-31")
    assert full_collection.search("pruning", filters=nobody).hits == ()
    answer = full_collection.ask("Which papers prune channels?", filters=nobody)
    assert answer.abstained
    assert answer.papers == answer.also_retrieved == ()


@pytest.mark.parametrize(
    "question",
    [
        "How does MatryoshkaKV compress the KV cache?",
        "Which papers prune the channels of convolutional networks?",
        "Compare OLinear and SampleRNN",
        "Which papers of 2024 are about Mamba?",
        "What is Li_2 in grokking?",
        "What does LLM.int8() do?",
    ],
)
def test_an_answer_keeps_its_promises(full_collection: Ragbot, question: str) -> None:
    answer = full_collection.ask(question)
    assert not answer.abstained
    assert answer.papers
    assert [c.n for c in answer.papers] == list(range(1, len(answer.papers) + 1))
    by_number = {c.n: c for c in answer.papers}
    assert {n for s in answer.sentences for n in s.citations} == set(by_number)
    for quote in answer.quotes:
        assert quote.text in split_sentences(by_number[quote.n].paper.abstract)
    for citation in answer.papers:
        assert f"[{citation.n}]" in answer.text
        assert set(citation.evidence) <= set(split_sentences(citation.paper.abstract))
    for sentence in answer.sentences:
        if sentence.states:
            assert sentence.support == "supported"
            (n,) = sentence.citations
            assert sentence.text in by_number[n].paper.abstract
    cited = {c.paper.id for c in answer.papers}
    assert cited.isdisjoint(h.paper.id for h in answer.also_retrieved)
    assert f"of {451}" in answer.text or answer.filters
    assert answer.fingerprint.keys() == {"collection", "index", "config"}


@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of Mongolia?",
        "How do I bake sourdough bread?",
        "?!",
        "asdf qwer zxcv",
    ],
)
def test_what_the_papers_do_not_cover_is_declined(
    full_collection: Ragbot, question: str
) -> None:
    answer = full_collection.ask(question)
    assert answer.abstained
    assert answer.reason == "nothing_close"
    assert answer.papers == answer.quotes == ()
    assert not any(s.states or s.citations for s in answer.sentences)
    assert "[1]" not in answer.text
    for hit in answer.also_retrieved[:3]:
        assert hit.paper.title[:12] in answer.text


def test_a_follow_up_is_about_the_paper_before(full_collection: Ragbot) -> None:
    first = "How does channel pruning accelerate very deep networks?"
    answer = full_collection.ask(
        "What speed-up does it report?", [Message("user", first)]
    )
    assert first in answer.standalone_question
    assert answer.papers[0].paper.title.startswith(
        ("Channel Pruning", "Pruning Very Deep")
    )
    assert any("speed-up" in q.text for q in answer.quotes)


def test_a_stream_is_the_answer_in_pieces(full_collection: Ragbot) -> None:
    *parts, answer = full_collection.stream("Which papers prune channels?")
    assert isinstance(answer, Answer)
    texts = [p.text for p in parts]
    assert len(texts) > 3
    assert texts[-1] == answer.text
    assert all(b.startswith(a) and len(b) > len(a) for a, b in pairwise(texts))


@pytest.mark.parametrize(
    "question", ["x" * 100_000, "pruning " * 20_000, "\0\x1b[31m", "\udcff 🐈"]
)
def test_odd_questions_get_a_valid_answer(
    full_collection: Ragbot, question: str
) -> None:
    answer = full_collection.ask(question)
    assert answer.text
    assert bool(answer.papers) != answer.abstained


def test_ingesting_again_is_a_no_op(
    full_collection: Ragbot, tmp_path: Path, embedder: Embedder
) -> None:
    copy = tmp_path / "data"
    shutil.copytree(
        full_collection.settings.data_dir,
        copy,
        ignore=shutil.ignore_patterns("models", "*.lock"),
    )

    def unexpected() -> Embedder:
        raise AssertionError("nothing is new, and yet the model is loaded")

    with Ragbot.open(load_settings(data_dir=copy, environ={}), load=unexpected) as bot:
        generation, before = bot.stores.catalog.generation(), bot.papers()
        report = bot.ingest([bundled_listings()])
        assert [(f.records, f.duplicates, len(f.skipped)) for f in report.files] == [
            (n, n, 0) for n in (41, 307, 60, 40, 35)
        ]
        assert report.papers == 451
        assert bot.stores.catalog.generation() == generation
        assert bot.papers() == before


def test_the_first_ingest_reports_what_it_brought(
    full_collection: Ragbot, tmp_path: Path
) -> None:
    settings = load_settings(data_dir=tmp_path / "data", environ={})
    with Ragbot.open(settings, load=HashEmbedder) as bot:
        report = bot.ingest([bundled_listings()], dry_run=True)
        assert [f.records for f in report.files] == [41, 307, 60, 40, 35]
        assert sum(f.new for f in report.files) == report.papers == 451
        assert bot.papers() == []
        with pytest.raises(EmptyCollection, match="ragbot ingest"):
            bot.ask("Anything?")
        told: list[Progress] = []
        bot.ingest([bundled_listings()], progress=told.append)
        assert (told[0].done, told[-1].done, told[-1].total) == (0, 451, 451)
        assert [p.done for p in told] == sorted(p.done for p in told)
        # Which file comes first settles nothing but the order of what is equal.
        assert {p.id: p.date for p in bot.papers()} == {
            p.id: p.date for p in full_collection.papers()
        }


def test_duplicates_settle_each_others_facts(full_collection: Ragbot) -> None:
    papers = {p.title: p for p in full_collection.papers()}
    olinear = papers[
        "OLinear: A Linear Model for Time Series Forecasting in Orthogonally Transformed Domain"
    ]
    assert (olinear.date, olinear.date_inferred) == ("2025-05-12", False)
    assert len(olinear.sources) == 2
    hyper = [p for title, p in papers.items() if title.startswith("HyperZ")]
    assert len(hyper) == 1
    assert "$" in hyper[0].title  # the spelling that lost nothing


# -- keeping, on a tiny collection --------------------------------------------------------------


def save(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def changed(folder: Path) -> Path:
    """The tiny listing again, in a later file that says something else of one paper."""
    text = tiny_listing().replace(
        "EBVs) for classification", "EBVs) for zebra identification"
    )
    return save(folder / "later.txt", text)


def test_a_changed_record_updates_its_paper(tiny: Ragbot, tmp_path: Path) -> None:
    report = tiny.ingest([changed(tmp_path)])
    assert (
        report.files[0].new,
        report.files[0].updated,
        report.files[0].duplicates,
    ) == (0, 1, 4)
    assert report.papers == 5
    hit = tiny.search("zebra identification").hits[0]
    assert hit.paper.title == "Equiangular Basis Vectors"
    assert "zebra" in hit.evidence[0]
    assert hit.paper.sources == ("tiny.txt", str(tmp_path / "later.txt"))
    assert tiny.stores.vectors.count() == sum(
        count_chunks(p, tiny.settings.chunking) for p in tiny.papers()
    )


def test_a_changed_paper_is_found_as_it_was_while_it_is_embedded(
    tiny: Ragbot, tmp_path: Path
) -> None:
    class Looking(HashEmbedder):
        def embed_passages(self, texts, spans):  # type: ignore[no-untyped-def]
            with Ragbot(
                tiny.settings, Stores(tiny.settings.data_dir), HashEmbedder
            ) as reader:
                seen.append(reader.search("Equiangular Basis Vectors", 1).hits[0])
                assert len(reader.papers()) == 5
            return super().embed_passages(texts, spans)

    seen: list[Hit] = []
    tiny.close()
    with Ragbot.open(tiny.settings, load=Looking) as bot:
        bot.ingest([changed(tmp_path)])
        assert (
            "zebra" in bot.search("Equiangular Basis Vectors", 1).hits[0].paper.abstract
        )
    (hit,) = seen
    assert hit.paper.title == "Equiangular Basis Vectors"
    assert "zebra" not in hit.paper.abstract
    assert hit.evidence


def test_what_a_wrong_model_would_have_to_embed_is_not_taken_in(
    tiny: Ragbot, tmp_path: Path
) -> None:
    """The model shows only when it is loaded; by then nothing may have been written."""
    tiny.ingest(
        [save(tmp_path / "second.txt", tiny_listing().partition("MatryoshkaKV")[0])]
    )
    tiny.ingest([changed(tmp_path)])
    before = tiny.papers(), tiny.fingerprint(), tiny.stores.catalog.sources()
    tiny.close()
    fresh = bundled_listings() / "004_63bf64421f7544e5.txt"
    other = save(tmp_path / "tiny.txt", tiny_listing().replace("EBV", "EBW"))
    acts: list[Callable[[Ragbot], object]] = [
        lambda bot: bot.ingest([fresh]),
        lambda bot: bot.ingest([other]),
        lambda bot: bot.add(
            [Paper("bare", "Deep Residual Learning", "")], source="bare"
        ),
        # Its paper becomes what tiny.txt says of it
        lambda bot: bot.remove(source="later.txt"),
    ]
    for act in acts:
        with Ragbot.open(tiny.settings, load=lambda: HashEmbedder(64)) as bot:
            # What needs no model goes on.
            assert bot.ingest([tmp_path / "later.txt"]).files[0].duplicates == 5
            assert bot.ingest([fresh], dry_run=True).files[0].new == 34
            with pytest.raises(FingerprintMismatch, match="run 'ragbot rebuild'"):
                act(bot)
            assert bot.stores.catalog.unfinished() == 0
    with Ragbot.open(tiny.settings, load=HashEmbedder) as bot:
        assert (bot.papers(), bot.fingerprint(), bot.stores.catalog.sources()) == before
        assert bot.search("zebra identification", 1).hits[0].evidence
        assert bot.ingest([fresh]).papers == 39


@pytest.mark.parametrize("change", ["nothing", "chunking", "model"])
def test_whether_the_index_fits_shows_without_the_model(
    tiny: Ragbot, change: str
) -> None:
    settings = tiny.settings
    if change == "chunking":
        settings = other_settings(tiny, RAGBOT_CHUNKING__SENTENCES="7")
    if change == "model":
        settings = other_settings(tiny, RAGBOT_EMBEDDING__MODEL="intfloat/e5-small-v2")
    tiny.close()

    def unexpected() -> Embedder:
        raise AssertionError("the model is loaded")

    with Ragbot.open(settings, load=unexpected) as bot:
        if change == "nothing":
            bot.check()
        else:
            with pytest.raises(FingerprintMismatch, match=f"{change} was "):
                bot.check()


def test_a_model_that_was_loaded_is_checked_too(tiny: Ragbot) -> None:
    tiny.close()
    with Ragbot.open(tiny.settings, load=lambda: HashEmbedder(64)) as bot:
        bot.check()
        with pytest.raises(FingerprintMismatch):
            bot.search("pruning")
        with pytest.raises(FingerprintMismatch, match="model digest was"):
            bot.check()


def test_an_empty_collection_fits_any_settings(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path / "data", environ={})
    with Ragbot.open(settings, load=HashEmbedder) as bot:
        bot.check()
        with pytest.raises(EmptyCollection):
            bot.search("OLinear")


def test_a_paper_without_an_abstract_is_named_and_not_quoted(tiny: Ragbot) -> None:
    tiny.add([Paper("bare", "Deep Residual Learning", "")], source="bare")
    answer = tiny.ask("What is deep residual learning?")
    assert answer.papers[0].paper.id == "bare"
    assert "**Deep Residual Learning** [1] · no abstract" in answer.text
    assert not any(q.n == 1 for q in answer.quotes)


def test_a_paper_without_an_abstract_has_nothing_more_to_quote(tiny: Ragbot) -> None:
    tiny.add([Paper("bare", "Deep Residual Learning", "")], source="bare")
    first = tiny.ask("What is deep residual learning?")
    turns = [Message("user", first.question), Message("assistant", first.text)]
    answer = tiny.ask("What does paper 1 propose?", turns)
    assert answer.reason == "not_stated"
    assert answer.also_retrieved[0].paper.id == "bare"


def test_removing_by_id(tiny: Ragbot) -> None:
    gone = tiny_papers()[2]
    assert tiny.remove([gone.id]) == 1
    assert gone.id not in {p.id for p in tiny.papers()}
    assert gone.id not in {h.paper.id for h in tiny.search(gone.title, 10).hits}
    assert tiny.stores.lexical.count() == tiny.stores.sentences.count() == 4
    with pytest.raises(InputError, match="no paper has the id"):
        tiny.remove([gone.id])


def test_removing_a_source_keeps_what_others_said(tiny: Ragbot, tmp_path: Path) -> None:
    first_only, *_ = tiny_listing().partition("MatryoshkaKV")
    tiny.ingest([save(tmp_path / "second.txt", first_only)])
    assert tiny.remove(source="tiny.txt") == 4
    (left,) = tiny.papers()
    assert left.title.startswith("OLinear")
    assert left.sources == (str(tmp_path / "second.txt"),)
    with pytest.raises(
        InputError, match=r"no paper came from 'tiny.txt': .*/second.txt"
    ):
        tiny.remove(source="tiny.txt")
    assert tiny.remove(source="second.txt") == 1
    with pytest.raises(EmptyCollection):
        tiny.search("anything")


def test_what_was_removed_can_come_back(tiny: Ragbot, tmp_path: Path) -> None:
    tiny.remove([p.id for p in tiny_papers()])
    assert tiny.ingest([tmp_path / "tiny.txt"]).files[0].new == 5
    assert tiny.search("Equiangular Basis Vectors").hits[0].dense > 0.3


@pytest.mark.parametrize("lost", ["chroma", "lexical", "sentences.sqlite"])
def test_a_lost_part_of_the_index_is_an_error_until_a_rebuild(
    tiny: Ragbot, lost: str
) -> None:
    papers = tiny.stores.catalog.count()
    tiny.close()
    path = tiny.settings.data_dir / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with Ragbot.open(tiny.settings, load=HashEmbedder) as bot:
        with pytest.raises(
            CatalogError, match=f"{lost}: a part of the index is gone: run 'ragbot"
        ):
            bot.ask("What does OLinear forecast?")
        assert bot.rebuild() == papers
        assert bot.ask("What does OLinear forecast?").papers


def test_a_rebuild_gives_the_same_collection(tiny: Ragbot) -> None:
    before = tiny.fingerprint(), tiny.papers(), tiny.search("KV cache").hits
    assert tiny.rebuild() == 5
    after = tiny.fingerprint(), tiny.papers(), tiny.search("KV cache").hits
    assert before == after


def other_settings(tiny: Ragbot, **environ: str) -> Settings:
    return load_settings(data_dir=tiny.settings.data_dir, environ=environ)


@pytest.mark.parametrize("change", ["chunking", "model"])
def test_an_index_of_other_settings_is_an_error_that_names_the_remedy(
    tiny: Ragbot, change: str
) -> None:
    settings, load = tiny.settings, HashEmbedder
    if change == "chunking":
        settings = other_settings(tiny, RAGBOT_CHUNKING__SENTENCES="7")
    else:
        load = lambda: HashEmbedder(64)  # noqa: E731
    tiny.close()
    with Ragbot.open(settings, load=load) as bot:
        acts = [lambda: bot.search("pruning"), lambda: bot.ask("pruning?")]
        if change == "chunking":  # another model shows only when it is needed
            acts.append(lambda: bot.ingest([bundled_listings()]))
        for act in acts:
            with pytest.raises(
                FingerprintMismatch, match="run 'ragbot rebuild'"
            ) as caught:
                act()
            assert "\n" not in str(caught.value)
        assert len(bot.papers()) == 5  # the papers themselves are safe
        assert bot.rebuild() == 5
        assert bot.search("KV cache").hits[0].paper.title.startswith("MatryoshkaKV")


def test_one_bad_file_does_not_stop_the_rest(tiny: Ragbot, tmp_path: Path) -> None:
    folder = tmp_path / "drop"
    folder.mkdir()
    save(folder / "a.txt", "Dear diary")
    (folder / "b.txt").write_bytes(b"%PDF-1.7")
    shutil.copy(bundled_listings() / "004_63bf64421f7544e5.txt", folder)
    report = tiny.ingest([folder, folder / "none.txt"])
    bundled, pdf, missing = report.files
    assert (bundled.records, pdf.format, missing.format) == (35, None, None)
    (diary,) = report.unread  # one of many in a folder
    assert diary.where == str(folder / "a.txt")
    assert "no format that is read here" in diary.reason
    assert "this is a PDF" in pdf.skipped[0].reason
    assert "no such file" in missing.skipped[0].reason


@pytest.mark.parametrize(
    ("paths", "says"),
    [
        ([], "no file in there that is read"),
        (["none.txt"], "no such file"),
        (["a.txt", "b.txt"], "none of the 2"),
    ],
)
def test_when_nothing_can_be_read_nothing_changes(
    tiny: Ragbot, tmp_path: Path, paths: list[str], says: str
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(InputError, match=says) as caught:
        tiny.ingest([empty / p for p in paths] or [empty])
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, NothingRead) == bool(paths)
    assert len(tiny.papers()) == 5


@pytest.mark.parametrize("question", ["", "  \n"])
def test_an_empty_question_is_an_input_error(tiny: Ragbot, question: str) -> None:
    with pytest.raises(InputError, match="the question is empty"):
        tiny.ask(question)


def test_the_fingerprint_follows_papers_index_and_settings(
    tiny: Ragbot, tmp_path: Path
) -> None:
    before = tiny.fingerprint()
    tiny.ingest([bundled_listings() / "004_63bf64421f7544e5.txt"])
    after = tiny.fingerprint()
    assert after["collection"] != before["collection"]
    assert (after["index"], after["config"]) == (before["index"], before["config"])
    tiny.remove(source="004_63bf64421f7544e5.txt")
    assert tiny.fingerprint() == before


def test_values_cannot_be_changed_on_their_way(tiny: Ragbot) -> None:
    answer = tiny.ask("What does OLinear forecast?")
    with pytest.raises(dataclasses.FrozenInstanceError):
        answer.text = "something else"  # type: ignore[misc]
