"""Uploading in tests: a running server, its tokens, and the worker's steps one by one."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from liveblog.config import Settings
from liveblog.media import Confined, Storage, open_storage
from liveblog.model.permissions import Scope
from liveblog.store import migrate
from liveblog.store.contract import Store
from tests.kit import SLUG
from tests.moto import BUCKET
from tests.served import Served, serving
from workers.media import Maker

LIBRARY = f"/api/v1/blogs/{SLUG}/media"
PIXELS = 50_000_000


class Newsroom:
    """A server with a blog, a writer, and a storage that the worker shares."""

    def __init__(self, served: Served, storage: Storage, token: str) -> None:
        self.served = served
        self.http = served.http
        self.storage = storage
        self.headers = {"Authorization": f"Bearer {token}"}
        self.environment: dict[str, str] = {}
        self.maker = Maker(storage, Confined(), PIXELS)

    @classmethod
    async def open(cls, served: Served, storage: Storage, scope: Scope = "write") -> "Newsroom":
        """A public blog, and a token for it."""
        await served.blog()
        return cls(served, storage, await served.actions.create_token("desk", scope))

    @property
    def store(self) -> Store:
        """The store behind the server."""
        return self.served.store.inner

    async def upload(
        self, content: bytes, *, kind: str = "image/jpeg", **headers: str
    ) -> httpx2.Response:
        """Send a file."""
        sent = self.headers | {"Content-Type": kind} | headers
        return await self.http.post(f"{LIBRARY}?name=a.jpg", content=content, headers=sent)

    async def work(self, now: datetime | None = None) -> int:
        """One step of the worker; how much there was to do."""
        return await self.maker(self.served.actions, now or datetime.now(UTC))

    async def ready(self, content: bytes, **options: Any) -> dict[str, Any]:
        """A medium, uploaded and made ready."""
        answer = await self.upload(content, **options)
        assert answer.status_code == 201, answer.text
        while await self.work():
            pass
        return await self.medium(answer.json()["id"])

    async def medium(self, medium_id: str) -> dict[str, Any]:
        """A medium of the library."""
        answer = await self.http.get(f"{LIBRARY}/{medium_id}", headers=self.headers)
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    async def entry(self, *media: dict[str, Any], **fields: Any) -> httpx2.Response:
        """Write an entry that shows these."""
        shown = [{"url": m["url"], "type": m["type"], "alt": "A table"} for m in media]
        body = {"kind": "image", "media": shown} | fields
        return await self.http.post(
            f"/api/v1/blogs/{SLUG}/entries", json=body, headers=self.headers
        )

    async def change(self, entry: dict[str, Any], what: str, **body: Any) -> dict[str, Any]:
        """Retract or restore an entry, or (``what`` is empty) revise it."""
        headers = self.headers | {"If-Match": f'"r{entry["revision"]}"'}
        at = f"/api/v1/blogs/{SLUG}/entries/{entry['id']}"
        if what:
            answer = await self.http.post(f"{at}/{what}", json=body, headers=headers)
        else:
            answer = await self.http.patch(at, json=body, headers=headers)
        found: dict[str, Any] = answer.raise_for_status().json()
        return found


def problem(answer: httpx2.Response) -> str:
    """The name of a problem."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    return str(answer.json()["type"]).removeprefix("urn:liveblog:problem:")


@pytest.fixture(params=["sqlite, disk", "postgresql, s3"])
async def room(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Newsroom]:
    """A newsroom on each engine and each storage."""
    options: dict[str, Any] = {"media_max_bytes": 300_000, "media_max_pixels": 4_000_000}
    if request.param == "postgresql, s3":
        options |= {
            "database_url": request.getfixturevalue("postgres_url"),
            "media_url": f"s3://{BUCKET}/{tmp_path.name}",
            "media_endpoint": request.getfixturevalue("s3_endpoint"),
            "media_key_id": "key",
            "media_secret_key": "secret",
        }
        await asyncio.to_thread(migrate, options["database_url"])
    async with serving(tmp_path, **options) as served:
        settings = Settings(data_dir=tmp_path, **options)
        made = await Newsroom.open(served, open_storage(settings))
        made.environment = {k: v for k, v in settings.to_env().items() if v}
        yield made
