"""Daily Papers pages as other tools capture them, one paper's page, and notes on papers."""

import io
import time
from datetime import date
from pathlib import Path

import pytest

from ragbot.errors import ReadError
from ragbot.readers import Document, read, read_file
from ragbot.readers.listing import read_listing
from ragbot.readers.record import iso_date
from ragbot.readers.written_dates import written_date
from ragbot.types import Paper, Skipped

CAPTURES = Path(__file__).parent.parent / "fixtures" / "captures"
ABSTRACT = (
    "Serving many requests wastes memory because each reserves room for its longest answer. "
    "Borrowing paging from operating systems, the cache is kept in blocks."
)


def papers(name: str) -> list[Paper]:
    """Of a file, without repetitions; what is skipped fails."""
    found: dict[str, Paper] = {}
    for one in read_file(CAPTURES / name)[1]:
        assert isinstance(one, Paper), one
        found.setdefault(one.title, one)
    return list(found.values())


def page(*records: str) -> str:
    return "\n\n".join(["Daily Papers", "Oct 2", *records])


def facts(one: Paper) -> tuple[object, ...]:
    return (one.date, one.date_inferred, one.author_count, one.organisation)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "linked.md",
            [
                ("2026-05-29", True, None, "OCC"),
                ("2026-09-09", True, None, "Carnegie Mellon University"),
                ("2025-02-27", False, 3, None),
            ],
        ),
        (
            "addresses.txt",
            [
                ("2023-06-26", False, 4, None),
                ("2018-02-24", False, 4, None),
                ("2018-08-03", False, 4, None),
            ],
        ),
        (
            "trending.txt",
            [
                ("2023-09-12", False, 9, None),
                ("2024-12-28", False, None, "Kandinsky Lab"),
                ("2026-05-29", False, None, "OCC"),
            ],
        ),
        (
            "translated.txt",
            [
                ("2023-09-12", False, 9, None),
                ("2024-03-08", False, 671, None),
                ("2023-11-21", False, 5, None),
                ("2025-11-27", False, 60, None),
            ],
        ),
        (
            "wrapped.txt",
            [
                ("2023-06-26", False, 4, None),
                ("2018-02-24", False, 4, None),
                ("2018-08-03", False, 4, None),
            ],
        ),
    ],
)
def test_a_capture_gives_its_papers_and_nothing_else(
    name: str, expected: list[tuple[object, ...]]
) -> None:
    found = papers(name)
    assert [facts(one) for one in found] == expected
    for one in found:
        assert 20 < len(one.title) < 120
        assert one.abstract.endswith(".")
        assert not {"http", "Upvote", "](", "###"} & {
            *(one.title + one.abstract).split()
        }


def test_links_tell_which_paper_it_is() -> None:
    first = papers("linked.md")[0]
    assert (first.url, first.arxiv_id) == (
        "https://huggingface.co/papers/2606.00683",
        "2606.00683",
    )
    assert papers("addresses.txt")[1].arxiv_id == "1802.08979"


def test_a_page_without_abstracts_says_so() -> None:
    with pytest.raises(ReadError, match="titles without abstracts"):
        read_file(CAPTURES / "front_page.txt")


def test_the_page_of_one_paper() -> None:
    (one,) = papers("paper_page.txt")
    assert facts(one) == ("2023-09-12", False, 9, None)
    assert one.authors[0] == "Woosuk Kwon"
    assert one.url == "https://arxiv.org/abs/2309.06180"
    assert one.abstract.startswith("Serving many requests")
    assert one.abstract.endswith("two to four times.")


def test_a_note_with_front_matter() -> None:
    (one,) = papers("note.md")
    assert one.title.startswith("Efficient Memory Management")
    assert one.authors == ("Woosuk Kwon", "Zhuohan Li")
    assert (one.date, one.arxiv_id) == ("2023-09-13", "2309.06180")
    assert one.abstract.startswith("Serving many requests")


def test_a_note_has_its_abstract_in_a_section_and_its_authors_in_a_list() -> None:
    text = (
        '---\ntitle: "Paged Attention"\nauthors:\n  - Ann Lee\n  - Bo Chen\n---\n'
        f"My own words, which are no abstract, however long they are, are here as well: {ABSTRACT}"
        f"\n\n## Abstract\n\n{ABSTRACT}\n\n## Notes\n\nRead again.\n"
    )
    name, records = read(Document("n.md", lambda: io.BytesIO(text.encode())))
    (one,) = records
    assert name == "note"
    assert isinstance(one, Paper)
    assert (one.title, one.authors) == ("Paged Attention", ("Ann Lee", "Bo Chen"))
    assert one.abstract == ABSTRACT


