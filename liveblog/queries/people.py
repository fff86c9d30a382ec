"""Reading who works here. What is shown of people, and to whom, is decided here."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from liveblog.errors import NotAuthenticated
from liveblog.model.people import Invitation, Person, Role
from liveblog.model.permissions import Principal, require_chief, require_desk
from liveblog.store.contract import Store, Tx
from liveblog.store.people_contract import Member
from liveblog.types import Slug


class Account(NamedTuple):
    """Somebody, and their roles on single blogs: those that the asker may know of."""

    person: Person
    blogs: dict[Slug, Role]


class Pending(NamedTuple):
    """An invitation that nobody has taken, the slug of its blog (None: the house), and the name
    of whoever made it (empty: nobody knows it any more)."""

    invitation: Invitation
    blog: Slug | None
    by: str


class PeopleQueries:
    """All reading of people.

    :param clock: says what time it is, in UTC.
    """

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    async def account(self, who: Principal) -> Account:
        """The asker themselves.

        :raises NotAuthenticated: they are no person, or gone.
        """

        def work(tx: Tx) -> Account:
            person = tx.person(who.id) if who.person else None
            if person is None:
                raise NotAuthenticated("Nobody is signed in here.")
            return Account(person, tx.roles([who.id]).get(who.id, {}))

        return await self._store.read(work)

    async def people(
        self, who: Principal, after: str, limit: int
    ) -> tuple[list[Account], str | None]:
        """Those whose chief the asker is, oldest first, and the id to go on from: a chief of
        the house sees everybody, a chief of blogs those who belong to them, and no role but
        those there.

        :raises NotAllowed: the asker is nobody's chief.
        """
        blogs = require_chief(who).administers

        def work(tx: Tx) -> tuple[list[Account], str | None]:
            found = tx.people(blogs=blogs, after=after, limit=limit + 1)
            shown = found[:limit]
            roles = tx.roles([one.id for one in shown], blogs)
            following = shown[-1].id if len(found) > limit else None
            told = shown if blogs is None else [replace(one, role=None) for one in shown]
            return [Account(one, roles.get(one.id, {})) for one in told], following

        return await self._store.read(work)

    async def members(
        self, slug: Slug, who: Principal, after: str, limit: int
    ) -> tuple[list[Member], str | None]:
        """Those who belong to a blog, oldest first, and the id to go on from.

        :raises NotAllowed, NotFound: the asker is no chief of it.
        """

        def work(tx: Tx) -> tuple[list[Member], str | None]:
            blog = require_desk(who, "admin", tx.blog(slug))
            found = tx.members(blog.id, after=after, limit=limit + 1)
            shown = found[:limit]
            return shown, shown[-1].person.id if len(found) > limit else None

        return await self._store.read(work)

    async def invitations(
        self, slug: Slug | None, who: Principal, after: str, limit: int
    ) -> tuple[list[Pending], str | None]:
        """The invitations to a blog that nobody has taken; or (without ``slug``) all that the
        asker may withdraw: a chief of the house everybody's, a chief of blogs those to them.
        Oldest first, and the id to go on from.

        :raises NotAllowed, NotFound: the asker is no chief there.
        """

        def work(tx: Tx) -> tuple[list[Pending], str | None]:
            if slug is None:
                blogs = require_chief(who).administers
            else:
                blogs = (require_desk(who, "admin", tx.blog(slug)).id,)
            found = tx.pending_invitations(self._clock(), blogs=blogs, after=after, limit=limit + 1)
            shown = found[:limit]
            return pending(tx, shown), shown[-1].id if len(found) > limit else None

        return await self._store.read(work)


def pending(tx: Tx, found: Sequence[Invitation]) -> list[Pending]:
    """The invitations, with the names that people know."""
    names = tx.names({one.by for one in found})
    blogs = {blog_id: tx.blog_by_id(blog_id) for one in found if (blog_id := one.blog_id)}
    slugs = {blog_id: blog.slug for blog_id, blog in blogs.items() if blog is not None}
    return [
        Pending(one, slugs.get(one.blog_id) if one.blog_id else None, names.get(one.by, ""))
        for one in found
    ]
