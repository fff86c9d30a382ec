"""JSON-LD says of a live page what search engines are promised, and no text breaks out of it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from html.parser import HTMLParser
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from liveblog.feeds.jsonld import BODY, HEADLINE, Node, article, live_posting, script
from liveblog.feeds.site import Site
from liveblog.model.blog import Status
from liveblog.model.entry import Byline, Edit, Media
from liveblog.wire.links import Links
from liveblog.wire.messages import BlogView, EntryView, Tombstone
from tests.browser.content import NOON, SLUG, blog_view, entry_id, entry_view, tombstone
from tests.browser.content import entries as demo_entries

BASE = "https://news.example/live"
LINKS = Links(BASE)
SITE = Site("The News", "https://news.example/logo.svg", "/share.jpg")
BLOG = blog_view(url=LINKS.blog(SLUG))

ARTICLE = {
    "@id": "address",
    "url": "address",
    "headline": "text",
    "inLanguage": "text",
    "datePublished": "time",
    "dateModified": "time",
    "author": "Person|Organization",
    "image": "ImageObject",
}
UPDATE = ARTICLE | {
    "articleBody": "text",
    "video": "VideoObject",
    "correction": "CorrectionComment",
}
PAGE = {
    "@context": "address",
    "mainEntityOfPage": "WebPage",
    "publisher": "Organization",
    "isAccessibleForFree": "bool",
}
TYPES: dict[str, tuple[dict[str, str], set[str]]] = {
    "LiveBlogPosting": (
        {
            **ARTICLE,
            **PAGE,
            "description": "text",
            "coverageStartTime": "time",
            "coverageEndTime": "time",
            "liveBlogUpdate": "BlogPosting",
        },
        {
            *{"@context", "@id", "url", "mainEntityOfPage", "headline", "inLanguage"},
            *{"datePublished", "dateModified", "coverageStartTime", "isAccessibleForFree"},
        },
    ),
    "BlogPosting": (UPDATE, {"@id", "url", "headline", "datePublished", "dateModified"}),
    "NewsArticle": (
        {**UPDATE, **PAGE, "isPartOf": "part"},
        {
            *{"@context", "@id", "url", "mainEntityOfPage", "headline", "datePublished"},
            *{"dateModified", "inLanguage", "isPartOf"},
        },
    ),
    "WebPage": ({"@id": "address"}, {"@id"}),
    "Organization": ({"name": "text", "url": "address", "logo": "ImageObject"}, {"name", "url"}),
    "Person": ({"name": "text", "jobTitle": "text", "url": "address"}, {"name"}),
    "ImageObject": (
        {
            **{"url": "address", "width": "number", "height": "number"},
            **{"caption": "text", "creditText": "text"},
        },
        {"url"},
    ),
    "VideoObject": (
        {
            **{"name": "text", "contentUrl": "address", "thumbnailUrl": "address"},
            **{"uploadDate": "time", "duration": "text"},
        },
        {"name", "contentUrl", "uploadDate"},
    ),
    "CorrectionComment": ({"text": "text", "datePublished": "time"}, {"datePublished"}),
}
"""What product.md 3.1 and schema.org let each type say, and what it must say."""

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")


def faults(node: Node, at: str = "") -> Iterator[str]:
    """What is wrong with a description, each with where it stands."""
    if node.get("@type") not in TYPES:
        yield f"{at}: unknown type {node.get('@type')}"
        return
    allowed, required = TYPES[node["@type"]]
    for name in required - node.keys():
        yield f"{at}: no {name}"
    for name, value in node.items():
        if name == "@type":
            continue
        if name not in allowed:
            yield f"{at}.{name}: not of this type"
            continue
        for one in value if isinstance(value, list) else [value]:
            yield from _wrong(allowed[name], one, f"{at}.{name}")


def _wrong(kind: str, value: Any, at: str) -> Iterator[str]:
    if kind == "part":
        if value != {"@type": "LiveBlogPosting", "@id": BLOG.url}:
            yield f"{at}: not the live page"
    elif kind in ("bool", "number"):
        if not isinstance(value, bool if kind == "bool" else int):
            yield f"{at}: not a {kind}"
    elif kind in ("text", "address", "time"):
        if not isinstance(value, str) or not value.strip():
            yield f"{at}: empty"
        elif kind == "address" and not value.startswith("https://"):
            yield f"{at}: not a whole address: {value}"
        elif kind == "time" and not TIME.fullmatch(value):
            yield f"{at}: no time with a zone: {value}"
    elif not isinstance(value, dict) or value.get("@type") not in kind.split("|"):
        yield f"{at}: not a {kind}"
    else:
        yield from faults(value, at)


def ours(entry: EntryView) -> EntryView:
    """The entry at its whole address."""
    return replace(entry, url=LINKS.entry(SLUG, entry.id))


def shown() -> list[EntryView | Tombstone]:
    """The entries of the demo, newest first, one of them retracted."""
    listed: list[EntryView | Tombstone] = [*map(ours, demo_entries()), tombstone(4)]
    return sorted(listed, key=lambda e: str(e.id), reverse=True)


def posting(
    entries: list[EntryView | Tombstone] | None = None, blog: BlogView = BLOG, site: Site = SITE
) -> Node:
    """The description of a live page, as a machine reads it."""
    made = live_posting(blog, shown() if entries is None else entries, NOON, LINKS, site)
    node: Node = msgspec.json.decode(script(made))
    return node


@pytest.mark.parametrize("site", [SITE, Site(), Site("Only a name")], ids=["all", "none", "name"])
@pytest.mark.parametrize("status", get_args(Status))
def test_the_live_page_is_described_by_the_rules(status: Status, site: Site) -> None:
    node = posting(blog=replace(BLOG, status=status), site=site)
    assert list(faults(node)) == []
    assert ("coverageEndTime" in node) is (status == "closed")
    assert node["mainEntityOfPage"]["@id"] == node["@id"] == node["url"] == BLOG.url
    assert ("publisher" in node) is bool(site.name)


def test_an_empty_live_page_is_described_by_the_rules() -> None:
    node = posting([], replace(BLOG, status="closed", standfirst=""))
    assert list(faults(node)) == []
    assert node["coverageEndTime"] == node["coverageStartTime"] == node["datePublished"]


@pytest.mark.parametrize("entry", demo_entries(), ids=lambda e: e.kind)
def test_an_entry_is_described_by_the_rules(entry: EntryView) -> None:
    found = article(ours(entry), BLOG, LINKS, SITE)
    node: Node = msgspec.json.decode(script(found))
    assert list(faults(node)) == []
    assert node["@type"] == "NewsArticle"
    assert node["inLanguage"] == "en"
    assert node["mainEntityOfPage"]["@id"] == node["@id"] == LINKS.entry(SLUG, entry.id)


def test_each_update_is_its_own() -> None:
    updates = posting()["liveBlogUpdate"]
    listed = [e for e in shown() if isinstance(e, EntryView)]
    assert [one["@id"] for one in updates] == [e.url for e in listed]
    for name in ("@id", "url", "headline", "datePublished"):
        assert len({one[name] for one in updates}) == len(listed) == 6, name
    assert all(one["url"] == one["@id"] and "?" not in one["url"] for one in updates)


def test_what_was_retracted_is_absent() -> None:
    kept, *rest = shown()
    gone = replace(tombstone(1, "It was wrong."), id=kept.id)
    node = posting([gone, *rest])
    text = script(node)
    assert kept.id not in text
    assert "It was wrong." not in text
    assert len(node["liveBlogUpdate"]) == len(posting()["liveBlogUpdate"]) - 1


def test_a_retraction_is_a_modification() -> None:
    late = replace(tombstone(3), retracted_at=NOON + timedelta(days=2))
    assert posting([late])["dateModified"] == "2025-07-25T09:00:00Z"


def test_the_beginning_and_the_end_stay_where_they_were() -> None:
    closed = replace(BLOG, status="closed")
    before = posting(blog=closed)
    first, *rest = shown()
    assert isinstance(first, EntryView)
    later = NOON + timedelta(days=3)
    edited = replace(first, edit=Edit("correction", later, "Not so."), updated_at=later)
    after = posting([edited, *rest], replace(closed, updated_at=later, headline="Another"))
    for name in ("datePublished", "coverageStartTime", "coverageEndTime"):
        assert before[name] == after[name], name
    assert after["coverageEndTime"] == before["liveBlogUpdate"][0]["datePublished"]
    assert after["dateModified"] == "2025-07-26T09:00:00Z"
    update = after["liveBlogUpdate"][0]
    assert update["datePublished"] == before["liveBlogUpdate"][0]["datePublished"]
    assert update["dateModified"] == "2025-07-26T09:00:00Z"
    assert update["correction"] == {
        "@type": "CorrectionComment",
        "text": "Not so.",
        "datePublished": "2025-07-26T09:00:00Z",
    }


def test_only_a_correction_is_called_one() -> None:
    for kind in ("typo", "update"):
        edited = entry_view(1, "Words", edit=Edit(kind, NOON, "Said more."))
        assert "correction" not in posting([ours(edited)])["liveBlogUpdate"][0]


def test_a_time_of_any_zone_is_said_with_its_zone() -> None:
    there = timezone(timedelta(hours=5, minutes=45))
    at = datetime(2025, 7, 23, 14, 45, tzinfo=there)
    update = posting([ours(entry_view(1, "Words", published_at=at))])["liveBlogUpdate"][0]
    assert update["datePublished"] == "2025-07-23T09:00:00Z"


def test_items_of_a_list_stay_apart() -> None:
    update = posting([ours(entry_view(1, "- One\n- Two"))])["liveBlogUpdate"][0]
    assert update["articleBody"] == "One\nTwo"


def test_what_is_long_is_cut_between_words() -> None:
    long = "wording " * 200
    entry = ours(entry_view(1, long, headline=long))
    node = posting([entry], replace(BLOG, headline=long))
    for one in (node, *node["liveBlogUpdate"], article(entry, BLOG, LINKS, SITE)):
        assert len(one["headline"]) <= HEADLINE
        assert one["headline"].endswith("wording…")
    body = node["liveBlogUpdate"][0]["articleBody"]
    assert len(body) <= BODY
    assert body.endswith("wording…")


def test_pictures_films_and_authors_have_whole_addresses() -> None:
    picture = Media("/media/a.jpg", "image/jpeg", 1200, 800, "A table", credit="Jo/Agency")
    film = Media("/media/b.mp4", "video/mp4", poster="/media/b.jpg", duration=61.4)
    entry = entry_view(
        1,
        headline="Seen",
        media=(picture, film),
        bylines=(Byline("Ann", url="/ann"), Byline("Eve", url="javascript:alert(1)")),
    )
    node = posting([ours(entry)])
    assert list(faults(node)) == []
    update = node["liveBlogUpdate"][0]
    assert update["image"][0] == {
        **{"@type": "ImageObject", "url": "https://news.example/media/a.jpg"},
        **{"width": 1200, "height": 800, "caption": "A table", "creditText": "Jo/Agency"},
    }
    assert node["image"] == update["image"]
    assert update["video"][0]["contentUrl"] == "https://news.example/media/b.mp4"
    assert update["video"][0]["thumbnailUrl"] == "https://news.example/media/b.jpg"
    assert update["video"][0]["duration"] == "PT61S"
    assert [a.get("url") for a in update["author"]] == ["https://news.example/ann", None]
    bare = posting([ours(entry_view(2, "Words"))])
    assert bare["image"] == [{"@type": "ImageObject", "url": "https://news.example/share.jpg"}]


def test_without_our_own_address_there_is_no_host() -> None:
    entries = demo_entries()
    node = live_posting(blog_view(), entries, NOON, Links(), Site("The News", "/logo.svg"))
    text = script(node)
    hosts = set(re.findall(r"https?://([^/\"]+)", text))
    assert hosts == {"schema.org"}
    assert node["liveBlogUpdate"][0]["@id"] == f"/blogs/{SLUG}/entries/{entry_id(1)}"


class _Scripts(HTMLParser):
    """What a browser takes for scripts, and every other tag."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


_NASTY = st.sampled_from(["</script>", "<!--", "<script>", "]]>", "&lt;", "\u2028", '"', "\\", "'"])
_TEXTS = st.lists(_NASTY | st.text(max_size=5), min_size=1, max_size=6).map("".join)


@given(text=_TEXTS, note=_TEXTS)
def test_no_text_ends_the_script(text: str, note: str) -> None:
    entry = entry_view(1, headline=text, text=text, edit=Edit("correction", NOON, note))
    node = live_posting(BLOG, [ours(entry)], NOON.astimezone(UTC), LINKS, Site(text))
    said = script(node)
    assert not set(said) & set("<>&")
    assert msgspec.json.decode(said) == node
    page = _Scripts()
    page.feed(f'<script type="application/ld+json">{said}</script>')
    page.close()
    assert page.tags == ["script"]
    assert page.text == said
