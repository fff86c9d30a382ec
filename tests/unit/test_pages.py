"""What the pages say, and what they never let through."""

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from msgspec.structs import replace

from liveblog.model.entry import Byline, Edit, Embed, Media, Quote, Rendition, Source, Track
from liveblog.queries import (
    DayPage,
    EntryPage,
    FrontItem,
    FrontPage,
    HistoryPage,
    KeyPage,
    LivePage,
    OlderPage,
    RevisionView,
)
from liveblog.types import Cursor, Revision
from liveblog.web.pages import Pages
from liveblog.wire.links import Links
from liveblog.wire.messages import EntryView, Tombstone
from tests.browser.content import (
    NOON,
    blog_view,
    day_view,
    entries,
    entry_id,
    entry_view,
    live_page,
    tombstone,
)
from tests.browser.kinds import YOUTUBE

PAGES = Pages(Links(), "test")
BLOG = blog_view()
EVIL = "<script>alert(1)</script>\"' onclick=alert(1) x="


class Outline(HTMLParser):
    """Ids, links, headings and whether every element was closed in order."""

    VOID = frozenset({"meta", "link", "img", "input", "source", "track", "br", "hr"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.headings: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert "style" not in given
        assert not any(name.startswith("on") for name in given)
        if tag not in self.VOID:
            self.open.append(tag)
        if "id" in given:
            self.ids.append(given["id"] or "")
        if tag == "a":
            self.links.append(given["href"] or "")
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def versions(*texts: str) -> tuple[RevisionView, ...]:
    """These were said, one after the other."""
    return tuple(
        RevisionView(Revision(n), NOON, Edit("update", NOON, text), False, text, None, text)
        for n, text in enumerate(texts, 1)
    )


def documents() -> dict[str, str]:
    """One of each page."""
    listed: tuple[EntryView | Tombstone, ...] = live_page().snapshot.entries
    day = day_view(entries())
    cursor = Cursor("test:9")
    live = FrontItem("blog", "0" * 26, BLOG.updated_at, BLOG, day=day)
    stories = [FrontItem("entry", e.id, BLOG.updated_at, BLOG, e) for e in entries()]
    return {
        "live": PAGES.live(live_page()),
        "older": PAGES.older(OlderPage(BLOG, 2, 3, listed, cursor)),
        "oldest": PAGES.live(live_page(), oldest=True),
        "older, oldest": PAGES.older(OlderPage(BLOG, 2, 3, listed, cursor), oldest=True),
        "day": PAGES.day(DayPage(BLOG, day, listed, cursor)),
        "key": PAGES.key(KeyPage(BLOG, tuple(e for e in entries() if e.key), cursor, "1.2")),
        "entry": PAGES.entry(EntryPage(BLOG, entries()[3], 1)),
        "history": PAGES.history(
            HistoryPage(EntryPage(BLOG, entries()[3], 1), versions("One two.", "One three."))
        ),
        "gone": PAGES.gone(EntryPage(BLOG, tombstone(4, "A slip."), 1)),
        "home": PAGES.home(FrontPage((live, *stories), "1.2")),
        "error": PAGES.error(404, "Not found", "There is nothing here."),
    }


@pytest.mark.parametrize("name", documents())
def test_every_page_is_sound(name: str) -> None:
    html = documents()[name]
    outline = Outline(html)
    assert outline.open == []
    assert len(outline.ids) == len(set(outline.ids))
    assert outline.headings.count("h1") == 1
    assert outline.headings[0] == "h1"
    for link in outline.links:
        assert not link.startswith("#") or link[1:] in outline.ids
    assert "<script>" not in html


def test_page_and_push_are_the_same_html() -> None:
    page = live_page()
    html = PAGES.live(page)
    for entry in page.snapshot.entries:
        assert f"<li>{PAGES.fragment(entry, BLOG)}</li>" in html
    fragment = PAGES.fragment(day_view(entries()), BLOG)
    here = re.sub(r'href="/blogs/[^"]*/entries/', 'href="#entry-', fragment)
    assert here in html


def test_the_roll_up_leads_to_entries_of_other_pages() -> None:
    page = live_page()
    without = replace(page.snapshot, entries=page.snapshot.entries[:2], pinned=None)
    html = PAGES.live(LivePage(without, 1))
    assert f'href="{entries()[0].url}"' in html
    assert "Key developments on July 23" in html


def test_times_are_of_the_event_and_named() -> None:
    html = PAGES.fragment(entry_view(1), BLOG)
    assert "12:07 EEST" in html
    assert 'datetime="2025-07-23T09:07:00Z"' in html
    winter = entry_view(1, published_at=datetime(2025, 1, 5, 12, 0, tzinfo=UTC))
    assert "14:00 EET" in PAGES.fragment(winter, BLOG)
    assert "12:07 UTC+3" in PAGES.fragment(entry_view(1), blog_view(time_zone="Europe/Istanbul"))
    nepal = blog_view(time_zone="Asia/Kathmandu")
    assert "14:52 UTC+5:45" in PAGES.fragment(entry_view(1), nepal)


def test_a_late_evening_has_the_date_of_the_event() -> None:
    late = entry_view(1, published_at=datetime(2025, 7, 23, 21, 30, tzinfo=UTC))
    assert '00:30 EEST</bdi> <bdi class="entry-date">July 24' in PAGES.fragment(late, BLOG)


def test_words_of_editors_are_text() -> None:
    entry = entry_view(
        1,
        headline=EVIL,
        quote=Quote(EVIL, EVIL, EVIL, EVIL, Source(EVIL, "javascript:alert(1)")),
        media=(
            Media(url="javascript:alert(1)", type="image/png"),
            Media("/a.png", EVIL, 9, 90, EVIL, EVIL, EVIL, EVIL, poster="javascript:alert(1)"),
            Media(
                url="/a.mp4",
                type=f"video/{EVIL}",
                alt=EVIL,
                poster="javascript:alert(1)",
                renditions=(Rendition("javascript:alert(1)", EVIL), Rendition("/b.mp4", EVIL)),
                tracks=(
                    Track("javascript:alert(1)", "captions", "en"),
                    Track("javascript:alert(1)", "transcript", "en"),
                    Track("/a.vtt", "captions", EVIL),
                    Track("/a.txt", "transcript", EVIL),
                    Track("/b.txt", "transcript", EVIL),
                ),
            ),
        ),
        embed=Embed("data:text/html,x", EVIL, EVIL),
        bylines=(Byline(EVIL, EVIL, "javascript:alert(1)"),),
        lang=EVIL,
        tags=(EVIL,),
        sources=(Source(EVIL, "java\nscript:alert(1)"), Source("Home", "//evil.example")),
        edit=Edit("update", NOON, EVIL),
    )
    for html in (
        PAGES.fragment(entry, BLOG),
        PAGES.entry(EntryPage(blog_view(title=EVIL, headline=EVIL), entry, 1)),
        PAGES.fragment(replace(entry, embed=Embed(YOUTUBE, EVIL, EVIL, EVIL, "data:x")), BLOG),
        PAGES.history(HistoryPage(EntryPage(BLOG, entry, 1), versions(EVIL, "Now", EVIL))),
        PAGES.fragment(tombstone(1, EVIL), BLOG),
        PAGES.error(400, EVIL, EVIL),
    ):
        assert "<script>alert" not in html
        assert "javascript:" not in html
        assert "data:text" not in html
        assert 'href="//' not in html
        Outline(html)


def test_pictures_and_films_say_what_they_are() -> None:
    picture = Media(
        url="https://example.org/1200.jpg",
        type="image/jpeg",
        width=1200,
        height=800,
        alt="Two flags",
        caption="At the table",
        credit="A, pool, B via C",
        taken_at="2025-03-13",
        renditions=(Rendition("https://example.org/600.jpg", "image/jpeg", 600),),
    )
    film = Media(
        url="/film.mp4",
        type="video/mp4",
        poster="/film.jpg",
        duration=125.0,
        tracks=(Track("/film.vtt", "captions", "en"),),
    )
    html = PAGES.fragment(entry_view(1, media=(picture, film)), BLOG)
    assert 'alt="Two flags" width="1200" height="800"' in html
    assert "https://example.org/600.jpg 600w, https://example.org/1200.jpg 1200w" in html
    assert "Taken March 13, 2025." in html
    assert "A, pool, B via C" in html
    assert '<track src="/film.vtt" kind="captions" srclang="en" label="English" default>' in html
    assert "2:05" in html


@pytest.mark.parametrize(
    ("taken_at", "said"),
    [
        ("2025-07-23T11:00:00", False),
        ("2025-07-24", True),
        ("2025-07-22T23:59:59+03:00", True),
        ("last week", True),
        (None, False),
    ],
)
def test_when_it_was_taken_is_said_of_another_day(taken_at: str | None, said: bool) -> None:
    picture = Media("/a.jpg", "image/jpeg", 9, 6, caption="A table", taken_at=taken_at)
    late = datetime(2025, 7, 22, 21, 30, tzinfo=UTC)  # in Kyiv it is the 23rd
    html = PAGES.fragment(entry_view(1, media=(picture,), published_at=late), BLOG)
    assert ("Taken" in html) == said


def test_a_picture_comes_in_every_format_in_its_place() -> None:
    made = tuple(
        Rendition(f"/m/{wide}.{kind}", f"image/{kind}", wide, wide // 2)
        for kind in ("avif", "webp")
        for wide in (320, 640)
    )
    picture = Media("/m/640.jpg", "image/jpeg", 640, 320, alt="A table", renditions=made)
    html = PAGES.fragment(entry_view(1, media=(picture,)), BLOG)
    place = html[html.index("<picture>") : html.index("</picture>")]
    sources = re.findall('<source type="([^"]+)" srcset="([^"]+)" sizes="[^"]+">', place)
    assert sources == [
        ("image/avif", "/m/320.avif 320w, /m/640.avif 640w"),
        ("image/webp", "/m/320.webp 320w, /m/640.webp 640w"),
    ]
    assert '<img src="/m/640.jpg" alt="A table" width="640" height="320" loading="lazy"' in place
    Outline(html)


def test_marks_of_edits() -> None:
    at = NOON + timedelta(days=1, minutes=9)
    corrected = entry_view(1, edit=Edit("correction", at, "The number was wrong."))
    html = PAGES.fragment(corrected, BLOG)
    assert "Corrected" in html
    assert "12:09 EEST, July 24" in html
    assert "The number was wrong." in html
    assert "Updated" not in PAGES.fragment(entry_view(1, edit=Edit("typo", at)), BLOG)


def test_a_tombstone_says_when_and_why() -> None:
    html = PAGES.fragment(tombstone(1, "A doubled entry."), BLOG)
    assert f'id="entry-{entry_id(1)}"' in html
    assert "removed at" in html
    assert "12:12 EEST" in html
    assert "A doubled entry." in html


def test_a_kind_of_the_future_is_shown_by_its_html() -> None:
    hologram = replace(entry_view(1, "In *three* dimensions."), kind="hologram")
    assert "In <em>three</em> dimensions." in PAGES.fragment(hologram, BLOG)


@pytest.mark.parametrize(
    ("changes", "indexed"),
    [
        ({}, True),
        ({"demo": True}, False),
        ({"visibility": "unlisted"}, False),
        ({"visibility": "draft"}, False),
        ({"visibility": "private"}, False),
    ],
)
def test_who_may_find_it(changes: dict[str, Any], indexed: bool) -> None:
    html = PAGES.live(live_page(**changes))
    assert ('name="robots" content="noindex"' not in html) is indexed
    assert ("Demonstration" in html) is ("demo" in changes)


def test_addresses_below_a_prefix() -> None:
    pages = Pages(Links("https://news.example/live"), "b1")
    html = pages.live(live_page())
    assert 'src="/live/static/b1/live.js"' in html
    assert 'data-changes="/live/api/v1/blogs/ukraine-war-latest/changes"' in html
    assert 'href="/live/"' in html


def test_language_and_direction() -> None:
    html = PAGES.live(live_page(lang="ar", dir="rtl"))
    assert '<html lang="ar" dir="rtl">' in html
    other = PAGES.fragment(entry_view(1, "Слово", lang="uk", dir="ltr"), BLOG)
    assert '<div class="body" lang="uk" dir="ltr">' in other
    assert '<article class="entry" id' in other, "the page's own words stay in its language"
