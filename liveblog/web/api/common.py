"""What every endpoint of the API does: read a request, make an answer."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import NamedTuple, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from liveblog.actions import Actions, Ask
from liveblog.errors import BadRequest, FieldError, Invalid, NotAllowed, TooLarge
from liveblog.fanout.hub import Hub
from liveblog.model.ids import read_entry_id, read_slug
from liveblog.model.permissions import Principal
from liveblog.queries import Queries
from liveblog.types import EntryId, Slug
from liveblog.web.admission import Counter
from liveblog.web.auth import Auth
from liveblog.web.headers import NO_CACHE, matched_revision, none_match
from liveblog.wire.codec import encode
from liveblog.wire.links import Links
from liveblog.wire.requests import read

R = TypeVar("R")

MAX_KEY = 255
"""Characters of an Idempotency-Key."""

Handler = Callable[[Request], Awaitable[Response]]


class Services(NamedTuple):
    """What endpoints need; made by ``app.py``."""

    queries: Queries
    actions: Actions
    hub: Hub
    auth: Auth
    links: Links
    build: str
    max_body: int
    counter: Counter


class Write(NamedTuple):
    """A write as it was asked for: who and how, and the body."""

    ask: Ask
    body: bytes


def slug_of(request: Request) -> Slug:
    """The slug in the address."""
    return read_slug(request.path_params["slug"])


def entry_id_of(request: Request) -> EntryId:
    """The entry's id in the address."""
    return read_entry_id(request.path_params["entry_id"])


async def read_write(request: Request, services: Services) -> Write:
    """Who asks for a write, its Idempotency-Key, its If-Match and its body.

    Nobody who may write nothing gets as far as the database's lock.

    :raises NotAuthenticated, BadRequest, TooLarge: as they say.
    """
    who = await services.auth.required(request)
    if not who.writes:
        raise NotAllowed("You have no role yet." if who.person else "This token may only read.")
    key = request.headers.get("idempotency-key")
    if key is not None and not 1 <= len(key) <= MAX_KEY:
        raise BadRequest(f"Idempotency-Key takes 1 to {MAX_KEY} characters.")
    body = await read_body(request, services.max_body)
    digest = digest_of(request, body)
    return Write(Ask(who, key, digest, matched_revision(request.headers)), body)


def digest_of(request: Request, body: bytes) -> str:
    """What tells a request from another with the same key: SHA-256 of method, path and body."""
    name = f"{request.method} {request.url.path}\n".encode()
    return hashlib.sha256(name + body).hexdigest()


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body.

    :raises TooLarge: it is larger than ``limit`` bytes.
    """
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise TooLarge(f"A request takes at most {limit} bytes.")
        parts.append(part)
    return b"".join(parts)


def parse(write: Write, shape: type[R]) -> R:
    """The body as a request of this shape."""
    return read(write.body, shape)


def answer(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer that caches may keep but must ask about."""
    made = {"Cache-Control": NO_CACHE, **(headers or {})}
    return Response(encode(value), status, made, "application/json")


def tagged(
    request: Request,
    value: object,
    tag: str | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """A JSON answer with an ETag, or 304 where the asker has it already.

    :param tag: when None, a weak one made from the bytes of the answer.
    """
    body = encode(value)
    tag = tag or weak_tag(body)
    headers = {"Cache-Control": NO_CACHE, "ETag": tag, **(headers or {})}
    if none_match(request.headers, tag):
        return Response(status_code=304, headers=headers)
    return Response(body, 200, headers, "application/json")


def weak_tag(body: bytes) -> str:
    """A weak ETag made from the bytes of an answer."""
    return f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'


async def reader(request: Request, services: Services) -> Principal | None:
    """Who reads; None when nobody says who they are."""
    return await services.auth.principal(request)


def words_of(request: Request, name: str) -> str | None:
    """A text of the query; None when it is missing or empty.

    :raises Invalid: it has a NUL, which PostgreSQL compares with nothing.
    """
    text = request.query_params.get(name)
    if text and "\0" in text:
        raise Invalid(FieldError(name, "A text cannot hold the character NUL."))
    return text or None


def number(request: Request, name: str, default: int, low: int, high: int) -> int:
    """A whole number of the query.

    :raises Invalid: it is none, or out of bounds.
    """
    text = request.query_params.get(name)
    if text is None:
        return default
    try:
        value = int(text) if len(text) < 10 else high + 1
    except ValueError:
        value = low - 1
    if not low <= value <= high:
        raise Invalid(FieldError(name, f"A whole number from {low} to {high} is needed."))
    return value
