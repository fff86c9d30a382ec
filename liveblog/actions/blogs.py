"""Blogs and their days: make, change, assemble, freeze; and the epoch of a log."""

import logging
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import UNSET
from msgspec.structs import replace

from liveblog.errors import FieldError, Invalid, MatchRequired, Moved, NotFound
from liveblog.model.blog import VISIBILITIES, Blog, direction_of
from liveblog.model.day import Day, date_of, freeze
from liveblog.model.ids import new_id
from liveblog.model.permissions import require
from liveblog.model.position import new_epoch
from liveblog.model.rules import EARLIEST, LATEST, check_slug, check_zone
from liveblog.store.contract import Tx, deliveries
from liveblog.types import BlogId, EntryId, Slug, Subject
from liveblog.wire.desk_live import BlogRevisedHint
from liveblog.wire.messages import blog_view, day_view
from liveblog.wire.requests import NewBlog, PatchBlog, PatchDay, given

from .door import Ask, Door, Outcome, each, who_of
from .publishing import demand
from .turn import Turn

log = logging.getLogger("liveblog.actions")


class BlogActions:
    """What can be done with blogs and days."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def create(self, new: NewBlog, ask: Ask) -> Outcome:
        """Make a blog.

        :raises Conflict: the slug is taken. :raises Invalid: a field is wrong.
        """
        demand(check_slug(new.slug) + check_zone(new.time_zone))

        def work(tx: Tx) -> Outcome:
            require(ask.who, "admin", None)
            known = self._door.known(tx, ask)
            if known is not None:
                return known
            now = self._door.clock()
            fields = {"dir": direction_of(new.lang)} | given(new) | {"slug": Slug(new.slug)}
            blog = Blog(
                id=BlogId(new_id(now)),
                epoch=new_epoch(),
                created_at=now,
                updated_at=now,
                **fields,
            )
            tx.insert_blog(blog)
            outcome = Outcome(201, blog, blog)
            self._door.remember(tx, ask, outcome, now)
            return outcome

        return await self._door.store.write(work)

    async def revise(self, slug: Slug, patch: PatchBlog, ask: Ask) -> Outcome:
        """Change a blog's own data. Who may see it is for an admin to say."""
        if patch.time_zone is not UNSET:
            demand(check_zone(patch.time_zone))

        def work(turn: Turn) -> Outcome:
            require(ask.who, "write", turn.blog)
            if patch.visibility is not UNSET and patch.visibility != turn.blog.visibility:
                require(ask.who, "admin", turn.blog)
            before = turn.blog
            self._match(before, ask)
            blog = replace(before, **given(patch))
            if blog != before:
                turn.put_blog(blog)
                if blog.time_zone != before.time_zone:
                    self._rezone(turn)
            return Outcome(200, turn.blog, turn.blog)

        outcome = await self._door.turn(slug, ask, work)
        match outcome.value:
            case Blog(id=blog_id, revision=now) if now != ask.match:
                self._door.tell_desks(blog_id, BlogRevisedHint(now, who_of(ask)))
        return outcome

    def _match(self, blog: Blog, ask: Ask) -> None:
        if ask.match is None:
            raise MatchRequired()
        if ask.match != blog.revision:
            raise Moved(blog_view(blog, self._door.links, head=True), blog.revision)

    def _rezone(self, turn: Turn) -> None:
        """Every roll-up anew after the zone has changed: entries near midnight change their
        day, frozen days included. What was frozen is frozen again where it is still over."""
        zone = turn.blog.zone
        today = date_of(turn.now, zone)
        known = {day.date: day for day in turn.tx.days(turn.blog.id)}
        entries = turn.tx.key_entries(turn.blog.id, EARLIEST, LATEST)
        dates = {date_of(e.published_at, zone) for e in entries if e.published_at is not None}
        for when in sorted(dates | set(known)):
            day = known.get(when) or Day(turn.blog.id, when, settled=when < today)
            made = turn.assemble(replace(day, frozen=False))
            if day.frozen and when < today:
                made = freeze(made)
            if made != day:
                turn.put_day(made)

    # Days ---------------------------------------------------------------------------------

    async def revise_day(self, slug: Slug, when: date, patch: PatchDay, ask: Ask) -> Outcome:
        """Reorder, reword, drop, title, freeze a day's roll-up.

        :raises NotFound: the day has no roll-up. :raises Invalid: an item is no key entry of it.
        """

        def work(turn: Turn) -> Outcome:
            require(ask.who, "write", turn.blog)
            before = turn.tx.day(turn.blog.id, when)
            if before is None:
                raise NotFound("This day has no roll-up: no key entry was published on it.")
            if ask.match is None:
                raise MatchRequired()
            if ask.match != before.revision:
                view = day_view(before, slug, self._door.links)
                raise Moved(view, before.revision)
            day = turn.assemble(self._edited(turn, before, patch))
            return Outcome(200, day if day == before else turn.put_day(day), turn.blog)

        return await self._door.turn(slug, ask, work)

    def _edited(self, turn: Turn, day: Day, patch: PatchDay) -> Day:
        if patch.title is not UNSET:
            day = replace(day, title=patch.title or None)
        if patch.frozen is not UNSET and patch.frozen != day.frozen:
            day = freeze(day) if patch.frozen else replace(day, frozen=False)
        if patch.items is UNSET:
            return day
        whole = turn.assemble(replace(day, dropped=(), frozen=False))
        possible = {item.entry for item in whole.items}
        wanted = [line.entry for line in patch.items]
        demand(
            [
                FieldError(f"items[{n}].entry", "This is no key entry of the day.")
                for n, entry in enumerate(wanted)
                if entry not in possible
            ]
        )
        if len(set(wanted)) != len(wanted):
            raise Invalid(FieldError("items", "An entry stands twice in the list."))
        reworded = {line.entry: line.text for line in patch.items if line.text}
        dropped = tuple(EntryId(e) for e in sorted(possible - set(wanted)))
        return replace(
            day,
            order=tuple(wanted),
            members=tuple(wanted) if day.frozen else (),
            reworded=reworded,
            dropped=dropped,
        )

    async def freeze_days(self, now: datetime) -> int:
        """Freeze, once, every day that has ended in its blog's zone; how many."""
        days = await self._door.store.read(lambda tx: tx.open_days())
        return await each(
            "freeze a day",
            [
                partial(self._freeze, slug, when)
                for slug, zone, when in days
                if when < today_in(zone, now)
            ],
        )

    async def _freeze(self, slug: Slug, when: date) -> None:
        def work(turn: Turn) -> Outcome:
            day = turn.tx.day(turn.blog.id, when)
            if day is None:
                raise NotFound("This day has no roll-up.")
            if not day.settled:
                if day.frozen:
                    turn.tx.save_day(replace(day, settled=True))
                else:
                    turn.put_day(replace(freeze(day), settled=True))
            return Outcome(200, day, turn.blog)

        await self._door.turn(slug, Ask(), work)

    # Epochs -------------------------------------------------------------------------------

    async def renew_epoch(self, slug: Slug | None = None) -> list[Slug]:
        """Give the log of one blog, or of all, a new epoch: the last step of any restore.

        Every reader takes a new snapshot. Returns the slugs.
        """

        def names(tx: Tx) -> list[Slug]:
            found: list[Slug] = []
            before: BlogId | None = None
            while page := tx.blogs(VISIBILITIES, before=before, limit=200):
                found += [blog.slug for blog in page]
                before = page[-1].id
            return found

        def renew(tx: Tx, name: Slug) -> None:
            blog = tx.lock_blog(name)
            if blog is None:
                raise NotFound(f"There is no blog {name!r}.")
            tx.save_blog(replace(blog, epoch=new_epoch()))
            # What was withdrawn since the backup was made may be in caches as it was before.
            told = [(Subject("blog"), blog.head)]
            tx.insert_deliveries(
                deliveries(self._door.destinations, blog, told, self._door.clock())
            )

        slugs = [slug] if slug is not None else await self._door.store.read(names)
        for name in slugs:
            await self._door.store.write(partial(renew, name=name))
        return slugs


def today_in(zone: str, now: datetime) -> date:
    """The date in a zone; where this machine does not know it (any more), never over."""
    try:
        return date_of(now, ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        log.error("the time zone %r is not known here; its days are not frozen", zone)
        return date.min
