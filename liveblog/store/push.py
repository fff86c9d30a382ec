"""Web push in SQL: what each method promises stands in the contract beside this file."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import asdict
from sqlalchemy import (
    Connection,
    Integer,
    Update,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)

from liveblog.model.push import DueNotice, Notice, Subscription
from liveblog.store.columns import WORD, Moment
from liveblog.store.push_contract import PushTx
from liveblog.store.tables.push import DUE, notices, subscriptions
from liveblog.types import BlogId, EntryId

_BLOG = bindparam("blog", type_=WORD)
_ENTRY = bindparam("entry", type_=WORD)
_NOW = bindparam("now", type_=Moment)
_LIMIT = bindparam("limit", type_=Integer)
_SAYING = bindparam("saying", type_=WORD)
_OF_BLOG = subscriptions.c.blog_id == _BLOG
_OF_ENTRY = notices.c.entry_id == _ENTRY
_THIS = subscriptions.c.id == bindparam("key", type_=WORD)

SUBSCRIPTION = select(subscriptions).where(
    _OF_BLOG, subscriptions.c.endpoint == bindparam("endpoint", type_=WORD)
)
SUBSCRIPTION_OF = select(subscriptions).where(_THIS, _OF_BLOG)
INSERT_SUBSCRIPTION = insert(subscriptions)
RENEW_SUBSCRIPTION = (
    update(subscriptions)
    .where(_THIS)
    .values(
        endpoint=bindparam("new_endpoint", type_=WORD),
        p256dh=bindparam("new_p256dh", type_=WORD),
        auth=bindparam("new_auth", type_=WORD),
    )
)
_DROP = delete(subscriptions).where(_THIS)
DROP_SUBSCRIPTION = {False: _DROP, True: _DROP.where(_OF_BLOG)}
FOLLOWED = select(subscriptions.c.id).where(_OF_BLOG).limit(1)
COUNT_SUBSCRIPTIONS = select(func.count()).select_from(subscriptions).where(_OF_BLOG)

TOLD_OF = select(notices.c.entry_id).where(_OF_ENTRY).limit(1)
INSERT_NOTICES = insert(notices).from_select(
    ["subscription_id", "entry_id", "at", "due_at", "attempts"],
    select(subscriptions.c.id, _ENTRY, _NOW, _NOW, literal(0)).where(_OF_BLOG),
)
RENEW_NOTICES = (
    update(notices)
    .where(
        _OF_ENTRY,
        # What is being sent just now may be something else than what was told last.
        or_(
            notices.c.told.is_(None),
            notices.c.told != _SAYING,
            notices.c.claimed_until.is_not(None),
        ),
    )
    .values(due_at=_NOW, attempts=0)
)
DUE_NOTICES = (
    select(notices)
    .where(
        DUE,
        notices.c.due_at <= _NOW,
        or_(notices.c.claimed_until.is_(None), notices.c.claimed_until <= _NOW),
    )
    .order_by(notices.c.due_at)
    .limit(_LIMIT)
    .with_for_update(skip_locked=True)
)
SUBSCRIPTIONS = select(subscriptions).where(
    subscriptions.c.id.in_(bindparam("ids", expanding=True, type_=WORD))
)
_NOTICE = (
    notices.c.subscription_id == bindparam("subscription", type_=WORD),
    _OF_ENTRY,
)
CLAIM_NOTICE = (
    update(notices).where(*_NOTICE).values(claimed_until=bindparam("until", type_=Moment))
)
TOLD = (
    update(notices)
    .where(*_NOTICE)
    .values(
        told=func.coalesce(_SAYING, notices.c.told),
        attempts=0,
        claimed_until=None,
        due_at=case(
            (notices.c.due_at == bindparam("claimed", type_=Moment), null()),
            else_=notices.c.due_at,
        ),
    )
)
PUT_OFF_NOTICE = (
    update(notices)
    .where(*_NOTICE)
    .values(
        due_at=bindparam("due", type_=Moment),
        told=func.coalesce(_SAYING, notices.c.told),
        attempts=notices.c.attempts + 1,
        claimed_until=None,
    )
)
PURGE_NOTICES = delete(notices).where(notices.c.at < bindparam("before", type_=Moment))


class SqlPush(PushTx):
    """A :class:`~liveblog.store.push_contract.PushTx` on a connection inside a transaction."""

    _connection: Connection

    # Subscriptions
    def subscription(self, blog_id: BlogId, endpoint: str) -> Subscription | None:
        asked = {"blog": blog_id, "endpoint": endpoint}
        row = self._connection.execute(SUBSCRIPTION, asked).first()
        return None if row is None else Subscription(*row)

    def insert_subscription(self, subscription: Subscription) -> None:
        self._connection.execute(INSERT_SUBSCRIPTION, asdict(subscription))

    def subscription_of(self, subscription_id: str, blog_id: BlogId) -> Subscription | None:
        asked = {"key": subscription_id, "blog": blog_id}
        row = self._connection.execute(SUBSCRIPTION_OF, asked).first()
        return None if row is None else Subscription(*row)

    def renew_subscription(self, subscription: Subscription) -> None:
        values = {
            "key": subscription.id,
            "new_endpoint": subscription.endpoint,
            "new_p256dh": subscription.p256dh,
            "new_auth": subscription.auth,
        }
        self._connection.execute(RENEW_SUBSCRIPTION, values)

    def drop_subscription(self, subscription_id: str, blog_id: BlogId | None = None) -> bool:
        of = {} if blog_id is None else {"blog": blog_id}
        statement = DROP_SUBSCRIPTION[blog_id is not None]
        return self._connection.execute(statement, {"key": subscription_id, **of}).rowcount == 1

    def followed(self, blog_id: BlogId) -> bool:
        return self._connection.execute(FOLLOWED, {"blog": blog_id}).first() is not None

    def count_subscriptions(self, blog_id: BlogId) -> int:
        return int(self._connection.execute(COUNT_SUBSCRIPTIONS, {"blog": blog_id}).scalar_one())

    # Notices
    def told_of(self, entry_id: EntryId) -> bool:
        return self._connection.execute(TOLD_OF, {"entry": entry_id}).first() is not None

    def insert_notices(self, blog_id: BlogId, entry_id: EntryId, now: datetime) -> int:
        values = {"blog": blog_id, "entry": entry_id, "now": now}
        return self._connection.execute(INSERT_NOTICES, values).rowcount

    def renew_notices(self, entry_id: EntryId, saying: str, now: datetime) -> None:
        values = {"entry": entry_id, "saying": saying, "now": now}
        self._connection.execute(RENEW_NOTICES, values)

    def claim_notices(self, now: datetime, until: datetime, limit: int) -> list[DueNotice]:
        rows = self._connection.execute(DUE_NOTICES, {"now": now, "limit": limit})
        due = [Notice(*row) for row in rows]
        if not due:
            return []
        self._each(CLAIM_NOTICE, [_key(notice) | {"until": until} for notice in due])
        ids = {"ids": list({notice.subscription_id for notice in due})}
        found = {row.id: Subscription(*row) for row in self._connection.execute(SUBSCRIPTIONS, ids)}
        return [DueNotice(notice, found[notice.subscription_id]) for notice in due]

    def told(self, said: Sequence[tuple[Notice, str | None]]) -> None:
        self._each(
            TOLD, [_key(one) | {"claimed": one.due_at, "saying": saying} for one, saying in said]
        )

    def put_off_notices(self, later: Sequence[tuple[Notice, datetime, str | None]]) -> None:
        self._each(
            PUT_OFF_NOTICE,
            [_key(one) | {"due": due, "saying": saying} for one, due, saying in later],
        )

    def purge_notices(self, before: datetime) -> int:
        return self._connection.execute(PURGE_NOTICES, {"before": before}).rowcount

    def _each(self, statement: Update, rows: list[dict[str, Any]]) -> None:
        if rows:
            self._connection.execute(statement, rows)


def _key(notice: Notice) -> dict[str, Any]:
    return {"subscription": notice.subscription_id, "entry": notice.entry_id}
