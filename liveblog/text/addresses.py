"""Addresses in running text become links, in time that grows with the text and not its square.

linkify-it looks, from each place where an address may begin, as far as one may go: to the next
blank. In thousands of beginnings without a blank between them, that is the whole text thousands
of times. So where more than :data:`MOST` begin before the next blank, none is looked for: such a
word becomes no link, or other ones than without this. An address with another one inside it, as
archives and redirects have them, has two or three beginnings.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.rules_inline.linkify import linkify
from markdown_it.rules_inline.state_inline import StateInline

MOST: Final = 8
"""Beginnings of addresses in a word that is still looked at."""

_BLANK_OR_BEGINNING: Final = re.compile(r"\s|(?:https?:|ftp:|mailto:)(?://)?|//", re.IGNORECASE)
_WORD: Final = re.compile(r"\S+")
_SCHEME: Final = re.compile(r"(?:^|[^a-z0-9.+-])(https?)$", re.IGNORECASE)
_LONGEST_SCHEME: Final = len("https")


def crowded(text: str, start: int = 0) -> bool:
    """Whether more than :data:`MOST` addresses begin from ``start`` to the next blank. It looks
    no further than to the last one that matters."""
    for beginnings, found in enumerate(_BLANK_OR_BEGINNING.finditer(text, start)):
        if found[0].isspace():
            return False
        if beginnings == MOST:
            return True
    return False


def bound_addresses(parser: MarkdownIt) -> None:
    """Have a parser link addresses as before, but for crowded words."""
    found = parser.linkify
    assert found is not None
    match: Callable[[str], Any] = found.match
    test: Callable[[str], bool] = found.test
    at_start: Callable[[str], Any] = found.match_at_start
    found.match = lambda text: match(_thinned(text))
    found.test = lambda text: test(_thinned(text))
    found.match_at_start = lambda text: at_start(_word_at(text, 0))
    parser.inline.ruler.at("linkify", _address)


def _thinned(text: str) -> str:
    """The text, with blanks in place of what is not looked at; every place stays where it is."""
    return _WORD.sub(lambda word: " " * len(word[0]) if crowded(word[0]) else word[0], text)


def _word_at(text: str, start: int) -> str:
    found = _WORD.match(text, start)
    return found[0] if found else ""


def _address(state: StateInline, silent: bool) -> bool:
    """markdown-it's own rule, asked only where it finds something: it reads all that stands
    before, each time."""
    if not state.src.startswith("://", state.pos) or state.linkLevel > 0:
        return False
    scheme = _SCHEME.search(state.pending[-_LONGEST_SCHEME - 1 :])
    if scheme is None:
        return False
    start = state.pos - len(scheme[1])
    if crowded(state.src, start):
        return False
    links = state.md.linkify
    if links is None or not links.match_at_start(_word_at(state.src, start)):
        return False
    return linkify(state, silent)
