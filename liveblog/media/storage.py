"""What a storage promises: whole files under names, put and got in one piece.

Names are ``{medium}/original`` and ``{medium}/{file}``; nobody outside chooses any part of one.
"""

import re
from typing import Protocol

from liveblog.errors import StorageTrouble

CHECK = "0" * 26
"""The medium that ``check`` makes and takes away; no other is so old."""

TOLD = 300
"""Characters of what a storage says of itself."""

_NAME = re.compile("[0-9a-z]{26}/[0-9a-z]+([.][a-z]+)?", re.ASCII)


class Storage(Protocol):
    """A place for files. A file is there whole or not at all, and does not change."""

    async def put(self, name: str, content: bytes) -> None:
        """Keep a file; one of the same name is replaced. When this has returned, it stays.

        :raises StorageTrouble: it is full or cannot be reached.
        """

    async def get(self, name: str) -> bytes | None:
        """A file; None when there is none.

        :raises StorageTrouble: it cannot be reached.
        """

    async def delete(self, medium: str) -> None:
        """Forget every file of a medium; again, when they are gone.

        :raises StorageTrouble: it cannot be reached.
        """

    async def check(self) -> str:
        """Put, get and delete something; where that was, in words.

        :raises StorageTrouble: one of them cannot be done; the sentence says what to look at.
        """


def original_name(medium: str) -> str:
    """The name of what was uploaded."""
    return f"{medium}/original"


def in_full(error: StorageTrouble) -> str:
    """What went wrong, for the operator: with what the storage itself said, in one line."""
    cause = " ".join(str(error.__cause__ or "").split())[:TOLD]
    return f"{error} ({cause})" if cause else str(error)


def sound(name: str) -> str:
    """The name, if it is one of ours.

    :raises ValueError: it is none: a program that asks for it is wrong.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a file here")
    return name
