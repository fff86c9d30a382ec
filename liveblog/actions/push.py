"""Who wants push messages: subscribing to a blog and ending it."""

from msgspec import Struct
from msgspec.structs import replace

from liveblog.errors import Conflict, NotFound
from liveblog.model.ids import new_id
from liveblog.model.push import Subscription
from liveblog.store.contract import Store, Tx
from liveblog.types import Slug

from .door import Clock


class Wanted(Struct, frozen=True):
    """A browser's subscription, as it gives it. ``replaces`` is the id of the one that it had
    before its push service gave it another endpoint."""

    endpoint: str
    p256dh: str
    auth: str
    replaces: str = ""


class PushActions:
    """What can be done with subscriptions.

    :param most: how many one blog takes.
    """

    def __init__(self, store: Store, clock: Clock, most: int) -> None:
        self._store = store
        self._clock = clock
        self._most = most

    async def subscribe(self, slug: Slug, wanted: Wanted) -> Subscription:
        """Subscribe a browser; one that is subscribed already has perhaps new keys. One that had
        another endpoint keeps its id, and hears of corrections to what it was told there.

        :raises NotFound: there is no such blog that everybody may read.
        :raises Conflict: it has as many as it takes.
        """

        def work(tx: Tx) -> Subscription:
            blog = tx.blog(slug)
            if blog is None or blog.visibility not in ("public", "unlisted"):
                raise NotFound("There is no blog of this name.")
            known = tx.subscription(blog.id, wanted.endpoint)
            if known is None and wanted.replaces:
                known = tx.subscription_of(wanted.replaces, blog.id)
            if known is not None:
                renewed = replace(
                    known, endpoint=wanted.endpoint, p256dh=wanted.p256dh, auth=wanted.auth
                )
                tx.renew_subscription(renewed)
                return renewed
            if tx.count_subscriptions(blog.id) >= self._most:
                raise Conflict("This blog has all the subscriptions it takes.")
            now = self._clock()
            made = Subscription(
                new_id(now), blog.id, wanted.endpoint, wanted.p256dh, wanted.auth, now
            )
            tx.insert_subscription(made)
            return made

        return await self._store.write(work)

    async def unsubscribe(self, slug: Slug, subscription_id: str) -> None:
        """End a subscription; one that has ended already does not matter, nor whether there is
        such a blog, which may be a draft again."""

        def work(tx: Tx) -> None:
            blog = tx.blog(slug)
            if blog is not None:
                tx.drop_subscription(subscription_id, blog.id)

        await self._store.write(work)
