"""Whose word about the client is believed: one pure function, used alike by every way in.

Each proxy appends the address it was called from, so the list is read from its end: what
trusted proxies wrote is skipped, and the first address that is none of theirs is the client.
Everything before it was written by the client itself and says nothing.
"""

import functools
import ipaddress
from collections.abc import Sequence
from typing import NamedTuple

from starlette.types import ASGIApp, Receive, Scope, Send

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Client(NamedTuple):
    """Who is at the other end; ``secure`` is None where nobody trusted said it."""

    host: str
    secure: bool | None = None


class Proxies:
    """The proxies that are believed."""

    def __init__(self, trusted: Sequence[str]) -> None:
        self._networks: list[Network] = [ipaddress.ip_network(one) for one in trusted]
        self.trusts = functools.lru_cache(maxsize=1024)(self._trusts)

    def _trusts(self, host: str) -> bool:
        address = _address(host)
        return address is not None and any(address in network for network in self._networks)

    def client(self, peer: str, forwarded_for: str, forwarded_proto: str) -> Client:
        """The client, seen from a connection with ``peer`` that brought these headers."""
        if not self._networks or not self.trusts(peer):
            return Client(peer)
        # The last proxy wrote last; where there is a list, the others' words are older.
        proto = forwarded_proto.rpartition(",")[2].strip().lower()
        secure = {"https": True, "wss": True, "http": False, "ws": False}.get(proto)
        host = peer
        for part in reversed(forwarded_for.split(",")):
            found = _address(_without_port(part.strip()))
            if found is None:  # empty or nonsense: who wrote it is the last one known
                break
            host = str(found)
            if not self.trusts(host):
                break
        return Client(host, secure)


def _address(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    # A socket that listens on :: shows clients of IPv4 like this.
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address


def _without_port(text: str) -> str:
    """``1.2.3.4:80`` and ``[::1]:80`` are written by some proxies."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


class Proxied:
    """ASGI middleware: ``client`` and ``scheme`` of the scope are the client's."""

    def __init__(self, app: ASGIApp, trusted: Sequence[str]) -> None:
        self._app = app
        self._proxies = Proxies(trusted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "lifespan" and scope.get("client"):
            host, port = scope["client"]
            headers = scope["headers"]
            client = self._proxies.client(
                host, _joined(headers, b"x-forwarded-for"), _joined(headers, b"x-forwarded-proto")
            )
            scope["client"] = (client.host, port if client.host == host else 0)
            if client.secure is not None:
                plain = "ws" if scope["type"] == "websocket" else "http"
                scope["scheme"] = plain + "s" * client.secure
        await self._app(scope, receive, send)


def _joined(headers: Sequence[tuple[bytes, bytes]], name: bytes) -> str:
    return ",".join(value.decode("latin-1") for key, value in headers if key == name)
