"""How well the support check tells true sentences from corrupted ones, and what it costs.

    python benchmarks/support.py [--data-dir DIR] [--misses KIND]

True pairs come from the bundled question set: evidence sentences (verbatim) and reference answers
(paraphrases, sentence by sentence), each with the papers that answer the question. Code corrupts
them, with a fixed seed, in the ways of `CORRUPTIONS`. The questions are split by a hash of their
id: thresholds and word lists were chosen on one half, the other is only scored.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ragbot.citing.stream import CitationStream
from ragbot.config import load_settings
from ragbot.papers.identity import title_key
from ragbot.pipeline import Ragbot
from ragbot.question.kind import names_in
from ragbot.resources import bundled_questions
from ragbot.support.numbers import quantities
from ragbot.support.statements import sentences_of
from ragbot.support.verify import Evidence, Verdict, check, check_all
from ragbot.text.latex import readable
from ragbot.text.sentences import split_sentences
from ragbot.text.words import match_form
from ragbot.types import Filters, Paper

SEED = 20
TUNED = "written for tuning"
CONTEXT = 8
PARAPHRASES = Path(__file__).with_name("paraphrases.jsonl")
FLOORS = {
    "true evidence": 0.97,
    "reference answers": 0.85,
    "number changed": 0.99,
    "wrong paper": 0.95,
    "name swapped": 0.85,
}


@dataclass(frozen=True)
class Pair:
    """A sentence, the papers that bear it out, and others found for its question."""

    question: str
    kind: str
    text: str
    cited: tuple[Paper, ...]
    context: tuple[Paper, ...]


Corrupted = tuple[str, tuple[Paper, ...]]

# -- corruptions ----------------------------------------------------------------------------------

_DIGITS = re.compile(
    r"(?<![\w.-])\d+(?:,\d{3})*(?:\.\d+)?(?=[\s%x×.,;)\\]|[-\s]?fold|\w?\b)"
)
_WORDS = "two three four five six seven eight nine ten".split()
_COUNTS = re.compile(rf"\b({'|'.join(_WORDS)})\b")


def number_changed(pair: Pair, rng: random.Random) -> Iterator[Corrupted]:
    """Each number in turn becomes others of as many digits, five times."""
    # The number alone, as written: "24%" → "24"; digits of names and "(1)" are not among them.
    written = {
        re.match(r"[\d,.]*\d|\w*", q.written)[0].lower() for q in quantities(pair.text)
    }
    for match in [*_DIGITS.finditer(pair.text), *_COUNTS.finditer(pair.text)]:
        if match.group() not in written:
            continue  # part of a name
        for _ in range(5):
            new = _other_number(match.group(), rng)
            yield (
                pair.text[: match.start()] + new + pair.text[match.end() :],
                pair.cited,
            )


def _other_number(old: str, rng: random.Random) -> str:
    if old in _WORDS:
        return rng.choice([w for w in _WORDS if w != old])
    while True:
        new = re.sub(r"\d", lambda _: str(rng.randrange(10)), old)
        new = "0" + new[1:] if old.startswith("0") else new
        if new != old and (old.startswith("0") or not new.startswith("0")):
            return new


def wrong_paper(pair: Pair, rng: random.Random) -> Iterator[Corrupted]:
    """Other papers found for the same question are cited instead, three times."""
    others = [p for p in pair.context if p not in pair.cited]
    for _ in range(3):
        if others:
            yield (
                pair.text,
                tuple(rng.sample(others, min(len(others), len(pair.cited)))),
            )


def name_swapped(pair: Pair, rng: random.Random) -> Iterator[Corrupted]:
    """A name becomes one that another paper found for the question bears."""
    own = set(names_in(pair.text))
    others = sorted(
        {
            n
            for p in pair.context
            if p not in pair.cited
            for n in names_in(p.title + " " + p.abstract)
            # "Multi-Layer" names nothing
            if not re.fullmatch(r"[A-Z][a-z]+(-[A-Z]?[a-z]+)+", n)
        }
        - own
    )
    for name in sorted(own):
        if others:
            yield pair.text.replace(name, rng.choice(others)), pair.cited


_FLIPS = [
    tuple(line.split())
    for line in """
    increases decreases
    increase decrease
    increasing decreasing
    improves worsens
    improve worsen
    improved worsened
    improving worsening
    improvement degradation
    improvements degradations
    reduces increases
    reduce increase
    reduced increased
    reducing increasing
    reduction increase
    outperforms underperforms
    outperform underperform
    outperforming underperforming
    surpasses underperforms
    surpassing underperforming
    exceeds undershoots
    more less
    fewer more
    higher lower
    larger smaller
    faster slower
    better worse
    best worst
    greater smaller
    stronger weaker
    longer shorter
    without with
    with without
    all none
    always never
    high low
    low high
    small large
    large small
    efficient inefficient
    effective ineffective
    efficiently inefficiently
    significantly insignificantly
    similar different
    before after
    maximizing minimizing
    minimizing maximizing
    cuts raises
    cut raised
    speedup slowdown
    speedups slowdowns
    accelerates slows
    enables prevents
    enable prevent
    enabling preventing
    enhances impairs
    enhancing impairing
    strong weak
    positive negative
    unsupervised supervised
    sparse dense
    deep shallow
    linear nonlinear
    independent dependent
    fast slow
    stable unstable
    """.strip().splitlines()
]


def direction_flipped(pair: Pair, rng: random.Random) -> Iterator[Corrupted]:
    """A word becomes its opposite; each word of the list that occurs, at most three."""
    found = [(a, b) for a, b in _FLIPS if re.search(rf"\b{a}\b", pair.text)]
    for old, new in rng.sample(found, min(3, len(found))):
        yield re.sub(rf"\b{old}\b", new, pair.text, count=1), pair.cited


_AUXILIARY = re.compile(
    r"\b(is|are|was|were|can|has been|have been|will|does|do|did)\b(?! not)"
)
_VERB = re.compile(
    r"\b(achieve|outperform|improve|reduce|show|use|increase|enable|require|provide|propose|"
    r"introduce|demonstrate|learn|predict|represent|generate|share|keep|handle|reach|adapt|combine|"
    r"exceed|cut|beat|remove|support|preserve|identif(?:y|ie)|detect|allow)(s)?\b"
)


def negation_flipped(pair: Pair, rng: random.Random) -> Iterator[Corrupted]:
    """A "not" comes in behind an auxiliary or before a verb; one that is there goes."""
    text = pair.text
    if re.search(r"\bnot\b", text):
        yield re.sub(r"\s*\bnot\b", "", text, count=1), pair.cited
    if re.search(r"\bcannot\b", text):
        yield text.replace("cannot", "can", 1), pair.cited
    if match := _AUXILIARY.search(text):
        yield text[: match.end()] + " not" + text[match.end() :], pair.cited
    if match := _VERB.search(text):
        verb = match.group(1).removesuffix("ie") + (
            "y" if match.group(1).endswith("ie") else ""
        )
        does = "does" if match.group(2) else "do"
        yield (
            f"{text[: match.start()]}{does} not {verb}{text[match.end() :]}",
            pair.cited,
        )


CORRUPTIONS: dict[str, Callable[[Pair, random.Random], Iterator[Corrupted]]] = {
    "number changed": number_changed,
    "wrong paper": wrong_paper,
    "name swapped": name_swapped,
    "direction flipped": direction_flipped,
    "negation flipped": negation_flipped,
}

# -- scoring --------------------------------------------------------------------------------------


def half_of(question: str) -> str:
    """ "tuned" or "kept", by the question's id."""
    if question == TUNED:
        return "tuned"
    return ("tuned", "kept")[hashlib.sha256(question.encode()).digest()[-1] % 2]


