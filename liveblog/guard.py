"""Connecting to hosts that somebody else has named: never to anything within our own network.

Whoever may name a host (a browser its push service, a page its thumbnail) could name one that
only this server can reach. So each address that a name stands for is looked at, and it is this
address that is connected to.
"""

import asyncio
import contextlib
import ipaddress
import re
import socket
from collections.abc import Callable, Iterable
from typing import Any

import httpcore2

_HOST = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
"""A name that can be looked up: labels of at most 63 characters (RFC 1123)."""


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_UNICAST = ipaddress.IPv6Network("2000::/3")
"""All that IANA gives out of IPv6. Below ``::/8`` and in ``fec0::/10`` are old forms and prefixes
for one's own network, which count as global in some versions of Python."""


def is_host(name: str) -> bool:
    """Whether this is a name, in lower case, that can be looked up."""
    return _HOST.fullmatch(name) is not None


def is_public(address: str) -> bool:
    """Whether a numeric address belongs to the whole internet."""
    number = ipaddress.ip_address(address)
    if isinstance(number, ipaddress.IPv6Address):
        number = _inner(number) or number
    if isinstance(number, ipaddress.IPv6Address) and number not in _UNICAST:
        return False
    return number.is_global and not number.is_multicast


def _inner(number: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The address of IPv4 that one of IPv6 leads to: mapped, by NAT64 (RFC 6052) or 6to4."""
    if number in _NAT64:
        return ipaddress.IPv4Address(int(number) & 0xFFFFFFFF)
    return number.ipv4_mapped or number.sixtofour


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
