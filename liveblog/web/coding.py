"""Content codings: which one a client takes best (RFC 9110, section 12.5.3), and their bytes."""

import gzip
from functools import lru_cache
from typing import Literal

import brotli

Coding = Literal["br", "gzip", "identity"]

CODINGS: tuple[Coding, ...] = ("br", "gzip", "identity")
"""What we have, the best first."""

WORTH_IT = 1000
"""Smaller bodies fit into one packet anyway."""

_ALIASES = {"x-gzip": "gzip"}


@lru_cache(maxsize=256)
def preferred(accept: bytes) -> tuple[Coding, ...]:
    """The codings a client accepts, the one to be sent first.

    What it likes best wins; where it likes several alike, the one that makes fewer bytes; plain
    bytes are the last choice unless it names them. One that accepts nothing we have gets them
    all the same: they are of more use than a refusal.

    :param accept: the value of ``Accept-Encoding``; empty when there is none.
    """
    liked: dict[str, float] = {}
    for part in accept.decode("latin-1").lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        if name:
            liked[_ALIASES.get(name, name)] = _weight(parameters)
    others = liked.get("*")
    found: list[tuple[float, Coding]] = []
    for coding in CODINGS:
        weight = liked.get(coding, others)
        if coding == "identity" and coding not in liked:
            weight = None if others == 0 else 1e-9
        if weight:
            found.append((weight, coding))
    found.sort(key=lambda pair: -pair[0])
    return tuple(coding for _, coding in found) or ("identity",)


def _weight(parameters: list[str]) -> float:
    """The ``q`` of one coding; 0 refuses it, and so does one that cannot be read."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(1.0, max(0.0, float(value)))
            except ValueError:
                return 0.0
    return 1.0


def compressed(body: bytes, coding: Coding) -> bytes:
    """The body in this coding. The levels are those at which a page takes a millisecond or
    two: it is done once a change, in the event loop."""
    if coding == "br":
        data: bytes = brotli.compress(body, quality=5)
        return data
    if coding == "gzip":
        return gzip.compress(body, 6, mtime=0)
    return body