@pytest.mark.parametrize(
    "meta",
    [
        "  • 4 authors\n·\nSep 12, 2023",
        "• 4 authors · Published on Sep 12, 2023",
        "Sep 12, 2023 · 4 authors",
        "- 4 authors\n\n·\n\nSep 12, 2023",
        "* 4 Autoren | 12. September 2023",
        "4 auteurs\n·\n12 sept. 2023",
        "4 autores\n·\n12 de septiembre de 2023",
        "4 авторов\n·\n12 сентября 2023 г.",
        "4 位作者\n·\n2023年9月12日",
        "[4 authors](https://huggingface.co/papers/2309.06180)\n·\n2023-09-12",
    ],
)
def test_a_byline_in_any_form(meta: str) -> None:
    (one,) = read_listing(page(f"Paged Attention\n\n{ABSTRACT}\n\n{meta}"))
    assert isinstance(one, Paper)
    assert facts(one) == ("2023-09-12", False, 4, None)
    assert (one.title, one.abstract) == ("Paged Attention", ABSTRACT)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("3 days ago", "2026-09-29"),
        ("yesterday", "2026-10-01"),
        ("vor 2 Wochen", "2026-09-18"),
        ("2 months ago", "2026-08"),
        ("3天前", "2026-09-29"),
    ],
)
def test_days_ago_count_from_the_day_of_the_page(told: str, expected: str) -> None:
    text = page(f"Paged Attention\n\n{ABSTRACT}\n\n4 authors\n·\n{told}")
    (one,) = read_listing(text, saved=date(2026, 11, 29))
    assert isinstance(one, Paper)
    assert (one.date, one.date_inferred) == (expected, True)


def test_no_page_was_saved_before_the_site_had_them() -> None:
    old = f"Old\n\n{ABSTRACT}\n\n4 authors\n·\nFeb 24, 2018"
    new = f"Newer\n\n{ABSTRACT}\n\n4 authors\n·\nMay 29"
    dated = {
        saved: [
            one.date
            for one in read_listing(page(old, new), saved)
            if isinstance(one, Paper)
        ]
        for saved in (None, date(2026, 11, 29))
    }
    assert dated == {
        None: ["2018-02-24", None],
        date(2026, 11, 29): ["2018-02-24", "2026-05-29"],
    }


@pytest.mark.parametrize(
    "title",
    ["∞", "Hi!", "🔥 1+1>2? 🚀", "Few-Shot Learners.", "What it is:", "A Title " * 40],
)
def test_odd_titles_with_a_byline(title: str) -> None:
    (one,) = read_listing(page(f"{title}\n\n{ABSTRACT}\n\n4 authors\n·\nMay 29, 2024"))
    assert isinstance(one, Paper)
    assert one.title == title.strip()


@pytest.mark.parametrize("heading", ["Our contributions", "Introduction", "Approach"])
def test_headings_in_an_abstract_begin_no_paper(heading: str) -> None:
    text = page(
        f"Paged Attention\n\n{ABSTRACT}\n\nCode and data\n\n{ABSTRACT}\n\n{heading}\n\n"
        f"{ABSTRACT}\n\n4 authors\n·\nMay 29, 2024"
    )
    (one,) = read_listing(text)
    assert isinstance(one, Paper)
    assert one.abstract.count(ABSTRACT) == 3


def test_a_greeting_is_no_paper() -> None:
    text = page(
        f"Hello Anna!\n\nPaged Attention\n\n{ABSTRACT}\n\n4 authors\n·\nMay 29, 2024"
    )
    skipped, one = read_listing(text)
    assert skipped == Skipped("line 5", "a title without an abstract")
    assert isinstance(one, Paper)
    assert one.title == "Paged Attention"


def test_a_compact_page_of_wrapped_lines_says_that_it_cannot_be_told_apart() -> None:
    line = "the cache of each request is kept in blocks that need not be adjacent to one another,\n"
    text = f"Daily Papers\nSubscribepaged attention for serving\n{line * 8}and that is all.\n"
    found = list(read_listing(text.replace("Subscribepaged", "SubscribePaged")))
    assert not any(isinstance(one, Paper) for one in found)
    assert any("told apart" in one.reason for one in found if isinstance(one, Skipped))


