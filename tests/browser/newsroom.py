"""A newsroom in a browser: people at the desk of one blog, each in a context of their own.

The server, its database and Valkey are real; people are signed in by their cookie.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from liveblog.actions import Ask
from liveblog.broker.redis import RedisBroker
from liveblog.media import Confined
from liveblog.media.disk import Disk
from liveblog.model.entry import Entry
from liveblog.model.people import Person, Role
from liveblog.model.permissions import Principal
from liveblog.wire.requests import NewEntry, PatchEntry
from tests import people
from tests.browser.conftest import keep
from tests.kit import SLUG
from tests.served import Served, serving
from tests.valkey import ValkeyProcess
from workers.media import Maker

Scheme = Literal["light", "dark"]


class Colleague:
    """Somebody at the desk: an open page, and what may be asked of it."""

    def __init__(
        self, newsroom: "Newsroom", who: Person, context: BrowserContext, secret: str
    ) -> None:
        self.newsroom = newsroom
        self.who = who
        self.context = context
        self.secret = secret
        self.complaints: list[str] = []
        self.page: Page

    async def open(self, place: str = "") -> Page:
        """Go to a place of the desk and wait until the wire holds."""
        await self.page.goto(f"{self.newsroom.served.url}/studio/{SLUG}#/{place}")
        await expect(self.page.locator('[data-wire="live"]')).to_be_attached()
        return self.page

    def row(self, entry: Entry) -> Locator:
        """An entry in a list."""
        return self.page.locator(f'article[data-entry="{entry.id}"]')

    async def edit(self, entry: Entry) -> Locator:
        """Open an entry for editing; the form."""
        await self.row(entry).get_by_role("button", name="Edit", exact=True).click()
        form = self.row(entry).get_by_role("form", name="Edit this entry")
        await expect(form).to_be_visible()
        return form

    def says(self, words: str) -> Locator:
        """What the desk says of what was done."""
        return self.page.get_by_role("status").filter(has_text=words)


class Newsroom:
    """One blog with its desk."""

    def __init__(self, served: Served, browser: Browser, folder: Path) -> None:
        self.served = served
        self.folder = folder
        self.browser = browser
        self._number = 0

    async def colleague(
        self,
        name: str,
        role: Role = "editor",
        *,
        width: int = 1280,
        scheme: Scheme = "light",
        place: str = "",
        password: str | None = None,
        **options: Any,
    ) -> Colleague:
        """Somebody who is signed in and has the desk open.

        :param options: of the browser's context.
        """
        who = await people.person(self.served.actions, role, SLUG, name=name, password=password)
        context = await self.browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, **options
        )
        secret = await people.session(self.served.actions, who)
        await people.enter(context, self.served.url, secret)
        one = Colleague(self, who, context, secret)
        one.page = await context.new_page()
        keep(one.page, one.complaints)
        await one.open(place)
        return one

    async def entry(self, by: Principal | None = None, **fields: Any) -> Entry:
        """An entry of somebody's, published unless it says otherwise."""
        self._number += 1
        fields = {"body": f"Words {self._number}"} | fields
        ask = Ask(by or await self.writer())
        outcome = await self.served.actions.entries.create(SLUG, NewEntry(**fields), ask)
        assert isinstance(outcome.value, Entry)
        return outcome.value

    async def change(self, entry: Entry, by: Colleague, **fields: Any) -> Entry:
        """Somebody else's change of an entry, from another window."""
        ask = Ask(await self.principal(by), match=(await self.now(entry)).revision)
        patch = PatchEntry(**fields)
        outcome = await self.served.actions.entries.revise(SLUG, entry.id, patch, ask)
        assert isinstance(outcome.value, Entry)
        return outcome.value

    async def retract(self, entry: Entry, by: Colleague, note: str | None = None) -> Entry:
        """Somebody else withdraws an entry."""
        ask = Ask(await self.principal(by), match=(await self.now(entry)).revision)
        outcome = await self.served.actions.entries.retract(SLUG, entry.id, note, ask)
        assert isinstance(outcome.value, Entry)
        return outcome.value

    async def now(self, entry: Entry) -> Entry:
        """The entry as the store has it."""
        blog = await self.served.store.inner.read(lambda tx: tx.blog(SLUG))
        assert blog is not None
        found = await self.served.store.inner.read(lambda tx: tx.entry(blog.id, entry.id))
        assert found is not None
        return found

    async def prepare(self) -> None:
        """What the worker does with pictures that came."""
        maker = Maker(Disk(self.folder / "media"), Confined(), 50_000_000)
        while await maker(self.served.actions, datetime.now(UTC)):
            pass

    async def writer(self) -> Principal:
        """A token's principal, for what was there before anybody came."""
        token = await self.served.token("write", name="Wire")
        who = await self.served.actions.tokens.principal(token)
        assert who is not None
        return who

    async def end_session(self, one: Colleague) -> None:
        """Sign somebody out behind their back."""
        await self.served.actions.sessions.sign_out(await self.principal(one))

    async def principal(self, one: Colleague) -> Principal:
        """The person as who asks."""
        who = await self.served.actions.sessions.principal(one.secret)
        assert who is not None
        return who


@asynccontextmanager
async def newsroom(
    folder: Path, valkey: ValkeyProcess, browser: Browser, *, undo_seconds: int = 0, **blog: Any
) -> AsyncIterator[Newsroom]:
    """A running newsroom with an empty blog, in which people publish at once."""
    broker = RedisBroker(valkey.url, probe_interval=0.1, deaf_after=1.0)
    async with serving(folder, "lane", broker=broker, undo_seconds=undo_seconds) as served:
        await served.blog(**blog)
        yield Newsroom(served, browser, folder)
