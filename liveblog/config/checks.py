"""What is wrong with a value: the rest of a sentence that begins with its name, or None."""

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

_BEARER = re.compile("[!-~]+")
_PUSH_KEY = re.compile("[A-Za-z0-9_-]{43}=?")
_HOST = re.compile(r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*")
_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._/-]*)?")
_TAG = re.compile("[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


def url_of(*schemes: str) -> Callable[[str], str | None]:
    """A check of what an address begins with; nothing more of it is our business."""

    def check(value: str) -> str | None:
        if not value or value.partition("://")[0] in schemes:
            return None
        return "must begin with " + " or ".join(f"{scheme}://" for scheme in schemes)

    return check


def public_url(value: str) -> str | None:
    """An absolute address."""
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname):
        return "must be a whole address with https:// or http:// and a host"
    return "must have no query and no fragment" if parts.query or parts.fragment else None


def hook_url(value: str) -> str | None:
    """The address of a hook of the operator's; who we are is said in a header."""
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname):
        return "must be a whole address with https:// or http:// and a host"
    if parts.username is not None or parts.password is not None:
        return "must have no user and no password in it: use LIVEBLOG_PURGE_TOKEN"
    return "must have no fragment" if parts.fragment else None


def issuer(value: str) -> str | None:
    """An address that nobody on the way can answer for (OpenID Connect Discovery, section 3)."""
    parts = urlsplit(value)
    here = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")
    if value and not (parts.hostname and (parts.scheme == "https" or here)):
        return "must be a whole address with https:// and a host"
    return "must have no query and no fragment" if parts.query or parts.fragment else None


def bucket(value: str) -> str | None:
    """A bucket, and perhaps what the names in it begin with."""
    good = not value or _BUCKET.fullmatch(value)
    return None if good else "must be s3:// with the name of a bucket, and perhaps a path"


def bearer(value: str) -> str | None:
    """What may stand in an Authorization header (RFC 6750)."""
    return None if not value or _BEARER.fullmatch(value) else "must be ASCII without spaces"


def contact(value: str) -> str | None:
    """Where somebody of ours is reached (RFC 8292, section 2.1)."""
    good = re.fullmatch(r"mailto:[^@\s]+@[^@\s]+|https://\S+", value)
    return None if not value or good else "must begin with mailto: or https://"


def push_key(value: str) -> str | None:
    """The length of it; what it is, is said when it is used."""
    good = not value or _PUSH_KEY.fullmatch(value)
    return None if good else "must be 32 bytes in base64url, 43 characters"


def hosts(value: tuple[str, ...]) -> str | None:
    """Names of hosts, or what they end with."""
    good = all(one == "*" or _HOST.fullmatch(one) for one in value)
    return None if good else "must be names of hosts with commas between them"


def words(value: tuple[str, ...]) -> str | None:
    """Names; which there are is said where they are used."""
    good = all(one == "*" or re.fullmatch(r"[A-Za-z0-9.-]+", one) for one in value)
    return None if good else "must be names with commas between them"


def origins(value: tuple[str, ...]) -> str | None:
    """Origins as browsers write them, or a star."""
    for origin in value:
        parts = urlsplit(origin)
        whole = parts.scheme in ("http", "https") and parts.hostname
        if origin != "*" and (not whole or f"{parts.scheme}://{parts.netloc}" != origin):
            return "must be * or origins (scheme, host and port only) with commas between them"
    return None


def proxies(value: tuple[str, ...]) -> str | None:
    """Addresses and networks."""
    for network in value:
        try:
            ipaddress.ip_network(network)
        except ValueError:
            return "must be addresses or networks of numbers with commas between them"
    return None


def picture(value: str) -> str | None:
    """Something a page may show."""
    good = value.startswith(("https://", "http://")) or (value[:1] == "/" and value[:2] != "//")
    return None if not value or good else "must begin with https:// or be a path of this host"


def tag(value: str) -> str | None:
    """A tag of a language."""
    return None if _TAG.fullmatch(value) else "must be a tag of a language, such as en or pt-BR"


def secret(value: str) -> str | None:
    """Long enough, or not set."""
    return "must have at least 32 characters" if 0 < len(value) < 32 else None


def level(value: str) -> str | None:
    """A level of logging."""
    levels = ("debug", "info", "warning", "error")
    return None if value in levels else "must be one of " + ", ".join(levels)


def folder(value: Path) -> str | None:
    """A folder whose path can be written in a URL."""
    # It becomes part of a URL, and SQLAlchemy has no way to write this character in one.
    return "must not have a question mark in it" if "?" in str(value.resolve()) else None
