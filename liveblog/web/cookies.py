"""The cookies that people who work here get: for our own pages, out of reach of scripts."""

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

from liveblog.web.auth import COOKIE


class Cookies:
    """Gives cookies, and takes them away.

    :param public_url: says whether they must travel encrypted, and below which path.
    """

    def __init__(self, public_url: str) -> None:
        parts = urlsplit(public_url)
        self._secure = parts.scheme == "https"
        self._prefix = parts.path.rstrip("/")

    def give(self, response: Response, secret: str) -> None:
        """Give a browser its session. It keeps it until it is closed; how long it counts, the
        store says."""
        self.keep(response, COOKIE, secret, "")

    def take(self, response: Response) -> None:
        """Take the session away."""
        self.drop(response, COOKIE, "")

    def keep(
        self, response: Response, name: str, value: str, path: str, seconds: int | None = None
    ) -> None:
        """Give a cookie for the addresses below a path of ours; for so long, or until the
        browser is closed."""
        response.set_cookie(
            name,
            value,
            max_age=seconds,
            path=self._prefix + path or "/",
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )

    def drop(self, response: Response, name: str, path: str) -> None:
        """Take one away."""
        response.delete_cookie(
            name,
            path=self._prefix + path or "/",
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )


def session_of(request: HTTPConnection) -> str | None:
    """The session that a browser comes with, whether it holds or not."""
    return request.cookies.get(COOKIE)
