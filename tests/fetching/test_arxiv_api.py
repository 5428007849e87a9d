"""The papers of a query at arXiv, page by page, the newest first."""

from __future__ import annotations

from typing import Any

import pytest

from ragbot.config import Settings
from ragbot.errors import FetchError, InputError
from ragbot.fetching import Fetched, Search, arxiv_api, fetch_arxiv
from ragbot.readers import read_file

# Of the recorded reply.
DATES = [
    "2026-02-17",
    "2025-03-07",
    "2024-05-22",
    "2022-02-24",
    "2020-08-05",
    "2012-05-09",
]
FULL = ["000000.xml", "000002.xml", "000004.xml"]


@pytest.fixture
def fetch(asking: Settings, passing: Any) -> Any:
    def fetched(query: str = "all:testing", **limits: Any) -> list[Fetched]:
        return list(fetch_arxiv(asking, Search(query, **limits), passing.clock))

    return fetched


def dates(fetched: list[Fetched]) -> list[str | None]:
    """The dates of the papers that the readers find in the replies."""
    return [paper.date for one in fetched for paper in read_file(one.path)[1]]


def test_pages_are_taken_up_to_the_last(replay: Any, fetch: Any) -> None:
    fetched = fetch()
    assert [one.path.name for one in fetched] == FULL
    assert {one.source for one in fetched} == {"arxiv all:testing"}
    assert dates(fetched) == DATES
    assert [(one.done, one.total) for one in fetched] == [(2, 6), (4, 6), (6, 6)]
    asked = replay.asked[1]
    assert asked.path == "/api/query"
    assert asked.parameters == {
        "search_query": "all:testing",
        "start": "2",
        "max_results": "200",
        "sortBy": "submittedDate",
        "sortOrder": "descending",
    }


def test_at_most_so_many_are_asked_for_and_kept(replay: Any, fetch: Any) -> None:
    assert dates(fetch(most=3)) == DATES[:3]
    assert [one.parameters["max_results"] for one in replay.asked] == ["3", "1"]


def test_a_server_that_sends_more_than_asked_is_cut(replay: Any, fetch: Any) -> None:
    replay.say(body=replay.feed)
    assert dates(fetch(most=3)) == DATES[:3]


@pytest.mark.parametrize(
    ("since", "papers", "pages"),
    [("2025-03-07", 2, 2), ("2025-03-08", 1, 1), ("2012-01-01", 6, 3)],
)
def test_none_is_older_than_asked(
    replay: Any, fetch: Any, since: str, papers: int, pages: int
) -> None:
    """The page that has an older one is the last."""
    assert dates(fetch(since=since)) == DATES[:papers]
    assert len(replay.asked) == pages


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("cat:cs.CL AND ti:pruning", "cat:cs.CL AND ti:pruning"),
        ('"channel pruning"', '"channel pruning"'),
        ("kv cache", "all:kv AND all:cache"),
        ("kv ANDNOT cache", "kv ANDNOT cache"),
        ("testing", "all:testing"),
    ],
)
def test_bare_words_must_all_occur(
    replay: Any, fetch: Any, query: str, asked: str
) -> None:
    fetch(query)
    assert replay.asked[0].parameters["search_query"] == asked


def test_an_interrupted_run_goes_on(replay: Any, fetch: Any) -> None:
    replay.do(lambda: None)
    replay.say(500)
    with pytest.raises(FetchError):
        fetch()
    assert dates(fetch()) == DATES
    assert replay.starts == ["0", "2", "2", "4"]


def test_a_finished_run_is_made_anew(replay: Any, fetch: Any) -> None:
    """There may be new papers, which push the others on."""
    fetch()
    replay.a_page = 6
    fetched = fetch()
    assert [one.path.name for one in fetched] == FULL[:1]
    assert (
        sorted(path.name for path in fetched[0].path.parent.glob("*.xml")) == FULL[:1]
    )


def test_an_interrupted_run_of_days_ago_is_made_anew(
    replay: Any, fetch: Any, passing: Any
) -> None:
    replay.do(lambda: None)
    replay.say(500)
    with pytest.raises(FetchError):
        fetch()
    passing.time += 2 * 86_400
    fetch()
    assert replay.starts == ["0", "2", "0", "2", "4"]


def test_runs_that_ask_for_something_else_do_not_mix(replay: Any, fetch: Any) -> None:
    kept = [fetch(query, most=2) for query in ("all:testing", "all: testing")]
    kept.append(fetch(most=1))
    assert len({one.path.parent for run in kept for one in run}) == 3


@pytest.mark.parametrize("query", ["../../../etc", "..", "/", "Ωμέγα", "a" * 500, "\0"])
def test_no_query_leads_out_of_the_data_folder(
    replay: Any, fetch: Any, asking: Settings, query: str
) -> None:
    path = fetch(query, most=1)[0].path
    assert path.resolve().parent.parent == asking.data_dir / "fetched" / "arxiv"


def test_an_empty_page_before_the_end_is_asked_for_again(
    replay: Any, fetch: Any, passing: Any
) -> None:
    """Which arXiv gives now and then."""
    replay.do(lambda: None)
    replay.say(body=replay.page(6))
    assert dates(fetch()) == DATES
    assert replay.starts == ["0", "2", "2", "4"]


def test_no_paper_is_told(replay: Any, fetch: Any) -> None:
    replay.say(body=replay.page(6).replace(">6<", ">0<"))
    with pytest.raises(InputError, match="arXiv has no papers for 'all:testing'"):
        fetch()
    with pytest.raises(InputError, match="since 2026-03-01"):
        fetch(since="2026-03-01")


def test_a_query_that_is_not_understood_is_told(replay: Any, fetch: Any) -> None:
    entry = (
        "<entry><id>https://arxiv.org/api/errors#incorrect_id</id><title>Error</title>"
        "<summary>incorrect id format</summary></entry></feed>"
    )
    replay.say(body=replay.page(6).replace("</feed>", entry))
    with pytest.raises(FetchError, match="incorrect id format") as caught:
        fetch()
    assert "cat:cs.CL" in caught.value.remedy


DAMAGES = {
    "cut": lambda feed: feed[:900],
    "a page": lambda _: "<html><body>Sign in</body></html>",
    "nothing": lambda _: "",
    "JSON": lambda _: '{"error": "no"}',
    "no total": lambda feed: feed.replace("totalResults", "total"),
    "no number": lambda feed: feed.replace(">6<", ">many<"),
    "entities": lambda feed: feed.replace(
        "<feed", '<!DOCTYPE f [<!ENTITY a "b">]><feed'
    ),
    "a comment": lambda feed: feed.replace(
        "<feed", f"<!-- {'<entry ' * 300_000}--><feed", 1
    ),
    "other names": lambda feed: feed.replace("entry>", "arxiv:entry>"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_no_reply_of_arxiv_is_told_and_not_kept(
    replay: Any, fetch: Any, asking: Settings, damage: str
) -> None:
    replay.say(body=DAMAGES[damage](replay.feed))
    with pytest.raises(FetchError, match="something else than papers"):
        fetch()
    assert not list(asking.data_dir.rglob("*.xml"))


def test_more_papers_than_arxiv_gives_out_are_told(
    replay: Any, fetch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arxiv_api, "MOST", 4)
    with pytest.raises(FetchError, match="no more than 4 papers of one query"):
        fetch(since="2000-01-01", most=4)
