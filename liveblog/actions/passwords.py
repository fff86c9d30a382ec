"""Passwords as argon2id hashes (RFC 9106), made where no reader waits for it.

A hash takes 64 MiB and about a tenth of a second of a core: a thread does it, few at a time,
and whoever finds a long queue is sent away.
"""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from .beside import Beside

AT_ONCE = 2
"""Hashes made at the same time in a process: 128 MiB."""
WAITING = 20
"""So many more may wait for their turn, some two seconds; then it is 503."""
TOLD = "Too many people sign in at this moment; try again in a few seconds."

NOBODY = (
    "$argon2id$v=19$m=65536,t=3,p=4$bm9ib2R5IGhhcyB0aGlzIQ"
    "$cVYkeuIrTfEaJpX9sNiB4eMQ5h2Gm0nQd8wZxS3bqO0"
)
"""What a password is compared with where there is none to compare with: no password has it, and
finding that out is as much work as for somebody's own. A test holds its parameters to ours."""


class Passwords:
    """Makes and checks hashes. One for a process."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._beside = Beside(AT_ONCE, WAITING, TOLD)

    async def hash(self, password: str) -> str:
        """A hash to keep.

        :raises Unavailable: too many wait already.
        """
        return await self._beside.run(self._hasher.hash, password)

    async def check(self, kept: str | None, password: str) -> bool:
        """Whether the hash is that of the password. Without a hash the same work is done, so
        that the time it takes says nothing about whether there is one.

        :raises Unavailable: too many wait already.
        """
        matches = await self._beside.run(self._matches, kept or NOBODY, password)
        return matches and kept is not None

    def outdated(self, kept: str) -> bool:
        """Whether a hash was made with less work than is usual now."""
        return self._hasher.check_needs_rehash(kept)

    def _matches(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False
