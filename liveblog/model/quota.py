"""How much may be uploaded: by one person (or token) on a day, and by the whole house.

What is used is counted in the database, so that it holds over processes and restarts. A day is
one of UTC; what was thrown away the same day still counts for it.
"""

from datetime import date
from typing import NamedTuple

from msgspec import Struct

from liveblog.errors import QuotaReached

GIB = 1024**3


class Quota(Struct, frozen=True):
    """The bounds: uploads and their bytes of one person on one day; the bytes of all files of
    all media, originals and renditions."""

    day_uploads: int = 2000
    day_bytes: int = 10 * GIB
    house_bytes: int = 100 * GIB


class UploadDay(Struct, frozen=True):
    """What somebody has uploaded on one day: how many, and their bytes."""

    by: str
    date: date
    uploads: int
    bytes: int


class Used(NamedTuple):
    """What is used: uploads and bytes of somebody on one day, bytes of the house."""

    uploads: int = 0
    bytes: int = 0
    house: int = 0

    def plus(self, size: int) -> "Used":
        """With one more upload of so many bytes."""
        return Used(self.uploads + 1, self.bytes + size, self.house + size)


def require_room(quota: Quota, used: Used) -> None:
    """Refuse an upload for which there is no room; ``used`` counts it already.

    :raises QuotaReached: it says which bound it is and what to do.
    """
    told = None
    if used.uploads > quota.day_uploads:
        told = f"{quota.day_uploads:,} uploads of one person a day (LIVEBLOG_MEDIA_DAY_UPLOADS)"
    elif used.bytes > quota.day_bytes:
        told = f"{size_of(quota.day_bytes)} of one person a day (LIVEBLOG_MEDIA_DAY_BYTES)"
    if told is not None:
        raise QuotaReached(
            f"No more than {told} are taken. Upload it after 00:00 UTC, or ask whoever runs this"
            " server for more."
        )
    if used.house > quota.house_bytes:
        raise QuotaReached(
            f"The room for media is used up: {size_of(quota.house_bytes)}"
            " (LIVEBLOG_MEDIA_HOUSE_BYTES). Delete in the library what no entry uses, or ask"
            " whoever runs this server for more."
        )


def size_of(count: int) -> str:
    """So many bytes for people, in GiB, or in bytes below a tenth of one."""
    return f"{count / GIB:,.1f} GiB" if count * 10 >= GIB else f"{count:,} bytes"
