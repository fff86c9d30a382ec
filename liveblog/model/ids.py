"""Ids that sort by the time they were made (the layout of ULID: 48 bits of milliseconds,
80 random bits, Crockford's base 32), in lower case because they stand in addresses."""

import re
import secrets
from datetime import datetime

from liveblog.errors import NotFound
from liveblog.types import EntryId, Slug

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_ID = re.compile("[0-9a-z]{26}", re.ASCII)
_SLUG = re.compile("[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)


def new_id(now: datetime) -> str:
    """26 characters; ``now`` is timezone-aware."""
    number = (int(now.timestamp() * 1000) << 80) | secrets.randbits(80)
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -5, -5))


def is_id(text: str) -> bool:
    """Whether a text has the form of an id."""
    return _ID.fullmatch(text) is not None


def read_slug(text: str) -> Slug:
    """The slug in an address; what can be none never gets as far as the database.

    :raises NotFound: it is none.
    """
    if len(text) > 80 or not _SLUG.fullmatch(text):
        raise NotFound("There is no blog of this name.")
    return Slug(text)


def read_entry_id(text: str) -> EntryId:
    """The entry's id in an address.

    :raises NotFound: it is none.
    """
    if not is_id(text):
        raise NotFound("There is no entry of this id.")
    return EntryId(text)
