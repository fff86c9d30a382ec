"""Every test here runs under both event loops: what a transport does at its edges (when it
writes, when it says that it has drained) is each loop's own."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import uvloop

from tests.served import Way


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture(params=["lane", "live"])
def way(request: pytest.FixtureRequest) -> Way:
    """By the lane, and by the endpoint under our own protocol."""
    found: Way = request.param
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """For the database."""
    return tmp_path
