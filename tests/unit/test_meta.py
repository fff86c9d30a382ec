"""What the head of a page says to whoever shows a link to it."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from msgspec.structs import replace

from liveblog.feeds.site import Site
from liveblog.model.entry import Media
from liveblog.queries import DayPage, EntryPage, FrontPage, LivePage, OlderPage
from liveblog.types import Cursor
from liveblog.web.pages.meta import DESCRIPTION
from liveblog.web.pages.render import Pages
from liveblog.wire.links import Links
from liveblog.wire.messages import EntryView
from tests.browser.content import NOON, SLUG, blog_view, day_view, entries, entry_view, live_page

BASE = "https://news.example/live"
LINKS = Links(BASE)
SITE = Site("The News", image="https://news.example/share.jpg")
PAGES = Pages(LINKS, "test", SITE)
BLOG = blog_view(url=LINKS.blog(SLUG))
PHOTO = Media("/media/a.jpg", "image/jpeg", 1200, 800, "A <long> table")


class Head(HTMLParser):
    """The head of a page: what it says under each name, and where it points."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.says: dict[str, list[str]] = {}
        self.points: dict[str, list[str]] = {}
        self.feed(page.partition("<body>")[0])

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        """Keep what it says."""
        given = dict(attrs)
        if tag == "meta" and "content" in given:
            name = str(given.get("property") or given.get("name"))
            self.says.setdefault(name, []).append(given["content"])
        if tag == "link":
            self.points.setdefault(given["rel"], []).append(given["href"])

    def one(self, name: str) -> str | None:
        """What is said once, or not at all."""
        found = self.says.get(name, [])
        assert len(found) <= 1, name
        return found[0] if found else None


def live(*shown: EntryView, pages: Pages = PAGES, **changes: Any) -> Head:
    """The head of a live page with these entries."""
    page = live_page(url=LINKS.blog(SLUG))
    shot = replace(page.snapshot, **({"entries": shown} if shown else {}))
    if changes:
        shot = replace(shot, blog=replace(shot.blog, **changes))
    return Head(pages.live(LivePage(shot, page.older, first=NOON)))


def single(entry: EntryView, pages: Pages = PAGES, **changes: Any) -> Head:
    """The head of an entry's own page."""
    ours = replace(entry, url=pages.links.entry(SLUG, entry.id))
    return Head(pages.entry(EntryPage(replace(BLOG, **changes), ours, 1)))


def test_a_live_page_says_what_it_is() -> None:
    head = live()
    assert head.one("og:type") == "article"
    assert head.one("og:title") == BLOG.headline
    assert head.one("description") == head.one("og:description") == BLOG.standfirst
    assert head.points["canonical"] == [head.one("og:url")] == [f"{BASE}/blogs/{SLUG}"]
    assert head.one("og:site_name") == "The News"
    assert head.one("og:locale") == "en"
    assert head.one("article:published_time") == "2025-07-23T09:00:00Z"
    assert head.one("article:modified_time") == "2025-07-23T09:49:00Z"
    assert head.points["next"] == [f"{BASE}/blogs/{SLUG}/pages/3"]
    assert "prev" not in head.points


def test_the_lead_image_comes_with_size_and_words() -> None:
    plain = entry_view(2, "Words")
    head = live(plain, entry_view(1, "Words", media=(PHOTO,)))
    assert head.one("og:image") == "https://news.example/media/a.jpg"
    assert (head.one("og:image:width"), head.one("og:image:height")) == ("1200", "800")
    assert head.one("og:image:alt") == "A <long> table"
    assert head.one("twitter:card") == "summary_large_image"


