"""Which addresses may be sent to: those of push services, and nothing within our own network.

An endpoint comes from a browser, so from anybody. Without a list of services, whoever registers
a stranger's address thousands of times has us call it thousands of times.
"""

import asyncio
import contextlib
import ipaddress
import re
import socket
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

import httpcore2

LONGEST = 1000
"""Characters; the longest in use have about 600."""
_TEXT = re.compile(r"[!-~]+")
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
"""A name that can be looked up: labels of at most 63 characters (RFC 1123)."""


def of_service(endpoint: str, hosts: Sequence[str]) -> bool:
    """Whether this is an address of one of these services: ``push.example`` is one host,
    ``*.push.example`` any below it, ``*`` every one."""
    if len(endpoint) > LONGEST or not _TEXT.fullmatch(endpoint):
        return False
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme != "https" or parts.fragment or port not in (None, 443):
        return False
    host = (parts.hostname or "").lower()
    if not _HOST.fullmatch(host) or "@" in parts.netloc:
        return False
    return any(host == one or (one[:1] == "*" and host.endswith(one[1:])) for one in hosts)


def is_public(address: str) -> bool:
    """Whether a numeric address belongs to the whole internet."""
    number = ipaddress.ip_address(address)
    if isinstance(number, ipaddress.IPv6Address) and number.ipv4_mapped:
        number = number.ipv4_mapped
    return number.is_global and not number.is_multicast


class Guard(httpcore2.AsyncNetworkBackend):
    """Connects only to addresses that are allowed. It looks a name up itself and connects to
    what it found, so a name that means another address a moment later changes nothing.

    :param allowed: whether a numeric address may be connected to.
    """

    def __init__(self, allowed: Callable[[str], bool] = is_public) -> None:
        self._allowed = allowed
        self._inner = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """A connection, to the first of the name's addresses that takes it.

        :raises httpcore2.ConnectError: the name is not known, not all it means is allowed, or
            none of it takes a connection.
        """
        *others, last = await self.addresses(host, port, timeout)
        connect = self._inner.connect_tcp
        for address in others:
            with contextlib.suppress(httpcore2.ConnectError, httpcore2.ConnectTimeout):
                return await connect(address, port, timeout, local_address, socket_options)
        return await connect(last, port, timeout, local_address, socket_options)

    async def addresses(self, host: str, port: int, timeout: float | None) -> list[str]:
        """What a name means; not empty.

        :raises httpcore2.ConnectError: as above.
        """
        try:
            async with asyncio.timeout(timeout):
                found = await asyncio.get_running_loop().getaddrinfo(
                    host, port, type=socket.SOCK_STREAM
                )
        except TimeoutError:
            raise httpcore2.ConnectTimeout(f"{host} was not found in time") from None
        except (OSError, UnicodeError) as error:  # UnicodeError: what is no name at all
            raise httpcore2.ConnectError(f"{host} is not known ({error})") from None
        addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
        if not addresses or not all(self._allowed(address) for address in addresses):
            raise httpcore2.ConnectError(f"{host} is no public address")
        return addresses

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)
