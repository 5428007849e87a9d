"""Which way a sentence points: what it denies, which of two opposites it says, what is ahead.

Words only; the lists of them are in ``opposites.toml``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from importlib import resources

from ragbot.text.latex import readable
from ragbot.text.names import names_in
from ragbot.text.words import STOPWORDS

__all__ = ["Claims", "claims_of", "contradiction"]

_FREE = re.compile(r"\b(\w+)-(?:free|less)\b", re.I)
_NO_DENIAL = re.compile(
    r"\bnot (?:only|just|necessarily|limited)\b|\bno (?:longer|less)\b|\bwhether or not\b",
    re.I,
)
# Prefixes that deny: any word, or words that are known to take them ("inform" denies no form).
_NEGATING = re.compile(
    r"^(?:(?:un|non)(?=[a-z]{4})|(?:in|im|ir|dis|ab)(?=(?:efficien|effective|sufficien|accura|correct|"
    r"complete|consisten|significan|dependen|direct|visible|flexib|feasib|adequa|stab|finite|"
    r"definite|exact|capab|abilit|possib|perfect|practical|precis|proper|plausib|mature|regular|"
    r"relevan|respective|similar|connected|continu|advantage|appear|agree|normal)))"
)
_PREFIXES = ("un", "in", "im", "ir", "non", "dis")
_LEAST_LETTERS = 6  # "it" is no opposite of "unit"
_SPEED_UP = re.compile(r"\b([Ss]peed)-up")
_STOPS = frozenset(",;:.()")
_BREAKS = frozenset({"but", "and", "while", "or"})
_SCOPE = 3  # words with a meaning that a denial reaches
_REACH = 30  # words of any kind among which those with a meaning are looked for
_NEAR = 4  # words with a meaning on either side that say what a direction is about
_VERBATIM = (
    0.8  # share of a sentence's words found in order from which it counts as quoted
)
_TOKEN = re.compile(r"[,;:.()]|[^\W_]+(?:['’-][^\W_]+)*")
_TIMES = re.compile(r"(?<=\d)x$")  # "100x" and "100×" alike
_OWN = frozenset({"we", "our", "ours"})
_COMPARED = 3  # sentences of the sources, the most similar first
_SIDE = 6  # words with a meaning on either side of "outperforms" that tell who is meant
_BE = frozenset("is are was were be been being get gets".split())


@dataclass(frozen=True, slots=True)
class _Words:
    """The lists: what denies, softens, contrasts, puts ahead; the sign of each word on its axes."""

    denies: frozenset[str]
    softens: frozenset[str]
    contrasts: frozenset[str]
    ahead: frozenset[str]
    ahead_with: frozenset[tuple[str, str]]
    behind_with: frozenset[tuple[str, str]]
    axes: Mapping[str, Mapping[int, int]]


@cache
def _lists() -> _Words:
    text = (
        resources.files(__package__)
        .joinpath("opposites.toml")
        .read_text(encoding="utf-8")
    )
    lists = tomllib.loads(text)
    axes: dict[str, dict[int, int]] = {}
    for axis, sides in enumerate(lists["opposites"]):
        for sign, side in ((1, "one"), (-1, "other")):
            for word in sides[side].split():
                axes.setdefault(word, {})[axis] = sign
    return _Words(
        denies=frozenset(lists["denies"].split()),
        softens=frozenset(lists["softens"].split()),
        contrasts=frozenset(lists["contrasts"].split()),
        ahead=frozenset(lists["ahead"].split()),
        ahead_with=_pairs(lists["ahead_with"]),
        behind_with=_pairs(lists["behind_with"]),
        axes=axes,
    )


def _pairs(phrases: str) -> frozenset[tuple[str, str]]:
    """Phrases of two words, between commas."""
    pairs = [phrase.split() for phrase in phrases.split(",")]
    return frozenset((one, other) for one, other in pairs)


@dataclass(frozen=True, slots=True)
class Direction:
    """One of two opposites: its axis and sign, the word, and the stems around it."""

    axis: int
    sign: int
    word: str
    near: frozenset[str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comes out ahead of what, by their stems, and the word that says so."""

    ahead: frozenset[str]
    behind: frozenset[str]
    word: str


@dataclass(frozen=True, slots=True)
class Claims:
    """What a sentence says: its words in order, the stems it denies and affirms, its directions.

    A denied group holds the stems that one "not" reaches, softened ones are reached by "prevents"
    or "only". ``contrasts``: it may tell what other work does; ``names`` are those of its tokens
    that are written as names.
    """

    tokens: tuple[str, ...]
    denied: tuple[frozenset[str], ...]
    softened: frozenset[str]
    affirmed: frozenset[str]
    directions: tuple[Direction, ...]
    comparisons: tuple[Comparison, ...]
    contrasts: bool
    names: frozenset[str]


