"""A house with two blogs, and those who may let others in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.kit import SLUG
from tests.people import Someone, signed_in
from tests.served import Served, serving


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    """A server with a public blog and a draft one."""
    async with serving(tmp_path) as running:
        await running.blog()
        await running.blog("other", visibility="draft")
        yield running


@pytest.fixture
async def chief(served: Served) -> AsyncIterator[Someone]:
    """The chief of the house."""
    async with signed_in(served, "chief", name="Chief") as client:
        yield client


@pytest.fixture
async def head(served: Served) -> AsyncIterator[Someone]:
    """The chief of the first blog."""
    async with signed_in(served, "chief", SLUG, name="Head") as client:
        yield client
