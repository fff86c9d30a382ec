"""What changed between two versions of a text: paragraph by paragraph, and in these by word."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal, NamedTuple

MOST_PAIRS = 250_000
"""Words before times words after that are compared, about 500 by 500: a changed passage beyond
it is shown as removed and added whole. Such a comparison takes some 20 ms at worst."""

IN_ALL = 4 * MOST_PAIRS
"""So many in one comparison: what comes behind them is shown whole, too."""

_WORDS = re.compile(r"\S+[^\S\n]*|\s+")

Kind = Literal["same", "added", "removed"]


class _Effort:
    """What one comparison may still cost, in pairs of words or lines."""

    def __init__(self) -> None:
        self._left = IN_ALL

    def take(self, pairs: int) -> bool:
        """Whether so many are allowed; then they are spent."""
        allowed = pairs <= min(MOST_PAIRS, self._left)
        self._left -= pairs if allowed else 0
        return allowed


class Piece(NamedTuple):
    """Words that stayed, came or went."""

    kind: Kind
    text: str


def word_diff(before: str, after: str) -> list[Piece]:
    """The pieces of both texts in order: without what was ``added`` they are ``before``, without
    what was ``removed`` they are ``after``."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    found: list[Piece] = []
    effort = _Effort()
    for same, was, now in _blocks(old, new, effort):
        if same:
            found.append(Piece("same", "".join(now)))
        else:
            found += _by_word("".join(was), "".join(now), effort)
    return [
        Piece(kind, "".join(piece.text for piece in run))
        for kind, run in groupby(found, lambda piece: piece.kind)
    ]


def _by_word(before: str, after: str, effort: _Effort) -> Iterator[Piece]:
    for same, was, now in _blocks(_WORDS.findall(before), _WORDS.findall(after), effort):
        if same:
            yield Piece("same", "".join(now))
            continue
        if was:
            yield Piece("removed", "".join(was))
        if now:
            yield Piece("added", "".join(now))


def _blocks(
    old: list[str], new: list[str], effort: _Effort
) -> Iterator[tuple[bool, list[str], list[str]]]:
    """Runs of both, in order, and whether they are the same."""
    # Most edits are small: what both begin and end with needs no comparison.
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    a, b = old[start : len(old) - end], new[start : len(new) - end]
    if start:
        yield True, old[:start], new[:start]
    if not effort.take(len(a) * len(b)):
        yield False, a, b
    else:
        for kind, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
            yield kind == "equal", a[i:j], b[k:m]
    if end:
        yield True, old[len(old) - end :], new[len(new) - end :]


def _common(one: list[str], other: list[str]) -> int:
    """How many they have in common at the beginning."""
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
