"""Blogs and entries as schema.org describes them: LiveBlogPosting and NewsArticle.

https://schema.org/LiveBlogPosting. Each update has a headline, an address and dates of its own.
``datePublished`` and ``coverageStartTime`` are those of the first publication and never move;
``coverageEndTime`` is said only when the coverage has ended, and is that of the last update: what
is corrected later does not prolong it. Retracted entries are absent.

Where our own address is not known, addresses are paths: whoever reads the description resolves
them against the page it stands in (JSON-LD 1.1, section 7.1).
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from liveblog.feeds.content import absolute, words_of
from liveblog.feeds.pictures import SHARED, fitting
from liveblog.feeds.site import Site
from liveblog.model.entry import Byline, Media
from liveblog.text import first_sentence, teaser
from liveblog.wire.links import Links
from liveblog.wire.messages import BlogView, EntryView, Tombstone

BODY = 500
"""Characters of an update's text, cut at a word: the page has it all beside."""
HEADLINE = 110
"""Characters of a headline, cut at a word."""

Node = dict[str, Any]


def live_posting(
    blog: BlogView,
    shown: Sequence[EntryView | Tombstone],
    first: datetime | None,
    links: Links,
    site: Site,
) -> Node:
    """The live page.

    :param shown: the entries in the page, newest first.
    :param first: when the blog's first entry was published; None before there is one.
    """
    entries = [entry for entry in shown if isinstance(entry, EntryView)]
    began = first or blog.created_at
    latest = max([blog.updated_at, began, *(_changed(one) for one in shown)])
    ended = max((e.published_at for e in entries if e.published_at), default=began)
    images = _images((m for entry in entries for m in entry.media), links) or _default(site, links)
    return _without_empty(
        {
            "@context": "https://schema.org",
            "@type": "LiveBlogPosting",
            "@id": blog.url,
            "url": blog.url,
            "mainEntityOfPage": {"@type": "WebPage", "@id": blog.url},
            "headline": teaser(blog.headline or blog.title, HEADLINE),
            "description": blog.standfirst,
            "inLanguage": blog.lang,
            "image": images[:3],
            "publisher": _publisher(site, links),
            "author": _publisher(site, links),
            "datePublished": _time(began),
            "dateModified": _time(latest),
            "coverageStartTime": _time(began),
            "coverageEndTime": _time(ended) if blog.status == "closed" else None,
            "isAccessibleForFree": True,
            "liveBlogUpdate": [_update(entry, blog, links, site) for entry in entries],
        }
    )


def article(entry: EntryView, blog: BlogView, links: Links, site: Site) -> Node:
    """An entry as an article of its own."""
    node = _update(entry, blog, links, site)
    node |= {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": {"@type": "WebPage", "@id": entry.url},
        "isPartOf": {"@type": "LiveBlogPosting", "@id": blog.url},
        "inLanguage": entry.lang or blog.lang,
        "publisher": _publisher(site, links),
        "image": node.get("image") or _default(site, links),
        "isAccessibleForFree": True,
    }
    return _without_empty(node)


def script(node: Node) -> str:
    """The node as text that stands safely in a ``<script>`` element: nothing of it can end the
    element or begin a comment, because no such character is left."""
    text = msgspec.json.encode(node).decode()
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _update(entry: EntryView, blog: BlogView, links: Links, site: Site) -> Node:
    words = words_of(entry)
    published = entry.published_at or blog.created_at
    lang = entry.lang or blog.lang
    headline = entry.headline or first_sentence(words, HEADLINE) or blog.title
    return _without_empty(
        {
            "@type": "BlogPosting",
            "@id": entry.url,
            "url": entry.url,
            "headline": teaser(headline, HEADLINE),
            "articleBody": teaser(words, BODY) if words else "",
            "inLanguage": lang if lang != blog.lang else "",
            "datePublished": _time(published),
            "dateModified": _time(_changed(entry)),
            "author": [_author(one, links) for one in entry.bylines] or _publisher(site, links),
            "image": _images(entry.media, links),
            "video": [_video(m, entry, links) for m in entry.media if m.type.startswith("video/")],
            "correction": _correction(entry),
        }
    )


def _changed(entry: EntryView | Tombstone) -> datetime:
    if isinstance(entry, Tombstone):
        moments = [entry.retracted_at]
    else:
        moments = [entry.published_at, entry.edit.at if entry.edit else None]
    return max((m for m in moments if m is not None), default=datetime.min.replace(tzinfo=UTC))


def _correction(entry: EntryView) -> Node | None:
    if entry.edit is None or entry.edit.kind != "correction":
        return None
    node = {
        "@type": "CorrectionComment",
        "text": entry.edit.note,
        "datePublished": _time(entry.edit.at),
    }
    return _without_empty(node)


def _author(byline: Byline, links: Links) -> Node:
    node = {"@type": "Person", "name": byline.name, "jobTitle": byline.role}
    return _without_empty(node | {"url": absolute(byline.url, links)})


def _publisher(site: Site, links: Links) -> Node | None:
    if not site.name:
        return None
    logo = absolute(site.logo, links)
    node = {"@type": "Organization", "name": site.name, "url": links.home}
    return node | ({"logo": {"@type": "ImageObject", "url": logo}} if logo else {})


def _images(media: Iterable[Media], links: Links) -> list[Node]:
    shown = [(m, fitting(m, SHARED)) for m in media if m.type.startswith("image/")]
    found = [(m, one) for m, one in shown if absolute(one.url, links)]
    return [
        _without_empty(
            {
                "@type": "ImageObject",
                "url": absolute(one.url, links),
                "width": one.width,
                "height": one.height,
                "caption": m.caption or m.alt,
                "creditText": m.credit,
            }
        )
        for m, one in found
    ]


def _default(site: Site, links: Links) -> list[Node]:
    address = absolute(site.image, links)
    return [{"@type": "ImageObject", "url": address}] if address else []


def _video(media: Media, entry: EntryView, links: Links) -> Node:
    return _without_empty(
        {
            "@type": "VideoObject",
            "name": media.caption or media.alt or entry.headline or "",
            "contentUrl": absolute(media.url, links),
            "thumbnailUrl": absolute(media.poster, links),
            "uploadDate": _time(entry.published_at) if entry.published_at else None,
            "duration": f"PT{round(media.duration)}S" if media.duration else None,
        }
    )


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"


def _without_empty(node: Node) -> Node:
    return {name: value for name, value in node.items() if value not in (None, "", [], {})}
