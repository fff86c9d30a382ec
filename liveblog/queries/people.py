"""Reading who works here. What is shown of people, and to whom, is decided here."""

from typing import NamedTuple

from liveblog.errors import NotAllowed, NotAuthenticated
from liveblog.model.people import Person, Role
from liveblog.model.permissions import Principal, require_desk
from liveblog.store.contract import Store, Tx
from liveblog.store.people_contract import Member
from liveblog.types import Slug


class Account(NamedTuple):
    """Somebody, and their roles on single blogs: those that the asker may know of."""

    person: Person
    blogs: dict[Slug, Role]


class PeopleQueries:
    """All reading of people."""

    def __init__(self, store: Store) -> None:
        self._store = store

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
        the house sees everybody, a chief of blogs those who belong to them.

        :raises NotAllowed: the asker is nobody's chief.
        """
        blogs = who.administers
        if blogs is not None and not blogs:
            raise NotAllowed("Only chiefs see who works here.")

        def work(tx: Tx) -> tuple[list[Account], str | None]:
            found = tx.people(blogs=blogs, after=after, limit=limit + 1)
            shown = found[:limit]
            roles = tx.roles([one.id for one in shown], blogs)
            following = shown[-1].id if len(found) > limit else None
            return [Account(one, roles.get(one.id, {})) for one in shown], following

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
