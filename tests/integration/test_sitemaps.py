"""Search engines find every public page, and nothing else, below any address we have."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import httpx2
import pytest
from msgspec.structs import replace

from liveblog.actions import OPERATOR, Ask
from liveblog.model.entry import Entry
from liveblog.queries.sitemaps import MAPPED
from liveblog.store.contract import Tx
from liveblog.types import EntryId, Seq
from liveblog.wire.requests import PatchEntry
from tests.kit import SLUG
from tests.served import Served, serving

BASE = "https://news.example/live"
MAPS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with serving(tmp_path, public_url=BASE, site_name="The News & Sons") as one:
        await one.blog()
        yield one


async def get(served: Served, path: str, status: int = 200) -> httpx2.Response:
    answer = await served.http.get(path, headers={"Host": "evil.example"})
    assert answer.status_code == status, (path, answer.text)
    assert "evil.example" not in answer.text
    return answer


class Row(NamedTuple):
    """One address of a sitemap."""

    url: str
    changed: datetime | None


async def rows(served: Served, path: str) -> list[Row]:
    """What a sitemap lists, read as strictly as its format asks."""
    answer = await get(served, path)
    assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"
    root = ElementTree.fromstring(answer.content)
    assert root.tag in (MAPS + "urlset", MAPS + "sitemapindex")
    found = []
    for one in root:
        assert one.tag == MAPS + ("url" if root.tag.endswith("urlset") else "sitemap")
        parts = {child.tag.removeprefix(MAPS): child.text or "" for child in one}
        assert parts.keys() <= {"loc", "lastmod"}
        assert parts["loc"].startswith(BASE + "/")
        changed = parts.get("lastmod")
        when = datetime.fromisoformat(changed) if changed else None
        assert when is None or when.tzinfo is not None
        found.append(Row(parts["loc"], when))
    assert len({one.url for one in found}) == len(found)
    return found


def below(served: Served, path: str) -> str:
    """A path of the index, as it is asked of us: without the host."""
    assert path.startswith(BASE)
    return path.removeprefix("https://news.example")


async def everything(served: Served) -> list[Row]:
    """What all the sitemaps of pages list together."""
    found: list[Row] = []
    for one in await rows(served, "/live/sitemap.xml"):
        found += await rows(served, below(served, one.url))
    return found


async def stories(served: Served) -> dict[str, tuple[str, datetime]]:
    """The titles and times of the news, by address."""
    root = ElementTree.fromstring((await get(served, "/live/sitemap-news.xml")).content)
    found = {}
    for one in root:
        assert [child.tag for child in one] == [MAPS + "loc", NEWS + "news"]
        said = {child.tag.removeprefix(NEWS): child for child in one[1]}
        name, language = said["publication"]
        assert (name.text, language.text) == ("The News & Sons", "en")
        at = datetime.fromisoformat(said["publication_date"].text or "")
        assert at.tzinfo is not None
        found[one[0].text or ""] = (said["title"].text or "", at)
    return found


def page(entry: Entry | str, slug: str = SLUG) -> str:
    """The address of an entry."""
    return f"{BASE}/blogs/{slug}/entries/{entry if isinstance(entry, str) else entry.id}"


async def dated(served: Served, at: datetime, **fields: object) -> Entry:
    """An entry that says it was published then."""
    entry = await served.publish(**fields)
    ask = Ask(OPERATOR, match=entry.revision)
    change = PatchEntry(published_at=at)
    outcome = await served.actions.entries.revise(SLUG, entry.id, change, ask)
    served.broker.deliver_all()
    assert isinstance(outcome.value, Entry)
    return outcome.value


async def test_robots_are_told_where_to_look(served: Served) -> None:
    lines = (await get(served, "/live/robots.txt")).text.splitlines()
    assert lines[0] == "User-agent: *"
    assert "Disallow: /live/api/" in lines
    assert f"Sitemap: {BASE}/sitemap.xml" in lines
    assert f"Sitemap: {BASE}/sitemap-news.xml" in lines


async def test_every_page_is_found_and_there(served: Served) -> None:
    await served.blog("other")
    entries = [await served.publish() for _ in range(3)]
    await served.retract(entries[1])
    found = [one.url for one in await everything(served)]
    today = datetime.now(UTC).date()
    days = {f"{BASE}/blogs/{SLUG}/days/{today + timedelta(days=n)}" for n in (-1, 0, 1)}
    assert len(set(found) & days) == 1
    assert set(found) - days == {
        f"{BASE}/blogs/other",
        f"{BASE}/blogs/{SLUG}",
        page(entries[0]),
        page(entries[2]),
    }
    for one in found:
        await get(served, below(served, one))


async def test_a_day_is_one_of_the_event_and_needs_no_key_entry(served: Served) -> None:
    # In Kyiv it is 1:30 of the next day.
    await dated(served, datetime(2026, 7, 1, 22, 30, tzinfo=UTC))
    await dated(served, datetime(2026, 7, 2, 12, 0, tzinfo=UTC))
    days = [one.url for one in await everything(served) if "/days/" in one.url]
    assert days == [f"{BASE}/blogs/{SLUG}/days/2026-07-02"]
    await get(served, below(served, days[0]))


async def test_an_edit_is_a_change_of_entry_day_page_and_sitemap(served: Served) -> None:
    entry = await served.publish()
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)

    def age(tx: Tx) -> None:
        blog = tx.lock_blog(SLUG)
        assert blog is not None
        tx.save_blog(replace(blog, created_at=long_ago, updated_at=long_ago, latest_at=long_ago))
        tx.save_entry(replace(entry, published_at=long_ago, updated_at=None))

    await served.store.inner.write(age)
    before = {one.url: one.changed for one in await everything(served)}
    assert before.pop(f"{BASE}/blogs/{SLUG}") != long_ago
    assert set(before.values()) == {long_ago}
    began = datetime.now(UTC).replace(microsecond=0)
    ask = Ask(OPERATOR, match=entry.revision)
    await served.actions.entries.revise(SLUG, entry.id, PatchEntry(body="Other words"), ask)
    found = [*await everything(served), *await rows(served, "/live/sitemap.xml")]
    assert len(found) == 4
    assert all(one.changed and one.changed >= began for one in found)


async def test_five_thousand_entries_are_all_found(served: Served) -> None:
    """And every sitemap is bounded, and a full one keeps its addresses."""
    count = 5000
    first = await served.publish()
    start = datetime(2026, 1, 1, tzinfo=UTC)

    def fill(tx: Tx) -> None:
        blog = tx.lock_blog(SLUG)
        assert blog is not None
        for n in range(2, count + 1):
            at = start + timedelta(minutes=n)
            name = EntryId(f"{n:026d}")
            entry = replace(first, id=name, seq=Seq(n), ordinal=n, published_at=at)
            tx.insert_entry(blog.id, entry)
        tx.save_blog(replace(blog, count=count, head=Seq(count)))

    await served.store.inner.write(fill)
    maps = await rows(served, "/live/sitemap.xml")
    assert [one.url for one in maps] == [f"{BASE}/sitemaps/{SLUG}/{n}.xml" for n in range(1, 6)]
    parts = [await rows(served, below(served, one.url)) for one in maps]
    listed = [[one.url for one in part if "/entries/" in one.url] for part in parts]
    assert [len(part) for part in listed] == [MAPPED] * 5
    expected = {page(first), *(page(f"{n:026d}") for n in range(2, count + 1))}
    assert {one for part in listed for one in part} == expected
    assert parts[-1][0].url == f"{BASE}/blogs/{SLUG}"
    assert not [one for part in parts[:-1] for one in part if one.url.endswith(SLUG)]
    full = [one.url for one in parts[0]]
    await served.publish()
    assert [one.url for one in await rows(served, f"/live/sitemaps/{SLUG}/1.xml")] == full
    assert len(await rows(served, f"/live/sitemaps/{SLUG}/6.xml")) == 3
    for number in (0, 7, 10**20):
        await get(served, f"/live/sitemaps/{SLUG}/{number}.xml", 404)


async def test_news_are_what_is_new_and_key(served: Served) -> None:
    first = await served.publish(headline="Not key")
    entry = await served.publish(headline="A & B <agree>", key=True)
    gone = await served.publish(headline="Withdrawn", key=True)
    await served.retract(gone)
    found = await stories(served)
    assert found[f"{BASE}/blogs/{SLUG}"][0] == "War"
    assert found[page(entry)][0] == "A & B <agree>"
    assert found.keys() == {f"{BASE}/blogs/{SLUG}", page(entry)}
    assert first.published_at is not None
    whole = first.published_at.replace(microsecond=0)
    assert found[f"{BASE}/blogs/{SLUG}"][1] == whole


async def test_what_is_older_than_two_days_is_no_news(served: Served) -> None:
    now = datetime.now(UTC)
    await dated(served, now - timedelta(hours=49), headline="Old", key=True)
    new = await dated(served, now - timedelta(hours=47), headline="New", key=True)
    # The live page began with the first entry: it is no news any more, what is new in it is.
    assert (await stories(served)).keys() == {page(new)}


async def test_a_blog_without_entries_hides_no_news(served: Served) -> None:
    entry = await served.publish(headline="New", key=True)
    await served.blog("later")
    assert page(entry) in await stories(served)


@pytest.mark.parametrize("visibility", ["draft", "unlisted", "private"])
async def test_nothing_is_told_of_what_is_not_public(served: Served, visibility: str) -> None:
    await served.publish(headline="Secret", key=True)
    await served.revise_blog(visibility=visibility)
    assert await everything(served) == []
    assert await stories(served) == {}
    await get(served, f"/live/sitemaps/{SLUG}/1.xml", 404)


async def test_a_demonstration_is_no_news(served: Served) -> None:
    await served.publish(headline="Made up", key=True)

    def mark(tx: Tx) -> None:
        blog = tx.lock_blog(SLUG)
        assert blog is not None
        tx.save_blog(replace(blog, demo=True))

    await served.store.inner.write(mark)
    assert await everything(served) == []
    assert await stories(served) == {}
    await get(served, f"/live/sitemaps/{SLUG}/1.xml", 404)


async def test_who_has_it_is_told_so(served: Served) -> None:
    await served.publish()
    paths = ["/robots.txt", "/sitemap.xml", "/sitemap-news.xml", f"/sitemaps/{SLUG}/1.xml"]
    for path in paths:
        tag = (await get(served, path)).headers["ETag"]
        answer = await served.http.get(path, headers={"If-None-Match": tag})
        assert (answer.status_code, answer.content) == (304, b"")
    await served.publish()
    answers = await asyncio.gather(*(served.http.get(path) for path in paths[1:]))
    assert [answer.status_code for answer in answers] == [200] * 3


async def test_without_an_address_there_is_no_sitemap(tmp_path: Path) -> None:
    async with serving(tmp_path) as one:
        await one.blog()
        for path in ("/sitemap.xml", "/sitemap-news.xml", f"/sitemaps/{SLUG}/1.xml"):
            await get(one, path, 404)
        text = (await get(one, "/robots.txt")).text
        assert "Sitemap" not in text
        assert "Disallow: /api/" in text
