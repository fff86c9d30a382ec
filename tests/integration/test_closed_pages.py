"""A closed page keeps its tag while the blog goes on; when it changes, the purge hook is told."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from liveblog.actions import OPERATOR, Ask
from liveblog.model.entry import Entry
from liveblog.store.contract import Tx
from liveblog.types import EntryId
from liveblog.wire.links import Links
from liveblog.wire.requests import PatchEntry
from tests.kit import SLUG
from tests.served import Served, serving
from workers.purge import purges

BASE = "https://n.example"
LONG_AGO = datetime(2024, 2, 3, 12, tzinfo=UTC)
Move = Callable[["Site"], Awaitable[Any]]


class Site:
    """A server with a purge hook, a blog of 45 entries, and what its pages were before."""

    def __init__(self, served: Served) -> None:
        self.served = served
        served.actions.door.destinations = ("purge",)
        self.entries: list[EntryId] = []

    async def publish(self, **fields: Any) -> Entry:
        entry = await self.served.publish(**fields)
        self.entries.append(entry.id)
        return entry

    async def stored(self, number: int) -> Entry:
        def work(tx: Tx) -> Entry:
            blog = tx.blog(SLUG)
            found = tx.entry(blog.id, self.entries[number - 1]) if blog else None
            assert found is not None
            return found

        return await self.served.store.inner.read(work)

    async def revise(self, number: int, **fields: Any) -> None:
        entry = await self.stored(number)
        ask = Ask(OPERATOR, match=entry.revision)
        await self.served.actions.entries.revise(SLUG, entry.id, PatchEntry(**fields), ask)

    async def retract(self, number: int) -> None:
        await self.served.retract(await self.stored(number))

    async def restore(self, number: int) -> None:
        entry = await self.stored(number)
        await self.served.actions.entries.restore(
            SLUG, entry.id, Ask(OPERATOR, match=entry.revision)
        )

    async def pages(self) -> dict[int, tuple[str, str, str]]:
        """Of each older page its tag, its Cache-Control and its bytes."""
        found: dict[int, tuple[str, str, str]] = {}
        while True:
            path = f"/blogs/{SLUG}/pages/{len(found) + 1}"
            answer = await self.served.http.get(path)
            if answer.status_code == 404:
                return found
            answer.raise_for_status()
            headers = answer.headers
            found[len(found) + 1] = (headers["ETag"], headers["Cache-Control"], answer.text)

    async def told(self) -> tuple[set[int], set[str]]:
        """The older pages the hook is told of now, and the tags."""

        def work(tx: Tx) -> list[Any]:
            now = datetime.now(UTC) + timedelta(days=1)
            rows = tx.claim_deliveries("purge", now, now, 500)
            tx.delivered([row.id for row in rows])
            return list(purges(tx, rows, Links(BASE))) if rows else []

        calls = await self.served.store.inner.write(work)
        urls = "\n".join(url for call in calls for url in call.urls)
        numbers = {int(n) for n in re.findall(rf"^{BASE}/blogs/{SLUG}/pages/(\d+)$", urls, re.M)}
        return numbers, {tag for call in calls for tag in call.tags}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    options: dict[str, Any] = {
        "public_url": BASE,
        "purge_url": "http://127.0.0.1:9/",
        "purge_token": "t",
    }
    async with serving(tmp_path, **options) as served:
        await served.blog()
        site = Site(served)
        for n in range(45):
            await site.publish(pinned=n == 2, published_at=LONG_AGO if n == 5 else None)
        await site.told()
        yield site


MOVES: dict[str, Move] = {
    "a new entry": lambda site: site.publish(),
    "a key entry": lambda site: site.publish(headline="Key", key=True),
    "a pinned entry, which unpins one of long ago": lambda site: site.publish(pinned=True),
    "an entry dated back": lambda site: site.publish(published_at=LONG_AGO),
    "new words": lambda site: site.revise(30, body="Other words"),
    "a flag": lambda site: site.revise(30, breaking=True),
    "another time": lambda site: site.revise(3, published_at=LONG_AGO),
    "a retraction": lambda site: site.retract(21),
    "a restoration": lambda site: site.retract(40),
    "a title": lambda site: site.served.revise_blog(title="Peace"),
    "a headline": lambda site: site.served.revise_blog(headline="Peace"),
    "a language": lambda site: site.served.revise_blog(lang="uk"),
    "a time zone": lambda site: site.served.revise_blog(time_zone="UTC"),
    "unlisted": lambda site: site.served.revise_blog(visibility="unlisted"),
    "a new history": lambda site: site.served.actions.renew_epoch(),
}


@pytest.mark.parametrize("name", MOVES)
async def test_whatever_changes_a_closed_page_is_told(site: Site, name: str) -> None:
    """And what does not, leaves it alone: same tag, same bytes, and no word to the hook."""
    before = await site.pages()
    await MOVES[name](site)
    if name == "a restoration":
        await site.told()
        before = await site.pages()
        await site.restore(40)
    after = await site.pages()
    numbers, tags = await site.told()
    whole = f"blog:{SLUG}" in tags
    for number in (1, 2):  # the closed ones
        (tag, kept, html), (new_tag, _, new_html) = before[number], after[number]
        assert "s-maxage" in kept
        told = number in numbers and (whole or f"page:{SLUG}:{number}" in tags)
        if new_html != html:
            assert told, f"page {number} has changed and lives on in caches"
            assert new_tag != tag, f"page {number} has changed and its tag has not"
        if not told:
            assert new_tag == tag, f"page {number} has not changed"


async def test_a_page_is_kept_from_the_entry_on_that_closes_it(site: Site) -> None:
    """A full page without one after it still gets its link to that one."""
    for _ in range(45, 60):
        await site.publish()
    full = (await site.pages())[3]
    assert full[1] == "no-cache"
    await site.publish()
    closed = (await site.pages())[3]
    assert "s-maxage" in closed[1]
    assert closed[0] != full[0]
    assert f"/blogs/{SLUG}/pages/4" in closed[2]
    assert f"/blogs/{SLUG}/pages/4" not in full[2]
    for _ in range(25):
        await site.publish()
    assert (await site.pages())[3] == closed


async def test_a_private_blog_is_nobodys_to_keep(site: Site) -> None:
    await site.served.revise_blog(visibility="private")
    token = await site.served.token("read")
    headers = {"Authorization": f"Bearer {token}"}
    answer = await site.served.http.get(f"/blogs/{SLUG}/pages/1", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Surrogate-Key" not in answer.headers
