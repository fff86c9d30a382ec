"""What readers get says no word of what is not public, and changes by not a byte for it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from tests.integration.authorisation.asking import Asking
from tests.integration.authorisation.table import MORE, PUBLIC, ROWS, Row
from tests.integration.authorisation.world import MARK, VISIBILITIES, Made, headers_of

READS = [row for row in ROWS if row.method == "GET" and row.needs in ("read", "shown", "open")]
HOME = [
    *("/", "/api/v1/feed", "/api/v1/feed?view=page", "/api/v1/blogs", "/robots.txt"),
    *("/sitemap.xml", "/sitemap-news.xml", "/studio", "/studio/{slug}", "/sitemaps/{slug}/1.xml"),
]


@pytest.mark.parametrize("row", [*READS, *MORE[3:], *(Row("GET", one, "read") for one in HOME)],
                         ids=lambda row: row.path)  # fmt: skip
async def test_nothing_of_it_is_told(made: Made, tmp_path: Path, row: Row) -> None:
    """No word of what is not public in anything that readers get: lists, counts, feeds, pages,
    sitemaps, history, changes, streams. Not to those who may write either, who read the same."""
    wrong: list[object] = []
    async with made.serving(tmp_path, public_url=PUBLIC) as served:
        asking = Asking(served, made.world, row)
        for slug in VISIBILITIES:
            for who in ("nobody", "token read", "contributor", "editor", "house chief"):
                status, text = await asking.ask(who, slug)
                if MARK in text or ("Blog draft" in text and who in ("nobody", "token read")):
                    wrong.append((who, slug, status, text[:300]))
    assert wrong == []


@pytest.mark.parametrize("view", ["data", "page"])
async def test_nothing_of_it_is_replayed(made: Made, tmp_path: Path, view: str) -> None:
    """To somebody who follows from the very beginning, by any way in."""
    async with made.serving(tmp_path) as served:
        blog = (await served.http.get("/api/v1/blogs/public")).json()
        after = f"{blog['cursor'].partition(':')[0]}:0"
        address = f"/api/v1/blogs/public/{{}}?after={after}&view={view}"
        polled = (await served.http.get(address.format("changes"))).text
        texts = {"poll": polled, "live": "", "stream": ""}
        end = f'"seq":{blog["seq"]},"changes"'
        async with connect(f"ws://{served.address}{address.format('live')}") as socket:
            while end not in texts["live"]:
                texts["live"] += str(await socket.recv())
        async with served.http.stream("GET", address.format("stream")) as answer:
            async for line in answer.aiter_lines():
                texts["stream"] += line
                if end in line:
                    break
    for way, text in texts.items():
        for ids in made.world.entries["public"].values():
            there = {name for name, entry in ids.items() if entry in text}
            assert there == {"published", "retracted"}, way
        assert MARK not in text, way


async def test_what_is_not_public_changes_nothing_that_readers_get(
    made: Made, tmp_path: Path
) -> None:
    """Not a byte: no count, no cursor, no tag, no time."""
    rows = [row for row in [*READS, *MORE[3:]] if not row.path.endswith("/stream")]
    rows += [Row("GET", one, "read") for one in HOME]
    async with made.serving(tmp_path, public_url=PUBLIC) as served:
        everything = [Asking(served, made.world, row) for row in rows]
        before = [await one.ask("nobody", "public") for one in everything]
        editor = headers_of(made.world, "editor", "public")
        later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        for more in (
            {"state": "draft"},
            {"state": "submitted"},
            {"publish_at": later},
            {"publish_at": later, "embargo": True},
        ):
            body = {"headline": MARK, "body": MARK, "key": True, "card": True, **more}
            address = "/api/v1/blogs/public/entries"
            made_one = await served.http.post(address, json=body, headers=editor)
            assert made_one.status_code == 201, made_one.text
        served.broker.deliver_all()
        after = [await one.ask("nobody", "public") for one in everything]
    for row, one, other in zip(rows, before, after, strict=True):
        assert one == other, row.path
