"""The news feed in memory: the first page, for as long as nothing is known to have changed.

Everybody who opens the front page, and every open front page again and again, asks for the
same. What was read is given out until this process takes in a change of any blog that is open
here, or writes one itself, and for a second at most: a change of a blog that nobody reads here
is seen by then. Whoever asks for more of the feed is answered from the database.
"""

import asyncio
import time
from collections.abc import Callable

from liveblog.fanout.flight import Flight
from liveblog.queries import FrontPage, Queries

KEPT_SECONDS = 1.0


class Front:
    """See the module. One event loop, no locks.

    :param version: a number that is another one after every change this process knows of.
    """

    def __init__(self, queries: Queries, version: Callable[[], int]) -> None:
        self._queries = queries
        self._version = version
        self._page: FrontPage | None = None
        self._seen = 0
        self._until = 0.0
        self._flight = Flight(self._read)
        self._wrote = 0

    async def page(self, before: str | None, limit: int | None) -> FrontPage:
        """A page of the feed; see :meth:`liveblog.queries.Queries.front`."""
        if before is not None:
            return await self._queries.front(before, **({"limit": limit} if limit else {}))
        if limit is not None:
            return await self._queries.front(None, limit)
        if self._page is None or self._now() != self._seen or time.monotonic() > self._until:
            await asyncio.shield(self._flight.ask())
        assert self._page is not None
        return self._page

    def wrote(self) -> None:
        """This process wrote to a blog."""
        self._wrote += 1

    async def close(self) -> None:
        """End what is under way."""
        await self._flight.close()

    def _now(self) -> int:
        return self._version() + self._wrote

    async def _read(self) -> None:
        """Read the first page, unless the flight before has done it meanwhile."""
        now = self._now()
        if self._page is not None and now == self._seen and time.monotonic() <= self._until:
            return
        until = time.monotonic() + KEPT_SECONDS
        self._page = await self._queries.front()
        self._seen, self._until = now, until
