"""Who may do what: always asked of a blog, and of the entry where there is one.

==========  ==========================================================
scope       allows
==========  ==========================================================
``read``    reading private blogs
``submit``  and drafts and submissions of one's own
``write``   and everything with entries, days and the blog's own words
``admin``   and making blogs, and who may see them
==========  ==========================================================

A token may be bound to one blog; then it is worth nothing for another. What a person may do is
told in the same words: see people.py.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from msgspec import Struct, field

from liveblog.errors import NotAllowed, NotAuthenticated, NotFound, Refusal
from liveblog.model.blog import Blog, Visibility
from liveblog.model.entry import Entry
from liveblog.types import BlogId

Scope = Literal["read", "submit", "write", "admin"]
SCOPES: tuple[Scope, ...] = ("read", "submit", "write", "admin")


class Token(Struct, frozen=True):
    """A token as the store keeps it: never the secret, only its SHA-256."""

    id: str
    name: str
    digest: str
    scope: Scope
    created_at: datetime
    blog_id: BlogId | None = None
    revoked_at: datetime | None = None

    @property
    def principal(self) -> "Principal":
        """Who asks, when they show this token."""
        return Principal(self.id, self.name, self.scope, self.blog_id)


class Principal(Struct, frozen=True):
    """Who is asking: a token, or a person who has signed in.

    ``scope`` holds for the blog ``blog_id`` (None: for every blog), and is None for a person
    without a role on the house; ``blogs`` are a person's roles on single blogs, as scopes.
    """

    id: str
    name: str
    scope: Scope | None
    blog_id: BlogId | None = None
    person: bool = False
    blogs: Mapping[BlogId, Scope] = field(default_factory=dict)
    session: str = ""
    """The digest of the session by which a person came in."""

    @property
    def credential(self) -> str:
        """What this stands on, and falls with: a session's digest, or the token's id."""
        return self.session or self.id

    @property
    def writes(self) -> bool:
        """Whether there is any blog on which this may do more than read."""
        return any(scope not in (None, "read") for scope in (self.scope, *self.blogs.values()))

    @property
    def administers(self) -> tuple[BlogId, ...] | None:
        """The blogs whose people this may see and change; None: everybody."""
        if self.has("admin", None):
            return None
        given = {**self.blogs, **({self.blog_id: self.scope} if self.blog_id else {})}
        return tuple(blog_id for blog_id, scope in given.items() if scope == "admin")

    def has(self, scope: Scope, blog_id: BlogId | None) -> bool:
        """Whether this covers ``scope`` on the blog (None: on the house as a whole)."""
        given = [self.scope] if self.blog_id in (None, blog_id) else []
        if blog_id is not None and blog_id in self.blogs:
            given.append(self.blogs[blog_id])
        return any(one is not None and SCOPES.index(one) >= SCOPES.index(scope) for one in given)


def may_read(who: Principal | None, blog_id: BlogId, visibility: Visibility) -> bool:
    """Whether ``who`` may read what is published in a blog of this visibility."""
    if visibility in ("public", "unlisted"):
        return True
    needed: Scope = "read" if visibility == "private" else "submit"
    return who is not None and who.has(needed, blog_id)


def refuse_reading(who: Principal | None, visibility: Visibility) -> Refusal:
    """The error for somebody who may not read a blog of this visibility.

    A draft is nobody's business: it is not there. Of a private blog the asker may know that
    a token would help.
    """
    if visibility == "draft":
        return NotFound("There is no blog of this name.")
    if who is None:
        return NotAuthenticated(
            "This blog is private: sign in, or show a token with the scope read."
        )
    return NotAllowed(f"{_named(who)} not cover this blog.")


def require_read(who: Principal | None, blog: Blog | None) -> Blog:
    """The blog, if ``who`` may read it.

    :raises NotFound: there is none, or it is a draft that is none of the asker's business.
    :raises NotAuthenticated: it is private and nobody signed in.
    :raises NotAllowed: it is private and the token is for something else.
    """
    if blog is None:
        raise NotFound("There is no blog of this name.")
    if may_read(who, blog.id, blog.visibility):
        return blog
    raise refuse_reading(who, blog.visibility)


def require(who: Principal | None, scope: Scope, blog: Blog | None) -> Principal:
    """``who``, if they have ``scope`` on the blog (None: on the house as a whole).

    :raises NotAuthenticated: nobody signed in.
    :raises NotAllowed: the scope or the blog is another.
    :raises NotFound: the blog is a draft that is none of the asker's business.
    """
    if who is None:
        raise NotAuthenticated()
    if not who.has(scope, blog.id if blog else None):
        if blog is not None and blog.visibility == "draft":
            require_read(who, blog)
        where = "this blog" if blog is not None else "the whole house"
        raise NotAllowed(f"{_named(who)} not allow this: it needs the scope {scope} on {where}.")
    return who


def require_desk(who: Principal | None, scope: Scope, blog: Blog | None) -> Blog:
    """The blog, if ``who`` has ``scope`` on it.

    :raises NotFound: there is none of this name. Otherwise as :func:`require`.
    """
    if blog is None:
        raise NotAuthenticated() if who is None else NotFound("There is no blog of this name.")
    require(who, scope, blog)
    return blog


def require_chief(who: Principal | None) -> Principal:
    """``who``, if there is any blog whose people they may see and change.

    :raises NotAuthenticated: nobody signed in. :raises NotAllowed: they are nobody's chief.
    """
    if who is None:
        raise NotAuthenticated()
    if who.administers == ():
        raise NotAllowed("Only chiefs see who works here, and whom they invited.")
    return who


def own_of(who: Principal, blog_id: BlogId) -> str | None:
    """The only one whose entries ``who`` sees at the desk; None for an editor, who sees all."""
    return None if who.has("write", blog_id) else who.id


def sees(who: Principal | None, blog: Blog, entry: Entry) -> bool:
    """Whether ``who``, who may read the blog, may see the entry: what is public everybody, the
    rest editors, and submitters what is their own."""
    if entry.public or who is None:
        return entry.public
    return who.has("submit", blog.id) and own_of(who, blog.id) in (None, entry.by)


def require_entry(who: Principal | None, blog: Blog, entry: Entry | None) -> Entry:
    """The entry, if ``who`` may change it: writers any, submitters their own unpublished ones.

    :raises NotFound: there is none, or none that the asker may know of.
    """
    someone = require(who, "submit", blog)
    if entry is None or not sees(someone, blog, entry):
        raise NotFound("There is no entry of this id.")
    if someone.has("write", blog.id) or (
        entry.by == someone.id and entry.state in ("draft", "submitted")
    ):
        return entry
    raise NotAllowed("The scope submit allows changing one's own unpublished entries only.")


def _named(who: Principal) -> str:
    return "Your role does" if who.person else "This token does"
