"""A conversation: which question a follow-up really asks. Knows no retrieval."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from ragbot.errors import InputError
from ragbot.question.references import with_titles
from ragbot.text.words import STOPWORDS, words
from ragbot.types import Message

__all__ = ["depends_on_history", "read_history", "standalone_question"]

_REFERS = re.compile(
    r"\b(it|its|itself|they|them|their|theirs|these|those|"
    # "in this collection" refers to nothing that was said
    r"this(?! (collection|corpus|library|database|field|area|domain)\b)|"
    r"that(?= (paper|work|method|model|approach|one))|he|she|his|her|one of them|which of|"
    r"the (same|former|latter|other|others|first|second|third|last|two|three|four|authors?|paper|"
    r"papers|work|method|methods|approach|model|models|network|student|result|results|dataset|"
    r"datasets|experiments?|above))\b",
    re.I,
)
_OPENS = re.compile(
    r"^\W*(and|but|so|also|what about|how about|why|how so|more|then|or)\b", re.I
)
_ABOUT = re.compile(r"^\W*(?:and |but |so )?(?:what|how) about\b", re.I)
_FORM = 'write [{"role": "user", "content": "…"}, …]'
# A question with fewer words that carry meaning than this can hardly stand alone after another one.
_FEW_WORDS = 2


def depends_on_history(question: str) -> bool:
    """Whether a question cannot be understood without the turn before it."""
    content = [w for w in words(question) if w not in STOPWORDS]
    if len(content) <= _FEW_WORDS and not any(
        c.isupper() for c in question.strip()[1:]
    ):
        return True
    if _REFERS.search(question):
        return True
    # "What about time series?" is another topic, "… speed?" is not
    if _ABOUT.match(question):
        return len(content) < _FEW_WORDS
    return bool(_OPENS.match(question))


def standalone_question(question: str, history: Sequence[Message]) -> str:
    """The question with what it refers to: titles of the answers before it ("the second one"), else
    the last question that stood alone, and it, in one line.

    A question that stands alone comes back as it is, whatever was said before.
    """
    pointed = with_titles(question, history)
    if pointed:
        return pointed
    asked = [
        m.content.strip() for m in history if m.role == "user" and m.content.strip()
    ]
    if not asked or not depends_on_history(question):
        return question
    topic = next((q for q in reversed(asked) if not depends_on_history(q)), asked[0])
    return f"{topic} {question}"


def read_history(path: Path) -> list[Message]:
    """Turns from a JSON file: ``[{"role": "user", "content": "…"}, …]``.

    Raises:
        InputError: the file is missing, no JSON, or not of that form; names the turn and the field.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError(f"{path}: no such history file", "check the path") from None
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: not a JSON file ({error})", _FORM) from None
    if not isinstance(document, list):
        raise InputError(f"{path}: must be a list of turns", _FORM)
    turns = []
    for number, turn in enumerate(document, 1):
        if not isinstance(turn, dict) or not isinstance(turn.get("content"), str):
            raise InputError(
                f"{path}: turn {number} has no text under 'content'", _FORM
            )
        if turn.get("role") not in ("user", "assistant"):
            raise InputError(
                f"{path}: turn {number}: 'role' must be user or assistant", _FORM
            )
        turns.append(Message(turn["role"], turn["content"]))
    return turns
