"""What is said beside a film or a recording before anybody starts it."""

import pytest

from liveblog.model.entry import Media, Track
from liveblog.web.pages import Pages
from tests.browser.content import LINKS, blog_view, entry_view

PAGES = Pages(LINKS, "test")
FILM = "video/mp4"
SOUND = "audio/ogg"


def said(kind: str, *tracks: str, silent: bool = False, url: str = "/a.vtt") -> list[str]:
    """Which of the three sentences the page has."""
    made = tuple(Track(url, track, "en") for track in tracks)
    entry = entry_view(1, "Words.", media=(Media("/a", kind, tracks=made, silent=silent),))
    html = PAGES.fragment(entry, blog_view())
    sentences = ("No captions", "No transcript", "Nothing is spoken")
    return [one for one in sentences if one in html]


@pytest.mark.parametrize("track", ["captions", "subtitles", "transcript"])
def test_a_film_with_words_to_read_lacks_nothing(track: str) -> None:
    assert said(FILM, track) == []


@pytest.mark.parametrize("tracks", [(), ("chapters",), ("descriptions",), ("lyrics",)])
def test_a_film_without_them_says_so(tracks: tuple[str, ...]) -> None:
    assert said(FILM, *tracks) == ["No captions"]


def test_a_track_that_is_not_shown_is_none() -> None:
    assert said(FILM, "captions", url="javascript:alert(1)") == ["No captions"]


def test_what_has_no_speech_needs_none() -> None:
    assert said(FILM, silent=True) == ["Nothing is spoken"]


def test_a_recording_needs_a_transcript() -> None:
    assert said(SOUND) == ["No transcript"]
    assert said(SOUND, "captions") == ["No transcript"], "no player of sound shows captions"
    assert said(SOUND, "transcript") == []


def test_a_picture_is_silent_about_it() -> None:
    assert said("image/png") == []