def pairs_of(bot: Ragbot, path: Path) -> list[Pair]:
    """Every evidence sentence and every sentence of a reference answer with its papers."""
    retriever = bot.retriever()
    by_title = {title_key(p.title): p for p in bot.papers()}
    pairs = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        grades = {
            by_title[title_key(t)]: g for t, g in (row.get("relevant") or {}).items()
        }
        cited = tuple(p for p, g in grades.items() if g == 2)
        if not cited:
            continue
        hits = retriever.find(
            retriever.prepare(row["question"]), CONTEXT + len(grades), Filters()
        )
        others = [h.paper for h in hits if h.paper not in grades][:CONTEXT]
        texts = [("true evidence", t) for t in row.get("evidence") or []]
        texts += [
            ("reference answers", t) for t in split_sentences(row.get("answer") or "")
        ]
        for kind, text in texts:
            named = _named_beside(text, cited, [p for p, g in grades.items() if g == 1])
            pairs.append(
                Pair(row["id"], kind, text, (*cited, *named), (*grades, *others))
            )
    return pairs


def paraphrases_of(bot: Ragbot, path: Path) -> list[Pair]:
    """Sentences as language models write them, for tuning alone; their papers are no answer to a
    question of the kept half."""
    retriever = bot.retriever()
    by_title = {title_key(p.title): p for p in bot.papers()}
    pairs = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        paper = by_title[title_key(row["title"])]
        hits = retriever.find(retriever.prepare(row["text"]), CONTEXT, Filters())
        others = [h.paper for h in hits if h.paper != paper]
        pairs.append(
            Pair(TUNED, "own paraphrases", row["text"], (paper,), (paper, *others))
        )
    return pairs


def _named_beside(
    text: str, cited: Sequence[Paper], partly: Sequence[Paper]
) -> list[Paper]:
    """Partly relevant papers that a reference answer names: who is named is cited."""

    def bears(paper: Paper, name: str) -> bool:
        return match_form(name) in match_form(f"{paper.title} {paper.abstract}")

    said = [*names_in(text), *re.findall(r"(?<=[a-z,;] )[A-Z][a-z]{3,}", text)]
    names = [n for n in said if not any(bears(p, n) for p in cited)]
    return [p for p in partly if any(bears(p, n) for n in names)]


