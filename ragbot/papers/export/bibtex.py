"""BibTeX entries: formulas stay formulas, everything else is escaped."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ragbot.papers.describe import citation_key, remarks
from ragbot.papers.export.fields import address, line
from ragbot.text.english import MONTH_NAMES
from ragbot.text.latex import SUBSCRIPTS, SUPERSCRIPTS, SYMBOLS, readable
from ragbot.types import Paper

__all__ = ["write_bibtex"]

# A formula opens before and closes behind a character, and no digit follows: two prices are none.
_FORMULA = re.compile(r"(?<!\\)(\$(?=[^\s$])(?:[^$\\]|\\.)*?(?<=[^\s\\])\$(?!\d))")
# BibTeX counts braces even behind a backslash, so a literal one is written by name.
_GREEK = "\u0370"  # the first of them; what stands before is Latin
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
    # What readable formulas have and TeX sets in formulas only
    **{c: rf"\ensuremath{{\{name}}}" for name, c in SYMBOLS.items() if c >= _GREEK},
    "√": r"\ensuremath{\surd}",
    **{chr(c): rf"\textsuperscript{{{chr(s)}}}" for s, c in SUPERSCRIPTS.items()},
    **{chr(c): rf"\textsubscript{{{chr(s)}}}" for s, c in SUBSCRIPTS.items()},
}
_DEEPER = {"{": 1, "}": -1}
_TEX_SPECIAL = re.compile("[" + re.escape("".join(_TEX)) + "]")


def write_bibtex(papers: Sequence[Paper]) -> str:
    """One entry a paper."""
    return "\n".join(map(_entry, papers))


def _entry(paper: Paper) -> str:
    fields = {
        "title": _as_written(paper.title),
        "author": " and ".join(map(_tex_name, paper.authors)),
        "organization": _as_written(paper.organisation),
        "year": line(paper.date)[:4],
        "url": address(paper.url),
        "abstract": _tex(paper.abstract),
        "note": _tex("; ".join(remarks(paper))),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    if len(line(paper.date)) > len("2024"):
        lines.append(
            f"  month = {MONTH_NAMES[int(line(paper.date)[5:7]) - 1][:3].lower()},"
        )
    return "\n".join([f"@misc{{{citation_key(paper)},", *lines, "}", ""])


def _as_written(text: str | None) -> str:
    """Text that keeps its capitals, in braces of its own."""
    return f"{{{_tex(text)}}}" if text else ""


def _tex(text: str | None) -> str:
    """Text for LaTeX: formulas stay as they are, everything else is escaped."""
    parts = _FORMULA.split(line(text))  # odd ones are formulas
    return "".join(
        part if i % 2 and _is_sound(part) else _tex_plain(part)
        for i, part in enumerate(parts)
    )


def _tex_plain(text: str) -> str:
    return _TEX_SPECIAL.sub(lambda m: _TEX[m.group()], readable(text))


def _is_sound(formula: str) -> bool:
    """Whether a formula can stand in a field: braces balance and nothing in it ends the line."""
    depth = 0
    for brace in re.findall(r"[{}]", formula):
        depth += _DEEPER[brace]
        if depth < 0:
            return False
    return depth == 0 and not re.search(r"\\[{}]|(?<!\\)[%#&]", formula)


def _tex_name(name: str) -> str:
    # "and" separates names; within one it must stand in braces.
    text = _tex(name)
    return f"{{{text}}}" if re.search(r"\band\b", text) else text
