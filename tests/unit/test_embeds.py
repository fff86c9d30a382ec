"""Which sites are asked for cards, and what their answers say."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveblog.embeds import providers_of, read_answer, sound_address
from liveblog.embeds.oembed import PHRASE, Unreadable
from liveblog.errors import ConfigError, Invalid
from liveblog.model.embed import AGAIN, ATTEMPTS, EmbedCard, asked_again, later, refused
from liveblog.types import BlogId

NOW = datetime(2025, 7, 23, 12, tzinfo=UTC)


# Which sites ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ", "YouTube"),
        ("http://youtube.com/shorts/abc", "YouTube"),
        ("https://youtu.be/dQw4w9WgXcQ?t=3#x", "YouTube"),
        ("https://vimeo.com/76979871", "Vimeo"),
        ("https://www.dailymotion.com/video/x8abc", "Dailymotion"),
        ("https://www.tiktok.com/@scout2015/video/6718335390845095173", "TikTok"),
        ("https://twitter.com/NASA/status/1410624005669169154", "X"),
        ("https://x.com/NASA/status/1410624005669169154/", "X"),
        ("https://bsky.app/profile/bsky.app/post/3l6oveex3ii2l", "Bluesky"),
        ("https://www.reddit.com/r/europe/comments/1abc/a_title/", "Reddit"),
        ("https://open.spotify.com/track/4cOdK2wGLETKBW3PvgPWqT?si=1", "Spotify"),
        ("https://soundcloud.com/forss/flickermood", "SoundCloud"),
        ("https://www.flickr.com/photos/bees/2362225867/", "Flickr"),
        ("https://datawrapper.dwcdn.net/abcde/1/", "Datawrapper"),
        ("https://social.example/@ana/110000000000000001", "social.example"),
    ],
)
def test_a_page_of_a_known_site_is_known(url: str, name: str) -> None:
    provider = providers_of(("*", "social.example")).find(sound_address(url))
    assert provider is not None
    assert provider.name == name


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example/2025/07/23/a-story",
        "https://youtube.com.evil.example/watch?v=1",
        "https://notyoutube.com/watch?v=1",
        "https://evil.example/?https://www.youtube.com/watch?v=1",
        "https://x.com/NASA",
        "https://mastodon.example/@ana/1",
        "https://bsky.app/",
    ],
)
def test_a_page_of_another_site_is_not(url: str) -> None:
    assert providers_of(("*",)).find(sound_address(url)) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "youtube.com/watch",
        "ftp://youtube.com/x",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://user:word@youtube.com/watch?v=1",
        "https://youtube.com:8443/watch?v=1",
        "https://youtube.com:x/",
        "https://[::1]/watch",
        "https://you tube.com/",
        "https://youtube.com/\nHost: evil",
        "https://youtube.com/" + "x" * 1000,
        "https:///watch",
    ],
)
def test_what_is_no_address_of_a_page_is_refused(url: str) -> None:
    with pytest.raises(Invalid):
        sound_address(url)


def test_a_setting_names_the_sites() -> None:
    assert providers_of(("youtube", "Vimeo")).names == "YouTube, Vimeo"
    assert providers_of(()).names == ""
    assert providers_of(("a.example", "*")).find("https://a.example/@a/1") is not None
    with pytest.raises(ConfigError, match="'nosuch'; there are youtube, vimeo"):
        providers_of(("nosuch",))


def test_the_question_names_the_page_and_nothing_else() -> None:
    provider = providers_of(("youtube",)).named("YouTube")
    assert provider is not None
    assert provider.question("https://youtu.be/a?b=1&format=xml") == (
        "https://www.youtube.com/oembed"
        "?url=https%3A%2F%2Fyoutu.be%2Fa%3Fb%3D1%26format%3Dxml&format=json"
    )


# What they say ----------------------------------------------------------------------------


def said(**fields: Any) -> tuple[str | None, str | None, str | None]:
    """What an answer with these fields says."""
    found = read_answer(json.dumps({"version": "1.0", "type": "rich"} | fields).encode())
    return found.title, found.author, found.thumbnail


def test_title_author_and_picture_are_taken() -> None:
    assert said(title="A title", author_name="Ana", thumbnail_url="https://i.example/1.jpg") == (
        "A title",
        "Ana",
        "https://i.example/1.jpg",
    )
    assert said() == (None, None, None)
    assert said(title=7, author_name=["Ana"], thumbnail_url={}) == (None, None, None)


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("<b>Bold</b> &amp; <i>brave</i>", "Bold & brave"),
        ("<script>alert(1)</script>Hello<img src=x onerror=alert(1)>", "Hello"),
        ("Tom & Jerry: 3 < 4", "Tom & Jerry: 3 < 4"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;", "<script>alert(1)</script>"),
        ("two\nlines\t \x00here", "two lines here"),
        ("\u202eesrever", "esrever"),
        ("  ", None),
        ("x" * 400, "x" * 299 + "…"),
    ],
)
def test_a_title_becomes_plain_words(title: str, words: str | None) -> None:
    assert said(title=title)[0] == words


def test_a_post_without_a_title_stands_in_its_markup() -> None:
    post = (
        '<blockquote class="twitter-tweet"><p lang="en">We <a href="https://t.co/x">land</a>'
        ' &amp; go</p>&mdash; NASA (@NASA)</blockquote><script src="https://x.example"></script>'
    )
    assert said(html=post, author_name="NASA")[:2] == ("We land & go", "NASA")


@pytest.mark.parametrize(
    "address", ["http://i.example/1.jpg", "data:image/png,x", "//i.example/1", "https://", 7]
)
def test_a_picture_needs_an_address_that_can_be_asked(address: object) -> None:
    assert said(thumbnail_url=address)[2] is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html></html>",
        b"[]",
        b'"rich"',
        b"{}",
        b'{"type":"page"}',
        b"\xff",
        b"[" * 100_000,
        b'{"type":"rich","x":' + b"[" * 5000,
    ],
)
def test_what_is_not_in_oembed_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read_answer(body)


values = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text(), max_size=2)


@given(st.dictionaries(st.sampled_from(["title", "author_name", "thumbnail_url", "html"]), values))
def test_whatever_it_says_becomes_words_that_an_entry_takes(fields: dict[str, Any]) -> None:
    for words in said(**fields)[:2]:
        assert words is None or (0 < len(words) <= PHRASE and "\n" not in words)
    msgspec.json.encode(said(**fields))


# The card ---------------------------------------------------------------------------------


def card(**fields: Any) -> EmbedCard:
    """A pending card."""
    given: dict[str, Any] = {"attempts": 1} | fields
    return EmbedCard(BlogId("b"), "https://a/", "pending", "ana", NOW, NOW, "Site", **given)


def test_a_site_that_does_not_answer_is_asked_again_with_growing_pauses() -> None:
    pauses = []
    for attempts in range(1, ATTEMPTS):
        after = later(card(attempts=attempts), "no answer", NOW)
        assert after.state == "pending"
        assert after.due_at is not None
        pauses.append((after.due_at - NOW).total_seconds())
    assert pauses == [1.0, 4.0, 16.0]
    given_up = later(card(attempts=ATTEMPTS), "no answer", NOW)
    assert (given_up.state, given_up.reason, given_up.due_at) == ("refused", "no answer", None)


def test_a_refused_card_is_asked_for_anew_after_a_while() -> None:
    gone = refused(card(), "it answered 404")
    assert asked_again(gone, "ben", NOW + AGAIN - timedelta(seconds=1)) is gone
    anew = asked_again(gone, "ben", NOW + AGAIN)
    assert (anew.state, anew.by, anew.reason, anew.attempts) == ("pending", "ben", None, 0)
    pending = card()
    assert asked_again(pending, "ben", NOW + 2 * AGAIN) is pending
