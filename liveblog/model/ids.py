"""Ids that sort by the time they were made (the layout of ULID: 48 bits of milliseconds,
80 random bits, Crockford's base 32), in lower case because they stand in addresses."""

import secrets
from datetime import datetime

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(now: datetime) -> str:
    """26 characters; ``now`` is timezone-aware."""
    number = (int(now.timestamp() * 1000) << 80) | secrets.randbits(80)
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -5, -5))
