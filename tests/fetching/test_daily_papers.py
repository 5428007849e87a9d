"""Hugging Face's daily papers: a file a day, each day that is over fetched once."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ragbot.config import Settings
from ragbot.errors import FetchError, InputError, Locked
from ragbot.fetching import Fetched, fetch_daily_papers

DAYS = ["2026-03-04", "2026-03-05", "2026-03-06", "2026-03-07"]


@pytest.fixture
def fetch(asking: Settings, passing: Any) -> Any:
    """Fetches the days from the fourth of March to one, the seventh if no other is named."""

    def fetched(last: str = DAYS[-1], first: str = DAYS[0]) -> list[Fetched]:
        ends = date.fromisoformat(first), date.fromisoformat(last)
        return list(fetch_daily_papers(asking, *ends, passing.clock))

    return fetched


def test_each_day_is_a_file_of_its_papers(replay: Any, fetch: Any) -> None:
    fetched = fetch()
    assert [one.source for one in fetched] == [f"daily-papers {day}" for day in DAYS]
    assert [one.papers for one in fetched] == [1, 1, 1, 0]
    assert [one.path.name for one in fetched] == [
        *(f"{day}.json" for day in DAYS[:3]),
        "2026-03-07.so-far.json",
    ]
    assert json.loads(fetched[2].path.read_bytes()) == replay.days["2026-03-06"]
    assert [(one.done, one.total) for one in fetched] == [
        (1, 4),
        (2, 4),
        (3, 4),
        (4, 4),
    ]


def test_what_is_asked_is_what_the_service_takes(replay: Any, fetch: Any) -> None:
    fetch(DAYS[0])
    asked = replay.asked[0]
    assert (asked.path, asked.parameters) == ("/api/daily_papers", {"date": DAYS[0]})


def test_only_today_is_fetched_anew(replay: Any, fetch: Any) -> None:
    fetch()
    replay.days["2026-03-07"] = replay.days["2026-03-06"]
    assert fetch()[-1].papers == 1
    assert replay.dates == [*DAYS, "2026-03-07"]


def test_a_day_that_was_not_over_is_fetched_once_it_is(
    replay: Any, fetch: Any, passing: Any, asking: Settings
) -> None:
    fetch()
    passing.time += 86_400
    replay.days["2026-03-07"] = replay.days["2026-03-06"]
    assert [fetch()[-1].path.name for _ in range(2)] == ["2026-03-07.json"] * 2
    assert replay.dates == [*DAYS, "2026-03-07"]
    folder = asking.data_dir / "fetched" / "daily-papers"
    assert sorted(path.name for path in folder.glob("*.json")) == [
        f"{day}.json" for day in DAYS
    ]


def test_a_run_that_failed_goes_on_where_it_was(replay: Any, fetch: Any) -> None:
    replay.do(lambda: None)
    replay.say(500)
    with pytest.raises(FetchError):
        fetch()
    assert [one.papers for one in fetch()] == [1, 1, 1, 0]
    assert replay.dates == [DAYS[0], DAYS[1], *DAYS[1:]]


def test_a_file_that_was_damaged_is_fetched_again(replay: Any, fetch: Any) -> None:
    path: Path = fetch(DAYS[0])[0].path
    whole = path.read_bytes()
    for damaged in (whole[:-20], b"", b"\0" * 9):
        path.write_bytes(damaged)
        assert fetch(DAYS[0])[0].papers == 1
        assert path.read_bytes() == whole


def test_a_day_of_many_papers_stands_on_several_pages(replay: Any, fetch: Any) -> None:
    """The service gives 50 at most, unless asked for more."""
    many = [{"paper": {"id": str(n)}} for n in range(70)]
    replay.days[DAYS[0]] = many[:50]

    def turn() -> None:
        replay.days[DAYS[0]] = many[50:]

    replay.do(lambda: None)
    replay.do(turn)
    assert fetch(DAYS[0])[0].papers == 70
    assert [asked.parameters.get("p") for asked in replay.asked] == [None, "1"]


def test_a_service_without_pages_is_asked_twice_at_most(
    replay: Any, fetch: Any
) -> None:
    replay.days[DAYS[0]] = [{"paper": {"id": str(n)}} for n in range(60)]
    assert fetch(DAYS[0])[0].papers == 60
    assert len(replay.asked) == 2


@pytest.mark.parametrize(
    ("first", "last"), [("2026-03-08", "2026-03-09"), ("2020-01-01", "2020-12-31")]
)
def test_days_without_daily_papers_are_not_asked_for(
    replay: Any, fetch: Any, first: str, last: str
) -> None:
    with pytest.raises(InputError, match="from 2023-05-04 to 2026-03-07") as caught:
        fetch(last, first)
    assert caught.value.remedy
    assert replay.asked == []


@pytest.mark.parametrize(
    "reply",
    [
        b"<!doctype html><title>Sign in to this network</title>",
        b'[{"paper": {"id": "2602.23229"',
        b'{"error": null}',
        b"[1, 2]",
        b"[" * 100_000,
        b"\xff\xfe\x00",
        b"",
    ],
)
def test_what_is_no_list_of_papers_is_told_and_not_kept(
    replay: Any, fetch: Any, asking: Settings, reply: bytes
) -> None:
    replay.say(200, reply)
    with pytest.raises(FetchError, match="something else than papers") as caught:
        fetch(DAYS[0])
    assert "sign in" in caught.value.remedy
    assert not list((asking.data_dir / "fetched").rglob("*.json"))


def test_two_runs_do_not_fetch_into_one_folder(
    fetch: Any, asking: Settings, passing: Any
) -> None:
    day = date(2026, 3, 4)
    first = fetch_daily_papers(asking, day, day, passing.clock)
    next(first)
    with pytest.raises(Locked):
        fetch()
    first.close()
    fetch()
