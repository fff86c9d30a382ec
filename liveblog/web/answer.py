"""Answers that are complete: a document, what a request asks of it, and what is sent.

Everything is worked out once, so that to answer from memory is to look up and to write.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from starlette.responses import Response

from liveblog.model.position import Position
from liveblog.web.coding import WORTH_IT, Coding, compressed, preferred
from liveblog.web.headers import tag_in

_BY_ORIGIN = ", Origin"


class Document(NamedTuple):
    """One document as it was read; ``headers`` holds its ETag and everything but the coding
    and the length."""

    position: Position
    headers: dict[str, str]
    render: Callable[[], bytes]


class Asked(NamedTuple):
    """What an answer depends on besides its address."""

    accept: bytes
    """``Accept-Encoding``."""
    tags: bytes | None
    """``If-None-Match``."""
    named: bool
    """Whether the asker shows a token."""
    signed: bool
    """Whether the asker may have signed in: there is a cookie."""
    foreign: bool
    """Whether a page of some origin asks: then the answer says whether it may read it."""


class Reply(NamedTuple):
    """A whole answer."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


def asked_of(headers: Iterable[tuple[bytes, bytes]]) -> Asked:
    """What a request asks for; ``headers`` as ASGI gives them."""
    accept: list[bytes] = []
    tags: list[bytes] = []
    named = signed = foreign = False
    for name, value in headers:
        if name == b"accept-encoding":
            accept.append(value)
        elif name == b"if-none-match":
            tags.append(value)
        elif name == b"authorization":
            named = True
        elif name == b"cookie":
            signed = True
        elif name == b"origin":
            foreign = True
    return Asked(b",".join(accept), b",".join(tags) if tags else None, named, signed, foreign)


class Answer:
    """A document with its bytes; other codings are made when first asked for."""

    def __init__(self, document: Document) -> None:
        self.position = document.position
        self.tag = document.headers["ETag"]
        self._body = document.render()
        self._headers = raw_headers(document.headers)
        self._replies: dict[Coding, Reply] = {}
        self._unchanged = unchanged(document)

    @property
    def size(self) -> int:
        """Bytes it can come to: plain and in both codings, none of which is larger."""
        return 3 * len(self._body)

    def reply(self, accept: bytes, tags: bytes | None) -> Reply:
        """The answer to a request with these ``Accept-Encoding`` and ``If-None-Match``."""
        if tags is not None and tag_in(tags, self.tag):
            return self._unchanged
        codings = preferred(accept)
        coding = codings[0]
        if len(self._body) < WORTH_IT and "identity" in codings:
            coding = "identity"
        reply = self._replies.get(coding)
        return reply if reply is not None else self._make(coding)

    def _make(self, coding: Coding) -> Reply:
        body = compressed(self._body, coding)
        headers = [*self._headers, (b"content-length", b"%d" % len(body))]
        if coding != "identity":
            headers.append((b"content-encoding", coding.encode()))
        reply = self._replies[coding] = Reply(200, headers, body)
        return reply


def unchanged(document: Document) -> Reply:
    """The 304: the headers a cache is to renew, and no body."""
    headers = {k: v for k, v in document.headers.items() if k != "Content-Type"}
    return Reply(304, raw_headers(headers), b"")


def raw_headers(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """As ASGI takes them; complete, also with what the CORS middleware says to those who
    come without an ``Origin``."""
    whole = headers | {"Vary": headers["Vary"] + _BY_ORIGIN}
    return [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in whole.items()]


class ReadyResponse(Response):
    """A reply for the CORS middleware, which adds its own part of ``Vary``. Nothing is left
    to be computed."""

    def __init__(self, reply: Reply) -> None:
        self.status_code = reply.status
        self.background = None
        self.body = reply.body
        self.raw_headers = [
            (k, v.removesuffix(_BY_ORIGIN.encode()) if k == b"vary" else v)
            for k, v in reply.headers
        ]


def direct(document: Document, tags: bytes | None) -> Reply:
    """The answer to one asker alone: plain, and not even rendered for one who has it."""
    if tags is not None and tag_in(tags, document.headers["ETag"]):
        return unchanged(document)
    return Answer(document).reply(b"", None)
