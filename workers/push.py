"""Web push: tells the browsers that are subscribed to a blog of its key developments.

Each change is one row of the outbox. From it come the notices, one for each subscription, in the
transaction that ends the row. A notice names its entry; what it says is made at the attempt, of
the entry as it stands then. Who was told of an entry is told again when that says something
else: the message has the same tag, so it takes the other one's place.
"""

import asyncio
import contextlib
import logging
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from liveblog.actions import Actions
from liveblog.actions.door import outbox_channel
from liveblog.config import Settings
from liveblog.model.blog import Blog
from liveblog.model.entry import Entry
from liveblog.model.push import DueNotice, Notice
from liveblog.push import Failed, Keys, Later, PushServices, Unsubscribed, vapid_of
from liveblog.store.contract import Delivery, Tx
from liveblog.text import teaser
from liveblog.types import EntryId
from liveblog.wire.links import Links
from workers.base import Job

DESTINATION = "push"
CHANGES = 500
"""Changes of one blog that are worked off together."""
BATCH = 200
"""Notices that are sent together, so many at once as there are connections."""
CLAIM = timedelta(seconds=60)
"""Then the notices of a worker that died are another's."""
ATTEMPT = 45.0
"""Seconds for a whole batch: it ends before its claim does."""
FRESH = timedelta(hours=1)
"""What was published longer ago is no news: an import, or a worker that was away."""
LIFE = timedelta(hours=4)
"""For so long a message is tried, and kept by the push service for a browser that is off."""
KEPT = timedelta(days=2)
"""For so long a correction reaches those who were told."""
ATTEMPTS = 12
"""Then a message is given up: with the pauses between them that is more than an hour."""
FIRST_PAUSE = 5.0
LAST_PAUSE = 600.0
UNSURE = ""
"""What was told when nobody knows whether it was: the next thing said is news still, and what is
withdrawn then is withdrawn there, too."""
UNSURE_WHICH = "?"
"""The same, of somebody who had been told something before."""

logger = logging.getLogger(__name__)


class Message(Struct, frozen=True, omit_defaults=True):
    """What the service worker is told (static/sw.js). ``kind`` is ``new``, ``changed`` or
    ``removed``; ``stop`` is the address that ends the subscription, for DELETE."""

    kind: str
    tag: str
    blog: str
    title: str
    url: str
    lang: str
    dir: str
    at: str
    body: str = ""
    stop: str = ""
    breaking: bool = False

    @property
    def saying(self) -> str:
        """Names what is said, whoever hears it."""
        return sha256(msgspec.json.encode(replace(self, kind="", stop=""))).hexdigest()[:16]


def message_of(blog: Blog, entry: Entry | None, links: Links) -> Message | None:
    """What is to be said of an entry now; None when it is not for everybody.

    A removed one says nothing of what it said.
    """
    if entry is None or entry.published_at is None:
        return None
    if blog.visibility not in ("public", "unlisted"):
        return None
    removed = entry.state == "retracted"
    name = blog.headline or blog.title
    return Message(
        kind="removed" if removed else "new",
        tag=entry.id,
        blog=blog.slug,
        title=name if removed else teaser(entry.headline or entry.text or name, 120),
        body="" if removed else teaser(entry.text, 140),
        url=f"{links.prefix}/blogs/{blog.slug}#entry-{entry.id}",
        lang=(entry.lang if entry.lang and not removed else blog.lang),
        dir=(entry.dir if entry.dir and not removed else blog.dir),
        at=f"{entry.published_at:%Y-%m-%dT%H:%M:%SZ}",
        breaking=entry.breaking and not removed,
    )


class Outcome(NamedTuple):
    """How it went with a notice: what was said, or why it failed; neither: nothing was to be."""

    notice: Notice
    saying: str | None = None
    failed: Failed | None = None

    @property
    def told(self) -> str | None:
        """What the browser was told by it; None: nothing, for certain."""
        if not isinstance(self.failed, Later) or not self.failed.maybe:
            return self.saying
        return UNSURE_WHICH if self.notice.told else UNSURE


