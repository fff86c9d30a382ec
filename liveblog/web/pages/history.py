"""The history of an entry as a page shows it: what changed in each version, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from liveblog.model.entry import Edit
from liveblog.text import Piece, word_diff

if TYPE_CHECKING:
    from liveblog.queries import RevisionView

SHOWN = 50
"""Versions on the page, the newest; the API has all."""

AROUND = 20
"""Words that are shown before and after a change."""


class Version(NamedTuple):
    """One public version. ``edit`` is the mark that it left itself; ``changed`` is false where
    only something else than words did, a picture, say."""

    at: datetime
    first: bool
    edit: Edit | None
    withheld: bool
    pieces: list[Piece]
    changed: bool


def versions_of(revisions: Sequence[RevisionView]) -> list[Version]:
    """The versions, the newest first.

    :param revisions: the oldest first. What is withheld is compared with nothing.
    """
    first = max(0, len(revisions) - SHOWN)
    before = [None, *revisions][first:]
    return [_version(one, old) for one, old in zip(revisions[first:], before, strict=False)][::-1]


def _version(one: RevisionView, before: RevisionView | None) -> Version:
    pieces, changed = [], True
    if not one.withheld and (before is None or before.withheld):
        pieces = [Piece("same", _words(one))]
    elif before is not None and not one.withheld:
        pieces = word_diff(_words(before), _words(one))
        changed = any(piece.kind != "same" for piece in pieces)
        pieces = shortened(pieces)
    # The mark of a lesser edit does not replace a standing one, which is older.
    edit = one.edit if one.edit and one.edit.at == one.at else None
    return Version(one.at, before is None, edit, one.withheld, pieces, changed)


def shortened(pieces: list[Piece]) -> list[Piece]:
    """The pieces; of what stayed the same only what stands near a change."""
    last = len(pieces) - 1
    return [
        _shortened(piece, n > 0, n < last) if piece.kind == "same" else piece
        for n, piece in enumerate(pieces)
    ]


def _shortened(piece: Piece, after: bool, before: bool) -> Piece:
    """
    :param after: a change stands before it; ``before``: one follows.
    """
    words = piece.text.split(" ")
    if len(words) <= 3 * AROUND:
        return piece
    head = " ".join(words[:AROUND]) if after else ""
    tail = " ".join(words[-AROUND:]) if before else ""
    return Piece("same", f"{head} … {tail}")


def _words(one: RevisionView) -> str:
    return "\n".join(text for text in (one.headline, one.text) if text)
