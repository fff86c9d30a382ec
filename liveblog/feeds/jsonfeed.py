"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from datetime import datetime

import msgspec
from msgspec import UNSET, Struct, UnsetType

from liveblog.feeds.items import Feed, Item

JSON_TYPE = "application/feed+json"


class JsonAuthor(Struct, frozen=True):
    """Who wrote it."""

    name: str
    url: str | UnsetType = UNSET


class JsonItem(Struct, frozen=True):
    """One entry."""

    id: str
    url: str
    title: str
    content_html: str
    date_published: datetime
    date_modified: datetime
    language: str
    summary: str | UnsetType = UNSET
    image: str | UnsetType = UNSET
    authors: tuple[JsonAuthor, ...] | UnsetType = UNSET
    tags: tuple[str, ...] | UnsetType = UNSET


class JsonFeed(Struct, frozen=True):
    """The feed."""

    title: str
    home_page_url: str
    feed_url: str
    language: str
    items: tuple[JsonItem, ...]
    description: str | UnsetType = UNSET
    version: str = "https://jsonfeed.org/version/1.1"


def json_feed(feed: Feed) -> bytes:
    """The feed; what was retracted is not in it."""
    return msgspec.json.encode(
        JsonFeed(
            title=feed.title,
            home_page_url=feed.url,
            feed_url=feed.own,
            language=feed.lang,
            items=tuple(_item(item) for item in feed.items),
            description=feed.subtitle or UNSET,
        )
    )


def _item(item: Item) -> JsonItem:
    authors = tuple(JsonAuthor(a.name, a.url or UNSET) for a in item.authors)
    return JsonItem(
        id=item.id,
        url=item.url,
        title=item.title,
        content_html=item.html,
        date_published=item.published,
        date_modified=item.updated,
        language=item.lang,
        summary=item.summary or UNSET,
        image=item.image or UNSET,
        authors=authors or UNSET,
        tags=item.categories or UNSET,
    )
