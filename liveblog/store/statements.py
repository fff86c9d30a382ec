"""Every statement, made once: SQLAlchemy then only looks up its text and binds the values.

They are the same for both engines; FOR UPDATE is simply not said to SQLite, where BEGIN
IMMEDIATE has already locked the whole file.
"""

from itertools import product
from typing import Any

from sqlalchemy import (
    BigInteger,
    Integer,
    Select,
    Table,
    Text,
    Update,
    and_,
    bindparam,
    delete,
    func,
    insert,
    not_,
    or_,
    select,
    tuple_,
    update,
)

from liveblog.store.columns import WORD, Date, Moment
from liveblog.store.tables.blogs import OPEN, blogs, changes, days, outbox, replays
from liveblog.store.tables.entries import CARD, KEY, PUBLIC, SCHEDULED, entries, revisions
from liveblog.store.tables.people import tokens

_LIMIT = bindparam("limit", type_=Integer)
_BLOG = bindparam("blog", type_=WORD)
_ID = bindparam("id", type_=WORD)
_AFTER = bindparam("after", type_=BigInteger)


def _save(table: Table) -> Update:
    """UPDATE of the row that ``key_…`` names; the rest of the columns come as parameters."""
    keys = [column == bindparam(f"key_{column.name}") for column in table.primary_key.columns]
    rest = {
        column.name: bindparam(column.name, type_=column.type)
        for column in table.columns
        if not column.primary_key
    }
    return update(table).where(*keys).values(rest)


# Blogs
BLOG_BY_SLUG = select(blogs).where(blogs.c.slug == bindparam("slug", type_=WORD))
# NO KEY UPDATE: writers of the blog queue up, yet whoever only refers to the blog (a token,
# an answer kept for an Idempotency-Key) does not wait and can make no deadlock.
LOCK_BLOG = BLOG_BY_SLUG.with_for_update(key_share=True)
BLOG_BY_ID = select(blogs).where(blogs.c.id == _ID)
INSERT_BLOG = insert(blogs)
SAVE_BLOG = _save(blogs)
_BLOGS = (
    select(blogs)
    .where(
        or_(
            blogs.c.visibility.in_(bindparam("visibilities", expanding=True, type_=WORD)),
            blogs.c.id.in_(bindparam("ids", expanding=True, type_=WORD)),
        )
    )
    .order_by(blogs.c.id.desc())
    .limit(_LIMIT)
)
BLOGS = {False: _BLOGS, True: _BLOGS.where(blogs.c.id < bindparam("before", type_=WORD))}
LISTED_BLOGS = (
    select(blogs.c.slug, blogs.c.count, changes.c.at)
    .outerjoin(changes, and_(changes.c.blog_id == blogs.c.id, changes.c.seq == blogs.c.head))
    .where(blogs.c.visibility == "public", not_(blogs.c.demo))
    .order_by(blogs.c.id.desc())
    .limit(_LIMIT)
)
HEADS = select(blogs.c.id, blogs.c.epoch, blogs.c.head).where(
    blogs.c.id.in_(bindparam("ids", expanding=True, type_=WORD))
)

# Entries
ENTRY = select(entries).where(entries.c.id == _ID, entries.c.blog_id == _BLOG)
INSERT_ENTRY = insert(entries)
SAVE_ENTRY = _save(entries)
_START = entries.c.published_at >= bindparam("start", type_=Moment)
_END = entries.c.published_at < bindparam("end", type_=Moment)
_BEFORE = tuple_(entries.c.published_at, entries.c.id) < tuple_(
    bindparam("published_at", type_=Moment), bindparam("id", type_=WORD)
)
_PUBLISHED_KEY = and_(KEY, entries.c.state == "published")
_AFTER_PLACE = tuple_(entries.c.published_at, entries.c.id) > tuple_(
    bindparam("published_at", type_=Moment), bindparam("id", type_=WORD)
)
_NEWEST_FIRST = (entries.c.published_at.desc(), entries.c.id.desc())
_OLDEST_FIRST = (entries.c.published_at, entries.c.id)


def _page(beyond: str, between: bool, key: bool) -> Select[Any]:
    # A published entry is public by law; PUBLIC is left out so that the small index is taken.
    page = select(entries).where(entries.c.blog_id == _BLOG, _PUBLISHED_KEY if key else PUBLIC)
    if beyond:
        page = page.where(_BEFORE if beyond == "before" else _AFTER_PLACE)
    if between:
        page = page.where(_START, _END)
    order = _OLDEST_FIRST if beyond == "after" else _NEWEST_FIRST
    return page.order_by(*order).limit(_LIMIT)


_YES_NO = (False, True)
ENTRIES = {which: _page(*which) for which in product(("", "before", "after"), _YES_NO, _YES_NO)}
"""By what is asked for: (before or after a place, between, key)."""

_CARDS = (
    select(entries)
    .join(blogs, blogs.c.id == entries.c.blog_id)
    .where(CARD, entries.c.state == "published", blogs.c.visibility == "public")
    .order_by(*_NEWEST_FIRST)
    .limit(_LIMIT)
)
CARDS = {False: _CARDS, True: _CARDS.where(_BEFORE)}
_LATEST = func.coalesce(blogs.c.latest_at, blogs.c.created_at)
_RUNNING = (
    select(blogs)
    .where(blogs.c.visibility == "public")
    .order_by(_LATEST.desc(), blogs.c.id.desc())
    .limit(_LIMIT)
)
RUNNING = {
    False: _RUNNING,
    True: _RUNNING.where(
        tuple_(_LATEST, blogs.c.id)
        < tuple_(bindparam("published_at", type_=Moment), bindparam("id", type_=WORD))
    ),
}

