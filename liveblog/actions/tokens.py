"""Tokens: made once, shown once, kept only as a hash.

A token is ``lb_ID_SECRET``; ID (26 characters) finds the row, SECRET has 160 random bits, so
a plain SHA-256 of it is enough: there is nothing to guess.
"""

import hashlib
import hmac
import secrets

from msgspec.structs import replace

from liveblog.errors import NotFound
from liveblog.model.ids import new_id
from liveblog.model.permissions import Principal, Scope, Token
from liveblog.store.contract import Store, Tx
from liveblog.types import BlogId, Slug

from .door import Clock


class TokenActions:
    """What can be done with tokens."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def create(self, name: str, scope: Scope, slug: Slug | None = None) -> str:
        """Make a token, for one blog or for all; the text is given this once.

        :raises NotFound: there is no such blog.
        """
        secret = secrets.token_hex(20)

        def work(tx: Tx) -> str:
            now = self._clock()
            token_id = new_id(now)
            tx.insert_token(
                Token(token_id, name, digest_of(secret), scope, now, self._blog_id(tx, slug))
            )
            return f"lb_{token_id}_{secret}"

        return await self._store.write(work)

    def _blog_id(self, tx: Tx, slug: Slug | None) -> BlogId | None:
        if slug is None:
            return None
        blog = tx.blog(slug)
        if blog is None:
            raise NotFound(f"There is no blog {slug!r}.")
        return blog.id

    async def all(self) -> list[Token]:
        """All tokens, oldest first, the revoked ones too."""
        return await self._store.read(lambda tx: tx.tokens())

    async def revoke(self, token_id: str) -> Token:
        """End a token; its streams close within 5 s.

        :raises NotFound: there is no such token.
        """

        def work(tx: Tx) -> Token:
            token = tx.token(token_id)
            if token is None:
                raise NotFound(f"There is no token {token_id!r}; see: liveblog token list")
            token = replace(token, revoked_at=token.revoked_at or self._clock())
            tx.save_token(token)
            tx.drop_invitations_by(token.id)
            return token

        return await self._store.write(work)

    async def principal(self, text: str) -> Principal | None:
        """Who a token stands for; None when it is unknown, wrong or revoked."""
        parts = text.split("_")
        if len(parts) != 3 or parts[0] != "lb":
            return None
        token = await self._store.read(lambda tx: tx.token(parts[1]))
        if token is None or token.revoked_at is not None:
            return None
        if not hmac.compare_digest(token.digest, digest_of(parts[2])):
            return None
        return token.principal


def digest_of(secret: str) -> str:
    """The SHA-256 of a secret, in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()
