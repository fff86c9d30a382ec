"""The one door for writing.

=========== ==============================================================
turn        one transaction of one blog: seqs, pins, days, head, log
door        idempotency, the transaction, the hints after the commit
entries     publish, revise, retract, restore, schedule
publishing  how an entry becomes public, and is changed when it is
bulk        one action on many entries
desk        what editors tell each other, previews
blogs       blogs, days and their roll-up, epochs
media       uploads; ``showing``: media in an entry
embeds      asking for the card of a page on another site
push        who wants push messages
tokens      who may come in: services and scripts
sessions    who has signed in
people      who works here, in which role
invitations how they come in
passwords   argon2, in a thread
beside      threads, a few for each kind of work
=========== ==============================================================
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from msgspec import Struct

from liveblog.broker.contract import Broker, Listener
from liveblog.broker.redis import RedisBroker
from liveblog.config import Settings
from liveblog.model.permissions import Principal, Scope, Token
from liveblog.store import open_store
from liveblog.store.contract import Store
from liveblog.types import Slug
from liveblog.wire.desk import DeskViews
from liveblog.wire.links import Links
from liveblog.wire.requests import NewBlog

from .blogs import BlogActions
from .bulk import BulkActions
from .desk import DeskActions
from .door import Ask, Clock, Door, Outcome, utc_now
from .entries import EntryActions
from .invitations import InvitationActions
from .passwords import Passwords
from .people import PeopleActions
from .sessions import SessionActions
from .tokens import TokenActions

__all__ = ["Actions", "Ask", "Outcome", "open_actions"]

OPERATOR = Principal("operator", "operator", "admin")
"""Whoever runs commands on the machine itself."""


class Times(Struct, frozen=True):
    """How long something holds: a session that is not used (hours), and the choice to undo
    publishing (seconds)."""

    session_hours: int = 12
    undo_seconds: int = 0

    @classmethod
    def of(cls, settings: Settings) -> "Times":
        """Those that are set."""
        return cls(settings.session_hours, settings.undo_seconds)


USUAL = Times()


class Actions:
    """All writing. Entries, blogs, tokens, sessions and people each have their own part."""

    def __init__(
        self,
        store: Store,
        broker: Broker,
        links: Links,
        clock: Clock = utc_now,
        destinations: Sequence[str] = (),
        times: Times = USUAL,
    ) -> None:
        passwords = Passwords()
        idle = timedelta(hours=times.session_hours)
        self.door = Door(store, broker, links, clock, destinations)
        self.entries = EntryActions(self.door, timedelta(seconds=times.undo_seconds))
        self.blogs = BlogActions(self.door)
        views = DeskViews(links, times.undo_seconds)
        self.desk = DeskActions(self.door, views)
        self.bulk = BulkActions(self.door, self.entries, views)
        self.tokens = TokenActions(store, clock)
        self.sessions = SessionActions(store, clock, passwords, idle)
        self.people = PeopleActions(store, clock, passwords)
        self.invitations = InvitationActions(store, clock, passwords, self.sessions)

    # What the workers and the command line call.

    async def create_blog(self, new: NewBlog, who: Principal = OPERATOR) -> Outcome:
        """Make a blog."""
        return await self.blogs.create(new, Ask(who))

    async def create_token(self, name: str, scope: Scope, slug: Slug | None = None) -> str:
        """Make a token; its text, this once."""
        return await self.tokens.create(name, scope, slug)

    async def list_tokens(self) -> list[Token]:
        """All tokens."""
        return await self.tokens.all()

    async def revoke_token(self, token_id: str) -> Token:
        """End a token."""
        return await self.tokens.revoke(token_id)

    async def renew_epoch(self, slug: Slug | None = None) -> list[Slug]:
        """New epochs after a restore."""
        return await self.blogs.renew_epoch(slug)

    async def publish_due(self, now: datetime, limit: int = 100) -> int:
        """Publish what is due."""
        return await self.entries.publish_due(now, limit)

    async def next_due(self, now: datetime) -> datetime | None:
        """When the next scheduled entry is to be published, after ``now``."""
        return await self.door.store.read(lambda tx: tx.next_due(now))

    async def freeze_days(self, now: datetime) -> int:
        """Freeze days that are over."""
        return await self.blogs.freeze_days(now)

    async def purge_replays(self, before: datetime) -> int:
        """Forget old idempotency keys."""
        return await self.door.store.write(lambda tx: tx.purge_replays(before))

    async def purge_people(self, now: datetime) -> int:
        """Forget sessions and invitations that have expired."""
        return await self.door.store.write(lambda tx: tx.purge_people(now))


@asynccontextmanager
async def open_actions(
    settings: Settings, listener: Listener | None = None
) -> AsyncIterator[Actions]:
    """Actions with a store and a broker of their own, for workers and commands.

    :param listener: hears what comes on the channels that the broker is subscribed to.
    :raises ConfigError: the store is not there or its schema is not current.
    """
    store = await open_store(settings.store_url)
    broker = RedisBroker(settings.broker_url, prefix=settings.redis_prefix)
    if listener is not None:
        broker.set_listener(listener)
    try:
        await broker.start()
        links = Links(settings.links_base)
        yield Actions(store, broker, links, utc_now, settings.destinations, Times.of(settings))
    finally:
        await broker.stop()
        await store.close()
