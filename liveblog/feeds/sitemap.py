"""Sitemaps (https://www.sitemaps.org/protocol.html) and the one for news. Pure functions.

Every address in them is whole, so they exist only where the public address is known.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from liveblog.feeds.xml import DECLARATION, element, text

LARGEST = 50_000
"""Addresses in one file."""

_MAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"


class Page(NamedTuple):
    """Where something is, and when it changed last, where that is known."""

    url: str
    changed: datetime | None = None


class Story(NamedTuple):
    """Something that is news: ``at`` is when it was published first."""

    url: str
    title: str
    lang: str
    at: datetime


def index(maps: Iterable[Page]) -> bytes:
    """The list of all sitemaps."""
    return _document("sitemapindex", (_entry("sitemap", one) for one in maps))


def urlset(pages: Iterable[Page]) -> bytes:
    """A list of pages."""
    return _document("urlset", (_entry("url", one) for one in pages))


def news(stories: Iterable[Story], name: str) -> bytes:
    """A list of stories; ``name`` is the newsroom's."""
    return _document("urlset", (_story(one, name) for one in stories), xmlns_news=_NEWS)


def _document(name: str, rows: Iterable[str], **spaces: str) -> bytes:
    return (DECLARATION + element(name, *rows, xmlns=_MAPS, **spaces)).encode()


def _entry(name: str, page: Page) -> str:
    changed = element("lastmod", _time(page.changed)) if page.changed else ""
    return element(name, element("loc", text(page.url)), changed)


def _story(story: Story, name: str) -> str:
    publication = element(
        "news:publication",
        element("news:name", text(name)),
        element("news:language", text(_language(story.lang))),
    )
    said = element(
        "news:news",
        publication,
        element("news:publication_date", _time(story.at)),
        element("news:title", text(story.title)),
    )
    return element("url", element("loc", text(story.url)), said)


def _language(tag: str) -> str:
    """As ISO 639 names it; for Chinese with the country, which the format asks for."""
    tag = tag.lower()
    return tag if tag in ("zh-cn", "zh-tw") else tag.partition("-")[0]


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
