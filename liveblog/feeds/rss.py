"""RSS 2.0, with the whole text in ``content:encoded`` and names in ``dc:creator``."""

from datetime import datetime
from email.utils import format_datetime

from liveblog.feeds.atom import moment
from liveblog.feeds.items import Feed, Item
from liveblog.feeds.xml import DECLARATION, element, text

RSS_TYPE = "application/rss+xml"


def rss(feed: Feed) -> bytes:
    """The feed; what was retracted is not in it."""
    channel = element(
        "channel",
        element("title", text(feed.title)),
        element("link", text(feed.url)),
        element("atom:link", rel="self", type=RSS_TYPE, href=feed.own),
        element("description", text(feed.subtitle or feed.title)),
        element("language", text(feed.lang)),
        element("lastBuildDate", _date(feed.updated)),
        element("generator", "Liveblog"),
        *(_item(item) for item in feed.items),
    )
    whole = element(
        "rss",
        channel,
        version="2.0",
        xmlns_atom="http://www.w3.org/2005/Atom",
        xmlns_content="http://purl.org/rss/1.0/modules/content/",
        xmlns_dc="http://purl.org/dc/elements/1.1/",
    )
    return (DECLARATION + whole).encode()


def _item(item: Item) -> str:
    return element(
        "item",
        element("title", text(item.title)),
        element("link", text(item.url)),
        element("guid", text(item.id), isPermaLink="false"),
        element("pubDate", _date(item.published)),
        element("atom:updated", moment(item.updated)),
        *(element("dc:creator", text(one.name)) for one in item.authors),
        *(element("category", text(category)) for category in item.categories),
        element("description", text(item.summary)) if item.summary else "",
        element("content:encoded", text(item.html)) if item.html else "",
        element("dc:language", text(item.lang)),
    )


def _date(when: datetime) -> str:
    return format_datetime(when, usegmt=True)
