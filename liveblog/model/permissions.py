"""Who may do what: always asked of a blog, and of the entry where there is one.

==========  ==========================================================
scope       allows
==========  ==========================================================
``read``    reading private blogs
``submit``  and drafts and submissions of one's own
``write``   and everything with entries, days and the blog's own words
``admin``   and making blogs, and who may see them
==========  ==========================================================

A token may be bound to one blog; then it is worth nothing for another.
"""

from datetime import datetime
from typing import Literal

from msgspec import Struct

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


class Principal(Struct, frozen=True):
    """Who is asking: a token today, a person later."""

    id: str
    name: str
    scope: Scope
    blog_id: BlogId | None = None

    def has(self, scope: Scope, blog_id: BlogId | None) -> bool:
        """Whether this covers ``scope`` on the blog (None: on the house as a whole)."""
        if self.blog_id is not None and blog_id != self.blog_id:
            return False
        return SCOPES.index(self.scope) >= SCOPES.index(scope)


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
        return NotAuthenticated("This blog is private: a token with the scope read is needed.")
    return NotAllowed("This token does not cover this blog.")


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
        raise NotAllowed(f"This needs a token with the scope {scope} on this blog.")
    return who


def require_entry(who: Principal | None, blog: Blog, entry: Entry) -> Principal:
    """``who``, if they may change the entry: writers any, submitters their own unpublished ones."""
    someone = require(who, "submit", blog)
    if someone.has("write", blog.id):
        return someone
    if entry.by == someone.id and entry.state in ("draft", "submitted"):
        return someone
    raise NotAllowed("A token with the scope submit may change its own unpublished entries only.")
