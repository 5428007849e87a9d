"""Whether a sentence goes against its sources: it denies, turns or swaps what they say.

Knows the claims of sentences, as `ragbot.support.claims` reads them, and nothing of papers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import chain

from ragbot.support.claims import Claims, Comparison, Direction, word_lists

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
    return _first(check(said, sources) for check in _CHECKS)


def _first(words: Iterable[str | None]) -> str | None:
    """The first that is a word."""
    return next(filter(None, words), None)


# -- changed quotations ---------------------------------------------------------------------------


def _misquoted(said: Claims, sources: Sequence[Claims]) -> str | None:
    """The word that turns what is otherwise a quotation of a close source."""
    return _first(
        _turn(source, gone, said, come)
        for source in sources[:_COMPARED]
        for gone, come in _changes(source.tokens, said.tokens)
    )


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
    if len(ones) == len(others) > 1:
        differing = [
            pair for pair in zip(ones, others, strict=True) if len({*pair}) > 1
        ]
        return len(differing) == 1 and _opposed(*differing[0])
    sides = word_lists().sides
    turned = {-side for side in sides.get(other, ())}
    if not turned.isdisjoint(sides.get(one, ())):
        return True
    return one != other and (_affirming(one) == other or _affirming(other) == one)


def _affirming(word: str) -> str:
    """ "efficient" of "inefficient", and of "efficient"."""
    return _NEGATING.sub("", word, count=1)


# -- claims the other way round -------------------------------------------------------------------


def _turned_round(said: Claims, sources: Sequence[Claims]) -> str | None:
    """A comparison that the sources make the other way round."""
    theirs = [each for claims in sources for each in claims.comparisons]
    for mine in said.comparisons:
        if any(_is_turned(mine, each) for each in theirs):
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
    everywhere = [each for claims in sources for each in claims.directions]
    nearby = [each for claims in sources[:_COMPARED] for each in claims.directions]
    for direction in said.directions:
        agrees = _most_shared(direction, direction.side, everywhere) + 1
        opposed = _most_shared(direction, -direction.side, nearby)
        if opposed >= _ABOUT_THE_SAME and opposed > agrees:
            return direction.word
    return None


def _most_shared(
    direction: Direction, side: int, directions: Sequence[Direction]
) -> int:
    """The most stems that a direction has around it as one of that side has; -1 without any."""
    shared = [
        len(direction.near & each.near) for each in directions if each.side == side
    ]
    return max(shared, default=-1)


# -- denials --------------------------------------------------------------------------------------


def _denied(said: Claims, sources: Sequence[Claims]) -> str | None:
    """ "not", where the sentence denies what a source plainly says."""
    open_to: set[str] = set()
    for claims in sources:
        open_to.update(*claims.denied, claims.softened)
    plain = [claims.affirmed for claims in sources if not claims.contrasts]
    for group in said.denied:
        if open_to.isdisjoint(group) and any(map(group.issubset, plain)):
            return "not"
    return None


def _affirmed(said: Claims, sources: Sequence[Claims]) -> str | None:
    """ "not", where the sentence plainly says what the closest source denies and none says."""
    affirmed = frozenset().union(*(claims.affirmed for claims in sources))
    for group in sources[0].denied:
        is_said = len(group) > 1 and group <= said.affirmed
        if is_said and affirmed.isdisjoint(group):
            return "not"
    return None


def _negated_word(said: Claims, sources: Sequence[Claims]) -> str | None:
    """ "inefficient" where the sources know "efficient" only, or the other way round."""
    known = set(chain.from_iterable(claims.tokens for claims in sources))
    for word in said.tokens:
        if word in known or len(word) < _LEAST_LETTERS:
            continue
        if not known.isdisjoint(_counterparts(word)):
            return word
    return None


def _counterparts(word: str) -> list[str]:
    """The word without a prefix that denies, and those that have one before it."""
    negated = [prefix + word for prefix in _PREFIXES]
    return [_affirming(word), *filter(_NEGATING.match, negated)]


_CHECKS: tuple[Callable[[Claims, Sequence[Claims]], str | None], ...] = (
    _misquoted,
    _turned_round,
    _other_direction,
    _denied,
    _affirmed,
    _negated_word,
)
