"""A URL becomes connections.

    redis://[user:password@]host[:port][/db]      rediss:// the same over TLS
    unix:///path/to.sock[?db=0]
    redis+sentinel://[user:password@]host[:port],host[:port]/SERVICE[?db=0&ssl=true
        &sentinel_username=…&sentinel_password=…]
    redis+cluster://[user:password@]host[:port],host[:port][?ssl=true]

Who the server is, is asked anew for each connection. So a failover needs no special case: the
old master's connections end or its probes stay away, and the next attempt asks Sentinel again.

On a Cluster plain PUBLISH is used. The nodes pass it on to each other, so any node will do for
either connection, no slot can be down, and no shard map can be out of date. It costs the bus
one copy a node, which for a hint per change is little. The two connections go to different
nodes when there are several, so that the probe crosses the bus.
"""

import itertools
import random
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from redis.asyncio.connection import Connection, SSLConnection, parse_url
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from liveblog.broker.errors import BrokerConfigError
from liveblog.broker.link import Link, connection_options

SENTINEL_PORT = 26379
PORT = 6379

Address = tuple[str, int]
# Options of redis-py, by name and of many types; they come from a URL and go to its constructor.
Options = dict[str, Any]


class Target(Protocol):
    """Where to connect to."""

    async def open(self) -> Link:
        """A new connected link. Raises `RedisError`, `OSError` or `TimeoutError`."""


@dataclass(frozen=True, slots=True)
class Standalone:
    """One server with a fixed address."""

    kind: type[Any]
    options: Options

    async def open(self) -> Link:
        link = Link(self.kind(**self.options))
        await link.connect()
        return link


@dataclass(frozen=True, slots=True)
class Sentinel:
    """The present master of a service, as the first answering Sentinel names it."""

    sentinels: tuple[Standalone, ...]
    service: str
    kind: type[Any]
    options: Options

    async def open(self) -> Link:
        host, port = await self._master()
        link = await Standalone(self.kind, {**self.options, "host": host, "port": port}).open()
        try:
            role = await link.call(b"ROLE")
            if not (isinstance(role, list) and role and role[0] == b"master"):
                raise RedisConnectionError(f"{host}:{port} is not the master (yet)")
        except BaseException:
            await link.close()
            raise
        return link

    async def _master(self) -> Address:
        reason = "none is configured"
        for sentinel in random.sample(self.sentinels, len(self.sentinels)):
            try:
                link = await sentinel.open()
                try:
                    answer = await link.call(
                        b"SENTINEL", b"GET-MASTER-ADDR-BY-NAME", self.service.encode()
                    )
                finally:
                    await link.close()
            except (RedisError, OSError, TimeoutError) as error:
                reason = str(error) or type(error).__name__
                continue
            match answer:
                case [bytes(host), bytes(port)]:
                    return host.decode(), int(port)
            reason = f"the service {self.service!r} is unknown"
        raise RedisConnectionError(f"no Sentinel names a master: {reason}")


class Cluster:
    """Any node of a cluster that says the cluster is well, taking turns."""

    def __init__(self, nodes: tuple[Standalone, ...]) -> None:
        self._count = len(nodes)
        self._turns = itertools.cycle(random.sample(nodes, len(nodes)))

    async def open(self) -> Link:
        reason: Exception = RedisConnectionError("no node is configured")
        for _ in range(self._count):
            try:
                return await self._open(next(self._turns))
            except (RedisError, OSError, TimeoutError) as error:
                reason = error
        raise reason

    async def _open(self, node: Standalone) -> Link:
        link = await node.open()
        try:
            state = await link.call(b"CLUSTER", b"INFO")
            if not (isinstance(state, bytes) and b"cluster_state:ok" in state):
                raise RedisConnectionError("this node is cut off from its cluster")
        except BaseException:
            await link.close()
            raise
        return link


def parse_target(url: str) -> Target:
    """Read a URL. Raises `BrokerConfigError` with a sentence for whoever configured it."""
    scheme = url.partition("://")[0]
    try:
        if scheme in ("redis", "rediss", "unix"):
            return _standalone(url)
        if scheme in ("redis+sentinel", "redis+cluster"):
            return _many(url, sentinel=scheme == "redis+sentinel")
    except BrokerConfigError:
        raise
    except (ValueError, TypeError) as error:
        raise BrokerConfigError(f"The address of the message server is wrong: {error}") from error
    raise BrokerConfigError(
        "The address of the message server must begin with redis://, rediss://, unix://, "
        f"redis+sentinel:// or redis+cluster://, not with {scheme!r}."
    )


def _standalone(url: str) -> Standalone:
    options: Options = {**parse_url(url)}
    kind = options.pop("connection_class", Connection)
    for pool_option in ("max_connections", "timeout"):
        options.pop(pool_option, None)
    options.update(connection_options())
    kind(**options)  # an option it does not know is said now, not at each attempt
    return Standalone(kind, options)


def _many(url: str, *, sentinel: bool) -> Target:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    secure = query.pop("ssl", "false").lower() in ("true", "1", "yes")
    asked = {name: query.pop(f"sentinel_{name}", None) for name in ("username", "password")}
    credentials, at, hosts = parts.netloc.rpartition("@")
    addresses = [_address(host, SENTINEL_PORT if sentinel else PORT) for host in hosts.split(",")]
    base = _standalone(f"{'rediss' if secure else 'redis'}://{credentials}{at}x?{urlencode(query)}")
    kind = SSLConnection if secure else Connection
    if not sentinel:
        return Cluster(
            tuple(Standalone(kind, {**base.options, "host": h, "port": p}) for h, p in addresses)
        )
    service = unquote(parts.path.strip("/"))
    if not service:
        raise BrokerConfigError(
            "The address of the message server must end with the name of the service, as in "
            "redis+sentinel://host:26379/mymaster."
        )
    dropped = {"db", "username", "password"}
    common = {name: value for name, value in base.options.items() if name not in dropped}
    common.update({name: value for name, value in asked.items() if value is not None})
    sentinels = tuple(Standalone(kind, {**common, "host": h, "port": p}) for h, p in addresses)
    return Sentinel(sentinels, service, kind, base.options)


def _address(text: str, port: int) -> Address:
    parts = urlsplit(f"//{text}")
    if not parts.hostname:
        raise BrokerConfigError(f"The address of the message server names no host in {text!r}.")
    return parts.hostname, parts.port or port