@pytest.mark.parametrize(
    "prose",
    [
        "Anna\n·\nwhat a day\n\nBen\n·\nso it is\n",
        f"My blog\n\n{ABSTRACT}\n\nMar 3, 2024\n\nNext post\n\n{ABSTRACT}\n\nMar 1, 2024\n",
    ],
)
def test_what_is_no_listing_is_refused(prose: str) -> None:
    with pytest.raises(ReadError, match="no format"):
        read(Document("a.txt", lambda: io.BytesIO(prose.encode())))


@pytest.mark.parametrize(
    "hostile",
    [
        "x" * 30_000_000,
        "[" * 300_000,
        "4 authors · " * 300_000,
        "· \n" * 30_000,
        "(\\[" * 99_999,
        "\n" * 99_999,
    ],
    ids=["line", "brackets", "bylines", "dots", "escapes", "blank"],
)
def test_a_hostile_page_ends_soon(hostile: str) -> None:
    began = time.perf_counter()
    assert not any(
        isinstance(one, Paper) for one in read_listing(page(hostile, "](https://a.b)"))
    )
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("12 de marzo de 2024", "2024-03-12"),
        ("8. März 2024", "2024-03-08"),
        ("21 nov. 2023", "2023-11-21"),
        ("12 сентября 2023 г.", "2023-09-12"),
        ("31 février 2023", None),
    ],
)
def test_dates_in_other_languages(told: str, expected: str | None) -> None:
    written = written_date(told)
    assert (written.iso(0, None) if written else None) == expected
    if expected:
        assert iso_date(told) == expected


def test_a_saved_html_page_is_read_as_the_text_that_it_shows() -> None:
    first, second = papers("listing.html")
    assert facts(first) == ("2023-09-12", False, 9, None)
    assert "for its longest answer." in first.abstract
    assert first.arxiv_id == "2309.06180"
    assert facts(second) == ("2023-11-21", False, None, "Microsoft")
    assert second.title == "Orca 2: Teaching Small Language Models How to Reason"


def test_an_html_page_that_says_which_paper_it_is_about() -> None:
    (one,) = papers("abstract_page.html")
    assert one.authors == ("Woosuk Kwon", "Zhuohan Li")
    assert (one.date, one.arxiv_id) == ("2023-09-12", "2309.06180")
    assert one.url == "https://arxiv.org/abs/2309.06180"
    assert one.abstract.startswith("Serving many requests")
    assert "answer & more" in one.abstract


@pytest.mark.parametrize("piece", ["<!--", "<a href='", "<", "<div>", "&amp", "</a>"])
def test_hostile_html_ends_soon(piece: str) -> None:
    text = f"<!doctype html>{piece * 100_000}"
    began = time.perf_counter()
    _, records = read(Document("a.html", lambda: io.BytesIO(text.encode())))
    assert not any(isinstance(one, Paper) for one in records)
    assert time.perf_counter() - began < 5


def linked(*items: str) -> tuple[str, list[Paper | Skipped]]:
    text = "# Papers of the week\n\nHello all!\n\n" + "\n\n".join(items)
    name, records = read(Document("list.md", lambda: io.BytesIO(text.encode())))
    return name, list(records)


def test_a_list_whose_titles_link_to_papers_and_have_summaries() -> None:
    link = "[Paged Attention for Serving](https://arxiv.org/abs/2309.06180)"
    name, found = linked(
        f"1. **{link}** - {ABSTRACT}",
        f"### {link}\n**Authors:** Ann Lee, Bo Chen\n**Date:** 2023-09-12\n\n"
        f"**Summary:** {ABSTRACT}",
        f"- {link}",
        "## Tools\n\nNothing this week, in which there was little to be told of tools or of code.",
    )
    first, second, third = found
    assert name == "link-list"
    assert isinstance(first, Paper)
    assert isinstance(second, Paper)
    assert (first.title, first.abstract) == ("Paged Attention for Serving", ABSTRACT)
    assert (second.abstract, second.date, second.authors) == (
        ABSTRACT,
        "2023-09-12",
        ("Ann Lee", "Bo Chen"),
    )
    assert first.arxiv_id == "2309.06180"
    assert third == Skipped("line 13", "a title without a summary")


def test_a_list_of_titles_alone_says_so() -> None:
    with pytest.raises(ReadError, match="titles without summaries"):
        linked("- [Paged Attention for Serving](https://arxiv.org/abs/2309.06180)")


