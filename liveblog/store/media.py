"""Media in SQL: what each method promises stands in the contract beside this file."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from msgspec.structs import asdict, replace
from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    Select,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from liveblog.model.media import MediaUse, Medium
from liveblog.model.quota import UploadDay, Used
from liveblog.store.columns import WORD, Date, Moment
from liveblog.store.media_contract import MediaTx, Shown
from liveblog.store.tables.entries import entries
from liveblog.store.tables.media import MEDIUM_DUE, media, media_uses, upload_days
from liveblog.types import BlogId, EntryId, MediumId

_ID = bindparam("id", type_=WORD)
_BLOG = bindparam("blog", type_=WORD)
_ENTRY = bindparam("entry", type_=WORD)
_NOW = bindparam("now", type_=Moment)
_LIMIT = bindparam("limit", type_=Integer)
_IDS = bindparam("ids", expanding=True, type_=WORD)
_OWN = bindparam("own", type_=WORD)
_ALIVE = media.c.state != "deleted"
_STANDING = media_uses.c.standing.is_(True)

MEDIUM = select(media).where(media.c.id == _ID)
LOCK_MEDIUM = MEDIUM.with_for_update()
INSERT_MEDIUM = insert(media)
SAVE_MEDIUM = (
    update(media)
    .where(media.c.id == bindparam("key_id", type_=WORD))
    .values({c.name: bindparam(c.name, type_=c.type) for c in media.columns if not c.primary_key})
)
DROP_MEDIUM = delete(media).where(media.c.id == _ID)
DROP_USES_OF_MEDIUM = delete(media_uses).where(media_uses.c.medium_id == _ID)
MEDIA_OF = select(media).where(media.c.blog_id == _BLOG, media.c.id.in_(_IDS), _ALIVE)

COUNT_USES = (
    select(media_uses.c.medium_id, func.count())
    .where(media_uses.c.medium_id.in_(_IDS), _STANDING)
    .group_by(media_uses.c.medium_id)
)
SHOWN_IN = (
    select(entries.c.state, entries.c.ordinal.is_not(None))
    .join(media_uses, media_uses.c.entry_id == entries.c.id)
    .where(media_uses.c.medium_id == _ID, _STANDING)
    .distinct()
)
USES_OF_ENTRY = select(media_uses).where(media_uses.c.entry_id == _ENTRY)
DROP_USES_OF_ENTRY = delete(media_uses).where(media_uses.c.entry_id == _ENTRY)
INSERT_USES = insert(media_uses)
_CACHED = select(media).where(media.c.blog_id == _BLOG)
_SHOWN_ONCE = select(media_uses.c.medium_id).where(media_uses.c.medium_id == media.c.id)
CACHED_MEDIA = _CACHED.where(
    media.c.id.in_(select(media_uses.c.medium_id).where(media_uses.c.entry_id.in_(_IDS)))
)
CACHED_MEDIA_OF = (
    _CACHED.where(
        media.c.id > bindparam("after", type_=WORD), _SHOWN_ONCE.correlate(media).exists()
    )
    .order_by(media.c.id)
    .limit(_LIMIT)
)

DUE_MEDIUM = (
    select(media)
    .where(
        MEDIUM_DUE,
        media.c.due_at <= _NOW,
        or_(media.c.claimed_until.is_(None), media.c.claimed_until <= _NOW),
    )
    .order_by(media.c.due_at)
    .limit(1)
    .with_for_update(skip_locked=True)
)
CLAIM_MEDIUM = (
    update(media)
    .where(media.c.id == bindparam("key_id", type_=WORD))
    .values(
        attempts=bindparam("attempts", type_=Integer),
        claimed_until=bindparam("until", type_=Moment),
    )
)
WAITING = select(func.count(), func.min(media.c.due_at)).where(MEDIUM_DUE)

_ON = upload_days.c.date == bindparam("on", type_=Date)
_THIS_DAY = (upload_days.c.by == bindparam("who", type_=WORD), _ON)
COUNT_UPLOAD = (
    update(upload_days)
    .where(*_THIS_DAY)
    .values(
        uploads=upload_days.c.uploads + 1,
        bytes=upload_days.c.bytes + bindparam("size", type_=BigInteger),
    )
)
FIRST_UPLOAD = insert(upload_days)
UPLOAD_DAY = select(upload_days).where(*_THIS_DAY)
UPLOADS_ON = select(upload_days).where(_ON).order_by(upload_days.c.by)
PURGE_UPLOAD_DAYS = delete(upload_days).where(upload_days.c.date < bindparam("on", type_=Date))
STORED = select(func.coalesce(func.sum(media.c.stored), 0))


def library(below: bool, words: int, some: bool = False) -> Select[Any]:
    """The list of a blog's media, below one of them or not, with so many words.

    :param some: what entries say counts of those that are published, or of one author.
    """
    found = select(media).where(media.c.blog_id == _BLOG, _ALIVE)
    if below:
        found = found.where(media.c.id < bindparam("before", type_=WORD))
    for number in range(words):
        word = bindparam(f"word{number}", type_=WORD)
        said = (
            select(media_uses.c.medium_id)
            .where(
                and_(media_uses.c.medium_id == media.c.id, _STANDING),
                media_uses.c.words.contains(word, autoescape=False, escape="\\"),
            )
            .correlate(media)
        )
        if some:
            said = said.join(entries, entries.c.id == media_uses.c.entry_id).where(
                or_(entries.c.state == "published", entries.c.by == _OWN)
            )
        found = found.where(or_(media.c.words.contains(word, escape="\\"), said.exists()))
    return found.order_by(media.c.id.desc()).limit(_LIMIT)


class SqlMedia(MediaTx):
    """A :class:`~liveblog.store.media_contract.MediaTx` on a connection in a transaction."""

    _connection: Connection

    def _media(self, statement: Select[Any], **values: Any) -> list[Medium]:
        return [Medium(*row) for row in self._connection.execute(statement, values)]

    def medium(self, medium_id: MediumId) -> Medium | None:
        return next(iter(self._media(MEDIUM, id=medium_id)), None)

    def lock_medium(self, medium_id: MediumId) -> Medium | None:
        return next(iter(self._media(LOCK_MEDIUM, id=medium_id)), None)

    def insert_medium(self, medium: Medium) -> None:
        self._connection.execute(INSERT_MEDIUM, asdict(medium))

    def save_medium(self, medium: Medium) -> None:
        values = asdict(medium)
        values["key_id"] = values.pop("id")
        self._connection.execute(SAVE_MEDIUM, values)

    def drop_medium(self, medium_id: MediumId) -> None:
        self._connection.execute(DROP_USES_OF_MEDIUM, {"id": medium_id})
        self._connection.execute(DROP_MEDIUM, {"id": medium_id})

    def media(
        self,
        blog_id: BlogId,
        *,
        before: MediumId | None = None,
        words: Sequence[str] = (),
        own: str | None = None,
        limit: int = 50,
    ) -> list[Medium]:
        values: dict[str, Any] = {"blog": blog_id, "limit": limit, "own": own}
        if before is not None:
            values["before"] = before
        for number, word in enumerate(words):
            values[f"word{number}"] = _escaped(word)
        return self._media(library(before is not None, len(words), own is not None), **values)

    def media_of(self, blog_id: BlogId, medium_ids: Iterable[MediumId]) -> dict[MediumId, Medium]:
        found = self._media(MEDIA_OF, blog=blog_id, ids=list(medium_ids))
        return {medium.id: medium for medium in found}

    # Uses
    def count_uses(self, medium_ids: Iterable[MediumId]) -> dict[MediumId, int]:
        rows = self._connection.execute(COUNT_USES, {"ids": list(medium_ids)})
        return {MediumId(medium_id): count for medium_id, count in rows}

    def shown_in(self, medium_id: MediumId) -> set[Shown]:
        rows = self._connection.execute(SHOWN_IN, {"id": medium_id})
        return {Shown(state, bool(public)) for state, public in rows}

    def set_uses(self, entry_id: EntryId, uses: Iterable[MediaUse], *, remember: bool) -> None:
        known = {
            use.medium_id: use
            for use in (
                MediaUse(*row)
                for row in self._connection.execute(USES_OF_ENTRY, {"entry": entry_id})
            )
        }
        wanted = {use.medium_id: use for use in uses}
        past = {
            name: MediaUse(entry_id, name, False)
            for name, use in known.items()
            if name not in wanted and (remember or not use.standing)
        }
        rows = past | wanted
        if rows == known:
            return
        self._connection.execute(DROP_USES_OF_ENTRY, {"entry": entry_id})
        if rows:
            self._connection.execute(INSERT_USES, [asdict(use) for use in rows.values()])

    def cached_media(self, blog_id: BlogId, entry_ids: Iterable[EntryId]) -> list[Medium]:
        return self._media(CACHED_MEDIA, blog=blog_id, ids=list(entry_ids))

    def cached_media_of(self, blog_id: BlogId, *, after: str, limit: int) -> list[Medium]:
        return self._media(CACHED_MEDIA_OF, blog=blog_id, after=after, limit=limit)

    # The worker
    def claim_medium(self, now: datetime, until: datetime) -> Medium | None:
        due = next(iter(self._media(DUE_MEDIUM, now=now)), None)
        if due is None:
            return None
        attempts = due.attempts + 1
        values = {"key_id": due.id, "attempts": attempts, "until": until}
        self._connection.execute(CLAIM_MEDIUM, values)
        return replace(due, attempts=attempts, claimed_until=until)

    def media_waiting(self) -> tuple[int, datetime | None]:
        count, oldest = self._connection.execute(WAITING).one()
        return count, oldest

    # What is used
    def count_upload(self, by: str, day: date, size: int) -> None:
        values = {"who": by, "on": day, "size": size}
        if self._connection.execute(COUNT_UPLOAD, values).rowcount == 0:
            # Two first ones at the same moment (PostgreSQL): the later one is run again.
            self._connection.execute(FIRST_UPLOAD, asdict(UploadDay(by, day, 1, size)))

    def media_used(self, by: str, day: date) -> Used:
        row = self._connection.execute(UPLOAD_DAY, {"who": by, "on": day}).first()
        own = UploadDay(by, day, 0, 0) if row is None else UploadDay(*row)
        stored = int(self._connection.execute(STORED).scalar_one())
        return Used(own.uploads, own.bytes, stored)

    def uploads_on(self, day: date) -> list[UploadDay]:
        rows = self._connection.execute(UPLOADS_ON, {"on": day})
        return [UploadDay(*row) for row in rows]

    def purge_upload_days(self, before: date) -> int:
        return self._connection.execute(PURGE_UPLOAD_DAYS, {"on": before}).rowcount


def _escaped(word: str) -> str:
    """A word in which nothing is a pattern."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
