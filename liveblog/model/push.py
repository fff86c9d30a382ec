"""Web push: who wants to be told of a blog's key developments, and of what they are to be told."""

from datetime import datetime
from typing import NamedTuple

from msgspec import Struct

from liveblog.model.change import Change
from liveblog.model.entry import Entry
from liveblog.types import BlogId, EntryId


class Subscription(Struct, frozen=True):
    """A browser that wants push messages of a blog.

    The id cannot be guessed: who has it may end the subscription. ``endpoint`` is where the
    browser's push service takes messages, ``p256dh`` and ``auth`` are the browser's own keys
    (base64url), for which they are encrypted. Who the reader is, nobody knows.
    """

    id: str
    blog_id: BlogId
    endpoint: str
    p256dh: str
    auth: str
    created_at: datetime


class Notice(Struct, frozen=True):
    """One subscription is told of one entry.

    It names the entry and never what it says. ``due_at`` is the time of the next attempt, None
    when there is nothing to say; ``told`` names what was said last, None before the first time.
    A notice stays for a while after that, so that whoever was told of an entry, and nobody else,
    is told when it is corrected or withdrawn.
    """

    subscription_id: str
    entry_id: EntryId
    at: datetime
    due_at: datetime | None
    attempts: int = 0
    claimed_until: datetime | None = None
    told: str | None = None


class DueNotice(NamedTuple):
    """A notice that was claimed, and where it goes."""

    notice: Notice
    to: Subscription


def may_notify(change: Change) -> bool:
    """Whether readers may have to be told: a key development, or what may have been told of."""
    entry = change.value
    return isinstance(entry, Entry) and (entry.key or change.type != "entry.published")
