r"""Text as a field of BibTeX and back: letters and signs that LaTeX spells, formulas as they are.

`tex` and `untexed` are inverse: what the first wrote the second reads as it was. What others wrote
is read as LaTeX would set it, as far as that is plain text: ``Rockt{\"a}schel``, ``{BERT}``,
``\emph{not}``, ``20\%``. A command that is not known stays.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from itertools import accumulate

from ragbot.text.latex import SUBSCRIPTS, SUPERSCRIPTS, SYMBOLS

__all__ = ["tex", "untexed"]

# A formula opens before and closes behind a character, and no digit follows: two prices are none.
_FORMULA = re.compile(r"(?<!\\)(\$(?=[^\s$])(?:[^$\\]|\\.)*?(?<=[^\s\\])\$(?!\d))")
_GREEK = "\u0370"  # the first of them; what stands before is Latin
_SET_IN_FORMULAS = {name: c for name, c in SYMBOLS.items() if c >= _GREEK}
# BibTeX counts braces even behind a backslash, so a literal one is written by name.
_NAMED = {
    "textbackslash": "\\",
    "textbraceleft": "{",
    "textbraceright": "}",
    "textasciitilde": "~",
    "textasciicircum": "^",
    "textless": "<",
    "textgreater": ">",
    "textbar": "|",
}
_TEX = {
    **{c: rf"\{name}{{}}" for name, c in _NAMED.items()},
    **{c: f"\\{c}" for c in "&%$#_"},
    # What readable formulas have and TeX sets in formulas only
    **{c: rf"\ensuremath{{\{name}}}" for name, c in _SET_IN_FORMULAS.items()},
    "√": r"\ensuremath{\surd}",
    **{chr(c): rf"\textsuperscript{{{chr(s)}}}" for s, c in SUPERSCRIPTS.items()},
    **{chr(c): rf"\textsubscript{{{chr(s)}}}" for s, c in SUBSCRIPTS.items()},
    # Two of them are one sign of another kind.
    **{c: f"{c}{{}}" for c in "-`'"},
}
_SPECIAL = re.compile(
    "[" + re.escape("".join(_TEX.keys() - set("-`'"))) + "]|([-`'])(?=\\1)"
)
_DEEPER = {"{": 1, "}": -1}


def tex(text: str, change: Callable[[str], str] = str) -> str:
    """Text for LaTeX: formulas stay as they are, everything else is changed and escaped."""
    parts = _FORMULA.split(text)  # odd ones are formulas
    for i, part in enumerate(parts):
        is_formula = i % 2 == 1
        if not (is_formula and _is_sound(part)):
            parts[i] = _SPECIAL.sub(_escaped, change(part))
    return "".join(parts)


def _escaped(sign: re.Match[str]) -> str:
    return _TEX[sign.group()]


def _is_sound(formula: str) -> bool:
    """Whether a formula can stand in a field: braces balance and nothing in it ends the line."""
    deeper = map(_DEEPER.__getitem__, re.findall(r"[{}]", formula))
    depths = list(accumulate(deeper, initial=0))
    balanced = min(depths) == depths[-1] == 0
    return balanced and not re.search(r"\\[{}]|(?<!\\)[%#&]", formula)


# -- and back -----------------------------------------------------------------------------------

_ACCENTS = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304",
    ".": "\u0307", "c": "\u0327", "v": "\u030c", "u": "\u0306", "H": "\u030b", "k": "\u0328",
    "r": "\u030a", "d": "\u0323", "b": "\u0331",
}  # fmt: skip
# Their braces hold text; of others nothing is known, and they stay with what they hold.
_FONTS = (
    "emph|em|it|bf|tt|sc|sl|rm|sf|text(?:bf|it|tt|rm|sf|sc|sl|up|normal)?|mbox|hbox|ensuremath|"
    "underline|uppercase|lowercase|MakeUppercase|url|path|protect|bibinfo|natexlab|NoCaseChange|"
    "itshape|bfseries|scshape|relax|normalfont|textcolor"
)
_BRACED = r"\{[^{}]*+\}"
_LATEX = re.compile(
    rf"""
      (?P<formula> \$\$[^$]++\$\$ | \$(?:[^$\\]|\\.)++\$ | \\\((?:[^\\]|\\[^()])*+\\\) )
    | \\(?P<mark>["'`^~=.]) \s*+\{{?\s*+ (?:\\(?P<second>["'`^~=.])\{{?)?
      \\?(?P<letter>[A-Za-z]) \s*+\}}?
    | \\(?P<mark_letter>[cvuHkrdb]) (?: \s*+\{{\s*+\\?(?P<in_braces>[A-Za-z])\s*+\}}
      | \s++(?P<behind>[A-Za-z])(?![A-Za-z]) )
    | \\text(?P<where>super|sub)script \s*+\{{(?P<script>[^{{}}]*+)\}}
    | (?P<gone> ~?\\(?:cite|ref|label|footnotemark)[a-z]*+\*?(?:\[[^\]]{{0,200}}+\])*+{_BRACED}
      | \\href\s*+{_BRACED} )
    | \\(?P<font>{_FONTS}) (?![A-Za-z])\s*+
    | \\(?P<name>[A-Za-z]++) (?P<rest> \{{\}} | \s++ | (?:\{{[^{{}}]++\}})*+ )
    | \\(?P<sign>[^A-Za-z])
    | (?P<brace>[{{}}])
    | (?P<other> ~|---?|``|'' )
    """,
    re.VERBOSE | re.DOTALL,
)
_OTHER = {"~": " ", "--": "–", "---": "—", "``": "“", "''": "”"}
_SIGNS = {"\\": " ", "-": "", "/": "", ",": " ", "@": "", "\n": " "}
_MORE = {"copyright": "©", "TeX": "TeX", "LaTeX": "LaTeX", "textunderscore": "_"}
_SCRIPTS = {"super": SUPERSCRIPTS, "sub": SUBSCRIPTS}


def untexed(text: str) -> str:
    """The text that LaTeX would set, in one line's reading; formulas stay as they are."""
    return _LATEX.sub(_read, text)