def test_a_drawing_is_passed_over_and_a_film_shows_its_poster() -> None:
    drawing = Media("/media/a.svg", "image/svg+xml", 1200, 800, "A drawing")
    film = Media("/media/b.mp4", "video/mp4", 640, 360, "A film", poster="/media/b.jpg")
    head = live(entry_view(1, media=(drawing, film)))
    assert head.one("og:image") == "https://news.example/media/b.jpg"
    # The size is the film's.
    assert head.one("og:image:width") is None
    assert live(entry_view(1, media=(drawing,))).one("og:image") == SITE.image
    bare = live(entry_view(1, media=(drawing,)), pages=Pages(LINKS, "test"))
    assert bare.one("og:image") is None
    assert bare.one("twitter:card") == "summary"


def test_without_our_own_address_nothing_needs_one() -> None:
    pages = Pages(Links(), "test", Site("The News", image="/share.jpg"))
    for head in (
        live(entry_view(1, "Words", media=(PHOTO,)), pages=pages),
        single(entry_view(1, "Words", media=(PHOTO,)), pages=pages),
        Head(pages.home(FrontPage((), None))),
    ):
        assert head.one("og:title")
        assert head.one("og:url") is head.one("og:image") is None
        said = [one for several in head.says.values() for one in several]
        assert not [one for one in said if one.startswith(("/", "http"))]


def test_an_entry_is_described_by_its_own_words() -> None:
    head = single(entry_view(1, "First words.\n\nMore.", headline='Said "so" & <more>'))
    assert head.one("og:title") == 'Said "so" & <more>'
    assert head.one("description") == "First words.\nMore."
    assert head.points["canonical"] == [head.one("og:url")]
    assert head.one("article:published_time") == "2025-07-23T09:07:00Z"


def test_descriptions_are_short() -> None:
    long = "wording " * 200
    for head in (live(standfirst=long), single(entry_view(1, long))):
        text = head.one("description") or ""
        assert len(text) <= DESCRIPTION
        assert text.endswith("wording…")


def test_older_pages_lead_on_and_back() -> None:
    def older(number: int) -> Head:
        page = OlderPage(BLOG, number, 3, (entry_view(1, "Words"),), Cursor("test:9"))
        return Head(PAGES.older(page))

    at = f"{BASE}/blogs/{SLUG}"
    assert older(3).points["prev"] == [at]
    assert older(3).points["next"] == older(1).points["prev"] == [f"{at}/pages/2"]
    assert "next" not in older(1).points
    assert older(2).points["canonical"] == [f"{at}/pages/2"]


def test_a_day_tells_its_key_developments() -> None:
    shown = entries()
    head = Head(PAGES.day(DayPage(BLOG, day_view(shown), tuple(shown), Cursor("test:9"))))
    assert (head.one("og:title") or "").endswith(": July 23, 2025")
    assert (head.one("description") or "").startswith("Ukraine and Russia hold a third round")
    assert head.points["canonical"] == [f"{BASE}/blogs/{SLUG}/days/2025-07-23"]


def test_the_front_page_is_a_site() -> None:
    head = Head(PAGES.home(FrontPage((), None)))
    assert head.one("og:type") == "website"
    assert head.one("og:title") == head.one("og:site_name") == "The News"
    assert head.points["canonical"] == [head.one("og:url")] == [f"{BASE}/"]
    assert head.one("og:image") == SITE.image


@pytest.mark.parametrize(
    ("found", "changes"),
    [
        (True, {}),
        (False, {"demo": True}),
        *((False, {"visibility": one}) for one in ("draft", "unlisted", "private")),
    ],
)
def test_only_what_is_public_may_be_found(found: bool, changes: dict[str, Any]) -> None:
    for head in (live(**changes), single(entry_view(1, "Words"), **changes)):
        assert head.one("robots") == (None if found else "noindex")


def test_each_page_can_be_shown_elsewhere() -> None:
    (address,) = re.findall(
        r'type="application/json\+oembed" title="[^"]*" href="([^"]*)"',
        PAGES.live(live_page(url=LINKS.blog(SLUG))),
    )
    asked = f"https%3A//news.example/live/blogs/{SLUG}"
    assert address == f"{BASE}/oembed?url={asked}&amp;format=json"
