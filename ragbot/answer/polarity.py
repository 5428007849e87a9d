"""Which way a sentence points: what it denies, and which of two opposites it says. Words only."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ragbot.text import STOPWORDS, readable

__all__ = ["Claims", "claims_of", "contradiction"]

# Opposites, one axis a line: words of one direction | words of the other. Inflections are spelled
# out, since "lower" is no form of "low" to a stemmer.
_OPPOSITES = """
increase increases increased increasing raise raises raised raising grow grows growing grew rise rises rising | decrease decreases decreased decreasing reduce reduces reduced reducing reduction reductions lowers lowering lowered cut cuts cutting drop drops dropped dropping shrink shrinks shrinking fall falls falling decline declines declining diminish diminishes lessen lessens
improve improves improved improving improvement improvements enhance enhances enhanced enhancing boost boosts boosted boosting | degrade degrades degraded degrading degradation worsen worsens worsened worsening hurt hurts hurting harm harms harming impair impairs deteriorate deteriorates
outperform outperforms outperformed outperforming surpass surpasses surpassed surpassing exceed exceeds exceeded exceeding beat beats beating | underperform underperforms underperformed underperforming trails lags
more greater | less fewer
higher high highest | lower low lowest
larger large largest big bigger | smaller small smallest tiny
faster fast fastest quicker quick quickly accelerate accelerates accelerated accelerating speedup speedups | slower slow slowest slowly slowdown slows decelerate decelerates
better best superior | worse worst inferior
stronger strong strongest | weaker weak weakest
longer long longest | shorter short shortest
deeper deep | shallower shallow
wider wide | narrower narrow
easier easy easily simple simpler | harder hard difficult complex
cheaper cheap inexpensive | costlier expensive costly
with using | without
always | never
all every | none
maximize maximizes maximizing maximise maximises maximising maximum maximal | minimize minimizes minimizing minimise minimises minimising minimum minimal
before | after
above over | below under
add adds adding added | remove removes removing removed
early earlier | late later
succeed succeeds succeeded success successful successfully | fail fails failed failing failure failures unsuccessful unsuccessfully
possible | impossible
able enables enable allows allow | unable prevents prevent
efficient efficiently | inefficient inefficiently
effective effectively | ineffective ineffectively
reliable reliably | unreliable unreliably
stable | unstable
supervised | unsupervised
sufficient | insufficient
necessary | unnecessary
similar similarly same | different differently dissimilar
linear | nonlinear
known | unknown
seen | unseen
labeled labelled | unlabeled unlabelled
paired | unpaired
static | dynamic
dense | sparse
positive positively | negative negatively
upper | lower
robust | brittle fragile
open | closed
online | offline
forward | backward
local locally | global globally
first | last
strengthen strengthens | weaken weakens
gain gains | loss losses
agree agrees | disagree disagrees
include includes | exclude excludes
discrete | continuous
fixed | variable adaptive
constant | varying
rarely seldom | often frequently usually
"""
_AXES: dict[str, list[tuple[int, int]]] = {}
for _axis, _line in enumerate(_OPPOSITES.strip().splitlines()):
    for _sign, _side in zip((1, -1), _line.split("|"), strict=True):
        for _word in _side.split():
            _AXES.setdefault(_word, []).append((_axis, _sign))

_DENIES = frozenset(
    """not no never none neither nor without cannot can't don't doesn't didn't isn't aren't wasn't
    weren't won't wouldn't couldn't shouldn't hardly lack lacks lacking nothing fails fail failed
    unable instead avoids avoid avoiding avoided eliminates eliminate eliminating""".split()
)
_FREE = re.compile(r"\b(\w+)-(?:free|less)\b", re.I)
_NO_DENIAL = re.compile(
    r"\bnot only\b|\bno longer\b|\bwhether or not\b|\bnot just\b|\bno less\b|\bnot limited\b", re.I
)
_SCOPE = 3  # words with a meaning that a denial reaches
_NEAR = 4  # words with a meaning on either side that say what a direction is about
_TOKEN = re.compile(r"[,;:.()]|[^\W_]+(?:['’][^\W_]+)?", re.U)


@dataclass(frozen=True, slots=True)
class Claims:
    """What a sentence says of its words, by stem.

    ``denied`` and ``affirmed`` stems; ``directions``: axis, sign and the stems it stands near.
    """

    denied: frozenset[str]
    affirmed: frozenset[str]
    directions: tuple[tuple[int, int, str, frozenset[str]], ...]


def claims_of(text: str, stem: Callable[[str], str]) -> Claims:
    """The claims of a sentence; ``stem`` gives the stem of a lower-case word, "" for none."""
    text = _NO_DENIAL.sub(" ", _FREE.sub(r"without \1", readable(text)))
    tokens = [t.lower().replace("’", "'") for t in _TOKEN.findall(text)]
    stems = [stem(t) if t[0].isalnum() and t not in STOPWORDS else "" for t in tokens]
    denied_at: set[int] = set()
    for i, token in enumerate(tokens):
        if token in _DENIES:
            left = _SCOPE
            for j in range(i + 1, len(tokens)):
                if left == 0 or tokens[j] in ",;:.()" or tokens[j] in {"but", "and", "while"}:
                    break
                if stems[j]:
                    denied_at.add(j)
                    left -= 1
    denied = frozenset(stems[i] for i in denied_at)
    affirmed = frozenset(s for i, s in enumerate(stems) if s and i not in denied_at)
    directions = []
    for i, token in enumerate(tokens):
        for axis, sign in _AXES.get(token, ()):
            near = _near(stems, i)
            sign_here = -sign if i in denied_at else sign
            directions.append((axis, sign_here, token, near))
    return Claims(denied, affirmed, tuple(directions))


def _near(stems: Sequence[str], at: int) -> frozenset[str]:
    left = [s for s in stems[:at] if s][-_NEAR:]
    right = [s for s in stems[at + 1 :] if s][:_NEAR]
    return frozenset([*left, *right])


def contradiction(said: Claims, sources: Iterable[Claims], closest: Claims) -> str | None:
    """The word on which a sentence goes against its sources, ``None`` if it goes with them.

    ``closest`` is the most similar sentence of the sources.
    """
    pool = list(sources)
    for axis, sign, word, near in said.directions:
        agrees = opposed = 0
        for claims in pool:
            for other_axis, other_sign, _, other_near in claims.directions:
                if other_axis != axis:
                    continue
                shared = len(near & other_near)
                if other_sign == sign:
                    agrees = max(agrees, shared + 1)
                else:
                    opposed = max(opposed, shared)
        if opposed >= 2 and opposed > agrees:
            return word
    affirmed = frozenset().union(*(c.affirmed for c in pool))
    denied = frozenset().union(*(c.denied for c in pool))
    shared = len((said.affirmed | said.denied) & (closest.affirmed | closest.denied))
    if 2 * shared >= len(said.affirmed | said.denied):
        for stem in said.denied:
            if stem in affirmed and stem not in denied:
                return f"not … {stem}"
        for stem in said.affirmed:
            if stem in closest.denied and stem not in affirmed:
                return stem
    return None
