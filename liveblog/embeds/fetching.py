"""Asking other sites: one GET, with bounds for its bytes, its time and where it leads."""

import asyncio
import ssl
from collections.abc import Callable, Collection
from typing import NamedTuple
from urllib.parse import SplitResult, urljoin, urlsplit

import httpcore2

from liveblog.errors import LiveblogError
from liveblog.guard import Guard, is_host, is_public

TIMEOUT = 8.0
"""Seconds for a whole answer, redirects included."""

REDIRECTS = 2
CONNECTIONS = 10

_TROUBLE = (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError)
_MOVED = (301, 302, 303, 307, 308)


class Unfit(LiveblogError):
    """There is no answer that can be used, and will be none."""


class Busy(LiveblogError):
    """There is no answer now; there may be one later."""


class Wanted(NamedTuple):
    """What is taken for an answer."""

    kinds: tuple[str, ...]
    """What its Content-Type begins with."""
    most: int
    """Bytes."""


class Fetcher:
    """Asks; connections are kept and used again. To be used inside one event loop.

    :param allowed: whether a numeric address may be connected to.
    :param trust: certificates, those of this system when None.
    :param ports: those that may be connected to.
    """

    def __init__(
        self,
        *,
        allowed: Callable[[str], bool] = is_public,
        trust: ssl.SSLContext | None = None,
        ports: Collection[int] = (443,),
        timeout: float = TIMEOUT,
    ) -> None:
        self._ports = ports
        self._timeout = timeout
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=trust or ssl.create_default_context(),
            max_connections=CONNECTIONS,
            network_backend=Guard(allowed),
        )

    async def get(self, url: str, wanted: Wanted) -> bytes:
        """The body of the answer.

        :raises Unfit, Busy: as they say.
        """
        try:
            async with asyncio.timeout(self._timeout):
                return await self._follow(url, wanted)
        except TimeoutError:
            raise Busy(f"no answer within {self._timeout:g} s") from None
        except (*_TROUBLE, OSError) as error:
            raise Busy(f"{type(error).__name__}: {error}"[:200]) from None

    async def _follow(self, url: str, wanted: Wanted) -> bytes:
        origin = self._sound(url)
        for _ in range(REDIRECTS + 1):
            status, location, body = await self._ask(url, wanted)
            if status not in _MOVED:
                return self._judge(status, body)
            try:
                url = urljoin(url, location)
            except ValueError:
                raise Unfit("it leads to no address") from None
            goal = self._sound(url)
            if (goal.scheme, goal.netloc) != (origin.scheme, origin.netloc):
                raise Unfit("it leads to another host")
        raise Unfit("it leads from one address to the next")

    def _sound(self, url: str) -> SplitResult:
        try:
            parts = urlsplit(url)
            port = parts.port or 443
        except ValueError:
            raise Unfit("its address is none") from None
        host = (parts.hostname or "").lower()
        if parts.scheme != "https" or not is_host(host) or "@" in parts.netloc:
            raise Unfit("its address is none of the web")
        if port not in self._ports:
            raise Unfit("its address has a port")
        if not url.isascii() or not url.isprintable():
            raise Unfit("its address is none")
        return parts

    async def _ask(self, url: str, wanted: Wanted) -> tuple[int, str, bytes]:
        fields: list[tuple[bytes | str, bytes | str]] = [
            ("Accept", ", ".join(wanted.kinds)),
            ("Accept-Encoding", "identity"),  # a bound for bytes is one for what they become
            ("User-Agent", "Liveblog"),
        ]
        times = dict.fromkeys(("connect", "read", "write", "pool"), self._timeout)
        async with self._pool.stream(
            "GET", url, headers=fields, extensions={"timeout": times}
        ) as answer:
            found = {name.lower(): value.decode("latin-1") for name, value in answer.headers}
            if answer.status != 200:
                return answer.status, found.get(b"location", ""), b""
            kind = found.get(b"content-type", "").lower()
            if not kind.startswith(wanted.kinds):
                raise Unfit(f"its answer is {kind.partition(';')[0][:50] or 'of no kind'}")
            if found.get(b"content-encoding", "identity").lower() != "identity":
                raise Unfit("its answer is compressed")
            parts: list[bytes] = []
            size = 0
            async for part in answer.aiter_stream():
                size += len(part)
                if size > wanted.most:
                    raise Unfit("its answer is too long")
                parts.append(part)
            return answer.status, "", b"".join(parts)

    def _judge(self, status: int, body: bytes) -> bytes:
        if status == 200:
            return body
        if status in (408, 425, 429) or status >= 500:
            raise Busy(f"it answered {status}")
        raise Unfit(f"it answered {status}")

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.aclose()
