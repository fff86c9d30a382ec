"""One connected life: two links and four tasks that live and die together.

The publisher link sends, the subscriber link hears, and once a second a numbered probe goes out
through the one and must come back through the other. That proves the whole path, which no PING
does: a server may answer on a socket and deliver nothing. When any task fails or the probe stays
away, all of it is torn down, because half a session that looks well is the worst of states.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from liveblog.broker.link import Link
from liveblog.broker.publishing import Publisher
from liveblog.broker.subscriptions import Subscriptions

logger = logging.getLogger(__name__)

YIELD_EVERY = 64  # messages read before others may run: buffered ones need no await


class Deaf(Exception):
    """The server takes what we publish and does not deliver it, or says nothing at all."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: between probes, and without one before the session is given up."""

    probe_interval: float
    deaf_after: float


@dataclass(frozen=True, slots=True)
class Ears:
    """What a session calls, synchronously and in its reader task."""

    message: Callable[[bytes, bytes], None]
    gap: Callable[[], None]
    probe: Callable[[float], None]  # heard now, `time.monotonic()`
    ready: Callable[[], None]


class Session:
    """Runs over two connected links until something fails; owns neither link."""

    def __init__(
        self,
        probe_channel: bytes,
        publisher: Publisher,
        subscriptions: Subscriptions,
        ears: Ears,
        pace: Pace,
    ) -> None:
        self._probe_channel = probe_channel
        self._publisher = publisher
        self._subscriptions = subscriptions
        self._ears = ears
        self._pace = pace
        self._heard_at = time.monotonic()
        self._last_probe = 0

    async def run(self, sending: Link, hearing: Link) -> None:
        """Run until the first failure, and raise it: `RedisError`, `OSError`, `Deaf`, a bug."""
        self._subscriptions.reopen()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._publisher.run(sending), name="broker publisher")
                tasks.create_task(self._read(hearing), name="broker reader")
                tasks.create_task(self._tell(hearing), name="broker subscriptions")
                tasks.create_task(self._watch(), name="broker probe")
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None

    async def _tell(self, link: Link) -> None:
        """Send each change of the wanted channels, in order, from this one task."""
        while True:
            await self._subscriptions.changed.wait()
            if commands := self._subscriptions.commands():
                await link.send(commands)

    async def _read(self, link: Link) -> None:
        while True:
            for _ in range(YIELD_EVERY):
                self._take(await link.read())
            await asyncio.sleep(0)

    def _take(self, reply: object) -> None:
        match reply:
            case [b"message", bytes(channel), bytes(payload)]:
                if channel == self._probe_channel:
                    self._hear_probe(payload)
                elif self._subscriptions.wants(channel):
                    self._ears.message(channel, payload)
            case [b"subscribe" | b"unsubscribe" as kind, bytes(channel), int()]:
                was_ready = self._subscriptions.ready.is_set()
                gap = self._subscriptions.acknowledged(kind == b"subscribe", channel)
                if not was_ready and self._subscriptions.ready.is_set():
                    self._ears.ready()
                if gap:
                    self._ears.gap()
            case _:
                logger.debug("the message server said something unexpected")

    def _hear_probe(self, payload: bytes) -> None:
        number = int(payload) if payload.isdigit() else 0
        skipped = self._last_probe and number != self._last_probe + 1
        self._last_probe = number
        self._heard_at = time.monotonic()
        self._ears.probe(self._heard_at)
        if skipped:  # a probe between was lost, so anything may have been
            self._ears.gap()

    async def _watch(self) -> None:
        pace = self._pace
        try:
            async with asyncio.timeout(pace.deaf_after):
                await self._subscriptions.ready.wait()
        except TimeoutError:
            raise Deaf("the server confirmed no subscription") from None
        patient_since = time.monotonic()
        while True:
            self._publisher.probe()
            asleep = time.monotonic()
            await asyncio.sleep(pace.probe_interval)
            now = time.monotonic()
            if now - asleep > 2 * pace.probe_interval:
                # This process itself stood still. What came meanwhile is not read yet.
                patient_since = now
            if now - max(self._heard_at, patient_since) > pace.deaf_after:
                raise Deaf(f"own probe not heard for {pace.deaf_after:g} s")
