"""A newsroom over a store, without a server: those who write, their desk, and a clock that goes
only when the test says so."""

from datetime import UTC, datetime, timedelta
from typing import Any

from liveblog.actions import Actions, Ask, Times
from liveblog.actions.door import SCHEDULED
from liveblog.model.blog import Status
from liveblog.model.desk import Wanted
from liveblog.model.entry import Entry
from liveblog.model.permissions import Principal
from liveblog.queries import Queries
from liveblog.queries.desk import DeskQueries
from liveblog.store.contract import Store
from liveblog.text.search import terms
from liveblog.types import Slug
from liveblog.wire.desk import DeskEntry, DeskViews
from liveblog.wire.links import Links
from liveblog.wire.requests import NewBlog, NewEntry, PatchBlog, PatchEntry
from tests.kit import FlightBroker

SLUG = Slug("final")
ALL = Wanted()
UNDO = 5
EDITOR = Principal("editor", "Eve", "write")
WRITER = Principal("writer", "Wim", "submit")
PERSON = Principal("person", "Pia", "write", person=True)


class Newsroom:
    """A blog, and those who work on it; what a person publishes can be undone for five seconds."""

    def __init__(self, store: Store, undo: int = UNDO) -> None:
        self.store = store
        self.broker = FlightBroker()
        self.now = datetime(2026, 5, 1, 12, tzinfo=UTC)
        links = Links("")
        self.actions = Actions(
            store, self.broker, links, self.clock, times=Times(undo_seconds=undo)
        )
        self.desk = DeskQueries(store, DeskViews(links, undo))
        self.read = Queries(store, links)

    @classmethod
    async def open(cls, store: Store, undo: int = UNDO) -> "Newsroom":
        """With a public blog that has no entries."""
        room = cls(store, undo)
        await room.actions.create_blog(NewBlog(slug=SLUG, title="Final", visibility="public"))
        return room

    def clock(self) -> datetime:
        """A moment later each time it is asked, as a real one."""
        self.now += timedelta(microseconds=1)
        return self.now

    async def pass_by(self, seconds: float) -> int:
        """Let time pass, and what is due be published; how much that was."""
        self.now += timedelta(seconds=seconds)
        return await self.actions.publish_due(self.now)

    def woken(self) -> int:
        """How often the scheduler was."""
        return [channel for channel, _ in self.broker.flying].count(SCHEDULED)

    def soon(self, seconds: float = 60) -> datetime:
        """A time to come."""
        return self.now + timedelta(seconds=seconds)

    async def make(
        self, body: str, who: Principal = EDITOR, *, repeat: str | None = None, **fields: Any
    ) -> Entry:
        """An entry.

        :param repeat: the Idempotency-Key.
        """
        new, ask = NewEntry(body=body, **fields), Ask(who, repeat, "digest")
        made = (await self.actions.entries.create(SLUG, new, ask)).value
        assert isinstance(made, Entry)
        return made

    async def change(self, entry: Entry, who: Principal = EDITOR, **fields: Any) -> Entry:
        """The entry after a PATCH."""
        ask = Ask(who, match=entry.revision)
        patch = PatchEntry(**fields)
        value = (await self.actions.entries.revise(SLUG, entry.id, patch, ask)).value
        assert isinstance(value, Entry)
        return value

    async def retract(self, entry: Entry) -> None:
        """Withdraw it."""
        ask = Ask(EDITOR, match=entry.revision)
        await self.actions.entries.retract(SLUG, entry.id, None, ask)

    async def set_status(self, status: Status) -> None:
        """Close the blog, or open it."""
        blog = await self.read.blog(SLUG, None)
        ask = Ask(EDITOR, match=blog.revision)
        await self.actions.blogs.revise(SLUG, PatchBlog(status=status), ask)

    async def again(self, entry: Entry) -> Entry:
        """The entry as it is kept now."""
        found = await self.store.read(lambda tx: tx.entry(entry.blog_id, entry.id))
        assert found is not None
        return found

    async def bodies(self, wanted: Wanted = ALL, who: Principal = EDITOR) -> list[str]:
        """What is listed at the desk, the newest first."""
        return [entry.body for entry in await self.listed(wanted, who)]

    async def listed(self, wanted: Wanted = ALL, who: Principal = EDITOR) -> list[DeskEntry]:
        """Everything that is listed, page by page."""
        found: list[DeskEntry] = []
        before: str | None = None
        while True:
            page = await self.desk.entries(SLUG, who, wanted, before, 3)
            found += page.entries
            before = page.next
            if before is None:
                return found

    async def found(self, query: str, who: Principal = EDITOR, **wanted: Any) -> list[str]:
        """What a search finds, the newest first."""
        return await self.bodies(Wanted(terms=tuple(terms(query)), **wanted), who)

    async def shown(self) -> list[str]:
        """What readers are shown, the newest first."""
        page = await self.read.entries(SLUG, None, limit=100)
        return [getattr(entry, "body", "†") for entry in page.entries]

    async def head(self) -> int:
        """The number of the blog's newest change."""
        return (await self.read.blog(SLUG, None)).seq or 0
