"""Atom (RFC 4287); what was retracted is said as ``at:deleted-entry`` (RFC 6721), so that
readers who keep old entries take it out too."""

from datetime import datetime

from liveblog.feeds.items import Author, Feed, Item, Removed
from liveblog.feeds.xml import DECLARATION, element, text

ATOM_TYPE = "application/atom+xml"


def atom(feed: Feed) -> bytes:
    """The feed."""
    whole = element(
        "feed",
        element("id", text(feed.id)),
        element("title", text(feed.title)),
        element("subtitle", text(feed.subtitle)) if feed.subtitle else "",
        element("updated", moment(feed.updated)),
        # Required where an entry names nobody.
        element("author", element("name", text(feed.title))),
        element("link", rel="alternate", type="text/html", href=feed.url),
        element("link", rel="self", type=ATOM_TYPE, href=feed.own),
        element("generator", "Liveblog"),
        *(_entry(item) for item in feed.items),
        *(_deleted(removed) for removed in feed.removed),
        xmlns="http://www.w3.org/2005/Atom",
        xmlns_at="http://purl.org/atompub/tombstones/1.0",
        xml_lang=feed.lang,
    )
    return (DECLARATION + whole).encode()


def moment(when: datetime) -> str:
    """RFC 3339 in UTC."""
    return f"{when:%Y-%m-%dT%H:%M:%S.%f}Z"


def author(one: Author) -> str:
    """A person."""
    page = element("uri", text(one.url)) if one.url else ""
    return element("author", element("name", text(one.name)), page)


def _entry(item: Item) -> str:
    return element(
        "entry",
        element("id", text(item.id)),
        element("title", text(item.title)),
        element("link", rel="alternate", type="text/html", href=item.url),
        element("published", moment(item.published)),
        element("updated", moment(item.updated)),
        *(author(one) for one in item.authors),
        *(element("category", term=category) for category in item.categories),
        element("summary", text(item.summary)) if item.summary else "",
        element("content", text(item.html), type="html"),
        xml_lang=item.lang,
    )


def _deleted(removed: Removed) -> str:
    note = element("at:comment", text(removed.note)) if removed.note else ""
    return element("at:deleted-entry", note, ref=removed.id, when=moment(removed.at))
