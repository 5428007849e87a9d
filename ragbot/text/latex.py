"""LaTeX made readable as plain Unicode."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache, partial

from ragbot.text.latex_bare import Rule, commanded, outside, replaced

__all__ = ["SUBSCRIPTS", "SUPERSCRIPTS", "SYMBOLS", "readable"]

SYMBOLS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε",
    "eta": "η", "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ",
    "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "varphi": "φ", "chi": "χ",
    "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ",
    "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω", "times": "×", "cdot": "·", "pm": "±",
    "approx": "≈", "sim": "∼", "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "neq": "≠",
    "ne": "≠", "ll": "≪", "gg": "≫", "infty": "∞", "rightarrow": "→", "to": "→", "leftarrow": "←",
    "in": "∈", "subset": "⊂", "cup": "∪", "cap": "∩", "sum": "∑", "prod": "∏", "int": "∫",
    "nabla": "∇", "partial": "∂", "ell": "ℓ", "ldots": "…", "dots": "…", "cdots": "⋯",
    "circ": "∘", "otimes": "⊗", "oplus": "⊕", "odot": "⊙", "forall": "∀", "dagger": "†", "top": "⊤",
    "prime": "′", "ast": "*", "mapsto": "↦", "subseteq": "⊆",    "exists": "∃",
    "sqrt": "√", "star": "⋆", "propto": "∝", "equiv": "≡", "mid": "|", "langle": "⟨",
    "rangle": "⟩", "lbrace": "{", "rbrace": "}", "quad": " ", "textasciitilde": "~",
    "backslash": "\\", "texttimes": "×", "degree": "°", "deg": "°", "S": "§", "uparrow": "↑",
    "downarrow": "↓", "ie": "i.e.", "eg": "e.g.", "etal": "et al.",
    "zeta": "ζ", "Pi": "Π", "wedge": "∧", "vee": "∨", "perp": "⊥", "emptyset": "∅", "lceil": "⌈",
    "rceil": "⌉", "lfloor": "⌊", "rfloor": "⌋", "lesssim": "≲", "gtrsim": "≳", "preceq": "⪯",
    "leftrightarrow": "↔", "Rightarrow": "⇒", "textdegree": "°", "vert": "|", "setminus": "∖",
    # Functions, and names that authors give their own method
    **{name: name for name in "exp log ln sin cos tan tanh max min arg argmax argmin dim".split()},
    **{name: name for name in "methodname modelname ourmethod ourmodel".split()},
}  # fmt: skip
_ACCENTS = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304",
    ".": "\u0307", "c": "\u0327", "v": "\u030c", "u": "\u0306", "H": "\u030b", "k": "\u0328",
    "r": "\u030a",
}  # fmt: skip
SUPERSCRIPTS = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
SUBSCRIPTS = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_DROPPED = re.compile(
    r"\\(?:left|right|big|Big|bigl|bigr|displaystyle|textstyle|limits|nolimits|,|;|!|:|>)(?![A-Za-z])"
    r"|\\(?:math(?:cal|bb|bf|rm|frak|scr|sf|it)|wide(?:tilde|hat)|boldsymbol|bm)(?![A-Za-z{])\s*"
)
_GROUPED = re.compile(
    r"\\(?:text(?:bf|it|tt|rm|sf|sc|sl|up|superscript|subscript)?|"
    r"math(?:bf|bb|cal|rm|sf|it|frak|scr|tt)?|emph|operatorname\*?|underline|overline|hat|tilde|bar|vec|widehat|widetilde|boldsymbol|bm|mbox|url|footnote)\s*\{([^{}]*)\}"
    r"|\\(?:href|textcolor)\s*\{[^{}]*\}\s*\{([^{}]*)\}|\{\\(?:emph|em|bf|it|tt|sc|rm)\s+([^{}]*)\}"
)
_DEEPEST = 3  # groups nest: \textbf{\textit{x}}
_CITE = re.compile(r"~(?=\\cite)|\\cite[a-z]*\s*\{[^{}]*\}")
_FRACTION = re.compile(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
_ACCENT = re.compile(
    r"\\(?:([\'`^\"~=.])\s*\{?\\?([A-Za-zı])\}?|([cvuHkr])\s*\{([A-Za-z])\})"
)
# A dollar sign before a number and plain words is a price; an escaped one opens nothing. No formula
# holds the mark that opens one of its kind, so each part of a text is read once.
_MATH = re.compile(
    r"\$(?:\$([^$]++)\$\$|(?<!\\\$)(?!\d[\d.,]*+[kKMB]?+\s[^$\\^_={}<>+]*+\$)((?:[^$\\\n]|\\.)++)\$)",
    re.S,
)
_DISPLAYED = re.compile(
    r"\\(?:\(((?:[^\\]|\\[^()])++)\\\)|\[((?:[^\\]|\\[^\[\]])++)\\\])", re.S
)
_RAISED = re.compile(r"\^\{([^{}]+)\}|\^([0-9A-Za-z+*-])")
_LOWERED = re.compile(r"_\{([^{}]+)\}|_([0-9A-Za-z])")
_COMMAND = re.compile(r"\\([A-Za-z]+)(?:\{\})?")


def _inside(match: re.Match[str]) -> str:
    """What stands in a command's braces or a formula's marks: the group of its form."""
    return "".join(match.groups(""))


def _accented(match: re.Match[str]) -> str:
    mark, letter = filter(None, match.groups())
    return unicodedata.normalize("NFC", letter + _ACCENTS[mark])


def _script(match: re.Match[str], table: dict[int, int], mark: str) -> str:
    body = _inside(match)
    if table.keys() >= set(map(ord, body)):
        return body.translate(table)
    if len(body) == 1:
        return f"{mark}{body}"
    return f"{mark}({body})"


def _raised(match: re.Match[str]) -> str:
    return _script(match, SUPERSCRIPTS, "^")


def _lowered(match: re.Match[str]) -> str:
    return _script(match, SUBSCRIPTS, "_")


def _symbol(command: re.Match[str]) -> str:
    return SYMBOLS.get(command.group(1), command.group())


def _math(match: re.Match[str]) -> str:
    # Here, since a letter may follow the formula: $\cdot$W
    body = _COMMAND.sub(_symbol, _inside(match))
    body = _RAISED.sub(_raised, body)
    return _LOWERED.sub(_lowered, body)


_ESCAPED = re.compile(r"\\([%&#_{}$ ])")
_LETTER_GROUP = re.compile(r"\{(?<=[0-9A-Za-zÀ-ɏ]\{)([^{}\s]{1,3})\}")
_PERCENT_RANGE = re.compile(
    r"sim(?<=%sim)(?=\d)"
)  # its own backslash is lost: 3\%sim5\%
# Outside of formulas, a script is a number, a sign, or in braces; "file_name" has none.
_BARE_RAISED = re.compile(
    r"\^(?<=\S\^)(?:\{([^{}]+)\}|([+-]?\d++(?!\.\d)|[+-](?![\w(])))"
)
_BARE_LOWERED = re.compile(
    r"_(?:\{([^{}]+)\}|(?<=[A-Za-z)|\]}]_)([+-])(?![\w(])|(?:(?<=[)|\]}']_)|"
    r"(?<=\b[A-Za-zΑ-ωℓ]_)|(?<=\b[A-Za-z]{2}_))(\d{1,2})(?!\w))"
)
_SIGN_GROUP = re.compile(
    r"\{(?:(\w{1,3})\}(?=[\^_\w])|([^\w\s{}()])\}|(?<=\w\{)(·[^{}\s]*)\})"
)
_OPEN_SCRIPT = re.compile(r"\{(?<=[\^_]\{)(?![^{}]*\})")
# A brace whose partner is lost, or stands behind the end of the sentence.
_STRAY = re.compile(
    r"(\{(?:[^{}.!?]|[.!?](?!\s))*+\})|\}(?<=[\w.,;)]\})(?![A-Za-z{])|\{(?<![\w}]\{)(?=\w)"
)
_STRAY_STOP = re.compile(r"\.\}(?=,)")
# A reference that lost its command
_KEY = re.compile(r"~(?<=[a-z]~)[a-z]+(?:19|20)\d\d[a-z]+")
# Behind a small word or what numbers things: "kHz~MHz" and "10~20" are ranges.
_TIE = re.compile(
    r"~(?:(?:(?<=\ba~)|(?<=\b(?:an|of|in|by|to|or|on|as|at|is|we)~)|(?<=\b(?:the|and|for|are)~)|"
    r"(?<=\b(?:with|work)~))(?=[A-Za-z$]|\\(?!cite))"
    r"|(?:(?<=\b(?:Task|Sec\.|Fig\.)~)|(?<=\bTable~)|(?<=\b(?:Section|Theorem)~))|(?<=[A-Za-z]{3}~)(?=\())"
)
_TIE_IN_LATEX = re.compile(r"~(?<=[a-z,]~)(?=[A-Za-z$(]|\\(?!cite))")

_COMMANDED = re.compile(r"[\\$]")
_MARK = re.compile(r"[\^_{}]")
# What is replaced, in this order: where there are commands or formulas, and where marks are left
_NESTED: list[Rule] = [(_FRACTION, r"\1/\2"), (_GROUPED, _inside)]
_SCRIPTS: list[Rule] = [(_BARE_RAISED, _raised), (_BARE_LOWERED, _lowered)]
_WRITTEN: Sequence[Rule] = [
    (_TIE_IN_LATEX, " "),
    (_ACCENT, _accented),
    (_DROPPED, ""),
    (_CITE, ""),
    *_DEEPEST * _NESTED,
    (_MATH, _math),
    (_DISPLAYED, _math),
    (_COMMAND, _symbol),
    (_ESCAPED, r"\1"),
    (_LETTER_GROUP, r"\1"),
    (_PERCENT_RANGE, "∼"),
]
_BARE: Sequence[Rule] = [
    (_SIGN_GROUP, _inside),
    (_OPEN_SCRIPT, ""),
    *(_DEEPEST - 1) * _SCRIPTS,
    (_STRAY_STOP, ""),
    (_STRAY, r"\1"),
]


@lru_cache(maxsize=4096)
def readable(text: str) -> str:
    r"""LaTeX made readable as plain Unicode: ``$100\times$`` → ``100×``, ``\textit{x}`` → ``x``.

    Only what is recognised changes; a dollar sign that opens no formula (a price) stays.
    """
    text = text.replace("``", "“").replace("''", "”")
    if not any(map(text.__contains__, "\\$^_{}~")):
        return text
    text = _TIE.sub(" ", _KEY.sub("", commanded(text)))
    if _COMMANDED.search(text):
        text = replaced(text, _WRITTEN)
    if _MARK.search(text):
        text = outside(text, partial(replaced, rules=_BARE))
    return text
