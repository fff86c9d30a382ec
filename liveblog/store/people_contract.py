"""What the store promises about people; a part of :class:`~liveblog.store.contract.Tx`."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple, Protocol

from liveblog.model.people import Invitation, Membership, Person, Role, Session, SignedIn
from liveblog.types import BlogId, Slug


class Member(NamedTuple):
    """Somebody who belongs to a blog, and their role on it."""

    person: Person
    role: Role


class PeopleTx(Protocol):
    """People, their roles, their sessions, the invitations. None of it locks a blog."""

    # People
    def person(self, person_id: str) -> Person | None:
        """The person of this id, disabled or not."""

    def person_by_email(self, email: str) -> Person | None:
        """The person of this address, as :func:`~liveblog.model.people.read_email` gives it."""

    def people_by_id(self, ids: Iterable[str]) -> dict[str, Person]:
        """Those of the ids that are people."""

    def lock_person(self, person_id: str) -> Person | None:
        """The same, the row locked until the end: whoever changes somebody begins so."""

    def people(
        self, *, blogs: Collection[BlogId] | None = None, after: str = "", limit: int = 100
    ) -> list[Person]:
        """Everybody, or those who belong to one of the blogs; oldest id first, above ``after``."""

    def insert_person(self, person: Person) -> None:
        """Add somebody.

        :raises Conflict: there is somebody with this address.
        """

    def save_person(self, person: Person) -> None:
        """Replace every column of the row with this id."""

    def chiefs(self) -> list[Person]:
        """The chiefs of the house who are not disabled."""

    def lock_chiefs(self) -> list[Person]:
        """The same, their rows locked until the end, so that of two who go at the same moment
        one stays."""

    # Who belongs to what
    def members(self, blog_id: BlogId, *, after: str = "", limit: int = 100) -> list[Member]:
        """Those who belong to a blog, oldest id first, above ``after``."""

    def roles(
        self, person_ids: Iterable[str], blogs: Collection[BlogId] | None = None
    ) -> dict[str, dict[Slug, Role]]:
        """The roles on single blogs (on these only) of each of these people who has any."""

    def save_membership(self, membership: Membership) -> None:
        """Insert or replace the row of (blog_id, person_id)."""

    def drop_membership(self, blog_id: BlogId, person_id: str) -> bool:
        """Forget it; False when there was none."""

    # Sessions
    def signed_in(self, digests: Iterable[str], now: datetime) -> dict[str, SignedIn]:
        """Those of the sessions that have not expired and whose person is not disabled, each
        with the roles it stands for. In two queries."""

    def insert_session(self, session: Session) -> None:
        """Add one."""

    def touch_session(self, digest: str, seen_at: datetime, expires_at: datetime) -> None:
        """It was used; one that is gone does not matter."""

    def drop_session(self, digest: str) -> None:
        """Forget it; one that is gone does not matter."""

    def drop_sessions(self, person_id: str) -> None:
        """Forget all of a person's."""

    # Invitations
    def insert_invitation(self, invitation: Invitation) -> None:
        """Add one."""

    def invitation(self, digest: str, now: datetime) -> Invitation | None:
        """The one of this token, unless it has expired."""

    def invitations(self, email: str, now: datetime) -> list[Invitation]:
        """Those for this address that have not expired, oldest first."""

    def pending_invitations(
        self,
        now: datetime,
        *,
        blogs: Collection[BlogId] | None = None,
        after: str = "",
        limit: int = 100,
    ) -> list[Invitation]:
        """Those that ask somebody in and have not expired: all, or those to these blogs; oldest
        id first, above ``after``. Links for a new password are none of them."""

    def pending_invitation(self, invitation_id: str, now: datetime) -> Invitation | None:
        """The one of this id, if it is one of those."""

    def drop_invitation(self, invitation_id: str) -> bool:
        """Forget it; False when it is gone, so that of two who take it one does not get it."""

    def drop_invitations_by(self, by: str, blog_id: BlogId | None = None) -> None:
        """Forget all that this person or token made; with a blog, those for that one only."""

    def drop_invitations_of(self, person_id: str) -> None:
        """Forget all that let this person choose a password."""

    def purge_people(self, now: datetime) -> int:
        """Forget sessions and invitations that have expired; how many went."""
