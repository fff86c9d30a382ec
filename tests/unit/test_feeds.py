"""Feeds say what the page says, in every format, and no text breaks them."""

import warnings
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from xml.etree import ElementTree

import feedparser
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from liveblog.feeds import atom, feed_of, json_feed, rss
from liveblog.model.entry import Byline, Edit, Embed, Media, Quote, Source
from liveblog.text.safe import scrub
from liveblog.types import Cursor, EntryId, Seq
from liveblog.wire.links import Links
from liveblog.wire.messages import EntryView, Snapshot, Tombstone
from tests.browser.content import NOON, blog_view, entries, entry_view, live_page, tombstone

LINKS = Links("https://news.example/live")
ATOM = "{http://www.w3.org/2005/Atom}"
DELETED = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"


def shot_of(*shown: EntryView | Tombstone, **blog: Any) -> Snapshot:
    """A snapshot with these entries."""
    view = blog_view(**{"url": "https://news.example/live/blogs/x"} | blog)
    return Snapshot(view, Cursor("demo:9"), Seq(9), None, None, shown)


def parsed(data: bytes) -> Any:
    """What feedparser makes of it, which must find nothing wrong."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own
        # Bytes as a file: otherwise it might take them for an address.
        found = feedparser.parse(data, sanitize_html=False, resolve_relative_uris=False)
    assert found.bozo is False, found.get("bozo_exception")
    return found


def items(data: bytes) -> list[dict[str, Any]]:
    """The items of a JSON feed."""
    found: list[dict[str, Any]] = msgspec.json.decode(data)["items"]
    return found


def test_the_demo_in_three_formats() -> None:
    shot = live_page().snapshot
    listed = [e for e in shot.entries if isinstance(e, EntryView)]
    ids = [f"urn:liveblog:entry:{e.id}" for e in listed]
    for kind, write, version in (("atom", atom, "atom10"), ("rss", rss, "rss20")):
        found = parsed(write(feed_of(shot, LINKS, kind)))
        assert found.version == version
        assert [e.id for e in found.entries] == ids
        assert found.feed.title == shot.blog.headline
        own = next(link for link in found.feed.links if link.rel == "self")
        assert own.href == f"https://news.example/live/blogs/{shot.blog.slug}/feed.{kind}"
        assert found.feed.language == "en"
        assert all(e.title for e in found.entries)
        assert found.entries[0].published_parsed is not None
    data = json_feed(feed_of(shot, LINKS, "json"))
    assert [e["id"] for e in items(data)] == ids
    assert msgspec.json.decode(data)["version"] == "https://jsonfeed.org/version/1.1"


def test_an_entry_says_all_that_the_page_says() -> None:
    entry = entry_view(
        1,
        headline=None,
        key=True,
        tags=("talks",),
        text="First words. Second words.",
        html="<p>First words. Second <strong>words</strong>.</p>",
        quote=Quote(
            "It is <over>", "A & B", "judge", None, Source("Court", "https://court.example")
        ),
        media=(
            Media("/m/1.png", "image/png", alt="A bridge", caption="The bridge", credit="AP"),
            Media("javascript:alert(1)", "image/png"),
        ),
        embed=Embed("https://video.example/1", title="A film"),
        bylines=(Byline("Zoë", url="https://zoe.example"), Byline("Al")),
        sources=(Source("Ministry"),),
        edit=Edit("correction", NOON + timedelta(hours=1), "It was Tuesday."),
        published_at=NOON,
        updated_at=NOON,
    )
    shot = shot_of(entry)
    (item,) = items(json_feed(feed_of(shot, LINKS, "json")))
    html = item["content_html"]
    for said in (
        "Second <strong>words</strong>",
        "It is &lt;over&gt;",
        '<a href="https://court.example">Court</a>',
        'src="https://news.example/m/1.png"',
        "A film",
        "Corrected: It was Tuesday.",
        "Ministry",
    ):
        assert said in html
    assert "javascript" not in html
    assert item["title"] == "First words."
    assert item["summary"] == entry.text
    assert item["tags"] == ["Key development", "talks"]
    assert [a["name"] for a in item["authors"]] == ["Zoë", "Al"]
    assert item["image"] == "https://news.example/m/1.png"
    assert (item["date_published"], item["date_modified"]) == (
        "2025-07-23T09:00:00Z",
        "2025-07-23T10:00:00Z",
    )
    for kind, write in (("atom", atom), ("rss", rss)):
        (read,) = parsed(write(feed_of(shot, LINKS, kind))).entries
        assert read.content[-1].value == html
        assert (read.title, read.link) == (item["title"], entry.url)
        assert [tag.term for tag in read.tags] == item["tags"]
        assert [a.name for a in read.authors if a] == ["Zoë", "Al"]
        assert read.published_parsed[:5] == (2025, 7, 23, 9, 0)
        assert read.updated_parsed[:5] == (2025, 7, 23, 10, 0)


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({"headline": "Said"}, "Said"),
        ({"text": "", "quote": Quote("We go.", "Li")}, "We go."),
        ({"text": "", "media": (Media("/a.png", "image/png", alt="A hill"),)}, "A hill"),
        ({"text": "", "embed": Embed("https://v.example", title="A film")}, "A film"),
        ({"text": ""}, "An update"),
    ],
)
def test_every_entry_has_a_title(changes: dict[str, Any], title: str) -> None:
    entry = entry_view(1, **{"headline": None} | changes)
    assert feed_of(shot_of(entry), LINKS, "rss").items[0].title == title


def test_what_was_retracted_is_named_and_not_said() -> None:
    stone = replace(tombstone(4, "A slip & more."), retracted_at=NOON + timedelta(days=9))
    shot = shot_of(entry_view(1, text="Kept"), stone)
    feed = feed_of(shot, LINKS, "atom")
    root = ElementTree.fromstring(atom(feed))
    (deleted,) = root.iter(DELETED)
    assert deleted.attrib["ref"] == f"urn:liveblog:entry:{stone.id}"
    assert deleted.attrib["when"].startswith("2025-08-01T09:00:00")
    assert deleted[0].text == "A slip & more."
    assert feed.updated == stone.retracted_at
    assert len(list(root.iter(ATOM + "entry"))) == 1
    for data in (rss(feed), json_feed(feed)):
        assert stone.id.encode() not in data


def test_the_direction_of_a_text_goes_with_it() -> None:
    arabic = entry_view(1, lang="ar", dir="rtl", html="<p>مرحبا</p>", text="مرحبا")
    (item,) = feed_of(shot_of(arabic), LINKS, "json").items
    assert item.html == '<div dir="rtl" lang="ar">\n<p>مرحبا</p>\n</div>'
    assert item.lang == "ar"
    hebrew = feed_of(shot_of(entry_view(1, html="<p>x</p>"), lang="he", dir="rtl"), LINKS, "json")
    assert hebrew.items[0].html.startswith('<div dir="rtl">')


def test_an_empty_blog_and_a_closed_one_have_a_feed() -> None:
    for shot in (shot_of(), shot_of(*entries(), status="closed", standfirst="")):
        assert len(parsed(atom(feed_of(shot, LINKS, "atom"))).entries) == len(shot.entries)
        assert len(parsed(rss(feed_of(shot, LINKS, "rss"))).entries) == len(shot.entries)
        json_feed(feed_of(shot, LINKS, "json"))


def test_names_outlive_the_address() -> None:
    shot = shot_of(entry_view(1))
    here, there = (feed_of(shot, Links(base), "atom") for base in ("", "https://new.example"))
    assert (here.id, here.items[0].id) == (there.id, there.items[0].id)
    assert there.own.startswith("https://new.example/")
    assert feed_of(replace(shot, blog=replace(shot.blog, slug="y")), LINKS, "rss").id != here.id


# Hostile text ----------------------------------------------------------------------------

MARKUP = ["]]>", "<![CDATA[", "</script>", "&amp;", "&#0;", "<b>", "-->", "<?xml?>", '"', "'"]
UNFIT = ["\x00", "\x0b", "\x1b", "\ufffe", "\uffff"]
SIGNS = ["\u202e", "שלום", "🏳️‍🌈", "\r", "\n", "\t", "\x85", "\u2028"]
NASTY = st.sampled_from([*MARKUP, *UNFIT, *SIGNS])
HOSTILE = st.lists(
    st.one_of(NASTY, st.text(st.characters(codec="utf-8"), max_size=5)), max_size=8
).map("".join)


@given(HOSTILE, HOSTILE, HOSTILE)
def test_any_text_comes_out_as_it_went_in(words: str, name: str, note: str) -> None:
    entry = entry_view(
        1,
        headline=words or None,
        text=words,
        html=f"<p>{words}</p>",
        tags=(name,),
        bylines=(Byline(name),),
        quote=Quote(words, name),
    )
    stone = replace(tombstone(4, note), retracted_at=datetime(2025, 1, 1, tzinfo=UTC))
    shot = shot_of(entry, stone, title=words, headline=name, standfirst=note)
    feed = feed_of(shot, LINKS, "atom")
    root = ElementTree.fromstring(atom(feed))
    found = root.find(ATOM + "entry")
    assert found is not None
    assert found.findtext(ATOM + "content") == scrub(feed.items[0].html)
    assert found.findtext(ATOM + "title") == scrub(feed.items[0].title)
    assert found.findtext(f"{ATOM}author/{ATOM}name") == scrub(name)
    category = found.find(ATOM + "category")
    assert category is not None
    assert category.attrib["term"] == scrub(name)
    channel = ElementTree.fromstring(rss(feed))[0]
    encoded = channel.findtext("item/{http://purl.org/rss/1.0/modules/content/}encoded")
    assert encoded == scrub(feed.items[0].html)
    (item,) = items(json_feed(feed))
    assert item["content_html"] == feed.items[0].html


@given(st.integers(min_value=0, max_value=2**32), HOSTILE)
def test_nothing_of_an_entry_becomes_an_element(seed: int, words: str) -> None:
    """What stands beside ``html`` is text, whatever it looks like."""
    entry = entry_view(
        1,
        html="",
        text="x",
        quote=Quote(words + "<script>", words),
        embed=Embed("https://v.example", title=words + "<script>"),
        sources=(Source(words + "<script>"),),
        media=(Media("/a.png", "image/png", alt=words + '"><script>', caption="<script>"),),
    )
    html = feed_of(shot_of(replace(entry, id=EntryId(f"{seed:026}"))), LINKS, "rss").items[0].html
    assert "<script" not in html
    assert "<script>" in unescape(html)
