"""Position: a place in one blog's log, and the cursor that clients carry for it.

``seq`` alone is not enough. Restore a database from last night's backup and the log
says 57 again where a reader already saw 60: the reader would wait for 61 and lose the
new 58, 59 and 60 for ever. The ``epoch`` names the history the number belongs to, so
that a number of another history is recognised and the reader is told to start afresh.
"""

import re
import secrets

from msgspec import Struct

from liveblog.errors import BadRequest
from liveblog.types import Cursor, Epoch, Seq

_CURSOR = re.compile(r"([a-z0-9]{4,32}):(0|[1-9][0-9]{0,14})", re.ASCII)
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


class Position(Struct, frozen=True):
    """A place in a blog's log: everything up to and with ``seq`` of this ``epoch``."""

    epoch: Epoch
    seq: Seq

    @property
    def cursor(self) -> Cursor:
        """The position as clients carry it."""
        return Cursor(f"{self.epoch}:{self.seq}")


def parse_cursor(text: str) -> Position:
    """The position a client sent.

    :raises BadRequest: when the text is no cursor of ours.
    """
    match = _CURSOR.fullmatch(text)
    if match is None:
        raise BadRequest("The cursor is malformed: give back the one you were given, unchanged.")
    return Position(Epoch(match[1]), Seq(int(match[2])))


def new_epoch() -> Epoch:
    """A random word for a new history: 10 letters, 50 bits."""
    return Epoch("".join(secrets.choice(_LETTERS) for _ in range(10)))
