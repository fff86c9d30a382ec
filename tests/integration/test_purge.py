"""The purge worker on both engines, with a real hook. Time is handed in, and nobody sleeps."""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec.structs import replace

from liveblog.actions import Actions, Ask, open_actions
from liveblog.config import Settings
from liveblog.hooks import Hook, HookFailed, Purge
from liveblog.model.blog import Blog
from liveblog.model.entry import Entry, Media, Rendition
from liveblog.model.media import Medium, media_path
from liveblog.store import migrate, open_store
from liveblog.store.contract import Store
from liveblog.types import MediumId
from liveblog.wire.links import Links
from liveblog.wire.requests import NewBlog, NewEntry, PatchBlog, PatchEntry
from tests.acceptance.processes import environment
from tests.hook import HANG, HookServer, hook_server
from tests.kit import EDITOR, SLUG, FlightBroker
from tests.served import eventually
from tests.valkey import ValkeyProcess
from workers import purge
from workers.base import Waker, run_jobs
from workers.purge import SETTLE, Purger

BASE = "https://n.example"
NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
AT = f"{BASE}/blogs/{SLUG}"


class Desk:
    """A newsroom with a clock, a hook, and a worker that works when it is told to."""

    def __init__(self, store: Store, hook: HookServer, url: str) -> None:
        self.store = store
        self.hook = hook
        self.url = url
        self.now = NOON
        self.actions = Actions(
            store,
            FlightBroker(),
            Links(BASE),
            clock=lambda: self.now,
            destinations=("purge",),
        )
        self.purger = self.worker()

    def worker(self) -> Purger:
        return Purger(Hook(self.hook.url, "s3cret", timeout=20), Links(BASE), jitter=lambda: 1.0)

    async def publish(self, **fields: Any) -> Entry:
        new = NewEntry(**{"body": "x"} | fields)
        outcome = await self.actions.entries.create(SLUG, new, Ask(EDITOR))
        assert isinstance(outcome.value, Entry)
        return outcome.value

    async def retract(self, entry: Entry) -> None:
        await self.actions.entries.retract(SLUG, entry.id, None, Ask(EDITOR, match=entry.revision))

    async def blog(self) -> Blog:
        found = await self.store.read(lambda tx: tx.blog(SLUG))
        assert found is not None
        return found

    async def work(self, seconds: float = 0, worker: Purger | None = None) -> int:
        """Let so much time pass, then work off what is due."""
        self.now += timedelta(seconds=seconds)
        done = 0
        while got := await (worker or self.purger)(self.actions, self.now):
            done += got
        return done

    async def waiting(self) -> int:
        """How many rows there are, claimed or not."""
        return (await self.store.read(lambda tx: tx.backlog("purge"))).waiting


@pytest.fixture(params=["sqlite", "postgresql"])
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    url = f"sqlite:///{tmp_path}/liveblog.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    migrate(url)
    store = await open_store(url)
    try:
        async with hook_server() as hook:
            desk = Desk(store, hook, url)
            new = NewBlog(slug=SLUG, title="War", visibility="public")
            await desk.actions.blogs.create(new, Ask(EDITOR))
            yield desk
    finally:
        await store.close()


async def test_a_change_is_told_at_once_and_once_more_when_it_has_settled(desk: Desk) -> None:
    entry = await desk.publish(headline="Unmistakable", key=True)
    assert await desk.work() == 2
    (call,) = desk.hook.calls
    assert call.line == "POST /purge HTTP/1.1"
    assert call.headers["authorization"] == "Bearer s3cret"
    assert call.headers["content-type"] == "application/json"
    blog = await desk.store.read(lambda tx: tx.blog(SLUG))
    assert blog is not None
    assert call.body == {
        "blog": SLUG,
        "cursor": blog.position.cursor,
        "urls": [
            AT,
            f"{BASE}/api/v1/blogs/{SLUG}/snapshot",
            f"{AT}/feed.atom",
            f"{AT}/feed.rss",
            f"{AT}/feed.json",
            f"{BASE}/",
            f"{AT}/pages/1",
            f"{AT}/entries/{entry.id}",
            f"{AT}/days/2026-05-01",
        ],
        "tags": [f"page:{SLUG}:1"],
    }
    assert await desk.work(SETTLE.total_seconds() - 0.001) == 0
    assert await desk.work(0.001) == 2
    assert [c.body for c in desk.hook.calls] == [call.body, call.body]
    assert await desk.waiting() == 0


