"""What an answer in oEmbed says (https://oembed.com, section 2.3.4), cleaned.

Only words and the address of a picture are taken. Sites put markup into titles, and a post has
no title at all but stands in the ``html``: its first paragraph is taken as words.
"""

import re
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from liveblog.errors import LiveblogError
from liveblog.text import plain_text

PHRASE = 300
"""Characters of a title or a name, as an entry takes them."""

HTML = 20_000
"""Characters of a post's markup that are looked at."""

_CONTROLS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What turns the direction of the text after it, which is ours."""


class Unreadable(LiveblogError):
    """The answer is none in oEmbed."""


class Said(Struct, frozen=True):
    """What a site says of its page."""

    title: str | None
    author: str | None
    thumbnail: str | None
    """The address of a picture, on any host."""


def read_answer(body: bytes) -> Said:
    """What an answer says.

    :raises Unreadable: it is no JSON object of this kind.
    """
    try:
        found: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unreadable("the answer is no JSON") from None
    if not isinstance(found, dict) or found.get("type") not in ("photo", "video", "link", "rich"):
        raise Unreadable("the answer is not in oEmbed")
    html = found.get("html")
    post = plain_text(html[:HTML]).partition("\n")[0] if isinstance(html, str) else None
    return Said(
        title=_words(found.get("title")) or _words(post),
        author=_words(found.get("author_name")),
        thumbnail=_picture(found.get("thumbnail_url")),
    )


def _words(value: object) -> str | None:
    """A text of somebody else's as plain words in one line; None when it says nothing."""
    if not isinstance(value, str):
        return None
    words = " ".join(_CONTROLS.sub("", plain_text(value[:HTML])).split())
    if len(words) > PHRASE:
        words = words[: PHRASE - 1].rstrip() + "…"
    return words or None


def _picture(value: object) -> str | None:
    """The address of a picture, if it can be asked for."""
    if not isinstance(value, str) or len(value) > 2000:
        return None
    try:
        parts = urlsplit(value)
    except ValueError:
        return None
    return value if parts.scheme == "https" and parts.hostname else None
