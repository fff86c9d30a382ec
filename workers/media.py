"""Makes of what was uploaded what readers get, and takes away what was deleted.

A medium is claimed in the database, so any number of these may run. What opens a file runs in a
process of few rights (``liveblog.media.confined``); when that dies, or this does, or a mistake of
ours comes up, the medium is tried again, and so often in vain it is *failed*, with a sentence for
the editor. What is deleted is tried until its files are gone, every five minutes in the end.
"""

import asyncio
import logging
from datetime import datetime, timedelta

from msgspec.structs import replace

from liveblog.actions import Actions
from liveblog.actions.door import Clock
from liveblog.actions.media import WAKE, tell
from liveblog.config import Settings
from liveblog.errors import StorageTrouble, Unavailable
from liveblog.media import Confined, Storage, open_storage
from liveblog.media.confined import Broken
from liveblog.media.job import Made, Refused, Render
from liveblog.media.storage import in_full, original_name
from liveblog.model.entry import Rendition
from liveblog.model.media import Medium, media_path
from liveblog.store.contract import Tx
from workers.base import Job

CLAIM = timedelta(minutes=4)
"""Then the medium of a worker that died is another's."""
ATTEMPT = 200.0
"""Seconds for one attempt: it ends before its claim does."""
BREAKS = 3
"""Attempts of a file that kills whoever opens it, or brings up a mistake of ours."""
MOST = 12
"""Attempts in all: with the pauses between them about half an hour of a storage that is away."""
LAST_PAUSE = 300.0

UNREADABLE = "The picture could not be read in several attempts; it may be damaged."
UNMADE = "What readers get could not be made of it, by a mistake of ours; the log says more."
UNKEPT = "The storage for media did not give or take its files for long; upload it again."

logger = logging.getLogger(__name__)


class Maker:
    """The handler of the media job.

    :param pixels: how many a picture may have.
    """

    def __init__(self, storage: Storage, confined: Confined, pixels: int) -> None:
        self._storage = storage
        self._confined = confined
        self._pixels = pixels

    async def __call__(self, actions: Actions, now: datetime) -> int:
        """See to one medium; how many that were."""
        store = actions.door.store
        medium = await store.write(lambda tx: tx.claim_medium(now, now + CLAIM))
        if medium is None:
            return 0
        if medium.state == "processing" and medium.attempts > MOST:
            # None of them came to an end: each time whoever was at it died, or could not say so.
            after: Medium | None = failed(medium, UNMADE)
        else:
            after = await self._attempt(medium, actions.door.clock)
        if after is None:
            await store.write(lambda tx: tx.drop_medium(medium.id))
            return 1
        kept = await store.write(lambda tx: settle(tx, medium, after))
        if not kept and await store.read(lambda tx: tx.medium(medium.id)) is None:
            await self._storage.delete(medium.id)  # deleted while its files were made
        if kept and after.state != medium.state:
            tell(actions.door, medium.blog_id, medium.id, after.state)
        return 1

    async def _attempt(self, medium: Medium, clock: Clock) -> Medium | None:
        """What has become of it; None when it is deleted and its files are gone."""
        try:
            async with asyncio.timeout(ATTEMPT):
                if medium.state == "deleted":
                    await self._storage.delete(medium.id)
                    return None
                return await self._made(medium)
        except (Broken, Unavailable, TimeoutError) as error:
            told = in_full(error) if isinstance(error, StorageTrouble) else error
            logger.warning("the medium %s: %s", medium.id, told or "it took too long")
            ends = (BREAKS, UNREADABLE) if isinstance(error, Broken) else (MOST, UNKEPT)
            return later(medium, clock(), *ends)
        except Exception:  # whatever it is, it is as likely to come up the next time
            logger.exception("the medium %s could not be seen to", medium.id)
            return later(medium, clock(), BREAKS, UNMADE)

    async def _made(self, medium: Medium) -> Medium:
        """The medium with its renditions, or failed.

        :raises Broken, StorageTrouble: another attempt may do it.
        """
        content = await self._storage.get(original_name(medium.id))
        if content is None:  # perhaps it is another folder or bucket than that of the web
            raise StorageTrouble("The file that was uploaded is not in the storage.")
        answer = await self._confined.run(Render(self._pixels), content)
        if isinstance(answer, Refused):
            return failed(medium, answer.reason)
        assert isinstance(answer, Made), "the answer to a render"
        for file, made in answer.files.items():
            await self._storage.put(f"{medium.id}/{file}", made)
        renditions = tuple(
            Rendition(media_path(medium.id, m.file), m.type, m.width, m.height, m.animated)
            for m in answer.makes
        )
        return replace(
            medium,
            state="ready",
            due_at=None,
            claimed_until=None,
            renditions=renditions,
            stored=len(content) + sum(len(made) for made in answer.files.values()),
        )


def failed(medium: Medium, reason: str) -> Medium:
    """The medium, given up."""
    return replace(medium, state="failed", due_at=None, claimed_until=None, reason=reason)


def later(medium: Medium, now: datetime, most: int, reason: str) -> Medium:
    """The medium after an attempt that did not do it: due again, or given up.

    :param most: attempts after which it is given up. :param reason: what the editor is told.
    """
    if medium.state == "processing" and medium.attempts >= most:
        return failed(medium, reason)
    pause = timedelta(seconds=min(LAST_PAUSE, 2.0 ** min(medium.attempts, 10)))
    return replace(medium, due_at=now + pause, claimed_until=None)


def settle(tx: Tx, claimed: Medium, after: Medium) -> bool:
    """Keep what became of a claimed medium, unless it is another's or deleted by now."""
    now = tx.lock_medium(claimed.id)
    if now is None or (now.state, now.attempts) != (claimed.state, claimed.attempts):
        return False
    tx.save_medium(after)
    return True


async def purge(actions: Actions, now: datetime) -> int:
    """Forget what was uploaded on days that are over."""
    return await actions.door.store.write(lambda tx: tx.purge_upload_days(now.date()))


def jobs(settings: Settings) -> list[Job]:
    """The jobs."""
    maker = Maker(open_storage(settings), Confined(), settings.media_max_pixels)
    return [
        Job("media", 1.0, maker, batch=1, channel=WAKE),
        Job("media: purge", 3600.0, purge),
    ]
