"""ragbot/question/filters.py and `Filters` itself."""

import pytest

from ragbot.errors import InputError
from ragbot.question.filters import parse_filters
from ragbot.types import Filters


@pytest.mark.parametrize(
    ("date_from", "date_to", "expected"),
    [
        (None, None, Filters()),
        ("", "", Filters()),
        ("2024", "2024", Filters("2024-01-01", "2024-12-31")),
        ("2024-02", "2024-02", Filters("2024-02-01", "2024-02-29")),
        ("2023-2", None, Filters("2023-02-01", None)),
        (None, " 2024-07-04 ", Filters(None, "2024-07-04")),
        ("2024-07-04", "2024-07-04", Filters("2024-07-04", "2024-07-04")),
    ],
)
def test_dates_become_an_inclusive_range(
    date_from: str | None, date_to: str | None, expected: Filters
) -> None:
    assert parse_filters(date_from, date_to) == expected


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "24",
        "2024-13",
        "2024-00",
        "2023-02-29",
        "2024-1-32",
        "0000",
        "2024-01-",
    ],
)
def test_what_is_no_date_is_one_line(text: str) -> None:
    for date_from, date_to in ((text, None), (None, text)):
        with pytest.raises(InputError) as caught:
            parse_filters(date_from, date_to)
        assert (
            str(caught.value)
            == f"'{text}' is no date: write YYYY, YYYY-MM or YYYY-MM-DD"
        )


def test_a_range_that_ends_before_it_starts() -> None:
    with pytest.raises(
        InputError, match=r"ends \(2023\) before it starts \(2024\): swap them"
    ):
        parse_filters("2024", "2023")


@pytest.mark.parametrize(
    ("filters", "date", "admitted"),
    [
        (Filters(), None, True),
        (Filters("2024-01-01"), None, False),
        (Filters("2024-01-01"), "2024-01-01", True),
        (Filters("2024-01-01"), "2023-12-31", False),
        (Filters(None, "2024-01-01"), "2024-01-01", True),
        (Filters(None, "2024-01-01"), "2024-01-02", False),
    ],
)
def test_an_undated_paper_passes_only_an_empty_filter(
    filters: Filters, date: str | None, admitted: bool
) -> None:
    assert filters.admits(date) is admitted
