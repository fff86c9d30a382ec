"""What is said of people, and what may be asked for them. Strict, as in requests.py."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from liveblog.model.people import LONGEST_EMAIL, LONGEST_PASSWORD, Invitation, Person, Role
from liveblog.types import Slug
from liveblog.wire.desk import Author
from liveblog.wire.requests import SlugText

Name = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^\S(.*\S)?$")]
Email = Annotated[str, Meta(max_length=LONGEST_EMAIL)]
Password = Annotated[str, Meta(max_length=LONGEST_PASSWORD)]
Secret = Annotated[str, Meta(max_length=100)]


class SignIn(Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody signs in with."""

    email: Email
    password: Password


class PatchPerson(Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of a person; ``role`` is that on the house."""

    name: Name | UnsetType = UNSET
    role: Role | UnsetType | None = UNSET
    disabled: bool | UnsetType = UNSET


class Given(Struct, frozen=True, forbid_unknown_fields=True):
    """A role that somebody is to have on a blog."""

    role: Role


class Invite(Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to invite; ``blog`` is null for a role on the house."""

    email: Email
    role: Role
    blog: SlugText | None


class Accept(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody takes an invitation. One for a new password needs no name."""

    token: Secret
    password: Password
    name: Name | None = None


class Shown(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose invitation is this?"""

    token: Secret


class PersonView(Struct, frozen=True):
    """A person as they see themselves; ``role`` is that on the house."""

    id: str
    name: str
    email: str
    role: Role | None


class ColleagueView(Struct, frozen=True):
    """A person as their chiefs see them; ``blogs`` are those of the chief."""

    id: str
    name: str
    email: str
    role: Role | None
    disabled: bool
    blogs: Mapping[Slug, Role]


class MemberView(Struct, frozen=True):
    """Somebody who belongs to a blog; ``role`` is that on the blog."""

    id: str
    name: str
    email: str
    role: Role
    disabled: bool


class InvitedView(Struct, frozen=True):
    """What became of an invitation: a link until a time, or somebody who was here already and
    has the role now."""

    url: str | None = None
    expires_at: datetime | None = None
    person: MemberView | None = None


class PendingView(Struct, frozen=True):
    """An invitation that nobody has taken; never its link, which was shown once. ``blog`` is
    null for a role on the house."""

    id: str
    email: str
    role: Role | None
    blog: Slug | None
    by: Author
    created_at: datetime
    expires_at: datetime


def person_view(person: Person) -> PersonView:
    """For themselves."""
    return PersonView(person.id, person.name, person.email, person.role)


def colleague_view(person: Person, blogs: Mapping[Slug, Role]) -> ColleagueView:
    """For their chiefs."""
    gone = person.disabled_at is not None
    return ColleagueView(person.id, person.name, person.email, person.role, gone, blogs)


def member_view(person: Person, role: Role) -> MemberView:
    """For the chiefs of a blog."""
    gone = person.disabled_at is not None
    return MemberView(person.id, person.name, person.email, role, gone)


def pending_view(invitation: Invitation, blog: Slug | None, by: str) -> PendingView:
    """For the chiefs who may withdraw it.

    :param by: the name of whoever made it.
    """
    return PendingView(
        id=invitation.id,
        email=invitation.email,
        role=invitation.role,
        blog=blog,
        by=Author(invitation.by, by),
        created_at=invitation.created_at,
        expires_at=invitation.expires_at,
    )
