"""What waits is released by real processes: after a kill, and at once in every process."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from liveblog.actions import Actions
from liveblog.config import Settings
from liveblog.store import open_store
from liveblog.store.contract import Store
from liveblog.types import EntryId
from liveblog.wire.links import Links
from liveblog.wire.requests import NewBlog
from tests.acceptance.processes import running, serving
from tests.acceptance.webs import WITHIN, Web, newsroom
from tests.kit import SLUG, FlightBroker
from tests.people import Someone, person, session
from tests.postgres import PostgresServer
from tests.valkey import ValkeyProcess

UNDO = 8
"""Seconds: long enough for the kill of a loaded machine."""
SECRET = "Findings of the inquiry"


@asynccontextmanager
async def store_of(folder: Path) -> AsyncIterator[Store]:
    """The database in a data folder, beside the server that uses it."""
    store = await open_store(Settings(data_dir=folder).store_url)
    try:
        yield store
    finally:
        await store.close()


async def someone(folder: Path, url: str) -> Someone:
    """An editor of a new public blog, signed in."""
    async with store_of(folder) as store:
        actions = Actions(store, FlightBroker(), Links(""))
        await actions.create_blog(NewBlog(slug=SLUG, title="War", visibility="public"))
        ada = await person(actions, "editor", SLUG)
        return Someone(url, ada, await session(actions, ada))


async def state_of(folder: Path, entry_id: str) -> str:
    """The state of an entry, in the database."""
    async with store_of(folder) as store:
        blog = await store.read(lambda tx: tx.blog(SLUG))
        assert blog is not None
        entry = await store.read(lambda tx: tx.entry(blog.id, EntryId(entry_id)))
        assert entry is not None
        return entry.state


async def test_a_server_that_is_killed_while_an_entry_waits_publishes_it(tmp_path: Path) -> None:
    with TemporaryDirectory(prefix="lb-") as short:
        folder = Path(short)
        settings = {"LIVEBLOG_UNDO_SECONDS": str(UNDO)}
        with serving(folder, **settings) as killed:
            async with await someone(folder, killed.address) as ada:
                path = f"/api/v1/blogs/{SLUG}/entries"
                made = (await ada.post(path, json={"body": "Kept"})).raise_for_status().json()
            assert made["state"] == "scheduled"
            killed.signal(signal.SIGKILL)
            killed.process.wait(WITHIN)
            assert await state_of(folder, made["id"]) == "scheduled"
        with serving(folder, **settings) as serve:
            async with asyncio.timeout(WITHIN):
                while await state_of(folder, made["id"]) != "published":  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            assert serve.answers(f"blogs/{SLUG}/entries/{made['id']}")


async def everything(web: Web) -> str:
    """All that a reader may be given by a process."""
    base, api = f"/blogs/{SLUG}", f"/api/v1/blogs/{SLUG}"
    pages = [base, f"{base}/pages/1", f"{base}/key", f"/embed/{SLUG}", "/", "/sitemap.xml"]
    feeds = [f"{base}/feed.{kind}" for kind in ("atom", "rss", "json")]
    lists = [api, f"{api}/snapshot?view=page", f"{api}/entries", f"{api}/feed", "/api/v1/feed"]
    start = (await web.json("snapshot"))["cursor"].partition(":")[0] + ":0"
    lists += [f"{api}/changes?after={start}"]
    return "".join([(await web.http.get(path)).text for path in (*pages, *feeds, *lists)])


async def released(socket: ClientConnection, entry_id: str) -> dict[str, Any]:
    """What a reader hears of the entry first; until then no word of it."""
    async for text in socket:
        message = json.loads(text)
        changes = [message.get("change")] if "change" in message else message.get("changes", [])
        for change in changes:
            if change.get("entry", {}).get("id") == entry_id:
                found: dict[str, Any] = change
                return found
        assert SECRET not in text
    raise AssertionError("the stream ended")


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_an_embargo_ends_at_once_in_two_processes(
    database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        url = ""
        if database == "postgresql":
            server: PostgresServer = request.getfixturevalue("postgres_server")
            url = stack.enter_context(server.database())
        valkey = ValkeyProcess(Path(stack.enter_context(TemporaryDirectory(prefix="lb-"))))
        stack.callback(valkey.kill)
        valkey.start()
        async with newsroom(tmp_path, valkey, url) as room:
            command = [sys.executable, "-m", "workers", "scheduler"]
            stack.enter_context(running(command, room.env))
            await room.post(room.webs[0], {"body": "Waiting for the inquiry"})
            sockets = [
                await connect(f"ws://{web.address}/api/v1/blogs/{SLUG}/live", proxy=None)
                for web in room.webs
            ]
            body = {"headline": SECRET, "body": "x", "key": True, "card": True, "embargo": True}
            ends = datetime.now(UTC) + timedelta(seconds=6)
            made = await room.post(room.webs[0], body | {"publish_at": ends.isoformat()})
            early = await room.write(
                room.webs[1],
                f"entries/{made['id']}",
                {"state": "published"},
                method="PATCH",
                match=1,
            )
            assert early.status_code == 409, early.text
            for web in room.webs:
                assert SECRET not in await everything(web)
            async with asyncio.timeout(WITHIN):
                first, second = await asyncio.gather(*(released(s, made["id"]) for s in sockets))
            assert first == second
            assert (first["type"], first["entry"]["headline"]) == ("entry.published", SECRET)
            assert datetime.fromisoformat(first["at"]) >= ends
            for web in room.webs:
                assert SECRET in await everything(web)
            for one in sockets:
                await one.close()
