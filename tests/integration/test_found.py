"""What machines find: robots.txt, sitemaps, oEmbed, JSON-LD and previews, from a real server."""

import html
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from xml.dom import minidom
from xml.etree import ElementTree

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


def addresses(xml: str) -> list[str]:
    found = ElementTree.fromstring(xml).iter()
    return [node.text or "" for node in found if node.tag.endswith("}loc")]


async def graph(served: Served, path: str) -> Any:
    page = (await get(served, path)).text
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
    assert "<" not in text
    return json.loads(text)


async def test_every_page_is_in_the_sitemaps(served: Served) -> None:
    entries = [await served.publish() for _ in range(3)]
    await served.retract(entries[1])
    robots = (await get(served, "/robots.txt")).text
    assert f"Sitemap: {BASE}/sitemap.xml" in robots
    assert "Disallow: /live/api/" in robots
    parts = addresses((await get(served, "/sitemap.xml")).text)
    assert f"{BASE}/sitemaps/{SLUG}/1.xml" in parts
    found = addresses((await get(served, f"/sitemaps/{SLUG}/1.xml")).text)
    assert found[0] == f"{BASE}/blogs/{SLUG}"
    assert [one.rpartition("/")[2] for one in found if "/entries/" in one] == [
        entries[0].id,
        entries[2].id,
    ]
    await get(served, f"/sitemaps/{SLUG}/2.xml", 404)


async def test_news_are_what_is_new_and_key(served: Served) -> None:
    await served.publish(headline="Not key")
    await served.publish(headline="A & B agree", key=True)
    text = (await get(served, "/sitemap-news.xml")).text
    nodes = minidom.parseString(text).getElementsByTagName("news:title")
    titles = "".join(node.toxml() for node in nodes)
    assert "A &amp; B agree" in titles
    assert "Not key" not in titles


@pytest.mark.parametrize("visibility", ["draft", "unlisted", "private"])
async def test_nothing_is_told_of_what_is_not_public(served: Served, visibility: str) -> None:
    await served.publish(headline="Secret", key=True)
    await served.revise_blog(visibility=visibility)
    for path in ("/sitemap.xml", "/sitemap-news.xml"):
        text = (await get(served, path)).text
        assert SLUG not in text
        assert "Secret" not in text
    await get(served, f"/sitemaps/{SLUG}/1.xml", 404)


async def test_without_an_address_there_is_no_sitemap(tmp_path: Path) -> None:
    async with serving(tmp_path) as one:
        await one.blog()
        await get(one, "/sitemap.xml", 404)
        assert "Sitemap" not in (await get(one, "/robots.txt")).text


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


async def test_how_to_show_it_elsewhere(served: Served) -> None:
    url = f"{BASE}/blogs/{SLUG}"
    found = (await get(served, f"/oembed?url={url}&maxwidth=300")).json()
    assert (found["type"], found["width"], found["provider_name"]) == ("rich", 300, "The News")
    assert f'src="{BASE}/embed/{SLUG}"' in found["html"]
    await get(served, "/oembed?url=https://evil.example/blogs/x", 404)
    await get(served, f"/oembed?url={url}&maxwidth=x", 400)
    await served.revise_blog(visibility="private")
    answer = await served.http.get(f"/oembed?url={url}")
    assert answer.status_code in (401, 403, 404)
