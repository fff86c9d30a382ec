"""The desk: what those who write see of a blog, in every state, and what they tell each other."""

from collections.abc import Mapping
from datetime import datetime
from typing import get_args

from msgspec import Struct

from liveblog.model.entry import Byline, Entry, Kind, State
from liveblog.types import BlogId, Revision

STATES: tuple[State, ...] = get_args(State)

TIME_OF: Mapping[State, str] = {
    "draft": "updated_at",
    "submitted": "updated_at",
    "scheduled": "publish_at",
    "published": "published_at",
    "retracted": "retracted_at",
}
"""The time by which entries of a state are listed, as a field of the entry."""


class Wanted(Struct, frozen=True):
    """Which entries of a blog are asked for; what is None is not asked about.

    ``terms`` are of a query (liveblog/text/search.py): all of them must be found in the entry.
    ``own`` is the only one whose entries the asker may see, ``author`` the one they ask for.
    """

    states: tuple[State, ...] = STATES
    own: str | None = None
    author: str | None = None
    kind: Kind | None = None
    key: bool | None = None
    tag: str | None = None
    terms: tuple[str, ...] = ()


class Desk(Struct, frozen=True):
    """What the editors of a blog tell each other: the note for whoever takes over (by whom and
    when), and who is on duty. It has a version of its own and readers hear nothing of it."""

    blog_id: BlogId
    revision: Revision = Revision(1)
    hand_over: str = ""
    by: str = ""
    at: datetime | None = None
    duty: tuple[Byline, ...] = ()


def listed_at(entry: Entry) -> datetime:
    """The time by which the entry is listed at the desk."""
    found: datetime = getattr(entry, TIME_OF[entry.state]) or entry.created_at
    return found
