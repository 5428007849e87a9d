"""Which way a sentence points: what it denies, and which of two opposites it says. Words only."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from ragbot.text.latex import readable
from ragbot.text.names import names_in
from ragbot.text.words import STOPWORDS

__all__ = ["Claims", "claims_of", "contradiction"]

# Opposites, one axis a paragraph: words of one direction | words of the other. Inflections are
# spelled out, since "lower" is no form of "low" to a stemmer.
_OPPOSITES = """
increase increases increased increasing raise raises raised raising grow grows growing grew rise
rises rising | decrease decreases decreased decreasing reduce reduces reduced reducing reduction
reductions lowers lowering lowered cut cuts cutting drop drops dropped dropping shrink shrinks
shrinking fall falls falling decline declines declining diminish diminishes lessen lessens

improve improves improved improving improvement improvements enhance enhances enhanced enhancing
boost boosts boosted boosting | degrade degrades degraded degrading degradation degradations
worsen worsens worsened worsening hurt hurts hurting harm harms harming impair impairs
deteriorate deteriorates

outperform outperforms outperformed outperforming surpass surpasses surpassed surpassing exceed
exceeds exceeded exceeding beat beats beating | underperform underperforms underperformed
underperforming trails lags undershoot undershoots

more greater | less fewer

higher high highest | lower low lowest

larger large largest big bigger | smaller small smallest tiny

faster fast fastest quicker quick quickly accelerate accelerates accelerated accelerating
speedup speedups | slower slow slowest slowly slowdown slowdowns slows decelerate decelerates

better best superior | worse worst inferior

stronger strong strongest | weaker weak weakest

longer long longest | shorter short shortest

deeper deep | shallower shallow

wider wide | narrower narrow

easier easy easily simple simpler | harder hard difficult complex

cheaper cheap inexpensive | costlier expensive costly

always | never

all every | none

maximize maximizes maximizing maximise maximises maximising maximum maximal | minimize minimizes
minimizing minimise minimises minimising minimum minimal

before | after

above over | below under

add adds adding added | remove removes removing removed

early earlier | late later

succeed succeeds succeeded success successful successfully | fail fails failed failing failure
failures unsuccessful unsuccessfully

possible | impossible

able enables enable enabling enabled allows allow allowing | unable prevents prevent preventing
prevented

efficient efficiently | inefficient inefficiently

effective effectively | ineffective ineffectively

reliable reliably | unreliable unreliably

stable | unstable

supervised | unsupervised

sufficient | insufficient

necessary | unnecessary

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
_AXES: dict[str, dict[int, int]] = {}
for _axis, _paragraph in enumerate(_OPPOSITES.split("\n\n")):
    for _sign, _side in zip((1, -1), _paragraph.split("|"), strict=True):
        for _word in _side.split():
            _AXES.setdefault(_word, {})[_axis] = _sign

