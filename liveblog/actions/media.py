"""Media: uploading and throwing away. What becomes of an upload is the worker's business."""

import logging
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from liveblog.config import Settings
from liveblog.errors import (
    Conflict,
    FieldError,
    Invalid,
    KeyReused,
    NotFound,
    QuotaReached,
    StorageTrouble,
)
from liveblog.media import Confined, Storage
from liveblog.media.confined import Broken
from liveblog.media.job import Found, Look
from liveblog.media.plan import plan
from liveblog.media.proposals import proposed
from liveblog.media.storage import original_name
from liveblog.model.blog import Blog
from liveblog.model.ids import new_id
from liveblog.model.media import Medium, fold
from liveblog.model.permissions import require, require_desk
from liveblog.model.quota import Quota, require_room
from liveblog.store.contract import Replay, Tx
from liveblog.types import BlogId, MediumId, Slug
from liveblog.wire.desk_live import MediaHint, desk_channel, encode_desk
from liveblog.wire.media import MediumView, medium_view

from .door import Ask, Door

log = logging.getLogger("liveblog.actions")

WAKE = "media"
"""The broker's channel on which the worker is woken."""


RESTING = timedelta(minutes=1)
"""A deleted medium stays so long: it may just have been taken out of an entry, and whoever
keeps copies is told twice, half a minute apart."""


class Upload(Struct, frozen=True):
    """A file as it came; its name is kept for people, and believed by nobody."""

    name: str
    content: bytes


