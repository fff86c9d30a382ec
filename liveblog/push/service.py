"""Sending to push services (RFC 8030)."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpcore2

from liveblog.errors import LiveblogError
from liveblog.guard import Guard, is_public

from .encryption import Keys, encrypt
from .vapid import Vapid

TIMEOUT = 10.0
CONNECTIONS = 50
LONGEST_WAIT = 3600
"""Seconds; what a push service asks for beyond is not waited for."""
BODY = 4096
"""Bytes of an answer that are read, so that its connection can be used again."""

_TROUBLE = (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError)
_BEFORE = (httpcore2.ConnectError, httpcore2.ConnectTimeout, httpcore2.PoolTimeout)
"""What happens before anything is sent."""


class Failed(LiveblogError):
    """The push service did not take it."""


class Unsubscribed(Failed):
    """There is no such subscription any more."""


class Rejected(Failed):
    """It will not take this message, however often it is sent."""


class Later(Failed):
    """It may take it later; ``wait`` seconds were asked for, or None. ``maybe``: it did not say
    that it did not take it, so the browser may show it."""

    def __init__(self, message: str, wait: float | None = None, *, maybe: bool = False) -> None:
        super().__init__(message)
        self.wait = wait
        self.maybe = maybe


class PushServices:
    """Sends messages; connections are kept and used again. To be used inside one event loop.

    :param allowed: whether a numeric address may be connected to.
    :param trust: certificates, those of this system when None.
    """

    def __init__(
        self,
        vapid: Vapid,
        *,
        allowed: Callable[[str], bool] = is_public,
        trust: ssl.SSLContext | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        self._vapid = vapid
        self._times = dict.fromkeys(("connect", "read", "write", "pool"), timeout)
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=trust or ssl.create_default_context(),
            max_connections=CONNECTIONS,
            network_backend=Guard(allowed),
        )

    async def send(self, endpoint: str, keys: Keys, message: bytes, **about: str) -> None:
        """Send one message.

        :param about: headers of RFC 8030: ``ttl`` (seconds it may wait for the browser),
            ``topic`` (it takes the place of one that waits under the same), ``urgency``.
        :raises Failed: one of its kinds.
        """
        headers = {
            "Authorization": self._vapid.authorization(endpoint),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            **{name.title(): value for name, value in about.items()},
        }
        try:
            body = encrypt(message, keys)
        except ValueError as error:
            raise Rejected(str(error)) from None
        try:
            status, wait = await self._post(endpoint, headers, body)
        except (*_TROUBLE, OSError) as error:
            maybe = not isinstance(error, _BEFORE)
            raise Later(f"{type(error).__name__}: {error}"[:200], maybe=maybe) from None
        if 200 <= status < 300:
            return
        if status in (404, 410):
            raise Unsubscribed(f"it answered {status}")
        if status in (408, 429) or status >= 500:
            raise Later(f"it answered {status}", wait)
        raise Rejected(f"it answered {status}")

    async def _post(
        self, endpoint: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, float | None]:
        extensions = {"timeout": self._times}
        fields: list[tuple[bytes | str, bytes | str]] = [*headers.items()]
        async with self._pool.stream(
            "POST", endpoint, headers=fields, content=body, extensions=extensions
        ) as answer:
            size = 0
            async for part in answer.aiter_stream():
                size += len(part)
                if size > BODY:
                    break
            found = {name.lower(): value for name, value in answer.headers}
            return answer.status, wait_of(found.get(b"retry-after", b"").decode("latin-1"))

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.aclose()


def wait_of(text: str) -> float | None:
    """The seconds of a Retry-After header, which may also name a time; bounded."""
    try:
        seconds = float(int(text))
    except OverflowError:
        return LONGEST_WAIT
    except ValueError:
        try:
            when = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return None
        if when.tzinfo is None:
            return None
        seconds = (when - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 0.0), LONGEST_WAIT)
