"""The purge hook: caches may keep older pages, because they are told when one changes.

It is called for each change at once, and once more when ``SETTLE`` has passed since: an
answer made just before the change, from the memory of another process or on a slow line, may
reach a cache after the first call. Until a call is answered with 2xx it is repeated, for ever.
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from msgspec.structs import replace

from liveblog.actions import Actions
from liveblog.actions.door import outbox_channel
from liveblog.config import Settings
from liveblog.hooks import Hook, HookFailed, Purge
from liveblog.model.blog import Blog
from liveblog.model.day import date_of
from liveblog.model.entry import Entry
from liveblog.model.media import Medium
from liveblog.queries import page_of
from liveblog.store.contract import Delivery, Store, Tx
from liveblog.types import BlogId, EntryId
from liveblog.wire.links import FEEDS, Links, blog_tag, medium_tag, page_tag
from liveblog.wire.requests import parse_date
from workers.base import Job

DESTINATION = "purge"
BATCH = 500
"""Changes of one blog that are told together."""
URLS = 1000
"""Addresses in one call; a change of the blog itself concerns all its pages."""
MEDIA = 60
"""Media whose files are told in one call, when all of a blog's are: each has a dozen files, so
they fit into it. They are read call by call: there may be any number of them."""
CLAIM = timedelta(seconds=30)
"""Then the changes of a worker that died are another's."""
ATTEMPT = 25.0
"""Seconds for all calls of one attempt: it ends before its claim does."""
SETTLE = timedelta(seconds=30)
"""No process answers from a memory that is older than ten seconds (docs/architecture.md);
the rest is for slow lines and clocks that differ."""
LAST_PAUSE = 60.0
ALERT_AFTER = 5
ALERT_EVERY = timedelta(minutes=1)

logger = logging.getLogger(__name__)


class Purger:
    """The handler of the purge job.

    :param jitter: gives a number from 0 to 1.
    """

    def __init__(
        self, hook: Hook, links: Links, jitter: Callable[[], float] = random.random
    ) -> None:
        self._hook = hook
        self._links = links
        self._jitter = jitter
        self._failing = False
        self._alerted: datetime | None = None

    async def __call__(self, actions: Actions, now: datetime) -> int:
        """Tell what is due of one blog; how many changes that was."""
        store, clock = actions.door.store, actions.door.clock
        rows = await store.write(
            lambda tx: tx.claim_deliveries(DESTINATION, now, now + CLAIM, BATCH)
        )
        if not rows:
            return 0
        calls = await store.read(lambda tx: purges(tx, rows, self._links))
        try:
            await self._tell(store, rows, calls)
        except HookFailed as error:
            why, failed = str(error), max(row.attempts for row in rows) + 1
            due = clock() + self._pause(failed)
            await store.write(lambda tx: tx.put_off(_ids(rows), due, why))
            self._say_failure(rows, failed, why, now)
            return len(rows)
        await store.write(lambda tx: settle(tx, rows, now))
        if self._failing:
            logger.info("the purge hook takes changes again")
        self._failing, self._alerted = False, None
        return len(rows)

    async def _tell(self, store: Store, rows: Sequence[Delivery], calls: Sequence[Purge]) -> None:
        try:
            async with asyncio.timeout(ATTEMPT):
                for call in calls:
                    await self._hook.post(call)
                if calls and any(row.subject == "blog" for row in rows):
                    async for call in files(store, rows[0].blog_id, calls[0], self._links):
                        await self._hook.post(call)
        except TimeoutError:
            raise HookFailed(f"not all calls were answered within {ATTEMPT:g} s") from None

    def _pause(self, failed: int) -> timedelta:
        longest = min(LAST_PAUSE, 2.0 ** min(failed - 1, 10))
        return timedelta(seconds=longest * (0.5 + self._jitter() / 2))

    def _say_failure(self, rows: Sequence[Delivery], failed: int, why: str, now: datetime) -> None:
        if not self._failing:
            logger.warning("the purge hook did not take a change, it is told again: %s", why)
        self._failing = True
        if failed < ALERT_AFTER or (self._alerted and now < self._alerted + ALERT_EVERY):
            return
        self._alerted = now
        logger.error(
            "ALERT: the purge hook takes no changes (%s); caches may show what was withdrawn"
            " since %s",
            why,
            f"{min(row.at for row in rows):%Y-%m-%dT%H:%M:%SZ}",
        )


