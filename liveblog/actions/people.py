"""People: made, given roles, disabled."""

from msgspec.structs import replace

from liveblog.errors import NotFound
from liveblog.model.ids import new_id
from liveblog.model.people import Membership, Person, Role, check_password, read_email
from liveblog.store.contract import Store, Tx
from liveblog.types import Slug

from .door import Clock
from .passwords import Passwords


class PeopleActions:
    """What can be done with people."""

    def __init__(self, store: Store, clock: Clock, passwords: Passwords) -> None:
        self._store = store
        self._clock = clock
        self._passwords = passwords

    async def create(
        self,
        email: str,
        name: str,
        role: Role | None = None,
        slug: Slug | None = None,
        password: str | None = None,
    ) -> Person:
        """Make a person, with a role on a blog or (without ``slug``) on the house.

        :raises Conflict: there is somebody with this address.
        :raises Invalid: the address or the password is none. :raises NotFound: no such blog.
        """
        email = read_email(email)
        kept = None
        if password is not None:
            kept = await self._passwords.hash(check_password(password))

        def work(tx: Tx) -> Person:
            now = self._clock()
            person = Person(new_id(now), email, name, now, password=kept)
            if slug is None:
                person = replace(person, role=role)
            tx.insert_person(person)
            if slug is not None and role is not None:
                blog = tx.blog(slug)
                if blog is None:
                    raise NotFound(f"There is no blog {slug!r}.")
                tx.save_membership(Membership(blog.id, person.id, role))
            return person

        return await self._store.write(work)
