"""One action on many entries: each in a turn of its own, so that one refusal stops no other."""

import hashlib
from typing import NamedTuple

from msgspec.structs import replace

from liveblog.errors import Conflict, FieldError, Invalid, NotFound, Refusal, Unavailable
from liveblog.model.entry import Entry
from liveblog.model.permissions import require_desk, sees
from liveblog.store.contract import Tx
from liveblog.types import EntryId, Slug
from liveblog.wire.desk import DeskEntry, DeskViews
from liveblog.wire.requests import MOST_TAGS, Bulk, PatchEntry

from .door import Ask, Door, Outcome
from .entries import EntryActions


class Done(NamedTuple):
    """What became of one entry: as it is now, or why nothing was done."""

    id: EntryId
    status: int
    entry: DeskEntry | None
    refused: Refusal | None


class BulkActions:
    """What can be done with many entries at once."""

    def __init__(self, door: Door, entries: EntryActions, views: DeskViews) -> None:
        self._door = door
        self._entries = entries
        self._views = views

    async def run(self, slug: Slug, asked: Bulk, ask: Ask) -> list[Done]:
        """Do it with each, in the order they were named in.

        When the database is away for one it is for the rest, too: they are not tried.
        """
        await self._door.store.read(lambda tx: require_desk(ask.who, "submit", tx.blog(slug)))
        outcomes: list[tuple[EntryId, Outcome | Refusal]] = []
        away: Unavailable | None = None
        for row in asked.entries:
            outcome = away or await self._one(
                slug, row.id, asked, _ask_of(ask, row.id, row.revision)
            )
            away = outcome if isinstance(outcome, Unavailable) else None
            outcomes.append((row.id, outcome))
        return await self._told(slug, outcomes)

    async def _one(self, slug: Slug, entry_id: EntryId, asked: Bulk, ask: Ask) -> Outcome | Refusal:
        try:
            if asked.action == "retract":
                return await self._entries.retract(slug, entry_id, asked.note, ask)
            if asked.action == "restore":
                return await self._entries.restore(slug, entry_id, ask)
            if asked.action == "publish":
                patch = PatchEntry(state="published")
                return await self._entries.revise(slug, entry_id, patch, ask)
            # What is read here is what is changed: otherwise the revision is another.
            entry = await self._door.store.read(lambda tx: _entry(tx, slug, entry_id, ask))
            if asked.action == "delete_draft":
                if entry.public:
                    raise Conflict("Readers have seen this entry; retract it.")
                return await self._entries.retract(slug, entry_id, None, ask)
            return await self._entries.revise(slug, entry_id, _tagged(entry, asked), ask)
        except Refusal as refused:
            return refused

    async def _told(
        self, slug: Slug, outcomes: list[tuple[EntryId, Outcome | Refusal]]
    ) -> list[Done]:
        values = [one.value for _, one in outcomes if isinstance(one, Outcome)]
        entries = [value for value in values if isinstance(value, Entry)]
        names, receipts = await self._door.store.read(
            lambda tx: (
                tx.names({entry.by for entry in entries}),
                tx.received(entry.id for entry in entries),
            )
        )
        told = []
        for entry_id, one in outcomes:
            if isinstance(one, Refusal):
                told.append(Done(entry_id, one.status, None, one))
            else:
                assert isinstance(one.value, Entry)
                view = self._views.entry(one.value, slug, names, receipts)
                told.append(Done(entry_id, one.status, view, None))
        return told


def _ask_of(ask: Ask, entry_id: EntryId, revision: int) -> Ask:
    """The part of a request that is about one entry: repeated, it is told from the first."""
    part = hashlib.sha256(f"{ask.digest}\n{entry_id}".encode()).hexdigest()
    key = ask.key and hashlib.sha256(f"{ask.key}\n{entry_id}".encode()).hexdigest()
    return replace(ask, key=key, digest=part, match=revision)


def _entry(tx: Tx, slug: Slug, entry_id: EntryId, ask: Ask) -> Entry:
    blog = tx.blog(slug)
    entry = tx.entry(blog.id, entry_id) if blog else None
    if blog is None or entry is None or not sees(ask.who, blog, entry):
        raise NotFound("There is no entry of this id.")
    return entry


def _tagged(entry: Entry, asked: Bulk) -> PatchEntry:
    """The change that gives an entry a tag, at the end of its tags, or takes it away."""
    tags = [tag for tag in entry.tags if tag != asked.tag]
    if asked.action == "tag" and asked.tag is not None:
        tags = list(dict.fromkeys((*entry.tags, asked.tag)))
        if len(tags) > MOST_TAGS:
            raise Invalid(FieldError("tag", f"An entry takes at most {MOST_TAGS} tags."))
    return PatchEntry(tags=tuple(tags))
