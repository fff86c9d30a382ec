"""HTML to plain text: one line for each thing that stands on its own.

A list item, a paragraph, a heading, a table cell: each gets a line, so two of them
are never glued together ("…in LondonRussia said…"), which is what a plain removal of
tags makes of a list. Words for notifications, search, feeds' summaries and teasers.
"""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser
from typing import Final

import nh3

from liveblog.text.safe import scrub

# Everything a browser puts on a line of its own, and cells, which it sets apart.
_SECTIONS: Final = frozenset({"aside", "div", "footer", "header", "main", "nav", "section"})
_PARTS: Final = frozenset({"address", "article", "details", "figcaption", "figure", "summary"})
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_TEXT: Final = frozenset({"blockquote", "br", "dd", "dl", "dt", "hr", "li", "ol", "p", "pre", "ul"})
_TABLES: Final = frozenset({"caption", "table", "tbody", "td", "tfoot", "th", "thead", "tr"})
_BLOCKS: Final = _SECTIONS | _PARTS | _HEADINGS | _TEXT | _TABLES
# What a browser folds into one space. A no-break space is not among them: it is typed
# on purpose, in French before every colon.
_FOLDED: Final = re.compile(r"[ \t\n\f\r]+")


def plain_text(html: str) -> str:
    """Return the words of `html`, entities decoded, a line for each block.

    Takes any HTML, also a broken document of an import: it is parsed as a browser would.
    """
    reader = _LineReader()
    reader.feed(_skeleton().clean(scrub(html)))
    reader.close()
    return reader.text()


@cache
def _skeleton() -> nh3.Cleaner:
    """Reduces HTML to its blocks, well-formed. Scripts, styles and comments go with content."""
    return nh3.Cleaner(tags=_BLOCKS, attributes={}, link_rel=None)


class _LineReader(HTMLParser):
    """Collects words into lines; a block's start and its end each begin a new one."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._words: list[str] = []
        self._preformatted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._break()
        self._preformatted += tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        self._break()
        self._preformatted -= tag == "pre"

    def handle_data(self, data: str) -> None:
        self._words.append(data)

    def _break(self) -> None:
        """Close the line that was being read; in preformatted text, keep its own lines."""
        text = "".join(self._words)
        self._words.clear()
        pieces = text.split("\n") if self._preformatted else [text]
        self._lines.extend(_FOLDED.sub(" ", piece).strip(" ") for piece in pieces)

    def text(self) -> str:
        self._break()
        return "\n".join(line for line in self._lines if line)
