"""What search engines and previews read in the pages of a real server."""

import html
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from liveblog.actions import OPERATOR, Ask
from liveblog.wire.requests import EditNote, PatchEntry
from tests.kit import SLUG
from tests.served import Served, serving

BASE = "https://news.example/live"


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with serving(tmp_path, public_url=BASE, site_name="The News") as one:
        await one.blog()
        yield one


async def get(served: Served, path: str, status: int = 200) -> Any:
    answer = await served.http.get(path)
    assert answer.status_code == status, (path, answer.text)
    return answer


async def graph(served: Served, path: str) -> Any:
    page = (await get(served, path)).text
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
    assert "<" not in text
    return json.loads(text)


async def test_each_update_has_its_own_address_headline_and_dates(served: Served) -> None:
    entries = [await served.publish(headline=f"Head {n}", body=f"Body {n}") for n in range(5)]
    node = await graph(served, f"/blogs/{SLUG}")
    assert node["@type"] == "LiveBlogPosting"
    assert "coverageEndTime" not in node
    updates = node["liveBlogUpdate"]
    assert len({one["@id"] for one in updates}) == len(updates) == 5
    assert {one["headline"] for one in updates} == {f"Head {n}" for n in range(5)}
    assert all(one["url"].startswith(BASE) for one in updates)
    text = json.dumps(node, separators=(",", ":"))
    moments = re.findall(r'"(?:date\w+|coverage\w+)":"([^"]+)"', text)
    assert len(moments) >= 13
    assert all(one.endswith("Z") for one in moments)
    published = node["datePublished"]
    assert published == node["coverageStartTime"]
    note = PatchEntry(body="Another", edit=EditNote("correction", "It was wrong."))
    await served.actions.entries.revise(
        SLUG, entries[0].id, note, Ask(OPERATOR, match=entries[0].revision)
    )
    for entry in entries[1:3]:
        await served.retract(entry)
    served.broker.deliver_all()
    node = await graph(served, f"/blogs/{SLUG}")
    assert node["datePublished"] == published
    assert len(node["liveBlogUpdate"]) == 3
    assert node["liveBlogUpdate"][-1]["correction"]["text"] == "It was wrong."
    await served.revise_blog(status="closed")
    served.broker.deliver_all()
    assert "coverageEndTime" in await graph(served, f"/blogs/{SLUG}")


async def test_words_cannot_break_out(served: Served) -> None:
    evil = "</script><script>alert(1)</script><!-- &"
    entry = await served.publish(headline=evil, body=evil)
    node = await graph(served, f"/blogs/{SLUG}")
    assert node["liveBlogUpdate"][0]["headline"] == evil
    alone = await graph(served, f"/blogs/{SLUG}/entries/{entry.id}")
    assert (alone["@type"], alone["headline"]) == ("NewsArticle", evil)
    page = (await get(served, f"/blogs/{SLUG}/entries/{entry.id}")).text
    assert "<script>alert" not in page
    assert f'property="og:title" content="{html.escape(evil)}"' in page
