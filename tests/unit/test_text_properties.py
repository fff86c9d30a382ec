"""What holds for every input: nothing active comes out, and no word is cut."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from hypothesis import assume, example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from liveblog.text import first_sentence, plain_text, reading_minutes, render_markdown, teaser
from liveblog.text.addresses import bound_addresses, crowded
from liveblog.text.markdown import _may_link
from liveblog.text.safe import ALLOWED_SCHEMES, ALLOWED_TAGS, sanitise, scrub

ATTRIBUTES = {"href", "title", "rel", "start"}

# Random letters rarely build a tag; these pieces, in any order, often do.
MARKUP = st.sampled_from(
    [
        *("<", ">", '"', "'", "=", "/", "&", ";", "\n", "\n\n", " ", "\t", "\x00", "x", "é"),
        *("<script>", "</script>", "<style>", "<svg>", "<math>", "<mtext>", "<template>"),
        *("<img src=x onerror=alert(1)>", "<a href=", "javascript:", "JAVA\tscript:", "data:"),
        *("<pre>", "</pre>", "<p>", "<table>", "<td>", "<li>", "<a>", "</a>", "<!--", "-->"),
        *("<noscript>", "<textarea>", "<title>", "<![CDATA[", "]]>", "<plaintext>", "&lt;"),
        *("[", "](", ")", "![", "*", "**", "_", "`", "```", "# ", "- ", "> ", "|", "|-|", "~~"),
        *("https://e.com", "&#x6a;", "\\", "1. ", "<https://e.com>", "style=", " onclick=y"),
    ]
)
SOURCES = st.one_of(st.text(), st.lists(st.one_of(MARKUP, st.text(max_size=3))).map("".join))


class Inspector(HTMLParser):
    """Fails on the first thing a browser could run, load or be styled by."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED_TAGS
        for name, value in attrs:
            assert name in ATTRIBUTES
            if name == "href":
                assert value is not None
                assert value.split(":")[0].lower() in ALLOWED_SCHEMES
        if tag == "a":
            assert dict(attrs)["rel"] == "nofollow noopener ugc"

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(data)


ADDRESSES = st.sampled_from(
    [
        *("https://e.com/a?b=c&d#e", "http://e.com", "HTTPS://E.COM/", "ftp://e.com", "//e.com/a"),
        *(
            "mailto:a@e.com",
            "a.b@e.com",
            "e.com",
            "www.e.com",
            "http://",
            "https://user:p@e.com:80",
        ),
        *("https://web.archive.org/web/2025/https://e.com/a", "https://e.com/(a)_[b]_{c}", "://"),
        *(
            "https://uk.wikipedia.org/wiki/Харків",
            "http://e.com/a.",
            "xhttp://e.com",
            "+http://e.com",
        ),
        *(
            "https://e.com/'a'",
            'https://e.com/"a"',
            "http\\://e.com",
            "https://e.com/*a*",
            "http:/",
        ),
    ]
)
ORDINARY = st.lists(
    st.one_of(
        ADDRESSES,
        st.sampled_from(
            [" ", "\n", " ", ". ", ", ", "*", "**", "_", "(", ")", "[", "](", "<", ">"]
        ),
        st.sampled_from(["`", "- ", "> ", "# ", "|", '"', "“", "…", "\u2028", "\xa0", "-", "/"]),
        st.text(max_size=4),
    ),
    max_size=30,
).map("".join)


def plain_parser() -> MarkdownIt:
    """The parser without our bound."""
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "typographer": False})
    parser.enable(["table", "strikethrough", "linkify"])
    assert parser.linkify is not None
    parser.linkify.set({"fuzzy_link": False})
    parser.validateLink = _may_link  # type: ignore[method-assign]
    return parser


PLAIN, BOUND = plain_parser(), plain_parser()
bound_addresses(BOUND)


@given(ORDINARY)
@example("https://a.com http://b.com ftp://c.com //d.com a@e.com http://b.com/(x)*y*")
@example("x+http://a.com -https://b.com _http://c.com >http://d.com é://e.com")
def test_ordinary_texts_are_linked_as_without_the_bound(source: str) -> None:
    source = scrub(source)
    assume(not any(crowded(word) for word in source.split()))
    assert BOUND.render(source) == PLAIN.render(source)


def inspect(html: str) -> None:
    inspector = Inspector()
    inspector.feed(html)
    inspector.close()


@given(SOURCES)
def test_rendered_html_is_never_active(source: str) -> None:
    inspect(render_markdown(source).html)


@given(SOURCES)
def test_sanitised_html_is_never_active(html: str) -> None:
    inspect(sanitise(html))


@given(SOURCES)
@example("<pre>\n\n</pre>")
def test_sanitising_twice_is_sanitising_once(html: str) -> None:
    once = sanitise(html)
    assert sanitise(once) == once


@given(SOURCES)
def test_rendered_html_is_already_sanitised(source: str) -> None:
    html = render_markdown(source).html
    assert sanitise(html) == html


@given(st.lists(st.sampled_from(["Alpha", "Beta", "Gamma"]), min_size=1))
def test_plain_text_has_the_words_and_none_of_the_tags(words: list[str]) -> None:
    for wrapped in ("- *{}*", "> {}\n", "# {}", "**{}**\n", "| {} |\n|---|\n"):
        source = "\n".join(wrapped.format(word) for word in words)
        text = render_markdown(source).text
        assert not re.search(r"</?[a-z]", text)
        assert set(re.findall(r"\w+", text)) == set(words)


@given(SOURCES)
def test_plain_text_is_lines_without_blanks(html: str) -> None:
    lines = plain_text(html).split("\n")
    assert lines == [""] or all(line.strip(" ") == line != "" for line in lines)


@given(st.text(), st.integers(1, 60))
def test_teaser_fits_and_is_a_beginning(text: str, limit: int) -> None:
    short = teaser(text, limit)
    assert len(short) <= limit
    whole = teaser(text, max(1, len(text)))
    if short != whole:
        assert short.endswith("…")
        assert whole.startswith(short[:-1])


@given(st.lists(st.text("abcäßжçé’'", min_size=1, max_size=9), min_size=1), st.integers(11, 60))
def test_teaser_never_cuts_a_word(words: list[str], limit: int) -> None:
    short = teaser(" ".join(words), limit)
    assert short.removesuffix("…").split() == words[: len(short.split())]


@given(st.text(), st.integers(1, 300))
def test_first_sentence_fits_on_one_line(text: str, limit: int) -> None:
    sentence = first_sentence(text, limit)
    assert len(sentence) <= limit
    assert "\n" not in sentence


@given(st.text())
def test_reading_time_is_never_negative_nor_more_than_the_letters(text: str) -> None:
    assert 0 <= reading_minutes(text) <= 1 + len(text) // 240
