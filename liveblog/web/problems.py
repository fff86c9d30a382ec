"""Errors as ``application/problem+json`` (RFC 9457).

``type`` is ``urn:liveblog:problem:NAME``; docs/protocol.md lists the names. A wrong field is
told by its path in ``errors``; a 412 carries the subject as it is now in ``current`` and its
ETag, a 410 the ``tombstone``.
"""

import logging
from http import HTTPStatus
from typing import Any

from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from liveblog.errors import Gone, Invalid, Moved, NotAuthenticated, Refusal
from liveblog.wire.codec import encode

log = logging.getLogger("liveblog.web")

PROBLEM_JSON = "application/problem+json"


class Problem(Struct, frozen=True, omit_defaults=True):
    """A problem as it is sent."""

    type: str
    title: str
    status: int
    detail: str
    errors: tuple[dict[str, str], ...] = ()
    current: Any = None
    tombstone: Any = None


def problem(error: Refusal) -> Response:
    """The answer for a refusal."""
    headers = {"Cache-Control": "no-store"}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, NotAuthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="liveblog"'
    if isinstance(error, Moved):
        headers["ETag"] = f'"r{error.revision}"'
    return Response(encode(problem_of(error)), error.status, headers, PROBLEM_JSON)


def problem_of(error: Refusal) -> Problem:
    """A refusal as it is told."""
    return Problem(
        type=f"urn:liveblog:problem:{error.name}",
        title=HTTPStatus(error.status).phrase,
        status=error.status,
        detail=str(error),
        errors=tuple(e._asdict() for e in error.errors) if isinstance(error, Invalid) else (),
        current=error.current if isinstance(error, Moved) else None,
        tombstone=error.tombstone if isinstance(error, Gone) else None,
    )


async def on_refusal(_: Request, error: Exception) -> Response:
    """Starlette's handler for our own refusals."""
    assert isinstance(error, Refusal)
    return problem(error)


async def on_http(_: Request, error: Exception) -> Response:
    """Starlette's handler for its own errors (unknown address, wrong method, body too large)."""
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    name = phrase.lower().replace(" ", "-")
    body = Problem(f"urn:liveblog:problem:{name}", phrase, error.status_code, str(error.detail))
    headers = {"Cache-Control": "no-store", **(error.headers or {})}
    return Response(encode(body), error.status_code, headers, PROBLEM_JSON)


async def on_crash(_: Request, error: Exception) -> Response:
    """What nobody expected: logged whole, told without a word of the inside."""
    log.error("a request failed", exc_info=error)
    told = "Something failed here. Send the request again; its Idempotency-Key makes that safe."
    body = Problem("urn:liveblog:problem:internal", "Internal Server Error", 500, told)
    return Response(encode(body), 500, {"Cache-Control": "no-store"}, PROBLEM_JSON)
