"""Work beside the event loop, in threads: so much at once, so much that waits, and no more.

All threads are those of the loop, which media and the store of files use as well. Whoever has
much to do there takes a few of them, so that nobody else waits for all of it.
"""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from liveblog.errors import Unavailable

P = ParamSpec("P")
T = TypeVar("T")


class Beside:
    """A few threads' worth of work. One for a process and a kind of work.

    :param at_once: threads it takes. :param waiting: how many more may wait for their turn.
    :param told: what those are told who find too many waiting.
    """

    def __init__(self, at_once: int, waiting: int, told: str) -> None:
        self._turn = asyncio.Semaphore(at_once)
        self._most = at_once + waiting
        self._told = told
        self._inside = 0

    async def run(self, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """Do it in a thread when it has its turn.

        :raises Unavailable: too many wait already.
        """
        if self._inside >= self._most:
            raise Unavailable(self._told)
        self._inside += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(work, *args, **named)
        finally:
            self._inside -= 1
