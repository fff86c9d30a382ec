"""Calling a hook: one POST of JSON to an address that the operator chose.

Only the status of the answer counts. Its body is not read, so nothing in it can be too long
or too slow, and a redirect is a refusal: what we were told to call is what we call.
"""

import asyncio

import httpx2
import msgspec
from msgspec import Struct

from liveblog.errors import LiveblogError

TIMEOUT = 10.0
ERROR_MAX = 200


class Purge(Struct, frozen=True):
    """What a purge hook is told; without ``urls`` it is only asked whether it is there.

    ``cursor`` is where the log of the blog stood when this was made; ``tags`` are those that
    the kept answers carried.
    """

    blog: str = ""
    cursor: str = ""
    urls: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class HookFailed(LiveblogError):
    """The hook did not take it."""


class Hook:
    """An address to call, and how to say who calls.

    :param token: shown as ``Authorization: Bearer``; nothing is, when empty.
    :param timeout: seconds for a whole call.
    """

    def __init__(self, url: str, token: str = "", timeout: float = TIMEOUT) -> None:
        self._url = url
        self._timeout = timeout
        self._headers = {"Content-Type": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        # Made once: it reads all certificates that are trusted here.
        self._trust = httpx2.create_ssl_context()

    async def post(self, body: Struct) -> None:
        """Call it.

        :raises HookFailed: it cannot be reached, is too slow, or answers anything but 2xx.
        """
        try:
            async with asyncio.timeout(self._timeout):
                status = await self._status(msgspec.json.encode(body))
        except TimeoutError:
            raise HookFailed(f"no answer within {self._timeout:g} s") from None
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            told = f"{type(error).__name__}: {error}"
            raise HookFailed(told[:ERROR_MAX]) from None
        if not 200 <= status < 300:
            raise HookFailed(f"it answered {status}")

    async def _status(self, content: bytes) -> int:
        # A client of its own: the unread answer ends the connection anyway.
        async with (
            httpx2.AsyncClient(verify=self._trust, timeout=None) as http,
            http.stream("POST", self._url, content=content, headers=self._headers) as answer,
        ):
            return answer.status_code
