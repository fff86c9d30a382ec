"""Players of other sites that a reader may open inside an entry, after being asked.

A page loads nothing of others by itself. For the addresses known here it offers to open the
provider's own player, in a frame of their origin; everything else stays a card with a link.
"""

import re
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_DIGITS = re.compile(r"[0-9]{1,25}")


class Player(NamedTuple):
    """What is opened."""

    provider: str
    src: str
    shape: str
    """Of the frame: wide (16 to 9), tall (9 to 16) or post."""


HOSTS = (
    "https://www.youtube-nocookie.com",
    "https://player.vimeo.com",
    "https://platform.twitter.com",
    "https://www.instagram.com",
    "https://www.tiktok.com",
)
"""Every origin that a player's frame may have: the policy of the pages names these and no other."""


def player(url: str) -> Player | None:
    """The player of an address, if there is one."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    except ValueError:
        return None
    if parts.scheme != "https":
        return None
    path = [part for part in parts.path.split("/") if part]
    if host in ("youtube.com", "youtu.be"):
        return _youtube(host, path, parts.query)
    if host == "vimeo.com" and path and _DIGITS.fullmatch(path[0]):
        return Player("Vimeo", f"{HOSTS[1]}/video/{path[0]}?dnt=1", "wide")
    if host in ("x.com", "twitter.com") and len(path) >= 3 and path[1] == "status":
        src = f"{HOSTS[2]}/embed/Tweet.html?dnt=true&id={path[2]}"
        return Player("X", src, "post") if _DIGITS.fullmatch(path[2]) else None
    if host == "instagram.com" and len(path) >= 2 and path[0] in ("p", "reel"):
        src = f"{HOSTS[3]}/{path[0]}/{path[1]}/embed/"
        return Player("Instagram", src, "post") if _ID.fullmatch(path[1]) else None
    if host == "tiktok.com" and len(path) >= 3 and path[1] == "video":
        src = f"{HOSTS[4]}/embed/v2/{path[2]}"
        return Player("TikTok", src, "tall") if _DIGITS.fullmatch(path[2]) else None
    return None


def _youtube(host: str, path: list[str], query: str) -> Player | None:
    found = ""
    if host == "youtu.be" and path:
        found = path[0]
    elif path[:1] == ["watch"]:
        found = parse_qs(query).get("v", [""])[0]
    elif len(path) >= 2 and path[0] in ("shorts", "live", "embed"):
        found = path[1]
    if not _ID.fullmatch(found):
        return None
    return Player("YouTube", f"{HOSTS[0]}/embed/{found}", "wide")