_DENIES = frozenset(
    """not no never none neither nor without cannot can't don't doesn't didn't isn't aren't wasn't
    weren't won't wouldn't couldn't shouldn't hardly lack lacks lacking nothing fails fail failed
    unable avoids avoid avoiding avoided eliminates eliminate eliminating""".split()
)
# What these reach may or may not be: it neither denies nor is plainly said.
_SOFTENS = frozenset(
    """prevent prevents preventing prevented stop stops stopping mitigate mitigates mitigating
    suppress suppresses suppressing overcome overcomes overcoming bypass bypasses bypassing
    bypassed alleviate alleviates reduce reduces reducing remove removes removing discard discards
    less few little rarely seldom barely only""".split()
)
# What a sentence with one of these tells may be what others do.
_CONTRASTS = frozenset(
    """unlike instead rather previous prior existing conventional traditional typically however
    although despite while whereas replace replaces replacing drop drops remove removes beyond
    alternative contrast opposed compared limitation limitations challenge challenges""".split()
)
_FREE = re.compile(r"\b(\w+)-(?:free|less)\b", re.I)
_NO_DENIAL = re.compile(
    r"\bnot (?:only|just|necessarily|limited)\b|\bno (?:longer|less)\b|\bwhether or not\b", re.I
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
_STOPS = frozenset(",;:.()")
_BREAKS = frozenset({"but", "and", "while", "or"})
_SCOPE = 3  # words with a meaning that a denial reaches
_NEAR = 4  # words with a meaning on either side that say what a direction is about
_VERBATIM = 0.8  # share of a sentence's words found in order from which it counts as quoted
_TOKEN = re.compile(r"[,;:.()]|[^\W_]+(?:['’-][^\W_]+)*")
_TIMES = re.compile(r"(?<=\d)x$")  # "100x" and "100×" alike
_OWN = frozenset({"we", "our", "ours"})


@dataclass(frozen=True, slots=True)
class Claims:
    """What a sentence says: its words in order, the stems it denies and affirms, its directions.

    A denied group holds the stems that one "not" reaches, softened ones are reached by "prevents"
    or "only"; a direction is an axis, its sign, the
    word and the stems around it. ``contrasts``: it may tell what other work does; ``names`` are
    those of its tokens that are written as names.
    """

    tokens: tuple[str, ...]
    denied: tuple[frozenset[str], ...]
    softened: frozenset[str]
    affirmed: frozenset[str]
    directions: tuple[tuple[int, int, str, frozenset[str]], ...]
    contrasts: bool
    names: frozenset[str]


def claims_of(text: str, stem: Callable[[str], str]) -> Claims:
    """The claims of a sentence; ``stem`` gives the stem of a lower-case word, "" for none."""
    text = _FREE.sub(r"without \1", readable(text).replace("peed-up", "peedup"))
    text = _NO_DENIAL.sub(" ", text)
    tokens = [t.lower().replace("’", "'") for t in _TOKEN.findall(text)]
    tokens = [_TIMES.sub("", t) for t in tokens]
    stems = [stem(t) if t[0].isalnum() and t not in STOPWORDS else "" for t in tokens]
    scopes = [_scope(tokens, stems, i) for i, t in enumerate(tokens) if t in _DENIES]
    denied_at = {j for scope in scopes for j in scope}
    softened_at = {
        j for i, t in enumerate(tokens) if t in _SOFTENS for j in _scope(tokens, stems, i)
    }
    directions = [
        (axis, -sign if i in denied_at else sign, token, _near(stems, i))
        for i, token in enumerate(tokens)
        for axis, sign in _AXES.get(token, {}).items()
    ]
    return Claims(
        tuple(t for t in tokens if t[0].isalnum()),
        tuple(frozenset(stems[j] for j in scope) for scope in scopes if scope),
        frozenset(stems[j] for j in softened_at),
        frozenset(s for i, s in enumerate(stems) if s and i not in denied_at),
        tuple(directions),
        not _CONTRASTS.isdisjoint(tokens) and _OWN.isdisjoint(tokens),
        frozenset(n.lower() for n in names_in(text)),
    )


def _scope(tokens: Sequence[str], stems: Sequence[str], at: int) -> list[int]:
    reached: list[int] = []
    for j in range(at + 1, len(tokens)):
        if len(reached) == _SCOPE or tokens[j] in _STOPS or (reached and tokens[j] in _BREAKS):
            break
        if stems[j]:
            reached.append(j)
    return reached


def _near(stems: Sequence[str], at: int) -> frozenset[str]:
    left = [s for s in stems[:at] if s][-_NEAR:]
    right = [s for s in stems[at + 1 :] if s][:_NEAR]
    return frozenset([*left, *right])


def contradiction(said: Claims, sources: Sequence[Claims]) -> str | None:
    """The word on which a sentence goes against its sources, ``None`` if it goes with them.

    ``sources`` are theirs, the most similar first.
    """
    return (
        next((w for c in sources[:_COMPARED] if (w := _misquoted(said, c))), None)
        or _other_direction(said, sources)
        or _denied_or_not(said, sources)
        or _negated_word(said, sources)
    )


_COMPARED = 3


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
        inner = kind != "equal" and j1 > 0 and (j2 < len(said.tokens) or kind != "delete")
        gone, come = source.tokens[i1:i2], said.tokens[j1:j2]
        if kind == "equal" or (kind == "delete" and not inner) or len(gone) > 2 * _SCOPE:
            continue
        for word in come:
            if word in _DENIES and not _DENIES.intersection(gone):
                return word
            if any(_opposed(word, other) for other in gone):
                return word
        if len(gone) == len(come) == 1 and (
            (gone[0] in source.names and come[0] in said.names)
            or (gone[0].isdigit() and come[0].isdigit())
        ):
            return come[0]
        if _DENIES.intersection(gone) and not _DENIES.intersection(come):
            return next(w for w in gone if w in _DENIES)
    return None


def _opposed(one: str, other: str) -> bool:
    """Whether two words, or the only parts in which two compounds differ, are opposites."""
    parts = one.split("-"), other.split("-")
    if len(parts[0]) == len(parts[1]) > 1:
        differing = [(a, b) for a, b in zip(*parts, strict=True) if a != b]
        return len(differing) == 1 and _opposed(*differing[0])
    a, b = _AXES.get(one, {}), _AXES.get(other, {})
    if any(b.get(axis) == -sign for axis, sign in a.items()):
        return True
    return one != other and (
        _NEGATING.sub("", one, count=1) == other or _NEGATING.sub("", other, count=1) == one
    )


def _other_direction(said: Claims, sources: Sequence[Claims]) -> str | None:
    """A direction whose opposite the closest sources take about the same things, and it nowhere."""
    for axis, sign, word, near in said.directions:
        agrees = opposed = 0
        for i, claims in enumerate(sources):
            for other_axis, other_sign, _, other in claims.directions:
                if other_axis != axis:
                    continue
                if other_sign == sign:
                    agrees = max(agrees, len(near & other) + 1)
                elif i < _COMPARED:
                    opposed = max(opposed, len(near & other))
        if opposed >= 2 and opposed > agrees:
            return word
    return None


def _denied_or_not(said: Claims, sources: Sequence[Claims]) -> str | None:
    """What the sentence denies and a source plainly says, or the other way round."""
    open_to = frozenset().union(*(g for c in sources for g in (*c.denied, c.softened)))
    affirmed = frozenset().union(*(c.affirmed for c in sources))
    for group in said.denied:
        if open_to.isdisjoint(group) and any(
            group <= c.affirmed for c in sources if not c.contrasts
        ):
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
