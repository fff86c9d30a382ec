"""A newsroom that tells browsers. Time is handed in, and nobody sleeps."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

from liveblog.actions import Actions, Ask
from liveblog.actions.push import PushActions, Wanted
from liveblog.model.entry import Entry
from liveblog.model.push import Subscription
from liveblog.push import PushServices, Vapid
from liveblog.push.encryption import encode64
from liveblog.store.contract import Store
from liveblog.types import Slug
from liveblog.wire.links import Links
from liveblog.wire.requests import NewEntry, PatchEntry
from tests.kit import EDITOR, SLUG, FlightBroker
from tests.push import Browser, Pushed, PushServer
from workers.push import Pusher

BASE = "https://n.example/live"
NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
KEY = encode64(bytes(31) + b"\x07")


class Desk:
    """A newsroom with a clock, a push service, browsers, and a worker that works when told to."""

    def __init__(self, store: Store, service: PushServer) -> None:
        self.store = store
        self.service = service
        self.now = NOON
        self.actions = Actions(
            store, FlightBroker(), Links(BASE), clock=lambda: self.now, destinations=("push",)
        )
        self.readers = PushActions(store, lambda: self.now, most=5)
        self.services = self.connect(20)
        self.browsers: dict[str, Browser] = {}
        self.read_until = 0

    def connect(self, timeout: float) -> PushServices:
        return PushServices(
            Vapid(KEY, "mailto:a@n.example"),
            allowed=lambda address: address in ("127.0.0.1", "::1"),
            trust=self.service.trust,
            timeout=timeout,
        )

    async def subscribe(
        self, path: str = "/1", slug: Slug = SLUG, replaces: str = ""
    ) -> Subscription:
        browser = self.browsers.setdefault(
            path, Browser(self.service.url + path, len(self.browsers) + 1)
        )
        keys = browser.keys
        wanted = Wanted(browser.endpoint, keys.p256dh, keys.auth, replaces)
        return await self.readers.subscribe(slug, wanted)

    async def publish(self, **fields: Any) -> Entry:
        said: dict[str, Any] = {"headline": "Ceasefire agreed", "body": "From noon.", "key": True}
        new = NewEntry(**(said | fields))
        return cast(Entry, (await self.actions.entries.create(SLUG, new, Ask(EDITOR))).value)

    async def revise(self, entry: Entry, **fields: Any) -> Entry:
        ask = Ask(EDITOR, match=entry.revision)
        outcome = await self.actions.entries.revise(SLUG, entry.id, PatchEntry(**fields), ask)
        return cast(Entry, outcome.value)

    async def retract(self, entry: Entry) -> Entry:
        ask = Ask(EDITOR, match=entry.revision)
        outcome = await self.actions.entries.retract(SLUG, entry.id, "Wrong.", ask)
        return cast(Entry, outcome.value)

    async def work(self, seconds: float = 0) -> list[Pushed]:
        """Let so much time pass, work off what is due; what came of it."""
        self.now += timedelta(seconds=seconds)
        pusher = Pusher(self.services, Links(BASE), jitter=lambda: 1.0)
        while await pusher(self.actions, self.now):
            pass
        came = self.service.came[self.read_until :]
        self.read_until = len(self.service.came)
        return came

    async def said(self, seconds: float = 0) -> list[dict[str, Any]]:
        """What the browsers read then."""
        return [one.read(self.browsers[one.path]) for one in await self.work(seconds)]