class Pusher:
    """The handler of the push job.

    :param jitter: gives a number from 0 to 1.
    """

    def __init__(
        self, services: PushServices, links: Links, jitter: Callable[[], float] = random.random
    ) -> None:
        self._services = services
        self._links = links
        self._jitter = jitter

    async def __call__(self, actions: Actions, now: datetime) -> int:
        """Make the notices of what has changed and send those that are due; how many."""
        store, clock = actions.door.store, actions.door.clock

        def claim(tx: Tx) -> tuple[int, list[DueNotice], dict[EntryId, Message | None]]:
            rows = tx.claim_deliveries(DESTINATION, now, now + CLAIM, CHANGES)
            expand(tx, rows, self._links, now)
            due = tx.claim_notices(now, now + CLAIM, BATCH)
            return len(rows), due, messages(tx, due, self._links)

        changed, due, said = await store.write(claim)
        if due:
            outcomes = await self._send_all(due, said, now)
            ended = clock()
            await store.write(lambda tx: self._keep(tx, outcomes, ended))
            _say(outcomes)
        return changed + len(due)

    async def _send_all(
        self, due: Sequence[DueNotice], said: Mapping[EntryId, Message | None], now: datetime
    ) -> list[Outcome]:
        """Every notice with its outcome; one whose turn did not come in time failed."""
        slow = Later("there was no time for it", maybe=True)
        found = {id(one): Outcome(one.notice, failed=slow) for one in due}

        async def send(one: DueNotice) -> None:
            found[id(one)] = await self._send(one, said[one.notice.entry_id], now)

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ATTEMPT):
                await asyncio.gather(*(send(one) for one in due))
        return list(found.values())

    async def _send(self, due: DueNotice, message: Message | None, now: datetime) -> Outcome:
        notice, to = due
        if message is None or not worth_saying(notice, message, now):
            return Outcome(notice)
        if notice.told and message.kind == "new":
            message = replace(message, kind="changed")
        # The browser resolves it as it does the address of the page.
        stop = f"{self._links.prefix}/api/v1/blogs/{message.blog}/push/{to.id}"
        body = msgspec.json.encode(replace(message, stop=stop))
        about = {
            "ttl": str(int(LIFE.total_seconds())),
            "topic": notice.entry_id,
            "urgency": "high" if message.breaking else "normal",
        }
        try:
            await self._services.send(to.endpoint, Keys(to.p256dh, to.auth), body, **about)
        except Failed as error:
            return Outcome(notice, failed=error)
        except Exception as error:  # one that cannot be sent must not hold up the others for ever
            logger.exception("a push message could not be sent")
            return Outcome(notice, failed=Failed(type(error).__name__))
        return Outcome(notice, saying=message.saying)

    def _keep(self, tx: Tx, outcomes: Sequence[Outcome], now: datetime) -> None:
        """Write down how it went."""
        done, later = [], []
        for one in outcomes:
            notice, failed = one.notice, one.failed
            if isinstance(failed, Unsubscribed):
                tx.drop_subscription(notice.subscription_id)
            elif isinstance(failed, Later) and notice.attempts + 1 < ATTEMPTS:
                pause = self._pause(notice.attempts, failed.wait)
                later.append((notice, now + pause, one.told))
            else:
                done.append((notice, one.told))
        tx.told(done)
        tx.put_off_notices(later)

    def _pause(self, failed: int, asked: float | None) -> timedelta:
        longest = min(LAST_PAUSE, FIRST_PAUSE * 2.0 ** min(failed, 10))
        return timedelta(seconds=max(asked or 0.0, longest * (0.5 + self._jitter() / 2)))


def expand(tx: Tx, rows: Sequence[Delivery], links: Links, now: datetime) -> None:
    """Make the notices that these changes of one blog ask for, and end the rows."""
    blog = tx.blog_by_id(rows[0].blog_id) if rows else None
    subjects = dict.fromkeys(row.subject for row in rows)
    names = [name for kind, _, name in (s.partition(":") for s in subjects) if kind == "entry"]
    for entry_id in map(EntryId, names):
        entry = tx.entry(blog.id, entry_id) if blog else None
        message = message_of(blog, entry, links) if blog else None
        if blog is None or entry is None or message is None:
            continue
        if tx.told_of(entry_id):
            tx.renew_notices(entry_id, message.saying, now)
        elif is_news(entry, now):
            tx.insert_notices(blog.id, entry_id, now)
    tx.delivered([row.id for row in rows])


def is_news(entry: Entry, now: datetime) -> bool:
    """Whether nobody was told of an entry so far and everybody is to be."""
    at = entry.published_at
    return entry.key and entry.state == "published" and at is not None and now - at < FRESH


def worth_saying(notice: Notice, message: Message, now: datetime) -> bool:
    """Whether it is news to this subscription: whoever was told nothing needs no correction,
    and what was said already is not said again."""
    if message.kind == "removed":
        return notice.told is not None and message.saying != notice.told
    return message.saying != notice.told and (bool(notice.told) or now - notice.at < LIFE)


def messages(tx: Tx, due: Sequence[DueNotice], links: Links) -> dict[EntryId, Message | None]:
    """What is to be said of each entry, as it is now."""
    found: dict[EntryId, Message | None] = {}
    for notice, to in due:
        if notice.entry_id not in found:
            blog = tx.blog_by_id(to.blog_id)
            entry = tx.entry(to.blog_id, notice.entry_id)
            found[notice.entry_id] = message_of(blog, entry, links) if blog else None
    return found


def _say(outcomes: Sequence[Outcome]) -> None:
    """Failures, one line a reason; that a browser is gone is none."""
    reasons = Counter(
        str(one.failed)
        for one in outcomes
        if one.failed is not None and not isinstance(one.failed, Unsubscribed)
    )
    for reason, count in reasons.items():
        logger.warning("%d push messages were not taken: %s", count, reason)


async def forget(actions: Actions, now: datetime) -> int:
    """Forget of what was told long ago."""
    return await actions.door.store.write(lambda tx: tx.purge_notices(now - KEPT))


def jobs(settings: Settings) -> list[Job]:
    """The jobs, where web push is on.

    :raises ConfigError: there is no key, or it is none.
    """
    if not settings.push_contact:
        logger.info("no LIVEBLOG_PUSH_CONTACT is set: there are no push messages")
        return []
    pusher = Pusher(PushServices(vapid_of(settings)), Links(settings.links_base))
    channel = outbox_channel(DESTINATION)
    return [
        Job("push", 1.0, pusher, batch=1, channel=channel),
        Job("push: forget", 3600.0, forget),
    ]
