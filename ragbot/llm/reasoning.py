"""Tells a model's reasoning from its answer while both are streaming, and drops special tokens.

Knows only text. Models set their thoughts apart by tags or channels, and servers that do not know a
model's template pass those on, and the tokens that open and close turns. Any of them may be split
over any number of pieces.
"""

from __future__ import annotations

from collections.abc import Callable

import regex

from ragbot.types import Piece

__all__ = ["ReasoningFilter"]

_TOKEN = regex.compile(
    r"""
      (?P<open>
          <(?:think|thinking|thought|thoughts|reasoning|seed:think)>
        | \[THINK\]                             # Mistral
        | ◁think▷                               # Kimi
        | <\|START_THINKING\|>                  # Cohere
        | <\|begin_of_thought\|>
      )
    | (?P<close>
          </(?:think|thinking|thought|thoughts|reasoning|seed:think)>
        | \[/THINK\] | ◁/think▷ | <\|END_THINKING\|> | <\|end_of_thought\|>
      )
    | <\|channel\|>\s*(?P<channel>[a-z]++)[^<]{0,60}+<\|message\|>         # Harmony
    | (?:<\|(?:im_start|start_header_id|start)\|>|<start_of_turn>)\s*+(?P<role>[a-z]++)(?=[^a-z])
    | <[|｜](?P<role>user|assistant|system|tool|User|Assistant|System)[|｜]>
    | (?P<end>
          <\|(?:im_end|eot_id|end|endoftext|end_of_text|return|END_OF_TURN_TOKEN)\|>
        | <end_of_turn> | </s> | <eos> | <｜end▁of▁sentence｜>
      )
    | (?P<noise>
          <[|｜](?!channel|im_start|start_header_id|start[|])[^<>|｜\s][^<>|｜\n]{0,38}+[|｜]>
        | <(?:s|bos|pad|unk)> | \[/?INST\] | <</?SYS>> | <unused\d++>
      )
      # Words alone, where a server has dropped the tokens or the model knows none
    | (?P<thinks> analysis(?=[A-Z]) | Here\ is\ my\ thought\ process: )
    | (?P<answers> assistantfinal | Here\ is\ my\ response: )
    """,
    regex.VERBOSE,
)
# A token of a turn or a channel that the end of the text has cut.
_CUT = regex.compile(
    r"<(?:\|(?:im_start|start_header_id|start|channel)\|>|start_of_turn>)\s*+\w*+\Z"
)
_LONGEST = 120  # characters of a token; what may still become a longer one is text
_MODEL = {"assistant", "model"}  # roles in which it is the model that speaks


class ReasoningFilter:
    """Takes text as it comes and gives it back as answer or reasoning, without the tags.

    Three cases are not what they seem. Some chat templates write the opening tag themselves, so
    that only the closing one arrives: then what came before is retracted. A tag behind a backtick
    is quoted. And what follows an opening tag in mid-answer that is never closed was part of the
    answer: it is given again as such, at the end.

    A model that goes on in another's name, as after the end of its turn, has ended its answer.
    """

    def __init__(self) -> None:
        self._held = ""  # may be the beginning of a tag
        self._last = ""  # the character before it
        self._inside = False
        self._foreign = False  # in a turn of the user or the system
        self._over = False
        self._seen = False  # any tag
        self._answered = False
        self._doubtful: str | None = None  # all since an opening tag in mid-answer
        self._by_words = False  # the thoughts were opened by words, and words end them

    @property
    def inside(self) -> bool:
        """Whether the last that came was a thought."""
        return self._inside

    def feed(self, text: str) -> list[Piece]:
        """What is certain after this much more text."""
        self._held += text
        pieces: list[Piece] = []
        while self._step(pieces):
            pass
        return pieces

    def finish(self) -> list[Piece]:
        """What is left when no more text will come."""
        pieces: list[Piece] = []
        while self._step(pieces):
            pass
        self._say(_CUT.sub("", self._held), pieces)
        self._held = ""
        if self._doubtful is not None:
            pieces.append(Piece(self._doubtful))
        return pieces

    def _step(self, pieces: list[Piece]) -> bool:
        """Go on to behind the next tag; whether there was one."""
        found = _TOKEN.search(self._held, partial=True)
        if found is None or (found.partial and len(found[0]) > _LONGEST):
            ready, self._held = self._held, ""
            self._say(ready, pieces)
            return False
        self._say(self._held[: found.start()], pieces)
        if found.partial:
            self._held = self._held[found.start() :]
            return False
        self._held = self._held[found.end() :]
        meet = _QUOTED if self._last == "`" else _MET[str(found.lastgroup)]
        meet(self, found, pieces)
        return True

    # -- one kind of token each ------------------------------------------------------------------

    def _quote(self, found: regex.Match[str], pieces: list[Piece]) -> None:
        self._say(found[0], pieces)

    def _open(self, found: regex.Match[str], pieces: list[Piece]) -> None:
        if self._inside:
            self._quote(found, pieces)
            return
        self._seen = self._inside = True
        self._doubtful = found[0] if self._answered else None

    def _close(self, found: regex.Match[str], pieces: list[Piece]) -> None:
        if self._inside:
            self._inside, self._doubtful = False, None
        elif self._seen:
            self._quote(found, pieces)
        else:
            self._seen, self._answered = True, False
            pieces.append(Piece("", retracts=True))

    def _open_by_words(self, found: regex.Match[str], pieces: list[Piece]) -> None:
        if self._last:
            self._quote(found, pieces)
            return
        self._seen = self._inside = self._by_words = True

    def _close_by_words(self, found: regex.Match[str], pieces: list[Piece]) -> None:
        if not self._by_words:
            self._quote(found, pieces)
            return
        self._inside = self._by_words = False

    def _channel(self, found: regex.Match[str], _: list[Piece]) -> None:
        self._seen = True
        self._inside = found["channel"] != "final"
        self._foreign = False

    def _turn(self, found: regex.Match[str], _: list[Piece]) -> None:
        self._inside = False
        self._foreign = found["role"].lower() not in _MODEL
        if self._foreign and self._answered:
            self._over = True

    def _end(self, _: regex.Match[str], __: list[Piece]) -> None:
        if self._inside or self._foreign:
            self._inside = self._foreign = False
        elif self._answered:
            self._over = True

    def _drop(self, _: regex.Match[str], __: list[Piece]) -> None:
        """What says nothing."""

    # -- what is said ----------------------------------------------------------------------------

    def _say(self, text: str, pieces: list[Piece]) -> None:
        if not self._inside and not self._answered:
            text = text.lstrip()
        if self._over or self._foreign or not text:
            return
        self._last = text[-1]
        if not self._inside:
            self._answered = True
        elif self._doubtful is not None:
            self._doubtful += text
        pieces.append(Piece(text, reasoning=self._inside))


_Meet = Callable[[ReasoningFilter, regex.Match[str], list[Piece]], None]
_QUOTED: _Meet = ReasoningFilter._quote
# By the group of `_TOKEN`, what a token does.
_MET: dict[str, _Meet] = {
    "open": ReasoningFilter._open,
    "close": ReasoningFilter._close,
    "channel": ReasoningFilter._channel,
    "role": ReasoningFilter._turn,
    "end": ReasoningFilter._end,
    "noise": ReasoningFilter._drop,
    "thinks": ReasoningFilter._open_by_words,
    "answers": ReasoningFilter._close_by_words,
}