def settle(tx: Tx, rows: Sequence[Delivery], began: datetime) -> None:
    """Forget what was told late enough to be told for good; the rest is told once more.

    :param began: when the call that succeeded began.
    """
    young = [row for row in rows if began < row.at + SETTLE]
    old = [row for row in rows if began >= row.at + SETTLE]
    tx.delivered(_ids(old))
    if young:
        tx.put_off(_ids(young), max(row.at for row in young) + SETTLE, None)


def _ids(rows: Iterable[Delivery]) -> list[str]:
    return [row.id for row in rows]


# What is told -----------------------------------------------------------------------------


def purges(tx: Tx, rows: Sequence[Delivery], links: Links) -> list[Purge]:
    """The calls that tell these changes of one blog, of everything as it is now; of the blog
    itself all but the files of its media (:func:`files`)."""
    blog = tx.blog_by_id(rows[0].blog_id)
    if blog is None:
        return []
    subjects = sorted({row.subject for row in rows})
    named = [subject.partition(":") for subject in subjects]
    found = [tx.entry(blog.id, EntryId(name)) for kind, _, name in named if kind == "entry"]
    entries = [entry for entry in found if entry is not None]
    dates = [parse_date(name) for kind, _, name in named if kind == "day"]
    days = [day for day in dates if day is not None]
    whole = "blog" in subjects
    # A picture that an entry has shown before may be in a cache as well.
    media = [] if whole else tx.cached_media(blog.id, [entry.id for entry in entries])
    urls = addresses(blog, entries, days, links, whole=whole)
    urls += [links.media(one.url) for medium in media for one in medium.renditions]
    tags = tags_of(blog, entries, whole=whole)
    tags += [medium_tag(medium.id) for medium in media]
    cursor = blog.position.cursor
    return [
        Purge(blog.slug, cursor, tuple(urls[start : start + URLS]), tuple(tags))
        for start in range(0, len(urls), URLS)
    ]


async def files(store: Store, blog_id: BlogId, like: Purge, links: Links) -> AsyncIterator[Purge]:
    """The calls that tell the files of all media that entries of the blog have ever shown.

    :param like: a call about the blog; these are like it in all but the addresses.
    """
    after = ""
    while media := await store.read(partial(_next_media, blog_id, after)):
        after = media[-1].id
        urls = tuple(links.media(one.url) for medium in media for one in medium.renditions)
        if urls:
            yield replace(like, urls=urls)


def _next_media(blog_id: BlogId, after: str, tx: Tx) -> list[Medium]:
    return tx.cached_media_of(blog_id, after=after, limit=MEDIA)


def addresses(
    blog: Blog, entries: Sequence[Entry], days: Sequence[date], links: Links, *, whole: bool
) -> list[str]:
    """Every address that shows one of these, once.

    :param whole: the blog itself has changed: its name stands on every page.
    """
    slug = blog.slug
    urls = [links.blog(slug), f"{links.api_blog(slug)}/snapshot"]
    urls += [links.feed(slug, kind) for kind in FEEDS]
    if whole or days:
        urls.append(links.home)
    numbers = range(1, page_of(blog.count) + 1) if whole else pages(blog, entries)
    urls += [links.page(slug, number) for number in numbers]
    for entry in entries:
        urls.append(links.entry(slug, entry.id))
        if entry.published_at is not None:
            urls.append(links.day(slug, date_of(entry.published_at, blog.zone)))
    urls += [links.day(slug, day) for day in days]
    return list(dict.fromkeys(urls))


def tags_of(blog: Blog, entries: Sequence[Entry], *, whole: bool) -> list[str]:
    """The tags of the kept pages that show one of these."""
    if whole:
        return [blog_tag(blog.slug)]
    return [page_tag(blog.slug, number) for number in pages(blog, entries)]


def pages(blog: Blog, entries: Iterable[Entry]) -> list[int]:
    """The older pages that hold these entries, and the open one."""
    if not blog.count:
        return []
    numbers = {page_of(blog.count)}
    for entry in entries:
        if entry.ordinal is not None:
            # The first one of a page gives the page before it a link to go on by.
            numbers |= {page_of(entry.ordinal), max(1, page_of(entry.ordinal - 1))}
    return sorted(numbers)


def jobs(settings: Settings) -> list[Job]:
    """The job, where a purge hook is set."""
    if not settings.purge_url:
        logger.info("no LIVEBLOG_PURGE_URL is set: there is nobody to tell of changes")
        return []
    hook = Hook(settings.purge_url, settings.purge_token)
    purger = Purger(hook, Links(settings.links_base))
    return [Job("purge", 1.0, purger, batch=1, channel=outbox_channel(DESTINATION))]
