"""An entrance in a world of its own (``tests/kit.py``): a real hub over a real store, whose
hints arrive when the test says so."""

from collections import Counter as Tally
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liveblog.actions import OPERATOR, Ask
from liveblog.fanout.topic import Topic
from liveblog.web.admission import Counter, Limits
from liveblog.web.entrance import Entrance, Found, Head, Wait
from liveblog.wire.requests import NewBlog, NewEntry, PatchBlog
from tests.kit import SLUG, Process, World

BLOG = f"/api/v1/blogs/{SLUG}"
LIVE, STREAM, CHANGES = f"{BLOG}/live", f"{BLOG}/stream", f"{BLOG}/changes"
ADDRESS = "192.0.2.1"
MINE = "https://mine.example"
Headers = Mapping[str, str | None]
"""By their names; None for one that is left out."""
NONE: Headers = {}
UPGRADE: Headers = {
    "connection": "keep-alive, Upgrade",
    "upgrade": "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@dataclass
class Door:
    """An entrance of a process whose blog has two entries; three readers have room, two of
    them from one address."""

    world: World
    entrance: Entrance
    counter: Counter

    @property
    def process(self) -> Process:
        """The only one."""
        return self.world.processes[0]

    @property
    def topic(self) -> Topic:
        """That of the blog, which is open."""
        return self.process.hub.topics[0].topic

    def ask(self, target: str, headers: Headers = NONE, address: str = ADDRESS) -> Found | None:
        """Ask as the lane does; ``$EPOCH`` is the blog's."""
        epoch = str(self.topic.position.epoch)
        named = {
            name.encode(): text.replace("$EPOCH", epoch).encode("latin-1")
            for name, text in headers.items()
            if text is not None
        }
        return self.entrance.ask(Head(target.replace("$EPOCH", epoch).encode(), named, address))

    def socket(self, target: str = LIVE, headers: Headers = NONE) -> Found | None:
        """Ask for a WebSocket, with these headers instead of the usual ones."""
        return self.ask(target, {**UPGRADE, **headers})

    def wait(self) -> Wait:
        """Ask for a poll that has to wait."""
        found = self.ask(f"{CHANGES}?after=$EPOCH:2&wait=9", {"origin": MINE})
        assert isinstance(found, Wait)
        return found

    async def open(self) -> None:
        """Have the topic opened, as the first reader does at the endpoint."""
        async with self.process.hub.using(SLUG, None):
            pass

    async def publish(self) -> None:
        """An entry, and its hint."""
        await self.process.actions.entries.create(SLUG, NewEntry(body="Words"), Ask(OPERATOR))
        self.process.broker.deliver_all()

    async def show_to(self, visibility: Any) -> None:
        """Change who may read the blog, and let the hint arrive."""
        blog = await self.world.store.read(lambda tx: tx.blog(SLUG))
        assert blog is not None
        ask = Ask(OPERATOR, match=blog.revision)
        await self.process.actions.blogs.revise(SLUG, PatchBlog(visibility=visibility), ask)
        self.process.broker.deliver_all()

    def inside(self) -> int:
        """How many readers are counted."""
        assert self.counter._all == sum(self.counter._by_address.values())
        return self.counter._all

    def let_out(self) -> int:
        """Count everybody out; how many they were."""
        inside = self.inside()
        for address in list(Tally(self.counter._by_address).elements()):
            self.counter.leave(address)
        return inside


@asynccontextmanager
async def open_door(folder: Path) -> AsyncIterator[Door]:
    """A door whose blog was read already."""
    world = await World.open(folder, processes=1)
    try:
        process = world.processes[0]
        blog = NewBlog(slug=SLUG, title="War", visibility="public")
        await process.actions.create_blog(blog)
        counter = Counter(Limits(readers=3, per_address=2))
        found = Door(world, Entrance(process.hub, counter, (MINE,), "/below"), counter)
        await found.open()
        await found.publish()
        await found.publish()
        yield found
    finally:
        await world.close()


def word(found: Found | None) -> str | int:
    """An answer in a word: the status of what ends the connection, or what it is."""
    if found is None:
        return "endpoint"
    return int(found.split()[1]) if isinstance(found, bytes) else type(found).__name__.lower()
