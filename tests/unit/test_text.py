"""Markdown in, HTML and words out: what an editor typed and what a reader gets."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from liveblog.text import plain_text, render_markdown
from liveblog.text.addresses import MOST
from liveblog.text.safe import sanitise

LINK = 'rel="nofollow noopener ugc"'


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("Plain *and* **strong**.", "<p>Plain <em>and</em> <strong>strong</strong>.</p>"),
        ("# One\n## Two", "<h3>One</h3>\n<h4>Two</h4>"),
        ("### One\n##### Two\n### Three", "<h3>One</h3>\n<h5>Two</h5>\n<h3>Three</h3>"),
        ("##### Five", "<h3>Five</h3>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3. c", '<ol start="3">\n<li>c</li>\n</ol>'),
        ("~~gone~~", "<p><s>gone</s></p>"),
        ("a  \nb", "<p>a<br>\nb</p>"),
        ('„So“ "thus" -- it\'s', '<p>„So“ "thus" -- it\'s</p>'),
        ("<b onclick=x>hi</b>", "<p>&lt;b onclick=x&gt;hi&lt;/b&gt;</p>"),
        ("a\x00b\x0bc\ud800d", "<p>abcd</p>"),
        ("", ""),
    ],
)
def test_markdown_becomes_html(source: str, html: str) -> None:
    assert render_markdown(source).html == html


def test_table_keeps_its_cells() -> None:
    rendered = render_markdown("| Party | Seats |\n|---|--:|\n| Left | 12 |")
    assert "<th>Seats</th>" in rendered.html
    assert "style" not in rendered.html
    assert rendered.text == "Party\nSeats\nLeft\n12"


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("[w](https://e.com 'T')", f'<a href="https://e.com" title="T" {LINK}>w</a>'),
        ("https://e.com/a_b", f'<a href="https://e.com/a_b" {LINK}>https://e.com/a_b</a>'),
        ("a@e.com", f'<a href="mailto:a@e.com" {LINK}>a@e.com</a>'),
        ("the talks.No deal", "the talks.No deal"),
        ("[w](/near)", "[w](/near)"),
        ("[w](//e.com)", "[w](//e.com)"),
        ("[w](javascript:alert(1))", "[w](javascript:alert(1))"),
        ("[w](JaVaScRiPt:alert(1))", "[w](JaVaScRiPt:alert(1))"),
        ("[w](data:text/html,x)", "[w](data:text/html,x)"),
    ],
)
def test_only_absolute_web_and_mail_links(source: str, html: str) -> None:
    assert render_markdown(source).html == f"<p>{html}</p>"


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("![Kyiv *today*](https://e.com/a)", f'<a href="https://e.com/a" {LINK}>Kyiv today</a>'),
        ("![](https://e.com/a)", f'<a href="https://e.com/a" {LINK}>https://e.com/a</a>'),
        ("[![Map](https://e.com/a)](https://e.com)", f'<a href="https://e.com" {LINK}>Map</a>'),
        ("![<script>](https://e.com/a)", f'<a href="https://e.com/a" {LINK}>&lt;script&gt;</a>'),
    ],
)
def test_image_becomes_a_link_with_its_words(source: str, html: str) -> None:
    assert render_markdown(source).html == f"<p>{html}</p>"


def test_text_has_the_words_of_the_html() -> None:
    source = "# Day\n\nA [link](https://e.com) &amp; more\nin one line.\n\n- one\n- two\n  - three"
    assert render_markdown(source).text == "Day\nA link & more in one line.\none\ntwo\nthree"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<ul><li>London</li><li>Russia</li></ul>", "London\nRussia"),
        ("<p>a</p><p>b</p>", "a\nb"),
        ("<div>a</div><div>b<br>c</div>", "a\nb\nc"),
        ("<tr><td>1</td><td>2</td></tr>", "12"),  # no table: a browser drops the cells too
        ("<table><tr><td>1</td><td>2</td></tr></table>", "1\n2"),
        ("<p>a &amp; b &lt;i&gt; &eacute;</p>", "a & b <i> é"),
        ("<p>a\n  b</p>", "a b"),
        ("<pre>a\n  b</pre>", "a\nb"),
        ("<p>un<em>believ</em>able</p>", "unbelievable"),
        ("<script>x()</script><style>y</style>z<!-- w -->", "z"),
        ("a<b", "a"),
        ("À lire\xa0: ici", "À lire\xa0: ici"),
    ],
)
def test_plain_text(html: str, text: str) -> None:
    assert plain_text(html) == text


@pytest.mark.parametrize(
    "html",
    [
        "<img src=x onerror=alert(1)>",
        "<svg><animate onbegin=alert(1) attributeName=x>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<iframe src=https://e.com></iframe>",
        "<a href='jav&#x09;ascript:alert(1)'>x</a>",
        "<p style='position:fixed' class=a id=b onclick=c>x</p>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<template><script>x</script></template>",
    ],
)
def test_sanitise_leaves_nothing_active(html: str) -> None:
    clean = sanitise(html)
    for trace in ("<img", "<svg", "<math", "<iframe", "alert", "style", "class", "id=", "script"):
        assert trace not in clean.replace("&lt;", "")


def test_newlines_after_pre_do_not_shrink_at_each_pass() -> None:
    once = sanitise("<pre>\n\n\n a</pre>")
    assert sanitise(once) == once == "<pre> a</pre>"


@pytest.mark.parametrize(
    "unit",
    [
        *("[", "> ", "- ", "*a ", "![](", "http://", "[a](b", "<", "&#"),
        *("ftp://a.b?", ".http://a.b", "http:// ", "a://", "//a.b/(", "mailto:a@b.c"),
    ],
)
@pytest.mark.timeout(20)
def test_hostile_repetition_takes_no_long_time(unit: str) -> None:
    render_markdown(unit * 5_000)


def test_a_word_of_many_addresses_keeps_its_words_and_its_neighbours_their_links() -> None:
    def link(url: str) -> str:
        return f'<a href="{url}" rel="nofollow noopener ugc">{url}</a>'

    most = "https://e.com/" * MOST
    before, after = "https://a.com", "https://z.com"
    known = render_markdown(f"{before} {most} {after}").html
    assert known == f"<p>{link(before)} {link(most)} {link(after)}</p>"
    for word in ("https://e.com/" + most, "mailto:a@b.com," * (MOST + 1), "//e.com" * (MOST + 1)):
        source = f"{before} {word} {after}"
        found = render_markdown(source)
        assert found.text == source
        assert found.html.startswith(f"<p>{link(before)} ")
        assert found.html.endswith(f" {link(after)}</p>")
        assert link(word) not in found.html


def test_threads_may_share_the_parser() -> None:
    source = "# T\n\n- *a* https://e.com\n- ![b](https://e.com/b)\n\n|x|y|\n|-|-|\n|1|2|"
    expected = render_markdown(source)
    with ThreadPoolExecutor(4) as threads:
        assert all(r == expected for r in threads.map(render_markdown, [source] * 200))
