"""What a purge hook is told: every address that shows what has changed, and no other."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveblog.hooks import Hook
from liveblog.model.blog import Blog
from liveblog.model.entry import Entry
from liveblog.types import BlogId, EntryId, Epoch, Seq, Slug
from liveblog.wire.links import Links, blog_tag, page_tag
from workers.purge import Purger, addresses, pages, tags_of

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
SLUG = Slug("final")
LINKS = Links("https://n.example/live")
BASE = "https://n.example/live/blogs/final"
ALWAYS = [
    BASE,
    "https://n.example/live/api/v1/blogs/final/snapshot",
    *(f"{BASE}/feed.{kind}" for kind in ("atom", "rss", "json")),
]


def blog(count: int, zone: str = "UTC") -> Blog:
    return Blog(BlogId("b"), SLUG, "T", Epoch("e"), NOON, NOON, count=count, time_zone=zone)


def entry(ordinal: int | None, **rest: Any) -> Entry:
    seq = Seq(ordinal or 0)
    given: dict[str, Any] = {"state": "published", "published_at": NOON, "ordinal": ordinal}
    return Entry(EntryId(f"e{ordinal}"), BlogId("b"), created_at=NOON, seq=seq, **given | rest)


def test_an_entry_of_long_ago() -> None:
    assert addresses(blog(100), [entry(30)], [], LINKS, whole=False) == [
        *ALWAYS,
        f"{BASE}/pages/2",
        f"{BASE}/pages/5",
        f"{BASE}/entries/e30",
        f"{BASE}/days/2026-05-01",
    ]
    assert tags_of(blog(100), [entry(30)], whole=False) == ["page:final:2", "page:final:5"]


def test_a_day_is_one_of_the_blogs_zone_and_is_named_once() -> None:
    late = entry(1, published_at=datetime(2026, 5, 1, 22, 30, tzinfo=UTC))
    berlin = blog(1, "Europe/Berlin")
    urls = addresses(berlin, [late], [date(2026, 5, 2), date(2026, 4, 1)], LINKS, whole=False)
    assert [url for url in urls if "/days/" in url] == [
        f"{BASE}/days/2026-05-02",
        f"{BASE}/days/2026-04-01",
    ]
    assert "https://n.example/live/" in urls, "the front page shows the roll-up"


def test_a_new_page_changes_the_one_before_it() -> None:
    """Its link "newer" leads to the new page from now on; and only then it is closed."""
    assert pages(blog(41), [entry(41)]) == [2, 3]
    assert pages(blog(42), [entry(42)]) == [3]


def test_the_blog_itself_stands_on_every_page() -> None:
    urls = addresses(blog(100), [], [], LINKS, whole=True)
    assert [url for url in urls if "/pages/" in url] == [f"{BASE}/pages/{n}" for n in range(1, 6)]
    assert tags_of(blog(100), [entry(3)], whole=True) == ["blog:final"]


def test_a_blog_without_entries_has_no_pages() -> None:
    assert addresses(blog(0), [], [], LINKS, whole=False) == ALWAYS
    assert tags_of(blog(0), [], whole=False) == []


@given(st.integers(1, 500), st.data())
def test_the_page_of_an_entry_is_told_by_address_and_tag(count: int, data: st.DataObject) -> None:
    ordinal = data.draw(st.integers(1, count))
    number = (ordinal + 19) // 20
    told = addresses(blog(count), [entry(ordinal)], [], LINKS, whole=False)
    assert LINKS.page(SLUG, number) in told
    assert len(told) == len(set(told))
    assert page_tag(SLUG, number) in tags_of(blog(count), [entry(ordinal)], whole=False)


def test_tags_stand_in_headers() -> None:
    """Separated by spaces for one maker of caches, by commas for another."""
    for tag in (blog_tag(SLUG), page_tag(SLUG, 3)):
        assert tag.isascii()
        assert not set(tag) & set(" ,")


@pytest.mark.parametrize(
    ("failed", "least", "most"), [(1, 0.5, 1), (2, 1, 2), (4, 4, 8), (7, 30, 60), (10**6, 30, 60)]
)
def test_pauses_double_up_to_a_minute(failed: int, least: float, most: float) -> None:
    hook = Hook("http://127.0.0.1:9/")
    pauses = [Purger(hook, LINKS, lambda j=j: j)._pause(failed) for j in (0.0, 1.0)]  # type: ignore[misc]
    assert pauses == [timedelta(seconds=least), timedelta(seconds=most)]
