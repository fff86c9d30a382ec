"""Which addresses may be opened inside an entry, and as what."""

import pytest

from liveblog.web.pages.players import HOSTS, player


@pytest.mark.parametrize(
    ("url", "src"),
    [
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=3", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"),
        ("https://youtu.be/dQw4w9WgXcQ?si=x", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"),
        ("https://m.youtube.com/shorts/a-b_c", "https://www.youtube-nocookie.com/embed/a-b_c"),
        ("https://vimeo.com/123456", "https://player.vimeo.com/video/123456?dnt=1"),
        ("https://x.com/who/status/12345", "https://platform.twitter.com/embed/Tweet.html?dnt=true&id=12345"),
        ("https://www.instagram.com/p/Cabc_1/", "https://www.instagram.com/p/Cabc_1/embed/"),
        ("https://www.tiktok.com/@who/video/987", "https://www.tiktok.com/embed/v2/987"),
    ],
)  # fmt: skip
def test_what_is_opened(url: str, src: str) -> None:
    found = player(url)
    assert found is not None
    assert found.src == src
    assert any(src.startswith(f"{host}/") for host in HOSTS)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://example.org/watch?v=dQw4w9WgXcQ",
        "http://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ",
        "https://evil.example/https://youtu.be/x",
        "https://www.youtube.com/watch?v=%22%3E%3Cscript%3E",
        "https://www.youtube.com/watch",
        "https://youtu.be/",
        "https://vimeo.com/about",
        "https://x.com/who/status/12345%2F..%2F",
        "https://x.com/who",
        "https://www.instagram.com/who/",
        "https://www.tiktok.com/@who",
        "https://[",
        "javascript:alert(1)",
    ],
)
def test_all_else_stays_a_card(url: str) -> None:
    assert player(url) is None