class Judge:
    """The support check over one collection, evidence and vectors kept."""

    def __init__(self, bot: Ragbot) -> None:
        self._retriever = bot.retriever()
        self._embedder = bot._embedder()
        self._stored = bot.stores.sentences
        self._evidence: dict[str, Evidence] = {}

    def evidence(self, paper: Paper) -> Evidence:
        """A paper taken apart."""
        if paper.id not in self._evidence:
            vectors = self._stored.get([paper.id]).get(paper.id)
            r = self._retriever
            self._evidence[paper.id] = Evidence(paper, vectors, r.terms, r.idf)
        return self._evidence[paper.id]

    def judge(
        self, text: str, cited: Sequence[Paper], context: Sequence[Paper]
    ) -> Verdict:
        """The verdict on a sentence."""
        vector = self._embedder.embed_queries([readable(text)])[0]
        numbered = {n: self.evidence(p) for n, p in enumerate(cited, 1)}
        return check(
            text,
            vector,
            numbered,
            [self.evidence(p) for p in context if p not in cited],
        )


def report(bot: Ragbot, questions: Path, misses: str) -> bool:
    """Print the table; whether every floor holds on the half that was kept."""
    judge = Judge(bot)
    results: dict[tuple[str, str], list[bool]] = {}
    for pair in [*pairs_of(bot, questions), *paraphrases_of(bot, PARAPHRASES)]:
        rng = random.Random(f"{SEED} {pair.question} {pair.text}")
        half = half_of(pair.question)
        trials = [(pair.kind, (pair.text, pair.cited), True)]
        trials += [
            (name, corrupted, False)
            for name, corrupt in CORRUPTIONS.items()
            for corrupted in corrupt(pair, rng)
        ]
        for name, (text, cited), true in trials:
            verdict = judge.judge(text, cited, pair.context)
            right = (verdict.support == "supported") == true
            results.setdefault((name, half), []).append(right)
            if name in misses and not right and half == "tuned":
                print(f"  {name}: {pair.question} {text}\n    -> {verdict.reason}")
    print(f"{'':22}{'tuned half':>16}{'kept half':>16}{'floor':>8}")
    held = True
    for name in ["true evidence", "reference answers", "own paraphrases", *CORRUPTIONS]:
        cells = []
        for half in ("tuned", "kept"):
            right = results.get((name, half), [])
            if not right:
                cells.append("")
                continue
            cells.append(f"{sum(right)}/{len(right)} {statistics.mean(right):.1%}")
        floor = FLOORS.get(name)
        ok = floor is None or statistics.mean(results[name, "kept"]) >= floor
        held &= ok
        wanted = f"{floor:.0%}" if floor else ""
        print(
            f"{name:22}{cells[0]:>16}{cells[1]:>16}{wanted:>8}{'' if ok else '  missed'}"
        )
    return held


def cost(bot: Ragbot) -> None:
    """Print the milliseconds of a 500-word answer: per token, after the stream, its embedding."""
    judge = Judge(bot)
    papers = bot.papers()[:8]
    lines = [
        f"{sentence} [{n}]"
        for n, paper in enumerate(papers, 1)
        for sentence in split_sentences(paper.abstract)
    ]
    random.Random(SEED).shuffle(lines)  # so that all papers are cited
    text = " ".join(" ".join(lines).split()[:500])
    tokens = re.findall(r"\s?\S{1,4}", text)
    stream = CitationStream(len(papers))
    times, shown = [], []
    for token in tokens:
        start = time.perf_counter()
        shown.append(stream.feed(token))
        times.append((time.perf_counter() - start) * 1e3)
    shown.append(stream.finish())
    start = time.perf_counter()
    statements = sentences_of("".join(shown))
    cut = time.perf_counter()
    vectors = judge._embedder.embed_queries([readable(s.text) for s in statements])
    embedded = time.perf_counter()
    back = {shown: given for given, shown in stream.numbers.items()}
    context = {n: judge.evidence(papers[given - 1]) for n, given in back.items()}
    check_all(statements, vectors, context)
    done = time.perf_counter()
    print(
        f"a token: mean {statistics.mean(times):.3f} ms, worst {max(times):.3f} ms "
        f"({len(tokens)} tokens); 500 words: {(cut - start + done - embedded) * 1e3:.1f} ms, "
        f"and {(embedded - cut) * 1e3:.0f} ms to embed {len(statements)} sentences"
    )


def main() -> int:
    """Returns 1 if a floor is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data-dir")
    parser.add_argument(
        "--questions", type=Path, default=bundled_questions() / "dev.jsonl"
    )
    parser.add_argument(
        "--misses", default="", help="list the tuned half's misses of these kinds"
    )
    options = parser.parse_args()
    if options.data_dir:
        os.environ["RAGBOT_DATA__DIR"] = options.data_dir
    with Ragbot.open(load_settings()) as bot:
        held = report(bot, options.questions, options.misses)
        cost(bot)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
