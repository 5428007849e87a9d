"""Papers into the formats of reference managers, spreadsheets and notes; pure but `write_file`.

Only facts that are known: a paper without authors' names gets no author field, and a date whose
year was inferred is marked as such. Every text is data to be escaped, never markup.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ragbot.errors import InputError
from ragbot.serialise import json_text, paper_json
from ragbot.text.latex import readable
from ragbot.text.markdown import as_text
from ragbot.text.words import STOPWORDS, printable
from ragbot.types import Paper

__all__ = ["FORMATS", "Format", "citation_key", "export_papers", "write_file"]


@dataclass(frozen=True, slots=True)
class Format:
    """One format: what it is called, the suffix of its files, and its writer."""

    title: str
    suffix: str
    write: Callable[[Sequence[Paper]], str]


def export_papers(papers: Sequence[Paper], format: str) -> str:  # noqa: A002  the option's name
    """The papers, in their order, as text of one of the `FORMATS`.

    Raises:
        InputError: there is no such format.
    """
    if format not in FORMATS:
        raise InputError(f"no format is called '{format}': choose from {', '.join(FORMATS)}")
    return FORMATS[format].write(papers)


def write_file(path: Path, text: str) -> None:
    """Write a file whole or not at all: what was there stays until the new text is complete.

    Raises:
        InputError: the path is a folder, or nothing can be written there.
    """
    if path.is_dir():
        raise InputError(f"{path}: is a folder: name a file in it")
    try:
        if path.exists() and not path.is_file():  # a device or a pipe is not to be replaced
            path.write_text(text, encoding="utf-8", newline="")
            return
        target = path.resolve()  # a link keeps pointing at its file
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            part.write_text(text, encoding="utf-8", newline="")
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written ({error.strerror}): name a file you can write to"
        ) from None


def citation_key(paper: Paper) -> str:
    """The title's first telling word and the paper's id: unique, and the same in every export."""
    words = re.findall(r"[a-z0-9]+", readable(paper.title).lower())
    word = next((w for w in words if w not in STOPWORDS and not w.isdigit()), "paper")
    return f"{word[:24]}-{paper.id}"


def _line(text: str) -> str:
    return " ".join(printable(text).split())


def _remarks(paper: Paper) -> list[str]:
    """What is known of a paper and has no field of its own."""
    remarks = []
    if paper.author_count and not paper.authors:
        remarks.append(f"{paper.author_count} author{'s' * (paper.author_count != 1)}")
    if paper.date_inferred:
        remarks.append("year inferred from the page it was saved from")
    return remarks


# -- BibTeX -----------------------------------------------------------------------------------

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
# A formula opens before and closes behind a character, and no digit follows: two prices are none.
_FORMULA = re.compile(r"(?<!\\)(\$(?=[^\s$])(?:[^$\\]|\\.)*?(?<=[^\s\\])\$(?!\d))")
# BibTeX counts braces even behind a backslash, so a literal one is written by name.
_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    **{c: f"\\{c}" for c in "&%$#_"},
}
_TEX_SPECIAL = re.compile("[" + re.escape("".join(_TEX)) + "]")


def _bibtex(papers: Sequence[Paper]) -> str:
    return "\n".join(map(_bibtex_entry, papers))


def _bibtex_entry(paper: Paper) -> str:
    fields: list[tuple[str, str]] = [("title", f"{{{_tex(paper.title)}}}")]  # keeps its capitals
    if paper.authors:
        fields.append(("author", " and ".join(map(_tex_name, paper.authors))))
    if paper.organisation:
        fields.append(("organization", f"{{{_tex(paper.organisation)}}}"))
    if paper.date:
        fields.append(("year", paper.date[:4]))
    if paper.url:
        fields.append(("url", _address(paper.url)))
    if paper.abstract:
        fields.append(("abstract", _tex(paper.abstract)))
    if remarks := _remarks(paper):
        fields.append(("note", _tex("; ".join(remarks))))
    lines = [f"  {name} = {{{value}}}," for name, value in fields]
    if paper.date:
        lines.append(f"  month = {_MONTHS[int(paper.date[5:7]) - 1]},")
    return "\n".join([f"@misc{{{citation_key(paper)},", *lines, "}", ""])


def _tex(text: str) -> str:
    """Text for LaTeX: formulas stay as they are, everything else is escaped."""
    parts = _FORMULA.split(_line(text))  # odd ones are formulas
    return "".join(
        part if i % 2 and _is_sound(part) else _tex_plain(part) for i, part in enumerate(parts)
    )


def _tex_plain(text: str) -> str:
    return _TEX_SPECIAL.sub(lambda m: _TEX[m.group()], readable(text))


def _is_sound(formula: str) -> bool:
    """Whether a formula can stand in a field: braces balance and nothing in it ends the line."""
    depth = 0
    for brace in re.findall(r"[{}]", formula):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0 and not re.search(r"\\[{}]|(?<!\\)[%#&]", formula)


def _tex_name(name: str) -> str:
    # "and" separates names; within one it must stand in braces.
    told = _tex(name)
    return f"{{{told}}}" if re.search(r"\band\b", told) else told


def _address(url: str) -> str:
    """A URL without characters that would end a field or a link."""
    return quote(_line(url), safe="%/:?#[]@!$&'()*+,;=~-._")


# -- RIS and CSL-JSON -------------------------------------------------------------------------


def _ris(papers: Sequence[Paper]) -> str:
    return "\n".join(map(_ris_entry, papers))


def _ris_entry(paper: Paper) -> str:
    fields = [("TY", "GEN"), ("ID", citation_key(paper)), ("TI", readable(paper.title))]
    fields += [("AU", name) for name in paper.authors]
    if paper.date:
        fields += [("PY", paper.date[:4]), ("DA", paper.date.replace("-", "/"))]
    if paper.abstract:
        fields.append(("AB", readable(paper.abstract)))
    if paper.url:
        fields.append(("UR", paper.url))
    fields += [("N1", remark) for remark in [*_organisation(paper), *_remarks(paper)]]
    fields.append(("ER", ""))
    return "".join(f"{tag}  - {_line(value)}\n" for tag, value in fields)


def _organisation(paper: Paper) -> list[str]:
    return [f"Organisation: {paper.organisation}"] if paper.organisation else []


def _csl(papers: Sequence[Paper]) -> str:
    return json_text([_csl_item(p) for p in papers], indent=2) + "\n"


def _csl_item(paper: Paper) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": citation_key(paper),
        "type": "article",  # CSL's type of preprints
        "title": _line(readable(paper.title)),
    }
    if paper.authors:
        item["author"] = [{"literal": _line(name)} for name in paper.authors]
    if paper.date:
        item["issued"] = {"date-parts": [[int(part) for part in paper.date.split("-")]]}
        if paper.date_inferred:
            item["issued"]["circa"] = True
    if paper.abstract:
        item["abstract"] = _line(readable(paper.abstract))
    if paper.url:
        item["URL"] = _line(paper.url)
    if remarks := [*_organisation(paper), *_remarks(paper)]:
        item["note"] = "; ".join(map(_line, remarks))
    return item


# -- tables, lines and notes ------------------------------------------------------------------


def _csv(papers: Sequence[Paper]) -> str:
    columns = list(paper_json(Paper("", "", "")))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for paper in papers:
        row = paper_json(paper)
        writer.writerow([_cell(row[column]) for column in columns])
    return out.getvalue()


def _cell(value: Any) -> str | int | None:
    if isinstance(value, bool):
        return str(value).lower()
    if value is None or isinstance(value, int):
        return value
    text = _line("; ".join(value) if isinstance(value, list) else value)
    # A spreadsheet would run such a cell as a formula.
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def _jsonl(papers: Sequence[Paper]) -> str:
    return "".join(json_text(paper_json(p)) + "\n" for p in papers)


def _markdown(papers: Sequence[Paper]) -> str:
    return "\n".join(map(_markdown_entry, papers))


def _markdown_entry(paper: Paper) -> str:
    facts = [_plain(name) for name in paper.authors]
    facts = [", ".join(facts)] if facts else []
    facts += [_plain(o) for o in [paper.organisation or ""] if o]
    facts += [paper.date] if paper.date else []
    facts += _remarks(paper)
    if paper.url:
        url = _address(paper.url)
        facts.append(f"<{url}>" if re.match(r"https?://", url) else as_text(url))
    blocks = [f"## {_plain(paper.title)}", " · ".join(facts), _plain(paper.abstract)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _plain(text: str) -> str:
    """Text without markup; its addresses are to be copied, so nothing stands within them."""
    return as_text(_line(text)).replace("\u200b", "")


FORMATS: dict[str, Format] = {
    "jsonl": Format("JSON Lines", ".jsonl", _jsonl),
    "bibtex": Format("BibTeX", ".bib", _bibtex),
    "ris": Format("RIS", ".ris", _ris),
    "csl": Format("CSL-JSON", ".json", _csl),
    "csv": Format("CSV", ".csv", _csv),
    "md": Format("Markdown", ".md", _markdown),
}
