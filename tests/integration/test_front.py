"""The news feed: what is in it, what never is, and that it is never old."""

from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from liveblog.actions import OPERATOR, Ask
from liveblog.types import Slug
from liveblog.wire.requests import NewBlog, NewEntry, PatchEntry
from tests.kit import SLUG
from tests.served import Served, serving

FEED = "/api/v1/feed"


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with serving(tmp_path) as one:
        await one.blog()
        yield one


async def feed(served: Served, query: str = "") -> Any:
    answer = await served.http.get(FEED + query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def entries(found: Any) -> list[str]:
    return [item["id"] for item in found["items"] if item["type"] == "entry"]


@pytest.mark.parametrize("visibility", ["public", "unlisted", "private", "draft"])
async def test_only_what_is_public_is_in_it(served: Served, visibility: str) -> None:
    """Over visibility, card or not, and every state."""
    made = {}
    for card, state in product((True, False), ("published", "draft", "retracted", "edited")):
        entry = await served.entry(headline=f"Secret {state} {card}", card=card, state=(
            "draft" if state == "draft" else "published"
        ))  # fmt: skip
        if state == "retracted":
            await served.retract(entry)
        if state == "edited":
            ask = Ask(OPERATOR, match=entry.revision)
            patch = PatchEntry(card=not card)
            await served.actions.entries.revise(SLUG, entry.id, patch, ask)
        made[card, state] = entry.id
    await served.revise_blog(visibility=visibility)
    answer = await served.http.get(FEED)
    page = await served.http.get("/")
    wanted = {made[True, "published"], made[False, "edited"]} if visibility == "public" else set()
    assert set(entries(answer.json())) == wanted
    for text in (answer.text, page.text):
        assert ("Secret published True" in text) == (visibility == "public")
        assert ("Secret edited False" in text) == (visibility == "public")
        # What is no card is in the lines of the live page only where that is public.
        assert "Secret retracted" not in text
        assert "Secret draft" not in text
        if visibility != "public":
            assert "Secret" not in text


async def test_what_is_withdrawn_is_gone_at_once(served: Served) -> None:
    """Where the blog is read; elsewhere it is a second until a process knows."""
    await served.http.get(f"/blogs/{SLUG}")
    entry = await served.publish(headline="It was here", card=True)
    assert entries(await feed(served)) == [entry.id]
    assert "It was here" in (await served.http.get("/")).text
    await served.retract(entry)
    served.broker.deliver_all()
    answer = await served.http.get(FEED)
    page = await served.http.get("/")
    assert "It was here" not in answer.text + page.text
    await served.publish(headline="Another", card=True)
    assert "Another" in (await served.http.get("/")).text


async def test_pages_meet_and_nothing_is_missed(served: Served) -> None:
    other = Slug("another-page")
    ask = Ask(OPERATOR)
    await served.actions.blogs.create(NewBlog(slug=other, title="Other", visibility="public"), ask)
    made = []
    for number in range(25):
        slug = other if number % 3 else SLUG
        outcome = await served.actions.entries.create(
            slug, NewEntry(body=f"Story {number}", card=True), ask
        )
        made.append(outcome.value.id)  # type: ignore[union-attr]
    seen: list[str] = []
    blogs: list[str] = []
    query = "?limit=7"
    while True:
        found = await feed(served, query)
        seen += entries(found)
        blogs += [item["blog"]["slug"] for item in found["items"] if item["type"] == "blog"]
        if found["next"] is None:
            break
        query = f"?limit=7&before={found['next']}"
    assert seen == made[::-1]
    assert sorted(blogs) == sorted([other, SLUG])
    first = (await served.http.get("/")).text
    assert "Story 24" in first
    assert "Story 1<" not in first
    older = found = await feed(served)
    page = await served.http.get(f"/?before={older['next']}")
    assert page.status_code == 200
    assert "Story 0" in page.text


async def test_a_live_page_shows_its_latest(served: Served) -> None:
    for number in range(5):
        await served.publish(headline=f"Line {number}", key=True)
    (item,) = (await feed(served))["items"]
    assert [one["text"] for one in item["latest"]] == ["Line 4", "Line 3", "Line 2"]
    assert len(item["day"]["items"]) == 5
    fragment = (await feed(served, "?view=page"))["items"][0]["fragment"]
    assert fragment in (await served.http.get("/")).text


async def test_who_has_it_is_told_so_without_a_read(served: Served) -> None:
    await served.publish(card=True)
    first = await served.http.get(FEED)
    again = await served.http.get(FEED, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert first.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("query", ["?limit=0", "?limit=51", "?before=x", "?view=x", "?nonsense=1"])
async def test_what_is_asked_wrongly(served: Served, query: str) -> None:
    answer = await served.http.get(FEED + query)
    assert answer.status_code in (400, 422)
    assert answer.headers["Content-Type"].startswith("application/problem+json")


async def test_it_is_open_to_every_origin(served: Served) -> None:
    answer = await served.http.get(FEED, headers={"Origin": "https://a.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
