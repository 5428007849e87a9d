"""Whether a sentence goes against its sources: it denies, turns or swaps what they say.

Knows the claims of sentences, as `ragbot.support.claims` reads them, and nothing of papers.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from functools import partial
from itertools import chain, compress, filterfalse, pairwise, repeat
from operator import attrgetter, ne

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
    theirs = _together(sources)
    words = chain.from_iterable(check(said, theirs) for check in _CHECKS)
    return next(words, None)


@dataclass(frozen=True, slots=True)
class _Sources:
    """What the sources say together, and the nearest of them one by one.

    ``plainly`` is what is affirmed without contrast to what others do, ``open_to`` what is denied
    or softened; ``near`` is what stands around the words of each side, ``near_in_nearest`` so in
    the nearest alone.
    """

    nearest: Sequence[Claims]
    tokens: frozenset[str]
    affirmed: frozenset[str]
    plainly: Sequence[frozenset[str]]
    open_to: frozenset[str]
    denied_by_closest: Sequence[frozenset[str]]
    comparisons: Sequence[Comparison]
    near: Mapping[int, Sequence[frozenset[str]]]
    near_in_nearest: Mapping[int, Sequence[frozenset[str]]]


def _together(sources: Sequence[Claims]) -> _Sources:
    nearest = sources[:_COMPARED]
    plain = filterfalse(attrgetter("contrasts"), sources)
    denied = list(map(attrgetter("denied"), sources))
    softened = map(attrgetter("softened"), sources)
    comparisons = map(attrgetter("comparisons"), sources)
    return _Sources(
        nearest=nearest,
        tokens=_union(map(attrgetter("tokens"), sources)),
        affirmed=_union(map(_AFFIRMED, sources)),
        plainly=list(map(_AFFIRMED, plain)),
        open_to=_union(chain(softened, *denied)),
        denied_by_closest=list(chain.from_iterable(denied[:1])),
        comparisons=list(chain.from_iterable(comparisons)),
        near=_near(sources),
        near_in_nearest=_near(nearest),
    )


_AFFIRMED = attrgetter("affirmed")


def _union(groups: Iterable[Iterable[str]]) -> frozenset[str]:
    return frozenset(chain.from_iterable(groups))


def _near(sources: Sequence[Claims]) -> Mapping[int, Sequence[frozenset[str]]]:
    """By side, the stems that stand around its words."""
    near = defaultdict(list)
    for direction in chain.from_iterable(map(attrgetter("directions"), sources)):
        near[direction.side].append(direction.near)
    return near


# -- changed quotations ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Change:
    """Words of a source that are gone from its quotation, and those that came in their place."""

    source: Claims
    gone: Sequence[str]
    said: Claims
    come: Sequence[str]

    def turns(self) -> Iterator[str]:
        """The words that turn the quotation into something else."""
        yield from filter(self._is_turned_by, self.come)
        if self._is_swap():
            yield self.come[0]
        if self._denies.isdisjoint(self.come):
            yield from filter(self._denies.__contains__, self.gone)

    @property
    def _denies(self) -> frozenset[str]:
        return word_lists().denies

    def _is_turned_by(self, word: str) -> bool:
        if word in self._denies and self._denies.isdisjoint(self.gone):
            return True
        return any(map(partial(_opposed, word), self.gone))

    def _is_swap(self) -> bool:
        """Whether a name stands in the place of a name, or a number in that of a number."""
        if (len(self.gone), len(self.come)) != (1, 1):
            return False
        gone, come = self.gone[0], self.come[0]
        if gone.isdigit():
            return come.isdigit()
        return gone in self.source.names and come in self.said.names


def _misquoted(said: Claims, sources: _Sources) -> Iterator[str]:
    """The words that turn what are otherwise quotations of close sources."""
    changes = chain.from_iterable(map(partial(_changes, said), sources.nearest))
    return chain.from_iterable(map(_Change.turns, changes))


def _changes(said: Claims, source: Claims) -> Iterator[_Change]:
    """What was changed in a quotation, but for what was left out at its ends; nothing if it is no
    quotation."""
    matcher = SequenceMatcher(None, source.tokens, said.tokens, autojunk=False)
    if matcher.real_quick_ratio() < _LEAST_ALIKE:
        return
    same = matcher.get_matching_blocks()
    if sum(map(attrgetter("size"), same)) < _VERBATIM * len(said.tokens):
        return
    ends = (0, len(said.tokens))
    for before, behind in pairwise([Match(0, 0, 0), *same]):
        gone = source.tokens[before.a + before.size : behind.a]
        come = said.tokens[before.b + before.size : behind.b]
        if not come and behind.b in ends:
            continue  # left out at an end
        if len(gone) <= _LONGEST_GAP:
            yield _Change(source, gone, said, come)


def _opposed(one: str, other: str) -> bool:
    """Whether two words, or the only parts in which two compounds differ, are opposites."""
    ones, others = one.split("-"), other.split("-")
    if len(ones) != len(others):
        return _are_opposites(one, other)
    differing = list(compress(zip(ones, others, strict=True), map(ne, ones, others)))
    if len(differing) != 1:
        return False
    return _are_opposites(*differing[0])


def _are_opposites(one: str, other: str) -> bool:
    opposites = {*word_lists().opposites.get(one, ()), _affirming(one)}
    if other in opposites:
        return True
    return _affirming(other) == one


def _affirming(word: str) -> str:
    """ "efficient" of "inefficient", and of "efficient"."""
    return _NEGATING.sub("", word, count=1)


# -- claims the other way round -------------------------------------------------------------------


def _turned_round(said: Claims, sources: _Sources) -> Iterator[str]:
    """The words of comparisons that the sources make the other way round."""
    turned_by_them = partial(_is_turned_by, sources.comparisons)
    turned = filter(turned_by_them, said.comparisons)
    return map(attrgetter("word"), turned)


def _is_turned_by(others: Sequence[Comparison], mine: Comparison) -> bool:
    return any(map(partial(_is_turned, mine), others))


def _is_turned(mine: Comparison, theirs: Comparison) -> bool:
    """Whether what is ahead in one is behind in the other, rather than ahead in both.

    What both sides of a comparison name tells neither from the other.
    """
    one, other = mine.ahead - mine.behind, mine.behind - mine.ahead
    crossed = one & theirs.behind, other & theirs.ahead
    straight = one & theirs.ahead, other & theirs.behind
    more_crossed = sum(map(len, crossed)) > sum(map(len, straight))
    return all(crossed) and more_crossed


def _other_direction(said: Claims, sources: _Sources) -> Iterator[str]:
    """Directions whose opposites the closest sources take about the same things, and they none."""
    for direction in said.directions:
        side, near = direction.side, direction.near
        agrees = _most_shared(near, sources.near.get(side, ()))
        opposed = _most_shared(near, sources.near_in_nearest.get(-side, ()))
        if opposed >= max(_ABOUT_THE_SAME, agrees + 2):
            yield direction.word


def _most_shared(stems: frozenset[str], others: Sequence[frozenset[str]]) -> int:
    """How many stems they share with those of the others that share most; -1 without any."""
    return max(map(len, map(stems.intersection, others)), default=-1)


# -- denials --------------------------------------------------------------------------------------


def _denied(said: Claims, sources: _Sources) -> Iterator[str]:
    """ "not", where the sentence denies what a source plainly says."""
    for group in filter(sources.open_to.isdisjoint, said.denied):
        if any(map(group.issubset, sources.plainly)):
            yield "not"


def _affirmed(said: Claims, sources: _Sources) -> Iterator[str]:
    """ "not", where the sentence plainly says what the closest source denies and none says."""
    denied = filter(sources.affirmed.isdisjoint, sources.denied_by_closest)
    for group in filter(said.affirmed.issuperset, denied):
        if len(group) > 1:
            yield "not"


def _negated_word(said: Claims, sources: _Sources) -> Iterator[str]:
    """ "inefficient" where the sources know "efficient" only, or the other way round."""
    unknown = filterfalse(sources.tokens.__contains__, said.tokens)
    for word in unknown:
        if len(word) < _LEAST_LETTERS:
            continue
        if not sources.tokens.isdisjoint(_counterparts(word)):
            yield word


def _counterparts(word: str) -> list[str]:
    """The word without a prefix that denies, and those that have one before it."""
    negated = map("{}{}".format, _PREFIXES, repeat(word))
    return [_affirming(word), *filter(_NEGATING.match, negated)]


_Check = Callable[[Claims, _Sources], Iterator[str]]
_CHECKS: tuple[_Check, ...] = (
    _misquoted,
    _turned_round,
    _other_direction,
    _denied,
    _affirmed,
    _negated_word,
)
