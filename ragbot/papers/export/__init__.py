"""Papers into the formats of reference managers, spreadsheets and notes; pure but `write_file`.

Only facts that are known: a paper without authors' names gets no author field, and a date whose
year was inferred is marked as such. Every text is data to be escaped, never markup.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ragbot.errors import InputError
from ragbot.papers.export.bibtex import write_bibtex
from ragbot.papers.export.csl import write_csl
from ragbot.papers.export.plain import write_csv, write_jsonl, write_markdown
from ragbot.papers.export.ris import write_ris
from ragbot.types import Paper
from ragbot.whole_file import write_whole

__all__ = ["FORMATS", "Format", "export_papers", "write_file"]


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
        raise InputError(
            f"no format is called '{format}'", f"choose from {', '.join(FORMATS)}"
        )
    return FORMATS[format].write(papers)


def write_file(path: Path, text: str) -> None:
    """Write a file whole or not at all: what was there stays until the new text is complete.

    Raises:
        InputError: the path is a folder, or nothing can be written there.
    """
    if path.is_dir():
        raise InputError(f"{path}: is a folder", "name a file in it")
    try:
        # A device or a pipe is not to be replaced
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8", newline="")
            return
        # A link keeps pointing at its file
        write_whole(path.resolve(), text.encode())
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written ({error.strerror})",
            "name a file you can write to",
        ) from None


FORMATS: dict[str, Format] = {
    "jsonl": Format("JSON Lines", ".jsonl", write_jsonl),
    "bibtex": Format("BibTeX", ".bib", write_bibtex),
    "ris": Format("RIS", ".ris", write_ris),
    "csl": Format("CSL-JSON", ".json", write_csl),
    "csv": Format("CSV", ".csv", write_csv),
    "md": Format("Markdown", ".md", write_markdown),
}