_IN_BOUNDS = entries.c.ordinal.between(
    bindparam("first", type_=Integer), bindparam("last", type_=Integer)
)
ENTRIES_BY_ORDINAL = (
    select(entries).where(entries.c.blog_id == _BLOG, _IN_BOUNDS).order_by(*_NEWEST_FIRST)
)
LISTED_ENTRIES = (
    select(entries.c.id, entries.c.published_at, entries.c.updated_at)
    .where(entries.c.blog_id == _BLOG, _IN_BOUNDS, entries.c.state == "published")
    .order_by(entries.c.ordinal)
)
KEY_ENTRIES = (
    select(entries)
    .where(entries.c.blog_id == _BLOG, _PUBLISHED_KEY, _START, _END)
    .order_by(entries.c.published_at, entries.c.id)
)
DUE_ENTRIES = (
    select(blogs.c.slug, entries.c.id)
    .join(blogs, blogs.c.id == entries.c.blog_id)
    .where(
        entries.c.state == SCHEDULED,
        entries.c.publish_at <= bindparam("now", type_=Moment),
    )
    .order_by(entries.c.publish_at, entries.c.id)
    .limit(_LIMIT)
)

NEXT_DUE = select(func.min(entries.c.publish_at)).where(
    entries.c.state == SCHEDULED,
    entries.c.publish_at > bindparam("after", type_=Moment),
)

# Days
DAYS = select(days).where(days.c.blog_id == _BLOG).order_by(days.c.date.desc())
DAY = select(days).where(days.c.blog_id == _BLOG, days.c.date == bindparam("date", type_=Date))
LATEST_DAY = DAYS.limit(1)
INSERT_DAY = insert(days)
SAVE_DAY = _save(days)
OPEN_DAYS = (
    select(blogs.c.slug, blogs.c.time_zone, days.c.date)
    .join(blogs, blogs.c.id == days.c.blog_id)
    .where(OPEN)
    .order_by(days.c.blog_id, days.c.date)
)

# Revisions
INSERT_REVISION = insert(revisions)
REVISIONS = select(revisions).where(revisions.c.entry_id == _ID).order_by(revisions.c.revision)
WITHHOLD = (
    update(revisions)
    .where(
        revisions.c.entry_id == bindparam("key_entry_id"),
        revisions.c.revision == bindparam("key_revision"),
    )
    .values(withheld=True)
)

# The log
APPEND_CHANGES = insert(changes)


def _since(table: Table, newest: bool) -> Select[Any]:
    order = table.c.seq.desc() if newest else table.c.seq
    since = select(table).where(table.c.blog_id == _BLOG, table.c.seq > _AFTER)
    return since.order_by(order).limit(_LIMIT)


CHANGED_ENTRIES = {newest: _since(entries, newest) for newest in (False, True)}
CHANGED_DAYS = {newest: _since(days, newest) for newest in (False, True)}
CHANGED_BLOG = select(blogs).where(blogs.c.id == _BLOG, blogs.c.seq > _AFTER)

# The outbox
INSERT_DELIVERIES = insert(outbox)
_NOW = bindparam("now", type_=Moment)
# Whoever comes at the same moment passes these rows over; who comes later sees the claim.
DUE_DELIVERIES = (
    select(outbox)
    .where(
        outbox.c.destination == bindparam("destination", type_=WORD),
        outbox.c.due_at <= _NOW,
        or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until <= _NOW),
    )
    .order_by(outbox.c.due_at, outbox.c.id)
    .limit(_LIMIT)
    .with_for_update(skip_locked=True)
)
_THESE = outbox.c.id.in_(bindparam("ids", expanding=True, type_=WORD))
BACKLOG = select(func.count(), func.min(outbox.c.at)).where(
    outbox.c.destination == bindparam("destination", type_=WORD)
)
CLAIM = update(outbox).where(_THESE).values(claimed_until=bindparam("until", type_=Moment))
DELIVERED = delete(outbox).where(_THESE)
PUT_OFF = (
    update(outbox)
    .where(_THESE)
    .values(
        claimed_until=None,
        due_at=bindparam("due", type_=Moment),
        # What was put off without a failure (0) begins to count anew.
        attempts=(outbox.c.attempts + 1) * bindparam("failed", type_=Integer),
        error=bindparam("why", type_=Text),
    )
)

# Idempotency
REPLAY = select(replays).where(
    replays.c.scope == bindparam("scope", type_=WORD), replays.c.key == bindparam("key", type_=WORD)
)
INSERT_REPLAY = insert(replays)
_WAITING = (
    select(entries.c.id)
    .where(
        replays.c.subject.startswith("entry:"),
        entries.c.id == func.substr(replays.c.subject, len("entry:") + 1),
        entries.c.state.in_(("draft", "submitted", "scheduled")),
    )
    .correlate(replays)
    .exists()
)
PURGE_REPLAYS = delete(replays).where(
    replays.c.at < bindparam("before", type_=Moment), not_(_WAITING)
)

# Tokens
INSERT_TOKEN = insert(tokens)
TOKENS = select(tokens).order_by(tokens.c.created_at, tokens.c.id)
TOKEN = select(tokens).where(tokens.c.id == _ID)
STANDING_TOKENS = select(tokens).where(
    tokens.c.id.in_(bindparam("ids", expanding=True, type_=WORD)), tokens.c.revoked_at.is_(None)
)
SAVE_TOKEN = _save(tokens)