async def test_changes_of_a_blog_are_told_together_and_blogs_apart(desk: Desk) -> None:
    other = NewBlog(slug="other", title="O", visibility="public")
    await desk.actions.blogs.create(other, Ask(EDITOR))
    for _ in range(21):
        await desk.publish()
    await desk.actions.entries.create(cast(Any, "other"), NewEntry(body="x"), Ask(EDITOR))
    assert await desk.work() == 22
    told = {call.body["blog"]: call.body["urls"] for call in desk.hook.calls}
    assert len(desk.hook.calls) == 2
    assert told.keys() == {SLUG, "other"}
    urls = told[SLUG]
    assert len([url for url in urls if "/entries/" in url]) == 21
    assert [url for url in urls if "/pages/" in url] == [f"{AT}/pages/1", f"{AT}/pages/2"]


async def test_a_blog_that_is_hidden_leaves_every_cache(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purge, "URLS", 8)
    for _ in range(61):
        await desk.publish()
    await desk.work(60)
    await desk.work(60)
    desk.hook.calls.clear()
    patch = PatchBlog(visibility="private")
    await desk.actions.blogs.revise(SLUG, patch, Ask(EDITOR, match=1))
    await desk.work()
    told = [url for call in desk.hook.calls for url in call.body["urls"]]
    assert {f"{AT}/pages/{n}" for n in (1, 2, 3, 4)} <= set(told)
    assert [len(call.body["urls"]) for call in desk.hook.calls] == [8, 2]
    assert {tuple(call.body["tags"]) for call in desk.hook.calls} == {(f"blog:{SLUG}",)}


async def medium(desk: Desk, number: int) -> Medium:
    """A picture that is ready, as the worker leaves it."""
    name = MediumId(f"{number:026}")
    files = [(f"300.{kind}", kind) for kind in ("jpeg", "avif")]
    made = Medium(
        id=name, blog_id=(await desk.blog()).id, state="ready", created_at=desk.now, due_at=None,
        by="", name="", original="image/jpeg", bytes=1, file="300.jpeg", type="image/jpeg",
        width=300, height=200,
        renditions=tuple(Rendition(media_path(name, f), f"image/{k}", 300, 200) for f, k in files),
    )  # fmt: skip
    await desk.store.write(lambda tx: tx.insert_medium(made))
    return made


async def test_the_files_of_what_an_entry_shows_are_told(desk: Desk) -> None:
    one, other = await medium(desk, 1), await medium(desk, 2)
    entry = await desk.publish(kind="image", media=(Media(f"{BASE}{one.url}", "image/jpeg"),))
    await desk.work(60)
    told = desk.hook.calls[-1].body
    files = [f"{BASE}/media/{one.id}/300.{kind}" for kind in ("jpeg", "avif")]
    assert set(files) <= set(told["urls"])
    assert f"media:{one.id}" in told["tags"]
    assert not any(other.id in url for url in told["urls"])

    # What it shows no more may be in a cache.
    patch = PatchEntry(media=(Media(other.url, "image/jpeg"),))
    await desk.actions.entries.revise(SLUG, entry.id, patch, Ask(EDITOR, match=entry.revision))
    await desk.work(60)
    assert {f"media:{one.id}", f"media:{other.id}"} <= set(desk.hook.calls[-1].body["tags"])

    blog = await desk.blog()
    hidden = PatchBlog(visibility="private")
    await desk.actions.blogs.revise(SLUG, hidden, Ask(EDITOR, match=blog.revision))
    await desk.work(60)
    told = desk.hook.calls[-1].body
    assert told["tags"] == [f"blog:{SLUG}"]
    assert {*files, f"{BASE}/media/{other.id}/300.avif"} <= set(told["urls"])


