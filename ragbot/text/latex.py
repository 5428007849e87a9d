"""LaTeX made readable as plain Unicode."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["readable"]

_SYMBOLS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε",
    "eta": "η", "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ",
    "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "varphi": "φ", "chi": "χ",
    "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ",
    "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω", "times": "×", "cdot": "·", "pm": "±",
    "approx": "≈", "sim": "∼", "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "neq": "≠",
    "ne": "≠", "ll": "≪", "gg": "≫", "infty": "∞", "rightarrow": "→", "to": "→", "leftarrow": "←",
    "in": "∈", "subset": "⊂", "cup": "∪", "cap": "∩", "sum": "∑", "prod": "∏", "int": "∫",
    "nabla": "∇", "partial": "∂", "ell": "ℓ", "ldots": "…", "dots": "…", "cdots": "⋯",
    "circ": "∘", "otimes": "⊗", "oplus": "⊕", "odot": "⊙", "forall": "∀", "exists": "∃",
    "sqrt": "√", "star": "⋆", "propto": "∝", "equiv": "≡", "mid": "|", "langle": "⟨",
    "rangle": "⟩", "lbrace": "{", "rbrace": "}", "quad": " ", "textasciitilde": "~",
    "backslash": "\\", "texttimes": "×", "degree": "°", "deg": "°", "S": "§", "uparrow": "↑",
    "downarrow": "↓", "ie": "i.e.", "eg": "e.g.", "etal": "et al.",
    **{name: name for name in "exp log ln sin cos tan tanh max min arg argmax argmin".split()},
}  # fmt: skip
_ACCENTS = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304",
    ".": "\u0307", "c": "\u0327", "v": "\u030c", "u": "\u0306", "H": "\u030b", "k": "\u0328",
    "r": "\u030a",
}  # fmt: skip
_SUPERSCRIPTS = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_SUBSCRIPTS = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_DROPPED = re.compile(
    r"\\(?:left|right|big|Big|bigl|bigr|displaystyle|textstyle|limits|nolimits|,|;|!|:|>)(?![A-Za-z])"
)
_GROUPED = re.compile(
    r"\\(?:text(?:bf|it|tt|rm|sf|sc|sl|up|superscript|subscript)?|"
    r"math(?:bf|bb|cal|rm|sf|it|frak|scr|tt)?|emph|operatorname\*?|underline|overline|hat|tilde|bar|vec|boldsymbol|bm|mbox|url|footnote)\s*\{([^{}]*)\}"
    r"|\\(?:href|textcolor)\s*\{[^{}]*\}\s*\{([^{}]*)\}|\{\\(?:em|bf|it|tt|sc|rm)\s+([^{}]*)\}"
)
_DEEPEST = 3  # groups nest: \textbf{\textit{x}}
_CITE = re.compile(r"~?\\cite[a-z]*\s*\{[^{}]*\}")
_FRACTION = re.compile(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
_ACCENT = re.compile(
    r"\\(?:([\'`^\"~=.])\s*\{?\\?([A-Za-zı])\}?|([cvuHkr])\s*\{([A-Za-z])\})"
)
# A dollar sign before a number and plain words is a price; an escaped one opens nothing. No formula
# holds the mark that opens one of its kind, so each part of a text is read once.
_MATH = re.compile(
    r"\$\$([^$]++)\$\$"
    r"|(?<!\\)\$(?!\d[\d.,]*+[kKMB]?+\s[^$\\^_={}<>+]*+\$)((?:[^$\\\n]|\\.)++)\$"
    r"|\\\(((?:[^\\]|\\[^()])++)\\\)"
    r"|\\\[((?:[^\\]|\\[^\[\]])++)\\\]",
    re.S,
)
_RAISED = re.compile(r"\^\{([^{}]+)\}|\^([0-9A-Za-z+*-])")
_LOWERED = re.compile(r"_\{([^{}]+)\}|_([0-9A-Za-z])")
_COMMAND = re.compile(r"\\([A-Za-z]+)")


def _inside(match: re.Match[str]) -> str:
    """What stands in a command's braces or a formula's marks: the group of its form."""
    return next(group for group in match.groups() if group is not None)


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
    return _script(match, _SUPERSCRIPTS, "^")


def _lowered(match: re.Match[str]) -> str:
    return _script(match, _SUBSCRIPTS, "_")


def _symbol(command: re.Match[str]) -> str:
    return _SYMBOLS.get(command.group(1), command.group())


def _math(match: re.Match[str]) -> str:
    # Here, since a letter may follow the formula: $\cdot$W
    body = _COMMAND.sub(_symbol, _inside(match))
    body = _RAISED.sub(_raised, body)
    return _LOWERED.sub(_lowered, body)


@lru_cache(maxsize=4096)
def readable(text: str) -> str:
    r"""LaTeX made readable as plain Unicode: ``$100\times$`` → ``100×``, ``\textit{x}`` → ``x``.

    Only what is recognised changes; a dollar sign that opens no formula (a price) stays.
    """
    text = text.replace("``", "“").replace("''", "”")
    if "\\" not in text and "$" not in text:
        return text
    text = _ACCENT.sub(_accented, text)
    text = _DROPPED.sub("", text)
    text = _CITE.sub("", text)
    for _ in range(_DEEPEST):
        text = _FRACTION.sub(r"\1/\2", text)
        text = _GROUPED.sub(_inside, text)
    text = _MATH.sub(_math, text)
    text = _COMMAND.sub(_symbol, text)
    text = re.sub(r"\\([%&#_{}$ ])", r"\1", text)
    return re.sub(r"(?<=\w)\{([^{}\s]{1,3})\}", r"\1", text)
