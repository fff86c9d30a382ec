"""Invitations: how somebody comes in for the first time, or again with a new password.

A link is made once and shown once; only the SHA-256 of its token is kept, and it works once.
Whoever holds it is believed to be the one it was made for. Therefore it never touches somebody
who exists, unless it was made by whoever runs the machine, to let them choose a new password;
and the links of somebody whose role changes are void (people.py).
"""

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from liveblog.errors import Conflict, FieldError, Invalid, NotAllowed, NotFound, SignInFailed
from liveblog.model.blog import Blog
from liveblog.model.ids import new_id
from liveblog.model.people import (
    Invitation,
    Membership,
    Person,
    Role,
    check_password,
    read_email,
)
from liveblog.model.permissions import Principal, require, require_chief, require_desk
from liveblog.store.contract import Store, Tx
from liveblog.types import Slug
from liveblog.wire.people import Accept

from .door import Clock
from .passwords import Passwords
from .people import changed, give, known, knows, locked
from .sessions import Opened, SessionActions
from .tokens import digest_of

VALID = timedelta(hours=72)


class Invited(NamedTuple):
    """The token of a link and its end; or somebody who is here already."""

    token: str
    expires_at: datetime
    person: Person | None = None


class Guest(NamedTuple):
    """Whom an invitation is for: the name of somebody who is here already, or the role and the
    title of the blog (None: the house) for somebody new."""

    email: str
    name: str | None
    role: Role | None
    blog: str | None


