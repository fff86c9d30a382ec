"""People in SQL: what each method promises stands in the contract beside this file."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from msgspec.structs import asdict
from sqlalchemy import Connection, Integer, Select, bindparam, delete, insert, select, update

from liveblog.errors import Conflict
from liveblog.model.people import Invitation, Membership, Person, Role, Session, SignedIn
from liveblog.store.columns import WORD, Moment
from liveblog.store.people_contract import Member, PeopleTx
from liveblog.store.tables.blogs import blogs
from liveblog.store.tables.people import invitations, memberships, people, sessions
from liveblog.types import BlogId, Slug

_ID = bindparam("id", type_=WORD)
_IDS = bindparam("ids", expanding=True, type_=WORD)
_BLOG = bindparam("blog", type_=WORD)
_BLOGS = bindparam("blogs", expanding=True, type_=WORD)
_EMAIL = bindparam("email", type_=WORD)
_AFTER = bindparam("after", type_=WORD)
_DIGEST = bindparam("digest", type_=WORD)
_NOW = bindparam("now", type_=Moment)
_LIMIT = bindparam("limit", type_=Integer)
_FIELDS = len(Person.__struct_fields__)
_THIS_MEMBER = (
    memberships.c.blog_id == _BLOG,
    memberships.c.person_id == bindparam("person", type_=WORD),
)

PERSON = select(people).where(people.c.id == _ID)
PERSON_BY_EMAIL = select(people).where(people.c.email == _EMAIL)
PEOPLE_BY_ID = select(people).where(people.c.id.in_(_IDS))
# NO KEY UPDATE: a session or a role only refers to a person, and does not wait.
LOCK_PERSON = PERSON.with_for_update(key_share=True)
_PEOPLE = select(people).where(people.c.id > _AFTER).order_by(people.c.id).limit(_LIMIT)
_BELONGS = select(memberships.c.person_id).where(memberships.c.blog_id.in_(_BLOGS))
PEOPLE = {False: _PEOPLE, True: _PEOPLE.where(people.c.id.in_(_BELONGS))}
INSERT_PERSON = insert(people)
SAVE_PERSON = (
    update(people)
    .where(people.c.id == bindparam("key", type_=WORD))
    .values({c.name: bindparam(c.name, type_=c.type) for c in people.columns if not c.primary_key})
)
CHIEFS = (
    select(people)
    .where(people.c.role == "chief", people.c.disabled_at.is_(None))
    .order_by(people.c.id)
)
LOCK_CHIEFS = CHIEFS.with_for_update(key_share=True)

MEMBERS = (
    select(people, memberships.c.role)
    .join(memberships, memberships.c.person_id == people.c.id)
    .where(memberships.c.blog_id == _BLOG, people.c.id > _AFTER)
    .order_by(people.c.id)
    .limit(_LIMIT)
)
_ROLES = (
    select(memberships.c.person_id, blogs.c.slug, memberships.c.role)
    .join(blogs, blogs.c.id == memberships.c.blog_id)
    .where(memberships.c.person_id.in_(_IDS))
    .order_by(blogs.c.slug)
)
ROLES = {False: _ROLES, True: _ROLES.where(memberships.c.blog_id.in_(_BLOGS))}
MEMBERSHIPS = select(memberships).where(memberships.c.person_id.in_(_IDS))
INSERT_MEMBERSHIP = insert(memberships)
SAVE_MEMBERSHIP = (
    update(memberships).where(*_THIS_MEMBER).values(role=bindparam("new_role", type_=WORD))
)
DROP_MEMBERSHIP = delete(memberships).where(*_THIS_MEMBER)

SIGNED_IN = (
    select(people, sessions)
    .join(people, people.c.id == sessions.c.person_id)
    .where(
        sessions.c.digest.in_(_IDS),
        sessions.c.expires_at > _NOW,
        people.c.disabled_at.is_(None),
    )
)
INSERT_SESSION = insert(sessions)
TOUCH_SESSION = (
    update(sessions)
    .where(sessions.c.digest == bindparam("key", type_=WORD))
    .values(
        seen_at=bindparam("seen", type_=Moment),
        expires_at=bindparam("expires", type_=Moment),
    )
)
DROP_SESSION = delete(sessions).where(sessions.c.digest == _DIGEST)
DROP_SESSIONS = delete(sessions).where(sessions.c.person_id == _ID)

_OPEN = invitations.c.expires_at > _NOW
INSERT_INVITATION = insert(invitations)
INVITATION = select(invitations).where(invitations.c.digest == _DIGEST, _OPEN)
INVITATIONS = (
    select(invitations).where(invitations.c.email == _EMAIL, _OPEN).order_by(invitations.c.id)
)
_PENDING = select(invitations).where(invitations.c.person_id.is_(None), _OPEN)
PENDING_INVITATION = _PENDING.where(invitations.c.id == _ID)
_AFTER_THAT = _PENDING.where(invitations.c.id > _AFTER).order_by(invitations.c.id).limit(_LIMIT)
PENDING_INVITATIONS = {
    False: _AFTER_THAT,
    True: _AFTER_THAT.where(invitations.c.blog_id.in_(_BLOGS)),
}
DROP_INVITATION = delete(invitations).where(invitations.c.id == _ID)
_BY = delete(invitations).where(invitations.c.by == _ID)
DROP_INVITATIONS_BY = {False: _BY, True: _BY.where(invitations.c.blog_id == _BLOG)}
DROP_INVITATIONS_OF = delete(invitations).where(invitations.c.person_id == _ID)
PURGE = [delete(table).where(table.c.expires_at <= _NOW) for table in (sessions, invitations)]


class SqlPeople(PeopleTx):
    """A :class:`~liveblog.store.people_contract.PeopleTx` on a connection inside a
    transaction."""

    _connection: Connection

    # People
    def person(self, person_id: str) -> Person | None:
        return self._person(PERSON, id=person_id)

    def person_by_email(self, email: str) -> Person | None:
        return self._person(PERSON_BY_EMAIL, email=email)

    def people_by_id(self, ids: Iterable[str]) -> dict[str, Person]:
        rows = self._connection.execute(PEOPLE_BY_ID, {"ids": list(ids)})
        return {row.id: Person(*row) for row in rows}

    def lock_person(self, person_id: str) -> Person | None:
        return self._person(LOCK_PERSON, id=person_id)

    def people(
        self, *, blogs: Collection[BlogId] | None = None, after: str = "", limit: int = 100
    ) -> list[Person]:
        only = {} if blogs is None else {"blogs": list(blogs)}
        asked = {"after": after, "limit": limit, **only}
        return [Person(*row) for row in self._connection.execute(PEOPLE[bool(only)], asked)]

    def insert_person(self, person: Person) -> None:
        # Two at the same moment (PostgreSQL): as with blogs, the later one is run again.
        if self.person_by_email(person.email) is not None:
            raise Conflict(f"There is already somebody with the e-mail address {person.email}.")
        self._connection.execute(INSERT_PERSON, asdict(person))

    def save_person(self, person: Person) -> None:
        values = asdict(person)
        values["key"] = values.pop("id")
        self._connection.execute(SAVE_PERSON, values)

    def chiefs(self) -> list[Person]:
        return [Person(*row) for row in self._connection.execute(CHIEFS)]

    def lock_chiefs(self) -> list[Person]:
        return [Person(*row) for row in self._connection.execute(LOCK_CHIEFS)]

    # Who belongs to what
    def members(self, blog_id: BlogId, *, after: str = "", limit: int = 100) -> list[Member]:
        asked = {"blog": blog_id, "after": after, "limit": limit}
        rows = [tuple(row) for row in self._connection.execute(MEMBERS, asked)]
        return [Member(Person(*row[:_FIELDS]), row[_FIELDS]) for row in rows]

    def roles(
        self, person_ids: Iterable[str], blogs: Collection[BlogId] | None = None
    ) -> dict[str, dict[Slug, Role]]:
        found: dict[str, dict[Slug, Role]] = {}
        only = {} if blogs is None else {"blogs": list(blogs)}
        asked = {"ids": list(person_ids), **only}
        for person_id, slug, role in self._connection.execute(ROLES[bool(only)], asked):
            found.setdefault(person_id, {})[slug] = role
        return found

    def save_membership(self, membership: Membership) -> None:
        this = {"blog": membership.blog_id, "person": membership.person_id}
        values = this | {"new_role": membership.role}
        if self._connection.execute(SAVE_MEMBERSHIP, values).rowcount == 0:
            self._connection.execute(INSERT_MEMBERSHIP, asdict(membership))

    def drop_membership(self, blog_id: BlogId, person_id: str) -> bool:
        this = {"blog": blog_id, "person": person_id}
        return self._connection.execute(DROP_MEMBERSHIP, this).rowcount == 1

    # Sessions
    def signed_in(self, digests: Iterable[str], now: datetime) -> dict[str, SignedIn]:
        asked = {"ids": list(digests), "now": now}
        rows = [tuple(row) for row in self._connection.execute(SIGNED_IN, asked)]
        found = [(Person(*row[:_FIELDS]), Session(*row[_FIELDS:])) for row in rows]
        if not found:
            return {}
        roles: dict[str, dict[BlogId, Role]] = {person.id: {} for person, _ in found}
        for row in self._connection.execute(MEMBERSHIPS, {"ids": list(roles)}):
            roles[row.person_id][row.blog_id] = row.role
        return {one.digest: SignedIn(one, who, roles[who.id]) for who, one in found}

    def insert_session(self, session: Session) -> None:
        self._connection.execute(INSERT_SESSION, asdict(session))

    def touch_session(self, digest: str, seen_at: datetime, expires_at: datetime) -> None:
        values = {"key": digest, "seen": seen_at, "expires": expires_at}
        self._connection.execute(TOUCH_SESSION, values)

    def drop_session(self, digest: str) -> None:
        self._connection.execute(DROP_SESSION, {"digest": digest})

    def drop_sessions(self, person_id: str) -> None:
        self._connection.execute(DROP_SESSIONS, {"id": person_id})

    # Invitations
    def insert_invitation(self, invitation: Invitation) -> None:
        self._connection.execute(INSERT_INVITATION, asdict(invitation))

    def invitation(self, digest: str, now: datetime) -> Invitation | None:
        row = self._connection.execute(INVITATION, {"digest": digest, "now": now}).first()
        return None if row is None else Invitation(*row)

    def invitations(self, email: str, now: datetime) -> list[Invitation]:
        rows = self._connection.execute(INVITATIONS, {"email": email, "now": now})
        return [Invitation(*row) for row in rows]

    def pending_invitations(
        self,
        now: datetime,
        *,
        blogs: Collection[BlogId] | None = None,
        after: str = "",
        limit: int = 100,
    ) -> list[Invitation]:
        only = {} if blogs is None else {"blogs": list(blogs)}
        asked = {"now": now, "after": after, "limit": limit, **only}
        rows = self._connection.execute(PENDING_INVITATIONS[bool(only)], asked)
        return [Invitation(*row) for row in rows]

    def pending_invitation(self, invitation_id: str, now: datetime) -> Invitation | None:
        asked = {"id": invitation_id, "now": now}
        row = self._connection.execute(PENDING_INVITATION, asked).first()
        return None if row is None else Invitation(*row)

    def drop_invitation(self, invitation_id: str) -> bool:
        return self._connection.execute(DROP_INVITATION, {"id": invitation_id}).rowcount == 1

    def drop_invitations_by(self, by: str, blog_id: BlogId | None = None) -> None:
        only = {} if blog_id is None else {"blog": blog_id}
        self._connection.execute(DROP_INVITATIONS_BY[bool(only)], {"id": by, **only})

    def drop_invitations_of(self, person_id: str) -> None:
        self._connection.execute(DROP_INVITATIONS_OF, {"id": person_id})

    def purge_people(self, now: datetime) -> int:
        return sum(self._connection.execute(each, {"now": now}).rowcount for each in PURGE)

    def _person(self, statement: Select[Any], **values: str) -> Person | None:
        row = self._connection.execute(statement, values).first()
        return None if row is None else Person(*row)
