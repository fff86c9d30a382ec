"""Receipts: to how many readers a version of an entry was written, and how soon."""

from typing import NamedTuple

from msgspec import Struct

from liveblog.types import EntryId, Revision


class Receipt(Struct, frozen=True):
    """What one process wrote: this version to so many readers, the last one ``ms``
    milliseconds after the change.

    ``process`` is a random word; that it is part of the key makes it safe to say again.
    """

    entry_id: EntryId
    revision: Revision
    process: str
    readers: int
    ms: int


class Received(NamedTuple):
    """The receipts of all processes together: their sum, and the time of the slowest."""

    revision: Revision
    readers: int
    ms: int