class MediaActions:
    """What can be done with media.

    :param pixels: how many a picture may have. :param quota: how much may be uploaded.
    """

    def __init__(
        self, door: Door, storage: Storage, confined: Confined, pixels: int, quota: Quota
    ) -> None:
        self._door = door
        self._storage = storage
        self._confined = confined
        self._pixels = pixels
        self._quota = quota

    async def allow(self, slug: Slug, ask: Ask) -> None:
        """Refuse whoever may not upload, before a byte is read.

        :raises NotAuthenticated, NotAllowed, NotFound: as :func:`require_desk` does.
        """
        await self._door.store.read(lambda tx: require_desk(ask.who, "submit", tx.blog(slug)))

    def _before(self, tx: Tx, slug: Slug, upload: Upload, ask: Ask) -> MediumView | None:
        """What was uploaded with this key before; for what is new there must be room."""
        known = self._known(tx, slug, ask)
        if known is None:
            used = tx.media_used(ask.by, self._door.clock().date())
            require_room(self._quota, used.plus(len(upload.content)))
        return known

    async def upload(self, slug: Slug, upload: Upload, ask: Ask) -> MediumView:
        """Keep a file as a medium of the blog; the worker makes its renditions.

        :raises Invalid: it is no picture, or has too many pixels.
        :raises QuotaReached: there is no room for it.
        :raises StorageTrouble: it cannot be kept.
        """
        known = await self._door.store.read(lambda tx: self._before(tx, slug, upload, ask))
        if known is not None:
            return known
        found = await self._look(upload.content)
        now = self._door.clock()
        name = MediumId(new_id(now))
        # The file first: there is no medium without one. A file without a medium is in
        # nobody's way.
        await self._storage.put(original_name(name), upload.content)

        def work(tx: Tx) -> tuple[MediumView, Blog]:
            blog = require_desk(ask.who, "submit", tx.blog(slug))
            known = self._known(tx, slug, ask)
            if known is not None:
                return known, blog
            medium = medium_of(name, blog, upload, found, now=now, by=ask.by)
            # Counted first: of two at once, the second waits here and then sees the first.
            tx.count_upload(ask.by, now.date(), medium.bytes)
            tx.insert_medium(medium)
            require_room(self._quota, tx.media_used(ask.by, now.date()))
            if ask.key is not None:
                subject = f"media:{name}"
                tx.insert_replay(Replay(ask.by, ask.key, ask.digest, 201, blog.id, subject, now))
            return medium_view(medium, slug, 0, self._door.links), blog

        try:
            view, blog = await self._door.store.write(work)
        except QuotaReached:
            await self._forget(name)
            raise
        if view.id != name:
            await self._forget(name)
        tell(self._door, blog.id, view.id, view.state)
        return view

    async def delete(self, slug: Slug, medium_id: MediumId, ask: Ask) -> None:
        """Throw a medium away that nothing shows. From now on it is not there; its files go later.

        :raises Conflict: an entry shows it, be it a draft or retracted.
        """

        def work(tx: Tx) -> Blog:
            # The blog's lock: no entry begins to show it meanwhile.
            blog = require_desk(ask.who, "submit", tx.lock_blog(slug))
            medium = tx.lock_medium(medium_id)
            if medium is None or medium.blog_id != blog.id or medium.state == "deleted":
                raise NotFound("There is no medium of this id.")
            if medium.by != ask.by:
                require(ask.who, "write", blog)
            uses = tx.count_uses([medium_id]).get(medium_id, 0)
            if uses:
                entries = "an entry shows" if uses == 1 else f"{uses} entries show"
                raise Conflict(f"It cannot be deleted: {entries} it (drafts, retracted ones too).")
            tx.save_medium(
                replace(
                    medium,
                    state="deleted",
                    due_at=self._door.clock() + RESTING,
                    attempts=0,
                    claimed_until=None,
                )
            )
            return blog

        blog = await self._door.store.write(work)
        tell(self._door, blog.id, medium_id, "deleted")

    async def _look(self, content: bytes) -> Found:
        try:
            answer = await self._confined.run(Look(self._pixels), content)
        except Broken:
            raise Invalid(
                FieldError("", "The picture cannot be read; it may be damaged.")
            ) from None
        if not isinstance(answer, Found):
            raise Invalid(FieldError("", getattr(answer, "reason", "It cannot be used.")))
        return answer

    def _known(self, tx: Tx, slug: Slug, ask: Ask) -> MediumView | None:
        """What this Idempotency-Key made before, as it is now."""
        replay = tx.replay(ask.by, ask.key) if ask.key is not None else None
        if replay is None:
            return None
        medium_id = MediumId(replay.subject.partition(":")[2])
        medium = tx.medium(medium_id)
        if replay.digest != ask.digest:
            raise KeyReused()
        if medium is None or medium.state == "deleted":
            raise KeyReused("What this Idempotency-Key made is not there any more.")
        uses = tx.count_uses([medium_id]).get(medium_id, 0)
        return medium_view(medium, slug, uses, self._door.links)

    async def _forget(self, name: MediumId) -> None:
        """Another upload was faster: the same one, or the last for which there was room."""
        try:
            await self._storage.delete(name)
        except StorageTrouble:
            log.warning("a file that nothing names stays in the storage: %s", name)


def quota_of(settings: Settings) -> Quota:
    """How much may be uploaded, as it is set."""
    return Quota(settings.media_day_uploads, settings.media_day_bytes, settings.media_house_bytes)


def medium_of(
    name: MediumId, blog: Blog, upload: Upload, found: Found, *, now: datetime, by: str
) -> Medium:
    """The medium that an upload becomes."""
    main = plan(found.width, found.height, alpha=found.alpha, animated=found.animated)[0]
    said = proposed(found.said)
    return Medium(
        id=name,
        blog_id=blog.id,
        state="processing",
        created_at=now,
        due_at=now,
        by=by,
        name=upload.name,
        original=found.type,
        bytes=len(upload.content),
        stored=len(upload.content),
        file=main.file,
        type=main.type,
        width=main.width,
        height=main.height,
        proposed=said,
        words=fold(upload.name, said.caption or "", said.credit or ""),
    )


def tell(door: Door, blog_id: BlogId, medium_id: MediumId, state: str) -> None:
    """Wake the worker, and tell the desks of the blog. It may be lost: the worker looks by
    itself, and who looks at the library reads it again."""
    try:
        door.broker.publish(WAKE, b"")
        door.broker.publish(desk_channel(blog_id), encode_desk(MediaHint(medium_id, state)))
    except Exception:
        log.exception("a hint could not be sent")