def test_a_compact_page_with_odd_titles() -> None:
    titles = [
        "Recognizing Style",
        "Models are Few-Shot Learners.",
        "Hi!",
        "∞",
        "🔥 1+1>2? 🚀",
    ]
    lines = "\n".join(f"{title}\n{ABSTRACT}" for title in titles)
    found = list(read_listing(f"Daily Papers\nSubscribe{lines}\n"))
    assert [one.title for one in found if isinstance(one, Paper)] == titles
    assert len(found) == len(titles)


def test_a_link_within_a_sentence_is_kept_as_it_was_written() -> None:
    abstract = (
        f"{ABSTRACT} It shows [a link](http://x.org) as it is written, and goes on."
    )
    text = page("Paged Caches", abstract, "• 3 authors\n·\nMar 21, 2023\n")
    (paper,) = read_listing(text)
    assert isinstance(paper, Paper)
    assert paper.abstract == abstract


@pytest.mark.parametrize(
    ("signed", "expected"),
    [
        ("著者 9名\n·\n2023年9月12日", ("2023-09-12", False, 9, None)),
        ("Authors: 9\n·\n12 Sept. 2023", ("2023-09-12", False, 9, None)),
        ("저자 9명 · Sep 12, 2023", ("2023-09-12", False, 9, None)),
        ("Tuesday, September 12, 2023 · 9 authors", ("2023-09-12", False, 9, None)),
        ("9 authors · Tue, Sep 12, 2023", ("2023-09-12", False, 9, None)),
        ("9 authors\n·\n25/12/2023", ("2023-12-25", False, 9, None)),
        ("9 authors\n·\n12/25/2023", ("2023-12-25", False, 9, None)),
        ("9 authors\n·\n12/09/2023", (None, False, 9, None)),
    ],
)
def test_numbers_of_authors_and_dates_in_any_order(
    signed: str, expected: tuple[object, ...]
) -> None:
    (one,) = read_listing(page("PagedAttention for Serving", ABSTRACT, signed))
    assert isinstance(one, Paper)
    assert facts(one) == expected


def test_numbers_of_a_list_are_no_part_of_titles() -> None:
    signed = "9 authors · Sep 12, 2023"
    numbered = ("1. One Paper", ABSTRACT, signed, "2. Another Paper", ABSTRACT, signed)
    found = [one for one in read_listing(page(*numbered)) if isinstance(one, Paper)]
    assert [one.title for one in found] == ["One Paper", "Another Paper"]
    other = (*numbered[:3], "Another Paper", *numbered[4:])
    found = [one for one in read_listing(page(*other)) if isinstance(one, Paper)]
    assert [one.title for one in found] == ["1. One Paper", "Another Paper"]


def test_titles_alone_are_no_abstracts_of_one_another() -> None:
    titles = (
        "PagedAttention for Serving",
        "Deep Residual Learning for Image Recognition",
    )
    found = list(read_listing(page(*titles, "Attention Is All You Need")))
    assert not any(isinstance(one, Paper) for one in found)


def test_the_date_of_a_second_page_is_no_papers() -> None:
    for signed in ("Sep 12, 2023\n·\n9 authors", "9 authors · Sep 12, 2023"):
        one = page("PagedAttention for Serving", ABSTRACT, signed)
        found = list(read_listing(f"{one}\n\n{one.replace('Paged', 'Other')}"))
        dates = [getattr(each, "date", each) for each in found]
        assert dates == ["2023-09-12", "2023-09-12"]


def read_text(text: str) -> list[Paper | Skipped]:
    content = text.encode()
    return list(read(Document("page.md", lambda: io.BytesIO(content)))[1])


def test_a_note_with_an_arxiv_id_and_a_heading_is_no_page_of_the_site() -> None:
    front = 'title: "Deep Residual Learning"\nauthors: [Kaiming He]\narxiv: 1512.03385'
    (one,) = read_text(f"---\n{front}\n---\n\n# Abstract\n\n{ABSTRACT}\n")
    assert isinstance(one, Paper)
    assert (one.title, one.abstract) == ("Deep Residual Learning", ABSTRACT)


def test_what_follows_a_list_is_no_part_of_its_last_item() -> None:
    items = [
        f"{n}. **[Paged Memory {n}](https://arxiv.org/abs/2309.0618{n})** {ABSTRACT}"
        for n in (1, 2)
    ]
    found = read_text("\n\n".join(["# News", *items, "See you next week!"]))
    assert [getattr(one, "abstract", one) for one in found] == [ABSTRACT, ABSTRACT]
    below = read_text("\n\n".join(["# News", items[0].replace(ABSTRACT, ""), ABSTRACT]))
    assert [getattr(one, "abstract", one) for one in below] == [ABSTRACT]
