"""`liveblog web` that also counts what it reads from the database.

    python -m bench.counting

What is asked of a transaction is counted by name, except in the look which every process takes
once a second, whoever is there. ``GET /bench/counts`` tells the counts and
the bytes that wait unsent in this process, at most at one connection.
"""

import asyncio
import gc
import os
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar, cast

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from liveblog.app import connect_both
from liveblog.app import create_app as real_app
from liveblog.broker.contract import Broker
from liveblog.config import Settings
from liveblog.server.web import run_web
from liveblog.store.contract import Store, Tx

T = TypeVar("T")
LOOK = "relay"
"""The task that looks."""


class CountingTx:
    """A transaction that notes by name what it is asked."""

    def __init__(self, tx: Tx, counts: Counter[str]) -> None:
        self._tx = tx
        self._counts = counts

    def __getattr__(self, name: str) -> Any:
        self._counts[name] += 1
        return getattr(self._tx, name)


class CountingStore:
    """A store whose transactions are counted."""

    def __init__(self, store: Store, counts: Counter[str]) -> None:
        self._store = store
        self._counts = counts

    async def read(self, work: Callable[[Tx], T]) -> T:
        """Run it, counted unless it is the look."""
        task = asyncio.current_task()
        if task is not None and task.get_name() == LOOK:
            return await self._store.read(work)
        return await self._store.read(lambda tx: work(cast(Tx, CountingTx(tx, self._counts))))

    async def write(self, work: Callable[[Tx], T]) -> T:
        """Run it, counted."""
        return await self._store.write(lambda tx: work(cast(Tx, CountingTx(tx, self._counts))))

    async def close(self) -> None:
        """Close the real one."""
        await self._store.close()


def create_app(settings: Settings) -> Starlette:
    """The usual application with one address more."""
    counts: Counter[str] = Counter()

    async def connect(given: Settings) -> tuple[Store, Broker]:
        store, broker = await connect_both(given)
        return CountingStore(store, counts), broker

    async def tell(request: Request) -> JSONResponse:
        return JSONResponse({"reads": counts.total(), "by_name": counts, "unsent": most_unsent()})

    app = real_app(settings, connect)
    app.router.routes.append(Route("/bench/counts", tell))
    return app


def most_unsent() -> int:
    """The most bytes that wait in one transport of this process."""
    transports = (one for one in gc.get_objects() if type(one).__name__ == "TCPTransport")
    return max((one.get_write_buffer_size() for one in transports), default=0)


if __name__ == "__main__":
    run_web(Settings.from_env(os.environ), app="bench.counting:create_app")
