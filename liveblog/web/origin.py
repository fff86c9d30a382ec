"""Whether a request was made by a page of ours: what a cookie allows, nobody else may ask for.

A browser sends the cookie with whatever a page of any origin asks of us (of our own site, at
least: ``SameSite=Lax`` keeps the rest away). So it says nothing about who wrote the request.
``Sec-Fetch-Site`` (Fetch Metadata) does, and ``Origin`` where a browser does not send that: no
page can forge either. See docs/security.md.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

SAFE = ("GET", "HEAD", "OPTIONS")
"""Methods that change nothing (RFC 9110 section 9.2.1)."""

_SCHEMES = {"ws": "http", "wss": "https"}


def origin_of(url: str) -> str:
    """The origin of an address (RFC 6454), as browsers send it; empty without an address."""
    parts = urlsplit(url)
    if not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    scheme = _SCHEMES.get(parts.scheme, parts.scheme)
    usual = {"http": 80, "https": 443}.get(scheme)
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    return f"{scheme}://{host}{port}"


def may_read(headers: Mapping[str, str], own: str) -> bool:
    """Whether a cookie counts for a GET: a page of ours asks, or the user themselves did."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    return headers.get("origin") in (None, own)


def may_write(headers: Mapping[str, str], own: str) -> bool:
    """Whether a cookie counts for anything that changes something: a page of ours asks."""
    site = headers.get("sec-fetch-site")
    return site == "same-origin" if site is not None else _is_own(headers, own)


def may_join(headers: Mapping[str, str], own: str) -> bool:
    """Whether a cookie counts for a WebSocket, which any page may open."""
    return _is_own(headers, own) and may_read(headers, own)


def is_foreign(headers: Mapping[str, str], own: str) -> bool:
    """Whether a page that is not ours asks. A program, which says nothing, is not foreign: it
    carries nobody's cookie."""
    told = "sec-fetch-site" in headers or "origin" in headers
    return told and not may_write(headers, own)


def _is_own(headers: Mapping[str, str], own: str) -> bool:
    return bool(own) and headers.get("origin") == own