def claims_of(text: str, stem: Callable[[str], str]) -> Claims:
    """The claims of a sentence; ``stem`` gives the stem of a lower-case word, "" for none."""
    lists = _lists()
    text = _NO_DENIAL.sub(" ", _FREE.sub(r"without \1", _hyphened(readable(text))))
    tokens = [_TIMES.sub("", t.lower().replace("’", "'")) for t in _TOKEN.findall(text)]
    stems = [_stem(token, stem) for token in tokens]
    scopes = _scopes(tokens, stems, lists.denies)
    denied = {at for scope in scopes for at in scope}
    softened = {at for scope in _scopes(tokens, stems, lists.softens) for at in scope}
    return Claims(
        tokens=tuple(t for t in tokens if t[0].isalnum()),
        denied=tuple(frozenset(stems[at] for at in scope) for scope in scopes if scope),
        softened=frozenset(stems[at] for at in softened),
        affirmed=frozenset(s for at, s in enumerate(stems) if s and at not in denied),
        directions=_directions(tokens, stems, denied),
        comparisons=_comparisons(tokens, stems, denied),
        contrasts=not lists.contrasts.isdisjoint(tokens) and _OWN.isdisjoint(tokens),
        names=frozenset(n.lower() for n in names_in(text)),
    )


def _hyphened(text: str) -> str:
    """ "speed-up" is a word of the lists as "speedup" is."""
    return _SPEED_UP.sub(r"\1up", text)


def _stem(token: str, stem: Callable[[str], str]) -> str:
    if not token[0].isalnum() or token in STOPWORDS:
        return ""
    return stem(token)


def _scopes(
    tokens: Sequence[str], stems: Sequence[str], reaching: frozenset[str]
) -> list[list[int]]:
    """What each word of a kind reaches: the places of the next words with a meaning."""
    return [
        _scope(tokens, stems, at)
        for at, token in enumerate(tokens)
        if token in reaching
    ]


def _scope(tokens: Sequence[str], stems: Sequence[str], at: int) -> list[int]:
    reached: list[int] = []
    for j in range(at + 1, min(at + 1 + _REACH, len(tokens))):
        if len(reached) == _SCOPE or tokens[j] in _STOPS:
            break
        if reached and tokens[j] in _BREAKS:
            break
        if stems[j]:
            reached.append(j)
    return reached


def _directions(
    tokens: Sequence[str], stems: Sequence[str], denied: set[int]
) -> tuple[Direction, ...]:
    axes = _lists().axes
    found = []
    for at, token in enumerate(tokens):
        for axis, sign in axes.get(token, {}).items():
            turned = -sign if at in denied else sign
            found.append(Direction(axis, turned, token, _near(stems, at)))
    return tuple(found)


def _near(stems: Sequence[str], at: int) -> frozenset[str]:
    left = _last(stems, at, _NEAR)
    right = _next(stems, at, _NEAR)
    return frozenset([*left, *right])


def _last(stems: Sequence[str], at: int, most: int) -> list[str]:
    """The stems of up to so many words with a meaning in front of a place."""
    found: list[str] = []
    for j in range(at - 1, max(-1, at - 1 - _REACH), -1):
        if len(found) == most:
            break
        if stems[j]:
            found.append(stems[j])
    return found


def _next(stems: Sequence[str], at: int, most: int) -> list[str]:
    """The stems of up to so many words with a meaning behind a place."""
    found: list[str] = []
    for j in range(at + 1, min(at + 1 + _REACH, len(stems))):
        if len(found) == most:
            break
        if stems[j]:
            found.append(stems[j])
    return found


def _comparisons(
    tokens: Sequence[str], stems: Sequence[str], denied: set[int]
) -> tuple[Comparison, ...]:
    """ "A outperforms B", "B is outperformed by A", "A has an advantage over B"."""
    lists = _lists()
    found = []
    for at, token in enumerate(tokens):
        pair = token, tokens[at + 1] if at + 1 < len(tokens) else ""
        behind = pair in lists.behind_with
        if not (behind or token in lists.ahead or pair in lists.ahead_with):
            continue
        one, other = (
            frozenset(_last(stems, at, _SIDE)),
            frozenset(_next(stems, at, _SIDE)),
        )
        passive = pair[1] == "by" and not _BE.isdisjoint(tokens[max(0, at - 3) : at])
        turns = [behind, passive, at in denied]
        if sum(turns) % 2:
            one, other = other, one
        found.append(Comparison(one, other, token))
    return tuple(found)


def contradiction(said: Claims, sources: Sequence[Claims]) -> str | None:
    """The word on which a sentence goes against its sources, ``None`` if it goes with them.

    ``sources`` are theirs, the most similar first.
    """
    for claims in sources[:_COMPARED]:
        word = _misquoted(said, claims)
        if word:
            return word
    return (
        _turned_round(said, sources)
        or _other_direction(said, sources)
        or _denied_or_not(said, sources)
        or _negated_word(said, sources)
    )


