"""The same tests on both engines: whoever takes ``store`` is run twice."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy.util import await_only

from liveblog.store import migrate, open_store
from liveblog.store.contract import Store
from tests.kit import new_database

T = TypeVar("T")
Meanwhile = Callable[[Callable[[], Awaitable[Any]]], Any]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/liveblog.db"
    found: str = request.getfixturevalue("postgres_url")
    return found


@pytest.fixture
def ready(url: str, tmp_path: Path) -> str:
    """A database with the newest schema."""
    if url.startswith("sqlite"):
        (tmp_path / "liveblog.db").write_bytes(new_database())
    else:
        migrate(url)
    return url


@pytest.fixture
async def store(ready: str) -> AsyncIterator[Store]:
    """An open store; closed afterwards, and no thread stays behind."""
    before = threading.active_count()
    opened = await open_store(ready)
    try:
        yield opened
    finally:
        await opened.close()
    assert threading.active_count() <= before


@pytest.fixture
async def meanwhile(url: str) -> Meanwhile:
    """Run something else to its end in the middle of a transaction, from inside it."""
    loop = asyncio.get_running_loop()

    def run(start: Callable[[], Awaitable[T]]) -> T:
        if not url.startswith("sqlite"):
            return await_only(start())  # the work is in a greenlet of the loop

        async def in_loop() -> T:
            return await start()

        return asyncio.run_coroutine_threadsafe(in_loop(), loop).result()

    return run
