"""Sitemaps (https://www.sitemaps.org/protocol.html) and the one for news. Pure functions.

Every address in them is whole, so they exist only where the public address is known.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from liveblog.feeds.xml import DECLARATION, element, text
from liveblog.wire.messages import BlogView, EntryView

_MAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"


def index(addresses: Iterable[str]) -> bytes:
    """The list of all sitemaps."""
    rows = (element("sitemap", element("loc", text(one))) for one in addresses)
    return (DECLARATION + element("sitemapindex", *rows, xmlns=_MAPS)).encode()


def pages(rows: Iterable[tuple[str, datetime | None]]) -> bytes:
    """Addresses, each with when it changed last."""
    return (DECLARATION + element("urlset", *map(_row, rows), xmlns=_MAPS)).encode()


def news(found: Iterable[tuple[BlogView, EntryView | None]], name: str) -> bytes:
    """Live pages and entries of the last two days; ``name`` is the newsroom's."""
    rows = []
    for blog, entry in found:
        lang = (entry.lang if entry else None) or blog.lang
        at = (entry.published_at if entry else None) or blog.created_at
        title = (entry.headline if entry else None) or blog.headline or blog.title
        publication = element(
            "news:publication",
            element("news:name", text(name)),
            element("news:language", text(lang.split("-")[0])),
        )
        said = element(
            "news:news",
            publication,
            element("news:publication_date", _time(at)),
            element("news:title", text(title)),
        )
        address = element("loc", text(entry.url if entry else blog.url))
        rows.append(element("url", address, said))
    return (DECLARATION + element("urlset", *rows, xmlns=_MAPS, xmlns_news=_NEWS)).encode()


def _row(row: tuple[str, datetime | None]) -> str:
    address, changed = row
    when = element("lastmod", _time(changed)) if changed else ""
    return element("url", element("loc", text(address)), when)


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