def _misquoted(said: Claims, source: Claims) -> str | None:
    """The word that turns what is otherwise a quotation."""
    matcher = SequenceMatcher(None, source.tokens, said.tokens, autojunk=False)
    if matcher.real_quick_ratio() < 0.3:
        return None
    codes = matcher.get_opcodes()
    same = sum(j2 - j1 for kind, _, _, j1, j2 in codes if kind == "equal")
    if same < _VERBATIM * len(said.tokens):
        return None
    for kind, i1, i2, j1, j2 in codes:
        at_an_end = kind == "delete" and (j1 == 0 or j2 == len(said.tokens))
        if kind == "equal" or at_an_end or i2 - i1 > 2 * _SCOPE:
            continue
        word = _turn(source, source.tokens[i1:i2], said, said.tokens[j1:j2])
        if word:
            return word
    return None


def _turn(
    source: Claims, gone: Sequence[str], said: Claims, come: Sequence[str]
) -> str | None:
    """The word that turns a quotation, of those that came in place of others."""
    denies = _lists().denies
    for word in come:
        if word in denies and denies.isdisjoint(gone):
            return word
        if any(_opposed(word, other) for other in gone):
            return word
    if len(gone) == len(come) == 1:
        names = gone[0] in source.names and come[0] in said.names
        numbers = gone[0].isdigit() and come[0].isdigit()
        if names or numbers:
            return come[0]
    if denies.isdisjoint(come):
        return next((word for word in gone if word in denies), None)
    return None


def _opposed(one: str, other: str) -> bool:
    """Whether two words, or the only parts in which two compounds differ, are opposites."""
    if one == other:
        return False
    parts = one.split("-"), other.split("-")
    if len(parts[0]) == len(parts[1]) > 1:
        differing = [(a, b) for a, b in zip(*parts, strict=True) if a != b]
        return len(differing) == 1 and _opposed(*differing[0])
    axes = _lists().axes
    a, b = axes.get(one, {}), axes.get(other, {})
    if any(b.get(axis) == -sign for axis, sign in a.items()):
        return True
    return (
        _NEGATING.sub("", one, count=1) == other
        or _NEGATING.sub("", other, count=1) == one
    )


def _turned_round(said: Claims, sources: Sequence[Claims]) -> str | None:
    """A comparison that the sources make the other way round."""
    for mine in said.comparisons:
        for claims in sources:
            for theirs in claims.comparisons:
                if _is_turned(mine, theirs):
                    return mine.word
    return None


def _is_turned(mine: Comparison, theirs: Comparison) -> bool:
    """Whether what is ahead in one is behind in the other, rather than ahead in both.

    What both sides of a comparison name tells neither from the other.
    """
    one, other = mine.ahead - mine.behind, mine.behind - mine.ahead
    crossed = one & theirs.behind, other & theirs.ahead
    straight = one & theirs.ahead, other & theirs.behind
    if not all(crossed):
        return False
    return sum(map(len, crossed)) > sum(map(len, straight))


def _other_direction(said: Claims, sources: Sequence[Claims]) -> str | None:
    """A direction whose opposite the closest sources take about the same things, and it nowhere."""
    for direction in said.directions:
        agrees = opposed = 0
        for i, claims in enumerate(sources):
            for other in claims.directions:
                if other.axis != direction.axis:
                    continue
                shared = len(direction.near & other.near)
                if other.sign == direction.sign:
                    agrees = max(agrees, shared + 1)
                elif i < _COMPARED:
                    opposed = max(opposed, shared)
        if opposed >= 2 and opposed > agrees:
            return direction.word
    return None


def _denied_or_not(said: Claims, sources: Sequence[Claims]) -> str | None:
    """What the sentence denies and a source plainly says, or the other way round."""
    open_to: set[str] = set()
    affirmed: set[str] = set()
    for claims in sources:
        open_to.update(*claims.denied, claims.softened)
        affirmed |= claims.affirmed
    plain = [claims.affirmed for claims in sources if not claims.contrasts]
    for group in said.denied:
        if open_to.isdisjoint(group) and any(group <= stems for stems in plain):
            return "not"
    for group in sources[0].denied if sources else ():
        if len(group) > 1 and group <= said.affirmed and affirmed.isdisjoint(group):
            return "not"
    return None


def _negated_word(said: Claims, sources: Sequence[Claims]) -> str | None:
    """ "inefficient" where the sources know "efficient" only, or the other way round."""
    known = {t for c in sources for t in c.tokens}
    for word in said.tokens:
        if word in known or len(word) < _LEAST_LETTERS:
            continue
        plain = _NEGATING.sub("", word, count=1)
        if plain != word and plain in known:
            return word
        if any(p + word in known and _NEGATING.match(p + word) for p in _PREFIXES):
            return word
    return None
