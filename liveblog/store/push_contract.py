"""What the store promises about web push; a part of :class:`~liveblog.store.contract.Tx`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from liveblog.model.push import DueNotice, Notice, Subscription
from liveblog.types import BlogId, EntryId


class PushTx(Protocol):
    """Subscriptions and notices. None of it locks a blog: no reader waits for an editor."""

    # Subscriptions
    def subscription(self, blog_id: BlogId, endpoint: str) -> Subscription | None:
        """The subscription of a browser to a blog."""

    def insert_subscription(self, subscription: Subscription) -> None:
        """Add one. When the same browser did so at the same moment, the engine rolls back and
        runs the whole function again."""

    def subscription_of(self, subscription_id: str, blog_id: BlogId) -> Subscription | None:
        """The subscription of this id, if it is one to the blog."""

    def renew_subscription(self, subscription: Subscription) -> None:
        """A browser has new keys, or another endpoint; its notices stay."""

    def drop_subscription(self, subscription_id: str, blog_id: BlogId | None = None) -> bool:
        """Forget one and its notices; False when there was none (of this blog)."""

    def followed(self, blog_id: BlogId) -> bool:
        """Whether anybody is subscribed to the blog."""

    def count_subscriptions(self, blog_id: BlogId) -> int:
        """How many are subscribed to it."""

    # Notices
    def told_of(self, entry_id: EntryId) -> bool:
        """Whether there are notices of the entry."""

    def insert_notices(self, blog_id: BlogId, entry_id: EntryId, now: datetime) -> int:
        """A notice for each subscription of the blog, due at once; how many."""

    def renew_notices(self, entry_id: EntryId, saying: str, now: datetime) -> None:
        """Make the entry's notices due again, except those that last told just this and are not
        being sent."""

    def claim_notices(self, now: datetime, until: datetime, limit: int) -> list[DueNotice]:
        """Notices that are due, the one that is longest due first; nobody else gets them before
        ``until``. Those that another claims now are passed over."""

    def told(self, said: Sequence[tuple[Notice, str | None]]) -> None:
        """This was said, or nothing was (None), and nothing more is to be. A notice that was
        made due again since it was claimed stays due."""

    def put_off_notices(self, later: Sequence[tuple[Notice, datetime, str | None]]) -> None:
        """Give claimed notices back until then, one failure more; what was told by it as in
        :meth:`told`."""

    def purge_notices(self, before: datetime) -> int:
        """Forget notices made before; how many went."""
