"""RedisBroker: the supervisor that keeps a session alive for ever.

It connects, runs a `Session` until that fails, waits 50 ms to 1 s with jitter, and begins anew.
No exception ends it, each change of state is logged once, and callers notice nothing but
`on_gap` and `BrokerStats.connected`.
"""

import asyncio
import logging
import math
import random
import secrets

from redis.exceptions import RedisError

from liveblog.broker.contract import BrokerStats, Listener
from liveblog.broker.keys import Keys
from liveblog.broker.link import Link
from liveblog.broker.publishing import Publisher
from liveblog.broker.session import Deaf, Ears, Pace, Session
from liveblog.broker.subscriptions import Subscriptions
from liveblog.broker.target import parse_target

logger = logging.getLogger(__name__)

BACKOFF_FIRST = 0.05
BACKOFF_LAST = 1.0
FLUSH_TIMEOUT = 1.0
CANCEL_AGAIN = 0.1


class RedisBroker:
    """A `Broker` over Redis or Valkey.

    url: see `liveblog.broker.target`; a `BrokerConfigError` says what is wrong with it.
    prefix: in front of every channel name. probe_interval, deaf_after: seconds between own
    probes, and without hearing one before both connections are made anew.
    """

    def __init__(
        self,
        url: str,
        *,
        prefix: str = "liveblog",
        probe_interval: float = 1.0,
        deaf_after: float = 3.0,
    ) -> None:
        self._target = parse_target(url)
        self._keys = Keys(prefix, secrets.token_hex(8))
        self._pace = Pace(probe_interval, deaf_after)
        self._publisher = Publisher(self._keys.probe)
        self._subscriptions = Subscriptions()
        self._subscriptions.want(self._keys.probe)
        self._listener: Listener | None = None
        self._task: asyncio.Task[None] | None = None
        self._heard_at = -math.inf
        self._received = 0
        self._connections = 0
        self._connected = False
        self._stopping = False
        self._said_down = False
        self._listener_failed = False
        self._failures = 0

    def set_listener(self, listener: Listener) -> None:
        """Name the one listener. Call it before `start`."""
        self._listener = listener

    async def start(self) -> None:
        """Start the supervisor; returns at once, whether or not a server is there."""
        if self._task is None:
            self._task = asyncio.create_task(self._supervise(), name="broker supervisor")

    async def stop(self) -> None:
        """Send what is queued for at most FLUSH_TIMEOUT seconds, then end everything."""
        task, self._task = self._task, None
        if task is None:
            return
        try:
            await self._publisher.drained(FLUSH_TIMEOUT)
        finally:
            self._publisher.close()
            self._stopping = True
            # More than once: when something fails or times out in the same moment, the task group
            # and redis-py raise that instead, and a single cancellation would be lost.
            while not task.done():
                task.cancel()
                await asyncio.wait({task}, timeout=CANCEL_AGAIN)

    def publish(self, channel: str, payload: bytes) -> None:
        """Queue one message; never waits, never raises. Before `start` it only queues."""
        self._publisher.offer(self._keys.channel(channel), payload)

    async def subscribe(self, channel: str, timeout: float = 1.0) -> bool:
        """Subscribe; True when the server confirmed it within `timeout` seconds."""
        name = self._keys.channel(channel)
        self._subscriptions.want(name)
        if not self._connected and timeout <= 0:
            return False
        return await self._subscriptions.confirmed(name, timeout)

    def unsubscribe(self, channel: str) -> None:
        """Hear nothing more of this channel, from this call on."""
        self._subscriptions.unwant(self._keys.channel(channel))

    @property
    def heard_at(self) -> float:
        """`time.monotonic()` when the last own probe came back, or ``-inf``."""
        return self._heard_at

    @property
    def stats(self) -> BrokerStats:
        """A snapshot of the counters."""
        return BrokerStats(
            published=self._publisher.published,
            dropped=self._publisher.dropped,
            received=self._received,
            reconnects=max(0, self._connections - 1),
            connected=self._connected,
        )

    async def _supervise(self) -> None:
        while not self._stopping:  # a cancellation can be lost, this cannot
            try:
                await self._live()
            except (RedisError, OSError, TimeoutError, Deaf) as error:
                self._note_down(error)
            except Exception as error:
                if not self._said_down:
                    logger.exception("the message carrier failed; it starts again")
                self._note_down(error)
            finally:
                self._connected = False
            # Full steps with jitter: many processes lose one server at the same moment.
            step = min(BACKOFF_LAST, BACKOFF_FIRST * 2 ** min(self._failures, 10))
            self._failures += 1
            await asyncio.sleep(step * random.uniform(0.5, 1.0))

    async def _live(self) -> None:
        """One session from connecting to the failure that ends it."""
        ears = Ears(self._hear, self._gap, self._hear_probe, self._ready)
        session = Session(self._keys.probe, self._publisher, self._subscriptions, ears, self._pace)
        links: list[Link] = []
        try:
            for _ in range(2):
                links.append(await self._target.open())
            await session.run(*links)
        finally:
            for link in links:
                await link.close()

    def _ready(self) -> None:
        self._connected = True
        self._connections += 1
        if self._said_down or self._connections == 1:
            logger.info("connected to the message server")
        self._said_down = False

    def _hear_probe(self, now: float) -> None:
        self._heard_at = now
        self._failures = 0  # only a probe that came back proves that the path works

    def _hear(self, channel: bytes, payload: bytes) -> None:
        if self._listener is None:
            return
        self._received += 1
        try:
            self._listener.on_message(self._keys.logical(channel), payload)
        except Exception as error:  # noqa: BLE001 - whatever it is, the reader goes on
            self._note_listener(error)
        else:
            self._listener_failed = False

    def _gap(self) -> None:
        if self._listener is None:
            return
        try:
            self._listener.on_gap()
        except Exception as error:  # noqa: BLE001 - as above
            self._note_listener(error)

    def _note_listener(self, error: Exception) -> None:
        """A listener that fails on every message is logged at the first one."""
        if not self._listener_failed:
            logger.error("the listener of the message carrier failed", exc_info=error)
        self._listener_failed = True

    def _note_down(self, error: Exception) -> None:
        if self._stopping:
            return
        reason = str(error) or type(error).__name__
        if self._said_down:
            logger.debug("still no message server: %s", reason)
        else:
            logger.warning("the message server is away, trying again: %s", reason)
        self._said_down = True
