"""Whether a sentence goes against its sources: it denies, turns or swaps what they say.

Knows the claims of sentences, as `ragbot.support.claims` reads them, and nothing of papers.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from functools import partial

from ragbot.support.claims import Claims, Comparison, word_lists

__all__ = ["contradiction"]

# Prefixes that deny: any word, or words that are known to take them ("inform" denies no form).
_NEGATING = re.compile(
    r"^(?:(?:un|non)(?=[a-z]{4})|(?:in|im|ir|dis|ab)(?=(?:efficien|effective|sufficien|accura|correct|"
    r"complete|consisten|significan|dependen|direct|visible|flexib|feasib|adequa|stab|finite|"
    r"definite|exact|capab|abilit|possib|perfect|practical|precis|proper|plausib|mature|regular|"
    r"relevan|respective|similar|connected|continu|advantage|appear|agree|normal)))"
)
_PREFIXES = ("un", "in", "im", "ir", "non", "dis")
_LEAST_LETTERS = 6  # "it" is no opposite of "unit"
# Share of a sentence's words found in order from which it counts as quoted.
_VERBATIM = 0.8
_LEAST_ALIKE = 0.3  # below this share of common length nothing is compared in order
_LONGEST_GAP = 6  # words left out of a quotation that may still be one change
_COMPARED = 3  # sentences of the sources, the most similar first
_ABOUT_THE_SAME = 2  # stems that two directions share


def contradiction(said: Claims, sources: Sequence[Claims]) -> str | None:
    """The word on which a sentence goes against its sources, ``None`` if it goes with them.

    ``sources`` are theirs, the most similar first.
    """
    if not sources:
        return None
    theirs = _together(sources)
    for check in _CHECKS:
        word = check(said, theirs)
        if word:
            return word
    return None


class _Sources:
    """What the sources say together; ``near`` is what stands around the words of each side."""

    def __init__(self, nearest: Sequence[Claims]) -> None:
        self.nearest = nearest
        self.tokens: set[str] = set()
        self.affirmed: set[str] = set()
        self.plainly: list[frozenset[str]] = []  # without contrast to what others do
        self.open_to: set[str] = set()  # what they deny or soften
        self.comparisons: list[Comparison] = []
        self.near: dict[int, list[frozenset[str]]] = defaultdict(list)
        self.near_in_nearest: dict[int, list[frozenset[str]]] = defaultdict(list)


def _together(sources: Sequence[Claims]) -> _Sources:
    together = _Sources(sources[:_COMPARED])
    for claims in sources:
        together.tokens.update(claims.tokens)
        together.affirmed.update(claims.affirmed)
        together.open_to.update(*claims.denied, claims.softened)
        together.comparisons.extend(claims.comparisons)
        for direction in claims.directions:
            together.near[direction.side].append(direction.near)
        if not claims.contrasts:
            together.plainly.append(claims.affirmed)
    for claims in together.nearest:
        for direction in claims.directions:
            together.near_in_nearest[direction.side].append(direction.near)
    return together


# -- changed quotations ---------------------------------------------------------------------------


def _misquoted(said: Claims, sources: _Sources) -> str | None:
    """The word that turns what is otherwise a quotation of a close source."""
    for source in sources.nearest:
        for gone, come in _changes(source.tokens, said.tokens):
            word = _turn(source, gone, said, come)
            if word:
                return word
    return None


def _changes(
    source: Sequence[str], said: Sequence[str]
) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    """The words that others replaced in a quotation, and these; none if it is no quotation."""
    matcher = SequenceMatcher(None, source, said, autojunk=False)
    if matcher.real_quick_ratio() < _LEAST_ALIKE:
        return
    same = sum(block.size for block in matcher.get_matching_blocks())
    if same < _VERBATIM * len(said):
        return
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        left_out_at_an_end = kind == "delete" and j1 in (0, len(said))
        if kind == "equal" or left_out_at_an_end or i2 - i1 > _LONGEST_GAP:
            continue
        yield source[i1:i2], said[j1:j2]


def _turn(
    source: Claims, gone: Sequence[str], said: Claims, come: Sequence[str]
) -> str | None:
    """The word that turns a quotation, of those that came in place of others."""
    denies = word_lists().denies
    denied = not denies.isdisjoint(gone)
    for word in come:
        denies_anew = word in denies and not denied
        if denies_anew or any(_opposed(word, other) for other in gone):
            return word
    if len(gone) == len(come) == 1 and _swapped(source, gone[0], said, come[0]):
        return come[0]
    if denied and denies.isdisjoint(come):
        return next(filter(denies.__contains__, gone))
    return None


def _swapped(source: Claims, gone: str, said: Claims, come: str) -> bool:
    """Whether a name stands in the place of a name, or a number in that of a number."""
    if gone in source.names and come in said.names:
        return True
    return gone.isdigit() and come.isdigit()


def _opposed(one: str, other: str) -> bool:
    """Whether two words, or the only parts in which two compounds differ, are opposites."""
    ones, others = one.split("-"), other.split("-")
    if len(ones) != len(others):
        return _are_opposites(one, other)
    differing = [pair for pair in zip(ones, others, strict=True) if len({*pair}) > 1]
    return len(differing) == 1 and _are_opposites(*differing[0])


def _are_opposites(one: str, other: str) -> bool:
    if other in word_lists().opposites.get(one, ()):
        return True
    return _affirming(one) == other or _affirming(other) == one


def _affirming(word: str) -> str:
    """ "efficient" of "inefficient", and of "efficient"."""
    return _NEGATING.sub("", word, count=1)


# -- claims the other way round -------------------------------------------------------------------


def _turned_round(said: Claims, sources: _Sources) -> str | None:
    """A comparison that the sources make the other way round."""
    for mine in said.comparisons:
        if any(map(partial(_is_turned, mine), sources.comparisons)):
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


def _other_direction(said: Claims, sources: _Sources) -> str | None:
    """A direction whose opposite the closest sources take about the same things, and it nowhere."""
    for direction in said.directions:
        side, near = direction.side, direction.near
        agrees = _most_shared(near, sources.near[side]) + 1
        opposed = _most_shared(near, sources.near_in_nearest[-side])
        if opposed >= _ABOUT_THE_SAME and opposed > agrees:
            return direction.word
    return None


def _most_shared(stems: frozenset[str], others: Sequence[frozenset[str]]) -> int:
    """How many stems they share with those of the others that share most; -1 without any."""
    shared = [len(stems & other) for other in others]
    return max(shared, default=-1)


# -- denials --------------------------------------------------------------------------------------


def _denied(said: Claims, sources: _Sources) -> str | None:
    """ "not", where the sentence denies what a source plainly says."""
    for group in said.denied:
        is_said = any(map(group.issubset, sources.plainly))
        if is_said and sources.open_to.isdisjoint(group):
            return "not"
    return None


def _affirmed(said: Claims, sources: _Sources) -> str | None:
    """ "not", where the sentence plainly says what the closest source denies and none says."""
    closest = sources.nearest[0]
    for group in closest.denied:
        is_said = len(group) > 1 and group <= said.affirmed
        if is_said and sources.affirmed.isdisjoint(group):
            return "not"
    return None


def _negated_word(said: Claims, sources: _Sources) -> str | None:
    """ "inefficient" where the sources know "efficient" only, or the other way round."""
    for word in said.tokens:
        if word in sources.tokens or len(word) < _LEAST_LETTERS:
            continue
        if not sources.tokens.isdisjoint(_counterparts(word)):
            return word
    return None


def _counterparts(word: str) -> list[str]:
    """The word without a prefix that denies, and those that have one before it."""
    negated = [prefix + word for prefix in _PREFIXES]
    return [_affirming(word), *filter(_NEGATING.match, negated)]


_CHECKS: tuple[Callable[[Claims, _Sources], str | None], ...] = (
    _misquoted,
    _turned_round,
    _other_direction,
    _denied,
    _affirmed,
    _negated_word,
)