class InvitationActions:
    """What can be done with invitations."""

    def __init__(
        self, store: Store, clock: Clock, passwords: Passwords, sessions: SessionActions
    ) -> None:
        self._store = store
        self._clock = clock
        self._passwords = passwords
        self._sessions = sessions

    async def invite(
        self, email: str, role: Role, slug: Slug | None, who: Principal | None
    ) -> Invited:
        """Ask somebody in, with a role on a blog or (without ``slug``) on the house. One whom the
        asker may see has the role at once, and needs no link. Of anybody else it is not told
        whether they are here.

        :raises NotAllowed: the asker is no chief there.
        :raises Conflict: the asker may see them, and they are disabled.
        """
        email = read_email(email)

        def work(tx: Tx) -> Invited:
            blog = None
            if slug is None:
                someone = require(who, "admin", None)
            else:
                blog = require_desk(who, "admin", tx.blog(slug))
                someone = require(who, "admin", blog)
            person = tx.person_by_email(email)
            if person is None or not knows(tx, someone, person.id):
                return self._link(tx, email, someone.id, role=role, blog=blog)
            if person.disabled_at is not None:
                raise Conflict("Somebody with this e-mail address is disabled.")
            return Invited("", self._clock(), give(tx, person.id, role, blog))

        return await self._store.write(work)

    async def withdraw(self, invitation_id: str, who: Principal | None) -> Invitation:
        """End an invitation that nobody has taken: its link says what an expired one says.

        :raises NotAllowed: the asker is nobody's chief.
        :raises NotFound: there is none of this id where they are a chief.
        """

        def work(tx: Tx) -> Invitation:
            someone = require_chief(who)
            found = tx.pending_invitation(invitation_id, self._clock())
            if (
                found is None
                or not someone.has("admin", found.blog_id)
                or not tx.drop_invitation(found.id)
            ):
                raise NotFound("There is no invitation of this id; it may be used or expired.")
            return found

        return await self._store.write(work)

    async def renew(self, email: str) -> Invited:
        """A link with which somebody chooses a password, for whoever runs commands on the machine
        itself. The one they had does not count any more, and their sessions end.

        :raises NotFound: there is nobody of this address. :raises Conflict: they are disabled.
        """

        def work(tx: Tx) -> Invited:
            person = locked(tx, known(tx, email).id)
            if person.disabled_at is not None:
                raise Conflict(f"{person.email} is disabled.")
            tx.save_person(replace(person, password=None))
            tx.drop_sessions(person.id)
            tx.drop_invitations_of(person.id)
            return self._link(tx, person.email, "operator", person=person)

        return await self._store.write(work)

    def _link(
        self,
        tx: Tx,
        email: str,
        by: str,
        *,
        role: Role | None = None,
        blog: Blog | None = None,
        person: Person | None = None,
    ) -> Invited:
        token, now = secrets.token_urlsafe(32), self._clock()
        made = Invitation(
            id=new_id(now),
            digest=digest_of(token),
            email=email,
            by=by,
            created_at=now,
            expires_at=now + VALID,
            role=role,
            blog_id=blog.id if blog else None,
            person_id=person.id if person else None,
        )
        # A newer one for the same takes the place of the older.
        for older in tx.invitations(email, now):
            if (older.blog_id, older.person_id) == (made.blog_id, made.person_id):
                tx.drop_invitation(older.id)
        tx.insert_invitation(made)
        return Invited(token, made.expires_at)

    async def guest(self, token: str) -> Guest:
        """Whom a link is for; only who holds it can ask.

        :raises NotFound: it is not valid.
        """

        def work(tx: Tx) -> Guest:
            found = self._found(tx, token)
            person = tx.person(found.person_id) if found.person_id else None
            blog = tx.blog_by_id(found.blog_id) if found.blog_id else None
            name = person.name if person else None
            return Guest(found.email, name, found.role, blog.title if blog else None)

        return await self._store.read(work)

    def _found(self, tx: Tx, token: str) -> Invitation:
        found = tx.invitation(digest_of(token), self._clock())
        if found is None:
            raise NotFound("This invitation is not valid any more. Ask for a new one.")
        return found

    async def accept(self, asked: Accept, before: str | None = None) -> Opened:
        """Come in with a link, which is used up, and a password of one's own: who is here already
        gives the one they have, and has the role then.

        :param before: the secret of the session the browser had; it ends.
        :raises NotFound: the link is not valid. :raises Invalid: the name or password is missing.
        :raises SignInFailed: somebody with this address is here, and has another password.
        """
        # Only who holds a link may have a hash made.
        found, here = await self._store.read(lambda tx: self._at_the_door(tx, asked.token))
        if here is not None:
            return await self._let_in(here, asked, before)
        if asked.name is None and found.person_id is None:
            raise Invalid(FieldError("name", "A name is needed."))
        kept = await self._passwords.hash(check_password(asked.password))

        def work(tx: Tx) -> Opened:
            found = self._found(tx, asked.token)
            if not tx.drop_invitation(found.id):
                raise NotFound("This invitation was used at this moment.")
            return self._sessions.open(tx, self._come_in(tx, found, asked.name, kept), before)

        return await self._store.write(work)

    def _at_the_door(self, tx: Tx, token: str) -> tuple[Invitation, Person | None]:
        """A link, and who is here already of those whom it asks in."""
        found = self._found(tx, token)
        return found, None if found.person_id else tx.person_by_email(found.email)

    async def _let_in(self, here: Person, asked: Accept, before: str | None) -> Opened:
        """Sign somebody in who is here already, and give them what the link is for. The link
        alone changes nothing of theirs, and neither does their password."""
        kept = here.password if here.disabled_at is None else None
        if not await self._passwords.check(kept, asked.password) or kept is None:
            raise SignInFailed(
                "Somebody with this e-mail address works here already: give the password of that"
                " account, or sign in by single sign-on."
            )

        def work(tx: Tx) -> Opened:
            found = self._found(tx, asked.token)
            now = locked(tx, here.id)
            if now.disabled_at is not None or now.password != kept:
                raise SignInFailed()
            if not tx.drop_invitation(found.id):
                raise NotFound("This invitation was used at this moment.")
            return self._sessions.open(tx, join(tx, now, found), before)

        return await self._store.write(work)

    def _come_in(self, tx: Tx, found: Invitation, name: str | None, kept: str | None) -> Person:
        """The person of an invitation, made if they are new."""
        if found.person_id is not None:
            before = locked(tx, found.person_id)
            if before.disabled_at is not None:
                raise NotAllowed("This person is disabled.")
            tx.drop_sessions(before.id)
            return changed(tx, before, replace(before, password=kept, name=name or before.name))
        now = self._clock()
        person = Person(new_id(now), found.email, name or found.email, now, password=kept)
        if found.blog_id is None:
            person = replace(person, role=found.role)
        tx.insert_person(person)
        if found.blog_id is not None and found.role is not None:
            tx.save_membership(Membership(found.blog_id, person.id, found.role))
        return person

    async def admit(self, email: str, name: str, before: str | None = None) -> Opened:
        """Let somebody in of whose address it is known that it is theirs: one who is here, or
        who is invited, whose invitations are used up then.

        :raises NotAllowed: nobody knows this address, or the person is disabled.
        """
        email = read_email(email)

        def work(tx: Tx) -> Opened:
            person = tx.person_by_email(email)
            waiting = [one for one in tx.invitations(email, self._clock()) if not one.person_id]
            if person is None and not waiting:
                raise NotAllowed(f"Nobody with the address {email} works here, or is invited.")
            if person is not None and person.disabled_at is not None:
                raise NotAllowed(f"{email} is disabled here.")
            for one in waiting:
                tx.drop_invitation(one.id)
                if person is None:
                    person = self._come_in(tx, one, name, None)
                else:
                    person = join(tx, person, one)
            assert person is not None
            return self._sessions.open(tx, person, before)

        return await self._store.write(work)


def join(tx: Tx, person: Person, found: Invitation) -> Person:
    """Give somebody what they were invited to before they were here, where they have no role."""
    blog = tx.blog_by_id(found.blog_id) if found.blog_id else None
    if blog is None:
        has = person.role
    else:
        has = tx.roles([person.id], [blog.id]).get(person.id, {}).get(blog.slug)
    return person if has or found.role is None else give(tx, person.id, found.role, blog)
