"""Which sites cards are made of, and where each of them is asked.

The list is ``providers.json``: a name, the endpoint, the hosts (``*.a.example`` is ``a.example``
and every host below it) and the paths of pages that it knows, in which ``*`` is one part.
"""

import re
from collections.abc import Sequence
from importlib.resources import files
from urllib.parse import urlencode, urlsplit

import msgspec
from msgspec import Struct

from liveblog.errors import ConfigError, FieldError, Invalid
from liveblog.guard import is_host

LONGEST = 1000
"""Characters of an address of which a card is made."""

_TEXT = re.compile(r"[!-~]+")


class Provider(Struct, frozen=True):
    """A site that gives cards."""

    name: str
    endpoint: str
    hosts: tuple[str, ...]
    paths: tuple[str, ...]

    def knows(self, host: str, path: str) -> bool:
        """Whether this is an address of its pages."""
        return any(_within(host, one) for one in self.hosts) and any(
            _like(path, one) for one in self.paths
        )

    def question(self, url: str) -> str:
        """The address that answers what its page is."""
        return f"{self.endpoint}?{urlencode({'url': url, 'format': 'json'})}"


class Providers:
    """The sites that may be asked."""

    def __init__(self, known: Sequence[Provider]) -> None:
        self._known = tuple(known)

    @property
    def names(self) -> str:
        """Their names, for people."""
        return ", ".join(provider.name for provider in self._known)

    def find(self, url: str) -> Provider | None:
        """The site whose page this is, of an address as :func:`sound_address` gives it."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        path = parts.path.rstrip("/")
        return next((one for one in self._known if one.knows(host, path)), None)

    def named(self, name: str) -> Provider | None:
        """The site of this name."""
        return next((one for one in self._known if one.name == name), None)


def providers_of(words: Sequence[str]) -> Providers:
    """The sites that a setting names: ``*`` is the whole list, a word one site of it, a host a
    server of Mastodon.

    :raises ConfigError: there is no such site.
    """
    listed = _listed()
    by_word = {provider.name.lower(): provider for provider in listed}
    found: dict[str, Provider] = {}
    for word in words:
        name = word.lower()
        if name == "*":
            found |= {provider.name: provider for provider in listed}
        elif name in by_word:
            found[by_word[name].name] = by_word[name]
        elif "." in name and is_host(name):
            found[name] = mastodon(name)
        else:
            raise ConfigError(
                f"LIVEBLOG_EMBED_PROVIDERS names {word!r}; there are {', '.join(by_word)},"
                " * for all of them, and hosts of Mastodon servers."
            )
    return Providers(tuple(found.values()))


def mastodon(host: str) -> Provider:
    """A server of Mastodon."""
    paths = ("/@*/*", "/users/*/statuses/*")
    return Provider(host, f"https://{host}/api/oembed", (host,), paths)


def sound_address(url: str) -> str:
    """The address of a page as it is asked for: https, without a fragment.

    :raises Invalid: it is none of a page on the web.
    """
    text = url.strip()
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    host = (parts.hostname or "").lower()
    plain = _TEXT.fullmatch(text) and len(text) <= LONGEST
    if not plain or parts.scheme not in ("http", "https") or not is_host(host):
        told = "Give the address of a page, beginning with https://."
        raise Invalid(FieldError("url", told))
    if "@" in parts.netloc or port not in (None, 80, 443):
        raise Invalid(FieldError("url", "An address with a name, a password or a port is no page."))
    return parts._replace(scheme="https", netloc=host, fragment="").geturl()


def _listed() -> list[Provider]:
    content = (files("liveblog.embeds") / "providers.json").read_bytes()
    return msgspec.json.decode(content, type=list[Provider])


def _within(host: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return host == pattern[2:] or host.endswith(pattern[1:])
    return host == pattern


def _like(path: str, pattern: str) -> bool:
    parts = (re.escape(part).replace(r"\*", "[^/]+") for part in pattern.split("/"))
    return re.fullmatch("/".join(parts), path) is not None
