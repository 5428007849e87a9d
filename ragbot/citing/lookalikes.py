"""What only looks like a citation: ``x[1]``, "the range [1, 2]", "Eq. (1)", m², "et al. [2024]".

Knows the text before a marker and nothing of what stands behind it. Patterns are read backwards,
(?r), from where the marker opens: so no run of letters is tried at each of its letters.
"""

from __future__ import annotations

from collections.abc import Callable

import regex

from ragbot.citing.forms import Marker

__all__ = ["is_lookalike"]


# ``x[1]``, ``data_x[1]``, ``args[1]``, ``f(x)[1]``, ``a[i][2]``, ``model.layers[1]``
_INDEXED = regex.compile(
    r"(?r)(?:(?<!\w)[A-Za-zΑ-ω][A-Za-z0-9]?|\w{0,40}_\w{0,40}|\b(?:arr|array|list|lst|vec|vector|tensor|mat|"
    r"matrix|args?|argv|data|dict|rows?|cols?|items?|tokens?|inputs?|outputs?|self|buf|ptr|idx|tmp|"
    r"vals?|values?|shape|size|params?|weights|logits|labels|batch|seq|state|layers|nodes|edges|"
    r"indices|index)|"
    r"\w\([^()\n]{0,60}\)|\w\\?\[[^\[\]\n]{0,60}\]|(?<!\w)[^\W\d]\w{0,40}\.[a-z_]{1,40})"
)
_INTERVAL = regex.compile(
    r"(?r)(?:∈|\b(?:intervals?|ranges?|ranging|between|bounded (?:by|in|to)|"
    r"(?:clip|clamp)\w{0,4} (?:to|in)|(?:re)?scal\w{1,4} (?:to|in|into)|"
    r"normali[sz]\w{1,4} (?:to|in)|"
    r"map\w{0,4} (?:to|into|onto)|range (?:of|from)|lies? in|shape|size|kernel|dimensions?|vector|"
    r"list|array|tuple|seeds?))\s{0,3}",
    regex.IGNORECASE,
)
_DATED = regex.compile(
    r"(?r)(?:\bet al\.?,?|\b(?:in|since|by|from|until|of|dated|published|anno))\s{1,3}",
    regex.IGNORECASE,
)
_YEARS = frozenset(range(1900, 2100))
_NAMING = frozenset(
    """eq eqs eqn equation equations table tables tab fig figs figure figures section sections sec
    step steps stage stages phase phases part parts case cases option options type types class level
    levels theorem lemma proposition corollary definition algorithm algorithms line lines appendix
    chapter example examples assumption assumptions property properties condition conditions
    constraint item items point points question questions objective objectives contribution
    contributions variant variants version rank order degree top size sizes shape depth width rate
    stride kernel batch layer layers head heads epoch epochs iteration iterations sample samples
    class classes dimension dimensions bit bits channel channels parameter parameters dataset
    datasets task tasks model models block blocks token tokens expert experts seed seeds gpu gpus
    hour hours day days week weeks month months year years second seconds minute minutes percent
    component components module modules group groups subject subjects participant participants
    image images neuron neurons node nodes
    a an and are as at be between both by equals either following for from have has in into is
    namely of on only or over per than that the these those to under using via was were with
    first second third""".split()
)
# "layers (2)", "and (2)"; "Eq. (1)" and the start of a sentence alike; "follows: (1) …" counts
# something up.
_COUNTING = regex.compile(
    r"(?r)(?:(?<![^\W\d_])\L<naming>[\"'”’*_]{0,4}+\s*+|\n|[.:,;(\[{=+\-–—×/<>|#]\s*|\A\s*)",
    regex.IGNORECASE,
    naming=_NAMING,
)
_UNITS = "khz|mhz|ghz|pixels?|met(?:er|re)s?|inch(?:es)?|sec|log|sin|cos|tan|exp|tanh|chi|sigma"
_RAISABLE = regex.compile(
    r"(?r)(?:[.,;:!?\"”’»%*_\ue000]\s*"  # a clause or a quotation ends, or a citation stands there
    r"|\p{L}\s+"  # a word with a space behind it
    r"|[^\W\d_]{4}[^(]*\)"  # a parenthesis with a word in it, no "f(x)"
    # A word that is no unit and no part of a formula.
    rf"|(?<![\d⁰¹²³⁴-⁹₀-₉^_\\/·×])(?!(?i:{_UNITS})(?!\p{{L}}))[^\W\d_]{{3,60}}+[\"'”’*_]{{0,4}}+)"
)


def is_lookalike(before: str, marker: Marker, *, joined: bool) -> bool:
    """Whether a marker is no citation behind this text; ``joined``: it follows another one."""
    return any(
        spelling.match(marker.signs) and is_one(before, marker)
        for spelling, is_one in _LOOKALIKES[joined]
    )


def _is_index(before: str, _: Marker) -> bool:
    """Whether a bracket set directly behind this text indexes it: ``x[1]``, ``a[i][2]``."""
    return _INDEXED.match(before) is not None


def _is_interval(before: str, marker: Marker) -> bool:
    """Whether two numbers are the ends of a range of values: "[0, 1]", "in the range [1, 2]"."""
    first, _ = marker.spans[0]
    return first == 0 or _INTERVAL.match(before) is not None


def _is_year(before: str, marker: Marker) -> bool:
    """Whether a number in brackets dates what stands before it: "Wang et al. [2024]"."""
    names_years = _YEARS.issuperset(marker.spans[0])
    return names_years and _DATED.match(before) is not None


def _is_power(before: str, _: Marker) -> bool:
    """Whether a raised number is an exponent, "m²": behind no word and no clause."""
    return _RAISABLE.match(before) is None


def _counts(before: str, _: Marker) -> bool:
    """Whether "(1)" counts or numbers something: "Eq. (1)", "layers (2)", "and (2)"."""
    return _COUNTING.match(before) is not None


_Lookalike = tuple[regex.Pattern[str], Callable[[str, Marker], bool]]
# By the signs of markers, what they may be instead of citations.
_ANYWHERE: tuple[_Lookalike, ...] = (
    (regex.compile("OncnX$"), _is_interval),
    (regex.compile("On(?:rn)?X$"), _is_year),
    (regex.compile("Gn|R"), _is_power),
)
_BEHIND_TEXT: tuple[_Lookalike, ...] = (
    (regex.compile("On|AO|OA"), _is_index),
    (regex.compile("Pn"), _counts),
)
# By whether they follow another citation.
_LOOKALIKES = {True: _ANYWHERE, False: _BEHIND_TEXT + _ANYWHERE}
