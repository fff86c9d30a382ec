"""What search engines may know of: the pages of public blogs that are no demonstration.

The entries of a blog stand in sitemaps by their ordinals, so one that is full keeps its
addresses. The last one begins with the live page, because it changes as often.
"""

from datetime import date, datetime

from liveblog.errors import NotFound
from liveblog.feeds.sitemap import LARGEST, Page, Story
from liveblog.model.blog import Blog
from liveblog.store.contract import Tx
from liveblog.types import Seq, Slug
from liveblog.wire.links import Links

MAPPED = 1000
"""Entries in one sitemap."""
MAPS = 10_000
"""Blogs in the list of sitemaps, the newest."""
NEWS = 1000
"""Stories in the sitemap of news: nobody reads more of it."""
NEWS_OF_ONE = 100
"""Key entries of one blog among them."""
NEWS_BLOGS = 100
"""Blogs that are looked at for them."""


def maps(tx: Tx, links: Links) -> list[Page]:
    """Every sitemap of every blog. Only of a blog's last one it is known when it changed."""
    found: list[Page] = []
    for blog in tx.listed_blogs(MAPS):
        last = _last(blog.published)
        found += [Page(links.sitemap(blog.slug, n)) for n in range(1, last)]
        found.append(Page(links.sitemap(blog.slug, last), blog.changed_at))
    return found[:LARGEST]


def pages(tx: Tx, links: Links, slug: Slug, number: int) -> list[Page]:
    """What stands in a sitemap: the days of its entries, and the entries, oldest first.

    :raises NotFound: there is none of this number, for anybody.
    """
    blog = tx.blog(slug)
    if blog is None or blog.visibility != "public" or blog.demo:
        raise NotFound("There is no such sitemap.")
    if not 1 <= number <= _last(blog.count):
        raise NotFound("There is no such sitemap.")
    found: list[Page] = []
    days: dict[date, datetime] = {}
    for row in tx.listed_entries(blog.id, (number - 1) * MAPPED + 1, number * MAPPED):
        changed = max(row.published_at, row.updated_at or row.published_at)
        found.append(Page(links.entry(slug, row.id), changed))
        day = row.published_at.astimezone(blog.zone).date()
        days[day] = max(changed, days.get(day, changed))
    found[:0] = [Page(links.day(slug, day), changed) for day, changed in days.items()]
    if number == _last(blog.count):
        newest = tx.newest_changes(blog.id, Seq(blog.head - 1), 1)
        found.insert(0, Page(links.blog(slug), newest[0].at if newest else blog.updated_at))
    return found


def stories(tx: Tx, links: Links, since: datetime, now: datetime) -> list[Story]:
    """Live pages that began since then, and key entries; those of the blog that was last
    published in first."""
    found: list[Story] = []
    for blog in tx.running_blogs(limit=NEWS_BLOGS):
        if (blog.latest_at or blog.created_at) < since or len(found) >= NEWS:
            break
        if not blog.demo:
            found += _stories(tx, links, blog, (since, now))
    return found[:NEWS]


def _stories(tx: Tx, links: Links, blog: Blog, between: tuple[datetime, datetime]) -> list[Story]:
    found: list[Story] = []
    for first in tx.entries_by_ordinal(blog.id, 1, 1):
        if first.published_at and first.published_at >= between[0]:
            title = blog.headline or blog.title
            found.append(Story(links.blog(blog.slug), title, blog.lang, first.published_at))
    for row in tx.entries(blog.id, between=between, key=True, limit=NEWS_OF_ONE):
        assert row.published_at is not None, "a published entry has a time"
        address, title = links.entry(blog.slug, row.id), row.headline or blog.title
        found.append(Story(address, title, row.lang or blog.lang, row.published_at))
    return found


def _last(count: int) -> int:
    return max(1, -(-count // MAPPED))
