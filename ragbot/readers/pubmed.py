"""PubMed in the three forms in which it saves: MEDLINE (``.nbib``), XML, and text of abstracts.

In text a record is blocks between blank lines::

    1. J Clin Med. 2010 Nov;12(3):45-50. doi: 10.1000/xyz.

    The title.

    Doe J(1), Roe AB(2).

    Author information:
    (1)A clinic.

    The abstract.

    DOI: 10.1000/xyz
    PMID: 21061207
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from itertools import chain, filterfalse, groupby
from operator import itemgetter, methodcaller

from ragbot.readers.document import Document
from ragbot.readers.formats import Format, Records, entry_by_entry
from ragbot.readers.people import family_initials
from ragbot.readers.record import given_first, iso_date, known_by, record
from ragbot.readers.tagged import Fields, first_of, tagged, values_of
from ragbot.readers.xml_text import Element, elements, root_is, text_of, texts_of
from ragbot.types import Paper, Skipped

__all__ = ["NBIB", "TEXT", "XML"]

_PAGE = "https://pubmed.ncbi.nlm.nih.gov/{}/"

# -- MEDLINE --------------------------------------------------------------------------------------

_TAGGED = re.compile(r"(?P<tag>[A-Z][A-Z0-9]{1,3}) {0,2}- ?(?P<value>.*)")
_MEDLINE = re.compile(r"^PMID ?- ?\d+\s*$", re.MULTILINE)
_IS_DOI = re.compile(r"(\S+) \[doi\]")


def _of_medline(fields: Fields, where: str) -> Paper | Skipped:
    people = map(given_first, values_of(fields, "FAU"))
    short = map(family_initials, values_of(fields, "AU"))
    dois = _IS_DOI.findall("\n".join(values_of(fields, "LID", "AID")))
    return record(
        first_of(fields, "TI", "BTI"),
        first_of(fields, "AB", "OAB"),
        where,
        authors=[*(list(people) or short), *values_of(fields, "CN")],
        date=iso_date(first_of(fields, "DP", "DEP")),
        url=_page(first_of(fields, "PMID")),
        venue=first_of(fields, "JT", "TA"),
        keywords=values_of(fields, "OT"),
        **known_by(*dois),
    )


def _page(number: str) -> str | None:
    return _PAGE.format(number) if number.isdecimal() else None


# -- XML ------------------------------------------------------------------------------------------


def _of_xml(article: Element, where: str) -> Paper | Skipped:
    inside = "MedlineCitation/Article"
    issue, online = f"{inside}/Journal/JournalIssue/PubDate", f"{inside}/ArticleDate"
    return record(
        text_of(article, f"{inside}/ArticleTitle", f"{inside}/VernacularTitle"),
        " ".join(
            map(_part, article.iterfind(".//{*}Article/{*}Abstract/{*}AbstractText"))
        ),
        where,
        authors=list(
            map(_person, article.iterfind(".//{*}Article/{*}AuthorList/{*}Author"))
        ),
        date=iso_date(*_issued(article, issue), *_issued(article, online)),
        url=_page(text_of(article, "MedlineCitation/PMID")),
        venue=text_of(
            article, f"{inside}/Journal/Title", "MedlineCitation/MedlineJournalInfo"
        ),
        keywords=texts_of(article, "MedlineCitation/KeywordList/Keyword"),
        **known_by(
            *texts_of(
                article,
                f"{inside}/ELocationID[@EIdType='doi']",
                "PubmedData/ArticleIdList/ArticleId[@IdType='doi']",
            )
        ),
    )


def _part(text: Element) -> str:
    """A part of an abstract, under its heading if it has one."""
    told = "".join(text.itertext()).strip()
    label = text.get("Label", "").strip()
    return f"{label}: {told}" if label not in {"", "UNLABELLED"} else told


def _person(author: Element) -> str:
    given = text_of(author, "ForeName", "Initials")
    names = [given, text_of(author, "LastName"), text_of(author, "Suffix")]
    return text_of(author, "CollectiveName") or " ".join(filter(None, names))


def _issued(article: Element, path: str) -> tuple[str, str]:
    """Year, month and day, as far as they are there; and what stands for them, "2010 Nov-Dec"."""
    parts = texts_of(article, f"{path}/Year", f"{path}/Month", f"{path}/Day")
    return "-".join(parts), text_of(article, f"{path}/MedlineDate")


# -- text -----------------------------------------------------------------------------------------

_NUMBERED = re.compile(r"\d+\. \S.*\b(?:1[89]|20)\d\d\b.*")
_NUMBER = re.compile(r"^PMID: (\d+)", re.MULTILINE)
_DOI = re.compile(r"\bdoi: *(10\.\S+)", re.IGNORECASE)
_APART = re.compile(
    r"(?:Author information|Collaborators|Comment (?:in|on)|Erratum|Conflict of interest|"
    r"Copyright|©|DOI|PMC?ID|Update (?:in|of)|Republished|Retraction|\(\d+\))",
    re.IGNORECASE,
)
_AFFILIATIONS = re.compile(r"\(\d+\)(?:\(\d+\))*|[#*]")

Block = list[tuple[int, str]]


def _is_text(head: str) -> bool:
    numbered = any(map(_NUMBERED.fullmatch, head.splitlines()[:5]))
    return numbered and _NUMBER.search(head) is not None


def _read_text(document: Document) -> Records:
    held: list[Block] = []
    for block in _blocks(document):
        if _NUMBERED.match(_joined(block)) and held:
            yield _of_text(held)
            held = []
        held.append(block)
    yield from map(_of_text, filter(None, [held]))


def _blocks(document: Document) -> Iterator[Block]:
    """The lines between blank ones."""
    for is_text, lines in groupby(
        document.lines(), key=lambda line: line[1].strip() != ""
    ):
        if is_text:
            yield list(lines)


def _joined(block: Block) -> str:
    return " ".join(line.strip() for _, line in block)


def _of_text(held: list[Block]) -> Paper | Skipped:
    every = list(map(_joined, held))
    cited, title, people, *others = [*every, "", ""][: max(3, len(every))]
    abstract = filterfalse(_APART.match, others)
    lines = map(itemgetter(1), chain.from_iterable(held))
    numbers = _NUMBER.findall("\n".join(lines))
    dois = _DOI.findall(" ".join([cited, *others]))
    _, _, behind = cited.partition(". ")
    return record(
        title,
        " ".join(abstract),
        f"line {held[0][0][0]}",
        authors=_people(people),
        date=iso_date(behind.partition(". ")[2]),
        url=_page(next(iter(numbers), "")),
        venue=behind.partition(". ")[0],
        **known_by(*map(methodcaller("rstrip", "."), dois)),
    )


def _people(text: str) -> list[str]:
    bare = _AFFILIATIONS.sub("", text).strip(" .")
    return list(map(family_initials, filter(None, map(str.strip, bare.split(",")))))


NBIB = Format(
    "nbib",
    "PubMed's own format (MEDLINE)",
    (".nbib", ".txt"),
    _MEDLINE.search,
    entry_by_entry(partial(tagged, tag=_TAGGED, begins="PMID"), _of_medline),
)
XML = Format(
    "pubmed-xml",
    "PubMed's XML",
    (".xml",),
    root_is("PubmedArticleSet", "PubmedArticle"),
    entry_by_entry(partial(elements, name="PubmedArticle"), _of_xml),
)
TEXT = Format(
    "pubmed-text",
    "abstracts that PubMed saved as text",
    (".txt",),
    _is_text,
    _read_text,
)
