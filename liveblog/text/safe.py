"""The allow-list: which HTML may stand in a body.

What Markdown can say, and nothing else. Images, frames and players are blocks of
an entry with fields of their own, so nothing in a body makes a reader's browser
load from a third party. No `style`, no `class`, no `id`: a body cannot reach the
page around it. No SVG or MathML: every sanitiser bypass of the last years used them.

Relative links are refused. A body is shown on the newsroom's page, inside other
sites, in feeds and in apps, and a relative address means something else in each.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import nh3

_INLINE: Final = frozenset({"a", "br", "code", "del", "em", "s", "strong"})
_HEADINGS: Final = frozenset({"h3", "h4", "h5", "h6"})
_BLOCKS: Final = frozenset({"blockquote", "hr", "li", "ol", "p", "pre", "ul"})
_TABLES: Final = frozenset({"table", "tbody", "td", "th", "thead", "tr"})
ALLOWED_TAGS: Final = _INLINE | _HEADINGS | _BLOCKS | _TABLES
ALLOWED_ATTRIBUTES: Final = {
    "a": frozenset({"href", "title"}),
    "ol": frozenset({"start"}),
}
ALLOWED_SCHEMES: Final = frozenset({"http", "https", "mailto"})
LINK_REL: Final = "nofollow noopener ugc"

# A browser drops a newline that directly follows <pre>, so each parse would eat one
# more of them. Without them, sanitising twice is the same as once.
_NEWLINES_AFTER_PRE: Final = re.compile(r"(?<=<pre>)\n+")


@cache
def _cleaner() -> nh3.Cleaner:
    """One cleaner for all: it is immutable and free of Python state."""
    return nh3.Cleaner(
        tags=ALLOWED_TAGS,
        attributes=ALLOWED_ATTRIBUTES,
        url_schemes=ALLOWED_SCHEMES,
        url_relative="deny",
        link_rel=LINK_REL,
    )


def sanitise(html: str) -> str:
    """Return `html` with everything outside the allow-list removed.

    The words inside a removed tag stay, except those of scripts and styles.
    Importers use this for bodies that arrive as HTML.
    """
    return _NEWLINES_AFTER_PRE.sub("", _cleaner().clean(scrub(html)))


# Control characters, lone surrogates and noncharacters: none has a meaning in text, and
# one of them makes an Atom feed unreadable as a whole, because XML cannot carry it.
_UNPRINTABLE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)


def scrub(text: str) -> str:
    """Return `text` without characters that HTML or XML cannot carry."""
    return _UNPRINTABLE.sub("", text)