async def test_the_files_of_a_whole_blog_are_told_call_by_call(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purge, "MEDIA", 2)
    made = [await medium(desk, number) for number in range(1, 6)]
    shown = tuple(Media(one.url, "image/jpeg") for one in made)
    await desk.publish(kind="image", media=shown)
    await desk.work(60)
    desk.hook.calls.clear()
    hidden = PatchBlog(visibility="private")
    await desk.actions.blogs.revise(SLUG, hidden, Ask(EDITOR, match=(await desk.blog()).revision))
    await desk.work()
    calls = desk.hook.calls
    assert [len(call.body["urls"]) for call in calls[1:]] == [4, 4, 2]
    assert {tuple(call.body["tags"]) for call in calls} == {(f"blog:{SLUG}",)}
    told = [url for call in calls[1:] for url in call.body["urls"]]
    assert told == [f"{BASE}/media/{m.id}/300.{k}" for m in made for k in ("jpeg", "avif")]


async def test_a_hook_that_is_down_misses_nothing(desk: Desk) -> None:
    """Refused, failing, redirecting, silent; then it is there again."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    down = Purger(Hook(f"http://127.0.0.1:{port}/"), Links(BASE), jitter=lambda: 1.0)
    mute = Purger(Hook(desk.hook.url, timeout=0.01), Links(BASE), jitter=lambda: 1.0)
    desk.hook.answers = [500, 302, HANG]
    entry = await desk.publish()
    assert await desk.work(worker=down) == 1
    assert await desk.work(0.999) == 0, "the first pause is one second"
    assert await desk.work(0.001) == 1
    assert await desk.work(1.999) == 0
    assert await desk.work(0.001) == 1
    assert await desk.work(3.999, mute) == 0
    assert await desk.work(0.001, mute) == 1
    await desk.retract(entry)
    assert await desk.work(7.999) == 1, "a new change waits for no older one"
    assert await desk.work(0.001) == 1
    assert [f"{AT}/entries/{entry.id}" in call.body["urls"] for call in desk.hook.calls] == (
        [True] * len(desk.hook.calls)
    )
    assert await desk.waiting() == 2, "to be told once more"
    await desk.work(60)
    assert await desk.waiting() == 0


async def test_a_redirect_is_not_followed(desk: Desk) -> None:
    async with hook_server() as elsewhere:
        desk.hook.answers, desk.hook.extra = [307], f"Location: {elsewhere.url}\r\n"
        await desk.publish()
        await desk.work()
        assert len(desk.hook.calls) == 1
        assert elsewhere.calls == []
        assert await desk.waiting() == 1


async def test_an_answer_without_an_end_is_an_answer(desk: Desk) -> None:
    """Its body is not read: a hook that pours out a gigabyte has said 200."""
    desk.hook.answers, desk.hook.tail = [200, 500], b"x" * 100_000
    desk.purger = Purger(Hook(desk.hook.url, timeout=20), Links(BASE), jitter=lambda: 1.0)
    await desk.publish()
    await desk.work()
    assert await desk.work(29) == 0, "it was no failure"
    await desk.work(1)
    assert await desk.waiting() == 1, "the second time it said 500"
    assert len(desk.hook.calls) == 2


async def test_an_alarm_is_raised_after_five_failures_and_once_a_minute(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "workers.purge")
    desk.hook.answers = [503] * 9
    await desk.publish()

    def alarms() -> int:
        return sum("ALERT" in record.message for record in caplog.records)

    seen = []
    for pause in (0, 1, 2, 4, 8, 16, 32, 60):
        assert await desk.work(pause) == 1
        seen.append(alarms())
    # Failures come 0, 1, 3, 7, 15, 31, 63 and 123 s after the change.
    assert seen == [0, 0, 0, 0, 1, 1, 1, 2]
    told = next(record for record in caplog.records if "ALERT" in record.message)
    assert told.levelno == logging.ERROR
    assert "it answered 503" in told.message
    assert "2026-05-01T12:00:00Z" in told.message
    desk.hook.answers = []
    await desk.work(60)
    assert "takes changes again" in caplog.records[-1].message
    assert await desk.waiting() == 0, "what was told this late is told for good"


async def test_two_workers_do_not_both_tell_it(desk: Desk) -> None:
    await desk.publish()
    desk.hook.answers = [HANG]
    first = asyncio.create_task(desk.purger(desk.actions, desk.now))
    await desk.hook.calls_until(1)
    assert await desk.work(29.9, desk.worker()) == 0, "the first one is at it"
    assert await desk.work(0.1, desk.worker()) == 1, "it took too long"
    assert len(desk.hook.calls) == 2
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
async def test_a_retraction_is_told_though_the_worker_is_killed(desk: Desk, tmp_path: Path) -> None:
    """The worker dies between the call and its answer: nobody knows what became of it."""
    entry = await desk.publish()
    await desk.work(60)
    desk.hook.calls.clear()
    desk.hook.answers = [HANG]
    await desk.retract(entry)
    env = environment(
        LIVEBLOG_DATA_DIR=str(tmp_path),
        LIVEBLOG_DATABASE_URL=desk.url,
        LIVEBLOG_REDIS_URL=f"unix://{tmp_path}/nobody.sock",
        LIVEBLOG_PUBLIC_URL=BASE,
        LIVEBLOG_PURGE_URL=desk.hook.url,
    )
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "workers", "purge", env=env, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await desk.hook.calls_until(1)
    finally:
        os.kill(worker.pid, signal.SIGKILL)
        await worker.wait()
    assert await desk.waiting() == 1
    # It read the real clock: its claim ends thirty seconds after that.
    desk.now = datetime.now(UTC) + timedelta(seconds=30)
    assert await desk.work() == 1
    assert f"{AT}/entries/{entry.id}" in desk.hook.calls[-1].body["urls"]
    assert len(desk.hook.calls) == 2
    assert await desk.waiting() == 0


async def test_a_message_of_the_broker_wakes_the_worker(
    tmp_path: Path, valkey: ValkeyProcess
) -> None:
    """Over a real Valkey and without the timer: only the message can be the reason."""
    async with hook_server() as hook:
        settings = Settings(
            data_dir=tmp_path, redis_url=valkey.url, public_url=BASE, purge_url=hook.url
        )
        migrate(settings.store_url)
        (job,) = purge.jobs(settings)
        idle = asyncio.Event()

        async def handle(actions: Actions, now: datetime) -> int:
            done = await job.handle(actions, now)
            if not done:
                idle.set()
            return done

        slow = replace(job, every=3600.0, handle=handle)
        waker, ending = Waker(), asyncio.Event()
        async with open_actions(settings, waker) as working, open_actions(settings) as writing:
            task = asyncio.create_task(run_jobs([slow], working, ending, waker))
            await eventually(lambda: working.door.broker.stats.connected)
            await writing.create_blog(NewBlog(slug=SLUG, title="War", visibility="public"))
            for count in (1, 2, 3):
                # Otherwise it is at it still, and needs nobody to wake it.
                await asyncio.wait_for(idle.wait(), 30)
                idle.clear()
                await writing.entries.create(SLUG, NewEntry(body="x"), Ask(EDITOR))
                await hook.calls_until(count)
            ending.set()
            await task


async def test_check_says_how_it_stands(desk: Desk, tmp_path: Path) -> None:
    env = environment(
        LIVEBLOG_DATA_DIR=str(tmp_path),
        LIVEBLOG_DATABASE_URL=desk.url,
        LIVEBLOG_PUBLIC_URL=BASE,
        LIVEBLOG_PURGE_URL=desk.hook.url,
    )

    async def check() -> tuple[int | None, list[str]]:
        command = [sys.executable, "-m", "liveblog.cli", "check"]
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, env=env, stdout=pipe, stderr=pipe)
        said, _ = await process.communicate()
        lines = [line for line in said.decode().splitlines() if "purge" in line]
        return process.returncode, lines

    code, lines = await check()
    assert (code, [line[:5] for line in lines]) == (0, ["ok   ", "ok   "])
    assert desk.hook.calls[0].body["urls"] == []
    await desk.publish()  # at a time that is long ago by the clock of the command
    desk.hook.answers = [401]
    code, lines = await check()
    assert (code, [line[:5] for line in lines]) == (1, ["fails", "fails"])
    assert "it answered 401" in lines[0]
    assert "changes wait for the purge hook (1, the first since 2026-05-01T12:00:00Z)" in lines[1]


async def test_the_hook_is_asked_whether_it_is_there() -> None:
    async with hook_server() as hook:
        await Hook(hook.url).post(Purge())
        assert hook.calls[0].body == {"blog": "", "cursor": "", "urls": [], "tags": []}
        assert "authorization" not in hook.calls[0].headers
        hook.answers = [404]
        with pytest.raises(HookFailed, match="it answered 404"):
            await Hook(hook.url).post(Purge())
