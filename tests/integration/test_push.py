"""The push worker on both engines, with a real push service that is read as a browser reads it.
Time is handed in, and nobody sleeps."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from httpcore2 import ConnectError

from liveblog.actions import Actions, Ask
from liveblog.actions.push import PushActions, Wanted
from liveblog.errors import Conflict, NotFound
from liveblog.guard import Guard
from liveblog.model.entry import Entry
from liveblog.model.push import Subscription
from liveblog.push import Keys, PushServices, Vapid
from liveblog.push.encryption import encode64
from liveblog.store import migrate, open_store
from liveblog.store.contract import Store
from liveblog.types import Slug
from liveblog.wire.links import Links
from liveblog.wire.requests import EditNote, NewBlog, NewEntry, PatchBlog, PatchEntry
from tests.kit import EDITOR, SLUG, FlightBroker
from tests.push import HANG, Browser, Pushed, PushServer, push_server
from workers import push
from workers.push import KEPT, LIFE, Pusher, forget

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


@pytest.fixture(params=["sqlite", "postgresql"])
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    url = f"sqlite:///{tmp_path}/liveblog.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    migrate(url)
    store = await open_store(url)
    try:
        async with push_server() as service:
            desk = Desk(store, service)
            new = NewBlog(slug=SLUG, title="The war", lang="uk", visibility="public")
            await desk.actions.blogs.create(new, Ask(EDITOR))
            yield desk
            await desk.services.close()
    finally:
        await store.close()


async def test_a_key_development_reaches_every_browser_once(desk: Desk) -> None:
    first = await desk.subscribe("/1")
    await desk.subscribe("/2")
    entry = await desk.publish(breaking=True)
    came = await desk.work()
    assert sorted(one.path for one in came) == ["/1", "/2"]
    one = next(one for one in came if one.path == "/1")
    assert one.read(desk.browsers["/1"]) == {
        "kind": "new",
        "tag": entry.id,
        "blog": SLUG,
        "title": "Ceasefire agreed",
        "body": "From noon.",
        "url": f"/live/blogs/{SLUG}#entry-{entry.id}",
        "lang": "uk",
        "dir": "ltr",
        "at": "2026-05-01T12:00:00Z",
        "stop": f"/live/api/v1/blogs/{SLUG}/push/{first.id}",
        "breaking": True,
    }
    assert one.headers["ttl"] == "14400"
    assert one.headers["topic"] == entry.id
    assert one.headers["urgency"] == "high"
    assert one.headers["content-encoding"] == "aes128gcm"
    assert one.headers["authorization"].startswith("vapid t=")
    assert b"Ceasefire" not in one.body
    assert await desk.work(3600) == []


async def test_what_is_no_key_development_is_not_told_nor_kept(desk: Desk) -> None:
    await desk.subscribe()
    entry = await desk.publish(key=False)
    assert (await desk.store.read(lambda tx: tx.backlog("push"))).waiting == 0
    await desk.revise(entry, body="Longer.")
    assert await desk.work() == []


async def test_nothing_is_written_where_nobody_is_subscribed(desk: Desk) -> None:
    await desk.publish()
    assert (await desk.store.read(lambda tx: tx.backlog("push"))).waiting == 0


async def test_an_entry_that_becomes_a_key_development_is_told(desk: Desk) -> None:
    await desk.subscribe()
    entry = await desk.publish(key=False)
    await desk.revise(entry, key=True)
    assert [one["kind"] for one in await desk.said()] == ["new"]


async def test_what_was_published_long_ago_is_no_news(desk: Desk) -> None:
    await desk.subscribe()
    await desk.publish(published_at=NOON - timedelta(hours=2))
    assert await desk.work() == []


async def test_a_correction_takes_the_place_of_what_was_told(desk: Desk) -> None:
    await desk.subscribe()
    entry = await desk.publish()
    await desk.work()
    await desk.subscribe("/2")  # who was told nothing needs no correction
    note = EditNote("correction", "Not yet agreed.")
    entry = await desk.revise(entry, headline="Ceasefire discussed", edit=note)
    (said,) = await desk.said(60)
    assert (said["kind"], said["tag"], said["title"]) == (
        "changed",
        entry.id,
        "Ceasefire discussed",
    )


async def test_a_change_that_says_nothing_new_is_not_told(desk: Desk) -> None:
    await desk.subscribe()
    entry = await desk.publish()
    await desk.work()
    await desk.revise(entry, pinned=True)
    assert await desk.work(60) == []


async def test_a_retraction_replaces_what_was_told_and_repeats_none_of_it(desk: Desk) -> None:
    await desk.subscribe()
    entry = await desk.publish()
    await desk.work()
    entry = await desk.retract(entry)
    (came,) = await desk.work(60)
    said = came.read(desk.browsers["/1"])
    assert (said["kind"], said["tag"], said["title"]) == ("removed", entry.id, "The war")
    assert "body" not in said
    assert came.headers["topic"] == entry.id
    ask = Ask(EDITOR, match=entry.revision)
    await desk.actions.entries.restore(SLUG, entry.id, ask)
    assert [one["kind"] for one in await desk.said(60)] == ["changed"]


async def test_what_is_withdrawn_before_it_is_told_is_never_told(desk: Desk) -> None:
    await desk.subscribe()
    desk.service.answers["/1"] = [503]
    entry = await desk.publish()
    await desk.work()
    await desk.retract(entry)
    assert await desk.work(3600) == []


async def test_each_attempt_says_what_stands_then(desk: Desk) -> None:
    await desk.subscribe()
    desk.service.answers["/1"] = [503]
    entry = await desk.publish()
    await desk.work()
    await desk.revise(entry, headline="Ceasefire signed")
    assert [(one["kind"], one["title"]) for one in await desk.said(60)] == [
        ("new", "Ceasefire signed")
    ]


async def test_a_correction_that_is_taken_back_before_it_is_told_is_never_told(desk: Desk) -> None:
    await desk.subscribe()
    entry = await desk.publish()
    await desk.work()
    desk.service.answers["/1"] = [503]
    changed = await desk.revise(entry, headline="Ceasefire signed")
    assert len(await desk.work(60)) == 1
    await desk.revise(changed, headline="Ceasefire agreed")
    assert await desk.work(3600) == []


async def test_a_change_during_the_sending_is_told_too(desk: Desk) -> None:
    """The service holds the first answer back; meanwhile the entry is corrected."""
    await desk.subscribe()
    entry = await desk.publish()
    pusher = Pusher(desk.services, Links(BASE), jitter=lambda: 1.0)
    desk.service.held = asyncio.Event()
    sending = asyncio.create_task(pusher(desk.actions, desk.now))
    await desk.service.until(1)
    await desk.revise(entry, headline="Ceasefire signed")
    desk.now += timedelta(seconds=1)
    assert await pusher(desk.actions, desk.now) == 1, "the change; its notice is claimed"
    desk.service.held.set()
    await sending
    assert [one["title"] for one in await desk.said()] == ["Ceasefire agreed", "Ceasefire signed"]


async def test_a_correction_that_is_taken_back_while_it_is_sent_is_taken_back(desk: Desk) -> None:
    await desk.subscribe()
    entry = await desk.publish()
    await desk.work()
    entry = await desk.revise(entry, headline="Ceasefire signed")
    pusher = Pusher(desk.services, Links(BASE), jitter=lambda: 1.0)
    desk.service.held = asyncio.Event()
    desk.now += timedelta(seconds=1)
    sending = asyncio.create_task(pusher(desk.actions, desk.now))
    await desk.service.until(2)
    await desk.revise(entry, headline="Ceasefire agreed")
    desk.now += timedelta(seconds=1)
    assert await pusher(desk.actions, desk.now) == 1, "the change; its notice is claimed"
    desk.service.held.set()
    await sending
    assert [one["title"] for one in await desk.said()] == ["Ceasefire signed", "Ceasefire agreed"]


async def test_what_may_have_been_told_is_withdrawn_too(desk: Desk) -> None:
    """The service took the message and its answer never came."""
    desk.services = desk.connect(timeout=1)
    await desk.subscribe()
    desk.service.answers["/1"] = [HANG]
    entry = await desk.publish()
    assert [one["kind"] for one in await desk.said()] == ["new"]
    await desk.retract(entry)
    assert [one["kind"] for one in await desk.said(60)] == ["removed"]


async def test_what_may_have_been_told_is_news_until_it_is_told_for_sure(desk: Desk) -> None:
    desk.services = desk.connect(timeout=1)
    await desk.subscribe()
    desk.service.answers["/1"] = [HANG]
    entry = await desk.publish()
    assert [one["kind"] for one in await desk.said()] == ["new"]
    assert [one["kind"] for one in await desk.said(5)] == ["new"]
    desk.service.answers["/1"] = [HANG]
    changed = await desk.revise(entry, headline="Ceasefire signed")
    assert [one["kind"] for one in await desk.said(60)] == ["changed"]
    await desk.revise(changed, headline="Ceasefire agreed")
    assert [(one["kind"], one["title"]) for one in await desk.said(60)] == [
        ("changed", "Ceasefire agreed")
    ], "although it was told last"
    assert await desk.work(3600) == []


@pytest.mark.parametrize("status", [404, 410])
async def test_a_browser_that_is_gone_is_forgotten(desk: Desk, status: int) -> None:
    await desk.subscribe("/gone")
    await desk.subscribe("/here")
    desk.service.answers["/gone"] = [status]
    await desk.publish()
    assert len(await desk.work()) == 2
    await desk.publish(headline="Another")
    assert [one.path for one in await desk.work(60)] == ["/here"]
    blog = await desk.store.read(lambda tx: tx.blog(SLUG))
    assert blog is not None
    assert await desk.store.read(lambda tx: tx.count_subscriptions(blog.id)) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_what_was_not_taken_is_sent_again_after_a_growing_pause(
    desk: Desk, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.subscribe()
    desk.service.answers["/1"] = [status, status]
    await desk.publish()
    assert len(await desk.work()) == 1
    assert await desk.work(4.9) == []
    assert len(await desk.work(0.1)) == 1
    assert await desk.work(9.9) == []
    assert len(await desk.work(0.1)) == 1
    assert await desk.work(3600) == []
    assert f"it answered {status}" in caplog.text


async def test_the_service_says_when_to_come_back(desk: Desk) -> None:
    await desk.subscribe()
    desk.service.answers["/1"] = [429]
    desk.service.extra = "Retry-After: 120\r\n"
    await desk.publish()
    await desk.work()
    assert await desk.work(119) == []
    assert len(await desk.work(1)) == 1


async def test_it_is_given_up_when_it_is_no_news_any_more(desk: Desk) -> None:
    await desk.subscribe()
    desk.service.answers["/1"] = [503] * 100
    await desk.publish()
    sent = [len(await desk.work(700)) for _ in range(40)]
    assert sum(sent) == push.ATTEMPTS
    assert sent[-1] == 0
    desk.service.answers.clear()
    await desk.publish(headline="A new day")
    assert [one["title"] for one in await desk.said(1)] == ["A new day"]


async def test_a_worker_that_was_away_tells_no_old_news(desk: Desk) -> None:
    await desk.subscribe()
    desk.service.answers["/1"] = [503]
    await desk.publish()
    await desk.work()
    assert await desk.work(LIFE.total_seconds()) == []


async def test_a_service_that_refuses_is_not_asked_again(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.subscribe()
    desk.service.answers["/1"] = [403]
    await desk.publish()
    assert len(await desk.work()) == 1
    assert await desk.work(3600) == []
    assert "1 push messages were not taken: it answered 403" in caplog.text


async def test_one_that_hangs_holds_up_no_other(desk: Desk) -> None:
    desk.services = desk.connect(timeout=5)
    await desk.subscribe("/slow")
    await desk.subscribe("/2")
    desk.service.answers["/slow"] = [HANG]
    await desk.publish()
    assert {one.path for one in await desk.work()} == {"/slow", "/2"}
    assert [one.path for one in await desk.work(5)] == ["/slow"]


async def test_an_address_that_is_none_holds_up_no_other(desk: Desk) -> None:
    """No name has a label of 70 characters; looking it up is an error of another kind."""
    desk.browsers["/none"] = Browser(f"https://{'a' * 70}.localhost/none")
    await desk.subscribe("/none")
    await desk.subscribe("/2")
    await desk.publish()
    assert [one.path for one in await desk.work()] == ["/2"]
    assert await desk.work(3600) == []


async def test_whatever_goes_wrong_with_one_holds_up_no_other(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    class Odd(PushServices):
        async def send(self, endpoint: str, keys: Keys, message: bytes, **about: str) -> None:
            if endpoint.endswith("/odd"):
                raise RuntimeError("never seen before")
            await super().send(endpoint, keys, message, **about)

    desk.services = Odd(
        Vapid(KEY, "mailto:a@n.example"), allowed=lambda _: True, trust=desk.service.trust
    )
    await desk.subscribe("/odd")
    await desk.subscribe("/2")
    await desk.publish()
    assert [one.path for one in await desk.work()] == ["/2"]
    assert await desk.work(3600) == []
    assert "never seen before" in caplog.text


async def test_a_redirect_is_not_followed(desk: Desk) -> None:
    await desk.subscribe()
    desk.service.answers["/1"] = [307]
    desk.service.extra = f"Location: {desk.service.url}/other\r\n"
    await desk.publish()
    assert [one.path for one in await desk.work()] == ["/1"]


async def test_an_address_of_our_own_network_is_never_called(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """The name is a good one, and what it means is 127.0.0.1."""
    desk.services = PushServices(Vapid(KEY, "mailto:a@n.example"), trust=desk.service.trust)
    await desk.subscribe()
    await desk.publish()
    assert await desk.work() == []
    assert "localhost is no public address" in caplog.text


async def test_where_one_address_does_not_answer_the_next_is_tried(desk: Desk) -> None:
    """As with IPv6 that leads nowhere."""

    class Two(Guard):
        async def addresses(self, host: str, port: int, timeout: float | None) -> list[str]:
            return ["::1", *await super().addresses(host, port, timeout)]

    port = int(desk.service.url.rpartition(":")[2])
    stream = await Two(lambda _: True).connect_tcp("localhost", port, 5)
    await stream.aclose()
    with pytest.raises(ConnectError):
        await Two(lambda _: True).connect_tcp("localhost", 1, 5)


async def test_a_blog_that_is_closed_to_all_tells_nobody(desk: Desk) -> None:
    await desk.subscribe()
    await desk.publish()
    blog = await desk.store.read(lambda tx: tx.blog(SLUG))
    assert blog is not None
    ask = Ask(EDITOR, match=blog.revision)
    await desk.actions.blogs.revise(SLUG, PatchBlog(visibility="private"), ask)
    assert await desk.work() == []
    with pytest.raises(NotFound):
        await desk.subscribe("/2")


async def test_other_blogs_are_none_of_their_business(desk: Desk) -> None:
    other = Slug("other")
    new = NewBlog(slug=other, title="Other", visibility="unlisted")
    await desk.actions.blogs.create(new, Ask(EDITOR))
    await desk.subscribe("/1", other)
    await desk.subscribe("/2")
    await desk.publish()
    assert [one.path for one in await desk.work()] == ["/2"]


async def test_subscribing_again_changes_nothing_but_the_keys(desk: Desk) -> None:
    first = await desk.subscribe()
    desk.browsers["/1"] = Browser(desk.service.url + "/1", 9)
    assert (await desk.subscribe()).id == first.id
    await desk.publish()
    assert len(await desk.said()) == 1, "for the new key, and once"


async def test_a_browser_with_another_address_hears_what_became_of_what_it_was_told(
    desk: Desk,
) -> None:
    first = await desk.subscribe()
    entry = await desk.publish()
    await desk.work()
    other = Slug("other")
    new = NewBlog(slug=other, title="Other", visibility="unlisted")
    await desk.actions.blogs.create(new, Ask(EDITOR))
    assert (await desk.subscribe("/2", other, replaces=first.id)).id != first.id
    assert (await desk.subscribe("/2", replaces=first.id)).id == first.id
    await desk.retract(entry)
    assert [(one.path, one.headers["topic"]) for one in await desk.work()] == [("/2", entry.id)]


async def test_a_blog_takes_no_more_than_so_many(desk: Desk) -> None:
    ids = [(await desk.subscribe(f"/{n}")).id for n in range(5)]
    with pytest.raises(Conflict):
        await desk.subscribe("/5")
    assert (await desk.subscribe("/4")).id == ids[4], "who is in stays in"
    await desk.readers.unsubscribe(SLUG, ids[0])
    await desk.subscribe("/5")


async def test_who_leaves_hears_nothing_more(desk: Desk) -> None:
    one = await desk.subscribe()
    entry = await desk.publish()
    await desk.work()
    await desk.readers.unsubscribe(SLUG, one.id)
    await desk.readers.unsubscribe(SLUG, one.id)
    await desk.retract(entry)
    assert await desk.work() == []


async def test_two_workers_send_nothing_twice(desk: Desk) -> None:
    for n in range(5):
        await desk.subscribe(f"/{n}")
    await desk.publish()
    workers = [Pusher(desk.services, Links(BASE)) for _ in range(4)]
    for _ in range(3):
        await asyncio.gather(*(worker(desk.actions, desk.now) for worker in workers))
    assert sorted(one.path for one in desk.service.came) == [f"/{n}" for n in range(5)]


async def test_what_a_worker_that_died_had_claimed_is_sent(desk: Desk) -> None:
    await desk.subscribe()
    await desk.publish()

    class Died(BaseException): ...

    class Dying(PushServices):
        async def send(self, endpoint: str, keys: Keys, message: bytes, **about: str) -> None:
            raise Died

    with pytest.raises(Died):
        await Pusher(Dying(Vapid(KEY, "")), Links(BASE))(desk.actions, desk.now)
    assert await desk.work(59) == []
    assert len(await desk.work(1)) == 1


async def test_a_long_text_fits_into_one_record(desk: Desk) -> None:
    await desk.subscribe()
    await desk.publish(headline="é🏳️‍🌈" * 60, body="漢字" * 3000)
    (said,) = await desk.said()
    assert said["body"].endswith("…")


async def test_what_was_told_is_forgotten_after_days(desk: Desk) -> None:
    await desk.subscribe()
    entry = await desk.publish()
    await desk.work()
    assert await forget(desk.actions, NOON + KEPT) == 0
    assert await forget(desk.actions, NOON + KEPT + timedelta(seconds=1)) == 1
    await desk.retract(entry)
    assert await desk.work(KEPT.total_seconds()) == []


def test_without_a_contact_there_is_no_job(caplog: pytest.LogCaptureFixture) -> None:
    from liveblog.config import Settings

    caplog.set_level(logging.INFO)
    assert push.jobs(Settings()) == []
    assert "no push messages" in caplog.text
    names = [job.name for job in push.jobs(Settings(push_contact="mailto:a@b.c", push_key=KEY))]
    assert names == ["push", "push: forget"]
