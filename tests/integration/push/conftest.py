"""The newsroom, on both engines."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from liveblog.actions import Ask
from liveblog.store import migrate, open_store
from liveblog.wire.requests import NewBlog
from tests.integration.push.desk import Desk
from tests.kit import EDITOR, SLUG
from tests.push import push_server


@pytest.fixture(params=["sqlite", "postgresql"])
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    url = f"sqlite:///{tmp_path}/liveblog.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    migrate(url)
    store = await open_store(url)
    try:
        async with push_server() as service:
            desk = Desk(store, service)
            new = NewBlog(slug=SLUG, title="The war", lang="uk", visibility="public")
            await desk.actions.blogs.create(new, Ask(EDITOR))
            yield desk
            await desk.services.close()
    finally:
        await store.close()
