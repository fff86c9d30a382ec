"""Teasers, first sentences and read times, in the scripts newsrooms write."""

from __future__ import annotations

import pytest

from liveblog.text import first_sentence, reading_minutes, teaser


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("Short.", 160, "Short."),
        ("Exactly ten", 11, "Exactly ten"),
        ("Ministers meet in London today", 20, "Ministers meet in…"),
        ("Ministers meet in London today", 18, "Ministers meet in…"),
        ("Ministers, meeting in London", 12, "Ministers…"),
        ("It ends. Then more", 10, "It ends…"),
        ("one\ntwo\nthree", 9, "one\ntwo…"),
        ("  spread \t out \n\n lines ", 160, "spread out\nlines"),
        ("Unbelievableword", 8, "Unbelie…"),
        ("abc", 1, "…"),
        ("会議はロンドンで開かれた", 6, "会議はロン…"),
        ("会議は、続く", 4, "会議…"),
        ("ประชุมที่ลอนดอน", 9, "ประชุม…"),
        ("Crowds 👨‍👩‍👧 gather here", 12, "Crowds…"),
        ("👨‍👩‍👧👨‍👩‍👧", 8, "👨‍👩‍👧…"),
        ("🇺🇦🇵🇱🇩🇪", 4, "🇺🇦…"),
        ("e\u0301e\u0301e\u0301", 4, "e\u0301…"),
    ],
)
def test_teaser(text: str, limit: int, expected: str) -> None:
    assert teaser(text, limit) == expected


def test_teaser_needs_room() -> None:
    with pytest.raises(ValueError, match="room"):
        teaser("abc", 0)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("", 0),
        ("word " * 239, 0),
        ("word " * 240, 1),
        ("word " * 359, 1),
        ("word " * 360, 2),
        ("– " * 5000, 0),
        ("漢" * 499, 0),
        ("漢" * 1000, 2),
        ("हिन्दी " * 240, 1),
        ("ไทย" * 400, 1),
    ],
)
def test_reading_minutes(text: str, minutes: int) -> None:
    assert reading_minutes(text) == minutes


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("One. Two.", "One."),
        ("No end", "No end"),
        ("Heading\nBody. More.", "Heading"),
        ("Mr. Lukashenko spoke. He left.", "Mr. Lukashenko spoke."),
        ("The U.S. Army and J. D. Vance agree. So.", "The U.S. Army and J. D. Vance agree."),
        ("Am 23. Juli tagt der Rat. Danach nicht.", "Am 23. Juli tagt der Rat."),
        ("It cost 1.5 million. Yes.", "It cost 1.5 million."),
        ("“What now?” he asked. Nobody knew.", "“What now?” he asked."),
        ("“Go!” She went.", "“Go!”"),
        ("Wait... what? Yes.", "Wait... what?"),
        ("会議が開かれた。次は明日。", "会議が開かれた。"),
        ("परिषद मिली। फिर गई।", "परिषद मिली।"),
        ("هل انتهى؟ نعم.", "هل انتهى؟"),
        ("", ""),
        ("\n\n", ""),
    ],
)
def test_first_sentence(text: str, sentence: str) -> None:
    assert first_sentence(text) == sentence


def test_long_first_sentence_is_cut_like_a_teaser() -> None:
    assert first_sentence("word " * 100 + ".", 20) == "word word word word…"
