"""People: who works here, in which role, and how they came in.

===============  =====================================================================
role             allows on a blog
===============  =====================================================================
``contributor``  what ``submit`` allows: drafts and submissions of one's own
``editor``       what ``write`` allows: everything with entries, days, the blog's words
``chief``        what ``admin`` allows: who may read the blog, and who belongs to it
===============  =====================================================================

A person has a role on each blog they belong to, and may have one on the whole house, which
counts on every blog; the higher one counts. So the question that is asked of a token
(``Principal.has``) is the only one asked of a person, too.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from msgspec import Struct

from liveblog.errors import FieldError, Invalid
from liveblog.model.permissions import Principal, Scope
from liveblog.types import BlogId

Role = Literal["contributor", "editor", "chief"]
ROLES: tuple[Role, ...] = ("contributor", "editor", "chief")

SCOPE_OF: Mapping[Role, Scope] = {"contributor": "submit", "editor": "write", "chief": "admin"}
"""What a role allows, in the words of tokens."""

LONGEST_EMAIL = 254
"""Characters; RFC 5321 takes no longer path."""
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256
"""Characters. There is no rule of digits and signs: length is what counts (NIST SP 800-63B)."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


class Person(Struct, frozen=True):
    """Somebody who works here.

    ``role`` is that on the whole house, None when they have one on single blogs only;
    ``password`` an argon2 hash, None while they have none (they sign in elsewhere, or were not
    here yet).
    """

    id: str
    email: str
    name: str
    created_at: datetime
    role: Role | None = None
    password: str | None = None
    disabled_at: datetime | None = None


class Membership(Struct, frozen=True):
    """A person's role on one blog."""

    blog_id: BlogId
    person_id: str
    role: Role


class Session(Struct, frozen=True):
    """Somebody signed in, in one browser: never the cookie's value, only its SHA-256."""

    digest: str
    person_id: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


class Invitation(Struct, frozen=True):
    """A link with which somebody comes in, once: never its token, only the SHA-256 of that.

    Either it asks a new person in, with a ``role`` on a blog (None: on the house); or it has
    the ``person_id`` of somebody who exists, and lets them choose a new password.
    """

    id: str
    digest: str
    email: str
    by: str
    created_at: datetime
    expires_at: datetime
    role: Role | None = None
    blog_id: BlogId | None = None
    person_id: str | None = None


class SignedIn(NamedTuple):
    """A session that holds, whose it is, and what they may do."""

    session: Session
    person: Person
    roles: Mapping[BlogId, Role]

    @property
    def principal(self) -> Principal:
        """Who asks, when they show this session."""
        return Principal(
            id=self.person.id,
            name=self.person.name,
            scope=SCOPE_OF[self.person.role] if self.person.role else None,
            person=True,
            blogs={blog_id: SCOPE_OF[role] for blog_id, role in self.roles.items()},
            session=self.session.digest,
        )


def role_on(who: Principal, blog_id: BlogId | None) -> Role | None:
    """The highest role that ``who`` has on the blog (None: on the house); None for none."""
    return next((role for role in reversed(ROLES) if who.has(SCOPE_OF[role], blog_id)), None)


def read_email(text: str) -> str:
    """The address as it is kept and compared: without spaces around, in lower case.

    :raises Invalid: it is none.
    """
    email = unicodedata.normalize("NFC", text).strip().lower()
    if len(email) > LONGEST_EMAIL or not _EMAIL.fullmatch(email) or not email.isprintable():
        raise Invalid(FieldError("email", "An e-mail address is needed, like ada@news.example."))
    return email


def check_password(password: str) -> str:
    """The password, if it may be one.

    :raises Invalid: it is too short or too long.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        told = f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters."
        raise Invalid(FieldError("password", told))
    return password
