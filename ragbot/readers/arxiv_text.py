"""arXiv as text: its lists of new papers, its mails, and other texts with a label a line.

A page (``/list/cs.CL/new``, or one abstract)::

    [1] arXiv:2602.12181 [pdf, html, other]
    Title: Convex Markov Games
    Anas Barakat, Ioannis Panageas
    Subjects: Machine Learning (cs.LG)

    The abstract.

A mail has ``\\\\`` between its parts, and sets in what runs on::

    \\\\
    arXiv:2602.12181
    Date: Thu, 12 Feb 2026 17:00:00 GMT   (512kb)

    Title: Convex Markov Games
      and Beyond
    Authors: Anas Barakat
    \\\\
      The abstract.
    \\\\ ( https://arxiv.org/abs/2602.12181 ,  512kb)

In other texts ``Title:`` begins a record, and ``Abstract:`` or ``Summary:`` is one of its lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import filterfalse, pairwise, repeat, takewhile

from ragbot.readers.document import Document
from ragbot.readers.formats import Format, Records
from ragbot.readers.people import split_names
from ragbot.readers.record import iso_date, known_by, record, web_address
from ragbot.types import Paper, Skipped

__all__ = ["LABELLED", "LISTED", "MAIL"]

_ID = r"arXiv:\s?(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?"
_LINK = re.compile(r"\[([^\[\]]*)\]\((?:https?:)?[^()\s]*\)")
_LISTED = re.compile(
    rf"^[*• \t]*\[\d+\]\s*{_ID}|^[ \t]*{_ID}(?=\s*(?:\[|\([a-z-]+\)\s*$))", re.MULTILINE
)
_MAILED = re.compile(
    rf"^\\\\[ \t]*\n(?P<head>\s*(?:{_ID}|Paper: \S+).*\n(?:(?!\\\\).*\n)*?)\\\\(?: .*)?\n"
    r"(?P<abstract>(?:(?!\\\\|-{10}|%-%).*\n?)*)",
    re.MULTILINE,
)
_TITLE = re.compile(r"^[^\w\n]{0,12}Title[^\w\n]{0,4}:", re.MULTILINE)
_ABSTRACT = re.compile(r"^[^\w\n]{0,4}(?:Abstract|Summary)[^\w\n]{0,4}:", re.MULTILINE)
_LABEL = re.compile(
    r"[*_#>\-\s]{0,12}(?P<label>Title|Authors?|Abstract|Summary|Comments?|Subjects?|Categories|"
    r"Journal[- ]ref(?:erence)?|Journal|Venue|DOI|Date|Published|Publication date|Year|Report-no|"
    r"Report number|MSC[- ]class|MSC classes|ACM[- ]class|ACM classes|License|PDF|URL|Link|"
    r"arXiv(?: ?ID)?|Paper|Keywords|Related DOI|Proxy)"
    r"[*_]{0,2}\s?:[*_]{0,2}\s*(?P<text>.*)",
    re.IGNORECASE,
)
_ALIKE = {
    "author": "authors", "summary": "abstract", "published": "date", "publication date": "date",
    "year": "date", "journal-ref": "venue", "journal ref": "venue", "journal reference": "venue",
    "journal": "venue", "related doi": "doi", "paper": "arxiv",
    "subject": "subjects", "categories": "subjects",
}  # fmt: skip
# What ends the last record of a page or of a part of it.
_ENDS = re.compile(
    r"\s*(?:(?:New|Cross(?:-lists)?|Replacement)s? submissions? (?:\(|for)|Total of \d+ entries|"
    r"Showing up to \d+|Links to:|Access Paper:|Bibliographic Tools|Cite as:|Submission history|"
    r"(?:About|Help)$|-{10,}|"
    r"%-%-%|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\w*, \d{1,2} \w+ \d{4} \(showing)",
    re.IGNORECASE,
)
_LISTED_ON = re.compile(
    r"(?:listings? for|submissions for|announced|received from)\s+.{6,40}|"
    r"^\w{3}, \d{1,2} \w{3} \d{2,4} \(showing",
    re.IGNORECASE | re.MULTILINE,
)
_SUBMITTED = re.compile(r"\[Submitted on (\d{1,2} \w+ \d{4})")
_IN_BRACKETS = re.compile(r"\(([a-z-]+(?:\.[A-Za-z-]{2,12})?)\)")

_SHORT_YEAR = re.compile(r"(\d{1,2} [A-Z][a-z]{2}) (\d\d)\b")
_CHROME = re.compile(
    r"\s*(?:view pdf|html \(experimental\)|tex source|download pdf|"
    r"\[?(?:pdf|html|ps|other)\b.{0,40})",
    re.IGNORECASE,
)
_RULE = re.compile(r"\s*[-=*_#]{3,}\s*")
_NUMBER = re.compile(r"\n\W{0,9}(?:Paper\s?)?#?\d{1,5}\W{0,9}\Z", re.IGNORECASE)

Behind = Callable[[str], str]
"""What a line without a label is, by the label of the line before it."""


def _on_page(label: str) -> str:
    return {"": "", "title": "authors"}.get(label, "abstract")


def _running_on(label: str) -> str:
    return label


def _read_listed(document: Document) -> Records:
    text = _LINK.sub(r"\1", document.text())
    listed = [
        (one.start(), _told_date(one.group())) for one in _LISTED_ON.finditer(text)
    ]
    for line, begin, chunk in _chunks(text, _LISTED):
        ids = begin.group()
        below = chunk.removeprefix(ids).split("\n")
        lines = takewhile(lambda line: not _ENDS.match(line), below)
        told = _told(filterfalse(_CHROME.fullmatch, lines), _on_page)
        days = [day for where, day in listed if where < begin.start()]
        days += map(iso_date, _SUBMITTED.findall(chunk))
        date = next(filter(None, reversed(days)), None)
        yield _record(told, f"line {line}", ids, date)


def _read_mail(document: Document) -> Records:
    for line, mail, _ in _chunks(f"{document.text()}\n", _MAILED):
        told = _told(mail["head"].split("\n"), _running_on)
        told["abstract"] = mail["abstract"]
        yield _record(told, f"line {line}", mail["head"])


def _read_labelled(document: Document) -> Records:
    for line, _, chunk in _chunks(document.text(), _TITLE):
        lines = takewhile(lambda line: not _RULE.fullmatch(line), chunk.split("\n"))
        told = _told(_NUMBER.sub("", "\n".join(lines)).split("\n"), _running_on)
        yield _record(told, f"line {line}", told.get("arxiv", ""))


def _chunks(
    text: str, begins: re.Pattern[str]
) -> Iterator[tuple[int, re.Match[str], str]]:
    """The parts that begin where a pattern does, with the lines and what is found there."""
    found = list(begins.finditer(text))
    places = [*map(re.Match.start, found), len(text)]
    line, before = 1, 0
    for begin, (at, end) in zip(found, pairwise(places), strict=True):
        line += text.count("\n", before, at)
        yield line, begin, text[at:end]
        before = at


def _told(lines: Iterable[str], behind: Behind) -> dict[str, str]:
    """What stands behind each label; a line without one is what ``behind`` says."""
    told: dict[str, str] = {}
    label = ""
    for line in filter(str.strip, lines):
        found = _LABEL.match(line)
        if found:
            name, line = found["label"].lower(), found["text"]
            label = _ALIKE.get(name, name)
        elif told.get(label) != "":
            label = behind(label)
        told[label] = f"{told.get(label, '')} {line.strip()}".strip()
    return told


def _told_date(text: str) -> str | None:
    return iso_date(_SHORT_YEAR.sub(r"\1 20\2", text))


def _record(
    told: Mapping[str, str], where: str, ids: str, date: str | None = None
) -> Paper | Skipped:
    links = list(map(told.get, ("url", "link", "pdf"), repeat("")))
    number = told.get("arxiv id", told.get("arxivid", told.get("arxiv", "")))
    known = known_by(ids, f"arxiv:{number}", told.get("doi"), *links)
    subjects = told.get("subjects", "")
    return record(
        told.get("title", ""),
        told.get("abstract", ""),
        where,
        authors=split_names(told.get("authors", "")),
        date=date or _told_date(told.get("date", "")),
        url=web_address(links, known),
        venue=told.get("venue"),
        keywords=_IN_BRACKETS.findall(subjects) or subjects.split(),
        **known,
    )


LISTED = Format(
    "arxiv-list",
    "a page of arXiv, copied: its lists of papers, or one abstract",
    (".txt", ".md"),
    lambda head: _LISTED.search(head) and _TITLE.search(head),
    _read_listed,
)
MAIL = Format(
    "arxiv-mail",
    "arXiv's mails of new papers",
    (".txt", ".eml", ".mbox"),
    _MAILED.search,
    _read_mail,
)
LABELLED = Format(
    "labelled",
    "text with Title: and Abstract: or Summary:",
    (".txt", ".md"),
    lambda head: _TITLE.search(head) and _ABSTRACT.search(head),
    _read_labelled,
)
