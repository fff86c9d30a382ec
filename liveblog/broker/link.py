"""One connection to a server, owned by us from connect to close.

redis-py's `PubSub` and `Redis` reconnect and resend by themselves: a lost subscription leaves
no trace, and a command whose reply was lost is sent twice. So only its `Connection` is used
here, the part that speaks the protocol. A `Link` connects once. After the first error it is
dead, and whoever owns it opens another and knows that it did.

RESP 2 is spoken on purpose: messages and confirmations then are plain replies in plain order,
and no push handler stands between the socket and us.
"""

import asyncio
import contextlib
import math
from collections.abc import Sequence

from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

CONNECT_TIMEOUT = 1.0
COMMAND_TIMEOUT = 1.0

Command = tuple[bytes, ...]


def connection_options() -> dict[str, object]:
    """What every connection is made with, whatever the URL says."""
    return {
        "socket_connect_timeout": CONNECT_TIMEOUT,
        "socket_timeout": COMMAND_TIMEOUT,
        "retry": Retry(NoBackoff(), 0),
        "retry_on_timeout": False,
        "health_check_interval": 0,  # it sends PING and never looks for the answer
        "decode_responses": False,
        "protocol": 2,
        "driver_info": None,
    }


class Link:
    """One connection. Not connected until `connect`; not usable after an error or `close`."""

    def __init__(self, connection: AbstractConnection) -> None:
        self._connection = connection

    async def connect(self) -> None:
        """Connect and greet (AUTH, SELECT), each step within its timeout.

        Raises redis' `RedisError` or `OSError`; nothing stays open then.
        """
        try:
            await self._connection.connect()  # type: ignore[no-untyped-call]
        except BaseException:
            await self.close()
            raise
        # From here on the timeouts are ours. redis-py would use wait_for() for each write, and
        # on Python 3.11 that can swallow a cancellation: a task that then never ends.
        self._connection.socket_timeout = None

    async def send(self, commands: Sequence[Command]) -> None:
        """Write commands in one go, within COMMAND_TIMEOUT (else `TimeoutError`).

        Raises `RedisError` when the connection is gone.
        """
        # The Connection would connect again here, silently and without our subscriptions.
        if not self._connection.is_connected:
            raise RedisConnectionError("the connection was closed")
        async with asyncio.timeout(COMMAND_TIMEOUT):
            await self._connection.send_packed_command(
                self._connection.pack_commands(commands), check_health=False
            )

    async def read(self) -> object:
        """The next reply, however long it takes. Raises `RedisError`; `ResponseError` included."""
        return await self._connection.read_response(timeout=math.inf)

    async def call(self, *words: bytes) -> object:
        """One command and its reply, within COMMAND_TIMEOUT (else `TimeoutError`)."""
        async with asyncio.timeout(COMMAND_TIMEOUT):
            await self.send([words])
            return await self.read()

    async def pipeline(self, commands: Sequence[Command]) -> list[ResponseError | None]:
        """Send all, read all replies within COMMAND_TIMEOUT; for each None or its refusal.

        A refused command (`ResponseError`) leaves the connection sound. Anything else raises,
        and then nobody knows which of the commands were carried out.
        """
        answers: list[ResponseError | None] = []
        async with asyncio.timeout(COMMAND_TIMEOUT):
            await self.send(commands)
            for _ in commands:
                try:
                    await self.read()
                except ResponseError as refusal:
                    answers.append(refusal)
                else:
                    answers.append(None)
        return answers

    async def close(self) -> None:
        """Close at once. Safe to call twice.

        The transport is aborted: a polite close would first wait until a frozen server took
        what is still in our buffer, which may be never.
        """
        writer = getattr(self._connection, "_writer", None)
        if writer is not None:
            writer.transport.abort()
        with contextlib.suppress(OSError):
            await self._connection.disconnect(nowait=True)
        await asyncio.sleep(0)  # the loop closes the socket in its next step
