"""Whoever gets an address of ours can show the live page: oEmbed (https://oembed.com)."""

from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.kit import SLUG
from tests.served import Served, serving

BASE = "https://news.example/live"
PAGE = f"{BASE}/blogs/{SLUG}"


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with serving(tmp_path, public_url=BASE, site_name="The News") as one:
        await one.blog()
        yield one


async def ask(served: Served, status: int = 200, **query: str) -> Any:
    answer = await served.http.get("/live/oembed", params=query, headers={"Host": "evil.example"})
    assert answer.status_code == status, answer.text
    assert "evil.example" not in answer.text
    return answer.json()


class _Frame(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def frame(found: dict[str, Any]) -> dict[str, str | None]:
    """The attributes of the one element there is."""
    ((tag, attributes),) = _Frame(found["html"]).tags
    assert tag == "iframe"
    return attributes


async def test_a_live_page_is_a_frame(served: Served) -> None:
    title = '"Quoted" & <b>bold</b>'
    await served.revise_blog(headline=title)
    found = await ask(served, url=PAGE, format="json")
    assert (found["version"], found["type"], found["title"]) == ("1.0", "rich", title)
    assert (found["provider_name"], found["provider_url"]) == ("The News", BASE + "/")
    shown = frame(found)
    assert shown["src"] == f"{BASE}/embed/{SLUG}"
    assert shown["title"] == title
    assert (shown["width"], shown["height"]) == (str(found["width"]), str(found["height"]))


@pytest.mark.parametrize("more", ["#entry-1", "?page=2", "/entries/1#x", "/pages/3", "/"])
async def test_any_page_of_a_blog_will_do(served: Served, more: str) -> None:
    assert frame(await ask(served, url=PAGE + more))["src"] == f"{BASE}/embed/{SLUG}"


async def test_a_frame_is_no_larger_than_the_room_for_it(served: Served) -> None:
    usual = await ask(served, url=PAGE)
    small = await ask(served, url=PAGE, maxwidth="300", maxheight="200")
    assert (small["width"], small["height"]) == (300, 200)
    large = await ask(served, url=PAGE, maxwidth="5000", maxheight="999999999")
    assert (large["width"], large["height"]) == (usual["width"], usual["height"])
    for wrong in ("0", "-1", "x", "1.5", "٣", "9" * 5000, ""):
        await ask(served, 400, url=PAGE, maxwidth=wrong)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://evil.example/live/blogs/x",
        f"{BASE}.evil.example/blogs/x",
        BASE,
        f"{BASE}/blogs/",
        f"{BASE}/blogs/../studio",
        f"{BASE}/blogs/no-such-blog",
        f"{BASE}/blogs/%00",
        "//[",
    ],
)
async def test_what_is_not_ours_is_not_shown(served: Served, url: str) -> None:
    await ask(served, 404, url=url)


async def test_what_cannot_be_answered_is_refused(served: Served) -> None:
    await ask(served, 400)
    assert (await ask(served, 501, url=PAGE, format="xml"))["status"] == 501


async def test_only_what_everybody_may_read_is_shown(served: Served) -> None:
    await served.revise_blog(visibility="unlisted")
    await ask(served, url=PAGE)
    token = await served.token("admin")
    for visibility, status in (("draft", 404), ("private", 401)):
        await served.revise_blog(visibility=visibility)
        answer = await served.http.get(
            "/oembed", params={"url": PAGE}, headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.status_code == status, visibility
        assert "War" not in answer.text


async def test_without_an_address_nothing_is_ours(tmp_path: Path) -> None:
    async with serving(tmp_path) as one:
        await one.blog()
        for url in (f"/blogs/{SLUG}", f"{one.url}/blogs/{SLUG}"):
            answer = await one.http.get("/oembed", params={"url": url})
            assert answer.status_code == 404
