"""HTTP answers as errors of ``liveblog.errors``: the same names on both sides of the wire."""

import contextlib
from typing import Any

import httpx2

from liveblog.errors import (
    BadRequest,
    Conflict,
    FieldError,
    Gone,
    Invalid,
    LiveblogError,
    MatchRequired,
    Moved,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Refusal,
    TooLarge,
)

TIMEOUT = httpx2.Timeout(10.0, read=40.0)
"""Longer reads than the 30 s for which ``changes`` may be asked to wait."""

COME_BACK = frozenset({429, 500, 502, 503, 504})
"""Statuses that say something of the moment, not of the request."""

_PLAIN: dict[int, type[Refusal]] = {
    400: BadRequest,
    401: NotAuthenticated,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    413: TooLarge,
    428: MatchRequired,
}


def authorization(token: str | None) -> dict[str, str]:
    """The header that carries a token; an address never does, addresses are written to logs."""
    return {} if token is None else {"Authorization": f"Bearer {token}"}


def api(url: str, slug: str) -> str:
    """The address of a blog in the API of the server at ``url`` (which may have a path)."""
    return f"{url.rstrip('/')}/api/v1/blogs/{slug}"


def retry_after(headers: Any) -> float | None:
    """Seconds of ``Retry-After``; None without one, or where it names a date."""
    try:
        return max(0.0, min(float(headers["Retry-After"]), 3600.0))
    except (KeyError, ValueError):
        return None


def refusal(answer: httpx2.Response) -> LiveblogError:
    """The error that an answer stands for, with the server's own sentence."""
    problem: dict[str, Any] = {}
    with contextlib.suppress(ValueError):
        told = answer.json()
        problem = told if isinstance(told, dict) else {}
    return refusal_of(answer.status_code, problem, answer.headers.get("ETag", ""))


def refusal_of(status: int, problem: dict[str, Any] | None = None, etag: str = "") -> LiveblogError:
    """The error of a status."""
    problem = problem or {}
    message = str(problem.get("detail") or problem.get("title") or "")
    if status in _PLAIN:
        return _PLAIN[status](message)
    if status == 410:
        return Gone(problem, message)
    if status == 412:
        digits = "".join(filter(str.isdigit, etag))
        return Moved(problem, int(digits or problem.get("revision", 0)), message)
    if status == 422:
        wrong = [e for e in problem.get("errors", ()) if isinstance(e, dict)]
        fields = [FieldError(str(e.get("path", "")), str(e.get("message", ""))) for e in wrong]
        return Invalid(*fields, message=message if not fields else "")
    error = Refusal(message or f"The server answered with status {status}.")
    error.status = status
    return error