def _read(found: re.Match[str]) -> str:
    return _READ.get(found.lastgroup, re.Match.group)(found)


def _accented(found: re.Match[str]) -> str:
    mark = found["mark"] or found["mark_letter"]
    letter = found[str(found.lastgroup)]
    inner = _ACCENTS.get(found["second"], "")
    return unicodedata.normalize("NFC", letter + inner + _ACCENTS[mark])


def _script(found: re.Match[str]) -> str:
    body, table = found["script"], _SCRIPTS[found["where"]]
    return body.translate(table) if table.keys() >= set(map(ord, body)) else body


def _symbol(found: re.Match[str]) -> str:
    """What a command stands for; the space behind it only ends its name."""
    sign = _symbols().get(found["name"])
    if sign is None:
        return found.group()
    return sign + untexed(found["rest"]).lstrip()


# By the last part of each form
_READ: dict[str | None, Callable[[re.Match[str]], str]] = {
    **dict.fromkeys(("letter", "in_braces", "behind"), _accented),
    **dict.fromkeys(("font", "gone", "brace"), lambda _: ""),
    "script": _script,
    "rest": _symbol,
    "sign": lambda found: _SIGNS.get(found["sign"], found["sign"]),
    "other": lambda found: _OTHER[found["other"]],
}


@lru_cache(maxsize=1)
def _symbols() -> dict[str, str]:
    """Signs and letters by the names of their commands."""
    from pylatexenc.latex2text import get_default_latex_context_db

    specs = get_default_latex_context_db().iter_macro_specs()
    told = [(spec.macroname, str(spec.simplify_repl)) for spec in specs]
    single = {name: sign for name, sign in told if len(sign) == 1}
    return single | _SET_IN_FORMULAS | _NAMED | _MORE
