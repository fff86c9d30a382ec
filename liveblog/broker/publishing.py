"""The publish queue and the task that empties it.

`PublishQueue` is bounded in count and in bytes. When it is full the oldest message goes: the
newest hint says more than the oldest, and the store knows both. `Publisher` sends in pipelines.
What was taken from the queue is never put back: an error in the middle leaves it unknown which
messages arrived, and a message sent twice is worse than one the store has to tell.
"""

import asyncio
import logging
from collections import deque

from redis.exceptions import ResponseError

from liveblog.broker.link import Command, Link

logger = logging.getLogger(__name__)

QUEUE_MESSAGES = 4096
QUEUE_BYTES = 8 * 1024 * 1024
BATCH_MESSAGES = 256
BATCH_BYTES = 1024 * 1024

Message = tuple[bytes, bytes]


class PublishQueue:
    """A bounded queue of (channel, payload); bytes count names and payloads."""

    def __init__(self, max_messages: int = QUEUE_MESSAGES, max_bytes: int = QUEUE_BYTES) -> None:
        self._max_messages = max_messages
        self._max_bytes = max_bytes
        self._messages: deque[Message] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._messages)

    def put(self, channel: bytes, payload: bytes) -> int:
        """Append one message; returns how many were dropped to keep the bounds.

        A message larger than the whole queue is itself the one dropped.
        """
        size = len(channel) + len(payload)
        if size > self._max_bytes:
            return 1
        dropped = 0
        while self._messages and (
            len(self._messages) >= self._max_messages or self._bytes + size > self._max_bytes
        ):
            self._pop()
            dropped += 1
        self._messages.append((channel, payload))
        self._bytes += size
        return dropped

    def take(
        self, max_messages: int = BATCH_MESSAGES, max_bytes: int = BATCH_BYTES
    ) -> list[Message]:
        """Remove and return the oldest messages up to both bounds, at least one if there is one."""
        batch: list[Message] = []
        size = 0
        while self._messages and len(batch) < max_messages:
            channel, payload = self._messages[0]
            size += len(channel) + len(payload)
            if batch and size > max_bytes:
                break
            batch.append(self._pop())
        return batch

    def clear(self) -> int:
        """Forget everything; returns how many messages that were."""
        count = len(self._messages)
        self._messages.clear()
        self._bytes = 0
        return count

    def _pop(self) -> Message:
        message = self._messages.popleft()
        self._bytes -= len(message[0]) + len(message[1])
        return message


class Publisher:
    """Empties the queue over whatever link it is given; outlives links.

    The own probe does not queue: it goes out in front of the next batch, so a long queue delays
    it no more than one pipeline, and a full queue cannot drop it.
    """

    def __init__(self, probe_channel: bytes, queue: PublishQueue | None = None) -> None:
        self.published = 0
        self.dropped = 0
        self._queue = queue or PublishQueue()
        self._probe_channel = probe_channel
        self._probe_due = False
        self._probes = 0
        self._closed = False
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._refused = False

    def offer(self, channel: bytes, payload: bytes) -> None:
        """Queue one message, or count it as dropped after `close`."""
        if self._closed:
            self.dropped += 1
            return
        self.dropped += self._queue.put(channel, payload)
        if self._queue:
            self._idle.clear()
            self._wake.set()

    def probe(self) -> None:
        """Send the next numbered probe as soon as possible."""
        self._probe_due = True
        self._wake.set()

    async def drained(self, timeout: float) -> None:
        """Wait until nothing is queued or in flight, at most `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                await self._idle.wait()
        except TimeoutError:
            logger.info("%d messages were still queued when the broker stopped", len(self._queue))

    def close(self) -> None:
        """Take no more messages; what is still queued counts as dropped."""
        self._closed = True
        self.dropped += self._queue.clear()
        self._idle.set()

    async def run(self, link: Link) -> None:
        """Publish over this link until it fails (`RedisError`, `OSError`, `TimeoutError`)."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._probe_due or self._queue:
                await self._send(link)
            self._idle.set()

    async def _send(self, link: Link) -> None:
        batch = self._queue.take()
        commands: list[Command] = []
        if probing := self._probe_due:
            self._probe_due = False
            self._probes += 1
            commands.append((b"PUBLISH", self._probe_channel, b"%d" % self._probes))
        commands.extend((b"PUBLISH", channel, payload) for channel, payload in batch)
        try:
            answers = await link.pipeline(commands)
        except BaseException:
            # Nobody knows which of them arrived. None is sent again.
            self.dropped += len(batch)
            if self._queue:
                self._wake.set()
            else:
                self._idle.set()
            raise
        refusals = [answer for answer in answers[probing:] if answer is not None]
        self.dropped += len(refusals)
        self.published += len(batch) - len(refusals)
        self._note(next((answer for answer in answers if answer is not None), None))

    def _note(self, refusal: ResponseError | None) -> None:
        """Log when the server begins to refuse and when it stops, not every message."""
        if refusal is not None and not self._refused:
            logger.warning("the message server refuses to publish: %s", refusal)
        elif refusal is None and self._refused:
            logger.info("the message server publishes again")
        self._refused = refusal is not None
