"""Receipts of this process: what it has written to readers, kept in the background.

A broadcast hands in what it knows anyway, once for all its readers. The queue is bounded and
nobody waits for it; when the store is away for long, the oldest notes go. A note that was kept
twice, because the answer to a COMMIT was lost, counts once: it has the process in its key.
"""

import asyncio
import logging
import secrets
from collections import OrderedDict, deque
from collections.abc import Sequence
from datetime import UTC, datetime

from liveblog.broker.contract import Broker
from liveblog.model.receipt import Receipt
from liveblog.store.contract import Store
from liveblog.types import BlogId, EntryId
from liveblog.wire.desk_live import ReceiptHint, desk_channel, encode_desk
from liveblog.wire.messages import ChangeView, EntryPublished, EntryRetracted, EntryRevised

log = logging.getLogger("liveblog.fanout")

QUEUE = 1000
"""Notes that wait to be kept; of more, the oldest go."""

BATCH = 200
"""Notes in one transaction."""

GATHER = 1.0
"""Seconds in which notes are gathered: a transaction costs as much as the broadcast to hundreds of
readers, and nobody waits for a receipt."""

PAUSE = 2.0
"""Seconds after which a store that was away is asked again."""

LAST = 1.0
"""Seconds for the last ones, when the process ends."""

MS_MAX = 2**31 - 1


class Receipts:
    """See the module."""

    def __init__(self, store: Store, broker: Broker) -> None:
        self._store = store
        self._broker = broker
        self._process = secrets.token_hex(8)
        self._queue: deque[tuple[BlogId, Receipt]] = deque(maxlen=QUEUE)
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def note(self, blog_id: BlogId, changes: Sequence[ChangeView], readers: int) -> None:
        """These changes have just been written to so many readers."""
        if not readers:
            return
        now = datetime.now(UTC)
        for change in changes:
            if isinstance(change, EntryPublished | EntryRevised | EntryRetracted):
                entry = change.entry
                ms = min(MS_MAX, max(0, round((now - change.at).total_seconds() * 1000)))
                made = Receipt(entry.id, entry.revision, self._process, readers, ms)
                self._queue.append((blog_id, made))
                self._wake.set()

    def start(self) -> None:
        """Start the task."""
        self._task = asyncio.create_task(self._run(), name="receipts")

    async def stop(self) -> None:
        """End the task, and keep what still waits, if the store takes it now."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        try:
            async with asyncio.timeout(LAST):
                while self._queue:
                    await self.keep()
        except Exception as error:  # noqa: BLE001 - the end must come
            log.warning("receipts: %d were not kept: %r", len(self._queue), error)

    async def _run(self) -> None:
        well = True
        while True:
            await self._wake.wait()
            self._wake.clear()
            await asyncio.sleep(GATHER)
            try:
                while self._queue:
                    await self.keep()
                well = True
            except Exception as error:  # noqa: BLE001 - nothing may end this task
                if well:
                    log.warning("receipts: the store does not take them: %r", error)
                well = False
                await asyncio.sleep(PAUSE)
                self._wake.set()

    async def keep(self) -> None:
        """Keep the oldest notes, and tell the desks where to look.

        :raises StoreBusy: they stay in the queue.
        """
        batch = list(self._queue)[:BATCH]
        receipts = [receipt for _, receipt in batch]
        await self._store.write(lambda tx: tx.save_receipts(receipts))
        for note in batch:
            # Some may have gone since, when the queue was full.
            if self._queue and self._queue[0] is note:
                self._queue.popleft()
        by_blog: OrderedDict[BlogId, dict[EntryId, None]] = OrderedDict()
        for blog_id, receipt in batch:
            by_blog.setdefault(blog_id, {})[receipt.entry_id] = None
        for blog_id, entries in by_blog.items():
            hint = ReceiptHint(tuple(entries))
            self._broker.publish(desk_channel(blog_id), encode_desk(hint))
