"""Markdown to HTML that may be inserted as it stands.

CommonMark with tables and strikethrough. Two layers, each enough by itself: the
parser lets no raw HTML through, and the sanitiser passes only what is on its list.

Three rules are ours. Headings begin at h3, because the blog's title and the entry's
headline stand above a body. An image becomes a link, because a picture from a third
party would tell that party who reads. And bare domains are not linked: in fast
writing "the talks.No deal" is a missing space, and "talks.No" a Norwegian domain.

Quotes are left as typed: „so“, « ainsi » and “thus” are each right somewhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

import msgspec
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from liveblog.text.addresses import bound_addresses
from liveblog.text.plain import plain_text
from liveblog.text.safe import ALLOWED_SCHEMES, sanitise, scrub

_HEADINGS_START_AT: Final = 3
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)


class Rendered(msgspec.Struct, frozen=True):
    """A body in the two forms that travel: safe HTML, and the same words as plain text."""

    html: str
    text: str


def render_markdown(source: str) -> Rendered:
    """Render `source`. Every input has a result; none of it can be active content."""
    html = sanitise(_parser().render(scrub(source))).strip()
    return Rendered(html=html, text=plain_text(html))


@cache
def _parser() -> MarkdownIt:
    """The one parser. Rendering keeps its state in a call, so threads may share it.

    Except for one thing: the parser fills a table of its rules at the first use, and
    a second thread could see that table half full. So it is used once before it is
    handed out.
    """
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "typographer": False})
    parser.enable(["table", "strikethrough", "linkify"])
    if parser.linkify is not None:
        parser.linkify.set({"fuzzy_link": False})
    bound_addresses(parser)
    parser.core.ruler.push("demote_headings", _demote_headings)
    parser.core.ruler.push("images_to_links", _images_to_links)
    # markdown-it asks this before it makes a link; a refused one stays visible as typed.
    parser.validateLink = _may_link  # type: ignore[method-assign]
    parser.render("*warm* up")
    return parser


def _may_link(url: str) -> bool:
    """Whether `url` names one of the allowed schemes: no relative ones, see `safe`."""
    scheme = _SCHEME.match(url.strip())
    return scheme is not None and scheme[1].lower() in ALLOWED_SCHEMES


def _demote_headings(state: StateCore) -> None:
    """Move the headings, so that the highest in a body is h3, whatever it was written as."""
    headings = [t for t in state.tokens if t.type in ("heading_open", "heading_close")]
    highest = min((int(token.tag[1]) for token in headings), default=1)
    for token in headings:
        level = min(6, int(token.tag[1]) - highest + _HEADINGS_START_AT)
        token.tag = f"h{level}"


def _images_to_links(state: StateCore) -> None:
    """Turn every image into a link to it, worded by its alternative text."""
    for token in state.tokens:
        if token.children:
            token.children = list(_without_images(token.children))


def _without_images(tokens: Sequence[Token]) -> list[Token]:
    """Replace the images of one line. Inside a link only the words stay: links do not nest."""
    result: list[Token] = []
    open_links = 0
    for token in tokens:
        open_links += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if token.type != "image":
            result.append(token)
            continue
        address = str(token.attrs.get("src", ""))
        # The alternative text is Markdown too; its tokens are the words without the signs.
        words = _words(token.children or []) or address
        text = Token("text", "", 0, content=words)
        if open_links:
            result.append(text)
        else:
            link = Token("link_open", "a", 1, attrs={"href": address})
            result += [link, text, Token("link_close", "a", -1)]
    return result


def _words(tokens: Sequence[Token]) -> str:
    """The words of tokens, at any depth, without their markup."""
    parts: list[str] = []
    for token in tokens:
        if token.children:
            parts.append(_words(token.children))
        elif token.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        else:
            parts.append(token.content)
    return "".join(parts).strip()
