"""What changed between two versions of a text, word by word."""

import re
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

MOST_WORDS = 3000
"""Beyond it a comparison would take too long, and nobody reads it: all is replaced by all."""

_WORDS = re.compile(r"\S+\s*|\s+")


class Piece(NamedTuple):
    """Words that stayed, came or went."""

    kind: Literal["same", "added", "removed"]
    text: str


def word_diff(before: str, after: str) -> list[Piece]:
    """The pieces of both texts in order: without what was ``added`` they are ``before``, without
    what was ``removed`` they are ``after``."""
    old, new = _words(before), _words(after)
    if max(len(old), len(new)) > MOST_WORDS:
        return _pieces(before, after)
    found: list[Piece] = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            found.append(Piece("same", "".join(old[a:b])))
        else:
            found += _pieces("".join(old[a:b]), "".join(new[c:d]))
    return found


def _words(text: str) -> list[str]:
    return _WORDS.findall(text)


def _pieces(old: str, new: str) -> list[Piece]:
    removed = [Piece("removed", old)] if old else []
    return removed + ([Piece("added", new)] if new else [])
