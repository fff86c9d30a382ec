"""Headers that several answers share: versions and caching."""

import re
from collections.abc import Mapping, Sequence

from liveblog.errors import BadRequest
from liveblog.model.blog import Visibility

NO_CACHE = "no-cache"
"""Kept, but asked again each time: what is withdrawn must not be served from a cache."""

PURGED = "public, max-age=0, must-revalidate, s-maxage=86400"
"""Kept for a day by caches that are told what is withdrawn, and by no other."""

_TAG = re.compile(r'(?:W/)?"r([0-9]{1,9})"', re.ASCII)


def version_tag(revision: int) -> str:
    """The ETag of a version that can be edited."""
    return f'"r{revision}"'


def matched_revision(headers: Mapping[str, str]) -> int | None:
    """The revision named in If-Match (weak tags accepted), or None without the header.

    :raises BadRequest: the header names no version of ours; ``*`` is not taken, because it
        would overwrite whatever a colleague wrote.
    """
    value = headers.get("if-match")
    if value is None:
        return None
    match = _TAG.fullmatch(value.strip())
    if match is None:
        raise BadRequest('If-Match takes one ETag as you were given it, like "r3".')
    return int(match[1])


def none_match(headers: Mapping[str, str], tag: str) -> bool:
    """Whether If-None-Match names this tag."""
    return tag_in(headers.get("if-none-match", "").encode("latin-1"), tag)


def tag_in(given: bytes, tag: str) -> bool:
    """Whether the value of an If-None-Match names this tag (weak comparison, RFC 9110 section
    8.8.3.2)."""
    tags = {part.strip().removeprefix("W/") for part in given.decode("latin-1").split(",")}
    return tag.removeprefix("W/") in tags or "*" in tags


def caching(visibility: Visibility, tags: Sequence[str] = ()) -> dict[str, str]:
    """How a document with entry text may be kept by others.

    One that everybody may read comes in several codings. Any other is nobody's but the
    reader's own, and another reader gets another answer.

    :param tags: those that the purge hook is told when the document changes. Shared caches
        may keep it then; browsers, which nobody can tell, ask again each time.
    """
    if visibility not in ("public", "unlisted"):
        return {"Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}
    if not tags:
        return {"Cache-Control": NO_CACHE, "Vary": "Accept-Encoding"}
    return {
        "Cache-Control": PURGED,
        "Vary": "Accept-Encoding",
        # The same for caches of different makers, who take them off again.
        "Surrogate-Key": " ".join(tags),
        "Cache-Tag": ",".join(tags),
    }
