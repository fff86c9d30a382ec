"""People: made, given roles, disabled. Whoever changes somebody locks their row first, so of two
changes at the same moment none undoes the other.

Only chiefs give roles, of the blog or (for a role on the house) of the house; and as theirs is
the highest role, nobody gives one above their own.
"""

from msgspec import UNSET
from msgspec.structs import replace

from liveblog.errors import Conflict, NotFound
from liveblog.model.blog import Blog
from liveblog.model.ids import new_id
from liveblog.model.people import Membership, Person, Role, check_password, read_email
from liveblog.model.permissions import Principal, require, require_desk
from liveblog.store.contract import Store, Tx
from liveblog.store.people_contract import Member
from liveblog.types import Slug
from liveblog.wire.people import PatchPerson

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
        """Make a person, with a role on a blog or (without ``slug``) on the house; for whoever
        runs commands on the machine itself.

        :raises Conflict: there is somebody with this address.
        :raises Invalid: the address or the password is none. :raises NotFound: no such blog.
        """
        email = read_email(email)
        kept = None
        if password is not None:
            kept = await self._passwords.hash(check_password(password))

        def work(tx: Tx) -> Person:
            now = self._clock()
            house = role if slug is None else None
            person = Person(new_id(now), email, name, now, house, kept)
            tx.insert_person(person)
            if slug is not None and role is not None:
                blog = tx.blog(slug)
                if blog is None:
                    raise NotFound(f"There is no blog {slug!r}.")
                tx.save_membership(Membership(blog.id, person.id, role))
            return person

        return await self._store.write(work)

    async def revise(self, person_id: str, patch: PatchPerson, who: Principal | None) -> Person:
        """Change somebody: a chief of the house anything, everybody their own name.

        :raises NotFound: there is nobody of this id.
        :raises Conflict: it would leave the house without a chief.
        """

        def work(tx: Tx) -> Person:
            own = who is not None and who.person and who.id == person_id
            if not own or patch.role is not UNSET or patch.disabled is not UNSET:
                require(who, "admin", None)
            before = locked(tx, person_id)
            person = before
            if patch.name is not UNSET:
                person = replace(person, name=patch.name)
            if patch.role is not UNSET:
                person = replace(person, role=patch.role)
            if patch.disabled is not UNSET and patch.disabled != (before.disabled_at is not None):
                person = replace(person, disabled_at=self._clock() if patch.disabled else None)
            return changed(tx, before, person)

        return await self._store.write(work)

    async def disable(self, email: str) -> Person:
        """End whatever somebody may do, for whoever runs commands on the machine itself; their
        sessions and streams end within 5 s.

        :raises NotFound: there is nobody of this address.
        :raises Conflict: it would leave the house without a chief.
        """

        def work(tx: Tx) -> Person:
            before = locked(tx, known(tx, email).id)
            return changed(tx, before, replace(before, disabled_at=self._clock()))

        return await self._store.write(work)

    # On a blog ----------------------------------------------------------------------------

    async def set_member(
        self, slug: Slug, person_id: str, role: Role, who: Principal | None
    ) -> Member:
        """Give somebody a role on a blog, in place of the one they had there.

        :raises NotFound: there is nobody of this id whom the asker may see.
        """

        def work(tx: Tx) -> Member:
            blog = require_desk(who, "admin", tx.blog(slug))
            if not knows(tx, require(who, "admin", blog), person_id):
                raise NotFound("There is nobody of this id.")
            return Member(give(tx, person_id, role, blog), role)

        return await self._store.write(work)

    async def drop_member(self, slug: Slug, person_id: str, who: Principal | None) -> None:
        """Take somebody's role on a blog away; their streams of it, if it is private, end within
        5 s.

        :raises NotFound: they have none.
        """

        def work(tx: Tx) -> None:
            blog = require_desk(who, "admin", tx.blog(slug))
            if not tx.drop_membership(blog.id, person_id):
                raise NotFound("Nobody of this id belongs to this blog.")
            tx.drop_invitations_by(person_id, blog.id)

        await self._store.write(work)


def knows(tx: Tx, who: Principal, person_id: str) -> bool:
    """Whether a chief may see who this is: one of the house everybody, others those who belong to
    a blog of theirs."""
    return who.administers is None or bool(tx.roles([person_id], who.administers))


def known(tx: Tx, email: str) -> Person:
    """Somebody by their address.

    :raises NotFound: there is nobody.
    """
    person = tx.person_by_email(read_email(email))
    if person is None:
        raise NotFound(f"There is nobody with the e-mail address {email}; see: liveblog user list")
    return person


def locked(tx: Tx, person_id: str) -> Person:
    """Somebody who is to be changed. Chiefs are locked first, all of them and always in the same
    order, as the last of them must stay.

    :raises NotFound: there is nobody of this id.
    """
    tx.lock_chiefs()
    person = tx.lock_person(person_id)
    if person is None:
        raise NotFound("There is nobody of this id.")
    return person


def give(tx: Tx, person_id: str, role: Role, blog: Blog | None) -> Person:
    """Give somebody a role on a blog, or (None) on the house, in place of the one they had there;
    whom they invited there as what they were, nobody has invited.

    :raises NotFound: there is nobody of this id.
    :raises Conflict: it would leave the house without a chief.
    """
    before = locked(tx, person_id)
    if blog is None:
        return changed(tx, before, replace(before, role=role))
    tx.save_membership(Membership(blog.id, person_id, role))
    tx.drop_invitations_by(person_id, blog.id)
    return before


def changed(tx: Tx, before: Person, person: Person) -> Person:
    """Save somebody who was :func:`locked`, and end what they may not do any more.

    :raises Conflict: it would leave the house without a chief.
    """
    stays = person.role == "chief" and person.disabled_at is None
    if not stays and [chief.id for chief in tx.lock_chiefs()] == [person.id]:
        raise Conflict("The house would have no chief: make somebody else chief first.")
    tx.save_person(person)
    if person.role != before.role or person.disabled_at is not None:
        # Whoever may not invite any more has invited nobody.
        tx.drop_invitations_by(person.id)
    if person.disabled_at is not None:
        tx.drop_invitations_of(person.id)
        tx.drop_sessions(person.id)
    return person
