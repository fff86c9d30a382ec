"""What a page tells search engines, and whoever shows a link to it (https://ogp.me)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING

from markupsafe import Markup
from msgspec import Struct

from liveblog.feeds.content import absolute, words_of
from liveblog.feeds.jsonld import Node, article, live_posting, script
from liveblog.feeds.pictures import SHARED, fitting
from liveblog.feeds.site import Site
from liveblog.model.entry import Media
from liveblog.text import teaser
from liveblog.web.pages.languages import language
from liveblog.web.pages.words import headline
from liveblog.wire.links import Links
from liveblog.wire.messages import BlogView, EntryView

if TYPE_CHECKING:
    from liveblog.queries import DayPage, EntryPage, KeyPage, LivePage, OlderPage

DESCRIPTION = 200
"""Characters, cut at a word."""
UNSEEN = "image/svg+xml"
"""Whoever shows a link makes a small copy of its picture, and none of them reads this type."""


class Image(Struct, frozen=True):
    """The picture beside a shared link."""

    url: str
    width: int | None = None
    height: int | None = None
    alt: str = ""


class Description(Struct, frozen=True):
    """A page in the words of its head. Addresses are whole only where ours is known; what needs
    a whole one is left out otherwise."""

    title: str
    description: str
    locale: str
    type: str = "article"
    site: str = ""
    url: str = ""
    published: datetime | None = None
    modified: datetime | None = None
    image: Image | None = None
    previous: str = ""
    next: str = ""
    graph: Markup = Markup()


class Describe:
    """Describes the pages of one site."""

    def __init__(self, links: Links, site: Site) -> None:
        self._links = links
        self._site = site

    def home(self) -> Description:
        """The news feed."""
        said = language(self._site.lang)
        return Description(
            title=self._site.name or said.gettext("Live pages"),
            description=said.gettext("The newest stories and live pages."),
            locale=str(said.locale),
            type="website",
            site=self._site.name,
            url=self._links.home if self._links.base else "",
            image=self._image(()),
        )

    def live(self, page: LivePage, updated: datetime) -> Description:
        """The live page."""
        shown = page.snapshot
        blog = shown.blog
        node = live_posting(blog, shown.entries, page.first, self._links, self._site)
        media = (m for e in shown.entries if isinstance(e, EntryView) for m in e.media)
        older = self._links.page(blog.slug, page.older) if page.older is not None else ""
        return self._of(
            blog,
            blog.url,
            headline(blog),
            blog.standfirst or headline(blog),
            published=page.first,
            modified=updated,
            image=self._image(media),
            next=older,
            graph=_graph(node),
        )

    def entry(self, page: EntryPage, title: str) -> Description:
        """An entry as an article of its own."""
        entry, blog = page.entry, page.blog
        assert isinstance(entry, EntryView), "a tombstone is described to nobody"
        words = words_of(entry)
        return self._of(
            blog,
            entry.url,
            title,
            words or headline(blog),
            published=entry.published_at,
            modified=entry.edit.at if entry.edit else entry.published_at,
            image=self._image(entry.media),
            graph=_graph(article(entry, blog, self._links, self._site)),
        )

    def older(self, page: OlderPage) -> Description:
        """An older page, counted from the oldest."""
        blog = page.blog
        number, last = page.number, page.last
        newer = self._links.page(blog.slug, number + 1) if number < last else blog.url
        return self._of(
            blog,
            self._links.page(blog.slug, number),
            headline(blog),
            blog.standfirst,
            previous=newer,
            next=self._links.page(blog.slug, number - 1) if number > 1 else "",
        )

    def day(self, page: DayPage, url: str) -> Description:
        """A day: its key developments, one after the other, where it has any."""
        blog = page.blog
        when = language(blog.lang).long_date(date.fromisoformat(page.day.date))
        told = "\n".join(item.text for item in page.day.items)
        return self._of(blog, url, f"{headline(blog)}: {when}", told or blog.standfirst)

    def key(self, page: KeyPage, url: str) -> Description:
        """The key developments, one after the other."""
        blog = page.blog
        name = language(blog.lang).gettext("Key developments so far")
        told = "\n".join(entry.headline or "" for entry in page.entries)
        return self._of(blog, url, f"{headline(blog)}: {name}", told or blog.standfirst)

    def _of(
        self, blog: BlogView, url: str, title: str, description: str, **more: object
    ) -> Description:
        return Description(
            title=title,
            description=teaser(description, DESCRIPTION) if description else "",
            locale=str(language(blog.lang).locale),
            site=self._site.name,
            url=url if self._links.base else "",
            **more,  # type: ignore[arg-type]
        )

    def _image(self, media: Iterable[Media]) -> Image | None:
        """The first picture there is, else the site's own; with a whole address only."""
        shown = [*map(self._shown, media), Image(absolute(self._site.image, self._links))]
        return next((one for one in shown if one.url.startswith("http")), None)

    def _shown(self, media: Media) -> Image:
        """A picture, or what stands for a film until it plays; without an address when neither."""
        alt = media.alt or media.caption or ""
        if media.type.startswith("image/") and media.type != UNSEEN:
            one = fitting(media, SHARED)
            return Image(absolute(one.url, self._links), one.width, one.height, alt)
        return Image(absolute(media.poster, self._links), alt=alt)


def _graph(node: Node) -> Markup:
    # script() leaves no character that HTML would read.
    return Markup(script(node))
