"""The loop of every worker.

A :class:`Job` is a function that handles what is due now and says how much that was. It is
called again at once while there is more, else after its time, or earlier when it is woken
(by a hint on the broker). It is supervised: whatever goes wrong is logged and tried again
later, with growing and jittered pauses, so one job never ends the others and a store that is
away is not asked all the time.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from liveblog.actions import Actions
from liveblog.broker.contract import Broker
from liveblog.errors import Unavailable

PAUSE_FIRST = 0.5
PAUSE_LAST = 30.0

logger = logging.getLogger(__name__)


class Job(Struct, frozen=True):
    """Something to do every now and then."""

    name: str
    every: float
    """Seconds between two times when there was nothing."""
    handle: Callable[[Actions, datetime], Awaitable[int]]
    """Handles what is due at a time; how much there was."""
    batch: int | None = None
    """How much is handled at most at a time: so much, and there is probably more."""
    next_due: Callable[[Actions, datetime], Awaitable[datetime | None]] | None = None
    """When there will be something after a time, where that is known beforehand: then it is
    handled at that moment, and not only when the timer comes by."""
    channel: str = ""
    """The broker's channel that wakes it; the timer finds what a lost message meant."""


class Loop:
    """One job, for ever. ``wake()`` may be called at any time from the event loop."""

    def __init__(self, job: Job, actions: Actions) -> None:
        self._job = job
        self._actions = actions
        self._woken = asyncio.Event()
        self._failures = 0

    def wake(self) -> None:
        """Look again now."""
        self._woken.set()

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            self._woken.clear()
            now = datetime.now(UTC)
            try:
                done = await self._job.handle(self._actions, now)
                pause = await self._until_next(now)
            except Exception as error:  # noqa: BLE001 (whatever it is, the next time may be well)
                await asyncio.sleep(self._pause(error))
                continue
            if self._failures:
                logger.info("%s works again", self._job.name)
                self._failures = 0
            if self._job.batch is None or done < self._job.batch:
                await self._wait(pause)

    async def _until_next(self, now: datetime) -> float:
        """Seconds until there is something to do, as far as is known."""
        if self._job.next_due is None:
            return self._job.every
        # What was due at ``now`` and could not be done is no reason to come back at once.
        due = await self._job.next_due(self._actions, now)
        if due is None:
            return self._job.every
        return min(self._job.every, max(0.0, (due - datetime.now(UTC)).total_seconds()))

    async def _wait(self, pause: float) -> None:
        try:
            async with asyncio.timeout(pause):
                await self._woken.wait()
        except TimeoutError:
            pass

    def _pause(self, error: Exception) -> float:
        self._failures += 1
        pause = min(PAUSE_LAST, PAUSE_FIRST * 2.0 ** min(self._failures - 1, 10))
        # That the store is away for a moment needs no traceback.
        details = None if isinstance(error, Unavailable) else error
        logger.error(
            "%s failed, the next try is in about %.1f s: %s",
            self._job.name,
            pause,
            error,
            exc_info=details,
        )
        return pause * (0.5 + random.random() / 2)


class Waker:
    """Hears the broker for the loops: a message wakes those of its channel, a gap all."""

    def __init__(self) -> None:
        self._loops: dict[str, list[Loop]] = {}

    async def add(self, channel: str, loop: Loop, broker: Broker) -> None:
        """Wake this loop from now on; a broker that is away is not waited for."""
        self._loops.setdefault(channel, []).append(loop)
        await broker.subscribe(channel, timeout=0)

    def on_message(self, channel: str, payload: bytes) -> None:
        """Something may be due."""
        for loop in self._loops.get(channel, ()):
            loop.wake()

    def on_gap(self) -> None:
        """Whatever was said meanwhile, somebody may have missed it."""
        for channel in self._loops:
            self.on_message(channel, b"")


async def run_jobs(
    jobs: Sequence[Job], actions: Actions, ending: asyncio.Event, waker: Waker | None = None
) -> None:
    """Run all jobs until ``ending`` is set. What is being handled then is left to its
    transaction, which ends by itself: all of it or nothing.

    :param waker: the listener of the broker; without it there are only timers.
    """
    loops = [Loop(job, actions) for job in jobs]
    for loop, job in zip(loops, jobs, strict=True):
        if waker is not None and job.channel:
            await waker.add(job.channel, loop, actions.door.broker)
    tasks = [
        asyncio.create_task(loop.run(), name=job.name)
        for loop, job in zip(loops, jobs, strict=True)
    ]
    try:
        await ending.wait()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
