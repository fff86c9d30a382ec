"""Sessions: signing in, staying so, signing out.

What the browser holds is a random text of 256 bits; what is kept is its SHA-256, as with tokens.
Every sign-in makes a new one and ends the one that the browser came with, so nobody can be made
to go on in a session that somebody else knows.
"""

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from liveblog.errors import SignInFailed
from liveblog.model.people import Person, Session, SignedIn
from liveblog.model.permissions import Principal
from liveblog.store.contract import Store, Tx

from .door import Clock
from .passwords import Passwords
from .tokens import digest_of

LONGEST = timedelta(days=30)
"""However busily a session is used, it ends then."""
TOUCHED = timedelta(minutes=5)
"""A session is written down as used at most so often."""


class Opened(NamedTuple):
    """Somebody has signed in: ``secret`` is for their browser, this once."""

    secret: str
    person: Person


class SessionActions:
    """What can be done with sessions.

    :param idle: for how long one holds that is not used.
    """

    def __init__(self, store: Store, clock: Clock, passwords: Passwords, idle: timedelta) -> None:
        self._store = store
        self._clock = clock
        self._passwords = passwords
        self._idle = idle

    async def sign_in(self, email: str, password: str, before: str | None = None) -> Opened:
        """Begin a session with a password.

        :param before: the secret of the session the browser had; it ends.
        :raises SignInFailed: the person is not known, disabled, has no or another password:
            told and timed alike.
        """
        person = await self._store.read(lambda tx: tx.person_by_email(email))
        known = person is not None and person.disabled_at is None
        kept = person.password if person is not None and known else None
        if not await self._passwords.check(kept, password) or person is None or kept is None:
            raise SignInFailed()
        stronger = await self._passwords.hash(password) if self._passwords.outdated(kept) else None

        def work(tx: Tx) -> Opened:
            # What was true before the hashing may not be so any more.
            now = tx.lock_person(person.id)
            if now is None or now.disabled_at is not None or now.password != kept:
                raise SignInFailed()
            if stronger is not None:
                tx.save_person(replace(now, password=stronger))
            return self.open(tx, now, before)

        return await self._store.write(work)

    def open(self, tx: Tx, person: Person, before: str | None = None) -> Opened:
        """Begin a session for somebody of whom it is known who they are, in a transaction."""
        if before is not None:
            tx.drop_session(digest_of(before))
        secret, now = secrets.token_urlsafe(32), self._clock()
        tx.insert_session(Session(digest_of(secret), person.id, now, now, now + self._idle))
        return Opened(secret, person)

    async def principal(self, secret: str) -> Principal | None:
        """Who a session stands for; None when it has ended or never was. It counts as used."""
        digest, now = digest_of(secret), self._clock()
        found = await self._store.read(lambda tx: tx.signed_in([digest], now).get(digest))
        if found is None:
            return None
        await self._touch(found, now)
        return found.principal

    async def _touch(self, found: SignedIn, now: datetime) -> None:
        session = found.session
        if now - session.seen_at < min(TOUCHED, self._idle / 4):
            return
        until = min(now + self._idle, session.created_at + LONGEST)
        await self._store.write(lambda tx: tx.touch_session(session.digest, now, until))

    async def sign_out(self, who: Principal) -> None:
        """End the session that a principal came by; its streams close within 5 s."""
        await self._store.write(lambda tx: tx.drop_session(who.session))
