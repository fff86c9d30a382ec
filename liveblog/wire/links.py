"""Addresses. Absolute ones come from ``LIVEBLOG_PUBLIC_URL``, never from a ``Host`` header.

Without that setting the addresses are absolute paths, which every reader resolves against
the address it asked (RFC 3986, section 4.2); with it they carry scheme, host and prefix.
"""

from datetime import date
from urllib.parse import urlsplit

from msgspec import Struct

from liveblog.types import EntryId, MediumId, Slug

FEEDS = ("atom", "rss", "json")
"""How the address of a feed ends."""


class Links(Struct, frozen=True):
    """Makes addresses below one base: ``""`` or ``https://news.example/live``."""

    base: str = ""

    @property
    def prefix(self) -> str:
        """The path below which a browser finds us: ``""`` or ``/live``."""
        return urlsplit(self.base).path.rstrip("/")

    @property
    def home(self) -> str:
        """The list of live pages."""
        return f"{self.base}/"

    def blog(self, slug: Slug) -> str:
        """The live page."""
        return f"{self.base}/blogs/{slug}"

    def page(self, slug: Slug, number: int) -> str:
        """An older page, counted from the oldest, 1."""
        return f"{self.base}/blogs/{slug}/pages/{number}"

    def day(self, slug: Slug, day: date) -> str:
        """A day's page."""
        return f"{self.base}/blogs/{slug}/days/{day.isoformat()}"

    def keys(self, slug: Slug) -> str:
        """All key developments."""
        return f"{self.base}/blogs/{slug}/key"

    def entry(self, slug: Slug, entry: EntryId) -> str:
        """An entry as an article of its own."""
        return f"{self.base}/blogs/{slug}/entries/{entry}"

    def feed(self, slug: Slug, kind: str) -> str:
        """A feed of the blog; ``kind`` is one of ``FEEDS``."""
        return f"{self.base}/blogs/{slug}/feed.{kind}"

    def sitemap(self, slug: Slug, number: int) -> str:
        """A list of the blog's pages for search engines, from 1."""
        return f"{self.base}/sitemaps/{slug}/{number}.xml"

    def embed(self, slug: Slug) -> str:
        """The live page as a frame on somebody else's page."""
        return f"{self.base}/embed/{slug}"

    @property
    def studio(self) -> str:
        """The desk."""
        return f"{self.base}/studio"

    def join(self, token: str) -> str:
        """Where an invitation is taken; its token is in the fragment, which is sent to nobody."""
        return f"{self.studio}/join#{token}"

    def api_blog(self, slug: Slug) -> str:
        """The blog in the API."""
        return f"{self.base}/api/v1/blogs/{slug}"

    def api_entry(self, slug: Slug, entry: EntryId) -> str:
        """The entry in the API."""
        return f"{self.base}/api/v1/blogs/{slug}/entries/{entry}"

    def media(self, path: str) -> str:
        """A file of ours, of its path as the store keeps it (``/media/…``)."""
        return f"{self.base}{path}"

    def own_path(self, address: str) -> str:
        """The path as the store keeps it, of an address that :meth:`media` made; any other
        address as it is."""
        for base in (self.base, self.prefix):
            if base and address.startswith(f"{base}/media/"):
                return address.removeprefix(base)
        return address

    def api_medium(self, slug: Slug, medium: MediumId) -> str:
        """The medium in the API."""
        return f"{self.base}/api/v1/blogs/{slug}/media/{medium}"

    def snapshot(self, slug: Slug) -> str:
        """The snapshot, as a path: a ``reset`` is read by whoever is connected already."""
        return f"{self.prefix}/api/v1/blogs/{slug}/snapshot"


def blog_tag(slug: Slug) -> str:
    """The tag that a shared cache keeps every older page of a blog under."""
    return f"blog:{slug}"


def page_tag(slug: Slug, number: int) -> str:
    """The tag that a shared cache keeps one older page under."""
    return f"page:{slug}:{number}"


def medium_tag(medium: MediumId) -> str:
    """The tag that a shared cache keeps the files of a medium under."""
    return f"media:{medium}"
