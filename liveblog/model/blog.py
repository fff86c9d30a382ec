"""A blog: one live page, its head and the changes of its own data."""

from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from liveblog.model.position import Position
from liveblog.types import BlogId, EntryId, Epoch, Revision, Seq, Slug

Status = Literal["upcoming", "live", "paused", "closed"]
Visibility = Literal["draft", "unlisted", "public", "private"]
VISIBILITIES: tuple[Visibility, ...] = ("draft", "unlisted", "public", "private")
Direction = Literal["ltr", "rtl", "auto"]
_LEFTWARDS = frozenset((
    "apc", "ar", "arc", "bal", "bgn", "ckb", "dv", "fa", "he", "ks", "lrc", "mzn", "nqo", "ps",
    "rhg", "sd", "sdh", "skr", "syr", "trw", "ug", "ur", "yi",
))  # fmt: skip
"""Languages usually written from right to left (CLDR's ``characterOrder``)."""
_SCRIPTS = frozenset(("adlm", "arab", "hebr", "nkoo", "rohg", "syrc", "thaa"))


def direction_of(lang: str) -> Direction:
    """Which way a language runs, by its BCP 47 tag; a script in the tag decides: ``az-Arab``."""
    first, *others = lang.lower().split("-")
    script = next((part for part in others if len(part) == 4 and part.isalpha()), None)
    leftwards = first in _LEFTWARDS if script is None else script in _SCRIPTS
    return "rtl" if leftwards else "ltr"


class Blog(Struct, frozen=True):
    """One live page as the store keeps it.

    ``head`` is the seq of its newest change, ``seq`` that of the newest change of the blog's
    own data (0: none since it was made); ``count`` is how many entries were ever published,
    so that each has an ordinal that decides its page; ``latest_at`` is the latest time of
    publication that the server itself gave out.
    """

    id: BlogId
    slug: Slug
    title: str
    epoch: Epoch
    created_at: datetime
    updated_at: datetime
    head: Seq = Seq(0)
    seq: Seq = Seq(0)
    revision: Revision = Revision(1)
    headline: str = ""
    standfirst: str = ""
    status: Status = "live"
    visibility: Visibility = "draft"
    lang: str = "en"
    dir: Direction = "ltr"
    time_zone: str = "UTC"
    count: int = 0
    latest_at: datetime | None = None
    pinned: EntryId | None = None
    demo: bool = False

    @property
    def position(self) -> Position:
        """The head of its log."""
        return Position(self.epoch, self.head)

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the event; every date and day of the blog is meant in it."""
        return ZoneInfo(self.time_zone)
